"""Which failures are outages, and what their page says, keeps and leads to; without asking what may be broken."""

from typing import Any

import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from psycopg import errors
from psycopg_pool import PoolTimeout
from pytest_django import DjangoAssertNumQueries, Settings
from redis import ConnectionError as RedisConnectionError

from accounts.models import User
from bookwhen import urls
from bookwhen.fastpath.prepared import prepared_cursor
from bookwhen.outages import Outage, outage_of
from tests.browsing import form_fields, page_text
from tests.factories.accounts import UserFactory

NOTHING = "Nothing was booked, paid or changed. Please try again in a minute."


def fail(request: HttpRequest) -> HttpResponse:
    """Fail as the query says; after having written something, if it says so."""
    if "before" in request.GET:
        write(request.GET["before"])
    raise OperationalError from errors.lookup(request.GET.get("code", "53100"))()


def write(how: str) -> None:
    """Change a row: in a transaction, or by a statement alone, or in a transaction that is rolled back."""
    if how == "alone":
        User.objects.update(name="Ada")
        return
    with transaction.atomic():
        User.objects.update(name="Ada")
        transaction.set_rollback(how == "undone")


urlpatterns = [path("fail/", fail), path("fail/more/", fail), *urls.urlpatterns]
handler400, handler500 = urls.handler400, urls.handler500

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


@pytest.fixture
def browser() -> Client:
    UserFactory.create()
    # A cookie, so that a page which asked for the session would be seen to.
    return Client(raise_request_exception=False, headers={"cookie": "sessionid=abc"})


def reference(page: Any) -> str:
    return f"Reference: {page.headers['X-Request-ID']} "


def test_a_page_that_cannot_be_shown_is_asked_for_again(
    browser: Client, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.SITE_NAME = "Acme"
    with django_assert_num_queries(0):
        page = browser.get("/fail/?x=1")

    assert (page.status_code, page["Retry-After"]) == (503, "30")
    assert "no-store" in page["Cache-Control"]
    assert "<title>Sorry, we’ll be back in a few minutes – Acme</title>" in page.content.decode()
    assert page_text(page) == (
        "Sorry, we’ll be back in a few minutes "
        "We can’t show this page at the moment. Everything that’s been confirmed is safe. Please try again in a "
        f"minute. {reference(page)}Try again Go to the home page"
    )
    assert 'href="/fail/?x=1"' in page.content.decode()


@pytest.mark.parametrize("query", ["", "&before=undone"])
def test_a_form_of_which_nothing_came_is_sent_again_as_it_was(browser: Client, query: str) -> None:
    page = browser.post(f"/fail/?x=1{query}", {"name": ["<Ada>", "Bea"], "note": "line\nline"})

    assert page_text(page) == (
        f"Sorry, we’ll be back in a few minutes {NOTHING} {reference(page)}Try again Go to the home page"
    )
    assert f'action="/fail/?x=1{query.replace("&", "&amp;")}"' in page.content.decode()
    assert page.content.decode().count('name="name"') == 2
    fields = form_fields(page)
    assert fields.pop("csrfmiddlewaretoken")
    assert fields == {"name": "Bea", "note": "line\nline"}
    assert "&lt;Ada&gt;" in page.content.decode()


@pytest.mark.parametrize("before", ["alone", "together"])
def test_where_something_was_saved_nothing_is_promised(browser: Client, before: str) -> None:
    page = browser.post(f"/fail/?before={before}", {"name": "Ada"}, headers={"referer": "http://testserver/fail/more/"})

    assert page_text(page) == (
        "Sorry, we’ll be back in a few minutes "
        "We can’t tell whether that went through. Before you try again, look for a confirmation in your email, or "
        "under My bookings if you have an account. "
        f"{reference(page)}My bookings Go back and try again"
    )
    assert 'href="/fail/more/"' in page.content.decode()


@pytest.mark.parametrize("key", ["6f1a2f0e-6d0f-4d8c-9a55-0c2b6f0f7c11", "/fail/:as-signed-by-us"])
def test_a_form_with_a_key_is_sent_again_whatever_came_of_it(browser: Client, key: str) -> None:
    page = browser.post("/fail/?before=together", {"key": key, "name": "Ada"})

    assert "if it did go through, it won’t be done twice" in page_text(page)
    assert form_fields(page)["key"] == key


@pytest.mark.parametrize("query", ["", "?before=together"])
def test_a_key_of_stripes_is_not_in_the_page(browser: Client, query: str) -> None:
    # The form that connects an account to Stripe calls its field like that, too.
    page = browser.post(f"/fail/{query}", {"key": "rk_test_s3cret"})

    assert "s3cret" not in page.content.decode()
    assert "won’t be done twice" not in page_text(page)


def test_what_the_request_before_has_saved_does_not_count(browser: Client) -> None:
    browser.post("/fail/?before=together")

    assert NOTHING in page_text(browser.post("/fail/", {"name": "Ada"}))


@pytest.mark.parametrize("field", ["password", "new_password1", "code", "client_secret", "credential"])
def test_secrets_are_not_in_the_page(browser: Client, field: str) -> None:
    page = browser.post("/fail/", {"email": "ada@example.org", field: "s3cret"})

    assert "s3cret" not in page.content.decode()
    assert "Your browser’s Back button should bring back what you typed. " in page_text(page)


def test_a_form_that_is_not_from_us_is_not_in_the_page() -> None:
    forger = Client(raise_request_exception=False, enforce_csrf_checks=True)

    assert forger.post("/fail/", {"name": "Ada"}).status_code == 403


def test_without_javascript_or_stripe_an_answer_is_short(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_arguments: object) -> None:
        raise OperationalError from PoolTimeout("by this test")

    monkeypatch.setattr("bookwhen.payments.webhooks._store_event", down)
    page = browser.post("/stripe/webhooks/2a1f7a44-93a7-4b54-9e3e-6b5f3b5f0a11/")
    assert (page.status_code, page.content) == (503, b"")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("53100", "we’ll be back in a few minutes"),
        ("25006", "we’ll be back in a few minutes"),
        ("57P03", "we’ll be back in a few minutes"),
        ("08006", "we’ll be back in a few minutes"),
        ("58030", "we’ll be back in a few minutes"),
        ("57014", "this is taking too long"),
        ("55P03", "this is taking too long"),
        ("40P01", "this is taking too long"),
        ("40001", "this is taking too long"),
        ("53300", "this is taking too long"),
        ("25P03", "this is taking too long"),
        ("0A000", "this is taking too long"),
    ],
)
def test_what_is_over_in_a_while(browser: Client, code: str, said: str) -> None:
    page = browser.get(f"/fail/?code={code}")

    assert page.status_code == 503
    assert page_text(page).startswith(f"Sorry, {said}")


