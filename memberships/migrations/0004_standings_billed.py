from django.db import migrations

BILLED = """
    UPDATE groups_standing AS standing SET anchor_at = bought.billing_anchor
    FROM memberships_subscription AS bought
    WHERE bought.uuid = standing.ground AND standing.source = 'membership' AND standing.anchor_at IS NULL
        AND bought.billing_anchor IS NOT NULL
"""


class Migration(migrations.Migration):
    """Standings from before know the instant of their billing anchor.

    What was used is filed again by `offers.tasks.file_uses_again`: the release before may file by dates until it has gone.
    """

    dependencies = [("groups", "0004_standing_anchor_at"), ("memberships", "0003_text_mended")]

    operations = [migrations.RunSQL(BILLED, migrations.RunSQL.noop)]
