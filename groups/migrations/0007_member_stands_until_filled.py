from django.db import migrations

BATCH = 5_000

# Whose standings change meanwhile has it by the trigger, and is left as it is.
FILL = """
    WITH batch AS (SELECT id FROM groups_member WHERE id > %s ORDER BY id LIMIT %s),
    filled AS (
        UPDATE groups_member AS member
        SET stands_until = (
            SELECT max(coalesce(standing.until, '9999-01-01 00:00:00+00'))
            FROM groups_standing AS standing WHERE standing.member_id = member.id
        )
        FROM batch WHERE member.id = batch.id AND member.stands_until IS NULL
    )
    SELECT max(id) FROM batch
"""


def fill(apps, schema_editor):
    """Work out for members from before until when they stand."""
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while last is not None:
            cursor.execute(FILL, [last, BATCH])
            [last] = cursor.fetchone()


class Migration(migrations.Migration):
    """Members from before keep until when they stand. In batches, and safe to run again."""

    atomic = False

    dependencies = [("groups", "0006_member_stands_until")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
