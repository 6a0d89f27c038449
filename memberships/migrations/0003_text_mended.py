from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

from bookwhen.db import TextCheck, mend_texts


class Migration(migrations.Migration):
    """Texts from before keep to their bounds too. Apart from 0002, so that no table is locked while rows are read."""

    dependencies = [("memberships", "0002_text")]

    operations = [
        migrations.RunSQL(mend_texts("memberships_membership", TextCheck(name="membership_text", one_line=["title"], longest={"description": 10_000})), migrations.RunSQL.noop),
        ValidateConstraint(model_name="membership", name="membership_text"),
        migrations.RunSQL(mend_texts("memberships_price", TextCheck(name="price_text", one_line=["title"])), migrations.RunSQL.noop),
        ValidateConstraint(model_name="price", name="price_text"),
    ]
