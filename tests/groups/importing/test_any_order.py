"""Lists imported and undone, in any order with bookings and what the studio does: nothing is lost or doubled."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.imports.services import can_be_undone
from accounts.models import Customer, ListImport
from groups.models import Member, Standing
from groups.services import add_customers
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory, load_entry
from tests.worlds.listed import bring, undo
from tickets.booking.book import book_by_studio
from tickets.booking.request import WantedTicket
from tickets.consistency import check_books
from tickets.models import Seat

if TYPE_CHECKING:
    from collections.abc import Callable

HISTORIES: Final = 10
ACTS: Final = ("import", "undo", "book", "add", "note")
PEOPLE: Final = ("ada@example.org", "bea@example.org")
LIST: Final = "Name,Email,Since,Notes\nAda,ada@example.org,2024-04-03,Mat\nBea,bea@example.org,,\n"


class Studio:
    """A studio that imports a list, undoes that, and goes on working meanwhile."""

    def __init__(self) -> None:
        self.entry = EntryFactory.create(starts_at=timezone.now() + timedelta(days=3), capacity=50)
        self.account = self.entry.account
        self.group = GroupFactory.create(account=self.account)
        self.ticket = TicketFactory.create(entry=self.entry, group=self.group)
        OfferFactory.create(group=self.group, page=self.entry.page)
        self.done: ListImport | None = None
        self.booked = 0
        self.added: set[str] = set()
        self.noted: set[str] = set()

    def act(self, what: str, number: int) -> None:
        email = PEOPLE[number % len(PEOPLE)]
        acts: dict[str, Callable[[], object]] = {
            "import": self.bring,
            "undo": self.undo,
            "book": lambda: self.book(email),
            "add": lambda: self.add(email),
            "note": lambda: self.note(email),
        }
        acts[what]()

    def bring(self) -> None:
        if self.done is None or not can_be_undone(self.done):
            self.done = bring(self.account, LIST, group=str(self.group.pk))

    def undo(self) -> None:
        if self.done and can_be_undone(self.done):
            self.done = undo(self.done)

    def book(self, email: str) -> None:
        customer = Customer.objects.filter(account=self.account, email=email).first()
        if customer and not Seat.objects.filter(customer=customer).exists():
            wanted = [WantedTicket(ticket=self.ticket.pk, name="Ada", is_for_booker=True)]
            book_by_studio(load_entry(self.entry), customer, wanted, key=uuid4(), now=timezone.now())
            self.booked += 1

    def add(self, email: str) -> None:
        add_customers(self.group, {email: ""}, now=timezone.now())
        self.added.add(email)

    def note(self, email: str) -> None:
        if Customer.objects.filter(account=self.account, email=email).update(note="Knee"):
            self.noted.add(email)


@settings(
    max_examples=HISTORIES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
)
@given(history=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 1)), min_size=3, max_size=8))
@pytest.mark.django_db
def test_nothing_is_lost_or_doubled_whatever_the_order(history: list[tuple[str, int]]) -> None:
    studio = Studio()
    for what, number in history:
        studio.act(what, number)
    studio.undo()

    mine = {"account": studio.account}
    assert Seat.objects.live().filter(**mine).count() == studio.booked
    here = set(Customer.objects.filter(**mine).values_list("email", flat=True))
    inside = Standing.objects.at(timezone.now()).filter(**mine).values_list("member__customer__email", flat=True)
    assert set(inside) <= here
    assert (
        Customer.objects.filter(**mine)
        .exclude(pk__in=Seat.objects.filter(**mine).values("customer"))
        .exclude(email__in=studio.added | studio.noted)
        .count()
        == 0
    )
    assert Member.objects.filter(**mine).count() <= len(PEOPLE)
    assert list(check_books(account=studio.account, now=timezone.now())) == []
