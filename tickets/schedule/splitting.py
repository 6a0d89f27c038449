"""Tickets of their own for some dates: a series becomes two, and everything of those dates moves to the copies.

The copies know which ticket they were (`Ticket.split_from`): offers and discount codes that cover the one go on to
cover the other, also offers that are locked since they were used. All in one transaction: nobody's seat, use, price or
offer changes by it.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from tickets.availability import locks
from tickets.models import Entry, EntryOverride, Seat, Series, SeriesDate, Ticket, WaitlistAlternative, WaitlistRequest
from tickets.schedule.overrides import Scope
from tickets.schedule.recorded import record_split
from tickets.schedule.recurrence import expand_starts, read_rule
from tickets.waiting.ending import lock_line

MOVED: Final = ("tickets_seat", "tickets_ticketplaces", "tickets_waitlistrequest", "tickets_waitlistalternative")
"""The tables whose rows say which ticket (`ticket_id`) somebody has, or waits for, at which entry (`entry_id`)."""
# The names are ours.
_MOVE: Final = """
    UPDATE {table} AS row SET ticket_id = copied.copy
    FROM unnest(%(tickets)s::bigint[], %(copies)s::bigint[]) AS copied (ticket, copy)
    WHERE row.account_id = %(account)s AND row.entry_id = ANY(%(entries)s) AND row.ticket_id = copied.ticket
"""
_COVER: Final = """
    INSERT INTO tickets_coverage (account_id, offer_id, ticket_id)
    SELECT covers.account_id, covers.offer_id, copied.copy
    FROM unnest(%(tickets)s::bigint[], %(copies)s::bigint[]) AS copied (ticket, copy)
    JOIN tickets_coverage AS covers ON covers.ticket_id = copied.ticket
    WHERE covers.account_id = %(account)s
"""
_COVER_BY_CODES: Final = """
    INSERT INTO tickets_codecoverage (account_id, code_id, ticket_id)
    SELECT covers.account_id, covers.code_id, copied.copy
    FROM unnest(%(tickets)s::bigint[], %(copies)s::bigint[]) AS copied (ticket, copy)
    JOIN tickets_codecoverage AS covers ON covers.ticket_id = copied.ticket
    WHERE covers.account_id = %(account)s
"""
_NAME_GROUPS: Final = """
    INSERT INTO tickets_ticket_groups (ticket_id, group_id)
    SELECT copied.copy, named.group_id
    FROM unnest(%(tickets)s::bigint[], %(copies)s::bigint[]) AS copied (ticket, copy)
    JOIN tickets_ticket_groups AS named ON named.ticket_id = copied.ticket
