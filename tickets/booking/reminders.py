"""Reminding those who booked: once for each address and start, so many hours before, as the page says.

It is decided when that time has come, by the entry as it is then: one that was moved is reminded of by its new time.
Who booked later than that has a fresh confirmation. What a late task finds is sent after all, until the start; so
is what waits while no mail server takes it. Each is written once more as it goes out: it tells what is so then; where
its entry was moved or cancelled, or its spaces were, it doesn’t go (docs/decisions/0085).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from django.db import connection, transaction
from django.urls import reverse

from accounts.email_queue import Envelope, absolute, queue_letters
from accounts.email_writing import Facts, OverError, Words
from accounts.models import Letter, LetterKind
from accounts.reminders import stopped_among
from bookwhen.email_address import fold_email
from bookwhen.installation.copies import find_copy
from bookwhen.jobs.run import Run
from tickets.models import Entry, EntryReminder, Seat

BATCH: Final = 100
TEMPLATE: Final = "tickets/letters/reminder"

# By the index of pages that remind, and for each by the index of its entries to come: nothing else is read.
_DUE: Final = """
    SELECT entry.id FROM accounts_schedulepage AS page, LATERAL (
        SELECT id, starts_at FROM tickets_entry AS coming
        WHERE coming.page_id = page.id AND coming.starts_at > %(now)s
            AND coming.starts_at <= %(now)s + page.reminder_hours * interval '1 hour' AND coming.cancelled_at IS NULL
            AND coming.id <> ALL (%(without)s::bigint[])
            AND NOT EXISTS (
                SELECT FROM tickets_entryreminder AS done
                WHERE done.entry_id = coming.id AND done.starts_at = coming.starts_at
            )
        ORDER BY coming.starts_at, coming.id LIMIT %(most)s
    ) AS entry
    WHERE page.reminder_hours IS NOT NULL
    ORDER BY entry.starts_at, entry.id LIMIT %(most)s
"""


def send_reminders(run: Run) -> None:
    """Remind those booked of every entry whose time for that has come; nobody in a quiet copy of a site."""
    tried = set[int]()
    while find_copy() is None and (due := _due(run, tried)):
        run.each(due, lambda entry: remind(entry, now=run.now))
        tried.update(due)
        if run.is_over:
            run.left = True
            return


def remind(pk: int, *, now: datetime) -> bool:
    """Remind those who booked an entry (id), if it is time and nobody has; whether that was so.

    Safe to run twice, late or at the same time as another.
    """
    with transaction.atomic():
        found = Entry.objects.select_related("account", "page", "places", "venue")
        entry = found.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
        at = reminder_at(entry) if entry else None
        if entry is None or at is None or not at <= now < entry.starts_at:
            return False
        done, is_new = EntryReminder.objects.get_or_create(
            account=entry.account, entry=entry, starts_at=entry.starts_at, defaults={"sent_at": now}
        )
        if not is_new:
            return False
        envelopes = _envelopes(entry, booked_by=at)
        queue_letters(envelopes, kind=LetterKind.REMINDER, template=TEMPLATE, account=entry.account, now=now)
        EntryReminder.objects.filter(account=entry.account, pk=done.pk).update(letters=len(envelopes))
        return True


def reminder_at(entry: Entry) -> datetime | None:
    """When those booked are reminded of an entry (with its page); None where they are not."""
    hours = entry.page.reminder_hours
    return entry.starts_at - timedelta(hours=hours) if hours and not entry.cancelled_at else None


def write_reminder(facts: Facts) -> Words:
    """The reminder of spaces (ids) as they are by now. Raises OverError where none is left at that start."""
    mine = Seat.objects.live().booked().filter(account=facts["account"], entry=facts["entry"], pk__in=facts["seats"])
    known = mine.select_related("booking__customer__user", "ticket", "entry__account", "entry__page", "entry__venue")
    seats = list(known.order_by("pk"))
    if not seats or seats[0].entry.cancelled_at or seats[0].entry.starts_at != _start(facts):
        raise OverError
    return Words(TEMPLATE, _context(seats[0].entry, seats))


def forget_reminding(letter: Letter, **_signal: object) -> None:
    """Let an entry count as not reminded of at a start from which it was moved before an email went out.

    If it is moved back, who has had none is reminded after all.
    """
    if letter.kind == LetterKind.REMINDER and letter.facts is not None:
        facts, starts_at = letter.facts, _start(letter.facts)
        done = EntryReminder.objects.filter(account=facts["account"], entry=facts["entry"], starts_at=starts_at)
        done.exclude(entry__starts_at=starts_at, entry__cancelled_at=None).delete()


def _start(facts: Facts) -> datetime:
    return datetime.fromisoformat(facts["starts_at"])


def _due(run: Run, tried: set[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": run.now, "most": BATCH, "without": sorted({*run.set_aside(), *tried})})
        return [pk for (pk,) in cursor.fetchall()]


def _envelopes(entry: Entry, *, booked_by: datetime) -> list[Envelope]:
    """A letter for each address that had booked by then, but for those who want none."""
    seats = Seat.objects.live().booked().filter(account=entry.account_id, entry=entry, created_at__lte=booked_by)
    by_address = defaultdict[str, list[Seat]](list)
    for seat in seats.select_related("booking__customer__user", "ticket").order_by("pk"):
        by_address[fold_email(seat.booking.address)].append(seat)
    unwanted = stopped_among(entry.account, by_address)
    return [
        Envelope(
            address,
            _context(entry, theirs),
            dedupe=_dedupe(entry, address),
            expires_at=entry.starts_at,
            facts=_facts(entry, theirs),
        )
        for address, theirs in by_address.items()
        if address not in unwanted
    ]


def _context(entry: Entry, seats: Sequence[Seat]) -> Mapping[str, object]:
    booking = seats[0].booking
    is_one = len({seat.booking_id for seat in seats}) == 1
    path = reverse("my_booking", kwargs={"booking": booking.uuid}) if is_one else reverse("my_bookings")
    return {
        "account": entry.account,
        "booking": booking,
        "entry": entry,
        "page": entry.page,
        "seats": seats,
        "zone": entry.account.zone,
        "link": absolute(path),
    }


def _facts(entry: Entry, seats: Sequence[Seat]) -> Facts:
    return {
        "language": entry.account.language,
        "account": entry.account_id,
        "entry": entry.pk,
        "starts_at": entry.starts_at.isoformat(),
        "seats": [seat.pk for seat in seats],
    }


def _dedupe(entry: Entry, address: str) -> str:
    """Once for each start; the address itself is no part of it, which outlasts an erasure."""
    return f"reminder-{entry.pk}-{int(entry.starts_at.timestamp())}-{sha256(address.encode()).hexdigest()[:24]}"
