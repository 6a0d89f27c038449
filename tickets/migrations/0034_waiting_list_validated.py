"""What 0025 asks of places holds for those from before too. It is read here, where nobody waits for it."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0033_waiting_list_index")]

    operations = [
        ValidateConstraint(model_name="entryplaces", name="entry_places_fit"),
        ValidateConstraint(model_name="entryplaces", name="entry_places_for_someone"),
        ValidateConstraint(model_name="ticketplaces", name="ticket_places_fit"),
        ValidateConstraint(model_name="ticketplaces", name="ticket_places_for_someone"),
    ]
