"""The rows that a booking is made of: the booking itself, claimed by its form's key, and its seats."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
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

CLAIM: Final = """
    INSERT INTO tickets_booking (
        account_id, page_id, customer_id, uuid, key, channel, filled_by_id, booker_name, booker_email, state,
        held_until, hold_limit, held_from, created_at
    )
    VALUES (
        %(account)s::bigint, %(page)s::bigint, %(customer)s::bigint, %(booking_uuid)s::uuid, %(key)s::uuid,
        %(channel)s::text, %(filled_by)s::bigint, %(booker_name)s::text, %(booker_email)s::text, %(state)s::text,
        %(held_until)s::timestamptz, %(hold_limit)s::timestamptz, %(held_from)s::text, %(now)s::timestamptz
    )
    ON CONFLICT (account_id, key) DO NOTHING RETURNING id
"""
"""Makes the row of a booking (`booking_row`); no row, where its key is known."""

# A party is one customer's at one entry. Where it may not grow by so many people, there is no seat.
PARTY_AND_SEATS: Final = """
    party AS (
        INSERT INTO tickets_party AS party (account_id, entry_id, customer_id, seats, allowed)
        SELECT %(account)s::bigint, %(entry)s::bigint, %(customer)s::bigint, %(people)s::int, %(allowed)s::int
        FROM booking WHERE %(people)s::int BETWEEN 1 AND %(allowed)s::int
        ON CONFLICT (entry_id, customer_id) DO UPDATE
            SET seats = party.seats + excluded.seats, allowed = greatest(party.allowed, excluded.allowed)
            WHERE party.seats + excluded.seats <= greatest(party.allowed, excluded.allowed)
        RETURNING party.id
    ), seat AS (
        INSERT INTO tickets_seat (
            account_id, booking_id, entry_id, customer_id, ticket_id, uuid, attendee_name, attendee_email,
            self_attendee_id, is_for_booker, use_id, price, amount, created_at, cancelled_by
        )
        SELECT %(account)s::bigint, booking.id, %(entry)s::bigint, %(customer)s::bigint, seat.ticket, seat.uuid,
            seat.name, seat.email, seat.self, seat.is_for_booker, seat.use, 0, 0, %(now)s::timestamptz, ''
        FROM booking, unnest(
            %(ticket_id)s::bigint[], %(uuid)s::uuid[], %(attendee_name)s::text[], %(attendee_email)s::text[],
            %(self_attendee_id)s::bigint[], %(is_for_booker)s::bool[], %(use_id)s::bigint[]
        ) WITH ORDINALITY AS seat (ticket, uuid, name, email, self, is_for_booker, use, number)
        WHERE %(people)s::int = 0 OR EXISTS (SELECT FROM party)
        ORDER BY seat.number
        RETURNING uuid, id
    )
"""
"""Makes the rows of the seats (`seats_row`) of a `booking`, which stands before it in the same statement."""
_SEATS: Final = f"WITH booking AS (SELECT %(booking)s::bigint AS id), {PARTY_AND_SEATS} SELECT uuid, id FROM seat"  # noqa: S608
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
    begin_booking(booking, entry, customer, key=key, now=now)
    with prepared_cursor() as cursor:
        cursor.execute(CLAIM, booking_row(booking))
        made = cursor.fetchone()
    if made is not None:
        booking.pk = made[0]
        return Booked(booking, is_new=True)
    found = Booking.objects.select_related("customer", "page").get(account=entry.account_id, key=key)
    if (found.customer_id, found.filled_by_id) != (customer.pk, booking.filled_by_id):
        raise KeyTakenError
    return Booked(found, is_new=False)


def begin_booking(booking: Booking, entry: Entry, customer: Customer, *, key: UUID, now: datetime) -> None:
    """Let a booking that is to be made know by which form, for whom and on which page it is."""
    booking.account_id, booking.page_id, booking.customer = entry.account_id, entry.page_id, customer
    booking.key, booking.created_at = key, now


def booking_row(booking: Booking) -> dict[str, Any]:
    """What `CLAIM` asks of a booking."""
    return {
        "account": booking.account_id,
        "page": booking.page_id,
        "customer": booking.customer_id,
        "booking_uuid": booking.uuid,
        "key": booking.key,
        "channel": str(booking.channel),
        "filled_by": booking.filled_by_id,
        "booker_name": booking.booker_name,
        "booker_email": booking.booker_email,
        "state": str(booking.state),
        "held_until": booking.held_until,
        "hold_limit": booking.hold_limit,
        "held_from": booking.held_from,
        "now": booking.created_at,
    }


def make_seats(
    booking: Booking, entry: Entry, facts: Facts, request: BookingRequest, verdicts: Sequence[Verdict], *, now: datetime
) -> list[Seat]:
    """Make a basket's seats as the rule allowed them: offers are charged, and the customer's party grows."""
    seats, party = charged_seats(booking, entry, facts, request, verdicts, now=now)
    return _insert(seats, party)


def charged_seats(
    booking: Booking, entry: Entry, facts: Facts, request: BookingRequest, verdicts: Sequence[Verdict], *, now: datetime
) -> tuple[list[Seat], PartyGrowth]:
    """A booking's seats as the rule allowed them, still to be made, and how its party grows: offers are charged."""
    uses = _charge_offers(entry, request.seats, verdicts, now=now)
    charged = [verdict for verdict in verdicts if verdict.offer is not None]
    party = PartyGrowth(len(charged), party_allowed(facts.situation, charged)) if charged else NOBODY
    by_id, by_seat = {ticket.pk: ticket for ticket in facts.tickets}, {seat: uses.get(seat) for seat in request.seats}
    return _new_seats(booking, entry, request.wanted, by_id, by_seat, now=now), party


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


def party_allowed(situation: Situation, charged: Sequence[Verdict]) -> int:
    """How many people the charged offers let a customer bring to an event, at most."""
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
    uuids: Iterable[UUID],
    *,
    now: datetime,
) -> list[Seat]:
    """Make seats that no offer is charged for, by their uuids in the order of what was wanted."""
    return _insert(_new_seats(booking, entry, wanted, tickets, dict.fromkeys(uuids), now=now), NOBODY)


def seats_row(seats: Sequence[Seat], party: PartyGrowth) -> dict[str, Any]:
    """What `PARTY_AND_SEATS` asks of one booking's seats."""
    first = seats[0]
    return {
        "account": first.account_id,
        "entry": first.entry_id,
        "customer": first.customer_id,
        "now": first.created_at,
        "people": party.people,
        "allowed": party.allowed,
        **{name: [getattr(seat, name) for seat in seats] for name in _COLUMNS},
    }


def _new_seats(
    booking: Booking,
    entry: Entry,
    wanted: Sequence[WantedTicket],
    tickets: Mapping[int, Ticket],
    uses: Mapping[UUID, OfferUse | None],
    *,
    now: datetime,
) -> list[Seat]:
    """Seats that are no rows yet; what they cost is said when they are priced."""
    return [
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


def _insert(seats: list[Seat], party: PartyGrowth) -> list[Seat]:
    """Make the rows of seats; in the same statement the customer's party grows. Raises PartyFullError."""
    with prepared_cursor() as cursor:
        cursor.execute(_SEATS, {"booking": seats[0].booking_id, **seats_row(seats, party)})
        found = dict(cursor.fetchall())
    if len(found) != len(seats):
        raise places.PartyFullError
    for seat in seats:
        seat.pk = found[seat.uuid]
        seat._state.adding = False  # noqa: SLF001 - it is a row
    return seats
