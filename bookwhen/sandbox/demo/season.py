"""What happened at the demo studio before today: bookings and cancellations, one after the other."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Final
from uuid import UUID

from accounts.history.acting import acting
from accounts.models import Account, Customer, User
from bookwhen.sandbox.demo.clubs import Crowd
from bookwhen.sandbox.demo.drop_ins import DropIn, book_all
from bookwhen.sandbox.demo.logins import DESK, SCHEDULER
from bookwhen.sandbox.demo.people import FIRST
from bookwhen.sandbox.demo.programme import (
    DROP_IN,
    FAMILY,
    MEMBER,
    PAST,
    PROGRAMME,
    TEACHER,
    WORKSHOP,
    WORKSHOP_MEMBER,
    Class,
    Club,
)
from offers.eligibility import Attendee
from offers.period_closing import close_periods
from tickets.availability.facts import ANONYMOUS, person_of_customer
from tickets.availability.places import FullError
from tickets.booking.book import book, book_by_studio
from tickets.booking.cancel import cancel_by_customer
from tickets.booking.refusals import BookingRefusedError
from tickets.booking.request import WantedTicket
from tickets.models import Booking, Entry, Ticket
from tickets.schedule.cancellation_notes import CancellationNote
from tickets.schedule.entries import cancel_entry

Act = Callable[[datetime], None]

FAVOURITES: Final = {Club.UNLIMITED: 2, Club.TEN: 2, Club.FAMILY: 2, Club.TEACHERS: 2, Club.TRIAL: 3}
"""How many classes of the week each member of a group usually comes to."""
COMES: Final = 0.5
TOGETHER: Final = (1, 2, 2, 3)
"""How many come together where they need no membership for it."""
CANCELS: Final = 0.07
LONGEST_LEAD: Final = 18.0
"""Days."""


CALLED_OFF: Final = CancellationNote(
    "The teacher is ill, and nobody could stand in",
    "We’re sorry: your teacher has lost her voice. The next one takes place as usual, and we’d love to see you there.",
)


class Diary:
    """Things to do at past instants, done in their order; doing one may note others."""

    def __init__(self, *, until: datetime) -> None:
        self.until = until
        self._order = count()
        self._acts: list[tuple[datetime, int, Act]] = []

    def note(self, when: datetime, act: Act) -> None:
        """Note something to do, unless it lies in the future."""
        if when <= self.until:
            heappush(self._acts, (when, next(self._order), act))

    def live(self) -> None:
        """Do everything."""
        while self._acts:
            when, _number, act = heappop(self._acts)
            act(when)


@dataclass(frozen=True, slots=True)
class Occasion:
    """An entry, what the programme says of it, and its tickets by name."""

    entry: Entry
    plan: Class
    tickets: dict[str, Ticket]

    def has(self, name: str) -> bool:
        """Whether a ticket of this name is sold here."""
        return name in self.tickets


class Season:
    """The demo's past, to be lived once."""

    def __init__(self, account: Account, crowd: Crowd, *, rng: Random, now: datetime) -> None:
        self.account = account
        self.crowd = crowd
        self.rng = rng
        self.now = now
        self.diary = Diary(until=now)
        self.occasions = occasions(account)
        self.desk, self.scheduler = (User.objects.get(email=email) for email in (DESK, SCHEDULER))
        self.drop_ins: list[DropIn] = []

    def live(self) -> None:
        """Live through all that was noted: first those who drop in, then everybody in the order of the diary."""
        book_all(self.account, self.drop_ins)
        self.diary.live()

    def note_everyday(self) -> None:
        """Note what people usually do: members come to their favourite classes, others drop in."""
        favourites = self._favourites()
        for occasion in self.occasions:
            for club, customer in favourites.get(occasion.plan.title, ()):
                if self.rng.random() < COMES:
                    self._note_member(occasion, club, customer)
            if occasion.has(DROP_IN.name) or occasion.has(WORKSHOP.name):
                for customer in self._passers_by(occasion):
                    self._note_drop_in(occasion, customer)
        for weeks in range(PAST // timedelta(weeks=1)):
            self.diary.note(self.now - timedelta(weeks=weeks), self._close)

    def note_regular(self, customer: Customer, chosen: Iterable[Occasion], *, cancels: Occasion | None = None) -> None:
        """Note that a member booked exactly these entries in good time, and cancelled one more."""
        for occasion in chosen:
            lead = max(timedelta(days=14), occasion.entry.starts_at - self.now + timedelta(hours=3))
            self._note_booking(occasion, customer, [Attendee.SELF], lead=lead, cancels=False)
        if cancels:
            when = self._when(cancels, timedelta(days=14))
            self.diary.note(when, self._booking_to_cancel(cancels, customer, after=timedelta(minutes=90)))

    def note_filling(self, occasion: Occasion, *, leave: int) -> None:
        """Note that an entry filled up yesterday until `leave` places were left."""
        self.diary.note(self.now - timedelta(hours=26), lambda when: self._fill(occasion, leave, when))

    def note_cancelled_entry(self, occasion: Occasion) -> None:
        """Note that the studio cancelled an entry this morning."""
        self.diary.note(self.now - timedelta(hours=5), lambda when: self._cancel_entry(occasion, when))

    def next_of(self, title: str, *, number: int = 0, without: Sequence[Occasion] = ()) -> Occasion:
        """The entry of that title that is still to come: the next one, or the `number`-th after it."""
        ahead = self.between(timedelta(days=2), timedelta(days=200))
        return [each for each in ahead if each.plan.title == title and each not in without][number]

    def between(self, since: timedelta, until: timedelta) -> list[Occasion]:
        """The entries that start within these distances from now."""
        return [each for each in self.occasions if self.now + since <= each.entry.starts_at < self.now + until]

    def _favourites(self) -> dict[str, list[tuple[Club, Customer]]]:
        found: dict[str, list[tuple[Club, Customer]]] = {}
        for club, number in FAVOURITES.items():
            titles = [each for each in PROGRAMME if any(club in sold.clubs for sold in each.tickets)]
            weights = [each.pull for each in titles]
            for customer in self.crowd.clubs[club]:
                for chosen in set(self.rng.choices([each.title for each in titles], weights, k=number)):
                    found.setdefault(chosen, []).append((club, customer))
        return found

    def _note_member(self, occasion: Occasion, club: Club, customer: Customer) -> None:
        guests = self.rng.randint(1, 3) if club is Club.FAMILY else 0
        self._note_booking(
            occasion, customer, [Attendee.SELF, *[Attendee.GUEST] * guests], lead=self._lead(most=LONGEST_LEAD)
        )

    def _passers_by(self, occasion: Occasion) -> list[Customer]:
        most = round(occasion.plan.places * occasion.plan.pull * self.rng.uniform(0.08, 0.2))
        return self.rng.sample(self.crowd.drop_ins, most)

    def _lead(self, *, most: float) -> timedelta:
        return timedelta(days=min(0.1 + self.rng.expovariate(2.5 / most), most))

    def _note_drop_in(self, occasion: Occasion, customer: Customer) -> None:
        lead = self._lead(most=7)
        if self.rng.random() < CANCELS:
            self._note_booking(occasion, customer, [], lead=lead)
        elif (at := self._when(occasion, lead)) <= self.now:
            ticket = self._ticket(occasion, customer, member=False)
            names = self._names(customer)[: self.rng.choice(TOGETHER)]
            self.drop_ins.append(DropIn(occasion.entry, ticket, customer, names, self._key(), at))

    def _when(self, occasion: Occasion, lead: timedelta) -> datetime:
        return occasion.entry.starts_at - lead

    def _note_booking(
        self,
        occasion: Occasion,
        customer: Customer,
        attendees: Sequence[Attendee],
        *,
        lead: timedelta,
        cancels: bool = True,
    ) -> None:
        """Note a booking by a member for these attendees, or (for none) by somebody who drops in."""
        when = self._when(occasion, lead)
        if when < self.crowd.joined.get(customer.pk, when):
            return
        if cancels and self.rng.random() < CANCELS:
            after = timedelta(days=lead / timedelta(days=1) * self.rng.uniform(0.1, 0.95))
            self.diary.note(when, self._booking_to_cancel(occasion, customer, after=after, attendees=attendees))
        else:
            self.diary.note(when, lambda at: _discard(self._book(occasion, customer, attendees, at)))

    def _booking_to_cancel(
        self,
        occasion: Occasion,
        customer: Customer,
        *,
        after: timedelta,
        attendees: Sequence[Attendee] = (Attendee.SELF,),
    ) -> Act:
        def act(when: datetime) -> None:
            if booking := self._book(occasion, customer, attendees, when):
                seats = list(booking.seats.values_list("pk", flat=True))
                self.diary.note(when + after, lambda at: _discard(cancel_by_customer(booking, seats, now=at)))

        return act

    def _book(
        self, occasion: Occasion, customer: Customer, attendees: Sequence[Attendee], when: datetime
    ) -> Booking | None:
        member = bool(attendees)
        ticket = self._ticket(occasion, customer, member=member)
        names = self._names(customer)
        attendees = attendees or [Attendee.GUEST] * self.rng.choice(TOGETHER)
        wanted = [
            WantedTicket(ticket=ticket.pk, name=name, attendee=attendee)
            for name, attendee in zip(names, attendees, strict=False)
        ]
        who = person_of_customer(customer) if member else ANONYMOUS
        with suppress(BookingRefusedError):
            return book(occasion.entry, customer, wanted, who=who, key=self._key(), now=when).booking
        return None

    def _names(self, customer: Customer) -> list[str]:
        """Who may come along: themselves first, then their family."""
        return [customer.name, *(f"{name} {customer.name.split()[-1]}" for name in self.rng.sample(FIRST, 3))]

    def _ticket(self, occasion: Occasion, customer: Customer, *, member: bool) -> Ticket:
        if not member:
            return occasion.tickets.get(DROP_IN.name) or occasion.tickets[WORKSHOP.name]
        if customer in self.crowd.clubs[Club.FAMILY]:
            return occasion.tickets[FAMILY.name]
        if customer in self.crowd.clubs[Club.TEACHERS]:
            return occasion.tickets[TEACHER.name]
        return occasion.tickets.get(MEMBER.name) or occasion.tickets[WORKSHOP_MEMBER.name]

    def _fill(self, occasion: Occasion, leave: int, when: datetime) -> None:
        """Book by hand the people who are not there yet, one by one, as a studio does on the telephone."""
        ticket = next(iter(occasion.tickets.values()))
        taken = Entry.objects.select_related("places").get(pk=occasion.entry.pk).places
        there = set(occasion.entry.seats.values_list("customer", flat=True))
        absent = [customer for customer in self.crowd.drop_ins if customer.pk not in there]
        entry = Entry.objects.for_booking().get(pk=occasion.entry.pk)
        for customer in self.rng.sample(absent, max(taken.capacity - taken.taken - leave, 0)):
            wanted = [WantedTicket(ticket=ticket.pk, name=customer.name)]
            with suppress(FullError), acting(self.desk, at=when):
                book_by_studio(entry, customer, wanted, key=self._key(), now=when)

    def _cancel_entry(self, occasion: Occasion, when: datetime) -> None:
        with acting(self.scheduler, at=when):
            cancel_entry(occasion.entry, note=CALLED_OFF, now=when)

    def _close(self, when: datetime) -> None:
        while close_periods(now=when):
            pass

    def _key(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)


def occasions(account: Account) -> list[Occasion]:
    """Every entry of the programme, soonest first, read with what a booking is judged by: none has to read it again."""
    plans = {each.title: each for each in PROGRAMME}
    entries = Entry.objects.for_booking().filter(account=account).order_by("starts_at")
    tickets: dict[int, dict[str, Ticket]] = {}
    for ticket in Ticket.objects.filter(account=account).order_by("position"):
        tickets.setdefault(ticket.series_id, {})[ticket.name] = ticket
    return [Occasion(entry, plans[entry.title], tickets[entry.series_id]) for entry in entries if entry.title in plans]


def _discard(_result: object) -> None:
    """Nothing: an act of the diary returns nothing."""
