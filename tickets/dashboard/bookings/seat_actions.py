"""What can be done with an attendee, for the row that lists them (`_attendee_actions.html`)."""

from datetime import datetime
from urllib.parse import quote

from django.urls import reverse

from bookwhen.links import numbered_links
from tickets.booking.move_terms import find_obstacle
from tickets.models import BookingState, Entry, Seat


class SeatActions:
    """The actions on the rows of one entry (with its account) at an aware instant.

    `{**actions.texts(seat)}` and `{**actions.shape(seat)}` are put beside what a row is drawn with, which also says the
    `seat` (its id) and the attendee’s `name`; only for those who may book. The seats come with booking, customer and
    attendance: no row takes a statement.
    """

    def __init__(self, entry: Entry, *, now: datetime) -> None:
        of_account = {"account": entry.account.slug}
        self.entry, self.now = entry, now
        self._move = numbered_links("dashboard:seat_move", **of_account)
        self._name = numbered_links("dashboard:seat_name", **of_account)
        self._booking = numbered_links("dashboard:booking", **of_account)
        self._check = reverse("dashboard:check_access", kwargs=of_account)
        self._cancel = reverse("dashboard:seats_cancel", kwargs={**of_account, "pk": entry.pk})

    def texts(self, seat: Seat) -> dict[str, str]:
        """What the menu says and does not decide by."""
        return {
            "move_url": self._move(seat.pk),
            "rename_url": self._name(seat.pk),
            "booking_url": self._booking(seat.booking_id),
            "check_url": f"{self._check}?customer={seat.customer_id}&at={self.entry.pk}-{seat.ticket_id}",
            "cancel_url": f"{self._cancel}?seat={seat.pk}",
            "mail": quote(address_of(seat), safe="@"),
        }

    def shape(self, seat: Seat) -> dict[str, bool]:
        """What it decides by."""
        seat.entry = self.entry
        return {
            "may_move": find_obstacle(seat, None, now=self.now) is None,
            # Where it is fixed its page says why.
            "may_rename": seat.cancelled_at is None and seat.booking.state == BookingState.BOOKED,
            "has_mail": bool(address_of(seat)),
            "may_cancel": seat.cancelled_at is None,
        }


def address_of(seat: Seat) -> str:
    """Where an attendee reads emails; empty for a walk-in, whose customer is the studio itself."""
    return seat.attendee_email or ("" if seat.booking.is_walk_in else seat.customer.reached_at)
