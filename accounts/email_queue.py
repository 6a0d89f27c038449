"""E-mails: written as rows with the change they tell of, sent by a worker once that change is committed.

Each has one template, in the markup that `accounts.email_text` reads both its parts from. Its links are absolute: write
`{{ site_url }}{% url … %}`. It is in its studio's language, no matter who caused it, and in which process.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils.translation import override

from accounts.email_blocks import blocked_addresses
from accounts.email_quota import addresses_seen_here
from accounts.email_text import LetterText, read_markup
from accounts.models import UNSOLICITED, Account, Letter
from bookwhen.db import violated_constraint
from bookwhen.email_address import fold_email
from bookwhen.queue import enqueue

SUBJECT_LENGTH: Final = 250


@dataclass(frozen=True, slots=True)
class Envelope:
    """One of many letters that share a template: to whom, what only this one says, and when it would be a repeat.

    `has_booked` says that the recipient booked with the account themselves: then it never counts towards the quota.
    """

    recipient: str
    context: Mapping[str, object] = field(default_factory=dict)
    dedupe: str | None = None
    has_booked: bool = False


def absolute(path: str) -> str:
    """The full address, for an e-mail, of a path on this site."""
    return f"{settings.SITE_URL}{path}"


def queue_letter(
    *,
    kind: str,
    recipient: str,
    template: str,
    context: Mapping[str, object],
    account: Account | None,
    now: datetime,
    dedupe: str | None = None,
    calendar: str = "",
) -> Letter | None:
    """Write a letter in the caller's transaction; a worker sends it once that commits.

    `template` names `templates/<template>.html`. `calendar` is one .ics file to attach, or several one after another.
    A studio's letters are answered to its contact address. Returns None when a letter with this `dedupe` was written
    before, or when the recipient gets none of its kind.
    """
    envelope = Envelope(recipient, context, dedupe)
    letter = _write(kind, _render_letter(template, account, context), account, now, envelope)
    letter.calendar = calendar
    if not _screen([letter], kind, account, [envelope]) or not _insert(letter):
        return None
    enqueue("accounts.tasks.send_letter", letter.pk)
    return letter


def queue_letters(
    envelopes: Iterable[Envelope], *, kind: str, template: str, account: Account | None, now: datetime
) -> None:
    """Write any number of letters in a few statements; one task then sends them.

    Repeats are left out silently, and so is who gets none of this kind (`accounts.email_blocks`).
    Envelopes that share one and the same context are rendered once.
    """
    envelopes = list(envelopes)
    contexts = {id(envelope.context): envelope.context for envelope in envelopes}
    words = {key: _render_letter(template, account, context) for key, context in contexts.items()}
    letters = [_write(kind, words[id(envelope.context)], account, now, envelope) for envelope in envelopes]
    letters = _screen(letters, kind, account, envelopes)
    if not letters:
        return
    Letter.objects.bulk_create(letters, batch_size=1000, ignore_conflicts=True)
    enqueue("accounts.tasks.send_letters")


def _screen(
    letters: Sequence[Letter], kind: str, account: Account | None, envelopes: Sequence[Envelope]
) -> list[Letter]:
    """Leave out who gets nothing that they did not cause, and mark what counts towards the account's quota."""
    if kind not in UNSOLICITED or account is None or not letters:
        return list(letters)
    recipients = {letter.recipient for letter in letters}
    blocked = blocked_addresses(account, recipients)
    known = {fold_email(envelope.recipient) for envelope in envelopes if envelope.has_booked}
    known |= addresses_seen_here(account, recipients - known)
    for letter in letters:
        letter.is_metered = letter.recipient not in known
    return [letter for letter in letters if letter.recipient not in blocked]


def _insert(letter: Letter) -> bool:
    if letter.dedupe is None:
        letter.save(force_insert=True)
        return True
    try:
        with transaction.atomic():
            letter.save(force_insert=True)
    except IntegrityError as error:
        if "dedupe" not in violated_constraint(error):
            raise
        return False
    return True


def _render_letter(template: str, account: Account | None, context: Mapping[str, object]) -> LetterText:
    context = {"account": account, "site_url": settings.SITE_URL, "site_name": settings.SITE_NAME, **context}
    with override(account.language if account else settings.LANGUAGE_CODE):
        return read_markup(render_to_string(f"{template}.html", context))


def _write(kind: str, words: LetterText, account: Account | None, now: datetime, envelope: Envelope) -> Letter:
    return Letter(
        account=account,
        kind=kind,
        dedupe=envelope.dedupe,
        recipient=fold_email(envelope.recipient),
        reply_to=account.contact if account else "",
        subject=words.subject[:SUBJECT_LENGTH],
        text=words.text,
        html=words.html,
        created_at=now,
        due_at=now,
    )
