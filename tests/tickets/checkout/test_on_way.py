"""Payment on its way: a checkout that is complete and unpaid for days, and what comes of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Customer, Letter
from bookwhen.payments.models import Connection
from bookwhen.sandbox.stripe.shopper import (
    ACCOUNT_PAYS,
    ACCOUNT_PAYS_INCOMPLETE,
    ACCOUNT_REFUSES,
    ACCOUNT_REFUSES_INCOMPLETE,
)
from groups.models import Standing
from memberships.models import Subscription
from memberships.purchases import AlreadyHasError
from offers.models import OfferUse
from tests.comparing import compare_payments as reconcile
from tests.factories.schedule import OfferFactory
from tests.worlds.till import Till, payment_of, person_of
from tickets.booking.cancel import cancel_by_customer, cancel_by_studio
from tickets.checkout.basket import add_membership, open_basket_of
from tickets.checkout.settling import settle_overdue
from tickets.consistency import check_books
from tickets.models import Booking, BookingState, Channel, Entry, Payment, PaymentState, Refund, RefundReason
from tickets.money.on_way import amount_owed, owed_payments, settle_owed
from tickets.money.refunds import submit_due_refunds

pytestmark = pytest.mark.django_db

TakeIn = Callable[[Connection], None]


@pytest.fixture
def till(till: Till) -> Till:
    """A till whose studio accepts bank debits."""
    till.account.accepts_bank_debits = True
    till.account.save()
    return till


def find_errors() -> list[str]:
    return [each.kind for each in check_books(now=timezone.now())]


def letters() -> list[str]:
    return list(Letter.objects.order_by("pk").values_list("kind", flat=True))


def debit(till: Till, basket: Booking, account: str = ACCOUNT_PAYS) -> Payment:
    """Check out, agree to a debit at Stripe, and come back."""
    till.seller.sandbox.shopper.debit(till.check_out(basket), account)
    return till.settle(basket)


def book_by_debit(till: Till, account: str = ACCOUNT_PAYS, tickets: int = 1, **entry: object) -> Payment:
    event = till.entry(**entry)
    ticket = till.ticket(event)
    return debit(till, till.fill(event, *[ticket] * tickets), account)


def taken(entry: Entry) -> int:
    entry.places.refresh_from_db()
    return entry.places.taken


def booking() -> Booking:
    return Booking.objects.get()


def test_p3_what_is_on_its_way_is_booked(till: Till) -> None:
    payment = book_by_debit(till)
    assert (payment.state, payment.is_on_way, booking().state, booking().held_until) == (
        PaymentState.OPEN,
        True,
        BookingState.BOOKED,
        None,
    )
    assert (taken(Entry.objects.get()), letters(), find_errors()) == (1, ["payment_on_way"], [])
    text = Letter.objects.get().text
    assert "Your payment of £12.00 is on its way." in text
    assert "Thank you" not in text


def test_p3_another_class_can_be_booked_meanwhile(till: Till) -> None:
    customer = till.customer_with_login()
    entry = till.entry()
    first = till.fill(entry, till.ticket(entry), customer=customer)
    debit(till, first)
    assert open_basket_of(till.account, person_of(customer).user or 0) is None
    other = till.entry()
    second = till.fill(other, till.ticket(other), customer=customer, basket=Booking.objects.get(pk=first.pk))
    assert second.pk != first.pk
    assert till.pay(second).state == PaymentState.PAID


@pytest.mark.parametrize("news", ["webhook", "nightly"])
def test_p3_it_arrives(till: Till, process_stripe_events: TakeIn, news: str) -> None:
    payment = book_by_debit(till)
    till.seller.sandbox.advance("week")
    for _again in range(2):
        if news == "webhook":
            process_stripe_events(till.seller.connection)
        else:
            reconcile(till.seller.connection, timezone.now() + timedelta(hours=2))
    payment.refresh_from_db()
    assert (payment.state, booking().state, letters()) == (
        PaymentState.PAID,
        BookingState.BOOKED,
        ["payment_on_way", "payment_arrived"],
    )
    assert "Your payment of £12.00 has arrived" in Letter.objects.get(kind="payment_arrived").text
    assert (Refund.objects.count(), find_errors()) == (0, [])


def test_p3_what_arrived_before_it_was_heard_of_is_simply_paid(till: Till) -> None:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry))
    till.seller.sandbox.shopper.debit(till.check_out(basket))
    till.seller.sandbox.end_debits(paid=True)
    assert (till.settle(basket).state, letters(), find_errors()) == (PaymentState.PAID, ["bought"], [])


@pytest.mark.parametrize("news", ["webhook", "nightly", "first"])
def test_p3_it_fails_and_its_spaces_are_released(till: Till, process_stripe_events: TakeIn, news: str) -> None:
    if news == "first":
        entry = till.entry()
        basket = till.fill(entry, till.ticket(entry))
        till.seller.sandbox.shopper.debit(till.check_out(basket), ACCOUNT_REFUSES)
        payment = payment_of(basket)
    else:
        payment = book_by_debit(till, ACCOUNT_REFUSES)
    till.seller.sandbox.end_debits(paid=False)
    for _again in range(2):
        if news == "nightly":
            reconcile(till.seller.connection, timezone.now() + timedelta(hours=2))
        else:
            process_stripe_events(till.seller.connection)
    payment.refresh_from_db()
    seat = payment.seats.get()
    assert (payment.state, payment.never_came, seat.cancelled_by) == (
        PaymentState.ABANDONED,
        True,
        Channel.PAYMENT_FAILED,
    )
    told = ["payment_failed"] if news == "first" else ["payment_on_way", "payment_failed"]
    assert (taken(Entry.objects.get()), letters(), find_errors()) == (0, told, [])
    text = Letter.objects.get(kind="payment_failed").text
    assert "you haven’t been charged" in text
    assert f"/entries/{seat.entry.uuid}/" in text


def test_p3_what_had_begun_when_it_failed_is_owed(till: Till) -> None:
    payment = book_by_debit(till, ACCOUNT_REFUSES)
    Entry.objects.update(starts_at=timezone.now() - timedelta(hours=1))
    till.seller.sandbox.end_debits(paid=False)
    payment = till.settle(booking())
    assert (taken(Entry.objects.get()), amount_owed(payment), list(owed_payments(till.account))) == (1, 1200, [payment])
    assert "it is still to be paid: £12.00" in Letter.objects.get(kind="payment_failed").text
    assert (settle_owed(payment, now=timezone.now()), settle_owed(payment, now=timezone.now())) == (True, False)
    payment.refresh_from_db()
    assert (amount_owed(payment), list(owed_payments(till.account)), find_errors()) == (0, [], [])


def test_what_failed_and_is_paid_all_the_same_is_refunded(till: Till) -> None:
    payment = book_by_debit(till, ACCOUNT_REFUSES)
    till.seller.sandbox.end_debits(paid=False)
    payment = till.settle(booking())
    world = till.seller.sandbox.platform.worlds[till.seller.key]
    session = world.objects["checkout.session"][payment.session]
    intent = world.objects["payment_intent"][session["payment_intent"]]
    charge = world.objects["charge"][intent["latest_charge"]]
    charge |= {"status": "succeeded", "amount_captured": 1200, "captured": True, "paid": True}
    intent |= {"status": "succeeded", "amount_received": 1200}
    session["payment_status"] = "paid"
    payment = till.settle(booking())
    refund = Refund.objects.get()
    assert (payment.state, refund.amount, refund.reason) == (PaymentState.PAID, 1200, RefundReason.TOO_LATE)
    assert (letters()[-1], find_errors()) == ("sorry", [])


@pytest.mark.parametrize(("late", "back"), [(False, 1200), (True, 600)])
def test_p3_a_cancelled_one_is_refunded_once_it_has_arrived(till: Till, late: bool, back: int) -> None:  # noqa: FBT001
    till.account.late_refund_percent = 50
    till.account.save()
    starts = timezone.now() + (timedelta(hours=2) if late else timedelta(days=3))
    payment = book_by_debit(till, tickets=2, starts_at=starts)
    seat = payment.seats.order_by("pk")[0]
    gone = cancel_by_customer(booking(), [seat.pk], now=timezone.now())
    assert (gone.refunded, Refund.objects.count()) == ({seat.pk: back}, 0)
    assert "Your payment hasn’t arrived yet." in Letter.objects.get(kind="cancelled").text
    till.seller.sandbox.end_debits(paid=True)
    for _again in range(2):
        payment = till.settle(booking())
    submit_due_refunds(now=timezone.now())
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, payment.state) == (back, RefundReason.CUSTOMER, PaymentState.PAID)
    assert list(refund.seats.values_list("seat", "amount")) == [(seat.pk, back)]
    assert (letters(), find_errors()) == (["payment_on_way", "cancelled", "payment_arrived"], [])
    charge = next(iter(till.seller.sandbox.platform.worlds[till.seller.key].of("charge")))
    assert charge["amount_refunded"] == back


def test_p3_cancelled_without_a_refund_it_stays_so(till: Till) -> None:
    payment = book_by_debit(till, starts_at=timezone.now() + timedelta(hours=2))
    cancel_by_customer(booking(), [payment.seats.get().pk], now=timezone.now())
    till.seller.sandbox.end_debits(paid=True)
    assert (till.settle(booking()).state, Refund.objects.count(), find_errors()) == (PaymentState.PAID, 0, [])


@pytest.mark.parametrize("paid", [True, False])
def test_p3_cancelled_by_the_studio_altogether(till: Till, paid: bool) -> None:  # noqa: FBT001
    payment = book_by_debit(till, ACCOUNT_PAYS if paid else ACCOUNT_REFUSES)
    cancel_by_studio([payment.seats.get().pk], now=timezone.now())
    till.seller.sandbox.end_debits(paid=paid)
    till.settle(booking())
    refunds = list(Refund.objects.values_list("amount", "reason"))
    assert refunds == ([(1200, RefundReason.STUDIO)] if paid else [])
    ends = "payment_arrived" if paid else "payment_failed"
    assert (letters(), find_errors()) == (["payment_on_way", "cancelled", ends], [])


def buy_with_membership(till: Till, account: str) -> tuple[Customer, Payment]:
    """A membership, and a ticket at 5.00 that only it opens, by debit."""
    seller, entry, customer = till.seller, till.entry(), till.customer_with_login()
    OfferFactory.create(group=seller.membership.group, page=till.page, limit=2)
    ticket = till.ticket(entry, 500, group=seller.membership.group)
    who, now = person_of(customer), timezone.now()
    basket = add_membership(None, seller.price, customer, till.page, who=who, now=now)
    return customer, debit(till, till.fill(entry, ticket, basket=basket, customer=customer), account)


def live_uses() -> int:
    return OfferUse.objects.filter(ended_at=None).count()


@pytest.mark.parametrize("account", [ACCOUNT_PAYS, ACCOUNT_PAYS_INCOMPLETE])
def test_p3_with_a_membership_it_arrives(till: Till, account: str) -> None:
    customer, payment = buy_with_membership(till, account)
    bought = Subscription.objects.get()
    begun = account == ACCOUNT_PAYS
    assert (bought.status, Standing.objects.exists(), bought.payment_on_way_since is None) == (
        "active" if begun else "incomplete",
        begun,
        False,
    )
    assert (live_uses(), find_errors()) == (1, [])
    with pytest.raises(AlreadyHasError) as refused:
        till.seller.buy(customer)
    assert refused.value.is_unpaid is not begun
    settle_overdue(payment.booking_id, now=timezone.now() + timedelta(days=2))
    till.seller.sandbox.end_debits(paid=True)
    payment = till.settle(booking())
    bought.refresh_from_db()
    assert (payment.state, payment.intent != "", bought.status, bought.payment_on_way_since) == (
        PaymentState.PAID,
        True,
        "active",
        None,
    )
    assert sorted(letters()) == ["membership_started", "payment_arrived", "payment_on_way"]
    assert (live_uses(), find_errors()) == (1, [])


@pytest.mark.parametrize("news", ["settled", "webhook"])
@pytest.mark.parametrize("account", [ACCOUNT_REFUSES, ACCOUNT_REFUSES_INCOMPLETE])
def test_p3_with_a_membership_it_fails_and_all_is_let_go_of(
    till: Till, process_stripe_events: TakeIn, account: str, news: str
) -> None:
    customer, payment = buy_with_membership(till, account)
    till.seller.sandbox.end_debits(paid=False)
    if news == "webhook":
        process_stripe_events(till.seller.connection)
    else:
        till.settle(booking())
    payment.refresh_from_db()
    bought = Subscription.objects.get()
    ended = "canceled" if account == ACCOUNT_REFUSES else "incomplete_expired"
    assert (payment.state, bought.status, till.seller.retrieve_subscription(bought).status) == (
        PaymentState.ABANDONED,
        ended,
        ended,
    )
    assert (taken(Entry.objects.get()), live_uses(), payment.seats.live().count()) == (0, 0, 0)
    told = ["payment_on_way", "payment_failed"]
    assert sorted(letters()) == sorted([*told, "membership_started"] if account == ACCOUNT_REFUSES else told)
    assert find_errors() == []
    assert till.seller.buy(customer)


@pytest.mark.parametrize(("account", "status"), [(ACCOUNT_PAYS, "active"), (ACCOUNT_PAYS_INCOMPLETE, "incomplete")])
def test_p3_a_membership_alone_is_not_sold_twice(till: Till, account: str, status: str) -> None:
    customer = till.customer_with_login()
    purchase, url = till.seller.start_checkout(customer)
    till.seller.sandbox.shopper.debit(url, account)
    till.settle(booking())
    purchase.refresh_from_db()
    assert (purchase.status, booking().state, Payment.objects.get().is_on_way) == (status, BookingState.JOINED, True)
    for _again in range(2):
        with pytest.raises(AlreadyHasError):
            till.seller.buy(customer)
    till.seller.sandbox.end_debits(paid=True)
    till.settle(booking())
    purchase.refresh_from_db()
    assert (purchase.status, Payment.objects.get().state, find_errors()) == ("active", PaymentState.PAID, [])
    arrived = ["payment_arrived"] if status == "active" else []
    assert sorted(letters()) == sorted(["membership_started", "payment_on_way", *arrived])
    assert len(till.seller.stripe.subscriptions.list({"status": "all"}).data) == 1


@pytest.mark.parametrize("account", [ACCOUNT_REFUSES, ACCOUNT_REFUSES_INCOMPLETE])
def test_p3_a_membership_alone_that_fails_is_told_once(till: Till, account: str) -> None:
    customer = till.customer_with_login()
    _purchase, url = till.seller.start_checkout(customer)
    till.seller.sandbox.shopper.debit(url, account)
    till.settle(booking())
    till.seller.sandbox.end_debits(paid=False)
    for _again in range(2):
        till.settle(booking())
    assert (booking().state, Payment.objects.get().state) == (BookingState.RELEASED, PaymentState.ABANDONED)
    started = ["membership_started"] if account == ACCOUNT_REFUSES else []
    assert (sorted(letters()), find_errors()) == (sorted([*started, "payment_on_way", "payment_failed"]), [])
    assert not Standing.objects.not_ended(timezone.now()).exists()


def test_debits_are_offered_only_where_the_account_accepts_them(till: Till) -> None:
    entry = till.entry()
    till.account.accepts_bank_debits = False
    till.account.save()
    url = till.check_out(till.fill(entry, till.ticket(entry)))
    assert till.seller.sandbox.shopper.debit(url).status == 400
    offered = [
        each["payment_method_types"]
        for each in till.seller.sandbox.platform.worlds[till.seller.key].of("checkout.session")
    ]
    assert offered == [["card"]]
