"""Sending letters: by one worker at a time, again after a failure, and never for ever."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage as PythonMessage
from email.policy import default
from smtplib import SMTPRecipientsRefused, SMTPResponseException, SMTPServerDisconnected
from typing import ClassVar

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from pytest_django import Settings
from time_machine import travel

from accounts import email_delivery, tasks
from accounts.models import Letter
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
TEXT = "Hello Ada & Bob,\nyou are in.\n\nOpen it: https://book.example/x/?a=1&b=2\n\n- one\n- two\n"
HTML = '<p>Hello Ada &amp; Bob</p><p><a class="button" href="https://book.example/x/?a=1&amp;b=2">Open it</a></p>'


CANCELLATION = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n"
INVITATION = CANCELLATION.replace("CANCEL", "REQUEST")


class FaultyServer(BaseEmailBackend):
    """A mail server that refuses everything with `fault`."""

    fault: ClassVar[Exception]

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        del email_messages
        raise self.fault


@pytest.fixture
def _faulty_server(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "tests.accounts.test_email_delivery.FaultyServer"
    FaultyServer.fault = SMTPServerDisconnected("gone")


def create_letter(**facts: object) -> Letter:
    given = {
        "kind": "test",
        "recipient": "ada@example.org",
        "subject": "Welcome",
        "text": TEXT,
        "created_at": NOW,
        "due_at": NOW,
    }
    return Letter.objects.create(**given | facts)


def send(found: Letter, *, now: datetime = NOW) -> Letter:
    claimed = email_delivery.claim(found.pk, now=now)
    assert claimed is not None
    email_delivery.send(claimed, now=now)
    found.refresh_from_db()
    return found


def test_what_arrives(settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Bookwhen <post@book.example>"
    settings.SITE_URL = "https://book.example:8443"
    sent = send(
        create_letter(account=AccountFactory.create(name="Tom & Co"), reply_to="tom@example.org", calendar=CANCELLATION)
    )

    [message] = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert (message.to, message.subject, message.body) == (["ada@example.org"], "Welcome", TEXT)
    assert (message.from_email, message.reply_to) == ("Tom & Co <post@book.example>", ["tom@example.org"])
    assert message.extra_headers == {"Message-ID": f"<letter-{sent.pk}@book.example>"}
    assert message.attachments == [("booking.ics", CANCELLATION, "text/calendar; method=CANCEL")]
    assert [kind for _html, kind in message.alternatives] == ["text/html", "text/calendar; method=CANCEL"]
    assert (sent.sent_at, sent.failed_at, sent.attempts) == (NOW, None, 1)


def receive(letter: Letter) -> PythonMessage:
    """The letter as a mail program reads it, from the bytes that go out."""
    send(letter)
    return message_from_bytes(mail.outbox[-1].message().as_bytes(), policy=default)


def test_the_html_part_stands_in_the_houses_frame_with_its_styles_inline() -> None:
    html = email_delivery.letter_html(create_letter(html=HTML))
    assert ">Hello Ada &amp; Bob</p>" in html
    assert '<a class="button" href="https://book.example/x/?a=1&amp;b=2" style="' in html
    assert ">Open it</a>" in html
    assert "<style" not in html


def test_a_letter_of_the_release_before_has_paragraphs_and_no_button() -> None:
    html = email_delivery.letter_html(create_letter())
    assert "Hello Ada &amp; Bob,<br>you are in.</p>" in html
    assert "Open it: https://book.example/x/?a=1&amp;b=2</p>" in html
    assert "<a " not in html


def test_a_calendar_object_is_an_alternative_and_an_attachment_that_name_its_method() -> None:
    message = receive(create_letter(calendar=CANCELLATION, html=HTML))

    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert [(part.get_content_disposition(), part.get_filename()) for part in parts] == [
        (None, None),
        ("attachment", "booking.ics"),
    ]
    for part in parts:
        assert part["Content-Type"].params == {"method": "CANCEL", "charset": "utf-8"}
        assert part.get_payload(decode=True) == CANCELLATION.replace("\r\n", "\n").encode()
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "text/calendar",
    ]


def test_a_providers_interface_gets_the_calendar_object_as_an_attachment_alone(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    sent = send(create_letter(calendar=CANCELLATION, html=HTML))

    params = vars(mail.outbox[-1])["anymail_test_params"]
    assert [(each.name, each.content_type) for each in params["attachments"]] == [
        ("booking.ics", 'text/calendar; method="CANCEL"; charset="utf-8"')
    ]
    assert (params["html_body"] != "", sent.sent_at) == (True, NOW)


def test_each_of_several_calendar_objects_is_an_attachment_of_its_own() -> None:
    message = receive(create_letter(calendar=INVITATION * 2))

    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert [(part.get_filename(), part["Content-Type"].params["method"]) for part in parts] == [
        ("booking-1.ics", "REQUEST"),
        ("booking-2.ics", "REQUEST"),
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("River Studio", "River Studio"),
        ("Yoga, Pilates & more", "Yoga, Pilates & more"),
        ('The "Loft" (Leeds)', 'The "Loft" (Leeds)'),
        ("Café Ångström 瑜伽", "Café Ångström 瑜伽"),
        ("pay@evil.example", "pay@evil.example"),
        ("River\r\nBcc: all@evil.example", "River Bcc: all@evil.example"),
        ("River\u202e\u200b\x07", "River"),
        ("<boss@evil.example>, x", "<boss@evil.example>, x"),
        ("Ü" * 200, "Ü" * 200),
    ],
)
def test_a_studios_name_is_only_a_name_in_the_sender(settings: Settings, name: str, shown: str) -> None:
    settings.DEFAULT_FROM_EMAIL = "Bookwhen <post@book.example>"

    message = receive(create_letter(account=AccountFactory.create(name=name)))

    [sender] = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (shown, "post@book.example")
    assert message["Bcc"] is None


def test_a_letter_is_claimed_by_one_worker() -> None:
    first = create_letter()
    assert email_delivery.claim(first.pk, now=NOW) == first
    assert email_delivery.claim(first.pk, now=NOW) is None
    assert email_delivery.claim_next(now=NOW) is None
    almost = NOW + email_delivery.LEASE - timedelta(seconds=1)
    assert email_delivery.claim(first.pk, now=almost) is None
    assert email_delivery.claim(first.pk, now=NOW + email_delivery.LEASE) == first


def test_what_is_sent_given_up_or_not_due_is_left_alone() -> None:
    create_letter(sent_at=NOW)
    create_letter(failed_at=NOW)
    create_letter(due_at=NOW + timedelta(seconds=1))
    assert email_delivery.claim_next(now=NOW) is None


def test_the_letter_that_waited_longest_goes_first() -> None:
    late, early = create_letter(due_at=NOW), create_letter(due_at=NOW - timedelta(hours=1))
    assert email_delivery.claim_next(now=NOW) == early
    assert email_delivery.claim_next(now=NOW) == late


@pytest.mark.usefixtures("_faulty_server")
def test_it_is_tried_again_later_and_later_and_given_up_at_last() -> None:
    found, now, pauses = create_letter(), NOW, []
    for _attempt in range(email_delivery.ATTEMPTS):
        send(found, now=now)
        pauses.append(found.due_at - now)
        now = found.due_at
    for attempt, pause in enumerate(pauses):
        assert timedelta(minutes=2**attempt) <= pause <= timedelta(minutes=1.5 * 2**attempt)
    assert (found.attempts, found.error, found.sent_at) == (8, "gone", None)
    assert found.failed_at == now - pauses[-1]
    assert email_delivery.claim(found.pk, now=now) is None


@pytest.mark.usefixtures("_faulty_server")
@pytest.mark.parametrize(
    ("fault", "is_permanent"),
    [
        (SMTPRecipientsRefused({"ada@example.org": (550, b"no such user")}), True),
        (SMTPRecipientsRefused({"ada@example.org": (450, b"later")}), False),
        (SMTPResponseException(554, b"never"), True),
        (SMTPResponseException(421, b"busy"), False),
        (ConnectionRefusedError(), False),
        (RuntimeError("what some backend raises"), False),
        (ValueError("a header has a newline"), True),
    ],
)
def test_what_a_server_never_takes_is_given_up_at_once(fault: Exception, is_permanent: bool) -> None:  # noqa: FBT001
    FaultyServer.fault = fault
    found = send(create_letter())
    assert found.failed_at == (NOW if is_permanent else None)


@pytest.mark.usefixtures("_faulty_server")
def test_a_failure_is_forgotten_when_it_goes_out(settings: Settings) -> None:
    found = send(create_letter())
    assert found.error == "gone"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send(found, now=found.due_at)
    assert (found.error, found.attempts, len(mail.outbox)) == ("", 2, 1)


def test_the_task_sends_a_letter_once() -> None:
    found = create_letter()
    with travel(NOW, tick=False):
        tasks.send_letter(found.pk)
        tasks.send_letter(found.pk)
    assert len(mail.outbox) == 1


def test_the_sweep_sends_what_the_broker_lost() -> None:
    for name in ("ada", "bob", "cleo"):
        create_letter(recipient=f"{name}@example.org")
    with travel(NOW, tick=False):
        tasks.sweep_letters()
        tasks.sweep_letters()
    assert sorted(message.to[0] for message in mail.outbox) == [
        "ada@example.org",
        "bob@example.org",
        "cleo@example.org",
    ]


@pytest.mark.usefixtures("_faulty_server")
def test_a_sweep_ends_though_every_letter_fails() -> None:
    for _number in range(3):
        create_letter()
    with travel(NOW, tick=False):
        tasks.sweep_letters()
    assert list(Letter.objects.values_list("attempts", "failed_at")) == [(1, None)] * 3
