"""`manage.py backup`: makes a backup with pg_dump, or takes note of one that was made otherwise."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bookwhen.installation import backups
from bookwhen.installation.dumping import keep_newest, make_backup
from bookwhen.installation.postgres_programs import ProgramError

PGBACKREST: Final = "pgBackRest"


class Command(BaseCommand):
    """Makes a backup, or notes one, so that the keeper sees how old the last one is."""

    help = (
        "Back up the database with pg_dump. Keep SECRET_KEY somewhere else, too: without it, nobody can read the "
        "Stripe keys in a backup."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a folder, or say what to read from the standard input."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--to", type=Path, metavar="FOLDER", help="make a backup in this folder")
        which.add_argument(
            "--describe",
            metavar="PLACE",
            help="write the manifest of the dump that comes in, made of this database by pg_dump --format=custom, and "
            "note that it is kept at PLACE",
        )
        which.add_argument(
            "--pgbackrest", action="store_true", help="note the backups in what pgbackrest info --output=json says"
        )
        parser.add_argument("--keep", type=int, metavar="N", help="with --to: delete all but the newest N")
        parser.add_argument(
            "--started", type=int, metavar="SECONDS", help="with --describe: when pg_dump began (date +%%s)"
        )

    def handle(self, *, to: Path | None, describe: str | None, **options: Any) -> None:  # noqa: ANN401 - Django's options
        """Do one of the three; raises CommandError."""
        now = timezone.now()
        try:
            if to is not None:
                self._make(to, options["keep"], now)
            elif describe is not None:
                self._describe(describe, options["started"], now)
            else:
                self._note_pgbackrest()
        except (ProgramError, backups.BadBackupError, OSError) as error:
            raise CommandError(str(error)) from error

    def _make(self, folder: Path, keep: int | None, now: datetime) -> None:
        if keep is not None and keep < 1:
            message = "--keep is how many backups stay, at least 1."
            raise CommandError(message)
        dump = make_backup(folder, now=now)
        self.stdout.write(f"Backed up to {dump} ({dump.stat().st_size:,} bytes).")
        for gone in keep_newest(folder, keep) if keep else ():
            self.stdout.write(f"Deleted {gone}.")

    def _describe(self, place: str, started: int | None, now: datetime) -> None:
        measured = backups.measure(iter(lambda: sys.stdin.buffer.read(backups.CHUNK), b""))
        if not measured.size:
            message = "Nothing came in: pg_dump failed."
            raise CommandError(message)
        began = datetime.fromtimestamp(started, UTC) if started is not None else now
        manifest = backups.describe(measured, started_at=began, finished_at=now)
        backups.record_backup(kind="dump", place=place, size=measured.size, started_at=began, finished_at=now)
        self.stdout.write(manifest.text(), ending="")

    def _note_pgbackrest(self) -> None:
        try:
            made = [(stanza["name"], each) for stanza in json.load(sys.stdin) for each in stanza["backup"]]
            for stanza, each in made:
                if not each.get("error"):
                    backups.record_backup(
                        kind=PGBACKREST,
                        place=f"{stanza} {each['label']}",
                        size=each["info"]["repository"]["delta"],
                        started_at=datetime.fromtimestamp(each["timestamp"]["start"], UTC),
                        finished_at=datetime.fromtimestamp(each["timestamp"]["stop"], UTC),
                    )
        except (KeyError, TypeError, ValueError) as error:
            message = "This isn’t what pgbackrest info --output=json says."
            raise CommandError(message) from error
        self.stdout.write(f"{len(made)} backups noted.")
