"""The groups that a list of people names and nobody had: made once, before the first row is applied."""

from typing import Any
from uuid import uuid5

from django.db import transaction

from accounts.models import ListImport
from groups.catalogue import GroupInUseError, create_group, delete_group
from groups.importing.people import GROUP_NAMES, GROUPS
from groups.importing.targets import NEW, key_of_new
from groups.models import Group


def make_groups(list_import: ListImport) -> None:
    """Make every group that a wanted row would go to. Safe to repeat."""
    wanted = {key for key, choice in list_import.mapping.get(GROUPS, {}).items() if choice == NEW}
    names: dict[str, str] = list_import.mapping.get(GROUP_NAMES, {})
    for key in sorted(wanted & _led_to(list_import)):
        with transaction.atomic():
            group = create_group(
                list_import.account, name=names[key], description="", key=uuid5(list_import.operation.key, key)
            )
            made: dict[str, Any] = list_import.made
            of = {**made.get("group_of", {}), key: group.pk}
            list_import.made = {**made, "group_of": of}
            ListImport.objects.filter(account=list_import.account_id, pk=list_import.pk).update(made=list_import.made)


def clear_groups(list_import: ListImport) -> None:
    """Delete the groups that the import made, as far as nothing uses them. Safe to repeat."""
    made = list_import.made.get("group_of", {}).values()
    for group in Group.objects.filter(account=list_import.account, pk__in=made):
        try:
            delete_group(group)
        except GroupInUseError:
            continue


def _led_to(list_import: ListImport) -> set[str]:
    """The keys of names that wanted rows lead to, and that have no group yet."""
    targets = list_import.rows.wanted().order_by().exclude(target="").values_list("target", flat=True).distinct()
    found = {part for target in targets.iterator(1000) for part in target.split(",")}
    return {key for part in found if (key := key_of_new(part, list_import.mapping))}
