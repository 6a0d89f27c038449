"""Complete bookings: the entry's page, the review, *Confirm booking*, the booking's page; the floor's: one request."""

import re
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import psycopg

from bench import targets
from bench.client import CLIENTS, FOUND, OK, Act, Answer, Crowd, UnexpectedAnswerError, Visitor
from bench.data import exclusive, ordinary, sold
from bench.report import Row, compared
from bench.workbench import Workbench
from tickets.models import Entry, Ticket

SAMPLES: Final = 15
"""Bookings of one client in a round."""
FLOOR_SAMPLES: Final = 60
WARM_UP: Final = 10
SPREAD: Final = 100
PLENTY: Final = 1_000_000
FLUSHED: Final = 11.0
"""After so many seconds PostgreSQL's backends have told their statistics: those that are idle do so every ten."""
HIDDEN: Final = re.compile(r'name="(csrfmiddlewaretoken|key|terms_version)" value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Offering:
    """Something to book: the addresses of an entry's page and of the review of one ticket there."""

    page: str
    review: str
    ticket: int

    @classmethod
    def of(cls, entry: Entry, ticket: Ticket) -> "Offering":
        """One ticket at an entry."""
        page = f"/{entry.page.slug}/entries/{entry.uuid}/"
        return cls(page, f"{page}book/?t{ticket.pk}=1", ticket.pk)


def alone(bench: Workbench) -> Iterator[Row]:
    """A guest's and a member's complete booking, one at a time."""
    world = bench.shop.world
    entries = world.entries(WARM_UP + (bench.rounds + 1) * SAMPLES, places=PLENTY)
    guests = [Offering.of(entry, ordinary(entry)) for entry in entries]
    members = [Offering.of(entry, exclusive(entry)) for entry in entries]
    guest = Visitor(bench.site.port, once=True)
    member = Visitor(bench.site.port, world.cookies(world.member), once=True)
    yield from _alone(bench, _Booker("guest", guest, guests, targets.BOOKING, targets.BOOKING_STATEMENTS))
    yield from _alone(bench, _Booker("member", member, members, None, targets.MEMBER_BOOKING_STATEMENTS))


@dataclass(frozen=True, slots=True)
class _Booker:
    """Who books, what is left to be booked, and what is aimed at."""

    name: str
    visitor: Visitor
    offerings: list[Offering]
    target: float | None
    statements: int

    def book(self, number: int) -> float:
        """Book so many times: the milliseconds of the middle one."""
        return 1000 * median(
            timed(self.visitor, self.offerings.pop(), f"{self.name}{len(self.offerings)}@example.org")
            for _ in range(number)
        )


def _alone(bench: Workbench, booker: _Booker) -> Iterator[Row]:
    floor = _floor(bench, entries=1)
    booker.book(WARM_UP)
    rounds = bench.take_turns(lambda: booker.book(SAMPLES), lambda: 1000 * median(_timed_floor(floor, FLOOR_SAMPLES)))
    yield compared(f"A {booker.name}’s complete booking, one client", rounds, "ms", booker.target)
    with bench.counter.counting(acts=SAMPLES) as count:
        booker.book(SAMPLES)
    yield Row("  statements", count.statements, "", booker.statements)
    yield Row("  of these SELECTs", count.selects)
    yield Row("  BEGIN, SAVEPOINT, COMMIT …", count.others)


def held(bench: Workbench) -> Iterator[Row]:
    """How long one booking has a connection to itself: a statement runs in it, or a transaction is open.

    That is what a pooler between the site and PostgreSQL lets nobody else have meanwhile. PostgreSQL counts it.
    """
    offerings = [Offering.of(entry, ordinary(entry)) for entry in bench.shop.world.entries(4 * SAMPLES, places=PLENTY)]
    visitor = Visitor(bench.site.port, once=True)
    for number, offering in enumerate(offerings[:SAMPLES]):
        timed(visitor, offering, f"before{number}@example.org")
    with psycopg.connect(bench.site.environment["DATABASE_URL"], autocommit=True) as connection:
        time.sleep(FLUSHED)
        before = _held(connection)
        for number, offering in enumerate(offerings[SAMPLES:]):
            timed(visitor, offering, f"held{number}@example.org")
        time.sleep(FLUSHED)
        yield Row("A connection is held for a guest’s booking", (_held(connection) - before) / (3 * SAMPLES), "ms")


def _held(connection: psycopg.Connection) -> float:
    """Milliseconds that connections were held so far in this database."""
    told = connection.execute(
        "SELECT active_time + idle_in_transaction_time FROM pg_stat_database WHERE datname = current_database()"
    ).fetchone()
    return float(told[0]) if told else 0.0


def at_one_entry(bench: Workbench) -> Iterator[Row]:
    """Complete bookings by 8 clients, all at one entry with many places."""
    rate = yield from _crowded(bench, "one entry", 1)
    yield Row("  orders a minute on one event", 60 * rate)


def at_many_entries(bench: Workbench) -> Iterator[Row]:
    """The same at a hundred."""
    yield from _crowded(bench, f"{SPREAD} entries", SPREAD)


def _crowded(bench: Workbench, where: str, number: int) -> Generator[Row, None, float]:
    entries = bench.shop.world.entries(number, places=PLENTY)
    ours = _shopping(bench.site.port, [Offering.of(entry, ordinary(entry)) for entry in entries])
    floor = _floor(bench, entries=number)
    crowds: list[Crowd] = []
    bench.warm_up(ours, floor)
    rounds = bench.take_turns(lambda: bench.rate(ours, crowds=crowds), lambda: bench.rate(floor))
    row = compared(f"Complete bookings at {where}, {CLIENTS} clients", rounds, "/s", targets.BOOKINGS, at_least=True)
    yield row
    yield Row("  99 % within", max(each.percentile(0.99) for each in crowds), "ms")
    counted = [sold(entry) for entry in entries]
    yield Row("  counters that differ from their lines", sum(a != b for a, b in counted), "", 0)
    return row.figure


def _floor(bench: Workbench, *, entries: int) -> Act:
    """The floor's booking, by as many clients."""
    paths = [f"/book/{bench.site.tables.entry(places=PLENTY)}/" for _ in range(entries)]
    visitors = [Visitor(bench.site.floor.port, once=True) for _ in range(CLIENTS)]

    def act(client: int, number: int) -> str:
        answer = visitors[client].post(paths[(client + number * CLIENTS) % entries], FLOOR_FORM)
        return "" if answer.status == FOUND else told("floor", answer)

    return act


FLOOR_FORM: Final = {"name": "Grace Guest", "email": "grace@example.org"}


def _timed_floor(act: Act, number: int) -> list[float]:
    """How many seconds each of so many took."""
    found = []
    for index in range(number):
        began = time.perf_counter()
        _must(act(0, index))
        found.append(time.perf_counter() - began)
    return found


def timed(visitor: Visitor, offering: Offering, email: str) -> float:
    """How many seconds one complete booking took. Raises UnexpectedAnswerError."""
    began = time.perf_counter()
    _must(_buy(visitor, offering, email))
    return time.perf_counter() - began


def _shopping(port: int, offerings: Sequence[Offering]) -> Act:
    visitors = [Visitor(port, once=True) for _ in range(CLIENTS)]
    mark = time.monotonic_ns()

    def act(client: int, number: int) -> str:
        offering = offerings[(client + number * CLIENTS) % len(offerings)]
        return _buy(visitors[client], offering, f"c{client}n{number}at{mark}x{time.monotonic_ns()}@example.org")

    return act


def _buy(visitor: Visitor, offering: Offering, email: str) -> str:
    """Make one complete booking; returns what went wrong, or nothing."""
    page = visitor.get(offering.page)
    if page.status != OK:
        return told("entry", page)
    form = visitor.get(offering.review)
    if form.status != OK:
        return told("review", form)
    sent = visitor.post(offering.review, filled(form, offering, email))
    if sent.status != FOUND:
        return told("confirm", sent)
    booking = visitor.get(sent.location)
    return "" if booking.status == OK else told("booking", booking)


def filled(form: Answer, offering: Offering, email: str) -> dict[str, str]:
    """The review's form as a customer sends it, for themselves, who means it also where they booked before."""
    return {
        **dict(HIDDEN.findall(form.text)),
        "again": "1",
        "booker-name": "Grace Guest",
        "booker-email": email,
        f"t{offering.ticket}-1-who": "self",
    }


def told(step: str, answer: Answer) -> str:
    """What was answered instead."""
    return f"{step}: {answer.status} {answer.location} {answer.text[:2000]}"


def _must(problem: str) -> None:
    if problem:
        raise UnexpectedAnswerError(problem)
