from django.db import migrations

from accounts.zones import find_zone
from tickets.wall_times import offset_of, to_wall_times

BATCH = 2_000

READ = """
    SELECT entry.id, entry.starts_at, entry.ends_at, account.time_zone
    FROM tickets_entry AS entry JOIN accounts_account AS account ON account.id = entry.account_id
    WHERE entry.id > %s ORDER BY entry.id LIMIT %s
"""
# One that was changed meanwhile is left as it is: its offsets would not fit, and it is read from its instants.
WRITE = """
    UPDATE tickets_entry AS entry
    SET local_start = said.local_start, local_end = said.local_end,
        start_offset = said.start_offset, end_offset = said.end_offset
    FROM unnest(%s::bigint[], %s::timestamp[], %s::timestamp[], %s::integer[], %s::integer[])
        AS said (id, local_start, local_end, start_offset, end_offset)
    WHERE entry.id = said.id AND entry.local_start IS NULL
"""


def fill(apps, schema_editor):
    """Keep what the clocks of each account show at its entries, by Python's time zones, which they were made with."""
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(READ, [last, BATCH])
            if not (rows := cursor.fetchall()):
                return
            last = rows[-1][0]
            cursor.execute(WRITE, [list(column) for column in zip(*_said(rows), strict=True)] or [[]] * 5)


def _said(rows):
    for pk, starts_at, ends_at, name in rows:
        if zone := find_zone(name):
            said = to_wall_times(starts_at, ends_at, zone)
            starts, ends = said.starts.replace(fold=0), said.ends.replace(fold=0)
            yield pk, starts, ends, offset_of(starts, starts_at), offset_of(ends, ends_at)


class Migration(migrations.Migration):
    """Entries from before keep their wall times too: what people were told. In batches, and safe to run again."""

    atomic = False

    dependencies = [("tickets", "0009_wall_times")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
