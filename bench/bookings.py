"""Complete bookings: the entry's page, the review, *Confirm booking*, the booking's page."""

import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from bench import targets
from bench.client import Answer, Visitor, crowd
from bench.data import World, exclusive, ordinary, sold
from bench.pages import CLIENTS, OK, UnexpectedAnswerError
from bench.report import Row
from bench.statements import Counter
from tickets.models import Entry, Ticket

FOUND: Final = 302
CONFLICT: Final = 409
SAMPLES: Final = 30
WARM_UP: Final = 10
SPREAD: Final = 100
PLENTY: Final = 1_000_000
RACERS: Final = 200
LAST: Final = 10
ROUNDS: Final = 3
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


def one_client(port: int, world: World, counter: Counter) -> list[Row]:
    """A guest's and a member's complete booking, one at a time."""
    entries = world.entries(WARM_UP + SAMPLES, places=PLENTY)
    guests = [Offering.of(entry, ordinary(entry)) for entry in entries]
    members = [Offering.of(entry, exclusive(entry)) for entry in entries]
    cookies = world.cookies(world.member)
    return [
        *_one_client("guest", Visitor(port), guests, counter, (targets.BOOKING_MS, targets.BOOKING_STATEMENTS)),
        *_one_client(
            "member",
            Visitor(port, cookies),
            members,
            counter,
            (targets.MEMBER_BOOKING_MS, targets.BOOKING_STATEMENTS),
        ),
    ]


def many_clients(port: int, world: World, *, seconds: float) -> list[Row]:
    """Complete bookings by 8 clients, all at one entry, then at many."""
    rows = []
    for where, number in (("one entry", 1), (f"{SPREAD} entries", SPREAD)):
        entries = world.entries(number, places=PLENTY)
        offerings = [Offering.of(entry, ordinary(entry)) for entry in entries]
        act = _shopping(port, offerings)
        crowd(CLIENTS, act, seconds=seconds / 4)
        found = crowd(CLIENTS, act, seconds=seconds)
        if found.problems:
            raise UnexpectedAnswerError(found.problems[0])
        taken = [sold(entry) for entry in entries]
        name = f"Complete bookings at {where}, {CLIENTS} clients"
        rows += [
            Row(name, found.rate, "/s", targets.BOOKINGS_PER_SECOND, at_least=True),
            Row("  p99", found.percentile(0.99), "ms"),
            Row("  counters that differ from their lines", sum(a != b for a, b in taken), "", 0, counted=True),
        ]
    return rows


def race(port: int, world: World) -> list[Row]:
    """200 clients, each on the review page, confirm at one instant when 10 places are left."""
    rounds = [_race(port, entry) for entry in world.entries(ROUNDS, places=LAST)]
    return [
        Row("Race of 200 for the last 10: until all are answered", max(slowest for slowest, *_ in rounds), "s",
            targets.RACE_SECONDS),
        Row("  sold", max(places for _, places, *_ in rounds), "", LAST, counted=True),
        Row("  not sold", max(LAST - places for _, places, *_ in rounds), "", 0, counted=True),
        Row("  answers that are neither booked nor refused", sum(odd for *_, odd in rounds), "", 0, counted=True),
    ]  # fmt: skip


def _one_client(
    who: str, visitor: Visitor, offerings: Sequence[Offering], counter: Counter, aims: tuple[float, int]
) -> list[Row]:
    """Book everything that is offered; `aims` are milliseconds and statements."""
    for number, offering in enumerate(offerings[:WARM_UP]):
        _must(_buy(visitor, offering, f"warm{number}@example.org"))
    seconds = []
    with counter.counting(acts=SAMPLES) as count:
        for number, offering in enumerate(offerings[WARM_UP:]):
            began = time.perf_counter()
            _must(_buy(visitor, offering, f"single{number}@example.org"))
            seconds.append(time.perf_counter() - began)
    return [
        Row(f"A {who}’s complete booking, one client", 1000 * sorted(seconds)[SAMPLES // 2], "ms", aims[0]),
        Row("  statements", count.statements, "", aims[1], counted=True),
        Row("  of these SELECTs", count.selects, ""),
        Row("  BEGIN, SAVEPOINT, COMMIT …", count.others, ""),
    ]


def _shopping(port: int, offerings: Sequence[Offering]) -> Callable[[int, int], str]:
    visitors = [Visitor(port) for _ in range(CLIENTS)]
    mark = time.monotonic_ns()

    def act(client: int, number: int) -> str:
        offering = offerings[(client + number * CLIENTS) % len(offerings)]
        return _buy(visitors[client], offering, f"c{client}n{number}at{mark}x{time.monotonic_ns()}@example.org")

    return act


def _buy(visitor: Visitor, offering: Offering, email: str) -> str:
    """Make one complete booking; returns what went wrong, or nothing."""
    page = visitor.get(offering.page)
    if page.status != OK:
        return _told("entry", page)
    form = visitor.get(offering.review)
    if form.status != OK:
        return _told("review", form)
    sent = visitor.post(offering.review, _filled(form, offering, email))
    if sent.status != FOUND:
        return _told("confirm", sent)
    booking = visitor.get(sent.location)
    return "" if booking.status == OK else _told("booking", booking)


def _filled(form: Answer, offering: Offering, email: str) -> dict[str, str]:
    """The review's form as a customer sends it, for themselves, who means it also where they booked before."""
    return {
        **dict(HIDDEN.findall(form.text)),
        "again": "1",
        "booker-name": "Grace Guest",
        "booker-email": email,
        f"t{offering.ticket}-1-who": "self",
    }


def _race(port: int, entry: Entry) -> tuple[float, int, int]:
    """One race: seconds to the last answer, places sold, odd answers."""
    offering = Offering.of(entry, ordinary(entry))
    visitors = [Visitor(port) for _ in range(RACERS)]
    forms = []
    for number, visitor in enumerate(visitors):
        forms.append(_filled(visitor.get(offering.review), offering, f"racer{number}at{entry.pk}@example.org"))
        visitor.close()  # or the server would wait for 200 idle ones
    start = threading.Barrier(RACERS)

    def run(number: int) -> tuple[Answer, float, float]:
        start.wait()
        began = time.perf_counter()
        answer = visitors[number].post(offering.review, forms[number])
        return answer, began, time.perf_counter()

    with ThreadPoolExecutor(RACERS) as pool:
        runs = list(pool.map(run, range(RACERS)))
    took = max(ended for _, _, ended in runs) - min(began for _, began, _ in runs)
    booked = sum(answer.status == FOUND for answer, *_ in runs)
    refused = sum(answer.status == CONFLICT for answer, *_ in runs)
    taken, seats = sold(entry)
    return took, max(taken, seats, booked), RACERS - booked - refused + (taken != seats) + (taken != booked)


def _told(step: str, answer: Answer) -> str:
    return f"{step}: {answer.status} {answer.location} {answer.text[:2000]}"


def _must(problem: str) -> None:
    if problem:
        raise UnexpectedAnswerError(problem)
