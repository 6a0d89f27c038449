"""Making a backup with pg_dump: to a temporary name, measured, described, and only then called a backup."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.db import connection
from django.utils import timezone

from bookwhen.installation.backups import chunks_of, describe, measure, record_backup
from bookwhen.installation.postgres_programs import ProgramError, find_program, run_program

DUMP: Final = ".dump"
MANIFEST: Final = ".json"
UNFINISHED: Final = ".part"
PREFIX: Final = "bookwhen-"


def make_backup(folder: Path, *, now: datetime) -> Path:
    """Dump the database into a folder: the path of the dump, whose manifest is beside it. Raises ProgramError, OSError.

    What was cut short before is swept away; until all is written and on the disk nothing there is called a backup.
    """
    refuse_pooler()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.glob(f"{PREFIX}*{UNFINISHED}"):
        left.unlink()
    dump = folder / f"{PREFIX}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{DUMP}"
    unfinished = dump.with_suffix(f"{DUMP}{UNFINISHED}")
    unfinished.touch(mode=0o600)
    pg_dump = find_program("pg_dump", major=server_major())
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--file={unfinished}"]
    run_program(pg_dump, options, connection.settings_dict)
    measured, finished = measure(chunks_of(unfinished)), timezone.now()
    manifest = describe(measured, started_at=now, finished_at=finished)
    _write(manifest_of(dump).with_suffix(f"{MANIFEST}{UNFINISHED}"), manifest.text())
    for path in (dump, manifest_of(dump)):
        _finish(path)
    record_backup(kind="dump", place=str(dump), size=measured.size, started_at=now, finished_at=finished)
    return dump


def keep_newest(folder: Path, count: int) -> list[Path]:
    """Delete all but the newest backups of a folder, this one's names alone; returns the dumps that are gone."""
    old = sorted(folder.glob(f"{PREFIX}*{DUMP}"), reverse=True)[count:]
    for dump in old:
        # The manifest first: without it a dump is no backup.
        manifest_of(dump).unlink(missing_ok=True)
        dump.unlink()
    return old


def manifest_of(dump: Path) -> Path:
    """Where the manifest of a dump is."""
    return dump.with_suffix(MANIFEST)


def server_major() -> int:
    """The major version of the server."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def refuse_pooler() -> None:
    """Raise ProgramError behind PgBouncer, which PostgreSQL's programs cannot speak through."""
    if connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
        message = (
            "A backup can’t go through PgBouncer. For this command, let DATABASE_URL name the server itself and set "
            "DATABASE_BEHIND_PGBOUNCER=0."
        )
        raise ProgramError(message)


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def _finish(path: Path) -> None:
    """Have an unfinished file on the disk under its own name, also after a power cut."""
    unfinished = path.with_suffix(f"{path.suffix}{UNFINISHED}")
    _sync(unfinished)
    unfinished.rename(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
