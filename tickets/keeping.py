"""Signs of customers by what they booked, paid and waited for; and places on waiting lists, kept for a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.keeping.kinds import Kept, in_batches
from accounts.keeping.seen import SeenPart, Sign
from tickets.models import Booking, Dispute, Payment, PaymentState, Refund, Seat, StudioPayment, WaitlistRequest


def _signs(before: datetime) -> Sequence[Sign]:
    return *_booked(before), *_paid(before), Exists(_waited(before))


def _booked(before: datetime) -> Sequence[Sign]:
    bookings = Booking.objects.filter(customer=OuterRef("pk"), created_at__gte=before)
    seats = Seat.objects.filter(customer=OuterRef("pk"))
    there = seats.filter(entry__ends_at__gte=before)
    owing = seats.booked().exclude(owed=0)
    came = Seat.objects.filter(self_attendee=OuterRef("pk"), entry__ends_at__gte=before)
    return Exists(bookings), Exists(there), Exists(owing), Exists(came)


def _paid(before: datetime) -> Sequence[Sign]:
    payments = Payment.objects.filter(booking__customer=OuterRef("pk"))
    lately = Q(state=PaymentState.OPEN) | Q(opened_at__gte=before) | Q(paid_at__gte=before) | Q(failed_at__gte=before)
    refunds = Refund.objects.filter(payment__booking__customer=OuterRef("pk"))
    refunded = refunds.filter(Q(created_at__gte=before) | Q(done_at=None))
    disputes = Dispute.objects.filter(Q(opened_at__gte=before) | Q(closed_at=None) | Q(closed_at__gte=before))
    disputed = disputes.filter(payment__booking__customer=OuterRef("pk"))
    invoiced = disputes.filter(invoice__subscription__customer=OuterRef("pk"))
    at_studio = StudioPayment.objects.filter(customer=OuterRef("pk"))
    return (
        Exists(at_studio.filter(Q(taken_at__gte=before) | Q(created_at__gte=before))),
        Exists(payments.filter(lately)),
        Exists(payments.owed()),
        Exists(refunded),
        Exists(disputed),
        Exists(invoiced),
    )


def _waited(before: datetime) -> QuerySet[WaitlistRequest]:
    lately = Q(ended_at=None) | Q(joined_at__gte=before) | Q(ended_at__gte=before)
    return WaitlistRequest.objects.filter(lately, customer=OuterRef("pk"))


def _over(account: int) -> QuerySet[WaitlistRequest, Any]:
    over = WaitlistRequest.objects.filter(account=account, ended_at__isnull=False)
    return over.annotate(aged_at=F("ended_at"))


SEEN_BOOKINGS: Final = SeenPart(
    signs=_signs,
    covers=frozenset(
        {
            "tickets.Booking.customer",
            "tickets.Seat.customer",
            "tickets.Seat.self_attendee",
            "tickets.StudioPayment.customer",
            "tickets.WaitlistRequest.customer",
        }
    ),
    # A party is of seats, a finding of what is wrong in the books, and the ledger and receipts tell of payments.
    ignores=frozenset(
        {
            "tickets.Party.customer",
            "tickets.Finding.customer",
            "tickets.LedgerLine.customer",
            "tickets.CodeCustomer.customer",
            "tickets.CodeRedemption.customer",
            "tickets.Receipt.customer",
        }
    ),
)
WAITING: Final = Kept(
    column="waiting_days",
    label=_("Waiting lists"),
    help=_("Who waited for a space, once they’ve been booked, have left or the event is over."),
    count=lambda number: ngettext("%(count)s place on a waiting list", "%(count)s places on waiting lists", number),
    offered=(90, 180, 365, 730),
    longest=lambda: None,
    rows=_over,
    by="ended_at",
    forget=in_batches(),
)
