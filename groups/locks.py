"""Rows to hold while standing or allowances change, always in ascending order: members first, then their standings."""

from collections.abc import Collection

from django.db import connection

from groups.models import Group, Member


class GroupArchivedError(Exception):
    """The group is put to rest, or gone: nothing new may use it."""


def lock_group(group: int) -> Group | None:
    """Hold a group against everything, also against new rows that name it; None where it is gone."""
    return Group.objects.filter(pk=group).select_for_update().first()


def lock_group_for_use(group: int) -> Group:
    """Keep a group (id) from being archived or deleted until the transaction ends; others may begin to use it too.

    Raises GroupArchivedError.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM groups_group WHERE id = %s AND archived_at IS NULL FOR SHARE", [group])
        if cursor.fetchone() is None:
            raise GroupArchivedError
    return Group.objects.get(pk=group)


def lock_members(members: Collection[int]) -> None:
    """Hold these members (ids) until the transaction ends: nobody else books, refiles or re-anchors for them."""
    list(Member.objects.filter(pk__in=members).order_by("pk").select_for_update(no_key=True).values_list("pk"))
