"""What 0032 asks of customers holds for those from before too. It is read here, where nobody waits for it."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0034_people_indexes")]

    operations = [
        ValidateConstraint(model_name="customer", name="customer_phone_plain"),
        ValidateConstraint(model_name="customer", name="customer_note_bounded"),
        ValidateConstraint(model_name="customer", name="customer_news_told"),
    ]
