"""*Download CSV* of many payments: a worker writes the file in parts, and it is fetched for some days."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from accounts import exports
from accounts.models import Account, ExportFile, ExportPart, Operation, OperationState, Role, Spreadsheet
from accounts.operations.running import run_operation
from accounts.operations.services import retry_operation
from accounts.tasks import forget_exports
from tests.browsing import form_fields, page_text
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.money import create_paid_booking
from tests.factories.schedule import NOW
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.dashboard.exports import sending, writing
from tickets.models import Entry, Payment, Ticket


@pytest.fixture(autouse=True)
def _many(monkeypatch: pytest.MonkeyPatch, entry: Entry, ticket: Ticket) -> None:
    """Seven payments, two of them of one instant, where two are many; parts of two, the first pair ends between."""
    monkeypatch.setattr(writing, "PART", 2)
    monkeypatch.setattr(writing, "CHUNK", 2)
    for number in range(7):
        name = f"=Zoë {number}"
        customer = CustomerFactory.create(account=entry.account, name=name, email=f"zoe{number}@example.org")
        booking = create_paid_booking(entry, ticket, name, customer=customer)
        Payment.objects.filter(booking=booking).update(paid_at=NOW - timedelta(days=9 - max(number, 2)))


@pytest.fixture
def at_once(dashboard: Dashboard) -> bytes:
    """The file as it is sent where its payments are few."""
    return bytes(dashboard.get("payments_csv").getvalue())


@pytest.fixture
def _two_are_many(at_once: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 2)


def begin(dashboard: Dashboard, query: str = "") -> Operation:
    address = dashboard.url("payments_csv") + query
    answer = dashboard.client.post(address, form_fields(dashboard.client.get(address)))
    operation = Operation.objects.latest("pk")
    assert answer["Location"] == dashboard.url("operation", pk=operation.pk)
    return operation


def fetched(dashboard: Dashboard, operation: Operation) -> bytes:
    return bytes(dashboard.get("operation_file", pk=operation.pk).getvalue())


@pytest.mark.usefixtures("_two_are_many")
def test_the_file_of_a_worker_is_the_one_that_would_be_sent(dashboard: Dashboard, at_once: bytes) -> None:
    assert "too many rows to download at once" in page_text(dashboard.get("payments_csv"))
    operation = begin(dashboard)

    run_operation(operation.pk)

    operation.refresh_from_db()
    assert (operation.state, operation.done, operation.total) == ("done", 7, 7)
    assert ExportPart.objects.count() == 4
    answer = dashboard.get("operation_file", pk=operation.pk)
    assert answer.getvalue() == at_once
    assert at_once.count(b"\r\n") == 8
    assert answer["Content-Disposition"] == 'attachment; filename="payments-river.csv"'
    assert (answer["Content-Type"], answer["Content-Length"]) == ("text/csv; charset=utf-8", str(len(at_once)))
    page = dashboard.get("operation", pk=operation.pk)
    assert dashboard.url("operation_file", pk=operation.pk) in page.content.decode()
    assert "You can download the file for 7 days." in page_text(page)


@pytest.mark.usefixtures("_two_are_many")
@pytest.mark.parametrize("query", ["?since=2030-01-09&until=2030-01-12", "?q=zoe", "?q=%00&since=nonsense"])
def test_it_has_what_the_filter_asks_for(query: str, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = begin(dashboard, query)
    run_operation(operation.pk)
    monkeypatch.setattr(sending, "AT_ONCE", 100)

    assert fetched(dashboard, operation) == dashboard.client.get(dashboard.url("payments_csv") + query).getvalue()


@pytest.mark.usefixtures("_two_are_many")
def test_settings_changed_meanwhile_change_no_half_of_it(dashboard: Dashboard, at_once: bytes) -> None:
    operation = begin(dashboard)
    run_operation(operation.pk, seconds=0)
    changes = {"spreadsheet": Spreadsheet.SEMICOLON, "time_zone": "Pacific/Auckland", "locale": "de-de"}
    Account.objects.filter(pk=operation.account_id).update(**changes)

    run_operation(operation.pk)

    assert fetched(dashboard, operation) == at_once


@pytest.mark.usefixtures("_two_are_many")
def test_a_part_that_is_done_again_is_there_once(
    dashboard: Dashboard, at_once: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies between the part and its note."""
    operation = begin(dashboard)
    run_operation(operation.pk, seconds=0)
    before = Operation.objects.values("cursor", "done").get(pk=operation.pk)
    run_operation(operation.pk, seconds=0)
    Operation.objects.filter(pk=operation.pk).update(**before)

    run_operation(operation.pk)

    assert fetched(dashboard, operation) == at_once


