"""The demo's outbox."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Letter

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def _demo(settings: Settings) -> None:
    settings.DEMO = True


def create_letter(**facts: object) -> Letter:
    given = {
        "kind": "test",
        "recipient": "ada@example.org",
        "subject": "Welcome",
        "text": "Hello <b>Ada</b>\n\nhttps://book.example/",
        "created_at": NOW,
        "due_at": NOW,
    }
    return Letter.objects.create(**given | facts)


@pytest.mark.parametrize("path", ["/outbox/", "/outbox/{}/", "/outbox/{}/html/", "/outbox/{}/calendar.ics"])
def test_outside_the_demo_there_is_none(settings: Settings, path: str) -> None:
    found = create_letter(calendar="BEGIN:VCALENDAR")
    assert Client().get(path.format(found.pk)).status_code == 404
    settings.DEMO = True
    assert Client().get(path.format(found.pk)).status_code == 200


@pytest.mark.usefixtures("_demo")
def test_letters_are_found_by_recipient_and_words() -> None:
    create_letter(subject="One", recipient="ada@example.org")
    create_letter(subject="Two", recipient="bob@example.org", text="about otters")
    for query, found in (
        ({}, ["One", "Two"]),
        ({"to": "ADA@"}, ["One"]),
        ({"q": "OTTERS"}, ["Two"]),
        ({"to": "ada", "q": "otters"}, []),
    ):
        page = Client().get("/outbox/", query).content.decode()
        assert [subject for subject in ("One", "Two") if f">{subject}</a>" in page] == found


@pytest.mark.usefixtures("_demo")
def test_a_letter_is_shown_as_text_in_a_frame_and_with_its_calendar() -> None:
    found = create_letter(calendar="BEGIN:VCALENDAR")
    page = Client().get(f"/outbox/{found.pk}/").content.decode()
    assert "Hello &lt;b&gt;Ada&lt;/b&gt;" in page
    assert f'<iframe class="frame" src="/outbox/{found.pk}/html/" sandbox="' in page
    assert f'href="/outbox/{found.pk}/calendar.ics"' in page
    calendar = Client().get(f"/outbox/{found.pk}/calendar.ics")
    assert (calendar.content, calendar["Content-Type"]) == (b"BEGIN:VCALENDAR", "text/calendar; charset=utf-8")
    assert Client().get(f"/outbox/{create_letter().pk}/calendar.ics").status_code == 404


@pytest.mark.usefixtures("_demo")
def test_the_html_runs_nothing() -> None:
    answer = Client().get(f"/outbox/{create_letter().pk}/html/")
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data: 'self'",
        "frame-ancestors": "'self'",
    }
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.content.decode().count('<base target="_top">') == 1


@pytest.mark.usefixtures("_demo")
@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_however_long(
    django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _number in range(rows):
        create_letter()
    with django_assert_num_queries(1):
        page = Client().get("/outbox/")
    assert page.content.decode().count('<th scope="row">') == rows


@pytest.mark.usefixtures("_demo")
def test_a_letter_that_cannot_be_written_is_shown_as_it_was_posted() -> None:
    found = create_letter(kind="booked", facts={"language": "en"}, text="As posted")
    assert "As posted" in Client().get(f"/outbox/{found.pk}/").content.decode()
    assert Client().get(f"/outbox/{found.pk}/html/").status_code == 200
