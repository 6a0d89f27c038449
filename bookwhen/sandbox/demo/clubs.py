"""The demo's customer groups, what their offers give, and who is in them since when."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from accounts.models import Account, Customer, SchedulePage
from bookwhen.sandbox.demo.people import invent
from bookwhen.sandbox.demo.programme import CLASSES, DROP_IN, WORKSHOPS, Club
from groups.catalogue import archive_group, create_group
from groups.models import Group, Member
from groups.services import add_customers, remove_by_hand
from offers.models import Audience, OfferKind
from offers.services import OfferTerms
from tickets.models import Ticket
from tickets.schedule.coverage import CoverageChoice, create_offer, edit_offer

TEXTS: Final = {
    Club.UNLIMITED: "Every class on the main schedule, as often as they like, and money off workshops.",
    Club.TEN: "Ten classes a month, whichever they like.",
    Club.FAMILY: "Parent & Baby, Family Yoga and Saturday Vinyasa: themselves and up to three more.",
    Club.TEACHERS: "Our own teachers. Their tickets are hidden from everyone else.",
    Club.TRIAL: "Five classes, to see whether they like it here.",
    Club.SUMMER: "Last summer’s pass. Not sold any more.",
}
SIZES: Final = {Club.UNLIMITED: 22, Club.TEN: 24, Club.FAMILY: 12, Club.TEACHERS: 6, Club.TRIAL: 9}
LEFT: Final = 8
"""How many more were Unlimited members once."""
SUMMER: Final = 5
DROP_INS: Final = 70
KEEN_JOINED: Final = timedelta(days=12)
"""How long ago the current usage period of the demo's member began, and of the one who is at the limit."""


@dataclass(slots=True)
class Crowd:
    """The customers of the demo by what they are; `joined` says since when, by customer id."""

    clubs: dict[Club, list[Customer]] = field(default_factory=lambda: defaultdict(list))
    drop_ins: list[Customer] = field(default_factory=list)
    joined: dict[int, datetime] = field(default_factory=dict)


def found(account: Account, *, now: datetime) -> dict[Club, Group]:
    """Make the groups; one of them is archived."""
    groups = {club: create_group(account, name=club, description=text) for club, text in TEXTS.items()}
    archive_group(groups[Club.SUMMER], now=now - timedelta(days=60))
    return groups


def open_offers(groups: Mapping[Club, Group], pages: Mapping[str, SchedulePage], *, now: datetime) -> None:
    """Make an offer of every kind that the help article names, and discounts, once the tickets are there."""
    classes = CoverageChoice(pages=frozenset({pages[CLASSES].pk}))
    both = CoverageChoice(pages=frozenset({pages[CLASSES].pk, pages[WORKSHOPS].pk}))
    workshops = CoverageChoice(pages=frozenset({pages[WORKSHOPS].pk}))
    drop_ins = Ticket.objects.filter(account=pages[CLASSES].account, name=DROP_IN.name).values_list("pk", flat=True)
    family = Ticket.objects.filter(groups=groups[Club.FAMILY]).values_list("pk", flat=True)
    offers = (
        (Club.UNLIMITED, OfferTerms(enabled=True), both),
        (Club.UNLIMITED, OfferTerms(audience=Audience.ADDITIONAL, additional_attendees=1, limit=2), classes),
        (Club.TEN, OfferTerms(name="Ten a month", enabled=True, limit=10), classes),
        (
            Club.FAMILY,
            OfferTerms(enabled=True, audience=Audience.ADDITIONAL, additional_attendees=3, limit=24),
            CoverageChoice(tickets=frozenset(family)),
        ),
        (Club.TEACHERS, OfferTerms(enabled=True), both),
        (Club.TRIAL, OfferTerms(enabled=True, limit=5, ongoing=False), classes),
        (
            Club.UNLIMITED,
            OfferTerms(
                kind=OfferKind.DISCOUNT, percent=20, enabled=True, audience=Audience.ADDITIONAL, additional_attendees=1
            ),
            workshops,
        ),
        (Club.TEN, OfferTerms(kind=OfferKind.DISCOUNT, percent=25, enabled=True, limit=2), workshops),
        (
            Club.FAMILY,
            OfferTerms(
                kind=OfferKind.DISCOUNT,
                amount_off=300,
                enabled=True,
                audience=Audience.ADDITIONAL,
                additional_attendees=3,
            ),
            CoverageChoice(tickets=frozenset(drop_ins)),
        ),
    )
    for club, terms, cover in offers:
        edit_offer(create_offer(groups[club], now=now, kind=OfferKind(terms.kind)), terms, cover)


def gather_crowd(
    account: Account, groups: Mapping[Club, Group], keen: Mapping[str, str], *, rng: Random, now: datetime
) -> Crowd:
    """Invent everybody and let them into their groups, on days all over the months before `now`.

    `keen` (names by address) are Ten-a-month members whose current period began `KEEN_JOINED` ago.
    """
    crowd = Crowd()
    people = invent(rng)
    for club, size in SIZES.items():
        longest = 6 if club is Club.TRIAL else 400
        for days, names in _arrivals(size, longest, people, rng).items():
            _admit(crowd, groups[club], names, at=now - timedelta(days=days, hours=3))
    _admit(crowd, groups[Club.TEN], keen, at=_keen_since(now))
    for customer in _admit(Crowd(), groups[Club.UNLIMITED], _take(people, LEFT), at=now - timedelta(days=200)):
        member = Member.objects.get(group=groups[Club.UNLIMITED], customer=customer)
        remove_by_hand(member, now=now - timedelta(days=rng.randint(5, 90)))
    _admit(Crowd(), groups[Club.SUMMER], _take(people, SUMMER), at=now - timedelta(days=150))
    Customer.objects.bulk_create(
        Customer(account=account, email=email, name=name) for email, name in _take(people, DROP_INS).items()
    )
    crowd.drop_ins = list(Customer.objects.filter(account=account, group_members__isnull=True).order_by("pk"))
    return crowd


def _arrivals(size: int, longest: int, people: Iterator[tuple[str, str]], rng: Random) -> dict[int, dict[str, str]]:
    """Names by address, by how many days ago they joined: a few on each of many different days."""
    days = [rng.randint(1, longest) for _ in range(-(-size // 2))]
    arrivals = defaultdict[int, dict[str, str]](dict)
    for number, (email, name) in enumerate(_take(people, size).items()):
        arrivals[days[number // 2]][email] = name
    return arrivals


def _take(people: Iterator[tuple[str, str]], count: int) -> dict[str, str]:
    return dict(next(people) for _ in range(count))


def _admit(crowd: Crowd, group: Group, names: Mapping[str, str], *, at: datetime) -> list[Customer]:
    added = sorted(add_customers(group, names, now=at).new, key=lambda customer: customer.email)
    crowd.clubs[Club(group.name)] += added
    crowd.joined.update({customer.pk: at for customer in added})
    return added


def _keen_since(now: datetime) -> datetime:
    """Two months before the day on which the current period began; both are counted from the same day of the month."""
    began = now - KEEN_JOINED
    month = date(began.year, began.month, 1) - timedelta(days=40)
    return began.replace(year=month.year, month=month.month, day=min(began.day, 28))
