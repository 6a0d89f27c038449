"""The ledger of what was there before; nothing is owed for what was cancelled before."""

from django.db import migrations, models, transaction

from bookwhen.migrating import AddIndex

BATCH = 2_000

SOURCES = {
    "payment": "tickets_payment",
    "refund": "tickets_refund",
    "invoice": "memberships_invoice",
    "invoice_refund": "tickets_invoicerefund",
    "dispute": "tickets_dispute",
}
# Which membership an older payment was bought with, only its booking knows; of several checkouts, the newest sold it.
PURCHASES = """
    UPDATE tickets_payment AS payment SET purchase_id = booking.purchase_id FROM tickets_booking AS booking
    WHERE booking.id = payment.booking_id AND booking.purchase_id IS NOT NULL AND payment.purchase_id IS NULL
        AND payment.id > %s AND payment.id <= %s AND payment.state <> 'abandoned' AND NOT EXISTS (
            SELECT FROM tickets_payment AS newer WHERE newer.booking_id = payment.booking_id AND newer.id > payment.id
        )
"""
# Held, so that who changes one meanwhile and this write the same line one after the other.
HELD = "SELECT id FROM {table} WHERE id > %s AND id <= %s ORDER BY id FOR NO KEY UPDATE"
TOLD = "SELECT tickets_ledger_{source}(id) FROM {table} WHERE id > %s AND id <= %s ORDER BY id"
CANCELLED = """
    UPDATE tickets_seat SET owed = -collected
    WHERE cancelled_at IS NOT NULL AND owed <> -collected AND id > %s AND id <= %s
"""


def fill(apps, schema_editor):
    """Write it in batches, each in a transaction of its own; safe to run again."""
    _each_batch(schema_editor.connection, "tickets_payment", PURCHASES)
    for source, table in SOURCES.items():
        _each_batch(
            schema_editor.connection, table, HELD.format(table=table), TOLD.format(source=source, table=table)
        )
    _each_batch(schema_editor.connection, "tickets_seat", CANCELLED)


def _each_batch(connection, table, *statements):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
        (last,) = cursor.fetchone()
        for start in range(0, last, BATCH):
            with transaction.atomic(using=connection.alias):
                for statement in statements:
                    cursor.execute(statement, [start, min(start + BATCH, last)])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0044_ledger_kept"), ("memberships", "0019_money"), ("accounts", "0050_money_validated")]

    operations = [
        AddIndex(
            "payment",
            models.Index(
                condition=models.Q(("purchase__isnull", False)), fields=["purchase"], name="payment_purchase"
            ),
        ),
        AddIndex(
            "seat",
            models.Index(
                condition=models.Q(("owed", 0), _negated=True),
                fields=["account", "customer", "id"],
                include=("owed",),
                name="seat_to_collect",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
