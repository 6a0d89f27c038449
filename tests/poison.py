"""Rows that the database itself refuses to change: whatever a job does to one, it fails."""

from django.db import connection
from django.db.models import Model

_POISON = """
SET CONSTRAINTS ALL IMMEDIATE;
CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'this row is poison' USING ERRCODE = 'data_exception'; END $$;
CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW WHEN (OLD.id = {pk}) EXECUTE FUNCTION refuse();
SET CONSTRAINTS ALL DEFERRED
"""


def poison(row: Model) -> None:
    """Let no statement change this row any more, until the test's transaction is rolled back or `cure`."""
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(_POISON.format(name=f"poison_{row.pk}", table=table, pk=row.pk))


def cure(row: Model) -> None:
    """Let it be changed again."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; DROP TRIGGER poison_{row.pk} ON {row._meta.db_table}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
