"""All that can happen at a studio that sells: what customers, operators, Stripe and the clock do."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import uuid4

from django.db.models import Case, F, When
from django.utils import timezone

from accounts.models import Account, Customer
from bookwhen.jobs.run import Run
from bookwhen.payments import inbox, upkeep
from bookwhen.payments.gateway import StripeError
from bookwhen.payments.handlers import wanted_types
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import EventSource, StripeEvent
from bookwhen.sandbox.stripe import Sandbox
from groups.models import Member
from groups.services import NotAMemberByHandError, add_customers
from memberships.cancellation import cancel_at_period_end, cancel_now
from memberships.models import LIVE, Subscription
from memberships.purchases import AlreadyHasError, NotOnSaleError
from offers.models import Offer
from offers.services import change_terms, delete_offer, offer_terms
from tests.factories.accounts import UserFactory
from tests.factories.payments import process_due_events
from tests.factories.schedule import GroupFactory, OfferFactory, load_entry
from tests.sweeps import release_overdue_baskets, settle_overdue_checkouts
from tests.worlds.till import open_till, payment_of, person_of
from tickets.availability.places import FullError
from tickets.booking.attendance import AttendanceClosedError, mark_attendance, mark_rest_present, may_mark
from tickets.booking.cancel import CannotCancelError, cancel_by_customer, cancel_by_studio
from tickets.booking.move import CannotMoveError, MoveOrder, move_seats
from tickets.booking.move_terms import SEAT_FACTS, moves_terms, read_facts_of_moves
from tickets.booking.refusals import BasketClosedError, BookingRefusedError, EntryCancelledError, TicketGoneError
from tickets.booking.release import process_releases
from tickets.booking.remove import remove_from_group
from tickets.booking.studio_terms import StudioTermsChangedError
from tickets.booking.walk_ins import WalkIn, book_walk_in
from tickets.checkout import basket as baskets
from tickets.checkout.memberships import buy_membership
from tickets.checkout.paying import BasketChangedError, BasketEmptyError, check_out, reopen_basket
from tickets.checkout.settling import settle_payment
from tickets.models import (
    HELD_STATES,
    Booking,
    BookingState,
    Entry,
    EntryPlaces,
    Payment,
    PaymentState,
    Presence,
    Refund,
    RefundReason,
    RefundState,
    Seat,
    Ticket,
    TicketCost,
    WaitlistRequest,
)
from tickets.money.refunds import RefundTooLargeError, create_refund, submit_due_refunds
from tickets.schedule.catalogue import edit_ticket
from tickets.schedule.catalogue import ticket_terms as terms_of_ticket
from tickets.schedule.details import entry_details
from tickets.schedule.entries import BelowBookedError, EntryPastError, cancel_entry, edit_entries, set_capacity
from tickets.waiting.offering import Outcome, look, offer_now, offer_spaces
from tickets.waiting.people import person_waiting
from tickets.waiting.requests import CannotJoinError, PayingError, join, leave

T = TypeVar("T")
A_WHILE: Final = timedelta(minutes=16)
"""Longer than a basket holds."""
NO: Final = (
    AlreadyHasError,
    BasketClosedError,
    BasketChangedError,
    BasketEmptyError,
    NotOnSaleError,
    BookingRefusedError,
    StripeError,
    TicketGoneError,
)
"""What a customer is told instead."""


class StudioLife:
    """A studio in a world of its own: four small entries, four customers, a group by hand and one by membership.

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
        self.customers = [
            self.seller.customer(),
            till.member(hand),
            till.customer_with_login(),
            till.customer_with_login(),
        ]
        self.teacher = UserFactory.create()

    def _tickets(self, entry: Entry) -> list[Ticket]:
        till = self.till
        free, paid = till.ticket(entry, 0), till.ticket(entry, 1001, capacity=4)
        return [free, paid, paid, till.ticket(entry, 500, group=self.hand), till.ticket(entry, 700, group=self.gold)]

    @property
    def now(self) -> datetime:
        return timezone.now() + self.skew

    def is_struck(self, path: str, kind: Any, *, times: int = 1) -> None:
        """The next calls of this kind fail at Stripe."""
        self.sandbox.arm(kind, path, times=times)

    def is_calm(self) -> None:
        """Nothing fails any more but webhooks, which are all lost."""
        self.sandbox.platform.faults.clear()
        self.sandbox.arm("drop", times=1_000_000)

    # --- customers

    def basket_of(self, customer: Customer) -> Booking | None:
        found = Booking.objects.filter(customer=customer, state__in=HELD_STATES, from_waiting_list=False)
        return found.select_related("account__connection", "page", "customer").order_by("-pk").first()

    def fill(self, customer: Customer, entry: Entry, tickets: Sequence[Ticket], *, own: bool) -> None:
        basket = self.basket_of(customer)
        fresh = load_entry(entry)
        with suppress(*NO):
            self.till.fill(fresh, *tickets, customer=customer, basket=basket, own=own, key=uuid4(), now=self.now)

    def add_membership(self, customer: Customer) -> None:
        basket, who = self.basket_of(customer), person_of(customer)
        with suppress(*NO, baskets.NotAllowedError):
            baskets.add_membership(basket, self.seller.price, customer, self.till.page, who=who, now=self.now)

    def remove(self, customer: Customer, number: int) -> None:
        if (basket := self.basket_of(customer)) and (seats := _live(basket)):
            with suppress(*NO):
                baskets.remove_tickets(basket, [_pick(seats, number).pk], person_of(customer), now=self.now)

    def remove_membership(self, customer: Customer) -> None:
        if basket := self.basket_of(customer):
            with suppress(*NO):
                baskets.remove_membership(basket, person_of(customer), now=self.now)

    def check_out(self, customer: Customer) -> None:
        if (basket := self.basket_of(customer)) is None:
            return
        who = person_of(customer)
        with suppress(*NO):
            seen = baskets.refresh_basket(basket, who, now=self.now)
            if url := check_out(seen.booking, who, seen.basket_version, now=self.now):
                self.urls.append(url)

    def pay(self, number: int, card: str) -> None:
        if self.urls:
            self.sandbox.shopper.pay(_pick(self.urls, number), card)

    def return_page(self, number: int) -> None:
        if bookings := self.bookings(payments__isnull=False):
            with suppress(StripeError):
                settle_payment(payment_of(_pick(bookings, number)), now=self.now)

    def reopen(self, customer: Customer) -> None:
        if basket := self.basket_of(customer):
            with suppress(StripeError):
                reopen_basket(basket, now=self.now)

    def cancel_own(self, number: int, count: int) -> None:
        if bookings := self.bookings(state=BookingState.BOOKED):
            booking = _pick(bookings, number)
            with suppress(CannotCancelError):
                cancel_by_customer(booking, [seat.pk for seat in _live(booking)[:count]], now=self.now)

    def subscribe(self, customer: Customer, card: str) -> None:
        if customer.user_id:
            with suppress(*NO):
                basket, who = self.basket_of(customer), person_of(customer)
                price, page = self.seller.price, self.till.page
                if url := buy_membership(basket, price, customer, page, who=who, now=self.now)[1]:
                    self.urls.append(url)
                    self.sandbox.shopper.pay(url, card)

    # --- those who wait

    def wait(self, customer: Customer, entry: Entry, ticket: Ticket, *, people: int, at_once: bool) -> None:
        names, who = ["Ada", "Ben"][:people], person_of(customer)
        with suppress(CannotJoinError):
            join(load_entry(entry), ticket.pk, customer, names, who=who, books_at_once=at_once, now=self.now)

    def waiting(self, *states: str) -> list[WaitlistRequest]:
        found = WaitlistRequest.objects.filter(account=self.account, state__in=states)
        return list(found.select_related("customer", "hold").order_by("pk"))

    def stop_waiting(self, number: int) -> None:
        if found := self.waiting("waiting", "offered"):
            with suppress(PayingError):
                leave(_pick(found, number), now=self.now)

    def take_offer(self, number: int) -> None:
        if found := self.waiting("offered"):
            request = _pick(found, number)
            hold, who = Booking.objects.for_checkout().get(pk=request.hold_id), person_waiting(request)
            with suppress(*NO):
                seen = baskets.read_basket(hold)
                if url := check_out(hold, who, seen.basket_version, now=self.now, confirmed=True):
                    self.urls.append(url)

    def offer(self) -> int:
        """A worker offers what is free, and does what is due for those who wait."""
        for entry in self.entries:
            for request in WaitlistRequest.objects.filter(entry=entry, look_at__lte=self.now):
                look(request.pk, now=self.now)
        return sum(offer_spaces(entry.pk, now=self.now) for entry in self.entries)

    def offer_out_of_turn(self, number: int) -> None:
        if found := self.waiting("waiting"):
            offer_now(_pick(found, number), now=self.now)

    def nobody_waits_beside_a_space(self) -> bool:
        """Whether all that came free was offered, or nobody who waits can have it."""
        while self.offer() or self.waiting("offered"):
            self.skew += timedelta(hours=3)
            self.take_in()
        left = {offer_now(each, now=self.now) for each in self.waiting("waiting")}
        reserved = EntryPlaces.objects.filter(account_id=self.account.pk, reserved__gt=0)
        return not left & {Outcome.OFFERED, Outcome.BOOKED} and not reserved.exists()

    # --- operators

    def operator_cancels(self, number: int, *, refunds: bool) -> None:
        live = Seat.objects.live().filter(account=self.account).order_by("pk")
        if live:
            cancel_by_studio([_pick(live, number).pk], now=self.now, giving=None if refunds else {})

    def operator_refunds(self, number: int, amount: int, *, named: bool) -> None:
        paid = Payment.objects.filter(account=self.account, state=PaymentState.PAID).order_by("pk")
        if paid:
            payment = _pick(paid, number)
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
        chosen = _pick(booked, number)
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
            seat = _pick(seats, number)
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
        offer = Offer.objects.get(pk=_pick(self.offers, number).pk)
        if offer.deleted_at is None:
            change_terms(offer, replace(offer_terms(offer), enabled=not offer.enabled))

    def delete_offer(self, number: int) -> None:
        delete_offer(_pick(self.offers, number), now=self.now)

    def end_subscription(self, number: int, *, at_once: bool) -> None:
        live = Subscription.objects.filter(account=self.account).exclude(stripe_id="").order_by("pk")
        if live:
            end = cancel_now if at_once else cancel_at_period_end
            with suppress(StripeError):
                end(_pick(live, number), who="the studio", now=self.now)

    # --- workers, Stripe and the clock

    def sweep_baskets(self) -> None:
        run = Run("sweep", now=self.now)
        release_overdue_baskets(now=self.now, run=run)
        settle_overdue_checkouts(now=self.now, run=run)

    def a_while_passes(self) -> None:
        self.skew += A_WHILE
        self.sweep_baskets()
        process_releases(now=self.now)

    def send_refunds(self) -> None:
        submit_due_refunds(now=self.now)

    def events(self) -> list[dict[str, Any]]:
        """All that Stripe has to tell us, oldest first."""
        world = self.sandbox.platform.worlds[self.seller.key]
        return [event for event in world.of("event") if event["type"] in wanted_types()]

    def hear(self, numbers: Sequence[int]) -> None:
        """Some of Stripe's events reach us, in this order, perhaps not for the first time; a worker looks at each."""
        if events := self.events():
            for number in numbers:
                told = IncomingEvent.read(json.loads(json.dumps(_pick(events, number))))
                inbox.receive_event(self.seller.connection.pk, told, EventSource.WEBHOOK, now=self.now)
                kept = StripeEvent.objects.get(connection=self.seller.connection, stripe_id=told.id)
                inbox.process_event(kept.pk, now=self.now)

    def take_in(self) -> None:
        """All that Stripe has to tell is heard, all refunds are sent, and all that ended is worked off."""
        connection = self.seller.connection
        for _round in range(2):
            connection.refresh_from_db()
            upkeep.catch_up(connection, now=self.now)
            process_due_events(self.now)
            process_releases(now=self.now)
            self.skew += timedelta(hours=2)  # what had to wait is due
            self.sweep_baskets()
            self.send_refunds()

    # --- what is true

    def bookings(self, **facts: Any) -> list[Booking]:
        found = Booking.objects.filter(account=self.account, **facts)
        return list(found.select_related("account__connection", "customer").distinct().order_by("pk"))

    def taken_at_stripe(self) -> tuple[int, int]:
        """What Stripe has taken, and given back."""
        charges = self.sandbox.platform.worlds[self.seller.key].of("charge")
        return sum(each["amount_captured"] for each in charges), sum(each["amount_refunded"] for each in charges)

    def taken_here(self) -> tuple[int, int]:
        """What we think it has: for tickets alone, on the bills of memberships, and back."""
        paid = Payment.objects.filter(account=self.account, state=PaymentState.PAID)
        alone = sum(paid.filter(booking__purchase__isnull=True).values_list("amount", flat=True))
        bills = self.sandbox.platform.worlds[self.seller.key].of("invoice")
        back = Refund.objects.filter(account=self.account, state="done").values_list("amount", flat=True)
        return alone + sum(bill["amount_paid"] for bill in bills), sum(back)

    def has(self) -> set[str]:
        """What there is that something could happen to."""
        mine: dict[str, Any] = {"account": self.account}
        there = {
            "basket": Booking.objects.filter(**mine, state=BookingState.BASKET),
            "paying": Booking.objects.filter(**mine, state=BookingState.PAYING),
            "seat": Seat.objects.live().filter(**mine),
            "payment": Payment.objects.filter(**mine),
            "paid": Payment.objects.filter(**mine, state=PaymentState.PAID),
            "wanted": Refund.objects.filter(**mine, state=RefundState.QUEUED),
            "full": EntryPlaces.objects.filter(account_id=self.account.pk, capacity__lte=F("taken") + F("reserved")),
            "waiting": WaitlistRequest.objects.filter(**mine, state__in=["waiting", "offered"]),
            "tonight": Seat.objects.live().filter(**mine, entry__in=self.held_now()),
            "subscription": Subscription.objects.filter(**mine, status__in=LIVE),
        }
        return {name for name, found in there.items() if found.exists()}

    def nothing_is_held(self) -> bool:
        return not self.bookings(state__in=HELD_STATES)


def _live(booking: Booking) -> list[Seat]:
    return list(booking.seats.live().order_by("pk"))


def _pick(among: Sequence[T] | Any, number: int) -> Any:
    """That one of them, as far as there are so many."""
    return among[number % len(among)]
