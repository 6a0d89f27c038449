"""Django's `migrate`, so that the site goes on meanwhile: it never makes others wait long for a lock."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connections
from django.db.migrations import Migration
from psycopg.errors import DeadlockDetected, LockNotAvailable

LOCK_SECONDS: Final = 0.25
"""How long a migration waits for a lock. All who come after it wait too, so it is what a visitor may wait at most.

Some migrations lock four tables, one after the other. After a second PostgreSQL looks for those who wait for each other
and ends one of them, who may be a visitor: before that, the migration must have given up what it has.
"""
TRIES: Final = 120
PAUSE: Final = 1.0
"""Seconds from one try to the next, in which those who had to wait have their turn."""
ONE_AT_A_TIME: Final = 4_862_613_906_231_551_907
"""The number of PostgreSQL's advisory lock that one migrate holds: another waits for it, and then finds all done."""


class Command(Migrate):
    """Gives up a lock that it does not get soon, lets others have their turn, and tries the migration again."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what Django's takes, and how patient to be."""
        super().add_arguments(parser)
        parser.add_argument(
            "--lock-seconds", type=float, default=LOCK_SECONDS, help="how long to wait for a lock, and let others wait"
        )
        parser.add_argument("--tries", type=int, default=TRIES, help="how often to try to get a lock")

    def handle(self, *args: object, **options: Any) -> None:  # noqa: ANN401 - as Django's
        """Migrate; raises CommandError where a lock was not to be had in so many tries. What was applied stays."""
        self.database: str = options["database"]
        self.lock_milliseconds = round(options.pop("lock_seconds") * 1000)
        tries = options.pop("tries")
        with self.alone():
            for attempt in range(1, tries + 1):
                try:
                    super().handle(*args, **options)
                except OperationalError as error:
                    if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
                        raise
                    self.stdout.write(self.style.WARNING(f" the table is in use (try {attempt} of {tries})"))
                else:
                    return
                time.sleep(PAUSE)
        message = (
            "A table was in use all the time, by a backup or a long transaction perhaps: see pg_stat_activity. "
            "What was applied stays; run migrate again."
        )
        raise CommandError(message)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other migrate runs, and keep others waiting.

        It asks again and again: a statement that waits is one that an index made concurrently waits for.
        """
        connection = connections[self.database]
        while not self.ask("SELECT pg_try_advisory_lock(%s)", ONE_AT_A_TIME):
            time.sleep(PAUSE / 2)
        try:
            yield
        finally:
            # Where the connection broke, its lock is gone too.
            if connection.is_usable():
                self.ask("SELECT pg_advisory_unlock(%s), set_config('lock_timeout', '0', false)", ONE_AT_A_TIME)

    def ask(self, statement: str, *values: int | str) -> bool:
        """Run a statement; returns whether its first answer is true."""
        with connections[self.database].cursor() as cursor:
            cursor.execute(statement, values)
            row = cursor.fetchone()
        return bool(row and row[0])

    def migration_progress_callback(self, action: str, migration: Migration | None = None, fake: bool = False) -> None:  # noqa: FBT001, FBT002 - as Django's
        """Before each migration, say how long it may wait for a lock.

        One that is not atomic makes an index concurrently: it holds up nobody while it waits for the transactions that
        run, and would leave half an index behind if it gave up.
        """
        super().migration_progress_callback(action, migration, fake)
        if action == "apply_start" and migration is not None:
            patience = self.lock_milliseconds if migration.atomic else 0
            self.ask("SELECT set_config('lock_timeout', %s, false)", str(patience))
