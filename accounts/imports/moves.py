"""A move from another system: several imports, taken back together, the last one first."""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from accounts.imports import phases
from accounts.imports.services import OVER, THEN, NotNowError, undo_import
from accounts.models import Account, ListImport, ListImportRow
from accounts.models.operations import OPEN
from accounts.operations.services import OperationOpenError

log = logging.getLogger(__name__)


def imports_to_undo(account: Account) -> QuerySet[ListImport]:
    """The imports that wrote something which can be taken back now, newest first: later ones stand on earlier ones."""
    standing = ListImportRow.objects.standing().filter(list_import=OuterRef("pk"))
    found = ListImport.objects.filter(
        Exists(standing),
        account=account,
        forgotten_at=None,
        operation__state__in=OVER,
        operation__phase__in=(phases.APPLY, phases.UNDO),
    )
    return found.select_related("operation").order_by("-created_at", "-pk")


def has_open_import(account: Account) -> bool:
    """Whether any import goes on, or waits for somebody."""
    return ListImport.objects.filter(account=account, operation__state__in=OPEN).exists()


def undo_move(account: Account, *, now: datetime) -> int:
    """Take every import back, one after the other; of how many. Raises OperationOpenError while one goes on.

    Each is a long job of its own, which calls for the next once it is done: nothing is undone under what stands on it.
    """
    if has_open_import(account):
        raise OperationOpenError
    keys = list(imports_to_undo(account).values_list("pk", flat=True))
    _undo_first(account.pk, keys, now=now)
    return len(keys)


def undo_next(list_import: ListImport, *, now: datetime) -> None:
    """Go on with what is to be undone after this import, if anything is. Safe to repeat."""
    _undo_first(list_import.account_id, list_import.mapping.get(THEN, []), now=now)


def _undo_first(account: int, keys: Sequence[int], *, now: datetime) -> None:
    for place, key in enumerate(keys):
        found = ListImport.objects.select_related("operation").filter(account=account, pk=key).first()
        if found is None:
            continue
        try:
            undo_import(found, now=now, then=keys[place + 1 :])
        except NotNowError:
            if found.operation.state not in OVER:
                return  # It is being undone already, and goes on with the others.
        except OperationOpenError:
            log.warning("%s was not undone: another import began meanwhile.", found)
            return
        else:
            return
