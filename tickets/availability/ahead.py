"""What the rule reads of one customer at all the entries of a page at once: the schedule says what is included.

The text that PostgreSQL answers is a key as well: while it is the same, so is what a page says to this customer.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from accounts.models import Customer
from bookwhen.fastpath.prepared import prepared_cursor
from groups.models import Group, Member, Standing
from groups.queries import standings_now
from offers.eligibility import Ask, Situation, Verdict, judge
from offers.periods import Period, local_day
from tickets.annotated import OfferAtEntry, TicketAtEntry
from tickets.availability.facts import Facts, Spent, person_of_customer, situation_of
from tickets.availability.reading import FactRows, members_and_standings, offer_of
from tickets.availability.roomy import with_plenty_of_space
from tickets.models import Entry
from tickets.models.waiting import WaitState

# Uses count by their lines, whatever they are filed under: those of every period that may hold a day still to come.
_AHEAD_SQL: Final = """
    WITH entry AS MATERIALIZED ({entries}), member AS MATERIALIZED (
        SELECT member.*, to_jsonb("group") AS told FROM groups_member AS member
        JOIN groups_group AS "group" ON "group".id = member.group_id AND "group".archived_at IS NULL
        WHERE member.customer_id = %(customer)s::bigint AND member.account_id = %(account)s::bigint
            AND member.stands_until > %(now)s::timestamptz
    ), seat AS MATERIALIZED (
        SELECT seat.entry_id, seat.self_attendee_id, booking.state = 'booked' AS is_booked, coalesce(
            (SELECT after.id FROM offers_offer AS after WHERE after.replaces_id = period.offer_id AND after.carrying),
            period.offer_id
        ) AS offer_id
        FROM entry
        JOIN tickets_seat AS seat ON seat.entry_id = entry.id AND seat.customer_id = %(customer)s::bigint
            AND seat.cancelled_at IS NULL
        JOIN tickets_booking AS booking ON booking.id = seat.booking_id
        LEFT JOIN offers_offeruse AS line ON line.id = seat.use_id
        LEFT JOIN offers_usageperiod AS period ON period.id = line.period_id
    ), offer AS (
        SELECT offer.*,
            ARRAY(SELECT page_id FROM tickets_coverage
                WHERE offer_id = offer.id AND page_id IS NOT NULL ORDER BY page_id) AS page_ids,
            ARRAY(SELECT ticket_id FROM tickets_coverage
                WHERE offer_id = offer.id AND ticket_id IS NOT NULL ORDER BY ticket_id) AS ticket_ids,
            ARRAY(
                SELECT line.event_on FROM offers_usageperiod AS period
                JOIN offers_offeruse AS line ON line.period_id = period.id AND line.ended_at IS NULL
                WHERE offer."limit" IS NOT NULL AND period.member_id = member.id
                    AND period.offer_id IN (offer.id, CASE WHEN offer.carrying THEN offer.replaces_id END)
                    AND (NOT offer.ongoing OR period.ends_on IS NULL OR period.ends_on > %(today)s::date
                        - (offer.period_count || ' ' || offer.period_unit)::interval - interval '1 day')
                ORDER BY line.event_on
            ) AS used_on,
            (
                SELECT jsonb_agg(jsonb_build_array(extra."on", extra.count) ORDER BY extra.id)
                FROM offers_usageperiod AS period
                JOIN offers_extrauses AS extra ON extra.period_id = period.id AND extra.ended_at IS NULL
                WHERE offer."limit" IS NOT NULL AND period.member_id = member.id AND period.extra > 0
                    AND period.offer_id IN (offer.id, CASE WHEN offer.carrying THEN offer.replaces_id END)
            ) AS extras
        FROM offers_offer AS offer JOIN member ON member.group_id = offer.group_id
        WHERE offer.kind = 'exclusive' AND offer.enabled AND offer.deleted_at IS NULL
    )
    SELECT jsonb_build_object(
        'members', (SELECT jsonb_agg(jsonb_build_object(
            'member', to_jsonb(member) - 'told', 'group', member.told,
            'standings', (
                SELECT jsonb_agg(to_jsonb(standing) ORDER BY standing.id) FROM groups_standing AS standing
                WHERE standing.member_id = member.id
                    AND (standing.until IS NULL OR standing.until > %(now)s::timestamptz)
            )) ORDER BY member.id) FROM member),
        'offers', (SELECT jsonb_agg(to_jsonb(offer) ORDER BY id) FROM offer),
        'seats', (SELECT jsonb_agg(
            jsonb_build_array(entry_id, offer_id, self_attendee_id IS NOT NULL, is_booked)
            ORDER BY entry_id, offer_id, is_booked, self_attendee_id) FROM seat),
        'waits', (SELECT jsonb_agg(jsonb_build_array(request.entry_id, request.state) ORDER BY request.entry_id)
            FROM entry JOIN tickets_waitlistrequest AS request ON request.entry_id = entry.id
                AND request.customer_id = %(customer)s::bigint AND request.state IN ('waiting', 'offered'))
    )::text
"""
_THESE: Final = "SELECT unnest(%(entries)s::bigint[]) AS id"
_FROM_HERE_ON: Final = """
    SELECT entry.id FROM tickets_entry AS entry
    WHERE entry.page_id = (SELECT id FROM accounts_schedulepage WHERE slug = %(page)s::text)
        AND entry.cancelled_at IS NULL AND entry.starts_at >= %(since)s::timestamptz
        AND (entry.starts_at > %(since)s::timestamptz OR entry.id > %(key)s::bigint)
    ORDER BY entry.starts_at, entry.id LIMIT %(most)s::int
