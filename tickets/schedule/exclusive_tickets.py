"""What the operator is told of groups, of the exclusive tickets that name them, and of tickets to choose from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Account
from bookwhen.counts import CappedCount
from groups.models import Group
from tickets.annotated import TicketWithEntry
from tickets.models import Entry, Ticket
from tickets.queries import exclusive_tickets_of

MOST_TICKETS: Final = 100
"""How many tickets of a group are counted: each is looked up, for each group of a list."""


@dataclass(frozen=True, slots=True)
class GroupTally:
    """How many offers and exclusive tickets a group has, and how many of those no enabled offer covers.

    Only the newest tickets that name it are looked at, as many as are counted.
    """

    offers: int
    tickets: CappedCount
    uncovered: CappedCount


# The newest tickets are taken first, and each is then looked up, so that no more are read than are counted.
_TALLY: Final = """
    SELECT named.id, named.offers, seen.named, seen.live, seen.uncovered
    FROM (
        SELECT "group".id,
            (SELECT count(*) FROM offers_offer AS offer
                WHERE offer.group_id = "group".id AND offer.deleted_at IS NULL) AS offers,
            ARRAY(SELECT offer.id FROM offers_offer AS offer
                WHERE offer.group_id = "group".id AND offer.deleted_at IS NULL AND offer.enabled
                    AND offer.kind = 'exclusive') AS opening
        FROM groups_group AS "group" WHERE "group".account_id = %(account)s AND "group".id = ANY(%(groups)s)
    ) AS named
    CROSS JOIN LATERAL (
        SELECT ARRAY(
            SELECT page.id FROM accounts_schedulepage AS page
            WHERE page.account_id = %(account)s AND (
                SELECT true FROM tickets_coverage AS coverage
                WHERE coverage.offer_id = ANY(named.opening) AND coverage.page_id = page.id LIMIT 1
            )
        ) AS ids
    ) AS pages
    CROSS JOIN LATERAL (
        SELECT count(*) AS named, count(ticket.id) AS live, count(ticket.id) FILTER (WHERE NOT ticket.covered)
            AS uncovered
        FROM (
            SELECT ticket_id FROM tickets_ticket_groups
            WHERE group_id = named.id ORDER BY ticket_id DESC LIMIT %(most)s + 1
        ) AS newest
        LEFT JOIN LATERAL (
            SELECT ticket.id, series.page_id = ANY(pages.ids) OR (
                SELECT true FROM tickets_coverage AS coverage
                WHERE coverage.offer_id = ANY(named.opening) AND coverage.ticket_id = ticket.id LIMIT 1
            ) IS NOT NULL AS covered
            FROM tickets_ticket AS ticket JOIN tickets_series AS series ON series.id = ticket.series_id
            WHERE ticket.id = newest.ticket_id AND ticket.exclusive AND ticket.retired_at IS NULL LIMIT 1
        ) AS ticket ON true
    ) AS seen
"""


def tally_groups(account: Account, groups: Iterable[Group]) -> dict[int, GroupTally]:
    """The tallies of some groups of an account, by id, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_TALLY, {"account": account.pk, "groups": [each.pk for each in groups], "most": MOST_TICKETS})
        return {
            group: GroupTally(
                offers,
                CappedCount(live if named <= MOST_TICKETS else MOST_TICKETS + 1, MOST_TICKETS),
                CappedCount(uncovered, MOST_TICKETS),
            )
            for group, offers, named, live, uncovered in cursor.fetchall()
        }


def tally_group(group: Group) -> GroupTally:
    """The tally of one group."""
    return tally_groups(group.account, [group])[group.pk]


def with_entries(tickets: QuerySet[Ticket], *, now: datetime) -> QuerySet[TicketWithEntry]:
    """Tickets with `entry_id` and `entry_title` of the next entry they are for, or else of the last one.

    `next_at` is when the next one starts; None where none is planned. Each is found by the index of a series' entries.
    """
    entries = Entry.objects.filter(series=OuterRef("series"))
    ahead = entries.filter(starts_at__gt=now, cancelled_at__isnull=True).order_by("starts_at")
    last = entries.order_by("-starts_at")
    return tickets.annotate(
        entry_id=Coalesce(Subquery(ahead.values("pk")[:1]), Subquery(last.values("pk")[:1])),
        entry_title=Coalesce(Subquery(ahead.values("title")[:1]), Subquery(last.values("title")[:1])),
        next_at=Subquery(ahead.values("starts_at")[:1]),
    )


def exclusive_tickets_with_entries(group: Group, *, now: datetime) -> QuerySet[TicketWithEntry]:
    """The exclusive tickets that name a group, newest first, each with the entry that comes next (`with_entries`)."""
    return with_entries(exclusive_tickets_of(group), now=now).order_by("-pk")


def tickets_with_entries(account: Account, *, now: datetime) -> QuerySet[TicketWithEntry]:
    """All tickets of an account that are on sale, exclusive or not, each with its entry: what a discount may cover."""
    found = Ticket.objects.on_sale().filter(account=account).select_related("series__page")
    return with_entries(found, now=now).order_by("-pk")


def one_per_family(tickets: QuerySet[TicketWithEntry]) -> QuerySet[TicketWithEntry]:
    """Of tickets that were one until they were split, only the first of those here: who chooses it takes them all."""
    among = Ticket.objects.filter(pk__in=tickets.order_by().values("pk"), pk__lt=OuterRef("pk"))
    family = Q(pk=OuterRef("split_from")) | Q(split_from=OuterRef("split_from"))
    return tickets.exclude(Exists(among.filter(family)), split_from__isnull=False)
