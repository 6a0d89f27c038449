from django.db import migrations

FILL = """
INSERT INTO accounts_customeraddress (account_id, customer_id, email, created_at)
SELECT account_id, id, email, created_at FROM accounts_customer ORDER BY id ON CONFLICT (account_id, email) DO NOTHING
"""


class Migration(migrations.Migration):
    """Those who were known before have their address too. Nobody waits: no row that anybody else writes is held."""

    dependencies = [("accounts", "0032_people")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
