"""A customer without an address of their own has a contact: another customer who has one (docs/decisions/0072).

The address is NULL there, so that the unique index which the release before names in its statements stays as it is. The
database holds that a contact is of the same account and has no contact, and keeps their main address beside their
names for whom they get emails: whoever reads where an email goes reads one row. Who becomes a contact is held, so that
of two who do one thing and the other at the same time the second finds what the first did.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import bookwhen.db

FOLLOW = """
CREATE FUNCTION accounts_reach_contact() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    reached text;
BEGIN
    IF NEW.contact_id IS NULL THEN
        NEW.contact_email := '';
        RETURN NEW;
    END IF;
    SELECT email INTO reached FROM accounts_customer
        WHERE id = NEW.contact_id AND account_id = NEW.account_id AND contact_id IS NULL FOR SHARE;
    IF reached IS NULL OR EXISTS (SELECT FROM accounts_customer WHERE contact_id = NEW.id) THEN
        RAISE EXCEPTION 'a contact is a customer of the account who has an address'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'customer_contact_reached';
    END IF;
    IF EXISTS (SELECT FROM accounts_customeraddress WHERE customer_id = NEW.id) THEN
        RAISE EXCEPTION 'a customer with a contact has no address'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'customer_contact_or_address';
    END IF;
    NEW.contact_email := reached;
    RETURN NEW;
END $$;
CREATE TRIGGER customer_made_with_contact BEFORE INSERT ON accounts_customer
    FOR EACH ROW WHEN (NEW.contact_id IS NOT NULL) EXECUTE FUNCTION accounts_reach_contact();
CREATE TRIGGER customer_contact_changed BEFORE UPDATE OF contact_id, contact_email ON accounts_customer
    FOR EACH ROW WHEN (
        OLD.contact_id IS DISTINCT FROM NEW.contact_id OR OLD.contact_email IS DISTINCT FROM NEW.contact_email
    ) EXECUTE FUNCTION accounts_reach_contact();

