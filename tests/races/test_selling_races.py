"""Baskets, payments and the clock at one instant: a place is sold once, and money that has no place goes back."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from accounts.models import Letter
from bookwhen.payments.gateway import StripeError
from groups.locks import lock_members
from groups.models import Member
from memberships.models import Subscription, SubscriptionStatus
from offers.eligibility import Reason
from offers.models import UsagePeriod
from tests.factories.schedule import GroupFactory, load_entry
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.sweeps import release_overdue_baskets
from tests.waiting import eventually
from tests.worlds.till import Till, payment_of, person_of
from tickets.availability.locks import lock_booking
from tickets.booking.hold import release_basket
from tickets.booking.refusals import BasketClosedError, BookingRefusedError
from tickets.checkout import basket as baskets
from tickets.checkout.basket import add_membership
from tickets.checkout.paying import check_out, reopen_basket
from tickets.checkout.settling import confirm_payment, release_unpaid, settle_overdue, settle_payment
from tickets.consistency import check_books
from tickets.models import Booking, BookingState, Entry, EntryPlaces, Payment, PaymentState, Seat, Ticket
from tickets.money.refunds import submit_due_refunds
from tickets.schedule.details import entry_details
from tickets.schedule.entries import cancel_entry, edit_entries
from tickets.webhooks import handle_subject

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CLIENTS, TABS, ROUNDS = 200, 4, 2
LATER = timedelta(minutes=16)


def outcome(act: Callable[[], object]) -> str:
    """What a customer would read; anything else is an error page, and raised."""
    try:
        act()
    except BookingRefusedError as refused:
        return " ".join(verdict.reason for verdict in refused.verdicts)
    except BasketClosedError:
        return "closed"
    return "in the basket"


def fill(till: Till, entry: Entry, ticket: Ticket, basket: Booking, key: UUID | None = None) -> str:
    return outcome(lambda: till.fill(load_entry(entry), ticket, basket=basket, key=key))


def race(*acts: Callable[[], object]) -> list[object]:
    """What these return, all begun at one instant."""
    return run_at_once(len(acts), lambda number: acts[number]())


def money_of(payment: Payment) -> tuple[str, int]:
    found = Payment.objects.get(pk=payment.pk)
    return found.state, found.refunded


def paid_at_stripe(till: Till, entry: Entry, ticket: Ticket) -> tuple[Booking, Payment]:
    """A basket that was paid at Stripe, of which we have not heard yet."""
    basket = till.fill(load_entry(entry), ticket)
    till.seller.sandbox.shopper.pay(till.check_out(basket))
    return basket, payment_of(basket)


def test_the_last_place_and_two_hundred_clients(till: Till) -> None:
    entry = till.entry(capacity=1)
    ticket = till.ticket(entry)
    customers = [till.seller.customer() for _ in range(CLIENTS)]
    at = load_entry(entry)

    def act(number: int) -> str:
        return outcome(lambda: till.fill(at, ticket, customer=customers[number]))

    assert Counter(run_at_once(CLIENTS, act)) == {"in the basket": 1, Reason.SOLD_OUT: CLIENTS - 1}
    assert (EntryPlaces.objects.get().taken, Seat.objects.count(), Booking.objects.count()) == (1, 1, 1)


def test_two_tabs_add_the_last_place_to_one_basket(till: Till) -> None:
    first, entry = till.entry(), till.entry(capacity=1)
    basket, ticket = till.fill(first, till.ticket(first)), till.ticket(entry)

    outcomes = run_at_once(2, lambda _number: fill(till, entry, ticket, basket))

    assert Counter(outcomes) == {"in the basket": 1, Reason.SOLD_OUT: 1}
    assert till.refresh(basket).total == 2400


def test_one_form_sent_in_several_tabs_is_added_once(till: Till) -> None:
    first, entry = till.entry(), till.entry(capacity=5)
    basket, ticket, key = till.fill(first, till.ticket(first)), till.ticket(entry), uuid4()

    outcomes = run_at_once(TABS, lambda _number: fill(till, entry, ticket, basket, key))

    assert outcomes == ["in the basket"] * TABS
    assert Seat.objects.filter(entry=entry).count() == 1


def test_several_tabs_check_out_one_basket(till: Till) -> None:
    entry = till.entry()
    seen = till.refresh(till.fill(entry, till.ticket(entry)))
    who = person_of(seen.booking.customer)
    urls: list[str] = []

    def act(_number: int) -> str:
        return outcome(lambda: urls.append(check_out(seen.booking, who, seen.basket_version, now=timezone.now())))

    assert set(run_at_once(TABS, act)) <= {"in the basket", "closed"}
    assert len(set(urls)) == 1
    till.seller.sandbox.shopper.pay(urls[0])
    payment = till.settle(seen.booking)
    assert (payment.state, Payment.objects.count()) == (PaymentState.PAID, 1)


def test_two_tabs_book_one_free_basket_once(till: Till) -> None:
    entry = till.entry()
    seen = till.refresh(till.fill(entry, till.ticket(entry, 0)))
    who = person_of(seen.booking.customer)

    def act(_number: int) -> str:
        return outcome(lambda: check_out(seen.booking, who, seen.basket_version, now=timezone.now()))

    assert Counter(run_at_once(TABS, act)) == {"in the basket": 1, "closed": TABS - 1}
    assert Letter.objects.count() == 1


def test_the_return_page_two_webhooks_and_the_sweep_at_one_instant(till: Till) -> None:
    entry = till.entry()
    basket, payment = paid_at_stripe(till, entry, till.ticket(entry))

    race(
        lambda: settle_payment(payment_of(basket), now=timezone.now()),
        lambda: handle_subject(till.seller.connection, payment.session, timezone.now()),
        lambda: handle_subject(till.seller.connection, payment.session, timezone.now()),
        lambda: settle_overdue(basket.pk, now=timezone.now() + LATER),
    )

    assert money_of(payment) == (PaymentState.PAID, 0)
    assert (Booking.objects.get().state, Letter.objects.count()) == (BookingState.BOOKED, 1)


def test_control_confirming_without_asking_for_the_state_tells_twice(till: Till) -> None:
    entry = till.entry()
    _basket, payment = paid_at_stripe(till, entry, till.ticket(entry))
    both_looked = wait_for_everyone(2)

    def naive(_number: int) -> bool:
        is_open = Payment.objects.get(pk=payment.pk).state == PaymentState.OPEN
        both_looked()
        return is_open

    assert run_at_once(2, naive) == [True, True]
    confirm_payment(payment, "pi_1", now=timezone.now())


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_what_lapses_while_it_is_confirmed_is_booked_or_refunded(till: Till, _round: int) -> None:
    entry = till.entry()
    basket, payment = paid_at_stripe(till, entry, till.ticket(entry, 1000))

    race(
        lambda: confirm_payment(payment, "pi_1", now=timezone.now()),
        lambda: release_unpaid(payment, now=timezone.now()),
        lambda: release_basket(basket.pk, now=timezone.now(), when=BookingState.PAYING),
    )

    state, (paid, refunded) = Booking.objects.get(pk=basket.pk).state, money_of(payment)
    assert (state, paid, refunded) in {
        (BookingState.BOOKED, PaymentState.PAID, 0),
        (BookingState.RELEASED, PaymentState.PAID, 1000),
    }


def test_control_paying_for_seats_that_are_not_held_keeps_the_money(till: Till) -> None:
    entry = till.entry()
    basket, payment = paid_at_stripe(till, entry, till.ticket(entry))
    both_looked, now = wait_for_everyone(2), timezone.now()

    def naive(number: int) -> None:
        booked = Booking.objects.get(pk=basket.pk).state == BookingState.BOOKED
        live = Seat.objects.filter(booking=basket, cancelled_at=None).exists()
        both_looked()
        if number:
            Seat.objects.filter(booking=basket).update(cancelled_at=now - LATER, cancelled_by="studio")
            assert not booked  # so nothing is refunded
        else:
            Payment.objects.filter(pk=payment.pk).update(state=PaymentState.PAID, paid_at=now)
            Booking.objects.filter(pk=basket.pk).update(state=BookingState.BOOKED, held_until=None)
            assert live  # so nothing is refunded

    run_at_once(2, naive)

    assert "too_late" in {each.kind for each in check_books(now=now)}


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_an_entry_that_is_cancelled_while_it_is_paid_is_refunded(till: Till, _round: int) -> None:
    entry = till.entry()
    _basket, payment = paid_at_stripe(till, entry, till.ticket(entry, 1000))

    race(
        lambda: cancel_entry(entry, now=timezone.now()),
        lambda: handle_subject(till.seller.connection, payment.session, timezone.now()),
    )

    assert money_of(payment) == (PaymentState.PAID, 1000)
    assert submit_due_refunds(now=timezone.now()) == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_basket_is_taken_back_while_it_is_paid(till: Till, _round: int) -> None:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, 1000))
    url = till.check_out(basket)
    payment = payment_of(basket)

    race(
        lambda: till.seller.sandbox.shopper.pay(url),
        lambda: reopen_basket(basket, now=timezone.now()),
        lambda: settle_payment(payment, now=timezone.now()),
    )

    settle_payment(payment, now=timezone.now())
    state, (paid, refunded) = Booking.objects.get(pk=basket.pk).state, money_of(payment)
    assert (state, paid, refunded) in {
        (BookingState.BOOKED, PaymentState.PAID, 0),
        (BookingState.BASKET, PaymentState.ABANDONED, 0),
        # The sweep's own look was quicker to see that it had been ended.
        (BookingState.RELEASED, PaymentState.ABANDONED, 0),
    }


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_checkout_is_opened_while_the_basket_is_taken_back(till: Till, _round: int) -> None:
    entry = till.entry()
    seen = till.refresh(till.fill(entry, till.ticket(entry, 1000)))
    who, urls = person_of(seen.booking.customer), list[str]()

    race(
        lambda: outcome(lambda: urls.append(check_out(seen.booking, who, seen.basket_version, now=timezone.now()))),
        lambda: reopen_basket(seen.booking, now=timezone.now()),
    )

    for url in urls:
        till.seller.sandbox.shopper.pay(url)
    if urls:
        till.settle(seen.booking)
    booked = Booking.objects.get(pk=seen.booking.pk).state == BookingState.BOOKED
    assert Payment.objects.filter(state=PaymentState.PAID).exists() == booked
    assert Payment.objects.filter(refunded__gt=0).count() == 0


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_somebody_buys_what_another_basket_held_too_long_while_it_is_filled(till: Till, _round: int) -> None:
    entry, other = till.entry(capacity=1), till.entry()
    ticket, more = till.ticket(entry), till.ticket(other)
    basket = till.fill(entry, ticket, now=timezone.now() - LATER)

    outcomes = race(
        lambda: outcome(lambda: till.fill(load_entry(entry), ticket)),
        lambda: fill(till, other, more, basket),
        lambda: release_overdue_baskets(now=timezone.now()),
    )

    assert outcomes[:2] in [["in the basket", "closed"], [Reason.SOLD_OUT, "in the basket"]]
    assert EntryPlaces.objects.get(entry=entry).taken == 1


class DiscountedMember:
    """A member with ten percent off for one ticket, and two entries."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self.group = GroupFactory.create(account=till.account)
        till.discount(self.group, limit=1, additional_attendees=2)
        self.member = till.member(self.group)
        self.entries = [till.entry(), till.entry()]
        self.tickets = [till.ticket(entry, 1000) for entry in self.entries]

    def fill(self, number: int, basket: Booking | None = None) -> Booking:
        at = number % 2
        return self.till.fill(load_entry(self.entries[at]), self.tickets[at], customer=self.member, basket=basket)


