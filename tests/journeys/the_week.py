"""River Studio in the middle of its season: who works there, who comes, and what is on before the week begins."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import uuid4

from django.utils import timezone

from accounts.models import Customer, Letter, Role, User
from groups.models import Group, Standing
from offers.eligibility import Attendee
from tests.factories.accounts import CustomerFactory, StaffFactory, UserFactory
from tests.factories.money import PaymentFactory, create_paid_booking
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory, add_member, load_entry
from tests.journeys.hand import Hand
from tests.journeys.steps import list_problems, log_in_to
from tests.worlds.new_studio import PASSWORD, NewStudio
from tickets.booking.book import book_by_studio
from tickets.booking.request import StudioOrder, WantedTicket
from tickets.models import Entry, Leader, Ticket, TicketCost

JOBS: Final = {
    "a logo and a colour": 4,
    "remind the day before": 4,
    "numbered receipts with VAT": 3,
    "a term on three days for ten weeks, with two weeks left out": 6,
    "the tickets of another class": 3,
    "another time for one class": 4,
    "another time for a class and all that follow": 6,
    "a member rings and is booked": 4,
    "Anna comes on another day": 4,
    "why can’t Anna book": 4,
    "who comes tonight": 10,
    "a walk-in": 2,
    "who hasn’t paid": 2,
    "a cash payment": 2,
    "find somebody by name": 4,
    "another teacher for one date": 5,
    "cancel a class, with a message": 4,
    "join a waiting list": 3,
    "cancel in time": 3,
    "take a space from the email": 2,
    "offer a space now": 3,
    "a teacher sees their own classes": 2,
    "a message to all members of a group": 6,
    "a discount code": 3,
    "what changed, and who did it": 1,
    "income this month": 1,
    "how full were classes": 2,
    "the VAT of the quarter": 3,
}
"""How many presses each job of the week takes, from the overview on or from where the job before it ended."""
BY_MENU: Final = frozenset(
    {
        "a logo and a colour",
        "remind the day before",
        "numbered receipts with VAT",
        "another time for one class",
        "another time for a class and all that follow",
        "another teacher for one date",
        "cancel a class, with a message",
        "a message to all members of a group",
        "a discount code",
        "what changed, and who did it",
        "how full were classes",
        "the VAT of the quarter",
    }
)
"""The owner’s jobs that begin in the menu: on her phone she opens it first."""

TONIGHT: Final = ("Bea", "Carl", "Dev", "Elif", "Finn", "Gina", "Hugo", "Ines", "Jack")


@dataclass
class Week:
    """What there is as the week begins, and which of its jobs are done."""

    studio: NewStudio
    group: Group
    tonight: Entry
    full: Entry
    done: list[str] = field(default_factory=list)

    @property
    def home(self) -> str:
        """The address of the dashboard."""
        return f"/dashboard/{self.studio.account.slug}/"

    @contextmanager
    def job(self, name: str, hand: Hand) -> Iterator[None]:
        """One job, from where the hand is, in exactly as many presses as `JOBS` says, and `BY_MENU`."""
        with hand.counted(JOBS[name] + (hand.is_finger and name in BY_MENU)):
            yield
        self.done.append(name)

    def come_in(self, hand: Hand, email: str) -> None:
        """Log somebody of the team in, and leave them at the overview."""
        log_in_to(hand.page, email, self.home)
        hand.page.wait_for_url(f"**{self.home}")


def begin(studio: NewStudio) -> Week:
    """Maya owns the studio, Jo has the desk and Ben teaches; Anna and Cleo are members, with two classes a month."""
    account, now = studio.account, timezone.now()
    User.objects.filter(email=studio.owner).update(name="Maya Okafor")
    _employ(studio, "Jo Reed", "jo@river.example", Role.BOOKINGS_ADMIN)
    ben = _employ(studio, "Ben Cole", "ben@river.example", Role.LEADER)
    Leader.objects.create(account=account, name="Ben", staff=ben.staff.get())
    group: Group = GroupFactory.create(account=account, name="Two a month")
    OfferFactory.create(group=group, page=studio.page, limit=2)
    anna, cleo = (_member(studio, group, name) for name in ("Anna Smith", "Cleo Diaz"))
    Standing.objects.update(since=now - timedelta(days=40), anchor=now.date())
    tonight = EntryFactory.create(page=studio.page, title="Vinyasa", starts_at=now + timedelta(minutes=25))
    TicketFactory.create(entry=tonight, name="Drop-in", cost=TicketCost.COST, price=1200, position=1)
    TicketFactory.create(entry=tonight, name="Members", group=group, position=2)
    free = TicketFactory.create(entry=tonight, name="Pay what you can", position=3)
    for name in TONIGHT:
        _book(tonight, free, CustomerFactory.create(account=account, name=name, email=f"{name.lower()}@example.org"))
    full = EntryFactory.create(page=studio.page, title="Yin by candles", starts_at=now + timedelta(days=3), capacity=2)
    open_to_all = TicketFactory.create(entry=full, name="Open to all", position=2)
    _book(full, TicketFactory.create(entry=full, name="Members", group=group, position=1), anna)
    _book(full, open_to_all, CustomerFactory.create(account=account, name="Eve Hall", email="eve@example.org"))
    Letter.objects.all().delete()
    assert cleo.user
    return Week(studio, group, tonight, full)


def fits(hand: Hand) -> None:
    """Nothing is wrong with the page that is open."""
    assert list_problems(hand.page) == []


def sell_yesterday(week: Week) -> None:
    """Somebody paid online for a class that was yesterday, half full."""
    now = timezone.now()
    entry = EntryFactory.create(
        page=week.studio.page, title="Yesterday’s Flow", starts_at=now - timedelta(days=1),
        ends_at=now - timedelta(hours=23), capacity=2,
    )  # fmt: skip
    ticket = TicketFactory.create(entry=entry, name="Drop-in", cost=TicketCost.COST, price=1200)
    booking = create_paid_booking(entry, ticket, "Kit Park", amount=0)
    payment = PaymentFactory.create(booking=booking, amount=1200, opened_at=now, paid_at=now)
    booking.seats.update(price=1200, amount=1200, payment=payment)


def _employ(studio: NewStudio, name: str, email: str, role: Role) -> User:
    user: User = UserFactory.create(email=email, name=name, password=PASSWORD)
    StaffFactory.create(account=studio.account, user=user, role=role)
    return user


def _member(studio: NewStudio, group: Group, name: str) -> Customer:
    email = f"{name.partition(' ')[0].lower()}@example.org"
    user = UserFactory.create(email=email, name=name, password=PASSWORD)
    customer: Customer = CustomerFactory.create(account=studio.account, email=email, user=user, name=name)
    add_member(group, customer)
    return customer


def _book(entry: Entry, ticket: Ticket, customer: Customer) -> None:
    wanted = [WantedTicket(ticket=ticket.pk, name=customer.name, attendee=Attendee.SELF)]
    order = StudioOrder(charges=ticket.exclusive)
    book_by_studio(load_entry(entry), customer, wanted, key=uuid4(), now=timezone.now(), order=order)
