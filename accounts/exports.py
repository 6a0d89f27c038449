"""Long files: a job writes one in parts, each once, however often a worker is killed; they go after some days."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Sum

from accounts.history.recording import About, record
from accounts.models import Account, Deed, ExportFile, ExportPart, Operation, OperationState, Thing
from accounts.models.operations import WORKED_OFF
from accounts.operations.services import start_operation

WRITE: Final = "write"
"""The phase in which a file is written."""
KEPT: Final = timedelta(days=7)
"""How long a file can be fetched."""
TYPES: Final = {"zip": "application/zip", "json": "application/json"}
"""What kinds of files there are besides those for a spreadsheet."""


def begin_file(
    account: Account,
    kind: str,
    *,
    name: str,
    asked: Mapping[str, Any],
    who: str,
    key: UUID,
    now: datetime,
    lane: str | None = None,
) -> Operation:
    """Let workers write a file of a registered kind; the same key again returns the job that it began.

    One of a kind is written at a time, unless another lane is named.

    Raises accounts.operations.services.OperationOpenError where the account has one of this kind being written.
    """
    with transaction.atomic():
        operation, is_new = start_operation(
            account, kind, phase=WRITE, who=who, key=key, lane=kind if lane is None else lane, now=now
        )
        if is_new:
            ExportFile.objects.create(
                account=account, operation=operation, name=name, asked=dict(asked), created_at=now
            )
            about = About(Thing.OPERATION, operation.pk, name)
            record(Deed.FILE_ASKED, about, account=account)
    return operation


def write_part(
    file: ExportFile, operation: Operation, *, number: int, data: bytes, records: bytes | None = None
) -> None:
    """Write a part of a file, or write it again; nothing by a worker from whom the job was taken meanwhile."""
    mine = Operation.objects.filter(
        account=file.account_id, pk=operation.pk, claims=operation.claims, state=OperationState.RUNNING
    )
    with transaction.atomic():
        if not list(mine.select_for_update(no_key=True).values_list("pk")):
            return
        ExportPart.objects.bulk_create(
            [
                ExportPart(
                    account_id=file.account_id,
                    export_file=file,
                    number=number,
                    data=data,
                    size=len(data),
                    records=records,
                )
            ],
            update_conflicts=True,
            unique_fields=["export_file", "number"],
            update_fields=["data", "size", "records"],
        )


def records_of(file: ExportFile, *, after: int, most: int) -> list[tuple[int, bytes]]:
    """What is kept beside the next parts of a file (numbers after one) that have anything."""
    found = _parts(file).filter(number__gt=after, records__isnull=False).order_by("number")
    return [(number, bytes(records or b"")) for number, records in found.values_list("number", "records")[:most]]


def content_type(name: str) -> str:
    """What kind of file a name is of."""
    return TYPES.get(name.rpartition(".")[2], "text/csv; charset=utf-8")


def size_of(file: ExportFile) -> int:
    """How many bytes a file has."""
    size: int = _parts(file).aggregate(size=Sum("size", default=0))["size"]
    return size


def chunks(file: ExportFile) -> Iterator[bytes]:
    """A file part by part, so that a long one takes no more memory than a short one."""
    number = 0
    while data := _parts(file).filter(number=number).values_list("data", flat=True).first():
        yield bytes(data)
        number += 1


def old_files(*, now: datetime, kept: timedelta = KEPT) -> QuerySet[ExportFile]:
    """The files that may go: by the installation, or where somebody keeps them for less long."""
    old = ExportFile.objects.filter(forgotten_at=None, operation__changed_at__lt=now - kept)
    return old.exclude(operation__state__in=WORKED_OFF)


def forget_file(pk: int, *, now: datetime, kept: timedelta = KEPT) -> None:
    """Delete what a file says. Safe to repeat; one that is being written again by then is left alone."""
    with transaction.atomic():
        # Its operation is held, so that nobody goes on with it while its parts go.
        old = old_files(now=now, kept=kept).select_related("operation")
        found = old.select_for_update(no_key=True).filter(pk=pk).first()
        if found:
            ExportFile.objects.filter(account=found.account_id, pk=pk).update(forgotten_at=now)
            _parts(found).delete()


def _parts(file: ExportFile) -> QuerySet[ExportPart]:
    return ExportPart.objects.filter(account=file.account_id, export_file=file)
