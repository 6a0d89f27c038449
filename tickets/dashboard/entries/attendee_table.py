"""The lines of a register, drawn one by one: who it is, what is to be known of them, and whether they are here."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import Account
from bookwhen.fastpath.row_templates import RowTemplate, joined
from bookwhen.links import numbered_links
from bookwhen.money import money
from bookwhen.when import Days
from tickets.booking.attendance import may_mark
from tickets.dashboard.bookings.seat_actions import SeatActions, address_of
from tickets.dashboard.entries.register import ListedSeat, cancelled_late
from tickets.dashboard.owed import owed_text
from tickets.models import Attendance, BookingState, Entry, Presence, Seat

_ATTENDEE: Final = RowTemplate("tickets/dashboard/_attendee.html")


class RegisterLines:
    """What all lines of the register of an entry (with its account) have in common; with links for who may book."""

    def __init__(self, entry: Entry, *, may_book: bool, now: datetime) -> None:
        of_account = {"account": entry.account.slug}
        self.entry, self.account, self.may_book = entry, entry.account, may_book
        self.may_mark = may_mark(entry, now=now)
        self.days, self.today = Days(entry.account.zone), now
        self.customer = numbered_links("dashboard:customer", **of_account)
        self.take = numbered_links("dashboard:seat_take", **of_account)
        self.actions = SeatActions(entry, now=now)

    def draw(self, seats: Iterable[ListedSeat]) -> SafeString:
        """The lines of these seats."""
        return joined(map(self.line, seats))

    def line(self, seat: Seat) -> SafeString:
        """One of them."""
        mark, is_live = attendance_of(seat), seat.cancelled_at is None
        is_booked = seat.booking.state == BookingState.BOOKED
        notes, presence = " · ".join(notes_of(seat, self.account)), mark.presence if mark else ""
        texts = {
            "seat": seat.pk,
            "name": seat.attendee_name,
            "email": address_of(seat),
            "notes": notes,
            "said": self.said(mark) if mark and presence else "",
            "state": _state(self.account, seat),
            "gone": self._gone(seat),
            "revision": mark.revision if mark else 0,
            "customer_url": self.customer(seat.customer_id),
            "take_url": self.take(seat.pk),
            "owed": money(seat.owed, self.account.currency, self.account.locale) if seat.owed > 0 else "",
            **self.actions.texts(seat),
        }
        return _ATTENDEE.draw(
            texts,
            **self.actions.shape(seat),
            presence=presence,
            may_book=self.may_book,
            may_take=self.may_book and seat.owed > 0 and is_booked,
            may_mark=self.may_mark and is_live and is_booked,
            is_live=is_live,
            is_over=self.entry.cancelled_at is not None,
        )

    def said(self, mark: Attendance) -> str:
        """Who said so, and when: the hour alone, where that was today."""
        words = _("%(presence)s %(time)s by %(name)s") if mark.marked_by else _("%(presence)s %(time)s")
        told = {"presence": Presence(mark.presence).label, "time": self.moment(mark.marked_at), "name": _name(mark)}
        return words % told

    def moment(self, at: datetime) -> str:
        """An instant: the hour alone, where that is today."""
        if self.days.local(at) == self.days.local(self.today):
            return f"{at.astimezone(self.account.zone):%H:%M}"
        return self.days.minute(at)

    def _gone(self, seat: Seat) -> str:
        if seat.cancelled_at is None:
            return ""
        late = self.entry.cancelled_at is None and cancelled_late(self.entry, seat)
        words = _("Cancelled late, %(time)s") if late else _("Cancelled %(time)s")
        return words % {"time": self.moment(seat.cancelled_at)}


def attendance_of(seat: Seat) -> Attendance | None:
    """What is said of a seat that was read with it."""
    return getattr(seat, "attendance", None)


def notes_of(seat: Seat, account: Account) -> list[str]:
    """What is to be known of somebody on a register, beside their name: nothing that goes without saying."""
    booking, notes = seat.booking, [seat.ticket.name]
    if seat.use:
        notes.append(seat.use.period.offer.group.name)
    if booking.is_walk_in:
        notes.append(_("Walk-in"))
    elif seat.attendee_name != seat.customer.name and not seat.is_for_booker and not seat.self_attendee_id:
        notes.append(_("guest of %(name)s") % {"name": seat.customer})
    mark = attendance_of(seat)
    if mark and mark.returned_use:
        notes.append(_("use returned"))
    if seat.owed:
        notes.append(owed_text(seat.owed, account))
    return notes


def _name(mark: Attendance) -> str:
    return (mark.marked_by.name or mark.marked_by.email) if mark.marked_by else ""


def _state(account: Account, seat: Seat) -> str:
    """What is to be known of the booking, or of the money for it; nothing where all is well, as it mostly is."""
    if seat.cancelled_at:
        return ""
    if seat.booking.state != BookingState.BOOKED:
        return render_to_string("tickets/dashboard/_booking_state.html", {"account": account, "booking": seat.booking})
    if seat.amount and seat.payment and (seat.payment.is_on_way or seat.payment.never_came):
        return render_to_string("tickets/dashboard/_seat_payment.html", {"account": account, "seat": seat})
    return ""
