"""What 0055 asks of emails holds for those from before too. It is read here, where nobody waits for it."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0055_letters_expire")]

    operations = [ValidateConstraint(model_name="letter", name="letter_fault_known")]
