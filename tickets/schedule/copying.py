"""Tickets like others: copied to another series, and put in another order."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from accounts.models import Deed, SchedulePage
from tickets.availability import locks
from tickets.models import Entry, Series, Ticket
from tickets.schedule.catalogue import NoGroupError, create_ticket, ticket_terms
from tickets.schedule.details import EntryDetails
from tickets.schedule.entries import create_entries
from tickets.schedule.recorded import record_copied, record_ticket
from tickets.schedule.recurrence import Repeat


class Direction(StrEnum):
    """Where a ticket goes among the others of its series."""

    UP = "up"
    DOWN = "down"


def create_like(
    like: Entry | None,
    page: SchedulePage,
    details: EntryDetails,
    *,
    repeat: Repeat | None,
    left_out: Collection[date],
    key: UUID,
) -> list[Entry]:
    """What `create_entries` does, with copies of the tickets of another entry of the account, if there is one."""
    if like and like.account_id == page.account_id:
        details = replace(details, picture_id=like.picture_id)
    with transaction.atomic():
        made = create_entries(page, details, repeat=repeat, left_out=left_out, key=key)
        if like and made and like.account_id == page.account_id and like.series_id != made[0].series_id:
            copy_tickets(like, made[0])
    return made


def copy_tickets(source: Entry, target: Entry) -> list[Ticket]:
    """Put the tickets on sale at one entry on sale at the series of another, after those it has; which were new.

    Offers that cover only chosen tickets do not cover the copies. What it has already is not put there twice; an
    exclusive ticket of which every group is archived is left out.
    """
    with transaction.atomic():
        known = set(target.series.tickets.values_list("pk", flat=True))
        made = [ticket for each in source.series.tickets.on_sale() if (ticket := _copy(each, target.series))]
        new = [ticket for ticket in made if ticket.pk not in known]
        if new:
            record_copied(target, new)
    return new


def move_ticket(ticket: Ticket, direction: Direction) -> None:
    """Show a ticket before the one above it, or after the one below."""
    with transaction.atomic():
        locks.lock_series(ticket.series_id)
        order = list(Ticket.objects.on_sale().filter(series=ticket.series_id))
        at = next((number for number, each in enumerate(order) if each.pk == ticket.pk), None)
        to = at + (1 if direction is Direction.DOWN else -1) if at is not None else -1
        if at is None or not 0 <= to < len(order):
            return
        order[at], order[to] = order[to], order[at]
        for position, each in enumerate(order):
            each.position = position
        Ticket.objects.bulk_update(order, ["position"])
        record_ticket(Deed.TICKET_MOVED, ticket)


def _copy(ticket: Ticket, series: Series) -> Ticket | None:
    try:
        return create_ticket(series, ticket_terms(ticket))
    except NoGroupError:
        return None
