"""What the tickets app keeps of a person, as it is handed out to them."""

from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.handing_out import Clock, Said, Section, each_row
from accounts.models import Customer
from bookwhen.money import amount_of
from tickets.models import (
    Attendance,
    Booking,
    CodeRedemption,
    Dispute,
    Party,
    Payment,
    Receipt,
    Refund,
    Seat,
    StudioPayment,
    WaitlistRequest,
)


def _bookings(customer: Customer) -> QuerySet[Booking]:
    return Booking.objects.filter(account=customer.account_id, customer=customer)


def _said_of_booking(booking: Booking, clock: Clock) -> Said:
    return {
        _("Reference"): booking.reference,
        _("Made"): clock(booking.created_at),
        _("Made by"): booking.get_channel_display(),
        _("State"): booking.get_state_display(),
        _("Name given"): booking.booker_name,
        _("Email address given"): booking.booker_email,
    }


def _seats(customer: Customer) -> QuerySet[Seat]:
    """What they booked; where they are the attendee themselves by an offer, it is they who booked."""
    theirs = Seat.objects.filter(account=customer.account_id, customer=customer)
    return theirs.select_related("booking", "entry", "ticket", "attendance")


def _said_of_seat(seat: Seat, clock: Clock) -> Said:
    mark: Attendance | None = getattr(seat, "attendance", None)
    return {
        _("Reference"): seat.booking.reference,
        _("Event"): seat.entry.title,
        _("Starts"): clock(seat.entry.starts_at),
        _("Ticket"): seat.ticket.name,
        _("For"): seat.attendee_name,
        _("Their email address"): seat.attendee_email,
        _("Price"): str(amount_of(seat.amount, clock.account.currency)),
        _("Still to pay"): str(amount_of(seat.owed, clock.account.currency)) if seat.owed else "",
        _("Currency"): clock.account.currency,
        _("Booked"): clock(seat.created_at),
        _("Cancelled"): clock(seat.cancelled_at),
        _("Attendance"): mark.get_presence_display() if mark and mark.presence else "",
    }


def _payments(customer: Customer) -> QuerySet[Payment]:
    theirs = Payment.objects.filter(account=customer.account_id, booking__customer=customer)
    return theirs.select_related("booking")


def _said_of_payment(payment: Payment, clock: Clock) -> Said:
    return {
        _("Reference"): payment.booking.reference,
        _("Asked for"): clock(payment.opened_at),
        _("Paid"): clock(payment.paid_at),
        _("Amount"): str(amount_of(payment.amount, payment.currency)),
        _("Refunded"): str(amount_of(payment.refunded, payment.currency)),
        _("Currency"): payment.currency,
        _("State"): payment.get_state_display(),
        _("Stripe payment"): payment.intent,
    }


def _at_studio(customer: Customer) -> QuerySet[StudioPayment]:
    return StudioPayment.objects.filter(account=customer.account_id, customer=customer)


def _said_at_studio(payment: StudioPayment, clock: Clock) -> Said:
    return {
        _("Taken"): clock(payment.taken_at),
        _("How"): payment.get_method_display(),
        _("Amount"): str(amount_of(payment.amount, payment.currency)),
        _("Currency"): payment.currency,
        _("Note"): payment.note,
    }


def _receipts(customer: Customer) -> QuerySet[Receipt]:
    return Receipt.objects.filter(account=customer.account_id, customer=customer)


def _said_of_receipt(receipt: Receipt, clock: Clock) -> Said:
    return {
        _("Number"): str(receipt),
        _("Kind"): receipt.get_kind_display(),
        _("Issued"): clock(receipt.issued_at),
        _("Paid"): clock(receipt.paid_at),
        _("Name on it"): receipt.name,
        _("Amount"): str(amount_of(receipt.total, receipt.currency)),
        _("Currency"): receipt.currency,
    }


def _refunds(customer: Customer) -> QuerySet[Refund]:
    theirs = Refund.objects.filter(account=customer.account_id, payment__booking__customer=customer)
    return theirs.select_related("payment__booking")


