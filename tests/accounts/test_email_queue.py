"""Writing letters: with the change they tell of, once, and whatever the broker does."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from accounts import email_queue
from accounts.email_queue import Envelope
from accounts.models import Account, Letter
from tests.accounts.queue import empty_queue, take_tasks
from tests.factories.accounts import AccountFactory

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
TEMPLATE = "accounts/letters/team_invitation"


def write(account: Account, *, dedupe: str | None = None, recipient: str = "Ada@Example.org") -> Letter | None:
    return email_queue.queue_letter(
        kind="team_invitation",
        recipient=recipient,
        template=TEMPLATE,
        context={"link": "https://book.example/x/", "has_login": True},
        account=account,
        now=NOW,
        dedupe=dedupe,
        calendar="BEGIN:VCALENDAR",
    )


@pytest.fixture
def studio(db: None) -> Account:
    return AccountFactory.create(name="Tom & Jerry’s <Yoga>", contact_email="studio@example.org")


def test_both_parts_come_from_one_template_and_plain_text_stays_plain(studio: Account) -> None:
    letter = write(studio)
    assert letter is not None
    letter.refresh_from_db()
    assert letter.subject == "You’re on the team at Tom & Jerry’s <Yoga>"
    assert letter.text.splitlines()[0] == "Tom & Jerry’s <Yoga> has added you to their team on Bookwhen."
    assert letter.recipient == "ada@example.org"
    assert (letter.created_at, letter.due_at, letter.attempts) == (NOW, NOW, 0)
    assert (letter.calendar, letter.reply_to) == ("BEGIN:VCALENDAR", "studio@example.org")
    assert letter.html == (
        "<p>Tom &amp; Jerry’s &lt;Yoga&gt; has added you to their team on Bookwhen.</p>\n"
        '<p><a class="button" href="https://book.example/x/">Log in to open the dashboard</a></p>\n'
        "<p>If you don’t know this studio, you can ignore this email.</p>"
    )


def test_the_same_letter_is_written_once(studio: Account) -> None:
    assert write(studio, dedupe="once") is not None
    assert write(studio, dedupe="once") is None
    assert write(studio) is not None
    assert write(studio) is not None
    assert Letter.objects.count() == 3


def test_a_letter_goes_with_the_change_that_wrote_it(studio: Account) -> None:
    with transaction.atomic():
        write(studio)
        transaction.set_rollback(True)
    assert Letter.objects.count() == 0


def test_it_is_handed_over_after_the_commit(
    studio: Account, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    empty_queue()
    with django_capture_on_commit_callbacks() as before:
        letter = write(studio)
        assert take_tasks() == []
    assert letter is not None
    [hand_over] = before
    hand_over()
    assert take_tasks() == [("accounts.tasks.send_letter", [letter.pk])]


def test_many_letters_take_few_statements_and_one_task(
    studio: Account,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    empty_queue()
    write(studio, dedupe="member-7")
    envelopes = [
        Envelope(f"member{number}@example.org", {"link": "https://book.example/"}, dedupe=f"member-{number}")
        for number in range(1500)
    ]
    with django_capture_on_commit_callbacks(execute=True), django_assert_num_queries(4):
        email_queue.queue_letters(envelopes, kind="team_invitation", template=TEMPLATE, account=studio, now=NOW)
    assert Letter.objects.count() == 1500
    assert take_tasks() == [("accounts.tasks.send_letters", [])]


def test_no_letters_need_no_task(
    studio: Account, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        email_queue.queue_letters([], kind="team_invitation", template=TEMPLATE, account=studio, now=NOW)
    assert callbacks == []


ASK_FOR_A_LINK = """
import django
django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS.append("testserver")
from django.test import Client
print(Client().post("/accounts/password/reset/", {"email": "ada@example.org"}).status_code)
"""


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_breaks_no_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
    database = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{connection.settings_dict['NAME']}"
    broken = {"REDIS_URL": f"redis://127.0.0.1:{closed}/0", "CACHE_URL": settings.CACHE_URL, "DATABASE_URL": database}

    asked = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK_FOR_A_LINK],
        env={**os.environ, **broken, "DJANGO_SETTINGS_MODULE": "bookwhen.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert asked.stdout == "302\n"
    assert "The broker did not do its work, and is asked again in 5 seconds" in asked.stderr
    assert Letter.objects.get().recipient == "ada@example.org"


@override_settings(SITE_URL="https://book.example")
def test_links_in_letters_are_absolute() -> None:
    assert email_queue.absolute("/my/") == "https://book.example/my/"
