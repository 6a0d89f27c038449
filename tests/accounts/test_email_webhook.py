"""What a mail provider tells: Anymail's own view reads a Postmark call, written after Postmark's documentation."""

import base64
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as site
from django.core import mail
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.models import Account, BlockReason, DeliveryFault, EmailBlock, Letter
from tests.accounts.letters import NOW, create_letter, send_due
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db

SECRET = "provider:open sesame"
PATH = "/mail/webhook/"
ADA = "ada@example.org"
ID = "883953f4-6105-42a2-a16a-77a8eac79483"


@pytest.fixture(autouse=True)
def _provider(settings: Settings) -> None:
    settings.EMAIL_PROVIDER = "postmark"
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}


@pytest.fixture
def studio() -> Account:
    return AccountFactory.create()


@pytest.fixture
def letter(studio: Account) -> Letter:
    return create_letter(account=studio, recipient=ADA, message_id=ID, sent_at=NOW)


def call(body: object, secret: str = SECRET) -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    token = base64.b64encode(secret.encode()).decode()
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    return browser.post(PATH, raw, content_type="application/json", HTTP_AUTHORIZATION=f"Basic {token}").status_code


def bounce(kind: str = "HardBounce", /, **facts: object) -> dict[str, Any]:
    told = {"RecordType": "Bounce", "Type": kind, "MessageID": ID, "Email": ADA, "Details": "550 5.1.1 no such user"}
    return {**told, "BouncedAt": "2030-01-15T12:01:00Z", "ID": 42, **facts}


def complaint(**facts: object) -> dict[str, Any]:
    return bounce("SpamComplaint", **{"RecordType": "SpamComplaint", "Details": "", **facts})


def delivery(**facts: object) -> dict[str, Any]:
    return {"RecordType": "Delivery", "MessageID": ID, "Recipient": ADA, "DeliveredAt": "2030-01-15T12:01:00Z", **facts}


def blocks() -> list[tuple[str, str, str]]:
    return list(EmailBlock.objects.order_by("pk").values_list("email", "reason", "detail"))


def test_a_letter_keeps_what_the_provider_calls_it_and_its_acceptance_is_no_arrival(
    settings: Settings, studio: Account
) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    EmailBlock.objects.create(account=studio, email=ADA, reason="bounced", created_at=NOW)
    create_letter(account=studio, recipient=ADA)
    create_letter(account=studio, recipient="bob@example.org")
    sent = send_due()
    assert [each.message_id for each in sent] == ["0", "1"]
    assert len(mail.outbox) == 2
    assert len(blocks()) == 1


def test_a_bounce_is_noted_at_the_letter_and_its_address_once(letter: Letter) -> None:
    assert [call(bounce()) for _twice in range(2)] == [200, 200]
    letter.refresh_from_db()
    assert (letter.bounced_at is not None, letter.error) == (True, "550 5.1.1 no such user")
    assert blocks() == [(ADA, "bounced", "550 5.1.1 no such user")]


def test_what_is_only_deferred_is_no_bounce(letter: Letter) -> None:
    assert call(bounce("Transient", Details="450 later")) == 200
    letter.refresh_from_db()
    assert (letter.error, letter.bounced_at, blocks()) == ("450 later", None, [])


def test_a_complaint_unsubscribes_and_drops_what_waits(letter: Letter, studio: Account) -> None:
    waiting = create_letter(account=studio, recipient=ADA, kind="added")
    confirmation = create_letter(account=studio, recipient=ADA, kind="booked")
    assert [call(complaint()) for _twice in range(2)] == [200, 200]
    assert blocks() == [(ADA, BlockReason.COMPLAINED, "")]
    waiting.refresh_from_db()
    confirmation.refresh_from_db()
    assert (waiting.fault, confirmation.failed_at) == (DeliveryFault.UNWANTED, None)


def test_an_address_that_the_provider_suppresses_for_a_wish_is_unsubscribed(letter: Letter) -> None:
    changed = {"RecordType": "SubscriptionChange", "SuppressSending": True, "Recipient": ADA, "MessageID": ID}
    assert call({**changed, "SuppressionReason": "ManualSuppression"}) == 200
    assert blocks() == [(ADA, BlockReason.UNSUBSCRIBED, "")]
    assert call({**changed, "SuppressSending": False}) == 200
    assert blocks() == []


