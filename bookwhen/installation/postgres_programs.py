"""PostgreSQL's own programs (pg_dump, pg_restore), found on this machine in a version that fits, and run."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from django.db.backends.postgresql.client import DatabaseClient

FOLDERS: Final = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
"""Where distributions keep each version, beside the one on the PATH."""
ERROR_LENGTH: Final = 2000


class ProgramError(Exception):
    """A program is missing, too old, or failed; the text says what to do."""


def find_program(name: str, *, major: int) -> str:
    """The path of a program that fits a server of this major version: the same, else the next newer one.

    Raises ProgramError.
    """
    found = sorted((version, path) for path in _candidates(name) if (version := _major_version(path)))
    for version, path in found:
        if version >= major:
            return path
    there = f"{name} here is {found[-1][0]}, which is too old" if found else f"{name} isn’t installed here"
    message = (
        f"The server is PostgreSQL {major}, and {there}. Install PostgreSQL {major}’s client programs (on Debian "
        f"postgresql-client-{major}), or use deploy/backup/compose-backup with Docker Compose."
    )
    raise ProgramError(message)


def run_program(path: str, options: Sequence[str], database: dict[str, Any], *, name: str | None = None) -> None:
    """Run a program on a database of Django's settings, or on another (`name`) of its server. Raises ProgramError."""
    settings = {**database, "NAME": name} if name else database
    (_psql, *where), secrets = DatabaseClient.settings_to_cmd_args_env(settings, [])
    # The name comes last in what psql is given; pg_restore wants it as an option.
    *server, dbname = where
    command = [path, *server, f"--dbname={dbname}", *options]
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's that we found
        command, env={**os.environ, **(secrets or {})}, check=False, capture_output=True, text=True, errors="replace"
    )
    if done.returncode != 0:
        message = f"{Path(path).name} failed: {done.stderr.strip()[-ERROR_LENGTH:]}"
        raise ProgramError(message)


def _candidates(name: str) -> Iterator[str]:
    if on_path := shutil.which(name):
        yield on_path
    for pattern in FOLDERS:
        yield from (str(path / name) for path in Path("/").glob(pattern.removeprefix("/")) if (path / name).exists())


def _major_version(path: str) -> int | None:
    told = subprocess.run([path, "--version"], check=False, capture_output=True, text=True)  # noqa: S603 - the same
    match = re.search(r"\b(\d+)", told.stdout)
    return int(match[1]) if told.returncode == 0 and match else None
