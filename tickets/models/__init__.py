"""The tables of the tickets app."""

from tickets.models.attendance import Attendance, Presence
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
from tickets.models.cancellations import REASON_LENGTH, EntryCancellation
from tickets.models.codes import (
    CODE_LENGTH,
    CODE_NOTE_LENGTH,
    CodeCoverage,
    CodeCustomer,
    CodeRedemption,
    CodeUses,
    DiscountCode,
    end_redemptions,
    fold_code,
)
from tickets.models.disputes import UNDECIDED, Dispute, DisputeQuerySet, DisputeState, InvoiceRefund
from tickets.models.findings import Finding, FindingKind
from tickets.models.imported import ImportedSeat
from tickets.models.ledger import LedgerKind, LedgerLine, LedgerMethod
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
from tickets.models.payouts import Payout, PayoutLine, PayoutLineKind, PayoutState
from tickets.models.people_and_places import EntryLeader, EntryTag, Leader, Location, Picture, Tag
from tickets.models.places import EntryPlaces, TicketPlaces
from tickets.models.receipts import (
    Receipt,
    ReceiptCounter,
    ReceiptDue,
    ReceiptKind,
    ReceiptLine,
    ReceiptQuerySet,
)
from tickets.models.releases import Release
from tickets.models.reminders import EntryReminder
from tickets.models.repeating import EntryOverride, SeriesDate
from tickets.models.schedule import Coverage, Entry, EntryQuerySet, Series, Ticket, TicketCost
from tickets.models.studio_payments import NOTE_LENGTH, MoneyMethod, StudioPayment, StudioPaymentLine
from tickets.models.vat import ReceiptSettings, VatRate
from tickets.models.waiting import OPEN_STATES, WaitEnd, WaitlistAlternative, WaitlistRequest, WaitState

__all__ = [
    "CODE_LENGTH",
    "CODE_NOTE_LENGTH",
    "HELD_STATES",
    "NOTE_LENGTH",
    "OPEN_STATES",
    "REASON_LENGTH",
    "UNDECIDED",
    "Attendance",
    "Booking",
    "BookingQuerySet",
    "BookingState",
    "Channel",
    "CodeCoverage",
    "CodeCustomer",
    "CodeRedemption",
    "CodeUses",
    "Coverage",
    "DiscountCode",
    "Dispute",
    "DisputeQuerySet",
    "DisputeState",
    "Entry",
    "EntryCancellation",
    "EntryLeader",
    "EntryOverride",
    "EntryPlaces",
    "EntryQuerySet",
    "EntryReminder",
    "EntryTag",
    "Finding",
    "FindingKind",
    "ImportedSeat",
    "InvoiceRefund",
    "Leader",
    "LedgerKind",
    "LedgerLine",
    "LedgerMethod",
    "Location",
    "MoneyMethod",
    "MoveNotice",
    "Party",
    "Payment",
    "PaymentQuerySet",
    "PaymentState",
    "Payout",
    "PayoutLine",
    "PayoutLineKind",
    "PayoutState",
    "Picture",
    "Presence",
    "Receipt",
    "ReceiptCounter",
    "ReceiptDue",
    "ReceiptKind",
    "ReceiptLine",
    "ReceiptQuerySet",
    "ReceiptSettings",
    "Refund",
    "RefundReason",
    "RefundState",
    "RefundedSeat",
    "Release",
    "Seat",
    "SeatQuerySet",
    "Series",
    "SeriesDate",
    "StudioPayment",
    "StudioPaymentLine",
    "Tag",
    "Ticket",
    "TicketCost",
    "TicketPlaces",
    "VatRate",
    "WaitEnd",
    "WaitState",
    "WaitlistAlternative",
    "WaitlistRequest",
    "end_redemptions",
    "fold_code",
]
