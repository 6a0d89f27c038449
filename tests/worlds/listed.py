"""A studio that brings its list of people, step by step as its operator does."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.imports.files import begin_from_file
from accounts.imports.services import confirm_import, map_import, undo_import
from accounts.imports.sources import ListSource
from accounts.models import Account, ListImport
from accounts.operations.running import run_operation
from groups.importing.source import PEOPLE


def run(list_import: ListImport) -> ListImport:
    """Work it off, and look at it again."""
    while run_operation(list_import.operation_id):
        pass
    return ListImport.objects.select_related("operation", "account").get(pk=list_import.pk)


def read(account: Account, text: str | bytes, name: str = "list.csv", *, source: ListSource = PEOPLE) -> ListImport:
    data = text.encode() if isinstance(text, str) else text
    return run(begin_from_file(account, source, data, name, who="Ada", key=uuid4(), now=timezone.now()))


def guessed(found: ListImport) -> dict[str, Any]:
    return {"columns": found.found["guessed"], "day_order": found.found["day_order"]}


def judge(account: Account, text: str | bytes, *, source: ListSource = PEOPLE, **mapping: Any) -> ListImport:
    found = read(account, text, source=source)
    map_import(found, guessed(found) | mapping, now=timezone.now())
    return run(found)


def bring(
    account: Account, text: str | bytes, *, source: ListSource = PEOPLE, letter: bool = False, **mapping: Any
) -> ListImport:
    """All of it at once."""
    found = judge(account, text, source=source, **mapping)
    confirm_import(found, now=timezone.now(), letter=letter)
    return run(found)


def undo(found: ListImport) -> ListImport:
    undo_import(found, now=timezone.now())
    return run(found)


def reasons(found: ListImport) -> Mapping[str, int]:
    return Counter(found.rows.values_list("why", flat=True))


def states(found: ListImport) -> Mapping[str, int]:
    return Counter(found.rows.values_list("state", flat=True))
