"""The table of an entry's attendees, drawn row by row."""

from collections.abc import Iterable
from typing import Final

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.history.reading import StudioNames
from accounts.models import Account
from bookwhen.fastpath.row_templates import RowTemplate, joined
from bookwhen.links import numbered_links
from bookwhen.when import when
from tickets.dashboard.colleagues import booked_by_studio, is_by_studio
from tickets.models import Booking, BookingState, Entry, Seat

_ATTENDEE: Final = RowTemplate("tickets/dashboard/_attendee.html")


def draw_attendees(entry: Entry, seats: Iterable[Seat], names: StudioNames, *, may_book: bool) -> SafeString:
    """The seats of an entry (with its account) as its page lists them; with links for those who may book.

    `names` know which colleague the studio was.
    """
    draw = _Table(entry, names, may_book=may_book)
    return joined(map(draw.row, seats))


class _Table:
    """What all rows have in common."""

    def __init__(self, entry: Entry, names: StudioNames, *, may_book: bool) -> None:
        of_account = {"account": entry.account.slug}
        self.account, self.names, self.may_book = entry.account, names, may_book
        self.customer = numbered_links("dashboard:customer", **of_account)
        self.booking = numbered_links("dashboard:booking", **of_account)
        self.cancel = reverse("dashboard:seats_cancel", kwargs={**of_account, "pk": entry.pk})

    def row(self, seat: Seat) -> SafeString:
        """One of them."""
        customer, booking = seat.customer, seat.booking
        is_booked = booking.state == BookingState.BOOKED
        booked_as = booking.booker_name if booking.booker_name != customer.name else ""
        texts = {
            "seat": seat.pk,
            "name": seat.attendee_name,
            "email": seat.attendee_email,
            "ticket": seat.ticket.name,
            "customer": str(customer),
            "customer_email": customer.email,
            "customer_url": self.customer(customer.pk),
            "booked_as": booked_as,
            "booked_at": when(seat.created_at, tz=self.account.zone) if is_booked else "",
            "state": _state(self.account, seat),
            "booking_url": self.booking(booking.pk),
            "cancel_url": f"{self.cancel}?seat={seat.pk}",
            "by": self._made_by(booking) if is_booked else "",
            "group": seat.use.period.offer.group.name if seat.use else "",
        }
        return _ATTENDEE.draw(
            texts,
            may_book=self.may_book,
            has_email=bool(seat.attendee_email),
            has_name=bool(customer.name),
            has_booked_as=bool(booked_as),
            is_booked=is_booked,
            has_use=seat.use is not None,
        )

    def _made_by(self, booking: Booking) -> str:
        return booked_by_studio(booking, self.names) if is_by_studio(booking) else _("by the customer")


def _state(account: Account, seat: Seat) -> str:
    """What is to be known of the booking, or of the money for it; nothing where all is well, as it mostly is."""
    if seat.booking.state != BookingState.BOOKED:
        return render_to_string("tickets/dashboard/_booking_state.html", {"account": account, "booking": seat.booking})
    if seat.amount and seat.payment and (seat.payment.is_on_way or seat.payment.never_came):
        return render_to_string("tickets/dashboard/_seat_payment.html", {"account": account, "seat": seat})
    return ""
