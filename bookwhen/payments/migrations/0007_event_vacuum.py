"""A queue changes all the time: PostgreSQL looks at it, and clears up, after a hundredth has changed, not a fifth."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_event_state")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE payments_stripeevent SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01, "
            "autovacuum_vacuum_threshold = 1000, autovacuum_analyze_threshold = 1000)",
            "ALTER TABLE payments_stripeevent RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor, "
            "autovacuum_vacuum_threshold, autovacuum_analyze_threshold)",
        ),
    ]
