"""What the operator is told of groups, of the exclusive tickets that name them, and of tickets to choose from."""

from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Account
from groups.models import Group
from offers.models import Offer, OfferKind
from tickets.annotated import TicketWithEntry
from tickets.models import Coverage, Entry, Ticket
from tickets.queries import exclusive_tickets_of


def with_counts(groups: QuerySet[Group]) -> QuerySet[Group]:
    """Groups with `offer_count`, `ticket_count`, and `uncovered_count`: exclusive tickets no enabled offer covers."""
    offers = Offer.objects.not_deleted().filter(group=OuterRef("pk"))
    named = Ticket.groups.through.objects.filter(
        group=OuterRef("pk"), ticket__exclusive=True, ticket__retired_at__isnull=True
    )
    covering = Coverage.objects.in_force().filter(
        Q(ticket=OuterRef("ticket")) | Q(page=OuterRef("ticket__series__page")),
        offer__group=OuterRef("group"),
        offer__kind=OfferKind.EXCLUSIVE,
    )
    return groups.annotate(
        offer_count=_subquery_count(offers),
        ticket_count=_subquery_count(named),
        uncovered_count=_subquery_count(named.filter(~Exists(covering))),
    )


def with_entries(tickets: QuerySet[Ticket], *, now: datetime) -> QuerySet[TicketWithEntry]:
    """Tickets with `entry_id` and `entry_title` of the next entry they are for, or else of the last one.

    `next_at` is when the next one starts; None where none is planned.
    """
    ahead = Q(starts_at__gt=now, cancelled_at__isnull=True)
    entries = (
        Entry.objects.filter(series=OuterRef("series"))
        .annotate(turn=Case(When(ahead, then=Value(0)), default=Value(1)))
        .order_by("turn", Case(When(ahead, then="starts_at")), "-starts_at")
    )
    return tickets.annotate(
        entry_id=Subquery(entries.values("pk")[:1]),
        entry_title=Subquery(entries.values("title")[:1]),
        next_at=Subquery(entries.filter(ahead).values("starts_at")[:1]),
    )


def exclusive_tickets_with_entries(group: Group, *, now: datetime) -> QuerySet[TicketWithEntry]:
    """The exclusive tickets that name a group, each with the entry that comes next (`with_entries`)."""
    return with_entries(exclusive_tickets_of(group), now=now)


def tickets_with_entries(account: Account, *, now: datetime) -> QuerySet[TicketWithEntry]:
    """All tickets of an account that are on sale, exclusive or not, each with its entry: what a discount may cover."""
    found = Ticket.objects.on_sale().filter(account=account).select_related("series__page")
    return with_entries(found, now=now).order_by("series__page__title", "name", "id")


def _subquery_count(rows: QuerySet[Any]) -> Coalesce:
    by_group = rows.order_by().values("group").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(by_group, output_field=IntegerField()), 0)
