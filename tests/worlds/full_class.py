"""Classes with any number of bookings, each of a customer of its own, made in a few statements."""

from uuid import uuid4

from accounts.models import Customer
from tests.factories.schedule import NOW
from tickets.models import Booking, BookingState, Channel, Entry, EntryPlaces, Seat, Ticket, TicketPlaces


def fill_class(entry: Entry, ticket: Ticket, bookings: int) -> list[Booking]:
    """Let so many new customers have a booking with a space at an entry: in the order of their names."""
    account = entry.account_id
    first = Customer.objects.count()
    customers = Customer.objects.bulk_create(
        Customer(account_id=account, email=f"c{first + each}@example.com", name=f"Customer {first + each:05}")
        for each in range(bookings)
    )
    made = Booking.objects.bulk_create(
        Booking(
            account_id=account,
            page_id=entry.page_id,
            customer=customer,
            key=uuid4(),
            channel=Channel.STUDIO,
            state=BookingState.BOOKED,
            created_at=NOW,
        )
        for customer in customers
    )
    Seat.objects.bulk_create(
        Seat(
            account_id=account,
            booking=booking,
            entry=entry,
            ticket=ticket,
            customer=booking.customer,
            attendee_name=booking.customer.name,
            created_at=NOW,
        )
        for booking in made
    )
    TicketPlaces.objects.create(account_id=account, entry=entry, ticket=ticket, taken=bookings)
    EntryPlaces.objects.filter(pk=entry.pk).update(capacity=10 * bookings, taken=bookings)
    return made
