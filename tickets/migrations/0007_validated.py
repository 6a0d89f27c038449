"""What 0005 asks of bookings holds for those from before too. It is read here, where nobody waits for it."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0006_guest_hold_index")]

    operations = [ValidateConstraint(model_name="booking", name="booking_hold_limited")]
