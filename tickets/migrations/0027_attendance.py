"""Who came: a row beside the seat, which goes with it (docs/decisions/0059)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A check constraint sees one row alone. The first function holds the seat against who would cancel it; the second is
# why nobody who cancels a seat, in whatever way, has to think of its mark, nor does the release before this one.
KEEP = """
CREATE FUNCTION tickets_attendance_of_live_seat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM tickets_seat
        WHERE id = NEW.seat_id AND account_id = NEW.account_id AND cancelled_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody is marked at a seat that was cancelled'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attendance_of_live_seat', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER attendance_of_live_seat BEFORE INSERT OR UPDATE ON tickets_attendance
    FOR EACH ROW EXECUTE FUNCTION tickets_attendance_of_live_seat();
CREATE FUNCTION tickets_attendance_goes_with_seat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM tickets_attendance WHERE seat_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER attendance_goes_with_seat AFTER UPDATE OF cancelled_at, entry_id ON tickets_seat
    FOR EACH ROW WHEN (
        (NEW.cancelled_at IS NOT NULL AND OLD.cancelled_at IS NULL) OR NEW.entry_id <> OLD.entry_id
    ) EXECUTE FUNCTION tickets_attendance_goes_with_seat();
"""
LET_GO = """
DROP TRIGGER attendance_goes_with_seat ON tickets_seat;
DROP TRIGGER attendance_of_live_seat ON tickets_attendance;
DROP FUNCTION tickets_attendance_goes_with_seat();
DROP FUNCTION tickets_attendance_of_live_seat();
"""


class Migration(migrations.Migration):
    """Attendance, and what the database holds of it."""

    dependencies = [
        ("accounts", "0029_absent_uses"),
        ("tickets", "0026_entries_by_place"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            "Attendance",
            [
                (
                    "seat",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="attendance",
                        serialize=False,
                        to="tickets.seat",
                    ),
                ),
                (
                    "presence",
                    models.CharField(
                        blank=True,
                        choices=[("", "Not marked"), ("present", "Present"), ("absent", "Absent")],
                        max_length=10,
                    ),
                ),
                ("marked_at", models.DateTimeField()),
                ("revision", models.PositiveIntegerField(default=1)),
                ("returned_use", models.BooleanField(default=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "marked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("presence__in", ["", "present", "absent"])), name="attendance_known"
                    )
                ],
            },
        ),
        migrations.RunSQL(KEEP, LET_GO),
        migrations.AlterField(
            model_name='finding',
            name='kind',
            field=models.CharField(choices=[('entry', 'The spaces taken at an entry don’t match its bookings'), ('ticket', 'The spaces taken by a ticket don’t match its bookings'), ('party', 'The number of people booked with a customer’s offers doesn’t match their bookings'), ('cancelled', 'A cancelled entry still has spaces booked'), ('period', 'The uses counted don’t match the spaces they were used for'), ('seat', 'A booked space has no use charged to its offer'), ('marked', 'Someone is marked as present or absent at a space that was cancelled'), ('absent', 'The use returned for an absence doesn’t match the attendance'), ('use', 'A use is charged for a space that isn’t booked'), ('day', 'A use is charged for the wrong date'), ('filed', 'A use is counted in the wrong usage period'), ('carried', 'A use of a replaced offer isn’t counted under the new one'), ('not_in_group', 'A customer with an active membership isn’t in its group'), ('still_in_group', 'A membership keeps a customer in a group when it shouldn’t'), ('presence', 'A customer is listed in a group for longer or shorter than they’re in it'), ('release', 'Spaces weren’t released when a membership ended'), ('discount', 'A space is discounted, but no use is charged for the discount'), ('expired_basket', 'An expired basket is still holding spaces'), ('released_basket', 'A released basket is still taking up spaces'), ('paying', 'A basket is waiting for payment, but no checkout is open'), ('checkout', 'A checkout is open for a basket that isn’t waiting for payment'), ('purchase', 'A membership bought with a booking never started'), ('adds_up', 'A payment doesn’t equal the total of the spaces it paid for'), ('unbooked', 'A payment has no booking and no refund'), ('too_late', 'A space that was gone before payment arrived hasn’t been refunded'), ('unpaid', 'A booked space with a price hasn’t been paid for'), ('refunded', 'The amount refunded on a payment doesn’t match its refunds'), ('disputed', 'The amount withdrawn from a payment doesn’t match its disputes'), ('gone_twice', 'More was refunded and lost to disputes than was paid'), ('too_much', 'More has been refunded for a space than it cost'), ('lines', 'A refund is less than the total for its spaces'), ('waits', 'A refund hasn’t reached Stripe for more than an hour'), ('failed', 'A refund failed and nobody has dealt with it'), ('unchecked', 'This check couldn’t be run')], max_length=20),
        ),
    ]
