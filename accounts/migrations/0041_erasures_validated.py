"""Nobody was erased before 0040, so its constraint holds for all. It is read here, where nobody waits for it."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0040_erasures")]

    operations = [ValidateConstraint(model_name="customer", name="customer_erased_is_nobody")]
