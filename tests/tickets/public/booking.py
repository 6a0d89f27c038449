"""Filling in the review step, and what it put into the database."""

from uuid import uuid4

from accounts.models import Customer
from offers.eligibility import Attendee
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, load_entry
from tests.worlds.river import RiverStudio
from tickets.availability.facts import ANONYMOUS, person_of_customer
from tickets.booking.book import book
from tickets.booking.request import WantedTicket
from tickets.models import Booking, EntryPlaces, Seat

ZOE = {"booker-name": "Zoë O’Neill", "booker-email": "Zoe@Example.org"}


def list_seats() -> list[tuple[str, str, str, bool]]:
    """Every seat: ticket, attendee, their address, whether it is the member's own."""
    rows = Seat.objects.order_by("pk").values_list("ticket__name", "attendee_name", "attendee_email", "self_attendee")
    return [(ticket, name, email, member is not None) for ticket, name, email, member in rows]


def book_gold(studio: RiverStudio, customer: Customer, *attendees: Attendee) -> Booking:
    """Book Gold places the direct way."""
    entry = load_entry(studio.entry)
    wanted = [WantedTicket(ticket=studio.gold.pk, name="Ada", attendee=each) for each in attendees]
    return book(entry, customer, wanted, who=person_of_customer(customer), key=uuid4(), now=NOW).booking


def leave_places(studio: RiverStudio, places: int) -> None:
    """Somebody is quicker: only so many places are left."""
    EntryPlaces.objects.update(taken=10 - places)


def book_for_stranger(studio: RiverStudio, *names: str) -> Booking:
    """A stranger's booking of ordinary tickets."""
    customer = CustomerFactory.create(account=studio.account, email="zoe@example.org", name="Zoë")
    wanted = [WantedTicket(ticket=studio.drop_in.pk, name=name) for name in names]
    return book(load_entry(studio.entry), customer, wanted, who=ANONYMOUS, key=uuid4(), now=NOW).booking


def book_for_member(studio: RiverStudio, *names: str) -> Booking:
    """A member's booking: for themselves and guests."""
    member = studio.member()
    attendees = [Attendee.SELF, *[Attendee.GUEST] * (len(names) - 1)]
    wanted = [
        WantedTicket(ticket=studio.gold.pk, name=name, attendee=each)
        for name, each in zip(names, attendees, strict=True)
    ]
    return book(load_entry(studio.entry), member, wanted, who=person_of_customer(member), key=uuid4(), now=NOW).booking
