"""The letters that bookings give rise to, written in the transaction that they tell of."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.urls import reverse

from accounts.email_queue import Envelope, absolute, letter_of_facts, post_facts, post_letters, queue_letter
from accounts.models import Account, Letter, LetterKind
from groups.models import Member
from tickets.booking import letters
from tickets.calendar import booking_cancellations, booking_invitations
from tickets.models import (
    Booking,
    BookingState,
    Entry,
    EntryCancellation,
    Payment,
    Refund,
    RefundReason,
    Seat,
)
from tickets.queries import free_again_until


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledSeat:
    """A cancelled seat as its letter tells of it: what is refunded, in minor units, and whether its use comes back."""

    seat: Seat
    refunded: int
    returned: bool
    on_way: bool = False
    """Whether what it was paid with is on its way: it is refunded once that has arrived."""

    @property
    def paid(self) -> int:
        """What was paid for it, in minor units."""
        return self.seat.amount if self.seat.payment_id else 0

    @property
    def uses(self) -> int:
        """How many uses of an allowance were charged for it."""
        return _charged_uses(self.seat)


@dataclass(frozen=True, slots=True)
class MovedSeats:
    """A booking's seats at an entry that was moved, with all that a letter says of them."""

    seats: Sequence[Seat]
    before: datetime
    """When it was due to start."""
    back: int
    """What they get back who cancel now, in minor units."""


def notify_to_confirm(booking: Booking, seats: Sequence[Seat], link: str, *, now: datetime) -> None:
    """Send the link that books a guest's free basket (seats with entry and ticket) to its address.

    It repeats nothing that the guest typed: it may be read by somebody else.
    """
    until = {"until": booking.held_until, "link": link, "page": booking.page}
    context = {"places": [(entry, len(theirs)) for entry, theirs in _group_by_entry(seats).items()], **until}
    _queue_letter("confirm", booking, context, account=booking.account, now=now)


def notify_booked(booking: Booking, entry: Entry, seats: Sequence[Seat], *, now: datetime) -> None:
    """Confirm a booking's seats (each with its ticket) to its customer, with an .ics file."""
    post_facts(booked_letter(booking, entry, seats, now=now))


def booked_letter(booking: Booking, entry: Entry, seats: Sequence[Seat], *, now: datetime) -> Letter:
    """The confirmation, to be posted."""
    account, link = entry.account, _booking_url(booking, "my_booking")
    cutoff = free_again_until(entry, account)
    matters = any(seat.uses_allowance for seat in seats) and not account.returns_late_uses and now < cutoff
    return letter_of_facts(
        kind=LetterKind.BOOKED,
        recipient=booking.address,
        subject=letters.booked_subject(entry),
        short=letters.booked_in_short(entry, link),
        facts=letters.booked_facts(booking, entry, seats, link=link, cutoff=cutoff if matters else None, now=now),
        account=account,
        now=now,
    )


def notify_bought(booking: Booking, seats: Sequence[Seat], *, payment: Payment | None, now: datetime) -> None:
    """Confirm what was in a basket (seats with entry, its account, page and places, and ticket): the receipt too.

    With an .ics file for each of its events.
    """
    prefetch_related_objects([seat for seat in seats if seat.discount_id], "discount__group")
    by_entry = _group_by_entry(seats)
    paid, total = payment.amount if payment else 0, sum(seat.amount for seat in seats)
    _queue_letter(
        "bought",
        booking,
        {
            "places": list(by_entry.items()),
            "saved": sum(seat.price - seat.amount for seat in seats),
            "paid": paid,
            "owed": sum(seat.owed for seat in seats),
            # What was gone by then has a letter of its own.
            "gone": paid - total if paid else 0,
            "membership": booking.purchase.membership if booking.purchase else None,
            "receipt": _booking_url(booking, "my_booking_receipt") if paid else "",
        },
        account=next(iter(by_entry)).account if by_entry else booking.account,
        calendar=booking_invitations(booking, by_entry, now=now),
        dedupe=f"bought-{booking.uuid}",
        now=now,
    )


def notify_paid_too_late(booking: Booking, seats: Sequence[Seat], *, payment: Payment, now: datetime) -> None:
    """Tell a customer that what they paid for was gone by then, or paid before; what comes back; and what to do next.

    Call it once the refund is made, in its transaction.
    """
    refunds = list(Refund.objects.filter(payment=payment, reason__in=[RefundReason.TOO_LATE, RefundReason.PAID_TWICE]))
    _queue_letter(
        "sorry",
        booking,
        {
            "places": list(_group_by_entry(seats).items()),
            "amount": sum(refund.amount for refund in refunds),
            "twice": any(refund.reason == RefundReason.PAID_TWICE for refund in refunds),
            "stays": booking.state == BookingState.BOOKED and booking.seats.live().exists(),
            "schedule": absolute(reverse("public:schedule", kwargs={"page": booking.page.slug})),
        },
        account=booking.account,
        dedupe=f"sorry-{payment.uuid}",
        now=now,
    )


