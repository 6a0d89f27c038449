"""Sending letters: by one worker at a time, and again after a failure until they are sent or their address refused."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage as PythonMessage
from email.policy import default
from itertools import count
from smtplib import SMTPRecipientsRefused, SMTPResponseException, SMTPServerDisconnected
from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import TestCase
from pytest_django import Settings
from time_machine import travel

from accounts import email_claims, email_delivery, email_round, identity, tasks
from accounts.email_outage import MOST_ATTEMPTS
from accounts.models import DeliveryFault, Letter
from bookwhen import queues
from bookwhen.celery import app
from tests.accounts.letters import FaultyServer
from tests.accounts.queue import empty_queue, take_tasks
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
TEXT = "Hello Ada & Bob,\nyou are in.\n\nOpen it: https://book.example/x/?a=1&b=2\n\n- one\n- two\n"
HTML = '<p>Hello Ada &amp; Bob</p><p><a class="button" href="https://book.example/x/?a=1&amp;b=2">Open it</a></p>'


CANCELLATION = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n"
INVITATION = CANCELLATION.replace("CANCEL", "REQUEST")


@pytest.fixture
def _faulty_server(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "tests.accounts.letters.FaultyServer"
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
    claimed = email_claims.claim(found.pk, now=now)
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
    assert message.extra_headers == {
        "Message-ID": f"<letter-{sent.pk}@book.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
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
    assert email_claims.claim(first.pk, now=NOW) == first
    assert email_claims.claim(first.pk, now=NOW) is None
    assert email_claims.claim_next(now=NOW) is None
    almost = NOW + email_claims.LEASE - timedelta(seconds=1)
    assert email_claims.claim(first.pk, now=almost) is None
    assert email_claims.claim(first.pk, now=NOW + email_claims.LEASE) == first


def test_what_is_sent_given_up_or_not_due_is_left_alone() -> None:
    create_letter(sent_at=NOW)
    create_letter(failed_at=NOW)
    create_letter(due_at=NOW + timedelta(seconds=1))
    assert email_claims.claim_next(now=NOW) is None


def test_the_letter_that_waited_longest_goes_first() -> None:
    late, early = create_letter(due_at=NOW), create_letter(due_at=NOW - timedelta(hours=1))
    assert email_claims.claim_next(now=NOW) == early
    assert email_claims.claim_next(now=NOW) == late


@pytest.mark.usefixtures("_faulty_server")
def test_it_is_tried_again_later_and_later_up_to_half_an_hour_and_never_given_up() -> None:
    found, now, pauses = create_letter(), NOW, []
    for _attempt in range(12):
        send(found, now=now)
        pauses.append(found.due_at - now)
        now = found.due_at
    for pause, least in zip(pauses, (1, 2, 4, 8, 16, *[30] * 7), strict=True):
        assert timedelta(minutes=least) <= pause <= timedelta(minutes=1.5 * least)
    assert (found.attempts, found.error, found.sent_at, found.failed_at) == (12, "gone", None, None)
    assert (found.fault, found.fault_since) == (DeliveryFault.LETTER, NOW)


def test_counting_attempts_ends_and_attempts_do_not() -> None:
    found = create_letter(attempts=MOST_ATTEMPTS)
    assert send(found).attempts == MOST_ATTEMPTS
    assert found.sent_at == NOW


@pytest.mark.usefixtures("_faulty_server")
@pytest.mark.parametrize(
    ("fault", "is_final"),
    [
        (SMTPRecipientsRefused({"ada@example.org": (550, b"no such user")}), True),
        (SMTPRecipientsRefused({"ada@example.org": (450, b"later")}), False),
        (SMTPResponseException(554, b"never"), False),
        (SMTPResponseException(421, b"busy"), False),
        (ConnectionRefusedError(), False),
        (RuntimeError("what some backend raises"), False),
        (ValueError("a header has a newline"), False),
    ],
)
def test_only_a_refused_address_is_given_up_at_once(fault: Exception, is_final: bool) -> None:  # noqa: FBT001
    FaultyServer.fault = fault
    found = send(create_letter())
    assert found.failed_at == (NOW if is_final else None)


@pytest.mark.usefixtures("_faulty_server")
def test_a_mailbox_that_stays_full_for_five_days_counts_as_refused() -> None:
    FaultyServer.fault = SMTPRecipientsRefused({"ada@example.org": (452, b"4.2.2 mailbox full")})
    found = send(create_letter())
    days = [send(found, now=NOW + timedelta(days=day, hours=1)).failed_at for day in range(1, 6)]
    assert days == [None, None, None, None, NOW + timedelta(days=5, hours=1)]
    assert (found.fault, found.error) == (DeliveryFault.ADDRESS, "452 4.2.2 mailbox full")


def test_a_letter_that_cannot_be_built_stops_no_other() -> None:
    bad = send(create_letter(subject="Two\nlines"))
    assert (bad.fault, bad.failed_at, bad.due_at > NOW) == (DeliveryFault.LETTER, None, True)
    assert send(create_letter()).sent_at == NOW


@pytest.mark.parametrize("demo", [False, True])
def test_a_link_that_lets_somebody_in_leaves_the_row_once_it_is_sent(
    settings: Settings,
    demo: bool,  # noqa: FBT001
) -> None:
    settings.DEMO = demo
    identity.send_link("ada@example.org", next_path="/my/", now=NOW)
    found = Letter.objects.get()
    [link] = re.findall(r"https?://\S+", found.text)
    send(found)
    # In the demo the outbox is where letters are read.
    assert (link in found.text, link in str(mail.outbox[0].body)) == (demo, True)
    assert "Confirm and choose a password: http" in found.text


@pytest.mark.usefixtures("_faulty_server")
def test_a_letter_that_waits_keeps_its_link_and_its_error_does_not() -> None:
    identity.send_link("ada@example.org", next_path="/my/", now=NOW)
    found = Letter.objects.get()
    [link] = re.findall(r"https?://\S+", found.text)
    FaultyServer.fault = SMTPResponseException(554, f"spam: {link}".encode())
    assert link in send(found).text
    assert (found.error.startswith("554 spam: http"), link in found.error) == (True, False)


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


def due_letters(*, since: datetime = NOW) -> list[Letter]:
    return [create_letter(recipient=f"{name}@example.org", due_at=since) for name in ("ada", "bob", "cleo")]


def recipients() -> list[str]:
    return sorted(message.to[0] for message in mail.outbox)


def test_one_task_sends_all_that_is_due() -> None:
    due_letters()
    with travel(NOW, tick=False):
        tasks.send_letters()
        tasks.send_letters()
    assert recipients() == ["ada@example.org", "bob@example.org", "cleo@example.org"]


def test_a_letter_takes_others_that_are_due_with_it_and_goes_first() -> None:
    *_others, last = due_letters()
    with travel(NOW, tick=False):
        tasks.send_letter(last.pk)
    assert [message.to[0] for message in mail.outbox] == ["cleo@example.org", "ada@example.org", "bob@example.org"]


def test_a_task_for_a_letter_that_is_sent_takes_no_other() -> None:
    ada, *_others = due_letters()
    Letter.objects.filter(pk=ada.pk).update(sent_at=NOW)
    with travel(NOW, tick=False):
        tasks.send_letter(ada.pk)
    assert mail.outbox == []


def test_the_sweep_calls_the_letters_own_queue() -> None:
    due_letters()
    empty_queue()
    with travel(NOW, tick=False), TestCase.captureOnCommitCallbacks(execute=True):
        tasks.sweep_letters()
    assert (mail.outbox, take_tasks()) == ([], [("accounts.tasks.send_letters", [])])
    with travel(NOW - timedelta(seconds=1), tick=False), TestCase.captureOnCommitCallbacks(execute=True):
        tasks.sweep_letters()
    assert take_tasks() == []


def test_the_sweep_calls_no_worker_while_enough_are_called() -> None:
    due_letters()
    empty_queue()
    for _task in range(queues.ENOUGH):
        app.send_task(email_round.TASK)
    with travel(NOW, tick=False), TestCase.captureOnCommitCallbacks(execute=True):
        tasks.sweep_letters()
    assert take_tasks() == [("accounts.tasks.send_letters", [])] * queues.ENOUGH


def test_whoever_waits_for_a_letter_is_not_behind_a_mass_of_others_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    *_others, last = due_letters()
    # A mail server that takes two thirds of a second for each letter.
    monkeypatch.setattr(email_round, "time", SimpleNamespace(monotonic=count(0, 0.67).__next__))
    with travel(NOW, tick=False):
        tasks.send_letter(last.pk)
    assert recipients() == ["ada@example.org", "cleo@example.org"]
    assert Letter.objects.waiting().get().due_at == NOW


def test_the_sweep_sends_what_no_worker_of_that_queue_has_taken() -> None:
    due_letters(since=NOW - email_round.LEFT_AFTER)
    with travel(NOW, tick=False):
        tasks.sweep_letters()
        tasks.sweep_letters()
    assert recipients() == ["ada@example.org", "bob@example.org", "cleo@example.org"]


@pytest.mark.usefixtures("_faulty_server")
def test_a_round_ends_though_every_letter_fails() -> None:
    due_letters()
    with travel(NOW, tick=False):
        tasks.send_letters()
    assert list(Letter.objects.values_list("attempts", "failed_at")) == [(1, None)] * 3
