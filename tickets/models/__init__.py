"""The tables of the tickets app."""

from tickets.models.bookings import (
    HELD_STATES,
    Booking,
    BookingQuerySet,
    BookingState,
    Channel,
    Party,
    Seat,
    SeatQuerySet,
)
from tickets.models.disputes import UNDECIDED, Dispute, DisputeQuerySet, DisputeState, InvoiceRefund
from tickets.models.findings import Finding, FindingKind
from tickets.models.moves import MoveNotice
from tickets.models.payments import (
    Payment,
    PaymentQuerySet,
    PaymentState,
    Refund,
    RefundedSeat,
    RefundReason,
    RefundState,
)
from tickets.models.places import EntryPlaces, TicketPlaces
from tickets.models.releases import Release
from tickets.models.schedule import Coverage, Entry, EntryQuerySet, Series, Ticket, TicketCost
from tickets.models.waiting import OPEN_STATES, WaitEnd, WaitlistRequest, WaitState

__all__ = [
    "HELD_STATES",
    "OPEN_STATES",
    "UNDECIDED",
    "Booking",
    "BookingQuerySet",
    "BookingState",
    "Channel",
    "Coverage",
    "Dispute",
    "DisputeQuerySet",
    "DisputeState",
    "Entry",
    "EntryPlaces",
    "EntryQuerySet",
    "Finding",
    "FindingKind",
    "InvoiceRefund",
    "MoveNotice",
    "Party",
    "Payment",
    "PaymentQuerySet",
    "PaymentState",
    "Refund",
    "RefundReason",
    "RefundState",
    "RefundedSeat",
    "Release",
    "Seat",
    "SeatQuerySet",
    "Series",
    "Ticket",
    "TicketCost",
    "TicketPlaces",
    "WaitEnd",
    "WaitState",
    "WaitlistRequest",
]
