"""The letter about a seat that the studio has moved to another entry."""

from datetime import datetime

from django.urls import reverse

from accounts.email_queue import absolute, queue_letter
from accounts.models import LetterKind
from tickets.booking.cancel import refund_percent, refund_share, returns_uses
from tickets.calendar import booking_cancellations, booking_invitations
from tickets.models import Entry, Seat
from tickets.queries import free_again_until


def notify_seat_moved(seat: Seat, before: Entry, *, now: datetime) -> None:
    """Tell a customer that the studio has moved a seat of theirs (as for letters, with its booking) from an entry.

    With .ics files: one takes the date before (an entry with account and places) out of their calendar, if it is not
    over and nothing else of the booking is left there; another puts in the new one.
    """
    booking, entry, account = seat.booking, seat.entry, seat.entry.account
    cutoff = free_again_until(entry, account)
    left = Seat.objects.live().filter(account=account, booking=booking, entry=before).exclude(pk=seat.pk)
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
            "seat": seat,
            "before": before,
            "owed": max(seat.owed, 0),
            "credit": max(-seat.owed, 0),
            "paid": seat.amount if seat.payment_id else 0,
            "back": refund_share(seat, refund_percent(account, entry, now=now)) if seat.payment_id else 0,
            "uses": 1 if seat.use_id else 0,
            "returns": returns_uses(entry, now=now),
            "cutoff": cutoff if now <= cutoff else None,
        },
        account=account,
        calendar=booking_cancellations(booking, gone, now=now) + booking_invitations(booking, [entry], now=now),
        now=now,
    )
