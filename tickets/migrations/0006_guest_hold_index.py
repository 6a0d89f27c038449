"""Apart from 0005, so that bookings are made while their index is."""

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0005_hold_limits")]

    operations = [
        AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("filled_by__isnull", True), ("held_until__isnull", False)),
                fields=["account", "held_from"],
                name="booking_guest_hold",
            ),
        ),
    ]
