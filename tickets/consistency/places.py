"""Places: at entries, by tickets, and the people whom customers bring by their offers."""

from typing import Final

from tickets.consistency.check import Check
from tickets.models import FindingKind

_ENTRY: Final = """
    SELECT entry.account_id, entry.id, '', entry.id, NULL::bigint, NULL::bigint,
        coalesce(places.taken, 0)::text, coalesce(live.seats, 0)::text
    FROM tickets_entry AS entry
    LEFT JOIN tickets_entryplaces AS places ON places.entry_id = entry.id
    LEFT JOIN (
        SELECT entry_id, count(*) AS seats FROM tickets_seat WHERE cancelled_at IS NULL GROUP BY entry_id
    ) AS live ON live.entry_id = entry.id
    WHERE coalesce(places.taken, 0) <> coalesce(live.seats, 0)
        AND (%(accounts)s::bigint[] IS NULL OR entry.account_id = ANY(%(accounts)s))
"""
_TICKET: Final = """
    SELECT entry.account_id, ticket.id, ticket.name, entry.id, NULL::bigint, NULL::bigint,
        coalesce(places.taken, 0)::text, coalesce(live.seats, 0)::text
    FROM tickets_ticketplaces AS places
    FULL JOIN (
        SELECT entry_id, ticket_id, count(*) AS seats FROM tickets_seat
        WHERE cancelled_at IS NULL GROUP BY entry_id, ticket_id
    ) AS live USING (entry_id, ticket_id)
    JOIN tickets_entry AS entry ON entry.id = entry_id
    JOIN tickets_ticket AS ticket ON ticket.id = ticket_id
    WHERE coalesce(places.taken, 0) <> coalesce(live.seats, 0)
        AND (%(accounts)s::bigint[] IS NULL OR entry.account_id = ANY(%(accounts)s))
"""
_PARTY: Final = """
    SELECT entry.account_id, customer_id, '', entry.id, customer_id, NULL::bigint,
        coalesce(party.seats, 0)::text, coalesce(live.seats, 0)::text
    FROM tickets_party AS party
    FULL JOIN (
        SELECT entry_id, customer_id, count(*) AS seats FROM tickets_seat
        WHERE cancelled_at IS NULL AND use_id IS NOT NULL GROUP BY entry_id, customer_id
    ) AS live USING (entry_id, customer_id)
    JOIN tickets_entry AS entry ON entry.id = entry_id
    WHERE coalesce(party.seats, 0) <> coalesce(live.seats, 0)
        AND (%(accounts)s::bigint[] IS NULL OR entry.account_id = ANY(%(accounts)s))
"""
_CANCELLED: Final = """
    SELECT entry.account_id, entry.id, '', entry.id, NULL::bigint, NULL::bigint, count(*)::text, '0'
    FROM tickets_entry AS entry
    JOIN tickets_seat AS seat ON seat.entry_id = entry.id AND seat.cancelled_at IS NULL
    WHERE entry.cancelled_at IS NOT NULL AND (%(accounts)s::bigint[] IS NULL OR entry.account_id = ANY(%(accounts)s))
    GROUP BY entry.id
"""

CHECKS: Final = (
    Check(FindingKind.ENTRY, _ENTRY),
    Check(FindingKind.TICKET, _TICKET),
    Check(FindingKind.PARTY, _PARTY),
    Check(FindingKind.CANCELLED, _CANCELLED),
)