@pytest.mark.parametrize("code", ["42P01", "22001", "23505", "P0001", "42501", "XX000"])
def test_what_is_a_mistake_of_ours_is_said_so(browser: Client, code: str) -> None:
    assert browser.get(f"/fail/?code={code}").status_code == 500


def test_outages_that_no_server_tells() -> None:
    assert outage_of(PoolTimeout("couldn't get a connection")) == Outage.AWAY
    assert outage_of(errors.OperationalError("server closed the connection unexpectedly")) == Outage.AWAY
    assert outage_of(RedisConnectionError("refused")) == Outage.AWAY
    assert outage_of(ValueError("anything else")) is None
    assert outage_of(errors.ProgrammingError("the query has 1 placeholder")) is None
    assert outage_of(None) is None


def run_prepared() -> int:
    with prepared_cursor() as cursor:
        cursor.execute("SELECT %s::int + 1", [1])
        return int(cursor.fetchone()[0])


def forget_prepared() -> None:
    """As a failover does behind a pooler: the connection stays, and the server knows nothing of it."""
    assert [run_prepared() for _often_enough in range(8)] == [2] * 8
    connection.connection.pgconn.exec_(b"DEALLOCATE ALL")


def test_a_prepared_statement_that_is_not_known_any_more_is_prepared_again() -> None:
    forget_prepared()

    assert [run_prepared() for _number in range(8)] == [2] * 8


def test_in_a_transaction_it_is_an_outage_and_the_next_one_works() -> None:
    forget_prepared()

    with pytest.raises(ProgrammingError) as raised, transaction.atomic():
        run_prepared()
    assert outage_of(raised.value) == Outage.BUSY
    with transaction.atomic():
        assert run_prepared() == 2
