"""While the mail server refuses us altogether, one letter at a time tries, and its luck decides for all."""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from pytest_django import Settings

from accounts import email_claims
from accounts.email_outage import pause
from accounts.models import Letter, MailOutage
from tests.accounts.letters import NOW, create_letter, send_due

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


class Gate(BaseEmailBackend):
    """A mail server that lets nobody in while it is shut, and takes no letter to `refused`."""

    shut: ClassVar[bool]
    refused: ClassVar[str]

    def open(self) -> bool:
        if self.shut:
            raise ConnectionRefusedError
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if email_messages[0].to == [self.refused]:
            raise ConnectionResetError
        return 1


@pytest.fixture(autouse=True)
def _gate(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "tests.accounts.test_email_outage.Gate"
    Gate.shut, Gate.refused = True, ""


def outage() -> MailOutage:
    return MailOutage.objects.get()


def test_pauses_grow_to_half_an_hour_and_vary_by_half_as_much() -> None:
    for attempts, minutes in {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 30, 7: 30, 30_000: 30}.items():
        found = [pause(attempts) / timedelta(minutes=minutes) for _draw in range(50)]
        assert 1 <= min(found) < max(found) <= 1.5


def test_after_one_refusal_the_others_wait() -> None:
    for _number in range(3):
        create_letter()
    assert [letter.attempts for letter in send_due()] == [1]
    assert send_due(now=NOW + timedelta(seconds=59)) == []
    assert sorted(Letter.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    assert (outage().since, outage().error, outage().attempts) == (NOW, "ConnectionRefusedError", 1)


def test_when_the_pause_is_over_one_other_letter_tries() -> None:
    first, second, third = (create_letter(due_at=NOW - timedelta(seconds=ago)) for ago in (3, 2, 1))
    send_due()
    assert send_due(now=NOW + HOUR) == [second]
    assert (outage().attempts, outage().since, outage().probe) == (2, NOW, None)
    assert send_due(now=NOW + 2 * HOUR) == [third]
    assert send_due(now=NOW + 3 * HOUR) == [first]


def test_what_is_over_meanwhile_is_not_sent_and_holds_up_nothing() -> None:
    for soon in (1, 2):
        create_letter(kind="reminder", due_at=NOW - timedelta(seconds=soon), expires_at=NOW + timedelta(minutes=30))
    other = create_letter(expires_at=NOW + timedelta(days=1))
    send_due()
    Gate.shut = False
    assert send_due(now=NOW + HOUR) == [other]
    late = Letter.objects.filter(kind="reminder")
    assert list(late.values_list("sent_at", "failed_at", "fault")) == [(None, NOW + HOUR, "expired")] * 2
    assert MailOutage.objects.count() == 0


def test_one_success_lets_all_go() -> None:
    for _number in range(3):
        create_letter()
    send_due()
    Gate.shut = False
    assert len(send_due(now=NOW + HOUR)) == 3
    assert (MailOutage.objects.count(), Letter.objects.filter(sent_at=NOW + HOUR).count()) == (0, 3)


def test_who_tries_has_a_lease_and_may_die() -> None:
    first, second = create_letter(), create_letter()
    send_due()
    assert email_claims.claim(second.pk, now=NOW + HOUR) == second
    assert email_claims.claim(first.pk, now=NOW + HOUR) is None
    assert email_claims.claim_next(now=NOW + HOUR) is None
    Gate.shut = False
    assert len(send_due(now=NOW + HOUR + email_claims.LEASE)) == 2


def test_a_letter_that_is_not_due_uses_up_no_attempt() -> None:
    create_letter()
    send_due()
    sent = create_letter(sent_at=NOW)
    assert email_claims.claim(sent.pk, now=NOW + HOUR) is None
    assert len(send_due(now=NOW + HOUR)) == 1


def test_a_letter_that_always_breaks_the_connection_does_not_stop_the_others_for_long() -> None:
    Gate.shut, Gate.refused = False, "poison@example.org"
    poison = create_letter(recipient="poison@example.org")
    late = []
    for minute in range(240):
        now = NOW + timedelta(minutes=minute)
        letter = create_letter(due_at=now)
        send_due(now=now)
        late += [letter] if Letter.objects.filter(pk=letter.pk, sent_at=None).exists() else []
    poison.refresh_from_db()
    assert (poison.sent_at, poison.failed_at, 8 <= poison.attempts <= 14) == (None, None, True)
    assert len(late) <= 2 * poison.attempts
    assert Letter.objects.filter(sent_at=None).count() <= 3
