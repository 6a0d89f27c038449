"""Whose fault it is that a letter did not go out: the mail server's, the letter's, or its recipient's.

Judged by the stage of the SMTP conversation, its reply code (RFC 5321, 4.2) and its enhanced code (RFC 3463), or by
what a provider's API answered. In doubt it is ours: that is tried again, and only a refused address is final.
"""

import re
from dataclasses import dataclass
from http import HTTPStatus
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from typing import Final, Self

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core.exceptions import ImproperlyConfigured
from requests import Timeout

from accounts.email_smtp import UnheardError
from accounts.models import DeliveryFault

PERMANENT: Final = 500
"""SMTP's reply codes from here on mean: do not try again (RFC 5321, 4.2.1)."""
CLOSING: Final = 421
"""The server is about to close (RFC 5321, 4.2.3)."""
ENHANCED: Final = re.compile(r"\b[245]\.(\d{1,3})\.(\d{1,3})\b")

ADDRESS_CODES: Final = frozenset({550, 551, 553, 521, 556})
"""No such mailbox, not here, no such name; a host that takes no mail (RFC 5321, 4.2.3; RFC 7504)."""
MAILBOX_CODES: Final = frozenset({450, 451, 452, 552})
"""Busy, in trouble, full. 552 about a recipient is as good as 452 (RFC 5321, 4.5.3.1.10)."""
OUR_WORDS: Final = re.compile(
    r"relay|authenticat|log ?in|policy|black ?list|block ?list|blocked|denied|spam|reputation|dmarc|dkim|\bspf\b|"
    r"sender|rate limit|too many|grey ?list|gray ?list",
    re.IGNORECASE,
)
"""What servers say of the sender, where they give no enhanced code."""
PROVIDER_WORDS: Final = re.compile(r"unsigned|sender|signature|quota|test-mode|suspend|\brule\b", re.IGNORECASE)
"""Why a provider rejects a recipient for what is wrong with the sender."""
SIZE_WORDS: Final = re.compile(r"\bsize\b|too (?:big|large)", re.IGNORECASE)

ADDRESSES: Final = 1
MAILBOXES: Final = 2
"""Subjects of enhanced codes: what is wrong is the address, or its mailbox (RFC 3463, 3.2 and 3.3)."""
SENDER_DETAILS: Final = frozenset({(ADDRESSES, 7), (ADDRESSES, 8)})
"""Of the addresses, these are the sender's."""
TOO_BIG: Final = frozenset({(3, 4), (MAILBOXES, 3)})

BAD_MESSAGES: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
)
"""What a provider's API answers to a message that it does not take; everything else is about us, or about it."""


@dataclass(frozen=True, slots=True)
class _Reply:
    """What a server answered: its code, the last two parts of its enhanced code if it gave one, and its words."""

    code: int
    status: tuple[int, int] | None
    words: str

    @classmethod
    def read(cls, code: int, words: bytes | str) -> Self:
        text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        found = ENHANCED.search(text)
        return cls(code, (int(found[1]), int(found[2])) if found else None, text)

    @property
    def blames_recipient(self) -> bool:
        """Whether it refuses this recipient, and not the sender."""
        if self.status is not None:
            return self.status[0] in {ADDRESSES, MAILBOXES} and self.status not in SENDER_DETAILS
        return self.code in ADDRESS_CODES | MAILBOX_CODES and not OUR_WORDS.search(self.words)

    @property
    def blames_size(self) -> bool:
        """Whether it refuses a message for being too big."""
        return self.status in TOO_BIG or (self.status is None and SIZE_WORDS.search(self.words) is not None)

    @property
    def is_final(self) -> bool:
        """Whether asking again makes no sense."""
        return self.code >= PERMANENT and (self.status is not None or self.code not in MAILBOX_CODES)


def sort_fault(error: Exception) -> DeliveryFault:
    """Whose fault an exception is that a mail backend raised while it sent a letter over an open connection.

    SERVER stands only for what holds for every letter, since it makes all others wait: never for what a recipient, or
    the author of the letter, could bring about.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return _sort_recipient(_first_reply(error))
    if isinstance(error, SMTPResponseException):
        return _sort_response(error)
    if isinstance(error, AnymailRecipientsRefused):
        said = str(getattr(error.response, "text", error.response))
        return DeliveryFault.LETTER if PROVIDER_WORDS.search(said) else DeliveryFault.ADDRESS
    if isinstance(error, AnymailAPIError):
        return DeliveryFault.LETTER if error.status_code in BAD_MESSAGES else DeliveryFault.SERVER
    if isinstance(error, OSError | ImproperlyConfigured) and not isinstance(error, SMTPException):
        return DeliveryFault.SERVER
    # A connection lost in the middle of this letter, too: the next letter may go through.
    return DeliveryFault.LETTER


def ends_conversation(error: BaseException | None) -> bool:
    """Whether what a mail backend raised may be about the open connection alone: in another one the letter may go.

    A server ends a conversation that was quiet for too long, or in which it took enough; it answers 421 then, or just
    hangs up, or takes no other sender. What it says of a recipient or a letter in any other way holds for them.
    One that says nothing in time, or nothing at all once it was told the letter, may have taken it: it is not told it
    again at once.
    """
    if error is None or isinstance(error, UnheardError) or _is_out_of_time(error):
        return False
    if isinstance(error, SMTPRecipientsRefused):
        return _first_reply(error).code == CLOSING
    if isinstance(error, SMTPDataError):
        return error.smtp_code == CLOSING
    if isinstance(error, SMTPResponseException | SMTPServerDisconnected | AnymailAPIError):
        return getattr(error, "status_code", None) is None
    return isinstance(error, OSError) and not isinstance(error, SMTPException)


def _is_out_of_time(error: BaseException) -> bool:
    # smtplib raises its own error while it handles the socket's; Anymail's are errors of requests too.
    return isinstance(error, TimeoutError | Timeout) or isinstance(error.__context__, TimeoutError)


def fault_text(error: Exception) -> str:
    """What the server or the provider said, on one line and without Python's punctuation."""
    if isinstance(error, SMTPRecipientsRefused):
        reply = _first_reply(error)
        text = f"{reply.code} {reply.words}"
    elif isinstance(error, SMTPResponseException):
        text = f"{error.smtp_code} {_Reply.read(error.smtp_code, error.smtp_error).words}"
    else:
        text = str(error) or type(error).__name__
    return " ".join(text.replace("\x00", "").split())


def _sort_recipient(reply: _Reply) -> DeliveryFault:
    if not reply.blames_recipient:
        return DeliveryFault.LETTER
    return DeliveryFault.ADDRESS if reply.is_final else DeliveryFault.MAILBOX


def _sort_response(error: SMTPResponseException) -> DeliveryFault:
    reply = _Reply.read(error.smtp_code, error.smtp_error)
    if isinstance(error, SMTPSenderRefused):
        # The size is given with MAIL FROM (RFC 1870): only a smaller letter would do.
        return DeliveryFault.LETTER if reply.blames_size and reply.code != CLOSING else DeliveryFault.SERVER
    if isinstance(error, SMTPDataError):
        # After the recipient was taken: some servers look the mailbox up only now, and say so by an enhanced code.
        named = reply.status is not None and reply.blames_recipient and not reply.blames_size
        return _sort_recipient(reply) if named else DeliveryFault.LETTER
    return DeliveryFault.SERVER


def _first_reply(error: SMTPRecipientsRefused) -> _Reply:
    # A letter has one recipient.
    code, words = next(iter(error.recipients.values()), (0, b""))
    return _Reply.read(code, words)
