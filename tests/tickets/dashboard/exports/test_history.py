"""The history as a file: a long one is made by a worker, for owners alone."""

import csv

import pytest

from accounts.history.acting import acting
from accounts.history.recording import About, Change, record
from accounts.models import Account, Deed, Operation, Role, Thing
from accounts.operations.running import run_operation
from tests.browsing import form_fields, page_text
from tests.factories.accounts import AccountFactory, StaffFactory
from tests.factories.schedule import NOW
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.dashboard.exports import sending, writing

pytestmark = pytest.mark.django_db
LINES = 5


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    made = AccountFactory.create()
    maya = StaffFactory.create(account=made, user__name="Maya Okafor").user
    with acting(maya, at=NOW):
        for number in range(LINES):
            changes = [Change("Group name", "A", f"B{number}")]
            record(Deed.GROUP_CHANGED, About(Thing.GROUP, number, f"Gold {number}"), account=made, changes=changes)
        record(Deed.ENTRY_CHANGED, About(Thing.ENTRY, 1, "Flow"), account=made)
    monkeypatch.setattr(writing, "PART", 2)
    return made


def rows(sent: bytes) -> list[list[str]]:
    return list(csv.reader(sent.decode().removeprefix("\ufeff").splitlines()))


def begin(at: Dashboard, query: str = "") -> Operation:
    address = at.url("history_csv") + query
    at.client.post(address, form_fields(at.client.get(address)))
    operation = Operation.objects.latest("pk")
    while run_operation(operation.pk):
        pass
    return operation


def test_the_file_of_a_worker_is_the_one_that_would_be_sent(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_dashboard(account)
    sent = at.get("history_csv", {"kind": "group"}).getvalue()
    assert len(rows(sent)) == 1 + LINES

    monkeypatch.setattr(sending, "AT_ONCE", 2)
    assert "too many rows to download at once" in page_text(at.get("history_csv", {"kind": "group"}))
    operation = begin(at, "?kind=group")

    assert at.get("operation_file", pk=operation.pk).getvalue() == sent


def test_others_get_theirs_at_once_and_never_the_owner_s_file(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    operation = begin(open_dashboard(account))
    theirs = open_dashboard(account, Role.BOOKINGS_ADMIN)

    assert len(rows(theirs.get("history_csv").getvalue())) > LINES
    assert theirs.get("operation_file", pk=operation.pk).status_code == 404
    assert theirs.get("operation", pk=operation.pk).status_code == 404


def test_a_day_and_a_colleague_are_asked_for_in_the_background_too(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    at = open_dashboard(account)
    staff = account.staff.get(user__name="Maya Okafor")

    before = begin(at, f"?who={staff.pk}&until=2030-01-15")
    assert len(rows(at.get("operation_file", pk=before.pk).getvalue())) == 1 + LINES + 1
    assert len(rows(at.get("history_csv", {"until": "2020-01-01"}).getvalue())) == 1