"""


@dataclass(frozen=True, slots=True)
class Split:
    """The series that some entries are in now, and by ticket (id) which ticket is theirs."""

    series: Series
    tickets: Mapping[int, Ticket]


def split_series(entry: Entry, scope: Scope) -> Split:
    """Give an entry, with later ones of its series or alone, tickets of their own: copies of those it has.

    Where that would leave nothing behind, the series stays as it is. With `Scope.ALL` too. Somebody who books meanwhile
    fails by the entry's revision and is judged again.
    """
    while True:
        with suppress(locks.ConcurrentBookingError), transaction.atomic():
            return _split(entry, scope)


def _split(entry: Entry, scope: Scope) -> Split:
    locks.lock_series(entry.series_id)
    series = Series.objects.get(pk=entry.series_id)
    this = Entry.objects.select_related("account", "places").get(pk=entry.pk)
    entries = _entries_of(this, scope)
    if len(entries) == series.entries.count():
        return Split(series, {each.pk: each for each in series.tickets.all()})
    ids = [each.pk for each in entries]
    lock_line(series.account_id, ids)
    locks.lock_seats_at(ids)
    tickets = _tickets_to_copy(series, ids)
    made = _divide_rule(series, this, scope)
    copies = _copy(tickets, made)
    _follow(series.account_id, ids, copies)
    Entry.objects.filter(account=series.account_id, pk__in=ids).update(series=made)
    locks.bump_entry_revision(ids)
    record_split(this, entries, copies.values())
    return Split(made, copies)


def _entries_of(this: Entry, scope: Scope) -> Sequence[Entry]:
    """The entries that get tickets of their own, those that were cancelled too: their seats keep their ticket."""
    found = Entry.objects.filter(account=this.account_id, series=this.series_id).order_by("pk")
    match scope:
        case Scope.THIS:
            return [this]
        case Scope.FOLLOWING:
            return list(found.filter(starts_at__gte=this.starts_at))
        case Scope.ALL:
            return list(found)


def _tickets_to_copy(series: Series, entries: Collection[int]) -> list[Ticket]:
    """Those on sale, and those that are not any more and that somebody has there, or has waited for."""
    held = set(Seat.objects.filter(account=series.account_id, entry__in=entries).values_list("ticket", flat=True))
    for waits in (WaitlistRequest, WaitlistAlternative):
        rows = waits.objects.filter(account=series.account_id, entry__in=entries)
        held |= set(rows.values_list("ticket", flat=True))
    return [each for each in series.tickets.order_by("pk") if each.retired_at is None or each.pk in held]


def _copy(tickets: Sequence[Ticket], series: Series) -> dict[int, Ticket]:
    copies = {}
    for each in tickets:
        made = copy(each)
        made.pk, made._state = None, copy(each._state)  # noqa: SLF001 - as Django's documentation copies a row
        made._state.adding = True  # noqa: SLF001
        made.series, made.split_from_id = series, each.family
        copies[each.pk] = made
    # One after another: the order of their numbers is that of the tickets they were.
    for made in copies.values():
        created_at = made.created_at
        made.save(force_insert=True)
        Ticket.objects.filter(pk=made.pk).update(created_at=created_at)
    return copies


def _follow(account: int, entries: Collection[int], copies: Mapping[int, Ticket]) -> None:
    """Let offers and codes cover the copies, and let all that somebody has at these entries (ids) be of the copies."""
    given: dict[str, Any] = {
        "account": account,
        "entries": list(entries),
        "tickets": list(copies),
        "copies": [each.pk for each in copies.values()],
    }
    with connection.cursor() as cursor:
        for statement in (_NAME_GROUPS, _COVER, _COVER_BY_CODES, *(_MOVE.format(table=table) for table in MOVED)):
            cursor.execute(statement, given)


def _divide_rule(series: Series, this: Entry, scope: Scope) -> Series:
    """The other series, by the same rule from this date on; the one it was split from ends before, or leaves it out."""
    override = EntryOverride.objects.filter(account_id=this.account_id, pk=this.pk).first()
    starts = (override and override.occurrence) or this.wall_times(this.account.zone).starts
    made = Series(account_id=series.account_id, page_id=series.page_id, split_from=series)
    dates = SeriesDate.objects.filter(account_id=series.account_id, series=series)
    if scope is Scope.THIS:
        made.save()
        SeriesDate.objects.bulk_create(
            [SeriesDate(account_id=series.account_id, series=series, starts=starts.replace(fold=0), left_out=True)],
            update_conflicts=True,
            unique_fields=["series", "starts"],
            update_fields=["left_out"],
        )
        return made
    if series.rule:
        made.rule, made.first, rule = _from(series, starts)
        Series.objects.filter(pk=series.pk).update(rule=rule)
    made.save()
    dates.filter(starts__gte=starts).update(series=made)
    return made


def _from(series: Series, starts: datetime) -> tuple[str, datetime | None, str]:
    """The rule and first start of what begins at a local start, and the rule of what ends before it."""
    repeat = read_rule(series.rule)
    if series.first and repeat.count:
        repeat = replace(repeat, until=expand_starts(series.rule, series.first)[-1].date(), count=None)
    # Weeks and months go on being counted from the first start of all.
    first = series.first or starts
    return repeat.rule(first), series.first, replace(repeat, until=starts.date() - timedelta(days=1)).rule(first)
