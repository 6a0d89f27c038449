"""What a member used of an offer that was replaced is carried over before the one in its place is charged."""

from django.db import migrations, models

# Who charges an offer holds the member (groups.locks), and so does who carries over: what is seen here stands.
# The release before knows nothing of it. Its booking is refused, as where two periods overlap, and gives nothing away.
REFUSE = """
CREATE FUNCTION offers_refuse_uncarried() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM offers_offer AS offer
        JOIN offers_usageperiod AS before ON before.offer_id = offer.replaces_id
        WHERE offer.id = NEW.offer_id AND offer.carrying AND before.member_id = NEW.member_id
    ) THEN
        RAISE EXCEPTION 'The uses of member % have not been carried over to offer % yet.', NEW.member_id, NEW.offer_id
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'period_no_overlap';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER period_after_carrying BEFORE INSERT ON offers_usageperiod
    FOR EACH ROW EXECUTE FUNCTION offers_refuse_uncarried();
"""
ALLOW = """
DROP TRIGGER period_after_carrying ON offers_usageperiod;
DROP FUNCTION offers_refuse_uncarried();
"""


class Migration(migrations.Migration):

    dependencies = [("offers", "0003_index_once")]

    operations = [
        migrations.AddField("offer", "carrying", models.BooleanField(db_default=False, default=False)),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
