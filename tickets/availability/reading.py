"""Everything the rule reads of an entry and a customer, in one statement: it is asked at every step of a booking."""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, cast

from accounts.models import Customer
from bookwhen.fastpath.prepared import prepared_cursor
from bookwhen.fastpath.rows import RowReader
from groups.models import Group, Member, Standing
from offers.models import Offer
from offers.periods import local_day
from tickets.annotated import OfferAtEntry, TicketAtEntry
from tickets.models import Entry, Ticket
from tickets.queries import read_tickets_of

Row = dict[str, Any]

# Written by hand: the ORM takes longer to write it than PostgreSQL to answer.
_FACTS_SQL: Final = """
    WITH ticket AS MATERIALIZED (
        SELECT ticket.*, places.taken + places.reserved AS taken,
            ARRAY(
                SELECT named.group_id FROM tickets_ticket_groups AS named
                JOIN groups_group AS "group" ON "group".id = named.group_id AND "group".archived_at IS NULL
                WHERE named.ticket_id = ticket.id
            ) AS group_ids
        FROM tickets_ticket AS ticket
        LEFT JOIN tickets_ticketplaces AS places ON places.ticket_id = ticket.id AND places.entry_id = %(entry)s::bigint
        WHERE ticket.series_id = %(series)s::bigint AND ticket.retired_at IS NULL
    ), member AS MATERIALIZED (
        SELECT member.* FROM groups_member AS member
        WHERE member.customer_id = %(customer)s::bigint
            AND member.group_id IN (SELECT unnest(ticket.group_ids) FROM ticket WHERE ticket.exclusive)
    ), charged AS MATERIALIZED (
        SELECT seat.self_attendee_id, coalesce(
            (SELECT after.id FROM offers_offer AS after WHERE after.replaces_id = period.offer_id AND after.carrying),
            period.offer_id
        ) AS offer_id
        FROM tickets_seat AS seat
        JOIN offers_offeruse AS line ON line.id = seat.use_id
        JOIN offers_usageperiod AS period ON period.id = line.period_id
        WHERE seat.entry_id = %(entry)s::bigint AND seat.customer_id = %(customer)s::bigint
            AND seat.cancelled_at IS NULL AND EXISTS(SELECT FROM member)
    ), offer AS (
        SELECT offer.*,
            ARRAY(SELECT page_id FROM tickets_coverage
                WHERE offer_id = offer.id AND page_id IS NOT NULL) AS page_ids,
            ARRAY(SELECT ticket_id FROM tickets_coverage
                WHERE offer_id = offer.id AND ticket_id IS NOT NULL) AS ticket_ids,
            coalesce(filed.used, 0) AS used, coalesce(filed.extra, 0) AS extra, filed.starts_on AS filed_from,
            filed.ends_on AS filed_until,
            (SELECT count(*) FROM charged WHERE charged.offer_id = offer.id) AS here,
            (SELECT count(*) FROM charged) AS party,
            EXISTS(SELECT FROM charged WHERE charged.self_attendee_id IS NOT NULL) AS attends,
            offer.carrying AND EXISTS(
                SELECT FROM offers_usageperiod AS before
                WHERE before.offer_id = offer.replaces_id AND before.member_id = member.id
            ) AS uncarried
        FROM offers_offer AS offer
        JOIN member ON member.group_id = offer.group_id
        LEFT JOIN offers_usageperiod AS filed ON filed.offer_id = offer.id AND filed.member_id = member.id
            AND filed.starts_on <= %(day)s::date AND (filed.ends_on IS NULL OR filed.ends_on > %(day)s::date)
        WHERE offer.kind = 'exclusive' AND offer.enabled AND offer.deleted_at IS NULL
    )
    SELECT
        (SELECT jsonb_agg(to_jsonb(ticket) ORDER BY position, id) FROM ticket),
        (SELECT jsonb_agg(jsonb_build_object(
            'member', to_jsonb(member), 'group', to_jsonb("group"),
            'standings', (
                SELECT jsonb_agg(to_jsonb(standing) ORDER BY standing.id) FROM groups_standing AS standing
                WHERE standing.member_id = member.id
                    AND (standing.until IS NULL OR standing.until > %(now)s::timestamptz)
            )) ORDER BY member.id)
            FROM member JOIN groups_group AS "group" ON "group".id = member.group_id),
        (SELECT jsonb_agg(to_jsonb(offer) ORDER BY id) FROM offer)
"""
"""The tickets on sale at an entry as `tickets_of` says; the customer's memberships of the groups in use that they are
for, with standings that have not ended; and those groups' enabled exclusive-ticket offers, each with what it covers,
`used` and `extra` (in the row for the entry's day, `filed_from` … `filed_until`), and of the customer's live tickets
there `here` (charged to it), `party` (charged to any) and `attends` (one is their own). `uncarried`: what they used of
the offer that it replaces is still to be carried over."""

