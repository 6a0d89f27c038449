"""E-mails: written as rows with the change they tell of, sent by a worker once that change is committed.

A text template holds the subject on its first line, a blank line, then the body. Its links are absolute: write
`{{ site_url }}{% url … %}`. A paragraph that is nothing but `Words: https://…` becomes a button in the HTML part.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template

from accounts.models import Account, Letter
from bookwhen.db import violated_constraint
from bookwhen.email_address import fold_email
from bookwhen.queue import enqueue

if TYPE_CHECKING:
    from django.template.backends.django import Template as DjangoTemplate

SUBJECT_LENGTH: Final = 250


@dataclass(frozen=True, slots=True)
class Envelope:
    """One of many letters that share a template: to whom, what only this one says, and when it would be a repeat."""

    recipient: str
    context: Mapping[str, object] = field(default_factory=dict)
    dedupe: str | None = None


@dataclass(frozen=True, slots=True)
class _LetterText:
    """What a letter says."""

    subject: str
    text: str
    html: str


def absolute(path: str) -> str:
    """The full address, for an e-mail, of a path on this site."""
    return f"{settings.SITE_URL}{path}"


def queue_letter(  # noqa: PLR0913 - a letter has this many parts, all of them named
    *,
    kind: str,
    recipient: str,
    template: str,
    context: Mapping[str, object],
    account: Account | None,
    now: datetime,
    dedupe: str | None = None,
    calendar: str = "",
    reply_to: str = "",
) -> Letter | None:
    """Write a letter in the caller's transaction; a worker sends it once that commits.

    `template` names `templates/<template>.txt` (and `.html`, if there is one, for the HTML part). `calendar` is an
    .ics file to attach. Returns None when a letter with this `dedupe` was written before.
    """
    letter = _write(
        kind, _render_letter(template, account, context), account, now, Envelope(recipient, context, dedupe)
    )
    letter.calendar, letter.reply_to = calendar, reply_to
    if not _insert(letter):
        return None
    enqueue("accounts.tasks.send_letter", letter.pk)
    return letter


def queue_letters(
    envelopes: Iterable[Envelope], *, kind: str, template: str, account: Account | None, now: datetime
) -> None:
    """Write any number of letters in a few statements; one task then sends them. Repeats are left out silently.

    Envelopes that share one and the same context are rendered once.
    """
    envelopes = list(envelopes)
    contexts = {id(envelope.context): envelope.context for envelope in envelopes}
    words = {key: _render_letter(template, account, context) for key, context in contexts.items()}
    letters = [_write(kind, words[id(envelope.context)], account, now, envelope) for envelope in envelopes]
    if not letters:
        return
    Letter.objects.bulk_create(letters, batch_size=1000, ignore_conflicts=True)
    enqueue("accounts.tasks.sweep_letters")


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


def _render_letter(template: str, account: Account | None, context: Mapping[str, object]) -> _LetterText:
    context = {"account": account, "site_url": settings.SITE_URL, "site_name": settings.SITE_NAME, **context}
    subject, _, body = _render(f"{template}.txt", context).strip().partition("\n")
    return _LetterText(
        subject=" ".join(subject.split())[:SUBJECT_LENGTH],
        text=body.strip() + "\n",
        html=_render_html(f"{template}.html", context),
    )


def _write(kind: str, words: _LetterText, account: Account | None, now: datetime, envelope: Envelope) -> Letter:
    return Letter(
        account=account,
        kind=kind,
        dedupe=envelope.dedupe,
        recipient=fold_email(envelope.recipient),
        subject=words.subject,
        text=words.text,
        html=words.html,
        created_at=now,
        due_at=now,
    )


def _render(name: str, context: Mapping[str, object]) -> str:
    # Plain text is not HTML: an ampersand in a studio's name must arrive as it is.
    template = cast("DjangoTemplate", get_template(name)).template
    return str(template.render(Context(dict(context), autoescape=False)))


def _render_html(name: str, context: Mapping[str, object]) -> str:
    try:
        template = get_template(name)
    except TemplateDoesNotExist:
        return ""
    return template.render(dict(context))
