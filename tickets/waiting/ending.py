"""Ends of waiting that the customer did not choose: booked otherwise, cancelled, moved, sale closed, taken off."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import Account
from bookwhen.queue import enqueue
from tickets.availability.locks import lock_basket
from tickets.availability.waiting import TASK
from tickets.booking.hold import release_basket
from tickets.models import OPEN_STATES, BookingState, Entry, Seat, Ticket, WaitEnd, WaitlistRequest, WaitState
from tickets.waiting import letters
from tickets.waiting.recorded import record_removed
from tickets.waiting.requests import count_out, last_sale_end, sale_end
from tickets.waiting.withdrawing import next_check, why_lost, withdraw

# A request that a worker is at now is left out: it looks at the entry too, and nobody waits for it here.
_LOOK: Final = """
    UPDATE tickets_waitlistrequest AS request SET look_at = %(now)s,
        moved_from = coalesce(request.moved_from, changed.moved_from)
    FROM unnest(%(entries)s::bigint[], %(moved_from)s::timestamptz[]) AS changed (entry, moved_from)
    WHERE changed.entry = request.entry_id AND request.id IN (
        SELECT id FROM tickets_waitlistrequest
        WHERE account_id = %(account)s AND entry_id = ANY(%(entries)s::bigint[]) AND state IN ('waiting', 'offered')
        ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    )
    RETURNING request.entry_id