# What the rule never asks for is not made into values; it is fetched when somebody asks all the same.
_TICKET: Final = RowReader(Ticket, without={"created_at", "retired_at"})
_OFFER: Final = RowReader(Offer, without={"created_at", "deleted_at"})
_MEMBER: Final = RowReader(Member, without={"created_at"})
_GROUP: Final = RowReader(Group, without={"created_at", "archived_at"})
_STANDING: Final = RowReader(Standing, without={"created_at", "ground"})
_EXTRA: Final = ("page_ids", "ticket_ids", "used", "extra", "here", "party", "attends", "uncarried")


@dataclass(frozen=True, slots=True)
class FactRows:
    """What was read: tickets (with `taken` and `group_ids`), the customer's members and standings, and the offers."""

    tickets: Sequence[TicketAtEntry]
    members: Sequence[Member]
    standings: Sequence[Standing]
    offers: Sequence[OfferAtEntry]

    def offers_of(self, groups: AbstractSet[int]) -> dict[int, OfferAtEntry]:
        """The offers of these groups (ids), by id, each with its group."""
        return {offer.pk: offer for offer in self.offers if offer.group_id in groups}


def read_fact_rows(
    entry: Entry, customer: Customer | None, *, now: datetime, sold: Sequence[Row] | None = None
) -> FactRows:
    """Read what the rule needs at an aware instant of an entry (with its account) and a customer, if there is one.

    `sold`: its tickets as JSON, where they were read along with it just now.
    """
    if customer is None:
        return FactRows(read_tickets_of(entry) if sold is None else [ticket_of(row) for row in sold], [], [], [])
    asked: dict[str, int | date | datetime] = {
        "entry": entry.pk,
        "series": entry.series_id,
        "customer": customer.pk,
        "day": local_day(entry.starts_at, entry.account.zone),
        "now": now,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_FACTS_SQL, asked)
        # Django leaves JSON undecoded: its own fields do that.
        tickets, belongings, offers = (json.loads(each) if each else () for each in cursor.fetchone())
    members, groups, standings = members_and_standings(belongings)
    return FactRows([ticket_of(row) for row in tickets], members, standings, [offer_of(row, groups) for row in offers])


def members_and_standings(rows: Sequence[Row]) -> tuple[list[Member], Mapping[int, Group], list[Standing]]:
    """Members as a statement tells them, each with its `group` and `standings`; the groups by id; the standings."""
    members: list[Member] = []
    groups: dict[int, Group] = {}
    standings: list[Standing] = []
    for row in rows:
        member, group = _MEMBER.read(row["member"]), _GROUP.read(row["group"])
        member.group = groups[group.pk] = group
        members.append(member)
        for each in row["standings"] or ():
            standings.append(standing := _STANDING.read(each))
            standing.member = member
    return members, groups, standings


def ticket_of(row: Row) -> TicketAtEntry:
    """The ticket that a statement tells as JSON, with `taken` and `group_ids`."""
    made = cast("TicketAtEntry", _TICKET.read(row))
    made.taken, made.group_ids = row["taken"], row["group_ids"]
    return made


def offer_of(row: Row, groups: Mapping[int, Group]) -> OfferAtEntry:
    """The offer that a statement tells as JSON, as one customer has it at one entry."""
    made = cast("OfferAtEntry", _OFFER.read(row))
    for name in _EXTRA:
        setattr(made, name, row[name])
    made.filed_from, made.filed_until = _date(row["filed_from"]), _date(row["filed_until"])
    made.group = groups[made.group_id]
    return made


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
