"""What 0049 asks of pages holds for those from before too."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0049_money")]

    operations = [ValidateConstraint(model_name="schedulepage", name="page_pays_at_studio_known")]
