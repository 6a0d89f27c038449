"""The lines of a log: one each, with their ids, and nothing that somebody typed in between."""

import logging
import re
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from bookwhen import urls
from bookwhen.seeing.ids import add_ids, current_ids, only_ids, with_ids
from bookwhen.seeing.logs import TextLine, logging_settings
from tests.browsing import open_browser, page_text
from tests.factories.accounts import AccountFactory, SchedulePageFactory, UserFactory
from tests.factories.schedule import EntryFactory
from tests.seeing.reading import reading_log

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
ID = re.compile(r"[0-9a-f]{16}")


def broken(_request: HttpRequest, **_kwargs: object) -> HttpResponse:
    message = "Ada wrote to ada@example.org"
    raise RuntimeError(message)


urlpatterns = [
    path("broken/", broken),
    path("my/broken/<uuid:booking>/", broken),
    *urls.urlpatterns,
]
handler400, handler500 = urls.handler400, urls.handler500

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def answer(address: str, **headers: str) -> Any:
    return Client(raise_request_exception=False, headers=headers).get(address)


def test_a_request_is_one_line_without_its_query() -> None:
    page = SchedulePageFactory.create(slug="river", account__slug="river-studio")

    with reading_log() as log:
        response = answer(f"/{page.slug}/?email=ada@example.org")

    [line] = log.of("bookwhen.access")
    assert ID.fullmatch(line["request_id"])
    assert response.headers["X-Request-ID"] == line["request_id"]
    assert line.pop("time").endswith("Z")
    assert line.pop("ms") > 0
    assert line == {
        "level": "INFO",
        "logger": "bookwhen.access",
        "message": "GET /river/ 200",
        "process": "web",
        "pid": line["pid"],
        "request_id": line["request_id"],
        "account": "river-studio",
        "method": "GET",
        "view": "public:schedule",
        "path": "/river/",
        "status": 200,
        "bytes": len(response.content),
        "logged_in": False,
    }


def test_a_request_says_whether_somebody_is_logged_in_but_not_who() -> None:
    user = UserFactory.create()

    with reading_log() as log:
        open_browser(user).get("/my/")

    assert [(line["view"], line["logged_in"]) for line in log.of("bookwhen.access")] == [("my_bookings", True)]
    assert user.email not in log.text


def test_a_visitors_address_is_logged_only_if_a_setting_says_so(settings: Any) -> None:
    with reading_log() as log:
        answer("/accounts/login/")
        settings.LOG_ADDRESSES = True
        answer("/accounts/login/")

    assert [line.get("address") for line in log.of("bookwhen.access")] == [None, "127.0.0.1"]


@pytest.mark.parametrize("address", ["/health/live/", "/static/css/base.css", "/metrics"])
def test_what_machines_ask_all_the_time_is_not_logged(address: str) -> None:
    with reading_log() as log:
        answer(address)

    assert log.lines == []


def test_a_proxys_id_is_taken_over(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1

    assert answer("/health/live/", x_request_id="7f3a-Proxy.1").headers["X-Request-ID"] == "7f3a-Proxy.1"


@pytest.mark.parametrize(
    "said", ["short", "x" * 65, "ada@example.org", "two words here", "line\\nbreak-in-it", "-begins"]
)
def test_an_id_that_is_none_is_replaced(said: str, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1

    assert ID.fullmatch(answer("/health/live/", x_request_id=said).headers["X-Request-ID"])


def test_without_a_proxy_of_ours_nobody_chooses_their_id(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 0

    assert ID.fullmatch(answer("/health/live/", x_request_id="7f3a-Proxy.1").headers["X-Request-ID"])


def test_an_error_is_one_line_with_its_traceback_and_its_reference_is_on_the_page() -> None:
    with reading_log() as log:
        response = answer(f"/my/broken/{UUID}/")

    [error] = log.of("django.request")
    reference = response.headers["X-Request-ID"]
    assert (error["level"], error["message"]) == ("ERROR", "Internal Server Error: /my/broken/0f8fad5b…/")
    assert error["request_id"] == reference
    assert error["traceback"].startswith("Traceback (most recent call last):\n")
    assert error["traceback"].endswith("RuntimeError: Ada wrote to <email>")
    assert f"Reference: {reference}" in page_text(response)
    assert len(log.text.splitlines()) == 2
    assert UUID not in log.text


def test_what_is_typed_makes_no_line_of_its_own() -> None:
    record = logging.makeLogRecord(
        {"name": "x", "levelname": "INFO", "msg": "He said %s", "args": ("a\n\x1b[31mb\u2028c",)}
    )

    with reading_log() as log:
        logging.getLogger("x").info("He said %s", "a\nb\u2028c")
    text = TextLine(process="web").format(record)

    assert len(log.text.splitlines()) == 1
    assert log.lines[0]["message"] == "He said a\nb\u2028c"
    assert text.endswith("He said a\\n\\x1b[31mb\\u2028c")


def test_a_line_for_people_says_the_same() -> None:
    record = logging.makeLogRecord(
        {"name": "x", "levelname": "INFO", "msg": "To ada@example.org", "created": 1_893_456_000.5}
    )

    with only_ids({"request_id": "abc"}):
        text = TextLine(process="worker").format(record)

    assert text == "2030-01-01T00:00:00.500Z INFO worker x To <email> request_id=abc"


def test_ids_are_those_of_what_is_around() -> None:
    with only_ids({"request_id": "a"}):
        with with_ids(letter=7):
            add_ids(account="river")
            inside = dict(current_ids())
        after = dict(current_ids())

    assert (inside, after, dict(current_ids())) == (
        {"request_id": "a", "letter": "7", "account": "river"},
        {"request_id": "a"},
        {},
    )


def test_one_request_leaves_nothing_to_the_next() -> None:
    studio = AccountFactory.create()
    entry = EntryFactory.create(page=SchedulePageFactory.create(account=studio))

    with reading_log() as log:
        answer(f"/{entry.page.slug}/entries/{entry.uuid}/")
        answer("/accounts/login/")

    assert [line.get("account") for line in log.of("bookwhen.access")] == [studio.slug, None]


def test_a_secret_address_is_in_no_line() -> None:
    with reading_log(logging.DEBUG) as log:
        for address in (f"/my/bookings/{UUID}/", "/my/emails/abc:def/", "/accounts/password/reset/abc:def/"):
            answer(address)

    lines = log.of("bookwhen.access")
    assert [line["path"] for line in lines] == [
        "/my/bookings/0f8fad5b…/",
        "/my/emails/<token>/",
        "/accounts/password/reset/<token>/",
    ]
    assert UUID not in log.text
    assert "abc:def" not in log.text


def test_every_process_writes_the_form_that_is_asked_for() -> None:
    chosen = {form: logging_settings(form=form, level="INFO", process="web")["formatters"] for form in ("json", "text")}

    assert {form: each["line"]["()"].rpartition(".")[2] for form, each in chosen.items()} == {
        "json": "JsonLine",
        "text": "TextLine",
    }
