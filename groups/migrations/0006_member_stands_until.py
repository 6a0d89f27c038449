from django.db import migrations, models

# Who changes standings holds their members first (groups.locks), so that these rows are rarely waited for. They are
# held before the standings are read: what is written is what stands once the other transaction is over.
FOLLOW = """
CREATE FUNCTION groups_follow_standings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT member_id) INTO touched FROM now_rows;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT member_id) INTO touched FROM old_rows;
    ELSE
        SELECT array_agg(DISTINCT member_id) INTO touched
            FROM (SELECT member_id FROM old_rows UNION SELECT member_id FROM now_rows) AS both_rows;
    END IF;
    PERFORM id FROM groups_member WHERE id = ANY(touched) ORDER BY id FOR NO KEY UPDATE;
    UPDATE groups_member AS member SET stands_until = held.latest
    FROM (
        SELECT each.id, (
            SELECT max(coalesce(standing.until, '9999-01-01 00:00:00+00'))
            FROM groups_standing AS standing WHERE standing.member_id = each.id
        ) AS latest
        FROM unnest(touched) AS each (id)
    ) AS held
    WHERE member.id = held.id AND member.stands_until IS DISTINCT FROM held.latest;
    RETURN NULL;
END $$;
CREATE TRIGGER standing_opened AFTER INSERT ON groups_standing
    REFERENCING NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION groups_follow_standings();
CREATE TRIGGER standing_changed AFTER UPDATE ON groups_standing
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS now_rows
    FOR EACH STATEMENT EXECUTE FUNCTION groups_follow_standings();
CREATE TRIGGER standing_deleted AFTER DELETE ON groups_standing
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION groups_follow_standings();
"""
LET_GO = """
DROP TRIGGER standing_opened ON groups_standing;
DROP TRIGGER standing_changed ON groups_standing;
DROP TRIGGER standing_deleted ON groups_standing;
DROP FUNCTION groups_follow_standings();
"""


class Migration(migrations.Migration):
    """Members keep until when they stand; the database does it, since the release before knows nothing of it."""

    dependencies = [("groups", "0005_standing_anchor_at_checked")]

    operations = [
        migrations.AddField("member", "stands_until", models.DateTimeField(editable=False, null=True)),
        migrations.RunSQL(FOLLOW, LET_GO),
    ]
