"""How often a customer came: for the studio alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from accounts.models import Customer
from bookwhen.counts import CappedCount, capped_counts
from tickets.models import Attendance, BookingState, Channel, Presence, Seat


@dataclass(frozen=True, slots=True)
class CustomerAttendance:
    """For how many spaces that a customer booked somebody came, did not come, or cancelled after the cut-off."""

    present: CappedCount
    absent: CappedCount
    late: CappedCount

    def __bool__(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.present or self.absent or self.late)


def attendance_of_customer(customer: Customer, *, now: datetime) -> CustomerAttendance:
    """How often a customer (with their account) came; one statement, which counts no further than a thousand.

    The cut-off is today’s. What was cancelled with its entry, or by the studio, is nobody’s fault.
    """
    account = customer.account
    marks = Attendance.objects.filter(account=account, seat__customer=customer)
    seats = Seat.objects.filter(account=account, customer=customer, booking__state=BookingState.BOOKED)
    in_time = F("entry__starts_at") - timedelta(minutes=account.cancellation_cutoff_minutes)
    late = seats.filter(cancelled_by=Channel.CUSTOMER, cancelled_at__gt=in_time, cancelled_at__lte=now)
    counted = capped_counts(
        customer,
        {
            "present": marks.filter(presence=Presence.PRESENT),
            "absent": marks.filter(presence=Presence.ABSENT),
            "late": late.filter(entry__cancelled_at=None),
        },
    )
    return CustomerAttendance(**counted)