def test_an_arrival_clears_a_bounce_and_a_later_bounce_stands(letter: Letter, studio: Account) -> None:
    EmailBlock.objects.create(account=studio, email=ADA, reason="bounced", created_at=NOW)
    assert (call(delivery()), blocks()) == (200, [])
    assert (call(bounce()), len(blocks())) == (200, 1)
    # Told again, and out of order.
    assert (call(delivery()), len(blocks())) == (200, 1)


def test_a_letter_about_logging_in_bounces_at_no_studio(studio: Account) -> None:
    create_letter(message_id=ID, sent_at=NOW, kind="login_link")
    assert (call(bounce()), call(complaint()), blocks()) == (200, 200, [])


@pytest.mark.parametrize("facts", [{"MessageID": "unknown"}, {"MessageID": ""}, {"Email": "bob@example.org"}])
def test_what_is_about_no_letter_of_ours_changes_nothing(letter: Letter, facts: dict[str, object]) -> None:
    assert (call(bounce(**facts)), blocks()) == (200, [])


def test_a_letter_without_an_id_is_nobodys(studio: Account) -> None:
    create_letter(account=studio, sent_at=NOW)
    assert (call(bounce(MessageID=None)), call(bounce(MessageID="")), blocks()) == (200, 200, [])


def test_what_a_database_cannot_keep_is_left_out(letter: Letter) -> None:
    assert call(bounce(Details="550\x00 no\n such user", Email="ADA@example.org")) == 200
    assert blocks() == [(ADA, "bounced", "550 no such user")]


@pytest.mark.parametrize("secret", ["", "provider:", "provider:guess", "open sesame"])
def test_without_the_secret_nothing_is_believed(letter: Letter, secret: str) -> None:
    assert (call(bounce(), secret), blocks()) == (400, [])
    assert Client().post(PATH, bounce(), content_type="application/json").status_code == 400
    assert blocks() == []


def test_without_a_provider_there_is_no_such_address(letter: Letter, settings: Settings) -> None:
    settings.EMAIL_PROVIDER = ""
    assert (call(bounce()), blocks()) == (404, [])


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"null", b"[]", b"1", b'"x"', {}, {"RecordType": []}, {"RecordType": "Inbound"}],
)
def test_odd_calls_are_no_error_of_ours(letter: Letter, body: object) -> None:
    assert call(body) in {200, 400}
    assert blocks() == []


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["RecordType", "Type", "MessageID", "Email", "Details", "BouncedAt", "ID", "Metadata", "Tag"]),
    value=JUNK | st.text(min_size=1000, max_size=1100),
    make=st.sampled_from([bounce, complaint, delivery]),
)
def test_whatever_stands_in_a_field_is_no_error_of_ours(letter: Letter, name: str, value: object, make: Any) -> None:
    assert call(make(**{name: value})) in {200, 400}


def start(**environment: str) -> str:
    """What a process says that starts with these settings; nothing: it started."""
    wanted = {**os.environ, "DJANGO_SETTINGS_MODULE": "bookwhen.settings", **environment}
    code = "import django; django.setup(); from django.conf import settings; print(settings.EMAIL_BACKEND)"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=wanted,
        cwd=site.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"EMAIL_PROVIDER": "postmark"}, "ANYMAIL_WEBHOOK_SECRET is user:password"),
        ({"EMAIL_PROVIDER": "postmark", "ANYMAIL_WEBHOOK_SECRET": "open"}, "ANYMAIL_WEBHOOK_SECRET is user:password"),
        ({"EMAIL_PROVIDER": "pigeon", "ANYMAIL_WEBHOOK_SECRET": SECRET}, "EMAIL_PROVIDER is a provider that"),
        ({"EMAIL_PROVIDER": "postmark", "ANYMAIL_WEBHOOK_SECRET": SECRET}, "ANYMAIL_POSTMARK_SERVER_TOKEN"),
        (
            {
                "EMAIL_PROVIDER": "postmark",
                "ANYMAIL_WEBHOOK_SECRET": SECRET,
                "ANYMAIL_POSTMARK_SERVER_TOKEN": "token",
            },
            "anymail.backends.postmark.EmailBackend",
        ),
        ({"EMAIL_URL": "smtp+tls://user:secret@mail.example.org:587"}, "accounts.email_smtp.EmailBackend"),
    ],
)
def test_a_provider_needs_its_key_and_the_secret_of_its_calls(environment: dict[str, str], said: str) -> None:
    assert said in start(**environment)
