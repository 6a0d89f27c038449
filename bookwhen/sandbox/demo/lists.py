"""A list that the studio imported when it moved in: the people of another system, and who was left out."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from accounts.history.acting import acting
from accounts.imports.files import begin_from_file
from accounts.imports.services import confirm_import, map_import
from accounts.models import Account, ListImport, User
from accounts.operations.running import run_operation
from bookwhen.sandbox.demo.logins import DESK
from groups.importing.people import COLUMNS, DAY_ORDER
from groups.importing.source import PEOPLE

KEY: Final = UUID(int=3, version=4)
LIST: Final = """First name;Last name;E-Mail;Mobile;Notes
Iris;Holm;iris.holm@example.org;07911 123401;Knee: no jumping
Jonas;Falk;jonas.falk@example.org;07911 123402;
Lena;Falk;jonas.falk@example.org;;Comes with her father
Noor;Aziz;noor.aziz@example.org;07911 123403;Prefers mornings
Olga;Petrova;;07911 123404;
"""


def import_people(account: Account, *, now: datetime) -> None:
    """Import a short list by its steps, as the desk did some days ago."""
    then = now - timedelta(days=5)
    with acting(User.objects.get(email=DESK), at=then):
        found = begin_from_file(account, PEOPLE, LIST.encode(), "old-system.csv", who="Desk", key=KEY, now=then)
        if run(found, now=then).operation.phase == "read":
            columns = ["first", "last", "email", "phone", "note"]
            map_import(run(found, now=then), {COLUMNS: columns, DAY_ORDER: "dmy"}, now=then)
            confirm_import(run(found, now=then), now=then)
            run(found, now=then)


def run(found: ListImport, *, now: datetime) -> ListImport:
    """Work its job off, as at that time, and look at it again."""
    while run_operation(found.operation_id, now=now):
        pass
    return ListImport.objects.select_related("operation", "account").get(pk=found.pk)
