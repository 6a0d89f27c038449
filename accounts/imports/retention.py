"""Forgetting the rows of imports: they hold names and addresses, and are needed only to look through and to undo."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Count, QuerySet

from accounts.models import ListFile, ListImport, ListImportRow
from accounts.models.operations import WORKED_OFF
from accounts.operations.services import cancel_operation

KEPT: Final = timedelta(days=30)
"""How long rows are kept once nothing goes on with their import any more; one that waits for somebody ends then."""
BATCH: Final = 5000


def old_imports(*, now: datetime, kept: timedelta = KEPT) -> QuerySet[ListImport]:
    """The imports whose rows may go: by the installation, or where somebody keeps them for less long."""
    return ListImport.objects.filter(forgotten_at=None, operation__changed_at__lt=now - kept).exclude(
        operation__state__in=WORKED_OFF
    )


def forget_rows(pk: int, *, now: datetime, kept: timedelta = KEPT) -> None:
    """Forget what came in and what became of it, but for how many rows were what. Safe to repeat."""
    with transaction.atomic():
        found = old_imports(now=now, kept=kept).select_for_update(of=("self",)).select_related("operation").get(pk=pk)
        cancel_operation(found.operation, now=now)
        found.counts, found.forgotten_at = counts_of(found), now
        found.save(update_fields=["counts", "forgotten_at"])
    ListFile.objects.filter(account=found.account_id, list_import=found).delete()
    rows = ListImportRow.objects.filter(list_import=found)
    while some := list(rows.values_list("pk", flat=True)[:BATCH]):
        ListImportRow.objects.filter(pk__in=some).delete()


def counts_of(list_import: ListImport) -> dict[str, int]:
    """How many rows are in each state."""
    if list_import.forgotten_at:
        return dict(list_import.counts)
    return dict(list_import.rows.order_by().values_list("state").annotate(Count("pk")))
