"""Nobody was erased before 0038, so its constraint holds for all. It is read here, where nobody waits for it."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
<<<<<<<< HEAD:accounts/migrations/0041_erasures_validated.py
    dependencies = [("accounts", "0040_erasures")]
========
    dependencies = [("accounts", "0038_erasures")]
>>>>>>>> erase:accounts/migrations/0039_erasures_validated.py

    operations = [ValidateConstraint(model_name="customer", name="customer_erased_is_nobody")]
