"""What workers do with a list that was asked for as a file: a part a batch, the same as it would be sent at once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language, override

from accounts.exports import WRITE, begin_file, write_part
from accounts.models import Account, ExportFile, Operation
from accounts.operations.kinds import Kind, Phase, Step
from accounts.operations.services import OperationOpenError
from tickets.dashboard.csv_export import Cell, CsvFormat, csv_format, csv_lines
from tickets.dashboard.exports.kinds import Asked, ExportList

PART: Final = 1000
"""How many rows are read at a time, and are in a part of a file that a worker writes."""
CHUNK: Final = 500
"""How many are read at a time where they are sent at once."""


def kind_of_list(each: ExportList) -> Kind:
    """The kind of long job that writes a list."""
    phases = {WRITE: Phase(each.working, partial(_write, each))}
    return Kind(each.name, each.label, "operation", phases, is_for_owners=each.is_for_owners)


def begin_list(
    each: ExportList, account: Account, given: Mapping[str, Any], *, who: str, key: UUID
) -> tuple[Operation, bool]:
    """Let a worker write a list, and whether it will be this one: another of its kind may be being written already.

    The same key again returns the job that it began.
    """
    now, form = timezone.now(), csv_format(account)
    asked = Asked(account, given, now)
    # Whatever is changed in the settings meanwhile: a file is of one form from its first line to its last. The filter
    # stands beside it as the release before reads it.
    written = {"q": "", **given, "language": get_language(), "separator": form.separator, "decimal": form.decimal}
    written |= {"zone": account.time_zone, "at": now.isoformat()}
    try:
        name = each.file_name(asked)
        return begin_file(account, each.name, name=name, asked=written, who=who, key=key, now=now), True
    except OperationOpenError:
        return Operation.objects.filter(account=account, lane=each.name).latest("pk"), False


def rows_of(each: ExportList, asked: Asked, *, language: str | None) -> Iterator[Sequence[Cell]]:
    """Every row of a list, some at a time: no statement takes longer than another, no transaction is kept open."""
    place = None
    while True:
        with override(language):
            batch = each.read(asked, place, CHUNK)
        yield from batch.rows
        if (place := batch.after) is None:
            return


def _write(each: ExportList, operation: Operation, now: datetime) -> Step:
    """Write the next part of the file."""
    file = ExportFile.objects.get(account=operation.account_id, operation=operation)
    if file.forgotten_at:
        return Step(None, 0)
    given, account, cursor = file.asked, operation.account, operation.cursor
    account.time_zone = given["zone"]
    # What the release before asked for says no time where it needed none.
    asked = Asked(account, given, datetime.fromisoformat(given["at"]) if "at" in given else now)
    number = cursor.get("part", 0)
    with override(given["language"]):
        total = operation.total if cursor else each.found(asked).order_by().count()
        batch = each.read(asked, cursor.get("after"), PART)
        lines = csv_lines(CsvFormat(given["separator"], given["decimal"]), each.head(asked), batch.rows)
        data = "".join(islice(lines, 1 if number else 0, None)).encode()
    if data:
        write_part(file, operation, number=number, data=data)
    done = cursor.get("done", 0) + batch.read
    if batch.after is None:
        return Step(None, done, done)
    # Parts have no gaps between them: one that nothing is in is not counted.
    return Step({"part": number + bool(data), "done": done, "after": batch.after}, done, total)
