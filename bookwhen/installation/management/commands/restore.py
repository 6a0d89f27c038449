"""`manage.py restore DUMP`: puts a backup into an empty database, or with --replace in the place of one."""

import sys
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from bookwhen.cache import clear_cache
from bookwhen.installation.backups import CHUNK, BadBackupError, Manifest
from bookwhen.installation.copies import find_copy, forget
from bookwhen.installation.models import Installation
from bookwhen.installation.postgres_programs import ProgramError
from bookwhen.installation.restoring import (
    InUseError,
    NotEmptyError,
    check_backup,
    close_connection,
    database_restored,
    read_backup,
    restore,
)


class Command(BaseCommand):
    """Restores a backup that is whole, and says what it found."""

    help = "Restore a backup that manage.py backup made. Stop web, worker and beat first."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the dump, and how far to go."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument(
            "dump",
            nargs="?",
            help="the .dump file, whose .json is beside it; - with --check: both come in, .json first",
        )
        which.add_argument(
            "--finish", action="store_true", help="after a restore by other means: clear the cache, check the books"
        )
        parser.add_argument("--check", action="store_true", help="only check the backup; nothing is restored")
        parser.add_argument(
            "--replace", action="store_true", help="the database isn’t empty: put the backup in its place"
        )
        parser.add_argument("--without-key", action="store_true", help="also if the backup’s SECRET_KEY is lost")

    def handle(self, *, dump: str | None, check: bool, finish: bool, **options: Any) -> None:  # noqa: ANN401
        """Restore, only check, or only look at what was restored; raises CommandError."""
        try:
            if not finish:
                assert dump is not None  # noqa: S101 - one of the two is given
                manifest = self._check(dump, any_key=options["without_key"])
                self.stdout.write(f"The backup is whole: {manifest.site}, {manifest.started_at}.")
                if check:
                    return
                restore(Path(dump), replace=options["replace"], now=timezone.now(), say=self.stdout.write)
            self._look()
        except (BadBackupError, ProgramError, OSError, psycopg.Error, DatabaseError) as error:
            raise CommandError(str(error)) from error
        except NotEmptyError as error:
            message = (
                "The database isn’t empty. With --replace it stays under another name, and the backup replaces it."
            )
            raise CommandError(message) from error
        except InUseError as error:
            open_ones = (
                "1 connection to the database is"
                if error.count == 1
                else f"{error.count} connections to the database are"
            )
            message = f"{open_ones} open. Stop web, worker and beat, then try again."
            raise CommandError(message) from error

    def _check(self, dump: str, *, any_key: bool) -> Manifest:
        if dump != "-":
            return read_backup(Path(dump), any_key=any_key)
        manifest = Manifest.read(sys.stdin.buffer.readline().decode(errors="replace"))
        check_backup(manifest, iter(lambda: sys.stdin.buffer.read(CHUNK), b""), any_key=any_key)
        return manifest

    def _look(self) -> None:
        """Say what there is now, and whether it is right."""
        close_connection()
        forget()
        # Sessions and rate limits of what was there before.
        if not clear_cache():
            self.stdout.write("The cache couldn’t be cleared. Clear it before you start the site.")
        self.stdout.write("Restored.")
        if copy := find_copy():
            self.stdout.write(f"It belongs to {copy.site}, so this site is quiet until you run manage.py adopt_site.")
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("It’s from an older release. Run manage.py migrate, then manage.py restore --finish.")
        else:
            for _receiver, told in database_restored.send(Installation, now=timezone.now()):
                self.stdout.write(str(told))
            call_command("check_books", stdout=self.stdout)
