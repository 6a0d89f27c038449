"""What a list calls otherwise than the account does: groups of people, or tickets of bookings, matched in a step."""

from collections.abc import Mapping
from typing import Any

from accounts.models import ListImport
from groups.importing.people import COLUMNS, DAY_ORDER, GROUP_NAMES, GROUPS
from groups.importing.source import NAME as PEOPLE
from groups.importing.summary import known_names, names_of_groups
from tickets.dashboard.lists.bookings import TicketNamesForm, unknown_tickets
from tickets.dashboard.lists.forms import MOST_NAMES, GroupNamesForm
from tickets.importing.lines import TICKETS


def names_to_match(list_import: ListImport) -> dict[str, str]:
    """The names by their keys; of tickets those that no event has, once rows were checked."""
    if list_import.source == PEOPLE:
        return names_of_groups(list_import, list_import.mapping)
    return dict(list(unknown_tickets(list_import).items())[:MOST_NAMES])


def has_names(list_import: ListImport) -> bool:
    """Whether there is anything to match, once rows were checked."""
    if list_import.source == PEOPLE:
        return bool(list_import.mapping.get(GROUP_NAMES))
    return bool(unknown_tickets(list_import))


def same_columns(list_import: ListImport) -> list[tuple[str, str]]:
    """The fields of *Check the rows*, as they were sent last: sent again, rows are checked by what is here now."""
    columns = enumerate(list_import.mapping.get(COLUMNS, []))
    return [*((f"column_{number}", what) for number, what in columns), ("day_order", list_import.mapping[DAY_ORDER])]


def names_form(
    list_import: ListImport, names: Mapping[str, str], data: Mapping[str, Any] | None
) -> GroupNamesForm | TicketNamesForm:
    """The form that asks what is meant by each; its `mapping()` is what was chosen."""
    account, mapping = list_import.account, list_import.mapping
    if list_import.source == PEOPLE:
        chosen = known_names(list_import, names) | mapping.get(GROUPS, {})
        return GroupNamesForm(data, account=account, names=names, chosen=chosen)
    return TicketNamesForm(data, account=account, names=names, chosen=mapping.get(TICKETS, {}))


def asked_first(list_import: ListImport, chosen: Mapping[str, Any]) -> tuple[dict[str, Any], int, bool]:
    """What to judge rows by, how many names the list has, and whether some have to be matched before."""
    if list_import.source != PEOPLE:
        kept = {name: list_import.mapping[name] for name in (TICKETS, "ticket_names") if name in list_import.mapping}
        return {**chosen, **kept}, 0, False
    names = names_of_groups(list_import, chosen)
    known = known_names(list_import, names)
    decided = {key: choice for key, choice in list_import.mapping.get(GROUPS, {}).items() if key in names}
    mapping = {**chosen, GROUPS: known | decided, GROUP_NAMES: dict(names)}
    return mapping, len(names), not set(names) <= set(mapping[GROUPS])
