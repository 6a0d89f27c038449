from django.db import migrations, models


class Migration(migrations.Migration):
    """A studio says whether its leaders are called teachers."""

    dependencies = [("accounts", "0027_operation_began_by_index")]

    operations = [
        migrations.AddField(
            "account",
            "leader_word",
            models.CharField(
                choices=[("leader", "Leader"), ("teacher", "Teacher")],
                db_default="leader",
                default="leader",
                max_length=20,
                verbose_name="those who lead your entries are called",
            ),
        ),
        migrations.AddConstraint(
            "account",
            models.CheckConstraint(
                condition=models.Q(("leader_word__in", ["leader", "teacher"])), name="account_leader_word_known"
            ),
        ),
    ]
