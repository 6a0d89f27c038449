"""A plugin for the tests of the release before: its tables are emptied although newer ones point to them."""

from typing import Any

import pytest


def pytest_configure(config: pytest.Config) -> None:
    from django.db.backends.postgresql.operations import DatabaseOperations

    flush = DatabaseOperations.sql_flush

    def cascading(self: DatabaseOperations, *arguments: Any, **options: Any) -> list[str]:
        return flush(self, *arguments, **options | {"allow_cascade": True})

    DatabaseOperations.sql_flush = cascading  # type: ignore[assignment, method-assign]
