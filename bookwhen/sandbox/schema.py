"""The schema that a fresh demo begins with: what the migrations make, written down, since they take most of its start.

`schema.sql` names the migrations that it is made from. Where one of them has changed since, or PostgreSQL is another
version, it is not used; those that were added since run as everywhere. To write it anew, after migrations were added:
`.venv/bin/python -m bookwhen.sandbox.schema`.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import django
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from bookwhen.sandbox.check import ENVIRONMENT
from bookwhen.sandbox.folder import DataFolder
from bookwhen.sandbox.postgres import THROWAWAY, Postgres

FILE: Final = Path(__file__).with_name("schema.sql")
NOT_SQL: Final = re.compile(r"^(?:\\|--).*\n|^\n", re.MULTILINE)
"""Commands of psql, comments, and empty lines."""


def restore() -> bool:
    """Fill an empty database with the schema, in one transaction; False, with nothing done, where it does not fit."""
    if not FILE.exists() or connection.introspection.table_names():
        return False
    head, sql = FILE.read_text().split("\n", 1)
    made_with = json.loads(head.removeprefix("--"))
    if not fits(made_with):
        return False
    applied = [name.split(".", 1) for name in made_with["made_from"]]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.executemany("INSERT INTO public.django_migrations (app, name, applied) VALUES (%s, %s, now())", applied)
    connection.close()  # the schema comes with settings for its session
    return True


def fits(made_with: dict[str, Any]) -> bool:
    """Whether a schema made with these migrations by this server is what this server would come to by ours."""
    known = hashes()
    is_ours = all(known.get(name) == its for name, its in made_with["made_from"].items())
    return is_ours and bool(made_with["server"] == _server())


def is_fresh() -> bool:
    """Whether the schema is made from the migrations as they are now."""
    made_with = json.loads(FILE.read_text().split("\n", 1)[0].removeprefix("--"))
    return bool(made_with["made_from"] == hashes())


def hashes() -> dict[str, str]:
    """The hash of every migration of every app (`app.name`)."""
    found = MigrationLoader(None).disk_migrations
    files = {f"{app}.{name}": sys.modules[migration.__module__].__file__ for (app, name), migration in found.items()}
    return {
        name: hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16] for name, file in sorted(files.items()) if file
    }


def write() -> None:
    """Run every migration in a PostgreSQL of its own, and write down what they made."""
    folder = DataFolder(Path(tempfile.mkdtemp(prefix="bookwhen-schema-")))
    postgres = Postgres(folder, THROWAWAY)
    process = postgres.start()
    try:
        os.environ.update(ENVIRONMENT, DATABASE_URL=postgres.url)
        django.setup()
        call_command("migrate", verbosity=0)
        dump = subprocess.run(  # noqa: S603 - the PostgreSQL's own program
            [str(postgres.bin / "pg_dump"), "--no-owner", "--no-privileges", "--schema-only", postgres.url],
            check=True,
            capture_output=True,
            text=True,
        )
        head = json.dumps({"server": _server(), "made_from": hashes()})
        FILE.write_text(f"--{head}\n{NOT_SQL.sub('', dump.stdout)}")
    finally:
        process.stop()
        folder.wipe()
        shutil.rmtree(folder.path)


def _server() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        [[major]] = cursor.fetchall()
    return int(major)


if __name__ == "__main__":
    write()
