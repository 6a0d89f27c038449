"""E-mails: written as rows with the change they tell of, sent by a worker once that change is committed.

Each has one template, in the markup that `accounts.email_text` reads both its parts from. Its links are absolute: write
`{{ site_url }}{% url … %}`. It is in its studio's language, no matter who caused it, and in which process. Most are
written as they are posted; those of a booking when they are sent (`accounts.email_writing`).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.email_blocks import blocked_addresses
from accounts.email_quota import addresses_seen_here
from accounts.email_text import LetterText
from accounts.email_writing import SUBJECT_LENGTH, Facts, render_letter
from accounts.models import UNSOLICITED, Account, Letter, LetterKind
from accounts.models.customers import ERASED_DOMAIN
from bookwhen.email_address import fold_email
from bookwhen.fastpath.many import RowWriter
from bookwhen.fastpath.prepared import prepared_cursor
from bookwhen.queue import enqueue

LETTER: Final = """
    INSERT INTO accounts_letter (
        account_id, kind, dedupe, recipient, reply_to, subject, text, html, calendar, facts, created_at, due_at,
        attempts, error, is_metered
    )
    SELECT %(letter_account)s::bigint, %(letter_kind)s::text, %(letter_dedupe)s::text, %(letter_recipient)s::text,
        %(letter_reply_to)s::text, %(letter_subject)s::text, %(letter_text)s::text, %(letter_html)s::text,
        %(letter_calendar)s::text, %(letter_facts)s::jsonb, %(letter_created_at)s::timestamptz,
        %(letter_due_at)s::timestamptz, 0, '', %(letter_is_metered)s::bool
"""
"""Makes the row of a letter, with what `letter_row` says: also as a part of another statement, which goes on FROM …"""
_POST: Final = f"{LETTER} ON CONFLICT (dedupe) DO NOTHING RETURNING id"
_WRITER: Final = RowWriter(
    Letter,
    (
        *("account_id", "kind", "dedupe", "recipient", "reply_to", "subject", "text", "html", "calendar"),
        *("created_at", "due_at", "attempts", "error", "is_metered"),
    ),
)
TASK: Final = "accounts.tasks.send_letter"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One of many letters that share a template: to whom, what only this one says, and when it would be a repeat.

    `has_booked` says that the recipient booked with the account themselves: then it never counts towards the quota.
    """

    recipient: str
    context: Mapping[str, object] = field(default_factory=dict)
    dedupe: str | None = None
    has_booked: bool = False
    calendar: str = ""
    """What .ics files to attach, one after another."""
    expires_at: datetime | None = None
    """From when on it would say what is over: an aware instant. Honoured by `queue_letters`."""
    facts: Facts | None = None
    """What a worker writes it from once more before it goes out, where it is to say what is so by then."""


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
    envelope = Envelope(recipient, context, dedupe, calendar=calendar)
    letter = _write(kind, _render_letter(kind, template, account, context), account, now, envelope)
    if not _screen([letter], kind, account, [envelope]) or not _insert(letter):
        return None
    enqueue(TASK, letter.pk)
    return letter


def compose_letter(
    *, kind: str, recipient: str, template: str, context: Mapping[str, object], account: Account, now: datetime
) -> Letter:
    """A letter that its recipient caused, for `post_composed` to post it: as `queue_letter` would write it."""
    assert kind not in UNSOLICITED  # noqa: S101 - those ask who may be written to
    return _write(kind, _render_letter(kind, template, account, context), account, now, Envelope(recipient))


def post_composed(letters: Sequence[Letter]) -> None:
    """Post letters in the caller's transaction: however many, in one statement, and with one task to send them."""
    letters = [letter for letter in letters if not _is_to_nobody(letter)]
    if len(letters) == 1:
        _insert(letters[0])
        enqueue(TASK, letters[0].pk)
    elif letters:
        _WRITER.insert(letters)
        enqueue("accounts.tasks.send_letters")


def post_as_test(
    words: LetterText,
    *,
    kind: LetterKind,
    recipient: str,
    account: Account,
    now: datetime,
    dedupe: str | None = None,
) -> bool:
    """Send somebody of the studio a letter as its customers would get it; False where `dedupe` says that it was.

    Call it only for an address that its owner has proved: what such a letter says, they type.
    """
    with override(account.language):
        subject = _("Test: %(subject)s") % {"subject": words.subject}
    test = LetterText(subject, words.text, words.html)
    letter = _write(kind, test, account, now, Envelope(recipient, dedupe=dedupe))
    is_new = _insert(letter)
    if is_new:
        enqueue(TASK, letter.pk)
    return is_new


