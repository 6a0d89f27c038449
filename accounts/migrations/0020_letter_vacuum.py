"""A queue changes all the time: PostgreSQL looks at it, and clears up, after a hundredth has changed, not a fifth."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0019_letter_indexes")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE accounts_letter SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01, "
            "autovacuum_vacuum_threshold = 1000, autovacuum_analyze_threshold = 1000)",
            "ALTER TABLE accounts_letter RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor, "
            "autovacuum_vacuum_threshold, autovacuum_analyze_threshold)",
        ),
    ]
