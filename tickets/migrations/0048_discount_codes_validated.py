"""What 0043 asks of a seat's discount holds for those from before too. It is read here, where nobody waits for it."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0047_discount_code_indexes")]

    operations = [ValidateConstraint(model_name="seat", name="seat_discount_whole")]
