"""The tables of the tickets app."""

from tickets.models.bookings import HELD_STATES, Booking, BookingState, Channel, Party, Seat
from tickets.models.findings import Finding, FindingKind
from tickets.models.payments import Payment, PaymentState, Refund, RefundedSeat, RefundReason, RefundState
from tickets.models.places import EntryPlaces, TicketPlaces
from tickets.models.releases import Release
from tickets.models.schedule import Coverage, Entry, Series, Ticket, TicketCost

__all__ = [
    "HELD_STATES",
    "Booking",
    "BookingState",
    "Channel",
    "Coverage",
    "Entry",
    "EntryPlaces",
    "Finding",
    "FindingKind",
    "Party",
    "Payment",
    "PaymentState",
    "Refund",
    "RefundReason",
    "RefundState",
    "RefundedSeat",
    "Release",
    "Seat",
    "Series",
    "Ticket",
    "TicketCost",
    "TicketPlaces",
]
