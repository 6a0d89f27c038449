"""The rows that a booking is made of: the booking itself, claimed by its form's key, and its seats."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from accounts.models import Customer
from bookwhen.fastpath.prepared import prepared_cursor
from offers.eligibility import Attendee, Situation, Verdict
from offers.models import OfferUse
from offers.periods import local_day
from offers.uses import Charge, spend
from tickets.availability import places
from tickets.availability.facts import Facts
from tickets.booking.refusals import KeyTakenError
from tickets.booking.request import Booked, BookingRequest, WantedTicket
from tickets.models import Booking, Entry, Seat, Ticket

_CLAIM: Final = """
    INSERT INTO tickets_booking (
        account_id, page_id, customer_id, uuid, key, channel, filled_by_id, booker_name, state, held_until, hold_limit,
        held_from, created_at
    )
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (account_id, key) DO NOTHING RETURNING id
"""

# A party is one customer's at one entry. Where it may not grow by so many people, there is no seat.
_SEATS: Final = """
    WITH party AS (
        INSERT INTO tickets_party AS party (account_id, entry_id, customer_id, seats, allowed)
        SELECT %(account)s::bigint, %(entry)s::bigint, %(customer)s::bigint, %(people)s::int, %(allowed)s::int
        WHERE %(people)s::int BETWEEN 1 AND %(allowed)s::int
        ON CONFLICT (entry_id, customer_id) DO UPDATE
            SET seats = party.seats + excluded.seats, allowed = greatest(party.allowed, excluded.allowed)
            WHERE party.seats + excluded.seats <= greatest(party.allowed, excluded.allowed)
        RETURNING party.id
    )
    INSERT INTO tickets_seat (
        account_id, booking_id, entry_id, customer_id, ticket_id, uuid, attendee_name, attendee_email,
        self_attendee_id, is_for_booker, use_id, price, amount, created_at, cancelled_by
    )
    SELECT %(account)s::bigint, %(booking)s::bigint, %(entry)s::bigint, %(customer)s::bigint, seat.ticket, seat.uuid,
        seat.name, seat.email, seat.self, seat.is_for_booker, seat.use, 0, 0, %(now)s::timestamptz, ''
    FROM unnest(
        %(ticket_id)s::bigint[], %(uuid)s::uuid[], %(attendee_name)s::text[], %(attendee_email)s::text[],
        %(self_attendee_id)s::bigint[], %(is_for_booker)s::bool[], %(use_id)s::bigint[]
    ) WITH ORDINALITY AS seat (ticket, uuid, name, email, self, is_for_booker, use, number)
    WHERE %(people)s::int = 0 OR EXISTS (SELECT FROM party)
    ORDER BY seat.number
    RETURNING uuid, id
"""
_COLUMNS: Final = (
    "ticket_id",
    "uuid",
    "attendee_name",
    "attendee_email",
    "self_attendee_id",
    "is_for_booker",
    "use_id",
)


@dataclass(frozen=True, slots=True)
class PartyGrowth:
    """By how many people a customer's party at an event grows, and how many it may be."""

    people: int = 0
    allowed: int = 0


NOBODY: Final = PartyGrowth()


def claim_key(booking: Booking, entry: Entry, customer: Customer, *, key: UUID, now: datetime) -> Booked:
    """Make the booking of this key, or find it. The same form sent twice waits here. Raises KeyTakenError."""
    booking.account_id, booking.page_id, booking.customer = entry.account_id, entry.page_id, customer
    booking.key, booking.created_at = key, now
    with prepared_cursor() as cursor:
        cursor.execute(
            _CLAIM,
            (
                booking.account_id,
                booking.page_id,
                customer.pk,
                booking.uuid,
                key,
                str(booking.channel),
                booking.filled_by_id,
                booking.booker_name,
                str(booking.state),
                booking.held_until,
                booking.hold_limit,
                booking.held_from,
                now,
            ),
        )
        made = cursor.fetchone()
    if made is not None:
        booking.pk = made[0]
        return Booked(booking, is_new=True)
    found = Booking.objects.select_related("customer", "page").get(account=entry.account_id, key=key)
    if (found.customer_id, found.filled_by_id) != (customer.pk, booking.filled_by_id):
        raise KeyTakenError
    return Booked(found, is_new=False)


