"""The letter about seats that the studio has moved to another entry."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from accounts.email_queue import absolute, queue_letter
from accounts.models import LetterKind
from tickets.booking.cancel import refund_percent, refund_share, returns_uses
from tickets.calendar import booking_cancellations, booking_invitations
from tickets.models import Entry, Seat
from tickets.queries import free_again_until


def notify_seats_moved(seats: Sequence[Seat], before: Entry, *, now: datetime) -> None:
    """Tell a customer that the studio has moved seats of a booking (as for letters, with it) from one entry to another.

    With .ics files: one takes the date before (an entry with account and places) out of their calendar, if it is not
    over and nothing else of the booking is left there; another puts in the new one.
    """
    booking, entry, account = seats[0].booking, seats[0].entry, seats[0].entry.account
    cutoff, percent = free_again_until(entry, account), refund_percent(account, entry, now=now)
    paid, owed = [seat for seat in seats if seat.payment_id], sum(seat.owed for seat in seats)
    left = (
        Seat.objects.live()
        .filter(account=account, booking=booking, entry=before)
        .exclude(pk__in=[seat.pk for seat in seats])
    )
    gone = [before] if before.ends_at > now and not left.exists() else []
    queue_letter(
        kind=LetterKind.SEAT_MOVED,
        recipient=booking.address,
        template="tickets/letters/seat_moved",
        context={
            "booking": booking,
            "zone": account.zone,
            "link": absolute(reverse("my_booking", kwargs={"booking": booking.uuid})),
            "entry": entry,
            "page": entry.page,
            "seats": seats,
            "before": before,
            "owed": max(owed, 0),
            "credit": max(-owed, 0),
            "paid": sum(seat.amount for seat in paid),
            "back": sum(refund_share(seat, percent) for seat in paid),
            "uses": sum(seat.uses_allowance for seat in seats),
            "returns": returns_uses(entry, now=now),
            "cutoff": cutoff if now <= cutoff else None,
        },
        account=account,
        calendar=booking_cancellations(booking, gone, now=now) + booking_invitations(booking, [entry], now=now),
        now=now,
    )
