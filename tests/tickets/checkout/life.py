"""All that can happen at a studio that sells: what customers, Stripe and the clock do, and its team besides."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from django.db.models import F

from accounts.models import Customer
from bookwhen.jobs.run import Run
from bookwhen.payments import inbox, upkeep
from bookwhen.payments.gateway import StripeError
from bookwhen.payments.handlers import wanted_types
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import EventSource, StripeEvent
from memberships.models import LIVE, Subscription
from memberships.purchases import AlreadyHasError, NotOnSaleError
from tests.factories.payments import process_due_events
from tests.factories.schedule import load_entry
from tests.sweeps import release_overdue_baskets, settle_overdue_checkouts
from tests.tickets.checkout.operated import OperatedStudio, pick
from tests.worlds.till import payment_of, person_of
from tickets.booking.cancel import CannotCancelError, cancel_by_customer
from tickets.booking.refusals import BasketClosedError, BookingRefusedError, TicketGoneError
from tickets.booking.release import process_releases
from tickets.checkout import basket as baskets
from tickets.checkout.codes import apply_code, remove_code
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
    Refund,
    RefundState,
    Seat,
    Ticket,
    WaitlistRequest,
)
from tickets.money.codes import CodeRefusedError
from tickets.money.refunds import submit_due_refunds
from tickets.waiting.offering import Outcome, look, offer_now, offer_spaces
from tickets.waiting.people import person_waiting
from tickets.waiting.requests import CannotJoinError, PayingError, join, leave

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


class StudioLife(OperatedStudio):
    """What customers, workers, Stripe and the clock do at a studio, and what is true of it."""

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
                baskets.remove_tickets(basket, [pick(seats, number).pk], person_of(customer), now=self.now)

    def remove_membership(self, customer: Customer) -> None:
        if basket := self.basket_of(customer):
            with suppress(*NO):
                baskets.remove_membership(basket, person_of(customer), now=self.now)

    def use_code(self, customer: Customer, number: int) -> None:
        if basket := self.basket_of(customer):
            with suppress(*NO, CodeRefusedError):
                apply_code(basket, pick(self.codes, number).code.lower(), person_of(customer), now=self.now)

    def leave_code(self, customer: Customer) -> None:
        if basket := self.basket_of(customer):
            with suppress(*NO):
                remove_code(basket, person_of(customer), now=self.now)

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
            self.sandbox.shopper.pay(pick(self.urls, number), card)

    def return_page(self, number: int) -> None:
        if bookings := self.bookings(payments__isnull=False):
            with suppress(StripeError):
                settle_payment(payment_of(pick(bookings, number)), now=self.now)

    def reopen(self, customer: Customer) -> None:
        if basket := self.basket_of(customer):
            with suppress(StripeError):
                reopen_basket(basket, now=self.now)

    def cancel_own(self, number: int, count: int) -> None:
        if bookings := self.bookings(state=BookingState.BOOKED):
            booking = pick(bookings, number)
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
                leave(pick(found, number), now=self.now)

    def take_offer(self, number: int) -> None:
        if found := self.waiting("offered"):
            request = pick(found, number)
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
            offer_now(pick(found, number), now=self.now)

    def nobody_waits_beside_a_space(self) -> bool:
        """Whether all that came free was offered, or nobody who waits can have it."""
        while self.offer() or self.waiting("offered"):
            self.skew += timedelta(hours=3)
            self.take_in()
        left = {offer_now(each, now=self.now) for each in self.waiting("waiting")}
        reserved = EntryPlaces.objects.filter(account_id=self.account.pk, reserved__gt=0)
        return not left & {Outcome.OFFERED, Outcome.BOOKED} and not reserved.exists()

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
                told = IncomingEvent.read(json.loads(json.dumps(pick(events, number))))
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
