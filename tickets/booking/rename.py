"""Another name for somebody who attends: said by who booked, or by the studio."""

from datetime import datetime

from django.db import transaction

from offers.models import Audience
from tickets.booking.recorded import record_renamed
from tickets.models import BookingState, Seat


class NameFixedError(Exception):
    """The seat is for nobody but the member whose offer was charged for it, or it is not to be changed any more."""


def may_rename(seat: Seat, *, now: datetime | None = None) -> bool:
    """Whether the attendee of a seat (with its booking, entry, use's offer and discount) can be given another name.

    Not where an offer for personal use was charged: that attendee is the member. With `now`, as its customer, not once
    the event has begun; the studio can correct a name later too.
    """
    if seat.cancelled_at or seat.booking.state != BookingState.BOOKED or seat.entry.cancelled_at:
        return False
    if now is not None and seat.entry.starts_at <= now:
        return False
    return not is_name_fixed(seat)


def is_name_fixed(seat: Seat) -> bool:
    """Whether a seat (with its use's offer and its discount) is the member's own by an offer for personal use."""
    opened = seat.use is not None and seat.use.period.offer.audience == Audience.PERSONAL
    cheaper = seat.discount is not None and seat.discount.audience == Audience.PERSONAL
    return opened or cheaper


def rename_attendee(seat: Seat, name: str, email: str | None = None, *, now: datetime | None = None) -> bool:
    """Give the attendee of a seat another name, and with `email` another address (empty: none); whether it changed.

    `now` is given where its customer says so (`may_rename`). A seat that an offer for several people was charged for
    is no longer the member's own attendance under another name. Raises NameFixedError.
    """
    with transaction.atomic():
        held = Seat.objects.select_for_update(of=("self",), no_key=True).filter(account=seat.account_id)
        found = held.select_related("booking__customer", "entry__account", "use__period__offer", "discount").get(
            pk=seat.pk
        )
        if not may_rename(found, now=now):
            raise NameFixedError
        was = found.attendee_name
        email = found.attendee_email if email is None else email
        if (was, found.attendee_email) == (name, email):
            return False
        found.attendee_name, found.attendee_email = name, email
        if name.casefold() != found.booking.customer.name.casefold():
            found.self_attendee, found.is_for_booker = None, False
        found.save(update_fields=["attendee_name", "attendee_email", "self_attendee", "is_for_booker"])
        record_renamed(found, was)
    return True