CREATE OR REPLACE FUNCTION accounts_list_addresses(touched bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM id FROM accounts_customer WHERE id = ANY(touched) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM accounts_customer AS customer
            JOIN accounts_customeraddress AS address ON address.customer_id = customer.id
            WHERE customer.id = ANY(touched) AND customer.contact_id IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a customer with a contact has no address'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'customer_contact_or_address';
    END IF;
    UPDATE accounts_customer AS customer SET other_addresses = listed.others
    FROM (
        SELECT each.id, coalesce((
            SELECT string_agg(address.email, ' ' ORDER BY address.id) FROM accounts_customeraddress AS address
            WHERE address.customer_id = each.id AND address.email <> (
                SELECT own.email FROM accounts_customer AS own WHERE own.id = each.id
            )
        ), '') AS others
        FROM unnest(touched) AS each (id)
    ) AS listed
    WHERE customer.id = listed.id AND customer.other_addresses <> listed.others;
END $$;

CREATE OR REPLACE FUNCTION accounts_keep_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_customeraddress (account_id, customer_id, email, created_at)
    SELECT account_id, id, email, created_at FROM now_rows WHERE email IS NOT NULL ORDER BY email;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION accounts_keep_changed_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.email IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO accounts_customeraddress (account_id, customer_id, email, created_at)
    VALUES (NEW.account_id, NEW.id, NEW.email, now()) ON CONFLICT (account_id, email) DO NOTHING;
    IF NOT EXISTS (
        SELECT FROM accounts_customeraddress
        WHERE account_id = NEW.account_id AND email = NEW.email AND customer_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'the address is another customer''s'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'customer_address_once';
    END IF;
    PERFORM accounts_list_addresses(ARRAY[NEW.id]);
    UPDATE accounts_customer SET contact_email = NEW.email WHERE contact_id = NEW.id AND contact_email <> NEW.email;
    UPDATE accounts_stripecustomer SET email_due_at = clock_timestamp()
        WHERE customer_id IN (SELECT id FROM accounts_customer WHERE contact_id = NEW.id);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION accounts_follow_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        -- Who is made has no address but their own, which is not listed.
        SELECT array_agg(DISTINCT address.customer_id) INTO touched
            FROM now_rows AS address JOIN accounts_customer AS customer ON customer.id = address.customer_id
            WHERE customer.email IS DISTINCT FROM address.email;
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
CREATE OR REPLACE FUNCTION accounts_keep_own_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_customer AS customer
        WHERE customer.id = OLD.customer_id AND customer.email IS NOT NULL AND NOT EXISTS (
            SELECT FROM accounts_customeraddress AS address
            WHERE address.account_id = customer.account_id AND address.email = customer.email
                AND address.customer_id = customer.id
        )
    ) THEN
        RAISE EXCEPTION 'a customer keeps the address that is theirs'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'customer_address_kept';
    END IF;
    RETURN NULL;
END $$;
"""
LET_GO = """
DROP TRIGGER customer_made_with_contact ON accounts_customer;
DROP TRIGGER customer_contact_changed ON accounts_customer;
DROP FUNCTION accounts_reach_contact();

CREATE OR REPLACE FUNCTION accounts_list_addresses(touched bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM id FROM accounts_customer WHERE id = ANY(touched) ORDER BY id FOR NO KEY UPDATE;
    UPDATE accounts_customer AS customer SET other_addresses = listed.others
    FROM (
        SELECT each.id, coalesce((
            SELECT string_agg(address.email, ' ' ORDER BY address.id) FROM accounts_customeraddress AS address
            WHERE address.customer_id = each.id AND address.email <> (
                SELECT own.email FROM accounts_customer AS own WHERE own.id = each.id
            )
        ), '') AS others
        FROM unnest(touched) AS each (id)
    ) AS listed
    WHERE customer.id = listed.id AND customer.other_addresses <> listed.others;
END $$;

CREATE OR REPLACE FUNCTION accounts_keep_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_customeraddress (account_id, customer_id, email, created_at)
    SELECT account_id, id, email, created_at FROM now_rows ORDER BY email;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION accounts_keep_changed_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_customeraddress (account_id, customer_id, email, created_at)
    VALUES (NEW.account_id, NEW.id, NEW.email, now()) ON CONFLICT (account_id, email) DO NOTHING;
    IF NOT EXISTS (
        SELECT FROM accounts_customeraddress
        WHERE account_id = NEW.account_id AND email = NEW.email AND customer_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'the address is another customer''s'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'customer_address_once';
    END IF;
    PERFORM accounts_list_addresses(ARRAY[NEW.id]);
    RETURN NULL;
END $$;

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

CREATE OR REPLACE FUNCTION accounts_keep_own_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_customer AS customer
        WHERE customer.id = OLD.customer_id AND NOT EXISTS (
            SELECT FROM accounts_customeraddress AS address
            WHERE address.account_id = customer.account_id AND address.email = customer.email
                AND address.customer_id = customer.id
        )
    ) THEN
        RAISE EXCEPTION 'a customer keeps the address that is theirs'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'customer_address_kept';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0044_addresses_move")]

    operations = [
        migrations.AlterField("customer", "email", bookwhen.db.AddressOrNoneField(verbose_name="email address")),
        migrations.AddField(
            "customer",
            "contact",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="books_for",
                to="accounts.customer",
            ),
        ),
        migrations.AddField(
            "customer",
            "contact_email",
            models.CharField(blank=True, db_default="", default="", editable=False, max_length=254),
        ),
        AddConstraintNotValid(
            "customer",
            models.CheckConstraint(
                condition=models.Q(contact__isnull=True, email__isnull=False, contact_email="")
                | (
                    models.Q(contact__isnull=False, email__isnull=True, user__isnull=True)
                    & ~models.Q(contact=models.F("id"))
                    & ~models.Q(contact_email="")
                    & ~models.Q(name="")
                ),
                name="customer_contact_or_address",
            ),
        ),
        migrations.RunSQL(FOLLOW, LET_GO),
    ]
