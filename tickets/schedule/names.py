"""What an account has names for, leaders, locations and tags: made, renamed, put away and brought back, deleted."""

from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.history.recording import About, model_changes, record, record_changes
from accounts.models import Account, Deed, Thing
from bookwhen.db import is_named, violated_constraint
from tickets.models import Entry, Leader, Location, Tag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrOrPromise

N = TypeVar("N", Leader, Location, Tag)
Name = Leader | Location | Tag

THING: Final[dict[type[Name], Thing]] = {Leader: Thing.LEADER, Location: Thing.LOCATION, Tag: Thing.TAG}
CREATED: Final[dict[type[Name], Deed]] = {
    Leader: Deed.LEADER_CREATED,
    Location: Deed.LOCATION_CREATED,
    Tag: Deed.TAG_CREATED,
}
CHANGED: Final[dict[type[Name], Deed]] = {
    Leader: Deed.LEADER_CHANGED,
    Location: Deed.LOCATION_CHANGED,
    Tag: Deed.TAG_CHANGED,
}
ARCHIVED: Final[dict[type[Name], Deed]] = {
    Leader: Deed.LEADER_ARCHIVED,
    Location: Deed.LOCATION_ARCHIVED,
    Tag: Deed.TAG_ARCHIVED,
}
RESTORED: Final[dict[type[Name], Deed]] = {
    Leader: Deed.LEADER_RESTORED,
    Location: Deed.LOCATION_RESTORED,
    Tag: Deed.TAG_RESTORED,
}
DELETED: Final[dict[type[Name], Deed]] = {
    Leader: Deed.LEADER_DELETED,
    Location: Deed.LOCATION_DELETED,
    Tag: Deed.TAG_DELETED,
}
FIELDS: "Final[dict[type[Name], Mapping[str, StrOrPromise]]]" = {
    Leader: {"name": _("Name"), "staff": _("Team member")},
    Location: {
        "name": _("Name"),
        "address": _("Address"),
        "map_link": _("Link to a map"),
        "online": _("Online"),
        "link": _("Link to join"),
    },
    Tag: {"name": _("Name")},
}
"""What can be said of each, and what the history calls it."""


class NameTakenError(Exception):
    """Another one of the account is called so, whatever its case; it may be archived."""


class StaffTakenError(Exception):
    """Another leader is this member of the team."""


class NameInUseError(Exception):
    """An entry names it, past or to come: it can be archived, not deleted."""


def about_named(row: Name) -> About:
    """A leader, location or tag as the history names it."""
    return About(THING[type(row)], row.pk, row.name)


def save_named(row: N, *, now: datetime) -> None:
    """Make one, or change it to what it says now; entries to come say the new name of where they are.

    Raises NameTakenError and StaffTakenError.
    """
    model, account, before = type(row), row.account_id, None
    try:
        with transaction.atomic():
            if row.pk:
                before = model._default_manager.select_for_update(no_key=True).get(account=account, pk=row.pk)
            row.save()
            if before is None:
                record(CREATED[model], about_named(row), account=account)
                return
            changes = model_changes(before, row, FIELDS[model])
            record_changes(CHANGED[model], about_named(row), changes, account=account)
            if isinstance(row, Location) and row.name != before.name:
                ahead = Entry.objects.filter(account=account, venue=row, starts_at__gt=now)
                ahead.update(location=row.name)
    except IntegrityError as error:
        violated = violated_constraint(error)
        if violated.endswith("_name_once"):
            raise NameTakenError from None
        if "staff" in violated:
            raise StaffTakenError from None
        raise


def archive_named(row: N, *, now: datetime) -> None:
    """Put one away: nobody chooses it any more, and what has it keeps it. Nothing where it was."""
    _set_archived(row, now, ARCHIVED[type(row)])


def restore_named(row: N) -> None:
    """Bring one back. Nothing where it is there."""
    _set_archived(row, None, RESTORED[type(row)])


def delete_named(row: N) -> None:
    """Delete one that no entry names; again does nothing. Raises NameInUseError."""
    with transaction.atomic():
        held = type(row)._default_manager.select_for_update().filter(account=row.account_id, pk=row.pk).first()
        if held is None:
            return
        if is_named(held):
            raise NameInUseError
        about = about_named(held)
        held.delete()
        record(DELETED[type(row)], about, account=row.account_id)


def _set_archived(row: N, at: datetime | None, deed: Deed) -> None:
    with transaction.atomic():
        found = type(row)._default_manager.filter(account=row.account_id, pk=row.pk, archived_at__isnull=at is not None)
        if found.update(archived_at=at):
            row.archived_at = at
            record(deed, about_named(row), account=row.account_id)


def find_account_names(account: Account, model: type[N], most: int) -> list[str]:
    """The first so many names that can be chosen, in order: what a form suggests."""
    found = model._default_manager.in_use().filter(account=account).order_by("folded", "pk")
    return list(found.values_list("name", flat=True)[:most])
