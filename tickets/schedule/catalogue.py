"""What is on sale: making, changing and retiring the tickets of a series."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts.models import Deed
from bookwhen.db import violated_constraint
from groups.models import Group
from groups.queries import groups_of
from offers.models import OfferKind
from tickets.availability import locks, places
from tickets.models import Coverage, Entry, Series, Ticket, TicketCost, TicketPlaces
from tickets.schedule.entries import BelowBookedError
from tickets.schedule.overrides import Scope
from tickets.schedule.recorded import record_ticket, ticket_as_read
from tickets.schedule.splitting import split_series
from tickets.waiting.ending import look_at_ticket


class NoGroupError(Exception):
    """An exclusive ticket names no customer group: nobody could book it."""


class NeedsStandardError(Exception):
    """The account's plan does not make exclusive tickets (docs/design.md, *Plans*)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTerms:
    """What an operator says of a ticket: `groups` are ids; `capacity` is for each entry; minutes before the start.

    `price` is in minor units of the account's currency; `vat_rate_id` names a rate of the account's, None its default.
    """

    name: str
    description: str = ""
    exclusive: bool = False
    groups: frozenset[int] = frozenset()
    shown: bool = True
    capacity: int | None = None
    cost: str = TicketCost.FREE
    price: int = 0
    vat_rate_id: int | None = None
    opens_minutes_before: int | None = None
    closes_minutes_before: int = 0


def ticket_terms(ticket: Ticket) -> TicketTerms:
    """The terms a ticket has now."""
    plain = {name: getattr(ticket, name) for name in TicketTerms.__slots__ if name != "groups"}
    return TicketTerms(groups=frozenset(ticket.groups.values_list("pk", flat=True)), **plain)


def create_ticket(series: Series, terms: TicketTerms) -> Ticket:
    """Put a ticket on sale at every entry of a series, after those it has.

    A form sent twice makes one: where a ticket with exactly these terms is on sale, that is returned. Raises
    NoGroupError and NeedsStandardError.
    """
    groups = _groups_for(series, terms)
    with transaction.atomic():
        locks.lock_series(series.pk)
        others = list(series.tickets.on_sale())
        twin = next((each for each in others if ticket_terms(each) == terms), None)
        if twin:
            return twin
        position = max((each.position for each in others), default=-1) + 1
        ticket = Ticket.objects.create(
            account_id=series.account_id, series=series, position=position, **_column_values(terms)
        )
        ticket.groups.set(groups)
        record_ticket(Deed.TICKET_CREATED, ticket, {})
    return ticket


def edit_ticket(ticket: Ticket, terms: TicketTerms, *, now: datetime) -> Ticket:
    """Change a ticket at every entry of its series that has not started; seats that hold it stand.

    Raises BelowBookedError and changes nothing when fewer are left than one of those entries has booked; NoGroupError;
    NeedsStandardError where it would become exclusive, an exclusive one stays so on every plan.
    """
    groups = _groups_for(ticket.series, terms, before=ticket)
    with transaction.atomic():
        locks.lock_series(ticket.series_id)
        ticket = Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)
        before = ticket_as_read(ticket)
        if terms.capacity != ticket.capacity:
            _set_ticket_capacity(ticket, terms.capacity, now=now)
        for name, value in _column_values(terms).items():
            setattr(ticket, name, value)
        ticket.save(update_fields=list(_column_values(terms)))
        ticket.groups.set(groups)
        record_ticket(Deed.TICKET_CHANGED, ticket, before)
        look_at_ticket(ticket, now=now)
    return ticket


def retire_ticket(ticket: Ticket, *, now: datetime) -> None:
    """Take a ticket off sale for good; seats that hold it stand."""
    with transaction.atomic():
        if Ticket.objects.on_sale().filter(pk=ticket.pk).update(retired_at=now):
            record_ticket(Deed.TICKET_REMOVED, ticket)
            look_at_ticket(ticket, now=now)


def create_ticket_at(entry: Entry, scope: Scope, terms: TicketTerms) -> Ticket:
    """Put a ticket on sale at these entries of a series, which become a series of their own where they are not all."""
    with transaction.atomic():
        return create_ticket(split_series(entry, scope).series, terms)


def edit_ticket_at(entry: Entry, ticket: Ticket, scope: Scope, terms: TicketTerms, *, now: datetime) -> Ticket:
    """Change a ticket at these entries alone, in the same way; nothing is split where nothing changes."""
    if ticket_terms(ticket) == terms:
        return ticket
    with transaction.atomic():
        found = split_series(entry, scope).tickets[ticket.pk]
        return edit_ticket(Ticket.objects.select_related("series__account").get(pk=found.pk), terms, now=now)


def retire_ticket_at(entry: Entry, ticket: Ticket, scope: Scope, *, now: datetime) -> None:
    """Take a ticket off sale at these entries alone, in the same way."""
    with transaction.atomic():
        retire_ticket(split_series(entry, scope).tickets[ticket.pk], now=now)


def groups_without_offer(tickets: Iterable[Ticket]) -> dict[int, list[Group]]:
    """By exclusive ticket (id), the groups in use it is for of which no enabled offer covers it: they cannot book it.

    For tickets of one series (with its `series`). Two queries.
    """
    exclusive = {ticket.pk: ticket for ticket in tickets if ticket.exclusive}
    without: dict[int, list[Group]] = {pk: [] for pk in exclusive}
    if not exclusive:
        return without
    enabled = Coverage.objects.in_force().filter(offer__group__tickets__in=exclusive, offer__kind=OfferKind.EXCLUSIVE)
    covered = set(enabled.values_list("offer__group", "page", "ticket"))
    named = Ticket.groups.through.objects.filter(ticket__in=exclusive, group__archived_at__isnull=True)
    for link in named.select_related("group").order_by("group__name", "group"):
        ticket = exclusive[link.ticket_id]
        ways = {(link.group_id, ticket.series.page_id, None), (link.group_id, None, ticket.pk)}
        if not ways & covered:
            without[ticket.pk].append(link.group)
    return without


def _column_values(terms: TicketTerms) -> dict[str, Any]:
    return {name: value for name, value in asdict(terms).items() if name != "groups"}


def _groups_for(series: Series, terms: TicketTerms, *, before: Ticket | None = None) -> list[Group]:
    """The groups that a ticket is to be for, of its account alone; an ordinary one is for none.

    Archived groups cannot be chosen, but those it was for `before` stay named: bringing one back opens it again.
    """
    if not terms.exclusive:
        return []
    was_exclusive = before is not None and before.exclusive
    if not (was_exclusive or series.account.has_groups):
        raise NeedsStandardError
    groups = list(groups_of(series.account).filter(pk__in=terms.groups))
    if before:
        groups += groups_of(series.account, archived=True).filter(tickets=before)
    if not groups:
        raise NoGroupError
    return groups


def _set_ticket_capacity(ticket: Ticket, capacity: int | None, *, now: datetime) -> None:
    """Give a ticket this number at each entry to come."""
    entries = list(Entry.objects.upcoming(now).filter(series=ticket.series_id).values_list("pk", flat=True))
    try:
        with transaction.atomic():
            places.set_ticket_capacities(ticket.pk, entries, capacity)
    except IntegrityError as error:
        if violated_constraint(error) != "ticket_places_fit":
            raise
        taken = TicketPlaces.objects.filter(account_id=ticket.account_id, ticket=ticket, entry__in=entries).aggregate(
            most=Max("taken")
        )
        raise BelowBookedError(taken["most"]) from error
