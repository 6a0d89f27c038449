"""What people decide about a message: to write it, change it, send it now or later, stop it, go on, or drop it."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection, transaction

from accounts.history.acting import current_actor, told_already
from accounts.mailings.audiences import Asked, audience_of
from accounts.mailings.recorded import is_changed_by_another, record_edited, record_mailing
from accounts.mailings.sending import GATHER, SENDING, WRITE
from accounts.models import Account, Deed, Mailing, MailingState, Operation, OperationState
from accounts.operations.services import cancel_operation, continue_operation, start_operation

GOES_ON_AFTER: Final = (OperationState.CANCELLED, OperationState.FAILED, OperationState.DONE)
NAME_LENGTH: Final = 300

# What a worker has begun to send goes out; everything else is as if it had never been written.
_PULL_BACK: Final = """
    WITH pulled AS (
        DELETE FROM accounts_letter
        WHERE account_id = %(account)s AND mailing_id = %(mailing)s AND attempts = 0
            AND sent_at IS NULL AND failed_at IS NULL
        RETURNING recipient
    )
    UPDATE accounts_mailingrecipient AS recipient SET state = 'pending'
    FROM pulled
    WHERE recipient.account_id = %(account)s AND recipient.mailing_id = %(mailing)s
        AND recipient.email = pulled.recipient AND recipient.state = 'written'
"""


class ChangedMeanwhileError(Exception):
    """Somebody changed the message after the page was shown on which it was decided."""


class AlreadySentError(Exception):
    """The form that is sent made a message that is being sent by now, or that a colleague changed; it says another."""


class AudienceGoneError(Exception):
    """What the message was for is not there any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is written, and for whom."""

    kind: str
    subject: str
    text: str
    audience: str
    asked: Asked
    audience_name: str

    @property
    def columns(self) -> Mapping[str, Any]:
        """The same, as columns of a message."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "text": self.text,
            "audience": self.audience,
            "asked": self.asked,
            "audience_name": self.audience_name[:NAME_LENGTH],
        }

    def is_said_by(self, mailing: Mailing) -> bool:
        """Whether a message says the same to the same people, whatever they are called by now."""
        known = {name: value for name, value in self.columns.items() if name != "audience_name"}
        return all(getattr(mailing, name) == value for name, value in known.items())


def write_draft(account: Account, draft: Draft, *, who: str, key: UUID, now: datetime) -> Mailing:
    """Keep a new draft; the same key again returns the one that it made, which says what was typed since.

    Raises AlreadySentError, where that is too late, or a colleague has changed it.
    """
    actor = current_actor()
    fresh = {"made_by": actor.user if actor else None, "who": who, "created_at": now, "changed_at": now}
    with transaction.atomic():
        mailing, is_new = Mailing.objects.get_or_create(account=account, key=key, defaults={**draft.columns, **fresh})
        if is_new:
            record_mailing(Deed.MESSAGE_DRAFTED, mailing)
        # Else they went back to the form; they may have changed what they had typed.
        elif not draft.is_said_by(mailing) and (
            is_changed_by_another(mailing) or not edit_draft(mailing, draft, now=now)
        ):
            raise AlreadySentError
    return mailing


def edit_draft(mailing: Mailing, draft: Draft, *, now: datetime, seen: datetime | None = None) -> bool:
    """Change a message that nobody gets yet; False where it is being sent by now.

    `seen`: when it was last changed, as far as who changes it knows; none: that isn’t known. Raises
    ChangedMeanwhileError, where what it says now is something else.
    """
    with transaction.atomic():
        held = _lock(mailing)
        if not held.is_unsent:
            return False
        if seen is not None and held.changed_at != seen:
            if draft.is_said_by(held):
                return True
            raise ChangedMeanwhileError
        was = copy(held)
        for name, value in draft.columns.items():
            setattr(held, name, value)
        held.changed_at = now
        held.save(update_fields=[*draft.columns, "changed_at"])
        record_edited(was, held)
    return True


def delete_draft(mailing: Mailing, *, now: datetime) -> bool:
    """Drop a message that nobody gets yet; False where it is being sent by now."""
    with transaction.atomic():
        held = _lock(mailing)
        if not held.is_unsent:
            return False
        _cancel(held, now=now)
        record_mailing(Deed.MESSAGE_DELETED, held)
        Mailing.objects.filter(account=held.account_id, pk=held.pk).delete()
    return True


