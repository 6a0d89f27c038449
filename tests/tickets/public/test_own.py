"""What a visitor booked at an entry is found at the same cost however many others book there."""

import json
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from django.db import connection

from accounts.models import Customer
from bookwhen.fastpath.compiled import CompiledQuery
from bookwhen.fastpath.prepared import prepared_cursor
from tests.factories.accounts import UserFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.plans import run
from tickets.models import Booking, Entry
from tickets.public import pages
from tickets.public.own import seats_of_visitor

pytestmark = pytest.mark.django_db

OTHERS: Final = 2000
MOST: Final = 150
"""Blocks. Two thousand seats are 30 blocks themselves, but each leads to its booking and its customer."""


def blocks_of(query: CompiledQuery[Any], *arguments: object) -> int:
    sql, places = query.statement
    filled: list[Any] = [value if place is None else arguments[place] for place, value in places]
    with prepared_cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", filled)
        found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.fixture
def crowded() -> Entry:
    """An entry that everybody has booked since PostgreSQL looked at its tables last."""
    entry = EntryFactory.create(capacity=OTHERS)
    ticket = TicketFactory.create(entry=entry)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_customer, tickets_booking, tickets_seat")
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
    return entry


@pytest.mark.parametrize("has_login", [False, True])
@pytest.mark.parametrize("remembers", [False, True])
def test_it_is_found_without_reading_what_others_booked(crowded: Entry, *, has_login: bool, remembers: bool) -> None:
    booking = Booking.objects.filter(account=crowded.account_id).order_by("pk")[OTHERS // 2]
    user = UserFactory.create()
    if has_login:
        Customer.objects.filter(pk=booking.customer_id).update(user=user)
    login, remembered = user.pk if has_login else 0, [booking.uuid] if remembers else list[UUID]()

    entry: list[Any] = [crowded.page.slug, crowded.uuid, *([login] if has_login else []), remembered]
    lately = [crowded.account_id, crowded.pk, login, remembered, NOW - timedelta(hours=1)]
    find: CompiledQuery[Any] = pages._users_entries if has_login else pages._guests_entries  # noqa: SLF001

    is_found = has_login or remembers
    assert [row.own_booking for row in find(*entry)] == [booking.uuid if is_found else None]
    assert [seat.booking_id for seat in seats_of_visitor(*lately)] == ([booking.pk] if is_found else [])
    assert blocks_of(find, *entry) < MOST
    assert blocks_of(seats_of_visitor, *lately) < MOST
