"""Sending the letters that `accounts.email_queue` wrote and `accounts.email_claims` took."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.branding import logo_path
from accounts.colours import email_colours
from accounts.email_blocks import record_arrival, record_bounce
from accounts.email_faults import ends_conversation, fault_text, sort_fault
from accounts.email_links import REMINDERS, UNSUBSCRIBE
from accounts.email_outage import end_outage, pause, record_outage
from accounts.email_queue import absolute
from accounts.email_text import LetterText, one_line, unlinked
from accounts.email_writing import OverError, write_out
from accounts.models import Accent, Account, DeliveryFault, Letter, LetterKind
from accounts.signals import letter_over
from bookwhen.installation.copies import QuietCopyError, require_own_site
from bookwhen.seeing.ids import with_ids

if TYPE_CHECKING:
    from accounts.email_claims import ClaimedLetter

log = logging.getLogger(__name__)

MAILBOX_PATIENCE: Final = timedelta(days=5)
"""How long a mailbox may be busy or full before its address counts as refused (RFC 5321, 4.5.4.1)."""
ONE_TIME_LINKS: Final = ("account_open_link",)
"""Names of the addresses whose last part is a secret that lets somebody in: letters keep none once they are sent."""
AUTOMATIC: Final = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""What keeps holiday notices and other machines from answering (RFC 3834, 5; the second is Exchange's)."""
CALENDAR: Final = "BEGIN:VCALENDAR"
METHOD: Final = "\r\nMETHOD:"


class _NotSentError(Exception):
    def __init__(self, fault: DeliveryFault, text: str) -> None:
        super().__init__(text)
        self.fault = fault


def text_of(letter: Letter) -> LetterText:
    """What a letter says."""
    return LetterText(letter.subject, letter.text, letter.html)


class Post:
    """The way to the mail server, kept open from one letter to the next; a context manager that closes it.

    A server may end a conversation between two letters, or have enough of it: then the letter goes by another one, and
    what happens there is what counts.
    """

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None
        self._works = False
        """Whether an outage was ended because it took a letter: once is enough."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_about: object) -> None:
        self.close()

    def send(self, letter: "ClaimedLetter", *, now: datetime) -> DeliveryFault | None:
        """Send a claimed letter and note how it went: None, or whose fault it is that it was not sent.

        Never raises for what the letter or a mail server brings about. Only an address that was refused is final.
        Everything else is tried again for as long as it takes, each pause twice the one before up to half an hour.
        """
        with with_ids(letter=letter.pk, **({"account": letter.account.slug} if letter.account else {})):
            as_facts = letter.facts is not None
            try:
                require_own_site()
                message_id = self._post(letter)
            except QuietCopyError:
                # Its database was given to another site a moment ago.
                Letter.objects.waiting().filter(pk=letter.pk).update(due_at=now)
            except OverError:
                _give_up(letter, now)
            except _NotSentError as failed:
                _note_failure(letter, failed, now)
                self._works = False
                return failed.fault
            else:
                _note_sent(letter, message_id, now, as_facts=as_facts)
                if not self._works:
                    end_outage()
                self._works = True
            return None

    def close(self) -> None:
        """End the conversation. A letter that was taken is sent, however the server says goodbye."""
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()
        self._connection = None

    def _post(self, letter: Letter) -> str:
        """Send a letter; what the provider calls it, if one does. Raises _NotSentError and OverError."""
        with _blaming(lambda _error: DeliveryFault.LETTER):
            write_out(letter)
            message = _message(letter)
        if not (self._connection is not None and self._sends_by_open(self._connection, message)):
            self.close()
            with _blaming(lambda _error: DeliveryFault.SERVER):
                connection = self._connection = get_connection()
                connection.open()
            self._send_by(connection, message)
        message_id = getattr(getattr(message, "anymail_status", None), "message_id", None)
        return "" if message_id is None else str(message_id)[:255]

    def _send_by(self, connection: BaseEmailBackend, message: EmailMultiAlternatives) -> None:
        try:
            with _blaming(sort_fault):
                connection.send_messages([message])
        except _NotSentError:
            # Whatever state it is in now, the next letter begins anew.
            self.close()
            raise

    def _sends_by_open(self, connection: BaseEmailBackend, message: EmailMultiAlternatives) -> bool:
        """Send by what was open already; False where that was over, and nothing is said about this letter yet."""
        try:
            self._send_by(connection, message)
        except _NotSentError as failed:
            if not ends_conversation(failed.__cause__):
                raise
            return False
        return True


def send(letter: "ClaimedLetter", *, now: datetime) -> DeliveryFault | None:
    """Send one claimed letter, in a conversation of its own."""
    with Post() as post:
        return post.send(letter, now=now)


def letter_html(letter: Letter, said: LetterText | None = None) -> str:
    """The HTML part: the letter's body in the house's frame; every style inlined for mail clients."""
    sender = unlinked(one_line(letter.account.name)) if letter.account else ""
    frame = {
        "letter": said or text_of(letter),
        "sender": sender,
        "site_name": settings.SITE_NAME,
        "unsubscribe_link": unsubscribe_link(letter),
        **_brand_of(letter.account),
    }
    with override(_language(letter)):
        frame["unsubscribe_words"] = _unsubscribe_words(letter)
        html = render_to_string("accounts/letters/letter.html", frame)
    return css_inline.inline(html, load_remote_stylesheets=False)


def _brand_of(account: Account | None) -> dict[str, str]:
    """An account's logo and colours, as its letters show them; the house's where nobody's is."""
    face, words = email_colours(account.accent if account else Accent.TEAL)
    return {
        "face": face,
        "face_words": words,
        "logo": absolute(logo_path(account.logo)) if account and account.logo else "",
    }