def _said_of_refund(refund: Refund, clock: Clock) -> Said:
    return {
        _("Reference"): refund.payment.booking.reference,
        _("Asked for"): clock(refund.created_at),
        _("Refunded"): clock(refund.done_at),
        _("Amount"): str(amount_of(refund.amount, refund.payment.currency)),
        _("Currency"): refund.payment.currency,
        _("Because"): refund.get_reason_display(),
        _("State"): refund.get_state_display(),
    }


def _disputes(customer: Customer) -> QuerySet[Dispute]:
    theirs = Dispute.objects.filter(account=customer.account_id, payment__booking__customer=customer)
    return theirs.select_related("payment__booking")


def _said_of_dispute(dispute: Dispute, clock: Clock) -> Said:
    return {
        _("Reference"): dispute.payment.booking.reference if dispute.payment else "",
        _("Opened"): clock(dispute.opened_at),
        _("Closed"): clock(dispute.closed_at),
        _("Amount"): str(amount_of(dispute.amount, dispute.currency)),
        _("Currency"): dispute.currency,
        _("State"): dispute.get_state_display(),
    }


def _parties(customer: Customer) -> QuerySet[Party]:
    theirs = Party.objects.filter(account_id=customer.account_id, customer=customer)
    return theirs.select_related("entry")


def _said_of_party(party: Party, clock: Clock) -> Said:
    return {
        _("Event"): party.entry.title,
        _("Starts"): clock(party.entry.starts_at),
        _("People by offers"): party.seats,
    }


def _codes(customer: Customer) -> QuerySet[CodeRedemption]:
    theirs = CodeRedemption.objects.filter(account=customer.account_id, customer=customer)
    return theirs.select_related("code", "booking")


def _said_of_code(redemption: CodeRedemption, clock: Clock) -> Said:
    return {
        _("Code"): redemption.code.code,
        _("Reference"): redemption.booking.reference,
        _("Used"): clock(redemption.created_at),
        _("Given back"): clock(redemption.ended_at),
    }


def _waiting(customer: Customer) -> QuerySet[WaitlistRequest]:
    theirs = WaitlistRequest.objects.filter(account=customer.account_id, customer=customer)
    return theirs.select_related("entry", "ticket")


def _said_of_waiting(request: WaitlistRequest, clock: Clock) -> Said:
    return {
        _("Event"): request.entry.title,
        _("Starts"): clock(request.entry.starts_at),
        _("Ticket"): request.ticket.name,
        _("For"): list(request.names),
        _("Email address given"): request.email,
        _("Joined"): clock(request.joined_at),
        _("Offered"): clock(request.offered_at),
        _("State"): request.get_state_display(),
    }


SECTIONS: Final = (
    Section(gettext_lazy("Bookings"), each_row(_bookings, _said_of_booking), covers=("tickets.Booking.customer",)),
    Section(
        gettext_lazy("Spaces booked"),
        each_row(_seats, _said_of_seat),
        covers=("tickets.Seat.customer", "tickets.Seat.self_attendee"),
    ),
    Section(gettext_lazy("Payments"), each_row(_payments, _said_of_payment)),
    Section(
        gettext_lazy("Payments at the studio"),
        each_row(_at_studio, _said_at_studio),
        covers=("tickets.StudioPayment.customer",),
    ),
    Section(gettext_lazy("Receipts"), each_row(_receipts, _said_of_receipt), covers=("tickets.Receipt.customer",)),
    Section(gettext_lazy("Refunds"), each_row(_refunds, _said_of_refund)),
    Section(gettext_lazy("Disputes"), each_row(_disputes, _said_of_dispute)),
    Section(
        gettext_lazy("People brought by offers"), each_row(_parties, _said_of_party), covers=("tickets.Party.customer",)
    ),
    Section(
        gettext_lazy("Discount codes used"),
        each_row(_codes, _said_of_code),
        covers=("tickets.CodeRedemption.customer", "tickets.CodeCustomer.customer"),
    ),
    Section(
        gettext_lazy("Waiting lists"),
        each_row(_waiting, _said_of_waiting),
        covers=("tickets.WaitlistRequest.customer",),
    ),
)
