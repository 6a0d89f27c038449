"""A studio moves in with what it has: people, memberships at Stripe, and what they have booked; and out again."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.imports.moves import imports_to_undo, undo_move
from accounts.models import Customer, ListImport, ListImportRow, Operation
from accounts.operations.running import run_operation
from bookwhen.sandbox.stripe import Sandbox
from groups.models import Group, Member
from memberships.models import Subscription
from tests.factories.schedule import EntryFactory, OfferFactory, TicketFactory
from tests.memberships.importing.steps import at_stripe
from tests.worlds.elsewhere import Elsewhere, open_elsewhere
from tests.worlds.listed import bring, reasons
from tickets.consistency import check_books
from tickets.dashboard.lists.comparing import compared_whole
from tickets.importing.source import BOOKINGS
from tickets.models import Booking, Entry, EntryPlaces, Seat

pytestmark = pytest.mark.django_db
GROUPS = ("Unlimited", "Ten classes", "Kids")
PAYING = {"Unlimited": (4800, "month"), "Ten classes": (36000, "year")}
"""What two of them cost at Stripe: 48.00 a month, and 360.00 a year, which is 30.00 a month."""
MEMBERS, BILLED, BOOKED = 300, 20, 80


def people_list() -> bytes:
    """As a studio's own spreadsheet has it: a title, semicolons, Windows' letters, mother and daughter, a total."""
    rows = [
        f"Zoë{n};Müller;zoe{n}@example.org;07911 {n:06};{GROUPS[n % 3]};{n % 28 + 1}/1/2024" for n in range(MEMBERS - 2)
    ]
    rows += ["Ann;Ray;ray@example.org;;Unlimited;", "Mia;Ray;ray@example.org;;Kids;", "Total;300;;;;"]
    head = "River Studio, members;;;;;\n;;;;;\nFirst name;Last name;E-Mail;Tel.;Group;Member since\n"
    return (head + "\n".join(rows) + "\n").encode("cp1252")


class Move:
    """The studio, its classes of the next fortnight, and what its old system knows."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.stripe: Elsewhere = open_elsewhere(sandbox, time_zone="Europe/London")
        self.account, now = self.stripe.account, timezone.now()
        self.classes = [self._add_class(now + timedelta(days=2 + number)) for number in range(8)]

    def _add_class(self, starts: datetime) -> Entry:
        at = starts.astimezone(self.account.zone).replace(hour=18, minute=30, second=0, microsecond=0)
        return EntryFactory.create(page=self.stripe.page, title="Yoga Flow", starts_at=at, capacity=12)

    def sell_to_members(self) -> None:
        """After people came in: tickets for each group, and what their offers give."""
        for group in Group.objects.filter(account=self.account):
            OfferFactory.create(group=group, page=self.stripe.page, limit=4)
            for entry in self.classes:
                TicketFactory.create(entry=entry, name=group.name, group=group)

    def subscribe(self) -> None:
        """Twenty of them pay at Stripe by the old system's hand."""
        prices = {name: self.stripe.price(name, amount, every) for name, (amount, every) in PAYING.items()}
        for number in range(BILLED):
            self.stripe.member(f"zoe{number * 3 + number % 2}@example.org", prices[GROUPS[number % 2]])

    def bookings_list(self) -> str:
        """As Bookwhen exports them: a reference, when it is, who attends and who booked; some that hold no space."""
        head = (
            "Booking reference,Event,Event starts,Event ends,Ticket,Attendee,Attendee email,Booked by,Customer email,"
            "Attendance status\n"
        )
        rows = []
        for number in range(BOOKED):
            entry, who = self.classes[number % 8], number * 3 + number % 3
            at = entry.starts_at.astimezone(self.account.zone)
            said, ends = f"{at:%d %b %Y %H:%M}", f"{at + timedelta(hours=1):%d %b %Y %H:%M}"
            person = f"Zoë{who} Müller,zoe{who}@example.org"
            rows.append(f"REF{number:02},Yoga Flow,{said},{ends},{GROUPS[who % 3]},{person},{person},Complete\n")
        rows.append(rows[0].replace("REF00", "GONE1").replace("Complete", "Cancelled"))
        rows.append(rows[0].replace("REF00", "OPEN1").replace("Complete", "Checkout"))
        rows.append("OLD01,Yoga Flow,3 Jan 2024 18:30,,Kids,Zoë2 Müller,zoe2@example.org,,,Complete\n")
        return head + "".join(rows)

    def bring_all(self) -> list[ListImport]:
        new = {name.lower(): name for name in GROUPS}
        people = bring(self.account, people_list(), groups=dict.fromkeys(new, "new"), group_names=new)
        self.subscribe()
        stripe = self.stripe.take_over(letter=False, **dict.fromkeys(PAYING, "new"))
        self.sell_to_members()
        return [people, stripe, bring(self.account, self.bookings_list(), source=BOOKINGS)]


