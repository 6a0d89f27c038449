"""Several addresses log one person in, and Stripe learns of another main one (docs/decisions/0077).

An address is one person's: the main one of a user, or a proved one of theirs. Two tables say so, hence the lock: who
comes second waits, and then sees what the first has written.
"""

from django.db import migrations, models

MENDED = """
CREATE OR REPLACE FUNCTION accounts_follow_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        -- Who is made has no address but their own, which is not listed.
        SELECT array_agg(DISTINCT address.customer_id) INTO touched
            FROM now_rows AS address JOIN accounts_customer AS customer ON customer.id = address.customer_id
            WHERE customer.email <> address.email;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT customer_id) INTO touched FROM old_rows;
    ELSE
        -- Not `old` and `new`: those are the trigger's own.
        SELECT array_agg(DISTINCT moved.customer_id) INTO touched
            FROM (
                SELECT was.customer_id FROM old_rows AS was JOIN now_rows AS has ON has.id = was.id
                WHERE (was.customer_id, was.email) IS DISTINCT FROM (has.customer_id, has.email)
                UNION
                SELECT has.customer_id FROM old_rows AS was JOIN now_rows AS has ON has.id = was.id
                WHERE (was.customer_id, was.email) IS DISTINCT FROM (has.customer_id, has.email)
            ) AS moved;
    END IF;
    IF touched IS NOT NULL THEN
        PERFORM accounts_list_addresses(touched);
    END IF;
    RETURN NULL;
END $$;
"""
GUARD = """
CREATE FUNCTION accounts_keep_login_address() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('login address ' || NEW.email, 0));
    IF TG_TABLE_NAME = 'accounts_user' THEN
        SELECT user_id INTO owner FROM account_emailaddress
            WHERE email = NEW.email AND verified AND user_id <> NEW.id LIMIT 1;
    ELSE
        SELECT id INTO owner FROM accounts_user WHERE email = NEW.email AND id <> NEW.user_id;
    END IF;
    IF owner IS NOT NULL THEN
        RAISE EXCEPTION 'the address is another login''s'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'login_address_once';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER user_made AFTER INSERT ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION accounts_keep_login_address();
CREATE TRIGGER user_readdressed AFTER UPDATE OF email ON accounts_user
    FOR EACH ROW WHEN (OLD.email IS DISTINCT FROM NEW.email) EXECUTE FUNCTION accounts_keep_login_address();
CREATE TRIGGER login_address_proved AFTER INSERT OR UPDATE OF email, verified, user_id ON account_emailaddress
    FOR EACH ROW WHEN (NEW.verified) EXECUTE FUNCTION accounts_keep_login_address();

CREATE FUNCTION accounts_note_address_for_stripe() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts_stripecustomer SET email_due_at = clock_timestamp() WHERE customer_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER customer_readdressed_for_stripe AFTER UPDATE OF email ON accounts_customer
    FOR EACH ROW WHEN (OLD.email IS DISTINCT FROM NEW.email) EXECUTE FUNCTION accounts_note_address_for_stripe();
"""
LET_GO = """
DROP TRIGGER user_made ON accounts_user;
DROP TRIGGER user_readdressed ON accounts_user;
DROP TRIGGER login_address_proved ON account_emailaddress;
DROP FUNCTION accounts_keep_login_address();
DROP TRIGGER customer_readdressed_for_stripe ON accounts_customer;
DROP FUNCTION accounts_note_address_for_stripe();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("accounts", "0037_customer_invited"),
    ]

    operations = [
        migrations.AddField(
            "staff",
            "invited_email",
            models.EmailField(blank=True, db_default="", default="", editable=False, max_length=254),
        ),
        migrations.AddField(
            "stripecustomer", "email_due_at", models.DateTimeField(blank=True, editable=False, null=True)
        ),
        # An address that is changed ended in an error; nothing changed one before.
        migrations.RunSQL(MENDED, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, LET_GO),
    ]
