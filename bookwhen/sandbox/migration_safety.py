"""Whether the release before can go on while our migrations run: `python -m bookwhen.sandbox.migration_safety`.

django-migration-linter reads the SQL of each but the first of every app, from a PostgreSQL of its own.
"""

import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

import django
from django.apps import apps

from bookwhen.sandbox.folder import DataFolder
from bookwhen.sandbox.postgres import THROWAWAY, Postgres

ROOT: Final = Path(__file__).resolve().parents[2]
LOCKS: Final = ("CREATE_INDEX", "CREATE_INDEX_EXCLUSIVE", "DROP_INDEX", "REINDEX")
"""What it only warns of, and what makes customers wait."""
SMALL: Final = ["0007_studios_and_confirmation"]
"""Migrations that lock a table with a row for each studio, for as long as an index of that takes."""
NEW: Final = ["0016_operations", "0024_history"]
"""Migrations that only make tables: it takes an index with a condition for one of another table."""
HABITS: Final = (
    "RUNPYTHON_ARGS_NAMING_CONVENTION",
    "RUNPYTHON_MODEL_VARIABLE_NAME",
    "RUNPYTHON_REVERSIBLE",
    "RUNSQL_REVERSIBLE",
)
"""What it also asks for and no upgrade needs."""


def main() -> int:
    """Say which migrations are not safe; returns 1 where there is one, else 0."""
    folder = DataFolder(Path(tempfile.mkdtemp(prefix="bookwhen-migrations-")))
    postgres = Postgres(folder, THROWAWAY)
    process = postgres.start()
    try:
        os.environ["DATABASE_URL"] = postgres.url
        django.setup()
        return lint()
    finally:
        process.stop()
        folder.wipe()
        shutil.rmtree(folder.path)


def lint() -> int:
    """Read the SQL of our migrations; returns 1 where one of them is not safe, else 0."""
    from django_migration_linter import MigrationLinter

    # It says of each migration that it reads it.
    logging.getLogger("django_migration_linter").setLevel(logging.WARNING)
    ours = [app.label for app in apps.get_app_configs() if Path(app.path).parent in {ROOT, ROOT / "bookwhen"}]
    linter = MigrationLinter(
        str(ROOT),
        include_apps=ours,
        ignore_initial_migrations=True,
        ignore_name=[*SMALL, *NEW],
        exclude_migration_tests=HABITS,
        warnings_as_errors_tests=LOCKS,
        no_cache=True,
        analyser_string="postgresql",
        quiet=["ok", "ignore", "warning"],
    )
    linter.lint_all_migrations()
    return int(linter.has_errors)


if __name__ == "__main__":
    sys.exit(main())
