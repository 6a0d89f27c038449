"""Letters in the queue, and one attempt to send them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from accounts import email_claims, email_delivery
from accounts.email_writing import write_out
from accounts.models import Letter

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)


class FaultyServer(BaseEmailBackend):
    """A mail server that refuses everything with `fault`."""

    fault: ClassVar[Exception]

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        del email_messages
        raise self.fault


def create_letter(**facts: object) -> Letter:
    given = {
        "kind": "booked",
        "recipient": "ada@example.org",
        "subject": "Welcome",
        "text": "Hello\n",
        "created_at": NOW,
        "due_at": NOW,
    }
    return Letter.objects.create(**given | facts)


def written(letter: Letter) -> Letter:
    """A letter as a worker writes it, if it was posted as facts."""
    write_out(letter)
    return letter


def send_due(*, now: datetime = NOW) -> list[Letter]:
    """Send what is due, as one sweep does; returns what was tried, as it is afterwards."""
    tried: list[Letter] = []
    while letter := email_claims.claim_next(now=now):
        email_delivery.send(letter, now=now)
        letter.refresh_from_db()
        tried.append(letter)
    return tried
