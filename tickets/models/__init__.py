"""The tables of the tickets app."""

from tickets.models.bookings import HELD, Booking, Channel, Party, Seat, State
from tickets.models.findings import Finding, Wrong
from tickets.models.payments import Paying, Payment, Refund, RefundedSeat, Refunding, Why
from tickets.models.places import EntryPlaces, TicketPlaces
from tickets.models.releases import Release
from tickets.models.schedule import Cost, Coverage, Entry, Series, Ticket

__all__ = [
    "HELD",
    "Booking",
    "Channel",
    "Cost",
    "Coverage",
    "Entry",
    "EntryPlaces",
    "Finding",
    "Party",
    "Paying",
    "Payment",
    "Refund",
    "RefundedSeat",
    "Refunding",
    "Release",
    "Seat",
    "Series",
    "State",
    "Ticket",
    "TicketPlaces",
    "Why",
    "Wrong",
]
