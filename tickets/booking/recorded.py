"""What the history tells of bookings that a team member made or cancelled."""

from collections.abc import Iterable, Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.customers import about_customer
from accounts.history.recording import NOTHING, About, Change, count, is_recorded, record
from accounts.models import Account, Deed, Thing
from bookwhen.money import money
from tickets.models import Booking, Entry, Seat, Ticket


def record_booked(booking: Booking, entry: Entry, seats: Sequence[Seat]) -> None:
    """Tell of a booking (with its customer) that the studio made, at an entry (with its account)."""
    if is_recorded():
        record(
            Deed.BOOKING_MADE,
            About(Thing.BOOKING, booking.pk, booking.is_for),
            account=entry.account,
            also=[about_customer(booking.customer), about_entry(entry)],
            changes=[count(_("Spaces"), len(seats))] if len(seats) > 1 else [],
            beside=entry.title,
        )


def record_cancelled(seats: Sequence[Seat], refunded: int) -> None:
    """Tell of all seats (as for letters) that were cancelled at once, in one line: it names the first booking of them.

    `refunded` is what goes back for all of them, in minor units.
    """
    if not seats or not is_recorded():
        return
    first, account = seats[0], seats[0].entry.account
    name, others = first.booking.is_for, len({seat.booking_id for seat in seats}) - 1
    words = ngettext("%(name)s and %(count)d other", "%(name)s and %(count)d others", others)
    label = words % {"name": name, "count": others} if others else name
    record(
        Deed.SPACES_CANCELLED,
        About(Thing.BOOKING, first.booking_id, label),
        account=account,
        also=[*about_bookings(seats), *(about_entry(seat.entry) for seat in seats)],
        changes=[
            count(_("Spaces"), len(seats)),
            Change(_("Refunded"), "", money(refunded, account.currency, account.locale) if refunded else ""),
        ],
        beside=first.entry.title,
    )


def record_moved(seats: Sequence[Seat], before: Entry, left: Iterable[Ticket], owed_before: int) -> None:
    """Tell of seats of a booking (as for letters, with it and its customer) that the studio moved from another entry.

    `left` are the tickets that they had there.
    """
    if not is_recorded():
        return
    seat = seats[0]
    customer, account = seat.booking.customer, seat.entry.account
    then, now_is = about_entry(before), about_entry(seat.entry)
    amounts = [_owed_text(amount, account) for amount in (owed_before, sum(each.owed for each in seats))]
    record(
        Deed.SPACE_MOVED,
        About(Thing.BOOKING, seat.booking_id, seat.booking.is_for),
        account=account,
        also=[about_customer(customer), then, now_is],
        changes=[
            Change(_("Attendee"), "", ", ".join(each.attendee_name for each in seats)),
            Change(_("Entry"), then.label, now_is.label),
            Change(_("Ticket"), _names(left), _names(each.ticket for each in seats)),
            Change(_("To pay at the studio"), *amounts),
        ],
        beside=seat.entry.title,
    )


def record_renamed(seat: Seat, was: str) -> None:
    """Tell that the studio gave an attendee (a seat with its booking, customer and entry) another name."""
    if is_recorded():
        customer = seat.booking.customer
        record(
            Deed.ATTENDEE_RENAMED,
            About(Thing.BOOKING, seat.booking_id, seat.booking.is_for),
            account=seat.entry.account,
            also=[about_customer(customer), about_entry(seat.entry)],
            changes=[Change(_("Name"), was, seat.attendee_name)],
            beside=seat.entry.title,
        )


def record_settled(booking: Booking, owed: int) -> None:
    """Tell that what a booking (with its account and customer) owed the studio, or had to its credit, is waived."""
    if is_recorded():
        record(
            Deed.OWED_WAIVED,
            About(Thing.BOOKING, booking.pk, booking.is_for),
            account=booking.account,
            also=[about_customer(booking.customer)],
            changes=[Change(_("To pay at the studio"), _owed_text(owed, booking.account), NOTHING)],
        )


def _names(tickets: Iterable[Ticket]) -> str:
    return ", ".join(dict.fromkeys(ticket.name for ticket in tickets))


def _owed_text(amount: int, account: Account) -> str:
    if not amount:
        return NOTHING
    words = money(abs(amount), account.currency, account.locale)
    return words if amount > 0 else _("%(amount)s credit") % {"amount": words}


def about_bookings(seats: Iterable[Seat]) -> list[About]:
    """The bookings that seats (each with its booking and customer) are of, and these customers."""
    bookings = list({seat.booking_id: seat.booking for seat in seats}.values())
    named = [About(Thing.BOOKING, booking.pk, booking.is_for) for booking in bookings]
    return named + [about_customer(booking.customer) for booking in bookings]


def about_entry(entry: Entry) -> About:
    """An entry (with its account) as the history names it: with its date, since there may be one every week."""
    starts = entry.starts_at.astimezone(entry.account.zone)
    return About(Thing.ENTRY, entry.pk, f"{entry.title}, {date_format(starts, 'j F Y, H:i')}")
