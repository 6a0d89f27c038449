"""What PostgreSQL planned while nobody had booked anything still serves when hundreds have, a moment later."""

import json
from collections.abc import Generator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from bookwhen.fastpath.compiled import CompiledQuery
from tests.factories.accounts import UserFactory
from tests.factories.schedule import NOW
from tests.tickets.public.crowd import MOST, OTHERS, fill, make_new_entry
from tickets.models import Booking, Seat
from tickets.public import pages
from tickets.public.booking import booking_view
from tickets.public.own import seats_of_visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned_once(db: None) -> Generator[None]:
    """Each statement is planned at its first use, for any values, as in a web process."""
    connection.ensure_connection()
    before, connection.connection.prepare_threshold = connection.connection.prepare_threshold, 0
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        yield
        cursor.execute("RESET plan_cache_mode")
    connection.connection.prepare_threshold = before


def blocks_of_plan(query: CompiledQuery[Any], *arguments: object) -> int:
    """How many blocks it reads by the plan that this connection has of it."""
    sql, places = query.statement
    filled: list[Any] = [value if place is None else arguments[place] for place, value in places]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, statement FROM pg_prepared_statements")
        [name] = [name for name, statement in cursor.fetchall() if is_of(statement, sql)]
        values = ", ".join(["%s"] * len(filled))
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE {name} ({values})", filled)
        found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def is_of(statement: str, sql: str) -> bool:
    """Whether PostgreSQL has this one by it: where it has `$1`, and so on, we have `%s`."""
    pieces = sql.split("%s")
    return statement == "".join(
        piece + (f"${number}" if number < len(pieces) else "") for number, piece in enumerate(pieces, 1)
    )


@pytest.mark.usefixtures("planned_once")
def test_plans_of_an_empty_house_serve_a_crowd() -> None:
    entry, ticket = make_new_entry()
    login, nobody = UserFactory.create().pk, Booking(uuid=entry.uuid)
    here: list[Any] = [entry.page.slug, entry.uuid]
    lately: list[Any] = [NOW - timedelta(hours=1)]

    def asked(booking: Booking, seat: Seat) -> list[tuple[CompiledQuery[Any], list[Any]]]:
        return [
            (pages._guests_entries, [*here, [booking.uuid]]),  # noqa: SLF001
            (pages._entries_of_form, [*here, [booking.uuid], seat.uuid, NOW]),  # noqa: SLF001
            (pages._users_entries, [*here, login, [booking.uuid]]),  # noqa: SLF001
            (pages._bookings, [booking.uuid]),  # noqa: SLF001
            (booking_view._seats_of, [booking.uuid]),  # noqa: SLF001
            (seats_of_visitor, [entry.account_id, entry.pk, login, [booking.uuid], *lately]),
            (seats_of_visitor, [entry.account_id, entry.pk, 0, [booking.uuid], *lately]),
        ]

    for query, arguments in asked(nobody, Seat(uuid=entry.uuid)):
        query(*arguments)
    fill(entry, ticket)
    one = Booking.objects.filter(account=entry.account_id).order_by("pk")[OTHERS // 2]

    read = {
        (vars(query)["__name__"], number): blocks_of_plan(query, *arguments)
        for number, (query, arguments) in enumerate(asked(one, one.seats.get()))
    }
    assert {name: blocks for name, blocks in read.items() if blocks >= MOST} == {}