def letter_of_facts(
    *, kind: LetterKind, recipient: str, subject: str, short: str, facts: Facts, account: Account, now: datetime
) -> Letter:
    """A letter that its recipient caused, to be posted; a worker writes it.

    `facts` are what it is written from, by the writer that is registered for its kind; `subject` is what its template
    will say too, and `short` its short form (`accounts.email_writing`).
    """
    letter = _write(kind, LetterText(subject, short, ""), account, now, Envelope(recipient))
    letter.facts = facts
    return letter


def post_facts(letter: Letter) -> None:
    """Post such a letter in the caller's transaction; a worker writes and sends it afterwards."""
    if not _is_to_nobody(letter):
        _insert(letter)
        send_posted(letter.pk)


def send_posted(letter: int) -> None:
    """Have a worker send a letter (id) that is posted, once the current transaction commits."""
    enqueue(TASK, letter)


def post_letters(envelopes: Sequence[Envelope], *, kind: str, template: str, account: Account, now: datetime) -> None:
    """Write letters that say something else to each, in a few statements; a single one is sent at once."""
    if len(envelopes) > 1:
        queue_letters(envelopes, kind=kind, template=template, account=account, now=now)
    for each in envelopes if len(envelopes) == 1 else ():
        queue_letter(
            kind=kind,
            recipient=each.recipient,
            template=template,
            context=each.context,
            account=account,
            now=now,
            dedupe=each.dedupe,
            calendar=each.calendar,
        )


def queue_letters(
    envelopes: Iterable[Envelope], *, kind: str, template: str, account: Account | None, now: datetime
) -> None:
    """Write any number of letters in a few statements; one task then sends them.

    Repeats are left out silently, and so is who gets none of this kind (`accounts.email_blocks`).
    Envelopes that share one and the same context are rendered once.
    """
    envelopes = list(envelopes)
    contexts = {id(envelope.context): envelope.context for envelope in envelopes}
    words = {key: _render_letter(kind, template, account, context) for key, context in contexts.items()}
    letters = [_write(kind, words[id(envelope.context)], account, now, envelope) for envelope in envelopes]
    letters = _screen(letters, kind, account, envelopes)
    if not letters:
        return
    Letter.objects.bulk_create(letters, batch_size=1000, ignore_conflicts=True)
    enqueue("accounts.tasks.send_letters")


def _screen(
    letters: Sequence[Letter], kind: str, account: Account | None, envelopes: Sequence[Envelope]
) -> list[Letter]:
    """Leave out who was erased, and who gets nothing that they did not cause; mark what counts towards the quota."""
    letters = [letter for letter in letters if not _is_to_nobody(letter)]
    if kind not in UNSOLICITED or account is None or not letters:
        return letters
    recipients = {letter.recipient for letter in letters}
    blocked = blocked_addresses(account, recipients)
    known = {fold_email(envelope.recipient) for envelope in envelopes if envelope.has_booked}
    known |= addresses_seen_here(account, recipients - known)
    for letter in letters:
        letter.is_metered = letter.recipient not in known
    return [letter for letter in letters if letter.recipient not in blocked]


def _is_to_nobody(letter: Letter) -> bool:
    """Whether it would go to what stays of somebody who was erased."""
    return letter.recipient.endswith(ERASED_DOMAIN)


def letter_row(letter: Letter) -> dict[str, Any]:
    """What `LETTER` asks of a letter."""
    return {
        "letter_account": letter.account_id,
        "letter_kind": str(letter.kind),
        "letter_dedupe": letter.dedupe,
        "letter_recipient": letter.recipient,
        "letter_reply_to": letter.reply_to,
        "letter_subject": letter.subject,
        "letter_text": letter.text,
        "letter_html": letter.html,
        "letter_calendar": letter.calendar,
        "letter_facts": None if letter.facts is None else json.dumps(letter.facts),
        "letter_created_at": letter.created_at,
        "letter_due_at": letter.due_at,
        "letter_is_metered": letter.is_metered,
    }


def _insert(letter: Letter) -> bool:
    """Insert a letter, unless its `dedupe` was there: whether it was."""
    with prepared_cursor() as cursor:
        cursor.execute(_POST, letter_row(letter))
        made = cursor.fetchone()
    if made is None:
        return False
    letter.pk = made[0]
    letter._state.adding = False  # noqa: SLF001 - it is a row
    return True


def _render_letter(kind: str, template: str, account: Account | None, context: Mapping[str, object]) -> LetterText:
    if account is None:
        return render_letter(template, {"account": None, **context}, language=settings.LANGUAGE_CODE)
    known, wording = {"account": account, **context}, account.wordings.get(kind)
    return render_letter(template, known, language=account.language, wording=wording)


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
        calendar=envelope.calendar,
        created_at=now,
        due_at=now,
        expires_at=envelope.expires_at,
        facts=envelope.facts,
    )
