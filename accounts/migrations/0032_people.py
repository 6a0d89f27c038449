"""A customer’s phone number, note, consent to news, and several addresses (docs/decisions/0064).

The database keeps a customer’s own address among their addresses, since the release before knows nothing of them. Who
adds an address holds its customer, so that what is written of several is what stands once the other is over.
"""

import django.db.models.deletion
import django.db.models.functions.text
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import bookwhen.db

FOLLOW = """
CREATE FUNCTION accounts_list_addresses(touched bigint[]) RETURNS void LANGUAGE plpgsql AS $$
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

CREATE FUNCTION accounts_keep_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_customeraddress (account_id, customer_id, email, created_at)
    SELECT account_id, id, email, created_at FROM now_rows ORDER BY email;
    RETURN NULL;
END $$;
CREATE TRIGGER customer_made AFTER INSERT ON accounts_customer
    REFERENCING NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION accounts_keep_address();

CREATE FUNCTION accounts_keep_changed_address() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER customer_readdressed AFTER UPDATE OF email ON accounts_customer
    FOR EACH ROW WHEN (OLD.email IS DISTINCT FROM NEW.email) EXECUTE FUNCTION accounts_keep_changed_address();

CREATE FUNCTION accounts_follow_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        -- Whoever is made has no address but their own, which is not listed.
        SELECT array_agg(DISTINCT address.customer_id) INTO touched
            FROM now_rows AS address JOIN accounts_customer AS customer ON customer.id = address.customer_id
            WHERE customer.email <> address.email;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT customer_id) INTO touched FROM old_rows;
    ELSE
        SELECT array_agg(DISTINCT customer_id) INTO touched
            FROM (
                SELECT old.customer_id FROM old_rows AS old JOIN now_rows AS new ON new.id = old.id
                WHERE (old.customer_id, old.email) IS DISTINCT FROM (new.customer_id, new.email)
                UNION
                SELECT new.customer_id FROM old_rows AS old JOIN now_rows AS new ON new.id = old.id
                WHERE (old.customer_id, old.email) IS DISTINCT FROM (new.customer_id, new.email)
            ) AS moved;
    END IF;
    IF touched IS NOT NULL THEN
        PERFORM accounts_list_addresses(touched);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER address_added AFTER INSERT ON accounts_customeraddress
    REFERENCING NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION accounts_follow_addresses();
CREATE TRIGGER address_changed AFTER UPDATE ON accounts_customeraddress
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS now_rows
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_follow_addresses();
CREATE TRIGGER address_removed AFTER DELETE ON accounts_customeraddress
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION accounts_follow_addresses();

CREATE FUNCTION accounts_keep_own_address() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE CONSTRAINT TRIGGER customer_address_kept AFTER DELETE OR UPDATE ON accounts_customeraddress
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION accounts_keep_own_address();
"""
LET_GO = """
DROP TRIGGER customer_made ON accounts_customer;
DROP TRIGGER customer_readdressed ON accounts_customer;
DROP TRIGGER address_added ON accounts_customeraddress;
DROP TRIGGER address_changed ON accounts_customeraddress;
DROP TRIGGER address_removed ON accounts_customeraddress;
DROP TRIGGER customer_address_kept ON accounts_customeraddress;
DROP FUNCTION accounts_keep_address();
DROP FUNCTION accounts_keep_changed_address();
DROP FUNCTION accounts_follow_addresses();
DROP FUNCTION accounts_keep_own_address();
DROP FUNCTION accounts_list_addresses(bigint[]);
"""
SOURCES = [("person", "their own choice"), ("studio", "noted by the team"), ("import", "from an imported list")]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0031_removed_dates")]

    operations = [
        migrations.AddField(
            "customer",
            "phone",
            models.CharField(blank=True, db_default="", default="", max_length=20, verbose_name="phone"),
        ),
        migrations.AddField(
            "customer",
            "note",
            models.TextField(blank=True, db_default="", default="", max_length=2000, verbose_name="note"),
        ),
        migrations.AddField("customer", "news_since", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "customer",
            "news_source",
            models.CharField(blank=True, choices=SOURCES, db_default="", default="", max_length=10),
        ),
        migrations.AddField("customer", "news_ended_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "customer", "other_addresses", models.TextField(blank=True, db_default="", default="", editable=False)
        ),
        AddConstraintNotValid(
            "customer",
            models.CheckConstraint(
                condition=models.Q(("phone__regex", r"^(\+[1-9][0-9]{5,14})?$")), name="customer_phone_plain"
            ),
        ),
        AddConstraintNotValid(
            "customer", bookwhen.db.TextCheck(longest={"note": 2000}, name="customer_note_bounded", one_line=())
        ),
        AddConstraintNotValid(
            "customer",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("news_since__isnull", True), ("news_source", "")),
                    models.Q(
                        ("news_ended_at__isnull", True),
                        ("news_since__isnull", False),
                        ("news_source__in", ["person", "studio", "import"]),
                    ),
                    _connector="OR",
                ),
                name="customer_news_told",
            ),
        ),
        migrations.CreateModel(
            name="CustomerAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="email address")),
                ("proved_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="addresses", to="accounts.customer"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "email"), name="customer_address_once"),
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="customer_address_lower",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("email__regex", "^[!-~]+$")), name="customer_address_plain"
                    ),
                ],
            },
        ),
        migrations.RunSQL(FOLLOW, LET_GO),
    ]
