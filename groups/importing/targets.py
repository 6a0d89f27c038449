"""Which groups a row leads to: everybody's, and those that it names, as the operator said."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from accounts.models import ListImport
from groups.importing.people import FIXED_GROUP, GROUPS, Person, group_key
from groups.models import Group

if TYPE_CHECKING:
    from collections.abc import Mapping

NEW: Final = "new"
LEAVE: Final = "leave"


def key_of_new(target: str, mapping: "Mapping[str, Any]") -> str:
    """The key of the name that a target without a group stands for, by an import's mapping; nothing: it is none such.

    It is told by its place: a name may be long, and have commas in it, which divide targets.
    """
    kind, _sign, place = target.partition("#")
    keys = sorted(mapping.get(GROUPS, {}))
    if kind == NEW and place.isdecimal() and int(place) < len(keys):
        return str(keys[int(place)])
    # As the release before wrote them.
    return target.removeprefix(f"{NEW}:") if target.startswith(f"{NEW}:") else ""


class Targets:
    """The groups of an import, read once."""

    def __init__(self, list_import: ListImport, *, now: datetime) -> None:
        mapping = list_import.mapping
        self.today = now.astimezone(list_import.account.zone).date()
        self.in_use: dict[int, str] = dict(
            Group.objects.in_use().filter(account=list_import.account).values_list("pk", "name")
        )
        self.choices: Mapping[str, str] = mapping.get(GROUPS, {})
        """What becomes of a group's name (as `group_key` has it): a group (id), `NEW`, or `LEAVE`."""
        self.places = {key: place for place, key in enumerate(sorted(self.choices))}
        self.made: Mapping[str, int] = list_import.made.get("group_of", {})
        """Groups (ids) that the import made, by the key of their name."""
        fixed = str(mapping.get(FIXED_GROUP) or "")
        self.fixed = fixed if self._is_there(fixed) else ""

    def of(self, person: Person) -> list[str]:
        """The groups of a row, each once: by their ids, or `new#` and the place of a name that has none yet.

        None for somebody whose status says that they are no member any more, or whose last day has passed.
        """
        if person.is_inactive or person.is_over(self.today):
            return []
        found = [self.fixed] if self.fixed else []
        for name in person.groups:
            key = group_key(name)
            choice = self.choices.get(key, LEAVE)
            if choice == NEW:
                found.append(str(self.made[key]) if key in self.made else f"{NEW}#{self.places[key]}")
            elif self._is_there(choice):
                found.append(choice)
        return list(dict.fromkeys(found))

    def _is_there(self, choice: str) -> bool:
        return choice.isdigit() and int(choice) in self.in_use
