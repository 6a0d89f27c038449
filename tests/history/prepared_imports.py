"""What has to be so, and be sent, where a form of an import does nothing as it stands on its page."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import ListImport, ListImportRow, Operation
from tests.factories.schedule import NOW
from tests.fuzz.world import FuzzWorld

Sent = Mapping[str, Any]


def checked_import(_world: FuzzWorld) -> Sent:
    Operation.objects.update(state="waiting", phase="judge")
    ListImportRow.objects.update(verdict="new", why="")
    return {"why": "no_address", "choice": "leave"}


def read_import(_world: FuzzWorld) -> Sent:
    Operation.objects.update(state="waiting", phase="read")
    return {"product_0": "leave", "product_0_price_0": "leave"}


def done_import(_world: FuzzWorld) -> Sent:
    Operation.objects.update(state="done", phase="apply", ended_at=NOW)
    ListImportRow.objects.update(state="applied")
    ListImport.objects.update(forgotten_at=None)
    return {}


def listed(sent: Sent) -> Callable[[FuzzWorld], Sent]:
    """Let the list of people be checked, with somebody to add."""

    def check(_world: FuzzWorld) -> Sent:
        Operation.objects.filter(kind="people").update(state="waiting", phase="judge")
        ListImportRow.objects.filter(list_import__source="people").update(verdict="new", why="new")
        return sent

    return check


def list_done(_world: FuzzWorld) -> Sent:
    Operation.objects.filter(kind="people").update(state="done", phase="apply", ended_at=NOW)
    ListImportRow.objects.filter(list_import__source="people").update(state="applied")
    return {}


def list_begun(_world: FuzzWorld) -> Sent:
    file = SimpleUploadedFile("people.csv", b"Name,Email\nBea,bea@example.org\n")
    return {"file": file, "key": str(uuid4())}