def notify_refunded(refund: Refund, *, note: str = "", now: datetime) -> None:
    """Tell a customer of a refund that somebody of the studio made by hand, with that person's `note`; once a refund.

    Call it in the transaction that makes the refund.
    """
    payment = refund.payment
    booking = payment.booking
    _queue_letter(
        "refunded",
        booking,
        {
            "payment": payment,
            "refund": refund,
            "note": note.strip(),
            "kept": booking.state == BookingState.BOOKED and booking.seats.live().exists(),
        },
        account=booking.account,
        dedupe=f"refunded-{refund.uuid}",
        now=now,
    )


def notify_cancelled(
    cancelled: Mapping[tuple[Booking, Entry], Sequence[CancelledSeat]], *, by_studio: bool, now: datetime
) -> None:
    """Tell each customer which seats were cancelled, by whom, which uses and money come back, and why others do not.

    A letter for each booking and entry; they are posted together. With the last seat at the entry goes an .ics file
    that takes the event out of their calendar.
    """
    seats = [each.seat for lines in cancelled.values() for each in lines]
    prefetch_related_objects([seat for seat in seats if seat.discount_use_id], "discount_use__period")
    prefetch_related_objects([seat for seat in seats if seat.use_id], "use__period")
    remaining = defaultdict[tuple[int, int], list[Seat]](list)
    for seat in (
        Seat.objects.live()
        .filter(
            booking__in={booking.pk for booking, _entry in cancelled},
            entry__in={entry.pk for _booking, entry in cancelled},
        )
        .select_related("ticket")
    ):
        remaining[seat.booking_id, seat.entry_id].append(seat)
    by_account, messages = defaultdict[Account, list[Envelope]](list), _messages(entry for _booking, entry in cancelled)
    for (booking, entry), lines in cancelled.items():
        left, message = remaining[booking.pk, entry.pk], messages.get(entry.pk, "")
        context = cancelled_context(booking, entry, lines, left, by_studio=by_studio, message=message, now=now)
        calendar = "" if left else booking_cancellations(booking, [entry], now=now)
        by_account[entry.account].append(Envelope(booking.address, context, calendar=calendar))
    for account, envelopes in by_account.items():
        post_letters(envelopes, kind="cancelled", template="tickets/letters/cancelled", account=account, now=now)


def _messages(entries: Iterable[Entry]) -> dict[int, str]:
    """What the studio says to everyone booked at those entries that it has cancelled, by their ids."""
    over = {entry.pk for entry in entries if entry.cancelled_at}
    found = EntryCancellation.objects.filter(entry__in=over)
    return dict(found.values_list("entry", "message")) if over else {}


def cancelled_context(
    booking: Booking,
    entry: Entry,
    cancelled: Sequence[CancelledSeat],
    remaining: Sequence[Seat],
    *,
    by_studio: bool,
    message: str,
    now: datetime,
) -> dict[str, object]:
    """What the letter of cancelled seats says; `message` is the studio's, where it has cancelled the entry."""
    account, cutoff = entry.account, free_again_until(entry, entry.account)
    late = now > cutoff
    refunded = sum(each.refunded for each in cancelled)
    return _known_of(booking, account) | {
        "entry": entry,
        "page": entry.page,
        "seats": cancelled,
        "by_studio": by_studio,
        "message": message,
        "remaining": remaining,
        "refunded": refunded,
        "on_way": any(each.on_way for each in cancelled),
        "kept": sum(each.paid for each in cancelled) - refunded,
        "percent": account.late_refund_percent if late else account.refund_percent,
        "cutoff": cutoff if late else None,
    }


