"""Writing a message to all customers of a studio, and sending it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from accounts.mailings.services import Draft, send, write_draft
from accounts.models import Account, Mailing, MailingRecipient, Operation
from accounts.operations.running import run_operation
from tests.factories.schedule import NOW

TEXT = "Hello {first_name},\n\nwe’re closed on Monday."


def draft(account: Account, *, now: datetime = NOW, **facts: Any) -> Mailing:
    """A draft to everybody, about their bookings unless said otherwise."""
    given: dict[str, Any] = {
        "kind": "service",
        "subject": "Closed on Monday",
        "text": TEXT,
        "audience": "customers",
        "asked": {"q": ""},
    }
    given |= {"audience_name": "all your customers"} | facts
    mailing = write_draft(account, Draft(**given), who="alice@example.org", key=uuid4(), now=now)
    mailing.account = account
    return mailing


def begin(mailing: Mailing, *, now: datetime = NOW) -> Operation:
    """Decide to send it; workers haven’t begun."""
    sent = send(mailing, seen=mailing.changed_at, who="alice@example.org", now=now)
    assert sent.operation
    return sent.operation


def work_off(operation: Operation) -> None:
    """Let a worker do all of it."""
    while run_operation(operation.pk):
        pass


def send_all(account: Account, **facts: Any) -> Mailing:
    """Write a message and have its emails written."""
    mailing = draft(account, **facts)
    work_off(begin(mailing))
    mailing.refresh_from_db()
    return mailing


def outcomes(mailing: Mailing) -> Mapping[str, str]:
    """What was done for each customer, by their name: the state, or the reason why not."""
    found = MailingRecipient.objects.filter(mailing=mailing).select_related("customer")
    return {str(each.customer): each.reason or each.state for each in found}
