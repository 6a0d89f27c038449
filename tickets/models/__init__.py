"""The tables of the tickets app."""

from tickets.models.bookings import Booking, Channel, Party, Seat
from tickets.models.findings import Finding, Wrong
from tickets.models.places import EntryPlaces, TicketPlaces
from tickets.models.releases import Release
from tickets.models.schedule import Coverage, Entry, Series, Ticket

__all__ = [
    "Booking",
    "Channel",
    "Coverage",
    "Entry",
    "EntryPlaces",
    "Finding",
    "Party",
    "Release",
    "Seat",
    "Series",
    "Ticket",
    "TicketPlaces",
    "Wrong",
]
