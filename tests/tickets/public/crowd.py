"""An entry that everybody has booked since PostgreSQL looked at its tables last, and what a query reads there."""

import json
from typing import Any, Final

from django.db import connection

from bookwhen.fastpath.compiled import CompiledQuery
from bookwhen.fastpath.prepared import prepared_cursor
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.plans import empty, run
from tickets.models import Entry, Ticket

OTHERS: Final = 2000
MOST: Final = 500
"""Blocks, of which dead rows of other tests are some. Two thousand seats lead to as many bookings and customers."""


def blocks_of(query: CompiledQuery[Any], *arguments: object) -> int:
    sql, places = query.statement
    filled: list[Any] = [value if place is None else arguments[place] for place, value in places]
    with prepared_cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", filled)
        found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def make_crowded_entry() -> Entry:
    """An entry that everybody has booked since PostgreSQL looked at its tables last."""
    entry, ticket = make_new_entry()
    fill(entry, ticket)
    return entry


def make_new_entry() -> tuple[Entry, Ticket]:
    """An entry with its ticket, when PostgreSQL has looked at tables in which nobody has booked anything."""
    empty("accounts_customer", "tickets_booking", "tickets_seat")
    entry = EntryFactory.create(capacity=OTHERS)
    ticket = TicketFactory.create(entry=entry)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_customer, tickets_booking, tickets_seat")
    return entry, ticket


def fill(entry: Entry, ticket: Ticket) -> None:
    """Let everybody book it, as quickly as PostgreSQL takes it."""
    run(
        """
        INSERT INTO accounts_customer (account_id, email, name, name_confirmed, created_at)
        SELECT %(account)s, 'c' || number || '@example.org', 'Grace', false, %(now)s
        FROM generate_series(1, %(others)s) AS number
        """,
        """
        INSERT INTO tickets_booking (
            account_id, page_id, customer_id, uuid, key, channel, booker_name, state, held_from, created_at
        )
        SELECT account_id, %(page)s, id, gen_random_uuid(), gen_random_uuid(), 'customer', '', 'booked', '', %(now)s
        FROM accounts_customer WHERE account_id = %(account)s AND email LIKE 'c%%'
        """,
        """
        INSERT INTO tickets_seat (
            account_id, booking_id, entry_id, customer_id, ticket_id, uuid, attendee_name, attendee_email,
            is_for_booker, price, amount, created_at, cancelled_by
        )
        SELECT account_id, id, %(entry)s, customer_id, %(ticket)s, gen_random_uuid(), 'Grace', '', true,
            0, 0, %(now)s, ''
        FROM tickets_booking WHERE account_id = %(account)s
        """,
        account=entry.account_id, page=entry.page_id, entry=entry.pk, ticket=ticket.pk, others=OTHERS, now=NOW,
    )  # fmt: skip
