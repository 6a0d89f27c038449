"""Indexes: each is there for something that no other does, and every foreign key can be followed backwards."""

from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

REPEATING = """
    WITH known AS (
        SELECT
            index.indexrelid AS id, index.indrelid AS of, index.indexrelid::regclass::text AS name,
            index.indrelid::regclass::text AS in_table, index.indisunique AS is_unique, index.indnkeyatts AS length,
            coalesce(pg_get_expr(index.indpred, index.indrelid), '') AS condition,
            (
                SELECT array_agg(pg_get_indexdef(index.indexrelid, number, true) ORDER BY number)
                FROM generate_series(1, index.indnkeyatts) AS number
            ) AS columns
        FROM pg_index AS index JOIN pg_class AS class ON class.oid = index.indexrelid
        JOIN pg_am AS way ON way.oid = class.relam
        WHERE way.amname = 'btree' AND class.relnamespace = current_schema()::regnamespace
    )
    SELECT shorter.in_table, shorter.name, longer.name FROM known AS shorter JOIN known AS longer USING (of, condition)
    WHERE shorter.id <> longer.id AND NOT shorter.is_unique AND longer.columns[1:shorter.length] = shorter.columns
        AND (shorter.length < longer.length OR longer.is_unique OR shorter.id > longer.id)
"""
THEIRS = ("account_", "auth_", "django_", "mfa_")
"""How the tables of packages begin: their models are not ours to change."""
OF_DJANGO = {
    # Of tables in between, which Django makes: their models cannot be told otherwise. They are read more than written.
    "accounts_user_groups", "accounts_user_user_permissions", "memberships_membership_pages", "tickets_ticket_groups",
    # The second index of a unique text column, for LIKE: of tables with a row for each studio, login, group or job.
    "accounts_account", "accounts_schedulepage", "accounts_user", "installation_heartbeat", "payments_failedcall",
    "groups_invitationlink",
}  # fmt: skip
FOUND_OTHERWISE = {
    "groups.MemberChange.group": "a group of which there is one has had members, so that nothing deletes it",
    "tickets.Booking.filled_by": "asked for of baskets alone, which booking_filled_by has; nothing deletes a user",
}
"""Foreign keys without an index for all rows, and why that is enough."""


def test_no_index_repeats_another() -> None:
    with connection.cursor() as cursor:
        cursor.execute(REPEATING)
        found = {
            f"{index} repeats {longer}"
            for table, index, longer in cursor.fetchall()
            if not table.startswith(THEIRS) and table not in OF_DJANGO
        }
    assert found == set()


def test_one_that_does_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX shorter ON tickets_booking (account_id, state)")
        cursor.execute(REPEATING)
        assert ("tickets_booking", "shorter", "booking_listed") in cursor.fetchall()


def foreign_keys() -> "Iterator[tuple[type[Model], ForeignKey[Model, Model]]]":
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if isinstance(field, ForeignKey) and not model._meta.db_table.startswith(THEIRS):
                yield model, field


def test_an_index_begins_with_every_foreign_key() -> None:
    """What it points to is deleted, or asked whether anything points to it: without one the whole table is read."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT index.indrelid::regclass::text, attribute.attname
            FROM pg_index AS index
            JOIN pg_attribute AS attribute ON attrelid = indrelid AND attnum = indkey[0]
            WHERE indpred IS NULL OR pg_get_expr(indpred, indrelid) = format('(%I IS NOT NULL)', attname)"""
        )
        indexed = set(cursor.fetchall())
    missing = {
        f"{model._meta.label}.{field.name}"
        for model, field in foreign_keys()
        if (model._meta.db_table, field.column) not in indexed
    }
    assert missing == set(FOUND_OTHERWISE)
