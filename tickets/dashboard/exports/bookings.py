"""Bookings as a file, a line each; and attendance, a line for each person who had a space."""

from collections.abc import Sequence
from typing import Final

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookwhen.keyset import rows_after
from bookwhen.money import amount_of
from tickets.dashboard.csv_export import Cell
from tickets.dashboard.entries.attendee_table import attendance_of
from tickets.dashboard.entries.register import cancelled_late
from tickets.dashboard.exports.kinds import Asked, Batch, DaysForm, ExportList, Place, from_time
from tickets.dashboard.exports.summaries import tickets_text
from tickets.dashboard.fetch import account_bookings
from tickets.models import Booking, BookingState, Entry, Payment, PaymentState, Seat

# --- bookings, oldest first

BOOKED: Final = ("created_at", "pk")


def _bookings(asked: Asked) -> QuerySet[Booking]:
    return account_bookings(asked.account).filter(asked.within("created_at"), state=BookingState.BOOKED)


def _head(asked: Asked) -> list[str]:
    return [
        asked.zoned(_("Booked at")),
        _("Reference"),
        _("Booked by"),
        _("Email address"),
        _("Booking made by"),
        _("Tickets"),
        _("Spaces"),
        _("Cancelled spaces"),
        _("Price"),
        _("Paid online"),
        _("Refunded"),
        _("Still to pay"),
        _("Currency"),
        _("Membership bought with it"),
    ]


def _read(asked: Asked, place: Place | None, most: int) -> Batch:
    seats = Prefetch("seats", Seat.objects.filter(account=asked.account).with_entry())
    paid = Payment.objects.filter(account=asked.account, state=PaymentState.PAID)
    found = _bookings(asked).select_related("customer", "purchase__membership")
    found = found.prefetch_related(seats, Prefetch("payments", paid))
    some = list(rows_after(found, BOOKED, from_time(place))[:most])
    after = [some[-1].created_at.isoformat(), some[-1].pk] if len(some) == most else None
    return Batch([_row(asked, each) for each in some], after, len(some))


BOOKINGS: Final = ExportList(
    name="bookings_csv",
    label=gettext_lazy("Make a file of bookings"),
    working=gettext_lazy("Writing bookings"),
    title=gettext_lazy("Bookings"),
    says=gettext_lazy("Each booking made in those days: who booked, what for, what it cost and what was paid."),
    file="bookings",
    head=_head,
    read=_read,
    found=_bookings,
    form=DaysForm,
)


def _row(asked: Asked, booking: Booking) -> list[Cell]:
    seats, paid = list(booking.seats.all()), list(booking.payments.all())
    live = [seat for seat in seats if seat.cancelled_at is None]
    # What was paid may be in the currency that the account had then.
    currency = paid[0].currency if paid else asked.account.currency
    return [
        asked.moment(booking.created_at),
        booking.reference,
        booking.booker_name or booking.customer.name,
        booking.customer.reached_at,
        booking.get_channel_display(),
        tickets_text(seats),
        str(len(live)),
        str(len(seats) - len(live)),
        amount_of(sum(seat.amount for seat in live), currency),
        amount_of(sum(each.amount for each in paid), currency),
        amount_of(sum(each.refunded for each in paid), currency),
        amount_of(sum(seat.owed for seat in live), currency),
        currency,
        booking.purchase.membership.title if booking.purchase else "",
    ]


# --- attendance: the people of one entry after another, in the order of the schedule

STARTS: Final = ("starts_at", "pk")
AT_A_TIME: Final = 100
"""Entries that are read together."""
KNOWN: Final = (
    "entry__venue",
    "ticket",
    "booking",
    "customer",
    "use__period__offer__group",
    "attendance__marked_by",
)


def _seats(asked: Asked) -> QuerySet[Seat]:
    return Seat.objects.booked().filter(asked.within("entry__starts_at"), account=asked.account)


def _head_of_attendance(asked: Asked) -> list[str]:
    return [
        asked.zoned(_("Starts")),
        _("Ends"),
        _("Entry"),
        _("Where"),
        _("Attendee"),
        _("Attendee: email address"),
        _("Ticket"),
        _("Booked by"),
        _("Booked by: email address"),
        _("Reference"),
        _("Booked at"),
        _("Use charged"),
        _("Attendance"),
        _("Marked at"),
        _("Marked by"),
        _("Cancelled at"),
        _("Cancelled late"),
        _("Price"),
        _("Currency"),
    ]


def _read_attendance(asked: Asked, place: Place | None, most: int) -> Batch:
    """A place is the last entry that is done (its start and number), and how far the next one is (a seat)."""
    done, seat = (place[:-1], place[-1]) if place else ([], 0)
    entries = Entry.objects.filter(asked.within("starts_at"), account=asked.account).only("starts_at")
    next_ones = list(rows_after(entries, STARTS, from_time(done) or None)[:AT_A_TIME])
    if not next_ones:
        return Batch((), None, 0)
    theirs = Seat.objects.booked().filter(account=asked.account, entry__in=[each.pk for each in next_ones])
    theirs = theirs.exclude(Q(entry=next_ones[0].pk, pk__lte=seat)).select_related(*KNOWN)
    seats = list(theirs.order_by("entry__starts_at", "entry_id", "pk")[:most])
    if len(seats) == most:
        before = [each for each in next_ones if each.pk != seats[-1].entry_id and _is_before(each, seats[-1].entry)]
        after: Place | None = [*(_place(before[-1]) if before else done), seats[-1].pk]
    else:
        after = [*_place(next_ones[-1]), 0] if len(next_ones) == AT_A_TIME else None
    return Batch([_attendance_row(asked, each) for each in seats], after, len(seats))


def _is_before(entry: Entry, other: Entry) -> bool:
    return (entry.starts_at, entry.pk) < (other.starts_at, other.pk)


def _place(entry: Entry) -> Place:
    return [entry.starts_at.isoformat(), entry.pk]


ATTENDANCE: Final = ExportList(
    name="attendance_csv",
    label=gettext_lazy("Make a file of attendance"),
    working=gettext_lazy("Writing attendance"),
    title=gettext_lazy("Attendance"),
    says=gettext_lazy("Everyone booked for entries in those days, who came, who didn’t, and who cancelled late."),
    file="attendance",
    head=_head_of_attendance,
    read=_read_attendance,
    found=_seats,
    form=DaysForm,
)


def _attendance_row(asked: Asked, seat: Seat) -> Sequence[Cell]:
    entry, mark = seat.entry, attendance_of(seat)
    entry.account = asked.account
    marked = mark if mark and mark.presence else None
    by = marked.marked_by if marked else None
    is_late = seat.cancelled_at is not None and entry.cancelled_at is None and cancelled_late(entry, seat)
    return [
        asked.moment(entry.starts_at),
        asked.moment(entry.ends_at),
        entry.title,
        entry.venue.name if entry.venue else entry.location,
        seat.attendee_name,
        seat.attendee_email,
        seat.ticket.name,
        seat.booking.booker_name or seat.customer.name,
        seat.customer.reached_at,
        seat.booking.reference,
        asked.moment(seat.created_at),
        seat.use.period.offer.group.name if seat.use else "",
        str(marked.get_presence_display()) if marked else "",
        asked.moment(marked.marked_at) if marked else "",
        (by.name or by.email) if by else "",
        asked.moment(seat.cancelled_at),
        _("yes") if is_late else "",
        amount_of(seat.amount, asked.account.currency),
        asked.account.currency,
    ]
