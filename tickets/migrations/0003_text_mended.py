from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

from bookwhen.db import TextCheck, mend_texts


class Migration(migrations.Migration):
    """Texts from before keep to their bounds too. Apart from 0002, so that no table is locked while rows are read."""

    dependencies = [("tickets", "0002_text")]

    operations = [
        migrations.RunSQL(mend_texts("tickets_entry", TextCheck(name="entry_text", one_line=["title", "location"], longest={"description": 10_000})), migrations.RunSQL.noop),
        ValidateConstraint(model_name="entry", name="entry_text"),
        migrations.RunSQL(mend_texts("tickets_ticket", TextCheck(name="ticket_text", one_line=["name"], longest={"description": 2_000})), migrations.RunSQL.noop),
        ValidateConstraint(model_name="ticket", name="ticket_text"),
        migrations.RunSQL(mend_texts("tickets_seat", TextCheck(name="seat_text", one_line=["attendee_name"])), migrations.RunSQL.noop),
        ValidateConstraint(model_name="seat", name="seat_text"),
    ]
