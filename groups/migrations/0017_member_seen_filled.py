from django.db import migrations

BATCH = 5_000

# Whose customer is first seen meanwhile has it by the trigger.
FILL = """
    WITH batch AS (SELECT id FROM groups_member WHERE id > %s ORDER BY id LIMIT %s),
    filled AS (
        UPDATE groups_member AS member SET seen_at = customer.seen_at
        FROM batch, accounts_customer AS customer
        WHERE member.id = batch.id AND customer.id = member.customer_id
            AND member.seen_at IS NULL AND customer.seen_at IS NOT NULL
    )
    SELECT max(id) FROM batch
"""


def fill(apps, schema_editor):
    """Note for members from before when their customer was first seen."""
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while last is not None:
            cursor.execute(FILL, [last, BATCH])
            [last] = cursor.fetchone()


class Migration(migrations.Migration):
    """Members from before keep when their customer was first seen. In batches, and safe to run again."""

    atomic = False

    dependencies = [("groups", "0016_invitations")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
