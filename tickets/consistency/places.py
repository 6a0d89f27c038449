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
        SELECT seat.entry_id, count(*) AS seats FROM tickets_seat AS seat
        WHERE seat.cancelled_at IS NULL AND IN_ACCOUNTS(seat) GROUP BY seat.entry_id
    ) AS live ON live.entry_id = entry.id
    WHERE coalesce(places.taken, 0) <> coalesce(live.seats, 0)
        AND IN_ACCOUNTS(entry)
"""
_TICKET: Final = """
    SELECT entry.account_id, ticket.id, ticket.name, entry.id, NULL::bigint, NULL::bigint,
        counted.taken::text, counted.seats::text
    FROM (
        SELECT entry_id, ticket_id, sum(taken) AS taken, sum(seats) AS seats FROM (
            SELECT places.entry_id, places.ticket_id, places.taken, 0 AS seats
            FROM tickets_entry AS entry JOIN tickets_ticketplaces AS places ON places.entry_id = entry.id
            WHERE IN_ACCOUNTS(entry)
            UNION ALL
            SELECT seat.entry_id, seat.ticket_id, 0, 1 FROM tickets_seat AS seat
            WHERE seat.cancelled_at IS NULL AND IN_ACCOUNTS(seat)
        ) AS either GROUP BY entry_id, ticket_id HAVING sum(taken) <> sum(seats)
    ) AS counted
    JOIN tickets_entry AS entry ON entry.id = counted.entry_id
    JOIN tickets_ticket AS ticket ON ticket.id = counted.ticket_id
    WHERE IN_ACCOUNTS(entry)
"""
_PARTY: Final = """
    SELECT entry.account_id, counted.customer_id, '', entry.id, counted.customer_id, NULL::bigint,
        counted.people::text, counted.seats::text
    FROM (
        SELECT entry_id, customer_id, sum(people) AS people, sum(seats) AS seats FROM (
            SELECT party.entry_id, party.customer_id, party.seats AS people, 0 AS seats
            FROM tickets_entry AS entry JOIN tickets_party AS party ON party.entry_id = entry.id
            WHERE IN_ACCOUNTS(entry)
            UNION ALL
            SELECT seat.entry_id, seat.customer_id, 0, 1 FROM tickets_seat AS seat
            WHERE seat.cancelled_at IS NULL AND seat.use_id IS NOT NULL AND IN_ACCOUNTS(seat)
        ) AS either GROUP BY entry_id, customer_id HAVING sum(people) <> sum(seats)
    ) AS counted
    JOIN tickets_entry AS entry ON entry.id = counted.entry_id
    WHERE IN_ACCOUNTS(entry)
"""
# Of an entry that many had booked, or of several dates, a long job cancels the spaces (`tickets.schedule.cancelling`,
# `cancelling_dates`).
_CANCELLED: Final = """
    SELECT entry.account_id, entry.id, '', entry.id, NULL::bigint, NULL::bigint, count(*)::text, '0'
    FROM tickets_entry AS entry
    JOIN tickets_seat AS seat ON seat.entry_id = entry.id AND seat.cancelled_at IS NULL
    WHERE entry.cancelled_at IS NOT NULL AND IN_ACCOUNTS(entry) AND NOT EXISTS(
        SELECT FROM accounts_operation AS operation
        WHERE operation.account_id = entry.account_id
            AND (operation.lane = 'cancel entry ' || entry.id
                OR operation.kind = 'cancel_dates' AND operation.cursor->'entries' @> to_jsonb(entry.id))
            AND operation.state IN ('queued', 'running', 'waiting')
    )
    GROUP BY entry.id
"""

# The counter of those who wait, at an entry and of each of its tickets there, against the requests.
_WAITING: Final = """
    SELECT entry.account_id, entry.id, counted.name, entry.id, NULL::bigint, NULL::bigint,
        counted.waiting::text, counted.requests::text
    FROM (
        SELECT entry_id, ticket_id, sum(waiting) AS waiting, sum(requests) AS requests,
            coalesce((SELECT name FROM tickets_ticket WHERE id = ticket_id), '') AS name
        FROM (
            SELECT places.entry_id, NULL::bigint AS ticket_id, places.waiting, 0 AS requests
            FROM tickets_entryplaces AS places WHERE places.waiting > 0 AND IN_ACCOUNTS(places)
            UNION ALL
            SELECT places.entry_id, places.ticket_id, places.waiting, 0
            FROM tickets_ticketplaces AS places WHERE places.waiting > 0 AND IN_ACCOUNTS(places)
            UNION ALL
            SELECT request.entry_id, counter.ticket_id, 0, 1
            FROM tickets_waitlistrequest AS request,
                LATERAL (
                    VALUES (NULL::bigint), (request.ticket_id)
                    UNION ALL
                    SELECT also.ticket_id FROM tickets_waitlistalternative AS also WHERE also.request_id = request.id
                ) AS counter (ticket_id)
            WHERE request.state = 'waiting' AND IN_ACCOUNTS(request)
        ) AS either GROUP BY entry_id, ticket_id HAVING sum(waiting) <> sum(requests)
    ) AS counted
    JOIN tickets_entry AS entry ON entry.id = counted.entry_id
"""
# What is offered is held for as long as it is offered, and nothing else is held for those who wait.
_WAIT_OFFER: Final = """
    SELECT offered.account_id, offered.entry_id, '', offered.entry_id, offered.customer_id, NULL::bigint,
        offered.requests::text, offered.holds::text
    FROM (
        SELECT request.account_id, request.entry_id, request.customer_id, 1 AS requests, 0 AS holds
        FROM tickets_waitlistrequest AS request JOIN tickets_booking AS booking ON booking.id = request.hold_id
        WHERE request.state = 'offered' AND booking.state NOT IN ('basket', 'paying') AND IN_ACCOUNTS(request)
        UNION ALL
        SELECT request.account_id, request.entry_id, request.customer_id, 0, 1
        FROM tickets_booking AS booking JOIN tickets_waitlistrequest AS request ON request.hold_id = booking.id
        WHERE booking.held_until IS NOT NULL AND booking.from_waiting_list AND request.state <> 'offered'
            AND IN_ACCOUNTS(booking)
    ) AS offered
"""

CHECKS: Final = (
    Check(FindingKind.ENTRY, _ENTRY),
    Check(FindingKind.TICKET, _TICKET),
    Check(FindingKind.PARTY, _PARTY),
    Check(FindingKind.CANCELLED, _CANCELLED),
    Check(FindingKind.WAITING, _WAITING),
    Check(FindingKind.WAIT_OFFER, _WAIT_OFFER),
)
