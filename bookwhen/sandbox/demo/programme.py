"""What the demo studio puts on: its classes, its workshops and their tickets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import Max

from accounts.models import Account, SchedulePage
from groups.models import Group
from offers.periods import local_day
from tickets.models import Entry, Series, Ticket, TicketCost
from tickets.schedule.details import EntryDetails
from tickets.schedule.entries import create_entries
from tickets.schedule.extending import extend_series

PAST: Final = timedelta(weeks=4)
"""How long before the first start the season began."""
AHEAD: Final = timedelta(weeks=10)
"""How far it reaches after every start: at least eight weeks, also for a demo that runs for a fortnight."""

CLASSES: Final = "demo"
WORKSHOPS: Final = "demo-workshops"


class Club(StrEnum):
    """The customer groups, by name."""

    UNLIMITED = "Unlimited members"
    TEN = "Ten a month"
    FAMILY = "Family & friends"
    TEACHERS = "Teachers"
    TRIAL = "Trial week"
    SUMMER = "Summer pass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A ticket; with `clubs` an exclusive one. Times are minutes before the start, `price` is in pence.

    Where it has no price, it is `free`, or else says nothing of money: included in a membership, or only to watch.
    """

    name: str
    text: str = ""
    clubs: tuple[Club, ...] = ()
    shown: bool = True
    capacity: int | None = None
    opens: int | None = None
    closes: int = 0
    price: int = 0
    free: bool = True

    @property
    def cost(self) -> TicketCost:
        """What it says of money."""
        return TicketCost.COST if self.price else TicketCost.FREE if self.free else TicketCost.NONE


