"""What an account has names for, leaders, locations and tags: made, renamed, put away and brought back, deleted."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import IntegrityError, transaction
from django.db.models import OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.history.recording import About, Change, model_changes, record, record_changes
from accounts.models import Account, Deed, Thing
from bookwhen.db import is_named, violated_constraint
from bookwhen.folded import fold_name
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


def save_named(row: N, *, also: Sequence[Change] = (), now: datetime) -> None:
    """Make one, or change it to what it says now; entries to come say the new name of where they are.

    The history tells what else came of a change (`also`). Raises NameTakenError and StaffTakenError.
    """
    model, account, before = type(row), row.account_id, None
    try:
        with transaction.atomic():
            if row.pk:
                before = model.objects.select_for_update(no_key=True).get(account=account, pk=row.pk)
            row.save()
            if before is None:
                record(CREATED[model], about_named(row), account=account)
                return
            changes = chain(model_changes(before, row, FIELDS[model]), also)
            record_changes(CHANGED[model], about_named(row), changes, account=account)
            if row.name != before.name:
                _say_where(row, now=now)
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
        held = type(row).objects.select_for_update().filter(account=row.account_id, pk=row.pk).first()
        if held is None:
            return
        if is_named(held):
            raise NameInUseError
        about = about_named(held)
        held.delete()
        record(DELETED[type(row)], about, account=row.account_id)


def _say_where(row: Name, *, now: datetime) -> None:
    """Have entries to come say the new name of where they are; those that are over say what they said."""
    if isinstance(row, Location):
        Entry.objects.filter(account=row.account_id, venue=row, starts_at__gt=now).update(location=row.name)


def _by_name(model: type[N], account: int, folded: Collection[str]) -> dict[str, N]:
    found = model.objects.filter(account=account, folded__in=folded) if folded else ()
    return {each.folded: each for each in found}


def _set_archived(row: N, at: datetime | None, deed: Deed) -> None:
    with transaction.atomic():
        found = type(row).objects.filter(account=row.account_id, pk=row.pk, archived_at__isnull=at is not None)
        if found.update(archived_at=at):
            row.archived_at = at
            record(deed, about_named(row), account=row.account_id)


def named(model: type[N], account: int, names: Iterable[str]) -> list[N]:
    """The leaders, locations or tags of an account (id) by these names, in their order, each once.

    One that is not there yet is made; an archived one comes back.
    """
    wanted = {fold_name(name): name for name in reversed(list(names))}
    if not wanted:
        return []
    there = _by_name(model, account, wanted)
    model.objects.bulk_create(
        [model(account_id=account, name=name) for folded, name in reversed(wanted.items()) if folded not in there],
        ignore_conflicts=True,
    )
    made = _by_name(model, account, wanted.keys() - there.keys())
    for each in made.values():
        record(CREATED[model], about_named(each), account=account)
    for each in there.values():
        restore_named(each)
    return [(there | made)[folded] for folded in reversed(wanted)]


def find_venue(account: int, name: str) -> Location | None:
    """The location of an account (id) by a name, made where there is none; none for no name."""
    found = named(Location, account, [name] if name else [])
    return found[0] if found else None


def name_of_venue(venue: Location | None) -> str:
    """What entries say of where they are."""
    return venue.name if venue else ""


def find_account_names(account: Account, models: Sequence[type[Name]], most: int) -> list[list[str]]:
    """Of each kind the first so many names that can be chosen, in order: what a form suggests, in one statement."""
    kinds = (model.objects.in_use().filter(account=OuterRef("pk")).order_by("folded", "pk") for model in models)
    found = Account.objects.filter(pk=account.pk)
    return list(found.values_list(*(ArraySubquery(kind.values("name")[:most]) for kind in kinds)).get())
