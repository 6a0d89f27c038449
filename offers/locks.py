"""Rows to hold while offers are charged or changed, after the members (`groups.locks`)."""

from collections.abc import Collection
from typing import Final

from django.db import connection

from offers.models import Offer

_MANY: Final = """
    SELECT count(*) FROM (
        SELECT id FROM groups_member WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
    ) AS held
"""


def lock_offer(offer: int) -> Offer:
    """Hold one offer for a change, fresh from the database; waits for bookings that are charging it."""
    return Offer.objects.select_for_update(of=("self",)).select_related("account", "group__account").get(pk=offer)


def lock_many_members(members: Collection[int]) -> None:
    """Do what `groups.locks.lock_members` does, for so many members (ids) that they neither come nor go one by one."""
    with connection.cursor() as cursor:
        cursor.execute(_MANY, [list(members)])


def lock_offers_for_use(group: int) -> None:
    """Keep the offers of a group (id) from being changed, deleted or replaced; others may charge them too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM offers_offer WHERE group_id = %s ORDER BY id FOR SHARE", [group])
