"""What workers do with an archive: a part a batch, each safe to do again, and last of all its directory."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, override

from accounts.exports import WRITE, begin_file, records_of, write_part
from accounts.models import Account, ExportFile, Operation
from accounts.operations.kinds import Kind, Phase, Step
from accounts.operations.services import OperationOpenError
from tickets.dashboard.csv_export import CsvFormat, csv_format
from tickets.dashboard.exports.archive.contents import SOURCES, manifest
from tickets.dashboard.exports.archive.zipping import ZipPiece, ZipState, zip_end
from tickets.dashboard.exports.kinds import Asked, Place

DIRECTORY: Final = "directory"
"""The phase that writes the directory of the ZIP, which comes after all that is in it."""
ENOUGH_BYTES: Final = 2_000_000
ENOUGH_READINGS: Final = 25
"""After so much, deflated, or after so many readings a part ends."""
AT_A_TIME: Final = 200
"""Of how many parts the records of the directory are read together."""
MANIFEST: Final = "manifest.json"


def begin_archive(account: Account, *, who: str, key: UUID) -> tuple[Operation, bool]:
    """Let a worker write the archive, and whether it will be this one: another may be being written already."""
    now, form = timezone.now(), csv_format(account)
    asked = {"language": get_language(), "separator": form.separator, "decimal": form.decimal}
    asked |= {"zone": account.time_zone, "at": now.isoformat()}
    name = f"everything-{account.slug}-{now.astimezone(account.zone):%Y-%m-%d}.zip"
    try:
        return begin_file(account, ARCHIVE.name, name=name, asked=asked, who=who, key=key, now=now), True
    except OperationOpenError:
        return Operation.objects.filter(account=account, lane=ARCHIVE.name).latest("pk"), False


@dataclass(slots=True)
class _Progress:
    """How far what is in it was read: which source is next, after which place, and how many rows each had."""

    piece: ZipPiece
    asked: Asked
    form: CsvFormat
    source: int
    place: Place | None
    rows: dict[str, int]

    @property
    def is_over(self) -> bool:
        """Whether every source was read to its end."""
        return self.source == len(SOURCES)

    def read_some(self) -> None:
        """Read some of the next source into the piece."""
        source, piece = SOURCES[self.source], self.piece
        some = source.read(self.asked, self.form, self.place)
        self.rows[source.path] = self.rows.get(source.path, 0) + some.rows
        for name, data in (some.files or {}).items():
            piece.add(name, data)
        if not source.has_many:
            if self.place is None:
                piece.begin(source.path)
            piece.write(some.data)
            if some.after is None:
                piece.end()
        self.place, self.source = some.after, self.source + (some.after is None)


def _write(operation: Operation, _now: datetime) -> Step:
    """Write the next part of what is in it."""
    file = ExportFile.objects.get(account=operation.account_id, operation=operation)
    if file.forgotten_at:
        return Step(None, 0)
    cursor, asked = operation.cursor, _asked(file, operation)
    piece = ZipPiece(ZipState.of(cursor.get("zip")), asked.now.astimezone(asked.account.zone))
    form = CsvFormat(file.asked["separator"], file.asked["decimal"])
    goes = _Progress(piece, asked, form, cursor.get("source", 0), cursor.get("place"), dict(cursor.get("rows", {})))
    with override(file.asked["language"]):
        for _reading in range(ENOUGH_READINGS):
            if not goes.is_over and len(piece.data) < ENOUGH_BYTES:
                goes.read_some()
    if goes.is_over:
        piece.add(MANIFEST, manifest(asked, goes.rows))
    number = cursor.get("part", 0)
    write_part(file, operation, number=number, data=bytes(piece.data), records=bytes(piece.records) or None)
    state = {"zip": piece.state.kept(), "part": number + 1}
    if not goes.is_over:
        here = {**state, "source": goes.source, "place": goes.place, "rows": goes.rows}
        return Step(here, goes.source, len(SOURCES))
    _keep(file, state)
    return Step(None, goes.source, goes.source)


def _write_directory(operation: Operation, _now: datetime) -> Step:
    """Write what ends the ZIP, some parts' records at a time."""
    file = ExportFile.objects.get(account=operation.account_id, operation=operation)
    if file.forgotten_at:
        return Step(None, 0)
    known, cursor = file.asked["end"], operation.cursor
    read, number = cursor.get("read", -1), cursor.get("part", known["part"])
    records = [each for each in records_of(file, after=read, most=AT_A_TIME) if each[0] < known["part"]]
    data = b"".join(each for _number, each in records)
    if len(records) == AT_A_TIME:
        write_part(file, operation, number=number, data=data)
        return Step({"read": records[-1][0], "part": number + 1}, records[-1][0], known["part"])
    write_part(file, operation, number=number, data=data + b"".join(zip_end(ZipState.of(known["zip"]))))
    return Step(None, known["part"], known["part"])


ARCHIVE: Final = Kind(
    "archive",
    gettext_lazy("Make an archive of everything"),
    "operation",
    {
        WRITE: Phase(gettext_lazy("Writing files"), _write, then=DIRECTORY),
        DIRECTORY: Phase(gettext_lazy("Finishing the archive"), _write_directory),
    },
    is_for_owners=True,
)


def _asked(file: ExportFile, operation: Operation) -> Asked:
    """Everything, as it was asked for: whatever is changed in the settings meanwhile, it is of one form."""
    account = operation.account
    account.time_zone = file.asked["zone"]
    return Asked(account, {}, datetime.fromisoformat(file.asked["at"]))


def _keep(file: ExportFile, end: Mapping[str, Any]) -> None:
    """Keep what the next phase must know: its cursor begins anew."""
    ExportFile.objects.filter(account=file.account_id, pk=file.pk).update(asked={**file.asked, "end": dict(end)})
