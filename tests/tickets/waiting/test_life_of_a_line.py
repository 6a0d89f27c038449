"""Whatever those who wait, the studio, passers-by and the clock do: nobody waits beside a space they could have."""

from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from groups.services import NotAMemberByHandError, add_customers, remove_by_hand
from offers.eligibility import Attendee, Reason
from tests.factories.schedule import NOW, load_entry
from tests.worlds.members_studio import booking_outcome
from tests.worlds.waiting_studio import WaitingStudio
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.cancel import CannotCancelError, cancel_by_studio
from tickets.booking.hold import release_overdue
from tickets.booking.request import WantedTicket
from tickets.checkout.basket import read_basket
from tickets.checkout.paying import check_out
from tickets.consistency import check_books
from tickets.models import Booking, BookingState, Entry, EntryPlaces, Seat, WaitlistRequest
from tickets.schedule.entries import BelowBookedError, cancel_entry, set_capacity
from tickets.waiting.offering import Outcome, look, offer_now, offer_spaces
from tickets.waiting.people import person_waiting
from tickets.waiting.requests import CannotJoinError, leave, position
from tickets.waiting.turns import move_up

LIVES, STEPS = 12, 20
WHO: Final = st.integers(0, 4)
MANY: Final = st.integers(1, 2)


class Line(RuleBasedStateMachine):
    """An entry with two spaces, an exclusive and an ordinary ticket of which one is few, and five customers."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.studio = WaitingStudio(members=5, capacity=2, books=False, additional_attendees=1)
        self.studio.drop_in.capacity = 1
        self.studio.drop_in.save()
        self.now = NOW
        self.entry: Entry = self.studio.entry

    def tick(self, **time: int) -> None:
        self.now += timedelta(**(time or {"seconds": 1}))

    @rule(who=WHO, many=MANY, drops_in=st.booleans())
    def books(self, who: int, many: int, *, drops_in: bool) -> None:
        self.tick()
        customer = self.studio.customers[who]
        ticket = self.studio.drop_in if drops_in else self.studio.ticket
        people = [Attendee.GUEST if drops_in else Attendee.SELF, Attendee.GUEST][:many]
        wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=each) for each in people]
        before = EntryPlaces.objects.get(entry=self.entry)
        outcome = booking_outcome(
            lambda: (
                book(
                    load_entry(self.entry),
                    customer,
                    wanted,
                    who=person_of_customer(customer),
                    key=uuid4(),
                    now=self.now,
                ).booking
            )
        )
        if before.free < many:
            assert not outcome.startswith("booked"), "A passer-by had what was reserved."

    @rule(who=WHO, many=MANY, drops_in=st.booleans(), at_once=st.booleans(), takes_any=st.booleans())
    def joins(self, who: int, many: int, *, drops_in: bool, at_once: bool, takes_any: bool) -> None:
        self.tick()
        ticket, other = self.studio.ticket, self.studio.drop_in
        ticket, other = (other, ticket) if drops_in else (ticket, other)
        terms: dict[str, Any] = {"ticket": ticket, "names": ["Ada", "Ben"][:many], "books_at_once": at_once}
        terms |= {"also": [other.pk]} if takes_any else {}
        with suppress(CannotJoinError):
            self.studio.join(who, now=self.now, **terms)

    @rule(who=WHO)
    def leaves(self, who: int) -> None:
        self.tick()
        if request := WaitlistRequest.objects.open().filter(customer=self.studio.customers[who]).first():
            assert leave(request, now=self.now)

    @rule(who=WHO)
    def takes_what_is_offered(self, who: int) -> None:
        self.tick()
        if request := WaitlistRequest.objects.filter(customer=self.studio.customers[who], state="offered").first():
            hold = Booking.objects.for_checkout().get(waitlist_requests=request)
            seen = read_basket(hold).basket_version
            assert check_out(hold, person_waiting(request), seen, now=self.now, confirmed=True) == ""

    @rule(who=WHO)
    def cancels(self, who: int) -> None:
        self.tick()
        with suppress(CannotCancelError, Booking.DoesNotExist, Booking.MultipleObjectsReturned):
            self.studio.cancel(who, now=self.now)

    @rule(who=WHO)
    def is_cancelled_by_the_studio(self, who: int) -> None:
        self.tick()
        booked = Seat.objects.live().booked().filter(customer=self.studio.customers[who])
        cancel_by_studio(list(booked.values_list("pk", flat=True)), now=self.now)

    @rule(capacity=st.integers(1, 4))
    def has_another_size(self, capacity: int) -> None:
        self.tick()
        with suppress(BelowBookedError):
            set_capacity([self.entry.pk], capacity)

    @rule(who=WHO)
    def is_put_out_of_the_group(self, who: int) -> None:
        self.tick()
        with suppress(NotAMemberByHandError):
            remove_by_hand(self.studio.members[who], now=self.now)

    @rule(who=WHO)
    def is_let_into_the_group(self, who: int) -> None:
        self.tick()
        customer = self.studio.customers[who]
        add_customers(self.studio.group, {customer.email: customer.name}, now=self.now)

    @rule(who=WHO)
    def is_offered_out_of_turn(self, who: int) -> None:
        self.tick()
        if request := WaitlistRequest.objects.waiting().filter(customer=self.studio.customers[who]).first():
            offer_now(request, now=self.now)

    @rule(who=WHO, to_front=st.booleans())
    def is_moved_up(self, who: int, *, to_front: bool) -> None:
        self.tick()
        if request := WaitlistRequest.objects.waiting().filter(customer=self.studio.customers[who]).first():
            assert move_up(request, to_front=to_front) == position(WaitlistRequest.objects.get(pk=request.pk))

    @rule()
    def a_worker_comes(self) -> None:
        self.tick()
        self.work()

    @rule(hours=st.sampled_from([1, 3, 20]))
    def time_passes(self, hours: int) -> None:
        self.tick(hours=hours)
        self.work()

    @rule(sure=st.integers(0, 9))
    def is_called_off(self, sure: int) -> None:
        self.tick()
        if not sure:
            cancel_entry(load_entry(self.entry), now=self.now)

    def work(self) -> None:
        """What the sweeps of a minute do."""
        for hold in Booking.objects.filter(state=BookingState.BASKET, held_until__lte=self.now):
            release_overdue(hold.pk, now=self.now)
        for pk in list(WaitlistRequest.objects.filter(look_at__lte=self.now).values_list("pk", flat=True)):
            look(pk, now=self.now)
        offer_spaces(self.entry.pk, now=self.now)

    @invariant()
    def the_books_are_right(self) -> None:
        assert [str(each) for each in check_books(account=self.studio.account, now=self.now)] == []

    def teardown(self) -> None:
        try:
            self.rest()
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    def rest(self) -> None:
        """Once all is worked off: nothing is reserved, and nobody waits beside a space that they can have."""
        self.work()
        places = EntryPlaces.objects.get(entry=self.entry)
        assert places.reserved == 0
        if self.entry.starts_at <= self.now or load_entry(self.entry).cancelled_at:
            assert not WaitlistRequest.objects.open().exists() or self.entry.starts_at > self.now
        for request in WaitlistRequest.objects.waiting():
            assert offer_now(request, now=self.now) in {Outcome.GONE, Outcome.PASSED_OVER}
            request.refresh_from_db()
            assert request.skipped != Reason.ALLOWED


@pytest.mark.django_db
def test_nobody_waits_beside_a_space_that_they_could_have() -> None:
    run_state_machine_as_test(
        Line,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