def notify_released(
    member: Member, seats: Sequence[Seat], refunded: Mapping[int, int], *, key: str, has_changed: bool, now: datetime
) -> None:
    """Tell a customer which places were given back because the membership that opened them has ended; once by `key`.

    Or because it `has_changed` to another one, which does not open them.
    `refunded` says how much for which seat (ids, in minor units). With .ics files that take the events out of their
    calendar where nothing else is booked with them.
    """
    by_entry = _group_by_entry(seats)
    account = member.group.account
    calendar = _cancellations(account, by_entry, now=now)
    queue_letter(
        kind="released",
        recipient=member.customer.reached_at,
        template="tickets/letters/released",
        context={
            "customer": member.customer,
            "group": member.group,
            "places": [
                (entry, [(seat, refunded.get(seat.pk, 0)) for seat in theirs]) for entry, theirs in by_entry.items()
            ],
            "count": len(seats),
            "has_changed": has_changed,
            "refunded": sum(refunded.get(seat.pk, 0) for seat in seats),
            "page": next(iter(by_entry)).page,
            "zone": account.zone,
            "calendar": calendar,
        },
        account=account,
        calendar=calendar,
        now=now,
        dedupe=key,
    )


def notify_moved(moved: Sequence[MovedSeats], *, account: Account, now: datetime) -> None:
    """Tell customers of an account that entries they booked take place at another time or place, with new .ics files.

    A letter for each booking and entry; they are posted together.
    """
    envelopes = []
    for each in moved:
        booking, entry = each.seats[0].booking, each.seats[0].entry
        calendar = booking_invitations(booking, [entry], now=now)
        envelopes.append(Envelope(booking.address, _moved_context(booking, entry, each, now=now), calendar=calendar))
    post_letters(envelopes, kind="moved", template="tickets/letters/moved", account=account, now=now)


def _moved_context(booking: Booking, entry: Entry, moved: MovedSeats, *, now: datetime) -> dict[str, object]:
    account, cutoff = entry.account, free_again_until(entry, entry.account)
    in_time = now <= cutoff
    return _known_of(booking, account) | {
        "entry": entry,
        "page": entry.page,
        "seats": moved.seats,
        "before": moved.before,
        "back": moved.back,
        "paid": sum(seat.amount for seat in moved.seats if seat.payment_id),
        "uses": sum(_charged_uses(seat) for seat in moved.seats),
        "returns": in_time or account.returns_late_uses,
        "cutoff": cutoff if in_time else None,
    }


def notify_clocks_changed(booking: Booking, seats: Sequence[Seat], *, now: datetime) -> None:
    """Tell a customer that what they booked (seats with entry, its account, page and places) is at the hour they know.

    The new .ics files put it right in calendars that were told another instant.
    """
    entries = list(_group_by_entry(seats))
    _queue_letter(
        "clocks_changed",
        booking,
        {"entries": entries, "page": entries[0].page},
        account=entries[0].account,
        calendar=booking_invitations(booking, entries, now=now),
        now=now,
    )


def _charged_uses(seat: Seat) -> int:
    """How many uses of an allowance are charged for a seat: what has no limit has none to tell of."""
    limited = seat.discount_use is not None and seat.discount_use.period.ceiling is not None
    return seat.uses_allowance + limited


def _cancellations(account: Account, by_entry: Mapping[Entry, Sequence[Seat]], *, now: datetime) -> str:
    """The .ics files that take cancelled seats' events out, but for bookings that have other seats there."""
    prefetch_related_objects([seat for seats in by_entry.values() for seat in seats], "booking__customer")
    gone = {(seat.booking, entry): None for entry, seats in by_entry.items() for seat in seats}
    kept = Seat.objects.live().filter(account=account, booking__in={booking for booking, _ in gone})
    still = set(kept.values_list("booking", "entry"))
    return "".join(
        booking_cancellations(booking, [entry], now=now)
        for booking, entry in gone
        if (booking.pk, entry.pk) not in still
    )


def _group_by_entry(seats: Sequence[Seat]) -> dict[Entry, list[Seat]]:
    found = defaultdict[Entry, list[Seat]](list)
    for seat in sorted(seats, key=lambda seat: (seat.entry.starts_at, seat.pk)):
        found[seat.entry].append(seat)
    return found


def _queue_letter(
    kind: str,
    booking: Booking,
    context: Mapping[str, object],
    *,
    account: Account,
    now: datetime,
    calendar: str = "",
    dedupe: str | None = None,
) -> None:
    queue_letter(
        kind=kind,
        recipient=booking.address,
        template=f"tickets/letters/{kind}",
        context={**_known_of(booking, account), **context},
        account=account,
        now=now,
        calendar=calendar,
        dedupe=dedupe,
    )


def _known_of(booking: Booking, account: Account) -> dict[str, object]:
    """What every letter about a booking knows."""
    return {"booking": booking, "zone": account.zone, "link": _booking_url(booking, "my_booking")}


def _booking_url(booking: Booking, name: str) -> str:
    return absolute(reverse(name, kwargs={"booking": booking.uuid}))
