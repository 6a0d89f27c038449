"""What a customer has of a booking's receipts: those with numbers, and what was paid before there were any."""

from collections.abc import Sequence
from dataclasses import dataclass

from tickets.annotated import PaymentWithRefunds
from tickets.models import Booking, Seat
from tickets.money.receipts.documents import Document, are_receipts_due, load_documents, receipts_of_booking
from tickets.public.booking.booking_view import paid_seats, payments_of


@dataclass(frozen=True, slots=True)
class BookingReceipts:
    """The numbered `documents`; whether more `are_due`; and the `payments` that have none, with what they were for."""

    documents: Sequence[Document]
    are_due: bool
    payments: Sequence[PaymentWithRefunds]
    lines: Sequence[Seat]

    def __bool__(self) -> bool:
        return bool(self.documents or self.are_due or self.payments)

    @property
    def price(self) -> int:
        """What the tickets of those payments cost without discounts, in minor units."""
        return sum(seat.price for seat in self.lines)

    @property
    def saved(self) -> int:
        """What discounts took off."""
        return sum(seat.price - seat.amount for seat in self.lines)

    @property
    def paid(self) -> int:
        """What was paid."""
        return sum(payment.amount for payment in self.payments)

    @property
    def refunded(self) -> int:
        """What was given back of it."""
        return sum(payment.refunded for payment in self.payments)

    @property
    def left(self) -> int:
        """What is left of it. Of a dispute a receipt knows nothing: it says what was paid, and what we gave back."""
        return self.paid - self.refunded


def receipts_for_customer(booking: Booking) -> BookingReceipts:
    """All receipts of a booking (with its page and the page’s account). A fixed number of statements."""
    payments = payments_of(booking)
    documents = load_documents(receipts_of_booking(booking), booking.page.account.zone)
    are_due = are_receipts_due(booking)
    numbered = {each.receipt.payment_id for each in documents if not each.receipt.is_credit_note}
    rest = [] if are_due else [each for each in payments if each.pk not in numbered]
    return BookingReceipts(documents, are_due, rest, paid_seats(rest) if rest else [])
