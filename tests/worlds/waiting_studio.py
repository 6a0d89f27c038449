"""A studio whose members wait for full classes, with an exclusive and an ordinary ticket."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Customer, Letter
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, TicketFactory, load_entry
from tests.worlds.members_studio import MembersStudio
from tickets.availability.facts import ANONYMOUS, person_of_customer
from tickets.booking.cancel import cancel_by_customer
from tickets.consistency import check_books
from tickets.models import Booking, EntryPlaces, Seat, Ticket, WaitlistRequest
from tickets.waiting.offering import look, offer_spaces
from tickets.waiting.requests import join

SOON = NOW + timedelta(minutes=1)


class WaitingStudio(MembersStudio):
    """The first member has the only space of the first entry."""

    def __init__(self, *, members: int = 3, capacity: int = 1, books: bool = True, **others: Any) -> None:
        super().__init__(members=members, capacity=capacity, **others)
        self.checked_at = NOW
        """When its books are checked."""
        self.drop_in: Ticket = TicketFactory.create(entry=self.entry, name="Drop-in", position=1)
        if books:
            self.book(customer=0)

    def join(self, customer: int = 1, *, now: datetime = NOW, **how: Any) -> WaitlistRequest:
        """Let a member wait by the exclusive ticket, or by another."""
        who = self.customers[customer]
        ticket = how.pop("ticket", self.ticket)
        names = how.pop("names", [f"Member {customer}"])
        return join(load_entry(self.entry), ticket.pk, who, names, who=person_of_customer(who), now=now, **how)

    def join_as_guest(self, *, names: Sequence[str] = ("Guest",), now: datetime = NOW, **how: Any) -> WaitlistRequest:
        """Let a guest wait by the ordinary ticket."""
        guest: Customer = CustomerFactory.create(account=self.account)
        ticket = how.pop("ticket", self.drop_in)
        return join(load_entry(self.entry), ticket.pk, guest, names, who=ANONYMOUS, now=now, **how)

    def cancel(self, customer: int = 0, *, now: datetime = SOON) -> None:
        """Let a member cancel what they have booked at the first entry."""
        seats = Seat.objects.live().filter(entry=self.entry, customer=self.customers[customer])
        booking = Booking.objects.get(seats__in=seats)
        cancel_by_customer(booking, list(seats.values_list("pk", flat=True)), now=now)

    def offer_free(self, *, now: datetime = SOON) -> int:
        """Let a worker offer what is free at the first entry."""
        return offer_spaces(self.entry.pk, now=now)

    def look(self, request: WaitlistRequest, *, now: datetime) -> None:
        """Let a worker do what is due for a request."""
        look(request.pk, now=now)

    @property
    def counted(self) -> tuple[int, int, int]:
        """Of the first entry's places: taken, reserved; and how many wait. The books are right."""
        assert check_books(now=self.checked_at) == []
        places = EntryPlaces.objects.get(entry=self.entry)
        return places.taken, places.reserved, places.waiting

    def states(self) -> list[str]:
        """How far each request is, in line."""
        return list(WaitlistRequest.objects.in_line().values_list("state", flat=True))


def letters_told() -> list[str]:
    """The kinds of letters about waiting that were written, in order."""
    return list(Letter.objects.filter(kind__startswith="waitlist").order_by("pk").values_list("kind", flat=True))
