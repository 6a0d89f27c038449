"""Payments on their way, with events lost, doubled and reordered, and cancelled meanwhile: one end each."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Letter
from bookwhen.payments.handlers import NotYetError
from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.shopper import ACCOUNT_PAYS, ACCOUNT_PAYS_INCOMPLETE
from offers.models import OfferUse
from tests.comparing import compare_payments as reconcile
from tests.factories.schedule import OfferFactory
from tests.worlds.till import Till, open_till, payment_of, person_of
from tickets.booking.cancel import cancel_by_customer, cancel_by_studio
from tickets.checkout.basket import add_membership
from tickets.checkout.settling import settle_overdue
from tickets.consistency import check_books
from tickets.models import Booking, BookingState, Channel, Payment, PaymentState, Refund, Seat
from tickets.money.refunds import submit_due_refunds
from tickets.webhooks import handle_subject

pytestmark = pytest.mark.django_db

HISTORIES: Final = 25


class DebitLife:
    """A basket of two tickets at 12.00, perhaps with a membership that opens one more, paid by debit."""

    def __init__(self, sandbox: Sandbox, *, membership: str) -> None:
        self.till = till = open_till(sandbox, accepts_bank_debits=True)
        entry, customer = till.entry(), till.customer_with_login()
        tickets = [till.ticket(entry)] * 2
        basket = None
        if membership:
            group = till.seller.membership.group
            OfferFactory.create(group=group, page=till.page, limit=4)
            tickets.insert(0, till.ticket(entry, 500, group=group))
            who, now = person_of(customer), timezone.now()
            basket = add_membership(None, till.seller.price, customer, till.page, who=who, now=now)
        self.basket = till.fill(entry, *tickets, customer=customer, basket=basket)
        sandbox.shopper.debit(till.check_out(self.basket), membership or ACCOUNT_PAYS)
        self.entry = entry

    @property
    def seats(self) -> list[int]:
        return list(Seat.objects.filter(booking=self.basket).order_by("pk").values_list("pk", flat=True))

    def hear(self) -> None:
        with suppress(NotYetError):
            handle_subject(self.till.seller.connection, payment_of(self.basket).session, timezone.now())

    def come_back(self) -> None:
        self.till.settle(self.basket)

    def sweep(self) -> None:
        settle_overdue(self.basket.pk, now=timezone.now() + timedelta(hours=2))

    def customer_cancels(self) -> None:
        cancel_by_customer(Booking.objects.get(pk=self.basket.pk), self.seats[:1], now=timezone.now())

    def studio_cancels(self) -> None:
        cancel_by_studio(self.seats[1:2], now=timezone.now())


ACTS: Final[list[Callable[[DebitLife], None]]] = [
    DebitLife.hear,
    DebitLife.come_back,
    DebitLife.sweep,
    DebitLife.customer_cancels,
    DebitLife.studio_cancels,
]


def is_right_in_the_end(life: DebitLife, *, paid: bool) -> None:
    payment = Payment.objects.get(booking=life.basket)
    live = Seat.objects.live().filter(booking=life.basket)
    life.entry.places.refresh_from_db()
    assert life.entry.places.taken == live.count()
    uses = OfferUse.objects.filter(account=life.till.account, ended_at=None).count()
    assert uses == live.filter(use__isnull=False).count()
    letters = list(Letter.objects.filter(account=life.till.account).values_list("kind", flat=True))
    assert all(letters.count(kind) <= 1 for kind in letters if kind != "cancelled")
    if paid:
        assert payment.state == PaymentState.PAID
        gone = Seat.objects.filter(booking=life.basket, cancelled_at__isnull=False)
        assert payment.refunded == sum(seat.amount for seat in gone)
        assert "payment_failed" not in letters
    else:
        assert (payment.state, payment.never_came, live.count()) == (PaymentState.ABANDONED, True, 0)
        assert (letters.count("payment_failed"), Refund.objects.filter(payment=payment).count()) == (1, 0)
        assert not {"payment_arrived", "bought"} & set(letters)
    assert Booking.objects.get(pk=life.basket.pk).state == BookingState.BOOKED
    assert not Seat.objects.filter(booking=life.basket, cancelled_by=Channel.BASKET_ABANDONED).exists()
    assert check_books(account=life.till.account, now=timezone.now()) == []


def test_p3_whatever_reaches_us_there_is_one_end(stripe_here: Sandbox) -> None:
    lived = 0

    @settings(
        max_examples=HISTORIES,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(
        membership=st.sampled_from(["", "", ACCOUNT_PAYS, ACCOUNT_PAYS_INCOMPLETE]),
        paid=st.booleans(),
        before=st.lists(st.sampled_from(ACTS), max_size=5),
        after=st.lists(st.sampled_from(ACTS), max_size=5),
    )
    def live(
        membership: str,
        paid: bool,  # noqa: FBT001
        before: list[Callable[[DebitLife], None]],
        after: list[Callable[[DebitLife], None]],
    ) -> None:
        nonlocal lived
        stripe_here.reset()
        life = DebitLife(stripe_here, membership=membership)
        for act in before:
            act(life)
        stripe_here.end_debits(paid=paid)
        for act in after:
            act(life)

        for _night in range(2):
            reconcile(life.till.seller.connection, timezone.now() + timedelta(hours=2))
        submit_due_refunds(now=timezone.now())

        is_right_in_the_end(life, paid=paid)
        lived += 1

    live()
    assert lived >= HISTORIES


def test_control_a_till_sees_what_was_wrong(till: Till) -> None:
    """The books would tell of a booking that nothing pays for."""
    till.account.accepts_bank_debits = True
    till.account.save()
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry))
    till.seller.sandbox.shopper.debit(till.check_out(basket))
    till.settle(basket)
    Payment.objects.update(on_way_since=None)
    assert {each.kind for each in check_books(now=timezone.now())} == {"checkout", "unpaid"}
