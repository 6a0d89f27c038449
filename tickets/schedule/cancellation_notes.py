"""What the studio says when it cancels an entry: a reason for its team, a message for everyone who had booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accounts.email_text import LetterText
from accounts.email_writing import render_letter
from accounts.models import LetterKind
from tickets.booking.cancel import WHOLE, refund_share
from tickets.booking.dates_notices import TEMPLATE, dates_context
from tickets.booking.notices import CancelledSeat, cancelled_context
from tickets.models import Entry, EntryCancellation, Seat


@dataclass(frozen=True, slots=True)
class CancellationNote:
    """What was said; both may be empty."""

    reason: str = ""
    message: str = ""


NO_NOTE: Final = CancellationNote()


def keep_note(entry: Entry, note: CancellationNote, *, now: datetime) -> None:
    """Keep what was said of an entry that is being cancelled, in the transaction that cancels it."""
    if note != NO_NOTE:
        EntryCancellation.objects.create(
            account_id=entry.account_id, entry_id=entry.pk, reason=note.reason, message=note.message, created_at=now
        )


def preview_dates_letter(entries: Sequence[Entry], message: str, *, now: datetime) -> LetterText | None:
    """The letter that one of those who booked some entries of an account would read; None where nobody did."""
    booked = Seat.objects.live().booked().filter(account=entries[0].account_id, entry__in=entries)
    first = booked.order_by("pk").first()
    if first is None:
        return None
    theirs = booked.filter(customer=first.customer_id).for_letters().order_by("pk")
    lines = [
        CancelledSeat(seat=each, refunded=refund_share(each, WHOLE) if each.payment_id else 0, returned=True)
        for each in theirs.select_related("booking__customer", "use__period", "discount_use__period")
    ]
    for line in lines:
        line.seat.entry.cancelled_at = now
    account = lines[0].seat.entry.account
    context = {"account": account, **dates_context(lines, message)}
    wording = account.wordings.get(LetterKind.CANCELLED_DATES)
    return render_letter(TEMPLATE, context, language=account.language, wording=wording)


def preview_letter(entry: Entry, message: str, *, now: datetime) -> LetterText | None:
    """The letter that one of those who booked an entry (with its account) would read; None where nobody did."""
    seats = entry.seats.live().booked().filter(account=entry.account_id).for_letters()
    first = seats.select_related("booking__customer", "use__period", "discount_use__period").order_by("pk").first()
    if first is None:
        return None
    theirs = [seat for seat in seats.select_related("discount_use__period") if seat.booking_id == first.booking_id]
    first.entry.cancelled_at = now
    lines = [
        CancelledSeat(seat=each, refunded=refund_share(each, WHOLE) if each.payment_id else 0, returned=True)
        for each in theirs
    ]
    context = cancelled_context(first.booking, first.entry, lines, [], by_studio=True, message=message, now=now)
    account = first.entry.account
    known, wording = {"account": account, **context}, account.wordings.get(LetterKind.CANCELLED)
    return render_letter("tickets/letters/cancelled", known, language=account.language, wording=wording)