"""
_AT_THESE_SQL: Final = _AHEAD_SQL.format(entries=_THESE)
_ON_PAGE_SQL: Final = _AHEAD_SQL.format(entries=_FROM_HERE_ON)


@dataclass(frozen=True, slots=True)
class _Seat:
    """A live ticket of the customer's: the offer (id) that it is charged to, and whether it is their own place."""

    entry: int
    offer: int | None
    is_own: bool
    is_booked: bool


@dataclass(frozen=True)
class Ahead:
    """What was read of a customer (`told`), and what it comes to at one entry after another."""

    customer: Customer
    told: str

    @cached_property
    def _read(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.told)
        return found

    @cached_property
    def _belonging(self) -> tuple[list[Member], Mapping[int, Group], list[Standing]]:
        return members_and_standings(self._read["members"] or ())

    @cached_property
    def _offers(self) -> list[OfferAtEntry]:
        _, groups, _ = self._belonging
        blank = {"used": 0, "extra": 0, "filed_from": None, "filed_until": None, "uncarried": False}
        blank |= {"here": 0, "party": 0, "attends": False}
        return [offer_of({**row, **blank}, groups) for row in self._read["offers"] or ()]

    @cached_property
    def _used_on(self) -> dict[int, list[date]]:
        return {row["id"]: [date.fromisoformat(day) for day in row["used_on"]] for row in self._read["offers"] or ()}

    @cached_property
    def _extras(self) -> dict[int, list[tuple[date, int]]]:
        rows = self._read["offers"] or ()
        return {row["id"]: [(date.fromisoformat(on), many) for on, many in row["extras"] or ()] for row in rows}

    @cached_property
    def _seats(self) -> list[_Seat]:
        return [_Seat(*row) for row in self._read["seats"] or ()]

    def groups_now(self, now: datetime) -> frozenset[int]:
        """The groups (ids), archived ones left out, in which they stand."""
        _, _, standings = self._belonging
        return frozenset(each.member.group_id for each in standings_now(standings, now=now))

    @cached_property
    def states(self) -> Mapping[int, str]:
        """The entries (ids) of which they have something: *booked*, *offered*, in a *basket*, or *waiting* for it."""
        waits = dict(self._read["waits"] or ())
        held = {seat.entry: "basket" for seat in self._seats if waits.get(seat.entry) != WaitState.OFFERED}
        return waits | held | {seat.entry: "booked" for seat in self._seats if seat.is_booked}

    def judge(
        self, entry: Entry, tickets: Sequence[TicketAtEntry], *, waits: bool = False, now: datetime
    ) -> list[Verdict]:
        """What the rule says of tickets on sale at an entry (with `account` and `places`), for themselves.

        Of who `waits` for them, as if there were space.
        """
        situation = self._situation(entry, self._rows_at(entry, tickets), now)
        situation = with_plenty_of_space(situation) if waits else situation
        return [judge(situation, Ask(ticket.pk), now=now) for ticket in tickets]

    def facts(self, entry: Entry, tickets: Sequence[TicketAtEntry], *, now: datetime) -> Facts:
        """All that the rule judges by there, as `load_facts` says it; only of pauses it knows nothing."""
        rows = self._rows_at(entry, tickets)
        groups = {each.member.group_id for each in rows.standings}
        return Facts(self._situation(entry, rows, now), tickets, rows.offers_of(groups))

    def _rows_at(self, entry: Entry, tickets: Sequence[TicketAtEntry]) -> FactRows:
        members, _, standings = self._belonging
        return FactRows(tickets, members, standings, self._offers_at(entry))

    def _situation(self, entry: Entry, rows: FactRows, now: datetime) -> Situation:
        return situation_of(entry, person_of_customer(self.customer), rows, self._count, now=now)

    def _offers_at(self, entry: Entry) -> list[OfferAtEntry]:
        charged = [seat for seat in self._seats if seat.entry == entry.pk and seat.offer is not None]
        if not charged:
            return self._offers
        offers = [copy(offer) for offer in self._offers]
        for offer in offers:
            offer.here = sum(seat.offer == offer.pk for seat in charged)
            offer.party = len(charged)
            offer.attends = any(seat.is_own for seat in charged)
        return offers

    def _count(self, offer: OfferAtEntry, _member: Member, period: Period) -> Spent:
        used = sum(day in period for day in self._used_on[offer.pk])
        return Spent(used, sum(many for on, many in self._extras[offer.pk] if on in period))


def read_ahead_on(customer: Customer, page: str, since: datetime, key: int, *, most: int, now: datetime) -> Ahead:
    """Of a customer (with account) at what a page (its slug) shows from an instant on, as `next_entries_on` says."""
    return _read(_ON_PAGE_SQL, customer, {"page": page, "since": since, "key": key, "most": most}, now)


def read_ahead_at(customer: Customer, entries: Iterable[int], *, now: datetime) -> Ahead:
    """The same at these entries (ids)."""
    return _read(_AT_THESE_SQL, customer, {"entries": list(entries)}, now)


def _read(sql: str, customer: Customer, asked: Mapping[str, Any], now: datetime) -> Ahead:
    today = local_day(now, customer.account.zone)
    given: dict[str, Any] = {
        **asked,
        "customer": customer.pk,
        "account": customer.account_id,
        "now": now,
        "today": today,
    }
    with prepared_cursor() as cursor:
        cursor.execute(sql, given)
        (told,) = cursor.fetchone()
    return Ahead(customer, told)