def unsubscribe_link(letter: Letter) -> str:
    """Where its recipient unsubscribes, or stops reminders; nothing for any other letter that they caused."""
    if letter.account is None:
        return ""
    if letter.kind == LetterKind.REMINDER:
        return absolute(REMINDERS.path(letter.account, letter.recipient))
    return absolute(UNSUBSCRIBE.path(letter.account, letter.recipient)) if letter.is_unsolicited else ""


def _unsubscribe_words(letter: Letter) -> str:
    """What that link is called."""
    return _("Stop reminders") if letter.kind == LetterKind.REMINDER else _("Unsubscribe")


@contextmanager
def _blaming(sort: Callable[[Exception], DeliveryFault]) -> Iterator[None]:
    try:
        yield
    except OverError:
        raise
    except Exception as error:
        # One letter must not stop the others, whatever a mail backend raises.
        raise _NotSentError(sort(error), _without_secrets(fault_text(error))[:1000]) from error


def _message(letter: Letter) -> EmailMultiAlternatives:
    said, link = text_of(letter), unsubscribe_link(letter)
    headers = {"Message-ID": f"<letter-{letter.pk}@{_host()}>", **AUTOMATIC}
    if link:
        headers |= {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    house, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message = EmailMultiAlternatives(
        subject=said.subject,
        body=_body(letter, said.text, link),
        from_email=formataddr((one_line(letter.account.name) if letter.account else house, address)),
        to=[letter.recipient],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers=headers,
    )
    message.attach_alternative(letter_html(letter, said), "text/html")
    _attach_calendars(message, letter.calendar)
    return message


def _body(letter: Letter, text: str, unsubscribe: str) -> str:
    """The text part, with the way to unsubscribe where there is one."""
    if not unsubscribe:
        return text
    with override(_language(letter)):
        return f"{text}\n{_unsubscribe_words(letter)}: {unsubscribe}\n"


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


def _note_sent(letter: "ClaimedLetter", message_id: str, now: datetime, *, as_facts: bool) -> None:
    facts: dict[str, object] = {"sent_at": now, "message_id": message_id}
    if letter.fault or letter.error:
        facts |= {"error": "", "fault": "", "fault_since": None}
    # The demo's outbox is where its letters are read: there the links stay.
    kept = {"text": letter.text, "html": letter.html}
    if not settings.DEMO:
        kept = {name: _without_secrets(text) for name, text in kept.items()}
    if as_facts:
        facts |= {"subject": letter.subject, "calendar": letter.calendar, "facts": None, **kept}
    else:
        facts |= {name: text for name, text in kept.items() if text != getattr(letter, name)}
    Letter.objects.filter(pk=letter.pk).update(**facts)
    log.info("Sent: %s", letter.kind)
    if not message_id and letter.has_bounced:
        # A provider says later whether it arrived; a mail server has just said so.
        record_arrival(letter)


def _give_up(letter: Letter, now: datetime) -> None:
    """Send one never that says what is not so any more. Should it be so once again, its like is no repeat of it."""
    given_up = {"failed_at": now, "fault": DeliveryFault.EXPIRED, "fault_since": now, "error": "", "dedupe": None}
    Letter.objects.waiting().filter(pk=letter.pk).update(**given_up)
    log.info("Given up, it isn’t so any more: %s", letter.kind)
    letter_over.send(Letter, letter=letter)


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