def test_one_use_of_a_discount_is_left_in_several_tabs(till: Till) -> None:
    family = DiscountedMember(till)

    outcomes = run_at_once(TABS, lambda number: outcome(lambda: family.fill(number)))

    assert outcomes == ["in the basket"] * TABS
    assert sorted(Seat.objects.values_list("amount", flat=True)) == [900] + [1000] * (TABS - 1)
    assert list(UsagePeriod.objects.values_list("used", flat=True)) == [1]


def test_control_a_basket_held_before_its_customer_waits_in_a_circle(till: Till) -> None:
    family = DiscountedMember(till)
    basket, members = family.fill(0), list(Member.objects.values_list("pk", flat=True))
    both_hold = wait_for_everyone(2)

    def naive(number: int) -> str:
        acts: list[Callable[[], object]] = [lambda: lock_booking(basket.pk), lambda: lock_members(members)]
        try:
            with transaction.atomic():
                acts[number]()
                both_hold()
                acts[1 - number]()
        except OperationalError as error:
            return "deadlock" if "deadlock" in str(error) else str(error)
        return "held"

    assert sorted(run_at_once(2, naive)) == ["deadlock", "held"]


def test_a_basket_is_looked_at_filled_and_emptied_in_several_tabs(till: Till) -> None:
    family = DiscountedMember(till)
    basket = family.fill(0)
    acts: list[Callable[[], object]] = [
        lambda: till.refresh(basket),
        lambda: family.fill(1, basket),
        lambda: till.refresh(basket),
        lambda: family.fill(0, basket),
    ]

    outcomes = run_at_once(8, lambda number: outcome(acts[number % 4]))

    assert outcomes == ["in the basket"] * 8
    assert till.refresh(basket).total == 900 + 4 * 1000


