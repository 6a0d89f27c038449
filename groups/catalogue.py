"""What changes a group as a whole: it is made, renamed, put to rest, brought back, deleted."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.history.recording import About, model_changes, record, record_changes
from accounts.models import Account, Deed, Thing
from bookwhen.db import is_named
from groups import locks
from groups.models import Group
from groups.signals import group_archiving


class GroupInUseError(Exception):
    """Something names the group: a member, an offer, a ticket, present or past. It can be archived, not deleted."""


class GroupSoldError(GroupInUseError):
    """A membership sells the group: it cannot be archived."""


def create_group(account: Account, *, name: str, description: str, key: UUID | None = None) -> Group:
    """Make a customer group (help article, *Create a new group*).

    `key` comes with the form: the same key again returns the group it made.
    """
    with transaction.atomic():
        group, made = Group.objects.get_or_create(
            account=account, key=key or uuid4(), defaults={"name": name, "description": description}
        )
        if made:
            record(Deed.GROUP_CREATED, about_group(group), account=account)
    return group


def edit_group(group: Group, *, name: str, description: str) -> None:
    """Change a group's name and description."""
    with transaction.atomic():
        before = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
        group.name = name
        group.description = description
        group.save(update_fields=["name", "description"])
        changes = model_changes(before, group, {"name": _("Group name"), "description": _("Group description")})
        record_changes(Deed.GROUP_CHANGED, about_group(group), changes, account=group.account_id)


def archive_group(group: Group, *, now: datetime) -> None:
    """Put a group to rest: its offers rest, bookings and history stand, its exclusive tickets open for nobody.

    Who uses it may refuse (`groups.signals`): raises GroupInUseError, GroupSoldError where a membership sells it.
    """
    with transaction.atomic():
        held = locks.lock_group(group.pk)
        if held is None or held.archived_at:
            return
        group_archiving.send(Group, group=held, now=now)
        Group.objects.filter(pk=held.pk).update(archived_at=now)
        record(Deed.GROUP_ARCHIVED, about_group(held), account=held.account_id)


def restore_group(group: Group) -> None:
    """Bring an archived group back, as it was."""
    with transaction.atomic():
        if Group.objects.filter(pk=group.pk, archived_at__isnull=False).update(archived_at=None):
            record(Deed.GROUP_RESTORED, about_group(group), account=group.account_id)


def about_group(group: Group) -> About:
    """A group as the history names it."""
    return About(Thing.GROUP, group.pk, group.name)


def is_in_use(group: Group) -> bool:
    """Whether anything at all names the group, now or in its history, in this app or above it."""
    return is_named(group)


def delete_group(group: Group) -> None:
    """Delete a group that nothing names; to delete it again does nothing. Raises GroupInUseError."""
    with transaction.atomic():
        if (held := locks.lock_group(group.pk)) is None:
            return
        if is_in_use(held):
            raise GroupInUseError
        about = about_group(held)
        held.delete()
        record(Deed.GROUP_DELETED, about, account=held.account_id)