@pytest.fixture
def move(stripe_here: Sandbox) -> Move:
    return Move(stripe_here)


def work_everything_off() -> None:
    for _round in range(4):
        for pk in Operation.objects.order_by("pk").values_list("pk", flat=True):
            while run_operation(pk):
                pass


def test_what_is_here_is_what_the_old_system_had(move: Move) -> None:
    people, _stripe, booked = move.bring_all()

    # The daughter is left out until somebody has said whose address it is; nobody vanishes without a word.
    assert reasons(people) == {"new": 299, "shared_address": 1, "total": 1}
    assert Counter(reasons(booked)) == {"charged": BOOKED, "off": 2, "past": 1}
    members = Counter(Member.objects.filter(account=move.account).values_list("group__name", flat=True))
    assert {name: members[name] for name in GROUPS} == {"Unlimited": 101 + 10, "Ten classes": 99 + 10, "Kids": 99}
    assert (Seat.objects.live().count(), EntryPlaces.objects.get(entry=move.classes[0]).taken) == (BOOKED, 10)
    assert list(check_books(account=move.account, now=timezone.now())) == []


def test_the_numbers_stand_beside_those_that_the_studio_types(move: Move) -> None:
    move.bring_all()
    gateway, now = move.stripe.gateway(), timezone.now()
    at_source = [gateway.subscription(each) for each in Subscription.objects.values_list("stripe_id", flat=True)]
    bills = Counter(each.period_end.astimezone(move.account.zone).date() for each in at_source)
    kids = Group.objects.get(account=move.account, name="Kids")
    typed = {"people": "299", f"group_{kids.pk}": "99", "income": "780.00", "bookings": "80"}
    typed |= {f"bill_{day.isoformat()}": str(count) for day, count in bills.items()}

    shown = {each.name: each for each in compared_whole(move.account, typed, now=now)}

    assert Decimal("780.00") == Decimal(10 * 4800 + 10 * 3000) / 100
    assert {name: shown[name].difference for name in typed} == dict.fromkeys(typed, "0")
    assert (shown["income"].ours, shown["people"].ours, shown["bookings"].ours) == ("£780.00", "299", "80")
    assert sum(int(each.said) for name, each in shown.items() if name.startswith("bill_")) == BILLED
    other = {each.name: each for each in compared_whole(move.account, {"income": "1,000.50"}, now=now)}
    assert (other["income"].said, other["income"].difference) == ("1000.50", "-£220.50")


def test_one_click_undoes_all_of_it(move: Move) -> None:
    """The last import first, each a long job that calls for the next: bookings, memberships, people."""
    move.bring_all()
    before = at_stripe(move.stripe)
    assert [each.source for each in imports_to_undo(move.account)] == ["bookings", "stripe", "people"]

    assert undo_move(move.account, now=timezone.now()) == 3
    work_everything_off()

    assert list(ListImportRow.objects.filter(state="kept").values_list("list_import__source", "error")) == []
    assert not Booking.objects.exists()
    assert not Subscription.objects.exists()
    assert not Member.objects.exists()
    assert not Customer.objects.exists()
    assert at_stripe(move.stripe) == before
    assert not imports_to_undo(move.account).exists()
    assert list(check_books(account=move.account, now=timezone.now())) == []


def test_people_alone_cannot_be_taken_from_under_their_bookings(move: Move) -> None:
    people, *_others = move.bring_all()
    move.stripe.undo(people)
    kept = people.rows.filter(state="kept")
    assert kept.count() == BOOKED + BILLED - kept_twice(move)
    assert set(kept.values_list("error", flat=True)) <= {
        "They’ve booked with it.", "They’ve used it since, or something else is about them.",
    }  # fmt: skip
    assert Seat.objects.live().count() == BOOKED


def kept_twice(_move: Move) -> int:
    """How many both pay and have booked."""
    booked = set(Seat.objects.values_list("customer", flat=True))
    return len(booked & set(Subscription.objects.values_list("customer", flat=True)))


def test_a_start_on_the_night_of_the_clocks_is_found(move: Move) -> None:
    at = datetime(2027, 3, 28, 9, 0, tzinfo=UTC)
    entry = EntryFactory.create(page=move.stripe.page, title="Spring", starts_at=at, capacity=2)
    TicketFactory.create(entry=entry, name="Drop in")
    text = "Event,Date,Start time,Ticket,Name,Email\nSpring,28/03/2027,10:00,Drop in,Ann,ann@example.org\n"
    assert reasons(bring(move.account, text, source=BOOKINGS)) == {"new": 1}
