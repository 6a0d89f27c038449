"""What those who wait are told, each in the transaction that it tells of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.urls import reverse

from accounts.email_queue import Envelope, absolute, post_letters, queue_letter
from accounts.models import LetterKind
from tickets.calendar import booking_invitations
from tickets.models import Entry, Seat, WaitEnd, WaitlistRequest
from tickets.waiting.phrases import TOO_LATE, skip_text, tickets_text

NO_WORD: Final = frozenset({TOO_LATE})
"""Reasons to be passed over of which they hear in another way: that booking has closed."""


def tell_joined(request: WaitlistRequest, *, now: datetime) -> None:
    """Tell somebody that they are on the list, with the link to see their place in line or to leave."""
    _queue(LetterKind.WAITLIST_JOINED, request, {"tickets": tickets_text(request)}, now=now)


def tell_offered(request: WaitlistRequest, seats: Sequence[Seat], *, now: datetime) -> None:
    """Tell somebody what is held for them, until when, and what it costs."""
    amount = sum(seat.amount for seat in seats)
    uses = sum(seat.uses_allowance for seat in seats)
    _queue(LetterKind.WAITLIST_OFFERED, request, {"amount": amount, "uses": uses}, now=now)


def tell_booked(request: WaitlistRequest, seats: Sequence[Seat], *, now: datetime) -> None:
    """Tell somebody that they were booked at once, as they asked for, with an .ics file."""
    booking = request.hold
    assert booking is not None  # noqa: S101 - it was made just now
    booking.customer, entry = request.customer, request.entry
    link = absolute(reverse("my_booking", kwargs={"booking": booking.uuid}))
    context = {"booking": booking, "seats": seats, "link": link}
    calendar = booking_invitations(booking, [entry], now=now)
    _queue(LetterKind.WAITLIST_BOOKED, request, context, calendar=calendar, now=now)


def tell_free(requests: Sequence[WaitlistRequest], entry: Entry, *, now: datetime) -> None:
    """Tell all who wait (with customer) that there is space: the first to book has it."""
    book = absolute(reverse("public:entry", kwargs={"page": entry.page.slug, "entry": entry.uuid}))
    envelopes = [Envelope(each.address, {**_known_of(each), "book": book}) for each in requests]
    template = f"tickets/letters/{LetterKind.WAITLIST_FREE}"
    post_letters(envelopes, kind=LetterKind.WAITLIST_FREE, template=template, account=entry.account, now=now)


def tell_skipped(request: WaitlistRequest, *, now: datetime) -> None:
    """Tell somebody why they could not have what came free, and that they keep their turn; once for each reason."""
    if request.skipped not in NO_WORD:
        dedupe = f"waitlist-skipped-{request.uuid}-{request.skipped}"
        context = {"reason": skip_text(request.skipped)}
        _queue(LetterKind.WAITLIST_SKIPPED, request, context, dedupe=dedupe, now=now)


def tell_lapsed(request: WaitlistRequest, *, now: datetime) -> None:
    """Tell somebody that the time to take what was offered is over, or why it is theirs no more."""
    _queue(LetterKind.WAITLIST_LAPSED, request, {"reason": skip_text(request.skipped)}, now=now)


def tell_moved(request: WaitlistRequest, before: datetime, *, now: datetime) -> None:
    """Tell somebody that what they wait for takes place at another time or place, and that they still wait."""
    _queue(LetterKind.WAITLIST_MOVED, request, {"before": before}, now=now)


def tell_ended(request: WaitlistRequest, because: WaitEnd, *, now: datetime) -> None:
    """Tell somebody why they wait no more."""
    _queue(LetterKind.WAITLIST_ENDED, request, {"because": because.value}, now=now)


def _queue(
    kind: LetterKind,
    request: WaitlistRequest,
    context: Mapping[str, object],
    *,
    calendar: str = "",
    dedupe: str | None = None,
    now: datetime,
) -> None:
    queue_letter(
        kind=kind,
        recipient=request.address,
        template=f"tickets/letters/{kind}",
        context={**_known_of(request), **context},
        account=request.entry.account,
        calendar=calendar,
        dedupe=dedupe,
        now=now,
    )


def _known_of(request: WaitlistRequest) -> dict[str, object]:
    """What every letter about waiting knows. A guest is called what they called themselves, unless they are known."""
    entry, customer = request.entry, request.customer
    known = customer.name_confirmed or customer.user_id is not None
    return {
        "waiting": request,
        "entry": entry,
        "page": entry.page,
        "zone": entry.account.zone,
        "name": customer.greeting_name if known else request.names[0],
        "link": absolute(reverse("my_waiting", kwargs={"request_": request.uuid})),
    }
