"""Sending the letters that `accounts.email_queue` wrote."""

import logging
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from typing import Final
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Least
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.email_blocks import record_arrival, record_bounce, unsubscribe_path
from accounts.email_faults import fault_text, sort_fault
from accounts.email_outage import MOST_ATTEMPTS, end_outage, may_try, pause, record_outage
from accounts.email_queue import absolute
from accounts.email_quota import charge, hold_until_tomorrow
from accounts.email_text import one_line, unlinked
from accounts.email_writing import write_out
from accounts.models import Account, DeliveryFault, Letter
from bookwhen.installation.copies import QuietCopyError, find_copy, require_own_site
from bookwhen.seeing.ids import with_ids

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=5)
"""How long a worker has a letter to itself: longer than any SMTP conversation (settings.EMAIL_TIMEOUT)."""
MAILBOX_PATIENCE: Final = timedelta(days=5)
"""How long a mailbox may be busy or full before its address counts as refused (RFC 5321, 4.5.4.1)."""
ONE_TIME_LINKS: Final = ("account_open_link",)
"""Names of the addresses whose last part is a secret that lets somebody in: letters keep none once they are sent."""
AUTOMATIC: Final = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""What keeps holiday notices and other machines from answering (RFC 3834, 5; the second is Exchange's)."""
CALENDAR: Final = "BEGIN:VCALENDAR"
METHOD: Final = "\r\nMETHOD:"


class _OverQuotaError(Exception):
    def __init__(self, letter: int, account: Account) -> None:
        super().__init__()
        self.letter, self.account = letter, account


class UnclaimableError(Exception):
    """A letter (by its number) could not even be claimed: something about it, or its account, is broken."""

    def __init__(self, letter: int, cause: Exception) -> None:
        super().__init__(f"{letter}: {cause}")
        self.letter, self.cause = letter, cause


class _NotSentError(Exception):
    def __init__(self, fault: DeliveryFault, text: str) -> None:
        super().__init__(text)
        self.fault = fault


def claim(pk: int, *, now: datetime) -> Letter | None:
    """Take a letter that is due, for `LEASE`; None when it is sent, given up, held, or another worker has it.

    No lock is held while the mail server is talked to. A worker that dies after the server took the letter makes it go
    out twice; both carry the same Message-ID. In a quiet copy of a site letters wait.
    """
    if find_copy():
        return None
    try:
        with transaction.atomic():
            return _take(pk, now)
    except _OverQuotaError as held:
        hold_until_tomorrow(held.account, now=now)
        return None


def claim_next(*, now: datetime, without: Collection[int] = ()) -> Letter | None:
    """Take the letter that has been due longest; None when there is none, or all wait (as in a quiet copy).

    Those that are named by number in `without` are left. Raises UnclaimableError, which names the letter to leave.
    """
    while find_copy() is None:
        try:
            with transaction.atomic():
                oldest = _due(now).order_by("due_at", "pk").select_for_update(skip_locked=True)
                pk = oldest.exclude(pk__in=without).values_list("pk", flat=True).first()
                if pk is None:
                    return None
                with _naming(pk):
                    return _take(pk, now)
        except _OverQuotaError as held:
            with _naming(held.letter):
                hold_until_tomorrow(held.account, now=now)
    return None


def send(letter: Letter, *, now: datetime) -> None:
    """Send a claimed letter and note how it went; never raises for what the letter or a mail server brings about.

    Only an address that was refused is final. Everything else is tried again for as long as it takes, each pause twice
    the one before up to half an hour.
    """
    with with_ids(letter=letter.pk, **({"account": letter.account.slug} if letter.account else {})):
        try:
            require_own_site()
            message_id = _post(letter)
        except QuietCopyError:
            # Its database was given to another site a moment ago.
            Letter.objects.waiting().filter(pk=letter.pk).update(due_at=now)
        except _NotSentError as failed:
            _note_failure(letter, failed, now)
        else:
            _note_sent(letter, message_id, now)


def letter_html(letter: Letter) -> str:
    """The HTML part: the letter's body in the house's frame; every style inlined for mail clients."""
    sender = unlinked(one_line(letter.account.name)) if letter.account else ""
    frame = {
        "letter": letter,
        "sender": sender,
        "site_name": settings.SITE_NAME,
        "unsubscribe_link": unsubscribe_link(letter),
    }
    with override(_language(letter)):
        html = render_to_string("accounts/letters/letter.html", frame)
    return css_inline.inline(html, load_remote_stylesheets=False)


def unsubscribe_link(letter: Letter) -> str:
    """Where its recipient unsubscribes; nothing for a letter that they caused."""
    if letter.account is None or not letter.is_unsolicited:
        return ""
    return absolute(unsubscribe_path(letter.account, letter.recipient))


@contextmanager
def _naming(letter: int) -> Iterator[None]:
    try:
        yield
    except _OverQuotaError:
        raise
    except Exception as error:
        raise UnclaimableError(letter, error) from error


def _due(now: datetime) -> QuerySet[Letter]:
    return Letter.objects.waiting().filter(due_at__lte=now)


def _take(pk: int, now: datetime) -> Letter | None:
    attempts = Least(F("attempts") + 1, MOST_ATTEMPTS)
    if not _due(now).filter(pk=pk).update(due_at=now + LEASE, attempts=attempts):
        return None
    if not may_try(pk, now=now, lease=LEASE):
        transaction.set_rollback(True)
        return None
    letter = Letter.objects.select_related("account__connection").get(pk=pk)
    if not charge(letter, now=now):
        assert letter.account is not None  # noqa: S101 - it has a quota
        raise _OverQuotaError(pk, letter.account)
    return letter


def _post(letter: Letter) -> str:
    """Send a letter; what the provider calls it, if one does. Raises _NotSentError."""
    with _blaming(lambda _error: DeliveryFault.LETTER):
        write_out(letter)
        message = _message(letter)
    with _blaming(lambda _error: DeliveryFault.SERVER):
        connection = get_connection()
    try:
        with _blaming(lambda _error: DeliveryFault.SERVER):
            connection.open()
        with _blaming(sort_fault):
            connection.send_messages([message])
    finally:
        # A letter that was taken is sent, however the server says goodbye.
        with suppress(Exception):
            connection.close()
    message_id = getattr(getattr(message, "anymail_status", None), "message_id", None)
    return "" if message_id is None else str(message_id)[:255]


@contextmanager
def _blaming(sort: Callable[[Exception], DeliveryFault]) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # One letter must not stop the others, whatever a mail backend raises.
        raise _NotSentError(sort(error), _without_secrets(fault_text(error))[:1000]) from error


def _message(letter: Letter) -> EmailMultiAlternatives:
    link, headers = unsubscribe_link(letter), {"Message-ID": f"<letter-{letter.pk}@{_host()}>", **AUTOMATIC}
    if link:
        headers |= {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    house, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=_body(letter, link),
        from_email=formataddr((one_line(letter.account.name) if letter.account else house, address)),
        to=[letter.recipient],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers=headers,
    )
    message.attach_alternative(letter_html(letter), "text/html")
    _attach_calendars(message, letter.calendar)
    return message


def _body(letter: Letter, unsubscribe: str) -> str:
    """The text part, with the way to unsubscribe where there is one."""
    if not unsubscribe:
        return letter.text
    with override(_language(letter)):
        return f"{letter.text}\n{_('Unsubscribe')}: {unsubscribe}\n"


def _language(letter: Letter) -> str:
    return letter.account.language if letter.account else settings.LANGUAGE_CODE


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


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def _note_sent(letter: Letter, message_id: str, now: datetime) -> None:
    # The demo's outbox is where its letters are read: there the links stay.
    kept = (letter.text, letter.html) if settings.DEMO else map(_without_secrets, (letter.text, letter.html))
    text, html = kept
    Letter.objects.filter(pk=letter.pk).update(
        sent_at=now,
        error="",
        fault="",
        fault_since=None,
        message_id=message_id,
        subject=letter.subject,
        text=text,
        html=html,
        calendar=letter.calendar,
        facts=None,
    )
    log.info("Sent: %s", letter.kind)
    end_outage()
    if not message_id:
        # A provider says later whether it arrived; a mail server has just said so.
        record_arrival(letter)


def _note_failure(letter: Letter, failed: _NotSentError, now: datetime) -> None:
    fault, error = failed.fault, str(failed)
    since = letter.fault_since if letter.fault == fault and letter.fault_since else now
    if fault == DeliveryFault.MAILBOX and now - since >= MAILBOX_PATIENCE:
        fault = DeliveryFault.ADDRESS
    refused = fault == DeliveryFault.ADDRESS
    log.warning("Letter %s was not accepted (attempt %s, %s): %s", letter.pk, letter.attempts, fault, error)
    # Who unsubscribed while it was tried stays unsubscribed.
    Letter.objects.waiting().filter(pk=letter.pk).update(
        due_at=now + pause(letter.attempts),
        failed_at=now if refused else None,
        fault=fault,
        fault_since=since,
        error=error,
    )
    if refused:
        record_bounce(letter, error, now=now)
    elif fault == DeliveryFault.SERVER:
        record_outage(letter, error, now=now)


def _without_secrets(text: str) -> str:
    """A text whose one-time links lead nowhere any more."""
    for name in ONE_TIME_LINKS:
        path = reverse(name, args=["-"]).rstrip("/").removesuffix("-")
        text = re.sub(rf"""(https?://[^\s"'<>]*?{re.escape(path)})[^\s"'<>]+""", r"\1…", text)
    return text