@pytest.mark.parametrize("_round", range(ROUNDS))
@pytest.mark.parametrize("moves", [True, False])
def test_an_entry_moves_or_is_cancelled_while_a_basket_is_priced(till: Till, _round: int, *, moves: bool) -> None:
    family = DiscountedMember(till)
    family.group.offers.update(enabled=False)
    basket = family.fill(0)
    family.group.offers.update(enabled=True)
    entry = Entry.objects.select_related("account", "places").get(pk=family.entries[0].pk)
    was = entry_details(entry)

    def change() -> None:
        if moves:
            to = replace(was, starts=was.starts + timedelta(days=40))
            edit_entries(entry, to, now=timezone.now())
        else:
            cancel_entry(entry, now=timezone.now())

    race(change, lambda: till.refresh(basket), lambda: till.refresh(basket))

    assert till.refresh(basket).total == (900 if moves else 0)


@pytest.mark.parametrize("first", ["basket", "alone"])
@pytest.mark.parametrize("second", ["basket", "alone"])
def test_a_membership_at_two_checkouts_while_stripe_takes_its_time(till: Till, first: str, second: str) -> None:
    """One may be paid at most: whoever comes second closes the other, or is told."""
    customer = till.customer_with_login()
    who = person_of(customer)

    def buy(way: str) -> None:
        with suppress(BasketClosedError, StripeError):
            if way == "alone":
                till.seller.buy(customer)
            else:
                basket = add_membership(None, till.seller.price, customer, till.page, who=who, now=timezone.now())
                check_out(basket, who, baskets.read_basket(basket).basket_version, now=timezone.now())

    def come_second() -> None:
        eventually(Subscription.objects.filter(customer=customer).exists)
        buy(second)

    till.seller.sandbox.arm("slow", "POST /v1/checkout/sessions", milliseconds=1500)
    race(partial(buy, first), come_second)

    there = customer.at_stripe.get().stripe_id
    open_ones = till.seller.stripe.checkout.sessions.list({"customer": there, "status": "open"}).data
    known = Subscription.objects.filter(customer=customer, status=SubscriptionStatus.PENDING).values_list(
        "session", flat=True
    )
    assert [each.id for each in open_ones] == list(known)
    assert len(open_ones) <= 1