def make_seats(
    booking: Booking, entry: Entry, facts: Facts, request: BookingRequest, verdicts: Sequence[Verdict], *, now: datetime
) -> list[Seat]:
    """Make a booking's seats as the rule allowed them: offers are charged, and the customer's party grows."""
    seats = request.seats
    uses = _charge_offers(entry, seats, verdicts, now=now)
    charged = [verdict for verdict in verdicts if verdict.offer is not None]
    party = PartyGrowth(len(charged), _party_allowed(facts.situation, charged)) if charged else NOBODY
    by_id, by_seat = {ticket.pk: ticket for ticket in facts.tickets}, {seat: uses.get(seat) for seat in seats}
    return insert_seats(booking, entry, request.wanted, by_id, by_seat, now=now, party=party)


def _charge_offers(
    entry: Entry, seats: Sequence[UUID], verdicts: Sequence[Verdict], *, now: datetime
) -> dict[UUID, OfferUse]:
    """Charge the offers that the verdicts name, always in the same order: the use of each seat that has one."""
    by_offer = defaultdict[tuple[int, int], list[tuple[UUID, Verdict]]](list)
    for seat, verdict in zip(seats, verdicts, strict=True):
        if verdict.offer is not None and verdict.member is not None:
            by_offer[verdict.member, verdict.offer].append((seat, verdict))
    uses: dict[UUID, OfferUse] = {}
    for (member, offer), charged in sorted(by_offer.items(), key=lambda item: item[0]):
        period = charged[0][1].period
        assert period is not None  # noqa: S101 - a verdict that charges an offer names the period
        charge = Charge(
            account=entry.account_id,
            offer=offer,
            member=member,
            period=period,
            ceiling=charged[0][1].limit,
            event_on=local_day(entry.starts_at, entry.account.zone),
            seats=[seat for seat, _verdict in charged],
        )
        uses.update(spend(charge, now=now))
    return uses


def _party_allowed(situation: Situation, charged: Sequence[Verdict]) -> int:
    offers = {verdict.offer for verdict in charged}
    return max(
        allowance.party
        for footing in situation.visitor.group_standings.values()
        for allowance in footing.allowances
        if allowance.offer in offers
    )


def insert_seats(
    booking: Booking,
    entry: Entry,
    wanted: Sequence[WantedTicket],
    tickets: Mapping[int, Ticket],
    uses: Mapping[UUID, OfferUse | None],
    *,
    now: datetime,
    party: PartyGrowth = NOBODY,
) -> list[Seat]:
    """The seats, by their uuids in the order of what was wanted; what they cost is said when they are priced.

    In the same statement the customer's party grows. Raises PartyFullError.
    """
    made = [
        Seat(
            account_id=entry.account_id,
            booking=booking,
            entry=entry,
            ticket=tickets[each.ticket],
            customer_id=booking.customer_id,
            uuid=seat,
            attendee_name=each.name,
            attendee_email=each.email,
            self_attendee_id=booking.customer_id if each.attendee is Attendee.SELF and use else None,
            is_for_booker=each.is_for_booker or each.attendee is Attendee.SELF,
            use=use,
            created_at=now,
        )
        for (seat, use), each in zip(uses.items(), wanted, strict=True)
    ]
    one = {"account": entry.account_id, "booking": booking.pk, "entry": entry.pk, "customer": booking.customer_id}
    each_of = {name: [getattr(seat, name) for seat in made] for name in _COLUMNS}
    with prepared_cursor() as cursor:
        cursor.execute(_SEATS, {**one, **each_of, "people": party.people, "allowed": party.allowed, "now": now})
        found = dict(cursor.fetchall())
    if len(found) != len(made):
        raise places.PartyFullError
    for seat in made:
        seat.pk = found[seat.uuid]
        seat._state.adding = False  # noqa: SLF001 - it is a row
    return made
