"""An address that changes hands is listed at both its customers: `old` and `new` are PL/pgSQL's own words.

Until customers were merged no statement gave an address to another customer, so that the function never came this far.
"""

from django.db import migrations

FOLLOW = """
CREATE OR REPLACE FUNCTION accounts_follow_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
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
                SELECT was.customer_id FROM old_rows AS was JOIN now_rows AS became ON became.id = was.id
                WHERE (was.customer_id, was.email) IS DISTINCT FROM (became.customer_id, became.email)
                UNION
                SELECT became.customer_id FROM old_rows AS was JOIN now_rows AS became ON became.id = was.id
                WHERE (was.customer_id, was.email) IS DISTINCT FROM (became.customer_id, became.email)
            ) AS moved;
    END IF;
    IF touched IS NOT NULL THEN
        PERFORM accounts_list_addresses(touched);
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0043_merged_customers")]

    operations = [migrations.RunSQL(FOLLOW, migrations.RunSQL.noop)]
