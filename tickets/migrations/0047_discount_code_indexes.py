"""What was booked by a discount code, found from the code."""

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0046_discount_codes")]

    operations = [
        AddIndex(
            "booking",
            models.Index(
                condition=models.Q(("discount_code__isnull", False)), fields=["discount_code"], name="booking_code"
            ),
        ),
        AddIndex(
            "seat",
            models.Index(
                condition=models.Q(("discount_code__isnull", False)), fields=["discount_code"], name="seat_code"
            ),
        ),
    ]
