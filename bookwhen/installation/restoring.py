"""Restoring a backup: it is checked first, and takes the place of what there was only once it is whole."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.dispatch import Signal
from psycopg import sql

from bookwhen.installation.backups import BadBackupError, Manifest, chunks_of, fingerprints, measure
from bookwhen.installation.dumping import manifest_of, refuse_pooler, server_major
from bookwhen.installation.postgres_programs import find_program, run_program

Say = Callable[[str], None]
SECONDS_TO_HANG_UP: Final = 5

database_restored: Final = Signal()
"""A database was restored, and is as this release wants it: `now`. A receiver does again what must not come back.

It returns what it did, in a sentence for the keeper. Sent by Installation.
"""


class NotEmptyError(Exception):
    """There is something in the database that would be lost."""


class InUseError(Exception):
    """So many others (`count`) are connected to the database."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


class WrongKeyError(BadBackupError):
    """The backup was made under a secret key that we don't have."""


def read_backup(dump: Path, *, any_key: bool = False) -> Manifest:
    """The manifest of a dump that is whole and that this release can restore. Raises BadBackupError, WrongKeyError."""
    beside = manifest_of(dump)
    if not beside.exists():
        message = f"There is no {beside.name} beside it: this backup was never finished, or isn’t one of ours."
        raise BadBackupError(message)
    manifest = Manifest.read(beside.read_text())
    check_backup(manifest, chunks_of(dump), any_key=any_key)
    return manifest


def check_backup(manifest: Manifest, chunks: Iterable[bytes], *, any_key: bool = False) -> None:
    """Make sure that a dump is the one that its manifest describes, and that this release, with its keys, can use it.

    Raises BadBackupError; with `any_key` also a backup passes whose secret keys we don't have.
    """
    measured = measure(chunks)
    if (measured.size, measured.sha256) != (manifest.size, manifest.sha256):
        message = (
            f"The dump isn’t whole: it has {measured.size:,} bytes, and should have {manifest.size:,}."
            if measured.size != manifest.size
            else "The dump was changed since it was made: its checksum differs."
        )
        raise BadBackupError(message)
    known = MigrationLoader(None).disk_migrations
    ahead = [f"{app} {name}" for app, name in manifest.migrations.items() if (app, name) not in known]
    if ahead:
        message = f"It was made by a newer release than this one, which doesn’t know {', '.join(ahead)}."
        raise BadBackupError(message)
    if manifest.secret_keys[0] not in fingerprints() and not any_key:
        message = (
            "It was made with another SECRET_KEY. Without that key nobody can read the Stripe keys and the secrets of "
            "two-step login in it. Put the key into SECRET_KEY, or into SECRET_KEY_FALLBACKS. If it’s lost, restore "
            "with --without-key: studios then enter their Stripe keys again."
        )
        raise WrongKeyError(message)


def restore(dump: Path, *, replace: bool, now: datetime, say: Say) -> None:
    """Restore a dump that was looked at into our database, which must be empty, or with `replace` be out of use.

    All or nothing. What is replaced stays, under another name. Raises NotEmptyError, InUseError, ProgramError.
    """
    refuse_pooler()
    program = find_program("pg_restore", major=server_major())
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", str(dump)]
    if not _has_tables():
        close_connection()
        run_program(program, options, connection.settings_dict)
        return
    if not replace:
        raise NotEmptyError
    name = str(connection.settings_dict["NAME"])
    aside, new = f"{name}_before_{now:%Y%m%d%H%M%S}", f"{name}_restoring"
    kind = _kind_of_database()
    close_connection()
    with _server() as server:
        refuse_in_use(server, name)
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(new)))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 {}").format(sql.Identifier(new), kind))
        run_program(program, options, connection.settings_dict, name=new)
        refuse_in_use(server, name)
        with server.transaction():
            for old_name, new_name in ((name, aside), (new, name)):
                rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                server.execute(rename.format(sql.Identifier(old_name), sql.Identifier(new_name)))
    say(f"What was there before is now the database {aside}. Drop it once you don’t need it.")


def close_connection() -> None:
    """Close what this process holds open, the pool too."""
    connections.close_all()
    if connection.settings_dict.get("OPTIONS", {}).get("pool"):
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's alone


def _has_tables() -> bool:
    with connection.cursor() as cursor:
        return bool(connection.introspection.table_names(cursor))


_KIND: Final = """
SELECT pg_encoding_to_char(encoding), datcollate, datctype, datlocprovider::text, to_jsonb(d) ->> %s
FROM pg_database d WHERE datname = current_database()
"""
LOCALE_COLUMN_SINCE: Final = 17
PROVIDERS: Final = {"b": "builtin", "i": "icu"}


def _kind_of_database() -> sql.Composable:
    """How the database was made, as CREATE DATABASE takes it: the same order and upper case in the new one."""
    column = "datlocale" if server_major() >= LOCALE_COLUMN_SINCE else "daticulocale"
    with connection.cursor() as cursor:
        cursor.execute(_KIND, [column])
        encoding, collate, ctype, provider, locale = cursor.fetchone()
    kind = sql.SQL("ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(*map(sql.Literal, (encoding, collate, ctype)))
    if provider in PROVIDERS:
        named = sql.SQL(" LOCALE_PROVIDER {} {} {}")
        option = "BUILTIN_LOCALE" if provider == "b" else "ICU_LOCALE"
        kind += named.format(sql.SQL(PROVIDERS[provider]), sql.SQL(option), sql.Literal(locale))
    return kind


def _server() -> "psycopg.Connection[Any]":
    """A connection to the server, in no database of ours."""
    given = {**connection.get_connection_params(), "dbname": "postgres"}
    for ours in ("pool", "cursor_factory", "context", "prepare_threshold"):
        given.pop(ours, None)
    return psycopg.connect(**given, autocommit=True)


def refuse_in_use(server: "psycopg.Connection[Any]", name: str) -> None:
    """Raise InUseError where somebody stays connected to a database for five seconds.

    Who has hung up (we ourselves, say) is still there for a moment. Autovacuum, which is nobody’s connection and has no
    user, makes way when a database is renamed.
    """
    counted = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usesysid IS NOT NULL"
    until = time.monotonic() + SECONDS_TO_HANG_UP
    while count := (server.execute(counted, [name]).fetchone() or (0,))[0]:
        if time.monotonic() > until:
            raise InUseError(count)
        time.sleep(0.1)