DROP_IN: Final = Sold(name="Drop-in", text="For one class. No membership needed.", closes=15, price=1200)
LUNCH: Final = Sold(name="Drop-in", text="On the house: come as you are.", closes=15)
SPECTATOR: Final = Sold(name="A chair at the side", text="To watch, with tea.", capacity=4, free=False)
MEMBER: Final = Sold(
    name="Member’s place",
    text="Included in Unlimited, Ten a month and the trial week.",
    clubs=(Club.UNLIMITED, Club.TEN, Club.TRIAL),
    free=False,
)
FAMILY: Final = Sold(
    name="Family place",
    text="For you and up to three more, big or small.",
    clubs=(Club.FAMILY,),
    capacity=12,
    free=False,
)
TEACHER: Final = Sold(
    name="Teacher’s place", text="For our own teachers.", clubs=(Club.TEACHERS,), shown=False, free=False
)
WORKSHOP: Final = Sold(name="Workshop place", text="Mats and tea are included.", price=3200)
ANATOMY: Final = Sold(name="Workshop place", text="With a skeleton, and tea.", capacity=8, price=3600)
WORKSHOP_SOON: Final = Sold(
    name="Workshop place", text="Mats and tea are included.", opens=14 * 24 * 60, closes=2 * 60, price=1800
)
SEASIDE: Final = Sold(name="Workshop place", text="The train and lunch are included.", price=6450)
EARLY: Final = Sold(
    name="Early bird", text="The same day for less, if you book early.", capacity=6, closes=21 * 24 * 60, price=5200
)
WORKSHOP_MEMBER: Final = Sold(
    name="Member’s workshop place",
    text="A thank-you to our unlimited members.",
    clubs=(Club.UNLIMITED,),
    capacity=6,
    price=800,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """A class: `day` 0 is Monday, `pull` the part of its places that usually go; with `weeks` a single occasion."""

    title: str
    day: int
    at: str
    minutes: int
    places: int
    room: str
    text: str
    tickets: tuple[Sold, ...]
    pull: float = 0.6
    per_booking: int = 4
    page: str = CLASSES
    weeks: int | None = None
    """For a single occasion: how many weeks from the first start (before it: below 0)."""


PROGRAMME: Final = (
    Class(
        title="Early Bird Vinyasa",
        day=0,
        at="07:00",
        minutes=60,
        places=16,
        room="River Room, 1st floor",
        text="A brisk, breath-led start to the week with Amara Okafor. Some experience helps; a sense of humour "
        "about Mondays helps more.\n\nShowers and coffee afterwards.",
        tickets=(DROP_IN, MEMBER),
        pull=0.65,
    ),
    Class(
        title="Pilates Mat",
        day=0,
        at="18:30",
        minutes=55,
        places=12,
        room="Garden Studio, ground floor",
        text="Small, precise and harder than it looks. Tomasz Lewandowski takes every exercise in three levels, so "
        "come as you are.",
        tickets=(DROP_IN, MEMBER),
        pull=0.9,
    ),
    Class(
        title="Gentle Hatha",
        day=1,
        at="09:30",
        minutes=75,
        places=14,
        room="River Room, 1st floor",
        text="Unhurried postures, long pauses and a proper relaxation. Chairs and bolsters for anyone who likes them. "
        "There is a lift.",
        tickets=(DROP_IN, MEMBER),
        pull=0.55,
    ),
    Class(
        title="Barre & Strength",
        day=1,
        at="19:00",
        minutes=50,
        places=14,
        room="Mirror Studio, 2nd floor",
        text="Ballet’s warm-up, weightlifting’s manners. With Inês Carvalho; grippy socks recommended.",
        tickets=(DROP_IN, MEMBER),
        pull=0.7,
    ),
    Class(
        title="Lunchtime Stretch",
        day=2,
        at="12:15",
        minutes=40,
        places=20,
        room="River Room, 1st floor",
        text="Forty minutes away from the desk with Amara Okafor. You will be back by one, taller.",
        tickets=(LUNCH, MEMBER, TEACHER),
        pull=0.4,
    ),
    Class(
        title="Reformer Pilates",
        day=2,
        at="18:00",
        minutes=50,
        places=8,
        room="Garden Studio, ground floor",
        text="Eight machines, eight people, Tomasz Lewandowski’s full attention. For members only; if you have not "
        "used a reformer before, come to Pilates Mat first.",
        tickets=(MEMBER,),
        pull=0.95,
    ),
    Class(
        title="Parent & Baby Yoga",
        day=3,
        at="10:00",
        minutes=60,
        places=12,
        room="Garden Studio, ground floor",
        text="For babies who aren’t walking yet and their grown-ups. Crying, feeding and leaving in the middle are all "
        "part of the class. Prams stay dry in the porch.",
        tickets=(DROP_IN, FAMILY),
        pull=0.5,
    ),
    Class(
        title="Slow Flow & Yin",
        day=3,
        at="19:15",
        minutes=75,
        places=16,
        room="River Room, 1st floor",
        text="A soft half hour of moving, then long floor poses by lamplight. With Siân Pritchard-Cole.",
        tickets=(DROP_IN, MEMBER),
        pull=0.75,
    ),
    Class(
        title="Handstands & Mobility",
        day=4,
        at="17:30",
        minutes=60,
        places=10,
        room="Mirror Studio, 2nd floor",
        text="Wrists, shoulders, and the art of falling over safely. Tomasz Lewandowski catches everyone. All levels.",
        tickets=(DROP_IN, MEMBER, TEACHER),
        pull=0.6,
    ),
    Class(
        title="Saturday Vinyasa",
        day=5,
        at="09:00",
        minutes=75,
        places=18,
        room="River Room, 1st floor",
        text="Our fullest class of the week: strong, musical and friendly, with Amara Okafor. Please arrive ten "
        "minutes early, mats go edge to edge.",
        tickets=(DROP_IN, MEMBER, FAMILY),
        pull=0.9,
    ),
    Class(
        title="Family Yoga",
        day=5,
        at="11:00",
        minutes=45,
        places=20,
        room="Garden Studio, ground floor",
        text="Animals, balances and one noisy story for children from three to nine with their grown-ups.",
        tickets=(DROP_IN, FAMILY),
        pull=0.6,
    ),
    Class(
        title="Open Dance",
        day=6,
        at="10:30",
        minutes=90,
        places=22,
        room="Mirror Studio, 2nd floor",
        text="Contemporary technique, then a long phrase to get lost in. Taught by a different guest every week.",
        tickets=(DROP_IN, MEMBER, SPECTATOR),
        pull=0.5,
    ),
    Class(
        title="Sound Bath & Deep Rest",
        day=6,
        at="18:00",
        minutes=75,
        places=24,
        room="River Room, 1st floor",
        text="Lie down, be covered with a blanket, and listen. Gongs and bowls by Siân Pritchard-Cole.",
        tickets=(WORKSHOP_SOON, WORKSHOP_MEMBER),
        pull=0.4,
        page=WORKSHOPS,
    ),
    Class(
        title="Handstand Clinic",
        day=5,
        at="14:00",
        minutes=120,
        places=12,
        room="Mirror Studio, 2nd floor",
        text="Two hours, a wall, and Amara Okafor’s patience. Bring a top that stays where it is upside down.",
        tickets=(WORKSHOP,),
        pull=0.35,
        page=WORKSHOPS,
        weeks=-2,
    ),
    Class(
        title="Restorative Evening by Candlelight",
        day=4,
        at="19:30",
        minutes=120,
        places=16,
        room="River Room, 1st floor",
        text="Five supported poses in two hours, with a great many blankets.",
        tickets=(WORKSHOP, WORKSHOP_MEMBER),
        pull=0.5,
        page=WORKSHOPS,
        weeks=1,
    ),
    Class(
        title="Anatomy for Movers",
        day=6,
        at="13:30",
        minutes=180,
        places=10,
        room="Garden Studio, ground floor",
        text="What a shoulder can do, and why yours does not. An afternoon with osteopath Dr Ifan Rees.",
        tickets=(ANATOMY, TEACHER),
        pull=0.5,
        per_booking=2,
        page=WORKSHOPS,
        weeks=3,
    ),
    Class(
        title="Walk, Rest, Move: a day by the sea",
        day=5,
        at="08:15",
        minutes=600,
        places=14,
        room="Meet at the studio; we go to Leigh-on-Sea by train",
        text="Yoga on the beach if it is dry and in the church hall if it is not, a long walk, and lunch together.\n\n"
        "Back by a quarter past six. Bring layers.",
        tickets=(SEASIDE, WORKSHOP_MEMBER, EARLY),
        pull=0.6,
        page=WORKSHOPS,
        weeks=6,
    ),
)


def put_on(pages: Mapping[str, SchedulePage], groups: Mapping[Club, Group], *, now: datetime) -> None:
    """Put the whole programme on the account's pages: `PAST` before `now` to `AHEAD` after it."""
    for each in PROGRAMME:
        page = pages[each.page]
        today = local_day(now, page.account.zone)
        offset = -PAST if each.weeks is None else timedelta(weeks=each.weeks)
        monday = today - timedelta(days=today.weekday()) + offset
        first = monday + timedelta(days=each.day)
        entries = create_entries(page, _details(each, first), until=today + AHEAD if each.weeks is None else None)
        _sell(entries[0].series, each, groups)


def ask_for_money(account: Account) -> None:
    """Give the tickets their prices: what was booked before was free, as the studio was not yet at Stripe."""
    for each in PROGRAMME:
        tickets = Ticket.objects.filter(account=account, series__entries__title=each.title)
        for sold in each.tickets:
            tickets.filter(name=sold.name).update(cost=sold.cost, price=sold.price)


def go_on(account: Account, *, now: datetime) -> list[Entry]:
    """Go on with the demo's own weekly series until `AHEAD` from `now`; returns what that added.

    Its own are as old as the account (`loading.age`): anyone who makes another decides how long it lasts.
    """
    until = local_day(now, account.zone) + AHEAD
    every = Series.objects.filter(account=account, created_at=account.created_at).exclude(rule="")
    # A term ends when it ends.
    own = every.exclude(rule__contains="COUNT")
    added: list[Entry] = []
    for series in own.annotate(last=Max("entries__starts_at")).order_by("pk"):
        if series.last and local_day(series.last, account.zone) + timedelta(weeks=1) <= until:
            added += extend_series(series, until=until)
    return added


def _details(each: Class, day: date) -> EntryDetails:
    return EntryDetails(
        title=each.title,
        starts=datetime.combine(day, time.fromisoformat(each.at)),
        duration=timedelta(minutes=each.minutes),
        capacity=each.places,
        description=each.text,
        location=each.room,
        per_booking=each.per_booking,
    )


def _sell(series: Series, each: Class, groups: Mapping[Club, Group]) -> None:
    for position, sold in enumerate(each.tickets):
        ticket = Ticket.objects.create(
            account_id=series.account_id,
            series=series,
            name=sold.name,
            description=sold.text,
            exclusive=bool(sold.clubs),
            shown=sold.shown,
            capacity=sold.capacity,
            opens_minutes_before=sold.opens,
            closes_minutes_before=sold.closes,
            position=position,
        )
        ticket.groups.set([groups[club] for club in sold.clubs])
