"""Every migration after an app's first leaves the release before it at work (docs/decisions/0033)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED, UniqueConstraint

OURS = {app.label for app in apps.get_app_configs() if not Path(app.path).is_relative_to(settings.BASE_DIR / ".venv")}
MIGRATIONS = [
    migration
    for (app, _name), migration in sorted(MigrationLoader(None).disk_migrations.items())
    if app in OURS and Path(apps.get_app_config(app).path).is_relative_to(settings.BASE_DIR) and not migration.initial
]
SMALL = {"accounts.account", "payments.connection"}
"""Tables with a row for each studio or fewer: an index of them takes no time."""


def faults(migration: Migration) -> list[str]:
    """What in it would stop the release before: by a lock that lasts, or by what its rows do not have."""
    new = {each.name_lower for each in migration.operations if isinstance(each, operations.CreateModel)}
    return [
        f"{each.describe()}: {why}"
        for each in migration.operations
        if (model := getattr(each, "model_name_lower", "")) not in new
        for why in fault(each, small=f"{migration.app_label}.{model}" in SMALL)
    ]


def fault(each: operations.base.Operation, *, small: bool) -> Iterator[str]:
    match each:
        case operations.AddField(field=models.ManyToManyField()):
            pass  # no column of its table
        case operations.AddField(field=field) if not field.null and field.db_default is NOT_PROVIDED:
            yield "neither null nor db_default"
        case operations.AddField(field=models.ForeignKey() as key) if getattr(key, "db_index", True) and not small:
            yield "its index is made while the table is locked (db_index=False, and AddIndex)"
        case operations.AddIndex() if not small and not isinstance(each, AddIndexConcurrently):
            yield "not concurrently"
        case operations.AddConstraint(constraint=UniqueConstraint() | ExclusionConstraint()) if not small:
            yield "first make an index"
        case operations.AddConstraint() if not small and not isinstance(each, AddConstraintNotValid):
            yield "first make it NOT VALID"
        case operations.RemoveField() | operations.RenameField() | operations.RenameModel() | operations.DeleteModel():
            yield "the release before still uses it"


@pytest.mark.parametrize("migration", MIGRATIONS, ids=lambda each: f"{each.app_label}.{each.name}")
def test_the_release_before_goes_on(migration: Migration) -> None:
    assert faults(migration) == []


def test_migrations_are_looked_at() -> None:
    assert {("accounts", "0005_delivery"), ("tickets", "0005_hold_limits")} <= {
        (each.app_label, each.name) for each in MIGRATIONS
    }


@pytest.mark.parametrize(
    ("operation", "found"),
    [
        (operations.AddField("booking", "x", models.IntegerField(default=0)), "neither null nor db_default"),
        (operations.AddField("booking", "x", models.IntegerField(db_default=0)), None),
        (operations.AddField("booking", "x", models.IntegerField(null=True)), None),
        (operations.AddIndex("booking", models.Index(fields=["x"], name="x")), "not concurrently"),
        (operations.RemoveField("booking", "x"), "the release before still uses it"),
        (operations.RenameField("booking", "x", "y"), "the release before still uses it"),
        (operations.DeleteModel("Booking"), "the release before still uses it"),
        (
            operations.AddConstraint("booking", models.CheckConstraint(condition=models.Q(x=1), name="x")),
            "first make it NOT VALID",
        ),
        (operations.AddConstraint("booking", UniqueConstraint(fields=["x"], name="x")), "first make an index"),
    ],
)
def test_what_would_stop_it_is_found(operation: operations.base.Operation, found: str | None) -> None:
    migration = type("Next", (Migration,), {"operations": [operation]})("next", "tickets")
    assert [each.rpartition(": ")[2] for each in faults(migration)] == ([found] if found else [])
