from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

from bookwhen.db import TextCheck, mend_texts


class Migration(migrations.Migration):
    """Texts from before keep to their bounds too. Apart from 0002, so that no table is locked while rows are read."""

    dependencies = [("accounts", "0002_text")]

    operations = [
        migrations.RunSQL(mend_texts("accounts_account", TextCheck(name="account_text", one_line=["name"])), migrations.RunSQL.noop),
        ValidateConstraint(model_name="account", name="account_text"),
        migrations.RunSQL(mend_texts("accounts_customer", TextCheck(name="customer_text", one_line=["name"])), migrations.RunSQL.noop),
        ValidateConstraint(model_name="customer", name="customer_text"),
        migrations.RunSQL(mend_texts("accounts_schedulepage", TextCheck(name="page_text", one_line=["title"], longest={"description": 10_000})), migrations.RunSQL.noop),
        ValidateConstraint(model_name="schedulepage", name="page_text"),
        migrations.RunSQL(mend_texts("accounts_user", TextCheck(name="user_text", one_line=["name"])), migrations.RunSQL.noop),
        ValidateConstraint(model_name="user", name="user_text"),
    ]
