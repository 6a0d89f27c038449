from django.db import migrations, models


class Migration(migrations.Migration):
    """Whether a member who is marked absent has the use back."""

    dependencies = [("accounts", "0028_leader_word")]

    operations = [
        migrations.AddField(
            "account",
            "returns_absent_uses",
            models.BooleanField(
                db_default=False, default=False, verbose_name="return the use of anyone who doesn’t come"
            ),
        ),
    ]
