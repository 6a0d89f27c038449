from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """The names of offers are on one line. Apart from 0005, so that no table is locked while rows are read."""

    dependencies = [("offers", "0006_offer_name")]

    operations = [ValidateConstraint(model_name="offer", name="offer_text")]