"""


def look_at_waiting(account: Account, changed: Mapping[int, datetime | None], *, now: datetime) -> None:
    """Have workers look at all who wait at entries (ids) that were cancelled, or moved from an instant: they are told.

    In the transaction that does so; one statement.
    """
    if not changed:
        return
    told: dict[str, Any] = {"account": account.pk, "entries": [*changed], "moved_from": [*changed.values()], "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, told)
        entries = {entry for (entry,) in cursor.fetchall()}
    for entry in sorted(entries):
        enqueue(TASK, entry)


def look_at_ticket(ticket: Ticket, *, now: datetime) -> None:
    """Have workers look at all who wait where somebody waits for a ticket that was changed, or is sold no more.

    Or where it is held for somebody. In the transaction that does so.
    """
    waits = WaitlistRequest.objects.open().filter(account=ticket.account_id).for_ticket(ticket.pk)
    look_at_waiting(ticket.account, dict.fromkeys(waits.values_list("entry", flat=True)), now=now)


def lock_line(account: int, entries: Collection[int]) -> None:
    """Hold all who wait at entries (ids) of an account (id): before the members, as where one of them is offered."""
    line = WaitlistRequest.objects.waiting().filter(account=account, entry__in=entries)
    list(line.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def end_booked(entry: Entry, *, now: datetime) -> None:
    """Let those wait no more who have booked at an entry since they joined, or were moved there."""
    here = Seat.objects.live().booked().filter(account=entry.account_id, entry=entry)
    seats = here.filter(customer=OuterRef("customer"))
    since = seats.filter(Q(created_at__gt=OuterRef("joined_at")) | Q(moved_at__gt=OuterRef("joined_at")))
    line = WaitlistRequest.objects.waiting().filter(account=entry.account_id, entry=entry)
    for pk in list(line.filter(Exists(since)).values_list("pk", flat=True)):
        with transaction.atomic():
            _stop(pk, WaitState.TAKEN, now=now)


def end_over(entry: Entry, *, now: datetime) -> None:
    """End what waits for tickets of an entry that are sold no more, and all of it where it was cancelled; tell them."""
    line = WaitlistRequest.objects.open().filter(account=entry.account_id, entry=entry).in_line()
    for each in list(line.select_related("ticket", "customer").prefetch_related("also")):
        each.entry = entry
        because = _why_over(each, now=now)
        if because:
            _end(each, because, now=now)


def remove(request: WaitlistRequest, *, now: datetime) -> bool:
    """Take somebody off the list who waits, or has an offer that they are not paying for; whether this call did."""
    with transaction.atomic():
        ended = _end(request, WaitEnd.REMOVED, now=now)
        if ended:
            record_removed(request)
        return ended


def follow_up(pk: int, *, now: datetime) -> WaitlistRequest:
    """Do what is due for one request (id), but for offering: end it, or tell of what has happened. It as it was."""
    with_all = ("customer", "ticket", "entry__account", "entry__page", "hold__membership_price__membership")
    request = WaitlistRequest.objects.select_related(*with_all).get(pk=pk)
    if request.state in OPEN_STATES and (because := _why_over(request, now=now)):
        _end(request, because, now=now)
    elif reason := why_lost(request, now=now):
        withdraw(request, reason, now=now)
    else:
        _hold_until_sale_ends(request)
        _tell_once(request, now=now)
    return request


def _hold_until_sale_ends(request: WaitlistRequest) -> None:
    """Hold what is offered to somebody no longer than it is sold, where that ends sooner now; not at the checkout."""
    hold, until = request.hold, sale_end(request.entry, request.ticket)
    if request.state != WaitState.OFFERED or hold is None or (request.offered_until or until) <= until:
        return
    with transaction.atomic():
        held = lock_basket(hold.pk)
        offered = WaitlistRequest.objects.filter(account=request.account_id, pk=request.pk, state=WaitState.OFFERED)
        if held.state == BookingState.BASKET and offered.update(offered_until=until):
            held.held_until = min(held.held_until or until, until)
            held.save(update_fields=["held_until"])
            request.offered_until = until


def _tell_once(request: WaitlistRequest, *, now: datetime) -> None:
    """Tell of an offer that lapsed, or of a move, once."""
    with transaction.atomic():
        due = WaitlistRequest.objects.filter(account=request.account_id, pk=request.pk, look_at__lte=now)
        found = due.select_for_update(no_key=True).first()
        if found is None or found.state != request.state:
            return
        next_look = _next_look(request, now=now)
        if found.state == WaitState.LAPSED and request.entry.cancelled_at:
            letters.tell_ended(request, WaitEnd.CANCELLED, now=now)
        elif found.state == WaitState.LAPSED:
            letters.tell_lapsed(request, now=now)
        elif found.moved_from:
            letters.tell_moved(request, found.moved_from, now=now)
        WaitlistRequest.objects.filter(account=request.account_id, pk=request.pk).update(
            look_at=next_look, moved_from=None
        )


def _next_look(request: WaitlistRequest, *, now: datetime) -> datetime | None:
    if request.state == WaitState.WAITING:
        return last_sale_end(request.entry, request.tickets)
    return next_check(request, now=now) if request.state == WaitState.OFFERED else None


def _why_over(request: WaitlistRequest, *, now: datetime) -> WaitEnd | None:
    """Why nothing more can be offered to somebody, or what was offered is none any more."""
    if request.entry.cancelled_at:
        return WaitEnd.CANCELLED
    if request.state == WaitState.OFFERED:
        return None
    sold = [ticket for ticket in request.tickets if ticket.retired_at is None]
    if not sold:
        return WaitEnd.TICKET_GONE
    return WaitEnd.SALE_ENDED if last_sale_end(request.entry, sold) <= now else None


def _end(request: WaitlistRequest, because: WaitEnd, *, now: datetime) -> bool:
    """End a request, and tell its customer why; whether this call did."""
    with transaction.atomic():
        if request.state == WaitState.OFFERED:
            ended = _end_offer(request, because, now=now)
        else:
            ended = _stop(request.pk, WaitState.ENDED, because=because, now=now)
        if ended:
            letters.tell_ended(request, because, now=now)
    return ended


def _end_offer(request: WaitlistRequest, because: WaitEnd, *, now: datetime) -> bool:
    """The basket first, as when its time is up; the request follows it."""
    if request.hold_id is None or not release_basket(request.hold_id, now=now):
        return False
    lapsed = WaitlistRequest.objects.filter(account=request.account_id, pk=request.pk, state=WaitState.LAPSED)
    return bool(lapsed.update(state=WaitState.ENDED, ended_because=because, look_at=None, moved_from=None))


def _stop(pk: int, state: WaitState, *, because: WaitEnd | str = "", now: datetime) -> bool:
    """Let somebody (id) wait no more; False where they don't."""
    waiting = WaitlistRequest.objects.waiting().filter(pk=pk)
    if not waiting.update(state=state, ended_because=because, ended_at=now, look_at=None, moved_from=None):
        return False
    count_out(pk)
    return True
