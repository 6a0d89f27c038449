from django.db import migrations

MAKE = "CREATE INDEX CONCURRENTLY IF NOT EXISTS ticket_groups_newest ON tickets_ticket_groups (group_id, ticket_id)"


class Migration(migrations.Migration):
    """The tickets that name a group, newest first."""

    atomic = False

    dependencies = [("tickets", "0016_due_by_account")]

    operations = [migrations.RunSQL(MAKE, "DROP INDEX CONCURRENTLY IF EXISTS ticket_groups_newest")]
