"""What a look at Stripe asks of who stands by a subscription costs the same, however many members there are."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from groups import services
from memberships.standing import is_counted_otherwise
from tests.jobs.blocks import blocks_of
from tests.worlds.seller import Seller

MANY = 20_000
MOST_BLOCKS = 40
"""Of the index of the constraint alone it is more than a hundred."""
PEOPLE = """
WITH person AS (
    INSERT INTO accounts_customer (account_id, email, name, name_confirmed, created_at)
    SELECT %(account)s, n || '@many.example.org', 'Somebody', true, now() FROM generate_series(1, %(many)s) n
    RETURNING id),
member AS (
    INSERT INTO groups_member (account_id, group_id, customer_id, created_at)
    SELECT %(account)s, %(group)s, id, now() FROM person RETURNING id)
INSERT INTO groups_standing (account_id, member_id, source, ground, since, anchor)
SELECT %(account)s, id, 'membership', gen_random_uuid(), now(), now() FROM member
"""


def test_who_stands_by_a_subscription_is_found_by_an_index_of_that(seller: Seller) -> None:
    bought = seller.sell()
    group, now = seller.membership.group, timezone.now() + timedelta(hours=1)
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, {"account": seller.account.pk, "group": group.pk, "many": MANY})
        cursor.execute("ANALYZE groups_standing, groups_member")

    assert blocks_of(lambda: is_counted_otherwise(bought, now=now)) < MOST_BLOCKS
    assert blocks_of(lambda: services._lock_ground(bought.uuid)) < MOST_BLOCKS  # noqa: SLF001 - what is asked