def send(
    mailing: Mailing, *, seen: datetime, who: str, now: datetime, at: datetime | None = None, gets: int | None = None
) -> Mailing:
    """Let workers send a message (with its account), `at` an aware instant or now. Sent already, it stays as it is.

    `seen`: when it was last changed, as far as who decides this knows. `gets`: how many that will be, for the history.
    Raises ChangedMeanwhileError and AudienceGoneError.
    """
    with transaction.atomic():
        held = _lock(mailing)
        if not held.is_unsent:
            return held
        if held.changed_at != seen:
            raise ChangedMeanwhileError
        found = audience_of(held, now=now)
        if found is None:
            raise AudienceGoneError
        _cancel(held, now=now)
        operation, _new = start_operation(held.account, SENDING.name, phase=GATHER, who=who, key=uuid4(), now=now)
        held.operation, held.audience_name = operation, found.title[:NAME_LENGTH]
        held.state, held.send_at, held.began_at = MailingState.SENDING, None, now
        if at is not None:
            Operation.objects.filter(account=held.account_id, pk=operation.pk).update(due_at=at)
            held.state, held.send_at, held.began_at = MailingState.SCHEDULED, at, None
        held.save(update_fields=["operation", "audience_name", "state", "send_at", "began_at"])
        deed = Deed.MESSAGE_SENT if at is None else Deed.MESSAGE_SCHEDULED
        record_mailing(deed, held, also=found.concerns, gets=gets)
    return held


def unschedule(mailing: Mailing, *, now: datetime) -> bool:
    """Make a scheduled message a draft again; False where it is none, or being sent by now."""
    with transaction.atomic():
        held = _lock(mailing)
        if held.state != MailingState.SCHEDULED:
            return False
        _cancel(held, now=now)
        held.state, held.send_at, held.operation = MailingState.DRAFT, None, None
        held.save(update_fields=["state", "send_at", "operation"])
        record_mailing(Deed.MESSAGE_UNSCHEDULED, held)
    return True


def stop(mailing: Mailing, *, now: datetime) -> bool:
    """Stop sending: what is not on its way yet is not sent. False where there was nothing to stop."""
    with transaction.atomic():
        held = _lock(mailing)
        if held.state not in (MailingState.SENDING, MailingState.SENT):
            return False
        asked: dict[str, Any] = {"account": held.account_id, "mailing": held.pk}
        with connection.cursor() as cursor:
            cursor.execute(_PULL_BACK, asked)
            if not cursor.rowcount and held.state == MailingState.SENT:
                return False
        _cancel(held, now=now)
        held.state, held.ended_at = MailingState.STOPPED, now
        held.save(update_fields=["state", "ended_at"])
        record_mailing(Deed.MESSAGE_STOPPED, held)
    return True


def go_on(mailing: Mailing, *, who: str, now: datetime) -> bool:
    """Go on where it was stopped, with those who haven't got it; False where it isn't stopped."""
    with transaction.atomic():
        held = _lock(mailing)
        if held.state != MailingState.STOPPED:
            return False
        phase = WRITE if held.gathered_at else GATHER
        if held.operation is None or not continue_operation(held.operation, phase, after=GOES_ON_AFTER, now=now):
            held.operation, _new = start_operation(
                held.account, SENDING.name, phase=phase, who=who, key=uuid4(), now=now
            )
        held.state, held.ended_at = MailingState.SENDING, None
        held.save(update_fields=["state", "ended_at", "operation"])
        record_mailing(Deed.MESSAGE_CONTINUED, held)
    return True


def _lock(mailing: Mailing) -> Mailing:
    """A message, held against workers and others who decide about it, with its account."""
    found = Mailing.objects.select_related("account__connection", "operation")
    return found.select_for_update(of=("self",), no_key=True).get(account=mailing.account_id, pk=mailing.pk)


def _cancel(mailing: Mailing, *, now: datetime) -> None:
    """End its long job; the history tells it in its own words."""
    if mailing.operation is not None:
        with told_already():
            cancel_operation(mailing.operation, now=now)