@pytest.mark.usefixtures("_two_are_many")
def test_a_worker_that_was_overtaken_writes_nothing(dashboard: Dashboard) -> None:
    operation = begin(dashboard)
    run_operation(operation.pk)
    file = ExportFile.objects.get()
    late = Operation.objects.get()
    Operation.objects.update(state=OperationState.RUNNING, ended_at=None, claims=late.claims + 1)

    exports.write_part(file, late, number=0, data=b"late")

    assert not ExportPart.objects.filter(data=b"late").exists()


@pytest.mark.usefixtures("_two_are_many")
def test_one_at_a_time_and_the_same_form_once(dashboard: Dashboard) -> None:
    first = begin(dashboard)

    assert begin(dashboard).pk == first.pk
    assert "This file is being made already" in page_text(dashboard.get("operation", pk=first.pk))
    run_operation(first.pk)
    key = {"key": str(uuid4())}
    answers = {dashboard.post("payments_csv", key).url for _ in range(2)}
    assert len(answers) == 1
    assert Operation.objects.count() == 2


@pytest.mark.usefixtures("_two_are_many")
def test_a_file_that_is_not_written_yet_or_cancelled_is_not_fetched(dashboard: Dashboard) -> None:
    operation = begin(dashboard)
    page = dashboard.url("operation", pk=operation.pk)
    run_operation(operation.pk, seconds=0)

    assert dashboard.get("operation_file", pk=operation.pk).url == page
    dashboard.post("operation_cancel", pk=operation.pk)
    assert run_operation(operation.pk) is False
    assert dashboard.get("operation_file", pk=operation.pk).url == page
    assert ExportPart.objects.count() == 1


@pytest.mark.usefixtures("_two_are_many")
def test_only_who_sees_payments_fetches_it(dashboard: Dashboard, studio: Account) -> None:
    operation = begin(dashboard)
    run_operation(operation.pk)

    others = [open_dashboard(AccountFactory.create()), open_dashboard(studio, Role.SCHEDULE_MANAGER)]
    assert [each.get("operation_file", pk=operation.pk).status_code for each in others] == [404, 404]


@pytest.mark.usefixtures("_two_are_many")
def test_it_is_deleted_after_seven_days(dashboard: Dashboard) -> None:
    operation = begin(dashboard)
    run_operation(operation.pk)
    ended = Operation.objects.get().changed_at
    run_forgetting(ended + timedelta(days=7))
    assert ExportPart.objects.count() == 4

    run_forgetting(ended + timedelta(days=7, seconds=1))

    assert ExportPart.objects.count() == 0
    assert dashboard.get("operation_file", pk=operation.pk).url == dashboard.url("operation", pk=operation.pk)
    assert "this one has been deleted" in page_text(dashboard.get("operation", pk=operation.pk))


@pytest.mark.usefixtures("_two_are_many")
def test_what_is_tried_again_after_that_makes_no_half_a_file(dashboard: Dashboard) -> None:
    operation = begin(dashboard)
    run_operation(operation.pk, seconds=0)
    Operation.objects.update(state=OperationState.FAILED, ended_at=NOW, changed_at=NOW)
    run_forgetting(NOW + timedelta(days=8))
    retry_operation(operation, now=NOW)

    run_operation(operation.pk)

    assert ExportPart.objects.count() == 0
    assert "this one has been deleted" in page_text(dashboard.get("operation", pk=operation.pk))


def test_every_statement_of_a_file_that_is_sent_reads_a_bounded_number(dashboard: Dashboard) -> None:
    with CaptureQueriesContext(connection) as seen:
        dashboard.get("payments_csv").getvalue()

    pages = [each["sql"] for each in seen if "tickets_payment" in each["sql"] and "ORDER BY" in each["sql"]]
    assert len(pages) == 4
    assert all("LIMIT" in each for each in pages)
    assert not any("OFFSET" in each for each in pages)


def run_forgetting(now: datetime) -> None:
    with travel(now, tick=False):
        forget_exports()
