"""Which groups a list of people names."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models.fields.json import KeyTextTransform

from accounts.imports.files import CELLS
from accounts.imports.tables.cells import says_nothing
from accounts.models import ListImport
from groups.importing.columns import PersonColumn
from groups.importing.people import COLUMNS, group_key, group_names_in
from groups.models import Group

MOST_CELLS: Final = 2000
"""How many different cells are looked at for names of groups."""


def names_of_groups(list_import: ListImport, columns: Mapping[str, Any]) -> dict[str, str]:
    """The names in the columns of groups by their keys, as the list writes them first, in the order of the alphabet."""
    found: dict[str, str] = {}
    for number, column in enumerate(columns.get(COLUMNS, [])):
        if column != PersonColumn.GROUP:
            continue
        cell = KeyTextTransform(str(number), KeyTextTransform(CELLS, "raw"))
        said = list_import.rows.order_by().annotate(said=cell).values_list("said", flat=True).distinct()
        for text in said[:MOST_CELLS]:
            for name in group_names_in("" if says_nothing(text or "") else text):
                found.setdefault(group_key(name), name)
    found.pop("", None)
    return dict(sorted(found.items()))


def known_names(list_import: ListImport, names: Mapping[str, str]) -> dict[str, str]:
    """The groups (ids) that are called as some names (by key) say."""
    groups = Group.objects.in_use().filter(account=list_import.account).order_by("-pk")
    by_key = {group_key(name): str(pk) for pk, name in groups.values_list("pk", "name")}
    return {key: by_key[key] for key in names if key in by_key}
