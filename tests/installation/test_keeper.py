"""The keeper's pages: who gets in, what they see, and that they see no customer."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Page
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Letter, MailOutage, User
from bookwhen.celery import app
from bookwhen.installation.dashboard.job_names import NAMES
from bookwhen.installation.models import Backup, Heartbeat, SetAside
from bookwhen.jobs.schedule import BEAT, JOBS
from bookwhen.payments.models import StripeEvent
from tests.browsing import open_browser, page_text
from tests.factories.accounts import AccountFactory, CustomerFactory, StaffFactory, UserFactory
from tests.factories.payments import ConnectionFactory
from tests.factories.schedule import NOW, GroupFactory, add_member, book_member_place
from tests.journeys.steps import list_problems
from tests.two_step import add_app, pass_second_step
from tests.worlds.full_studio import FullStudio
from tickets.models import Booking, Finding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]

PAGES = ("/admin/", "/admin/studios/")
HOUR = timedelta(hours=1)


@pytest.fixture
def ada(settings: Any) -> User:
    """Keeps the installation."""
    settings.KEEPERS = ["Ada@Example.org"]
    return UserFactory.create(email="ada@example.org")


@pytest.fixture
def browser_of_ada(ada: User) -> Client:
    client = open_browser(ada)
    pass_second_step(client, ada)
    return client


@pytest.fixture
def _all_well() -> None:
    Heartbeat.objects.create(name="beat", beaten_at=NOW - timedelta(seconds=50))
    Backup.objects.create(
        started_at=NOW - 3 * HOUR, finished_at=NOW - 2 * HOUR, kind="dump", place="/x", size=2_000_000
    )


def make_letter(**fields: Any) -> Letter:
    return Letter.objects.create(
        kind="booked", recipient="griselda@example.org", subject="Hello Griselda", text="x",
        **{"created_at": NOW - 2 * HOUR, "due_at": NOW, **fields},
    )  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_to_everybody_else_there_is_no_such_page(address: str, ada: User) -> None:
    strangers = [None, UserFactory.create(), FullStudio().staff.user, StaffFactory.create().user]
    browsers = [open_browser(each) for each in strangers]
    pass_second_step(browsers[2], strangers[2])  # type: ignore[arg-type]

    assert {(each.get(address).status_code, each.post(address).status_code) for each in browsers} == {(404, 404)}


@pytest.mark.parametrize("address", PAGES)
def test_where_nobody_keeps_it_there_is_no_such_page(address: str, browser_of_ada: Client, settings: Any) -> None:
    settings.KEEPERS = []

    assert browser_of_ada.get(address).status_code == 404


def test_who_has_not_proved_their_address_does_not_get_in(settings: Any) -> None:
    settings.KEEPERS = ["eve@example.org"]
    eve = UserFactory.create(email="eve@example.org", proved=False)
    browser = open_browser(eve)
    pass_second_step(browser, eve)

    assert browser.get("/admin/").status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_a_keeper_is_led_through_the_second_step_first(address: str, ada: User) -> None:
    add_app(ada)
    browser = open_browser(ada)

    assert browser.get(address)["Location"] == f"/my/two-step/needed/?next={address.replace('/', '%2F')}"


@pytest.mark.parametrize("address", PAGES)
def test_a_keeper_looks_and_changes_nothing(address: str, browser_of_ada: Client) -> None:
    response = browser_of_ada.get(address)

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert [getattr(browser_of_ada, method)(address).status_code for method in ("post", "put", "delete")] == [405] * 3


@pytest.mark.usefixtures("_all_well")
def test_when_all_is_well_it_says_so(browser_of_ada: Client) -> None:
    text = page_text(browser_of_ada.get("/admin/"))

    assert "Everything is running. There’s nothing for you to do." in text
    assert "No emails have failed in the last 24 hours." in text
    assert "Beat and workers Running last seen 0 minutes ago" in text
    assert "1 hour" not in text
    assert "2 hours ago dump, 1.9 MB" in text.replace("\xa0", " ")


def test_every_trouble_says_what_to_do(browser_of_ada: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    studio = AccountFactory.create(slug="river", connection=ConnectionFactory.create(trouble="Your key is dead"))
    make_letter(account=studio)
    MailOutage.objects.create(since=NOW - HOUR, error="x", retry_at=NOW)
    make_event(studio)
    Finding.objects.create(account=studio, kind="entry", row=1, counted="1", should_be="2", found_at=NOW)

    text = page_text(browser_of_ada.get("/admin/")).replace("\xa0", " ")

    for trouble in (
        "Valkey or Redis doesn’t answer. See “When a part is away” in the operating guide.",
        "Beat and the workers have never been seen running. See “When nothing runs” in the operating guide.",
        "There’s no backup that we know of. See “Backing up” in the operating guide.",
        "The mail server hasn’t accepted any emails for 1 hour. See “When emails don’t go out” in the operating guide.",
        "Emails have waited for 2 hours. See “When emails don’t go out” in the operating guide.",
        "1 update from Stripe failed. See “When updates from Stripe fail” in the operating guide.",
        "1 studio’s connection to Stripe has a problem. See “When payments have problems” in the operating guide.",
        "Consistency checks found 1 row that doesn’t match. See “When records don’t match” in the operating guide.",
    ):
        assert trouble in text


def make_event(studio: Account) -> StripeEvent:
    assert studio.connection
    return StripeEvent.objects.create(
        connection=studio.connection, stripe_id="evt_dead", type="invoice.paid", created_at=NOW,
        payload={"name": "Griselda"}, source="webhook", state="dead", due_at=NOW, received_at=NOW,
        error="No customer griselda@example.org",
    )  # fmt: skip


def test_failures_are_shown_without_whom_they_are_about(browser_of_ada: Client) -> None:
    studio = AccountFactory.create(slug="river", connection=ConnectionFactory.create(trouble="Your key is dead"))
    CustomerFactory.create(account=studio, name="Griselda", email="griselda@example.org")
    given_up = make_letter(
        account=studio, failed_at=NOW - HOUR, fault="address", error="550 griselda@example.org unknown"
    )
    faulty = make_letter(fault="letter", fault_since=NOW, error="554 too long")
    make_event(studio)

    response = browser_of_ada.get("/admin/")

    text = page_text(response)
    assert f"{given_up.pk} booked river" in text
    assert "Their address was refused. We won’t try again. 550 <email> unknown" in text
    assert f"{faulty.pk} booked –" in text
    assert "The mail server didn’t accept this email. We keep trying. 554 too long" in text
    assert "evt_dead invoice.paid river" in text
    assert "No customer <email>" in text
    assert "griselda" not in response.content.decode().casefold()


@pytest.mark.usefixtures("_all_well")
def test_a_row_that_keeps_failing_is_a_problem_also_between_its_attempts(browser_of_ada: Client) -> None:
    task = "tickets.tasks.sweep_refunds"
    Heartbeat.objects.create(name=f"job:{task}", beaten_at=NOW, failed=0)
    row = SetAside.objects.create(
        job=task, item="812", failures=9, since=NOW - HOUR, retry_at=NOW + HOUR, error="StripeError: x"
    )

    text = page_text(browser_of_ada.get("/admin/")).replace("\xa0", " ")

    assert "1 row has been failing for 1 hour. See “When a job fails” in the operating guide." in text
    assert f"Send refunds {task} 812" in text
    assert "Failed 9 times. Next try at 13:00. StripeError: x" in text

    SetAside.objects.filter(pk=row.pk).update(since=NOW - timedelta(minutes=14))
    assert "Everything is running." in page_text(browser_of_ada.get("/admin/"))


@pytest.mark.usefixtures("_all_well")
def test_jobs_are_told_in_words_and_those_with_problems_first(browser_of_ada: Client) -> None:
    Heartbeat.objects.create(name="job:accounts.tasks.sweep_letters", beaten_at=NOW)
    Heartbeat.objects.create(name="job:tickets.tasks.check_books", beaten_at=NOW, failures=1, error="ValueError: x")

    text = page_text(browser_of_ada.get("/admin/")).replace("\xa0", " ")

    assert "This job has problems: “Consistency checks”. See “When a job fails” in the operating guide." in text
    jobs = text[text.index("Jobs If one") :]
    assert jobs.index("Consistency checks tickets.tasks.check_books") < jobs.index("Beat and a worker beat")
    assert jobs.index("Beat and a worker beat") < jobs.index("Send emails accounts.tasks.sweep_letters")


def test_every_job_has_a_name() -> None:
    app.loader.import_default_modules()

    assert {*JOBS, BEAT} == set(NAMES)


def test_versions_and_schema_are_shown(browser_of_ada: Client, settings: Any) -> None:
    settings.VERSION, settings.COMMIT = "9.9.9", "abc123"

    text = page_text(browser_of_ada.get("/admin/"))

    assert "Release 9.9.9 Commit abc123 Python 3." in text
    assert "PostgreSQL 18." in text
    assert "Newest migrations account 00" in text
    assert "Migrations are missing" not in text


def test_a_missing_migration_is_told(browser_of_ada: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'installation'")

    text = page_text(browser_of_ada.get("/admin/"))

    assert (
        "Migrations are missing. Run “python manage.py migrate”. The database doesn’t have installation.0001_" in text
    )


def test_studios_are_listed_with_what_a_keeper_needs(browser_of_ada: Client) -> None:
    river = AccountFactory.create(name="River", slug="river", plan="plus", connection=ConnectionFactory.create())
    AccountFactory.create(name="Hill", slug="hill", plan="free")
    group, customer = GroupFactory.create(account=river), CustomerFactory.create(account=river)
    add_member(group, customer)
    booking = book_member_place(group, customer)
    Booking.objects.filter(pk=booking.pk).update(created_at=NOW - 5 * HOUR)

    text = page_text(browser_of_ada.get("/admin/studios/"))

    assert "Hill hill Free" in text
    assert text.index("Hill hill") < text.index("River river Plus")
    assert "River river Plus" in text
    assert " 1 Test Tue 15 Jan 2030, 07:00" in text


@pytest.mark.parametrize(
    ("words", "found"), [("RIV", ["river"]), ("Sunny", ["hill"]), ("%", []), ("", ["hill", "river"])]
)
def test_a_studio_is_found_by_its_name_or_address(words: str, found: list[str], browser_of_ada: Client) -> None:
    AccountFactory.create(name="Yoga", slug="river")
    AccountFactory.create(name="The Sunny Side", slug="hill")

    response = browser_of_ada.get("/admin/studios/", {"q": words})

    assert [each.slug for each in response.context["page"].studios] == found


def test_studios_come_a_page_at_a_time(browser_of_ada: Client) -> None:
    for number in range(101):
        AccountFactory.create(slug=f"studio-{number:03}")

    first = browser_of_ada.get("/admin/studios/").context["page"]
    second = browser_of_ada.get("/admin/studios/", {"after": first.after}).context["page"]
    third = browser_of_ada.get("/admin/studios/", {"after": second.after}).context["page"]

    seen = [[each.slug for each in page.studios] for page in (first, second, third)]
    assert [len(each) for each in seen] == [50, 50, 1]
    assert [*seen[0], *seen[1], *seen[2]] == [f"studio-{number:03}" for number in range(101)]
    assert third.after == ""


def test_the_pages_cost_the_same_however_much_there_is(
    browser_of_ada: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def one_more(number: int) -> None:
        studio = AccountFactory.create(connection=ConnectionFactory.create(trouble="x"))
        make_letter(account=studio, fault="letter", fault_since=NOW)
        make_event(studio)
        Heartbeat.objects.create(name=f"job:{number}", beaten_at=NOW)

    def costs() -> None:
        with django_assert_num_queries(29):
            browser_of_ada.get("/admin/")
        with django_assert_num_queries(3):
            browser_of_ada.get("/admin/studios/")

    one_more(0)
    browser_of_ada.get("/admin/")
    costs()
    for number in range(1, 8):
        one_more(number)
    costs()


def test_customers_are_counted_up_to_a_bound(browser_of_ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = AccountFactory.create(slug="river")
    CustomerFactory.create_batch(3, account=studio)
    for module in ("studios", "views"):
        monkeypatch.setattr(f"bookwhen.installation.dashboard.{module}.MOST_CUSTOMERS", 2)

    assert "2 or more" in page_text(browser_of_ada.get("/admin/studios/"))


@pytest.mark.parametrize("width", [1280, 320])
def test_everybody_can_read_them(
    width: int, transactional_db: None, browser_of_ada: Client, page: Page, base_url: str
) -> None:
    studio = AccountFactory.create(slug="river", connection=ConnectionFactory.create(trouble="Your key is dead"))
    make_letter(account=studio, fault="letter", fault_since=NOW, error="554 " + "x" * 60)
    make_event(studio)
    Heartbeat.objects.create(name="job:accounts.tasks.sweep_letters", beaten_at=NOW)
    session = browser_of_ada.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": base_url}])
    page.set_viewport_size({"width": width, "height": 900})

    assert [problem for address in PAGES for problem in list_problems(page, address)] == []
