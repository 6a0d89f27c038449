"""What was found is told: by the command, each night, and to the operator."""

import logging
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from offers.models import UsagePeriod
from tests.browsing import page_text
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import (
    NOW,
)
from tests.tickets.consistency.breaks import day, entry_taken, outside, period, ticket_taken
from tests.worlds.counted_studio import CountedStudio
from tests.worlds.dashboard import open_dashboard
from tickets.consistency import findings_of, store_findings
from tickets.models import Finding
from tickets.tasks import check_books as nightly

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("check_books", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_that_the_books_are_right(studio: CountedStudio) -> None:
    CountedStudio()
    assert run() == "Everything matches: 2 entries, 4 booked spaces, 4 uses, 2 memberships, 0 payments, 0 refunds.\n"
    one = "Everything matches: 1 entries, 2 booked spaces, 2 uses, 1 memberships, 0 payments, 0 refunds.\n"
    assert run("--account", studio.account.slug) == one


def test_the_command_names_what_is_wrong(studio: CountedStudio) -> None:
    other = CountedStudio()
    ticket_taken(studio)
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_books", stdout=out)
    assert ended.value.code == 1
    assert out.getvalue() == (
        f"{studio.account.slug}: The spaces taken by a ticket don’t match its bookings: counted 1, should be 2 "
        f"(Vinyasa, 2030-01-17 12:00 / Member place; ticket {studio.ticket.pk})\n"
    )
    assert run("--account", other.account.slug).startswith("Everything matches")


def test_the_command_names_everything_concerned_once(studio: CountedStudio) -> None:
    _check, row, *_words = day(studio)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_books", stdout=out)
    assert out.getvalue() == (
        f"{studio.account.slug}: A use is charged for the wrong date: counted 18 Jan 2030, "
        f"should be 17 Jan 2030 (Vinyasa, 2030-01-17 12:00 / Ada / Gold; day {row})\n"
    )


def test_the_command_knows_no_account_that_is_not_there(db: None) -> None:
    with pytest.raises(CommandError, match="There’s no account called “river”"):
        run("--account", "river")


def test_the_nightly_task_keeps_what_is_wrong_until_it_is_right(
    studio: CountedStudio, caplog: pytest.LogCaptureFixture
) -> None:
    period(studio)
    nightly()
    nightly()
    kept = Finding.objects.get()
    assert (kept.kind, kept.row, kept.name) == ("period", studio.period.pk, "3 Jan 2030 – 2 Feb 2030")
    assert (kept.customer, kept.group, kept.entry) == (studio.customer, studio.group, None)
    told = f"Consistency checks found problems (1). First: account {studio.account.pk}: period {studio.period.pk}: "
    logged = [(each.levelno, each.getMessage()) for each in caplog.records if each.name == "tickets.consistency"]
    assert logged == [(logging.ERROR, f"{told}1, should be 2")] * 2

    UsagePeriod.objects.filter(pk=studio.period.pk).update(used=2)
    assert (store_findings(now=NOW), Finding.objects.count()) == ([], 0)


def test_the_overview_warns_and_leads_to_what_is_wrong(studio: CountedStudio) -> None:
    at = open_dashboard(studio.account)
    assert "don’t match" not in page_text(at.get("overview"))
    entry_taken(studio)
    nightly()
    overview = at.get("overview")
    assert "1 of your records doesn’t match." in page_text(overview)
    assert "found spaces, uses, memberships or payments that don’t add up" in page_text(overview)
    assert f'href="{at.url("books")}"' in overview.content.decode()
    page = at.get("books")
    assert "The spaces taken at an entry don’t match its bookings" in page_text(page)
    assert f'href="{at.url("entry", pk=studio.entry.pk)}"' in page.content.decode()


def test_the_page_leads_to_everything_concerned(studio: CountedStudio) -> None:
    at = open_dashboard(studio.account, Role.BOOKINGS_ADMIN)
    outside(studio)
    day(studio)
    nightly()
    page = at.get("books").content.decode()
    for name, pk in [
        ("entry", studio.entry.pk),
        ("customer", studio.customer.pk),
        ("group", studio.group.pk),
        ("subscription", studio.bought.pk),
    ]:
        assert f'href="{at.url(name, pk=pk)}"' in page


def test_another_studios_findings_are_not_shown(studio: CountedStudio) -> None:
    other = CountedStudio()
    entry_taken(other)
    nightly()
    at = open_dashboard(studio.account)
    assert list(findings_of(studio.account)) == []
    assert "don’t match" not in page_text(at.get("overview"))
    assert "The last check found no problems." in page_text(at.get("books"))


@pytest.mark.parametrize("role", [Role.SCHEDULE_MANAGER, Role.LEADER])
def test_who_does_not_manage_customers_neither_is_warned_nor_sees_the_page(studio: CountedStudio, role: Role) -> None:
    entry_taken(studio)
    nightly()
    at = open_dashboard(studio.account, role)
    assert "don’t match" not in page_text(at.get("overview"))
    assert at.get("books").status_code == 404


@pytest.mark.parametrize("rows", [1, 25])
def test_the_page_takes_the_same_queries_however_much_is_wrong(studio: CountedStudio, rows: int) -> None:
    at = open_dashboard(studio.account)
    made = {"account": studio.account, "kind": "party", "entry": studio.entry, "group": studio.group, "found_at": NOW}
    for number in range(rows):
        customer = CustomerFactory.create(account=studio.account)
        Finding.objects.create(customer=customer, row=number, counted="1", should_be="2", **made)
    at.get("books")
    with CaptureQueriesContext(connection) as seen:
        page = at.get("books")
    assert page.content.decode().count('<th scope="row">') == rows
    assert len(seen) == 5
