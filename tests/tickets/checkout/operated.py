"""A studio that sells, and what its team does there."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from django.db.models import Case, F, When
from django.utils import timezone

from accounts.models import Account, Customer
from bookwhen.payments.gateway import StripeError
from bookwhen.sandbox.stripe import Sandbox
from groups.models import Member
from groups.services import NotAMemberByHandError, add_customers
from memberships.cancellation import cancel_at_period_end, cancel_now
from memberships.models import Subscription
from offers.models import Offer
from offers.services import change_terms, delete_offer, offer_terms
from tests.factories.accounts import UserFactory
from tests.factories.codes import DiscountCodeFactory
from tests.factories.schedule import GroupFactory, OfferFactory, load_entry
from tests.worlds.till import open_till
from tickets.availability.places import FullError
from tickets.booking.attendance import AttendanceClosedError, mark_attendance, mark_rest_present, may_mark
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.move import CannotMoveError, MoveOrder, move_seats
from tickets.booking.move_terms import SEAT_FACTS, moves_terms, read_facts_of_moves
from tickets.booking.refusals import EntryCancelledError
from tickets.booking.remove import remove_from_group
from tickets.booking.studio_terms import StudioTermsChangedError
from tickets.booking.walk_ins import WalkIn, book_walk_in
from tickets.models import (
    DiscountCode,
    Entry,
    Payment,
    PaymentState,
    Presence,
    RefundReason,
    Seat,
    Ticket,
    TicketCost,
)
from tickets.money.refunds import RefundTooLargeError, create_refund
from tickets.schedule.catalogue import edit_ticket
from tickets.schedule.catalogue import ticket_terms as terms_of_ticket
from tickets.schedule.codes import code_settings, edit_code
from tickets.schedule.details import entry_details
from tickets.schedule.entries import BelowBookedError, EntryPastError, cancel_entry, edit_entries, set_capacity

T = TypeVar("T")


class OperatedStudio:
    """A studio in a world of its own, and all that its team does.

    Four small entries, four customers, a group by hand and one by membership.
    The first entry is tonight, so who comes to it can be marked.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.till = till = open_till(sandbox, refund_percent=50, late_refund_percent=0)
        self.account, self.seller = till.account, till.seller
        self.skew = timedelta()
        self.urls: list[str] = []
        hand, gold = GroupFactory.create(account=self.account), self.seller.membership.group
        self.hand, self.gold = hand, gold
        OfferFactory.create(group=hand, page=till.page, limit=2, additional_attendees=1)
        OfferFactory.create(group=gold, page=till.page, limit=2)
        till.discount(hand, limit=2, additional_attendees=1)
        till.discount(gold, amount_off=150)
        self.offers = list(Offer.objects.filter(account=self.account).order_by("pk"))
        tonight = till.entry(capacity=4, starts_at=timezone.now() + timedelta(hours=11))
        self.entries = [tonight, *(till.entry(capacity=capacity) for capacity in (2, 3, 6))]
        self.tickets = {entry.pk: self._tickets(entry) for entry in self.entries}
        self.codes = [
            DiscountCodeFactory.create(account=self.account, code="TWICE", limit=2),
            DiscountCodeFactory.create(account=self.account, code="GIFT", percent=100, customer_limit=1),
            DiscountCodeFactory.create(account=self.account, code="FIVER", percent=None, amount_off=500),
        ]
        self.customers = [
            self.seller.customer(),
            till.member(hand),
            till.customer_with_login(),
            till.customer_with_login(),
        ]
        self.teacher = UserFactory.create()

    def switch_code(self, number: int) -> None:
        """Switch one of the discount codes off, or on again."""
        code = DiscountCode.objects.select_related("uses").get(pk=pick(self.codes, number).pk)
        edit_code(code, replace(code_settings(code), enabled=not code.enabled), None)

    def _tickets(self, entry: Entry) -> list[Ticket]:
        till = self.till
        free, paid = till.ticket(entry, 0), till.ticket(entry, 1001, capacity=4)
        return [free, paid, paid, till.ticket(entry, 500, group=self.hand), till.ticket(entry, 700, group=self.gold)]

    @property
    def now(self) -> datetime:
        return timezone.now() + self.skew

    def operator_cancels(self, number: int, *, refunds: bool) -> None:
        live = Seat.objects.live().filter(account=self.account).order_by("pk")
        if live:
            cancel_by_studio([pick(live, number).pk], now=self.now, giving=None if refunds else {})

    def operator_refunds(self, number: int, amount: int, *, named: bool) -> None:
        paid = Payment.objects.filter(account=self.account, state=PaymentState.PAID).order_by("pk")
        if paid:
            payment = pick(paid, number)
            seats = {payment.seats.order_by("pk")[0].pk: amount} if named and payment.seats.exists() else {}
            with suppress(RefundTooLargeError):
                create_refund(payment.pk, amount, RefundReason.OPERATOR, seats=seats, now=self.now)

    def move_seat(self, number: int, entry: Entry, which: int, *, notes: bool, together: bool) -> None:
        """The studio moves a seat, or `together` all of its booking there, as it would.

        It reads what that does, and takes the first choice.
        """
        booked = Seat.objects.live().booked().filter(account=self.account).order_by("pk")
        if not booked:
            return
        chosen = pick(booked, number)
        mine = (
            booked.filter(booking=chosen.booking_id, entry=chosen.entry_id) if together else booked.filter(pk=chosen.pk)
        )
        seats = list(mine.for_letters().select_related(*SEAT_FACTS))
        target, ticket = load_entry(entry), Ticket.objects.get(pk=self.tickets[entry.pk][which].pk)
        facts = read_facts_of_moves(seats, target, now=self.now)
        orders = [
            MoveOrder(ticket=ticket.pk, use=terms.choices[0], terms_version=terms.version, notes_difference=notes)
            for terms in moves_terms(seats, target, [ticket] * len(seats), facts, now=self.now)
        ]
        with suppress(CannotMoveError, FullError, StudioTermsChangedError):
            move_seats(seats, target, orders, now=self.now)

    def held_now(self) -> list[Entry]:
        """The entries at which people can be marked just now."""
        return [each for each in map(load_entry, self.entries) if may_mark(each, now=self.now)]

    def mark(self, number: int, presence: Presence) -> None:
        """Say of one of those who come tonight whether they came; of those first for whom a use is charged."""
        tonight = Seat.objects.live().filter(account=self.account, entry__in=self.held_now())
        if seats := list(tonight.order_by(F("use").asc(nulls_last=True), "pk")):
            seat = pick(seats, number)
            mark_attendance(load_entry(seat.entry), seat.pk, presence, seen=None, by=self.teacher, now=self.now)

    def mark_rest(self) -> None:
        for entry in self.held_now():
            mark_rest_present(entry, by=self.teacher, now=self.now)

    def switch_absences(self) -> None:
        """From now on the studio returns the uses of those who are absent, or keeps them."""
        policy = Account.objects.filter(pk=self.account.pk)
        policy.update(returns_absent_uses=Case(When(returns_absent_uses=True, then=False), default=True))

    def come_by(self, customer: Customer | None, entry: Entry, which: int) -> None:
        email = customer.email if customer else ""
        came = WalkIn(name="Zoe", email=email, ticket=self.tickets[entry.pk][which].pk)
        with suppress(AttendanceClosedError, EntryCancelledError, FullError, StudioTermsChangedError):
            book_walk_in(load_entry(entry), came, by=self.teacher, key=uuid4(), now=self.now)

    def move_entry(self, entry: Entry, change: timedelta) -> None:
        details = entry_details(Entry.objects.select_related("account", "places").get(pk=entry.pk))
        to = replace(details, starts=details.starts + change)
        with suppress(EntryCancelledError, EntryPastError):
            edit_entries(entry, to, now=self.now)

    def cancel_entry(self, entry: Entry) -> None:
        cancel_entry(entry, now=self.now)

    def set_capacity(self, entry: Entry, capacity: int) -> None:
        with suppress(BelowBookedError):
            set_capacity([entry.pk], capacity)

    def set_price(self, ticket: Ticket, price: int) -> None:
        ticket = Ticket.objects.select_related("account").get(pk=ticket.pk)
        cost = TicketCost.COST if price else TicketCost.FREE
        edit_ticket(ticket, replace(terms_of_ticket(ticket), cost=cost, price=price), now=self.now)

    def let_in(self, customer: Customer) -> None:
        add_customers(self.hand, {customer.email: customer.name}, now=self.now)

    def put_out(self, customer: Customer, *, cancel: bool) -> None:
        if member := Member.objects.filter(group=self.hand, customer=customer).first():
            with suppress(NotAMemberByHandError):
                remove_from_group(member, cancel=cancel, now=self.now)

    def switch_offer(self, number: int) -> None:
        offer = Offer.objects.get(pk=pick(self.offers, number).pk)
        if offer.deleted_at is None:
            change_terms(offer, replace(offer_terms(offer), enabled=not offer.enabled))

    def delete_offer(self, number: int) -> None:
        delete_offer(pick(self.offers, number), now=self.now)

    def end_subscription(self, number: int, *, at_once: bool) -> None:
        live = Subscription.objects.filter(account=self.account).exclude(stripe_id="").order_by("pk")
        if live:
            end = cancel_now if at_once else cancel_at_period_end
            with suppress(StripeError):
                end(pick(live, number), who="the studio", now=self.now)


def pick(among: Sequence[T] | Any, number: int) -> Any:
    """That one of them, as far as there are so many."""
    return among[number % len(among)]
