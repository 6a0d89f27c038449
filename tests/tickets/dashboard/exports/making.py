"""Asking for a file on the page *Export*, and reading what came of it."""

import csv
import io
from typing import Any

from accounts.models import Operation
from accounts.operations.running import run_operation
from tests.browsing import form_fields
from tests.worlds.dashboard import Dashboard


def prepared(dashboard: Dashboard, name: str, **given: Any) -> bytes:
    """The file of a list, as a worker writes it and the page gives it."""
    page = dashboard.get("exports")
    sent = {"key": form_fields(page)["key"], "list": name, **given}
    answer = dashboard.post("exports", sent)
    assert answer.status_code == 302, answer.content.decode()
    return fetched(dashboard)


def fetched(dashboard: Dashboard) -> bytes:
    """The newest file, once its worker has written it."""
    operation = Operation.objects.latest("pk")
    while run_operation(operation.pk):
        pass
    operation.refresh_from_db()
    assert operation.state == "done", operation.error
    return bytes(dashboard.get("operation_file", pk=operation.pk).getvalue())


def rows_of(file: bytes) -> list[dict[str, str]]:
    """The rows of a file, by its columns."""
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline="")))
