"""Sending the letters that `accounts.email_queue` wrote."""

import logging
import secrets
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Final
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import override

from accounts.email_text import one_line, unlinked
from accounts.models import Letter

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=5)
"""How long a worker has a letter to itself: longer than any SMTP conversation (settings.EMAIL_TIMEOUT)."""
ATTEMPTS: Final = 8
FIRST_PAUSE: Final = timedelta(minutes=1)
CALENDAR: Final = "BEGIN:VCALENDAR"
METHOD: Final = "\r\nMETHOD:"
PERMANENT: Final = 500
"""SMTP's reply codes from here on mean: do not try again (RFC 5321, 4.2.1)."""


def claim(pk: int, *, now: datetime) -> Letter | None:
    """Take a letter that is due, for `LEASE`; None when it is sent, given up, or another worker has it.

    One conditional statement and no lock is held while the mail server is talked to. A worker that dies after the
    server took the letter makes it go out twice; both copies carry the same Message-ID.
    """
    return _take(pk, now)


def claim_next(*, now: datetime) -> Letter | None:
    """Take the letter that has been due longest; None when there is none."""
    with transaction.atomic():
        pks = _due(now).order_by("due_at").select_for_update(skip_locked=True).values_list("pk", flat=True)
        pk = pks.first()
        return None if pk is None else _take(pk, now)


def send(letter: Letter, *, now: datetime) -> None:
    """Send a claimed letter and note how it went; never raises.

    After a failure it is due again later, each pause twice the one before; after `ATTEMPTS`, or when the server says
    that it will never take it, it is given up.
    """
    try:
        _message(letter).send()
    except Exception as error:  # noqa: BLE001 - one letter must not stop the others, whatever the mail backend raises
        _note_failure(letter, error, now)
    else:
        Letter.objects.filter(pk=letter.pk).update(sent_at=now, error="")


def letter_html(letter: Letter) -> str:
    """The HTML part: the letter's body in the house's frame; every style inlined for mail clients."""
    sender = unlinked(one_line(letter.account.name)) if letter.account else ""
    frame = {"letter": letter, "sender": sender, "site_name": settings.SITE_NAME}
    with override(letter.account.language if letter.account else settings.LANGUAGE_CODE):
        html = render_to_string("accounts/letters/letter.html", frame)
    return css_inline.inline(html, load_remote_stylesheets=False)


def _due(now: datetime) -> QuerySet[Letter]:
    return Letter.objects.filter(sent_at__isnull=True, failed_at__isnull=True, due_at__lte=now)


def _take(pk: int, now: datetime) -> Letter | None:
    if not _due(now).filter(pk=pk).update(due_at=now + LEASE, attempts=F("attempts") + 1):
        return None
    return Letter.objects.select_related("account").get(pk=pk)


def _message(letter: Letter) -> EmailMultiAlternatives:
    house, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=formataddr((one_line(letter.account.name) if letter.account else house, address)),
        to=[letter.recipient],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers={"Message-ID": f"<letter-{letter.pk}@{urlsplit(settings.SITE_URL).hostname}>"},
    )
    message.attach_alternative(letter_html(letter), "text/html")
    _attach_calendars(message, letter.calendar)
    return message


def _attach_calendars(message: EmailMultiAlternatives, text: str) -> None:
    """Attach the iCalendar objects that stand one after another in a text, each named by its method (RFC 6047, 2.4).

    A single one is a third way to read the letter too: that is where Gmail and Outlook look for an invitation. The
    interfaces of mail providers have no place for it; there the attachment has to do.
    """
    objects = [f"{CALENDAR}{part}" for part in text.split(CALENDAR)[1:]]
    methods = [part.partition(METHOD)[2].partition("\r\n")[0] for part in objects]
    kinds = [f"text/calendar; method={method}" if method else "text/calendar" for method in methods]
    if len(objects) == 1 and not settings.EMAIL_BACKEND.startswith("anymail."):
        message.attach_alternative(objects[0], kinds[0])
    for number, (part, kind) in enumerate(zip(objects, kinds, strict=True), 1):
        message.attach("booking.ics" if len(objects) == 1 else f"booking-{number}.ics", part, kind)


def _note_failure(letter: Letter, error: Exception, now: datetime) -> None:
    gone = letter.attempts >= ATTEMPTS or _is_permanent(error)
    log.warning("Letter %s was not accepted (attempt %s): %s", letter.pk, letter.attempts, error)
    Letter.objects.filter(pk=letter.pk).update(
        due_at=now + _pause(letter.attempts), failed_at=now if gone else None, error=str(error)[:1000]
    )


def _is_permanent(error: Exception) -> bool:
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    if isinstance(error, SMTPResponseException):
        return error.smtp_code >= PERMANENT
    return isinstance(error, ValueError)


def _pause(attempts: int) -> timedelta:
    # Jitter, so that letters which failed together do not all come back together.
    factor: int = 2 ** (attempts - 1)
    return FIRST_PAUSE * factor * (1 + secrets.randbelow(1000) / 2000)
