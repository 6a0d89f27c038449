"""Whose fault it is, by stage and code: only what a recipient's address brings about is final."""

from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPHeloError,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from ssl import SSLError

import pytest
import requests
from anymail.exceptions import (
    AnymailConfigurationError,
    AnymailRecipientsRefused,
    AnymailRequestsAPIError,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from django.core.mail import BadHeaderError

from accounts.email_faults import ends_conversation, fault_text, sort_fault
from accounts.email_smtp import UnheardError
from accounts.models import DeliveryFault

SERVER, LETTER, MAILBOX, ADDRESS = (
    DeliveryFault.SERVER,
    DeliveryFault.LETTER,
    DeliveryFault.MAILBOX,
    DeliveryFault.ADDRESS,
)


def out_of_time(kind: type[requests.RequestException]) -> AnymailRequestsAPIError:
    """As Anymail makes it: of the kind that requests raised, too."""
    made: AnymailRequestsAPIError = type("Both", (AnymailRequestsAPIError, kind), {})("no answer")
    return made


def at_rcpt(code: int, words: str) -> SMTPRecipientsRefused:
    return SMTPRecipientsRefused({"ada@example.org": (code, words.encode())})


def from_api(status: int | None) -> AnymailRequestsAPIError:
    if status is None:
        return AnymailRequestsAPIError("no answer")
    response = requests.Response()
    response.status_code, response.reason = status, "because"
    return AnymailRequestsAPIError("refused", response=response)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (ConnectionRefusedError(), SERVER),
        (TimeoutError(), SERVER),
        (SSLError("certificate verify failed"), SERVER),
        (SMTPConnectError(554, b"no service"), SERVER),
        (SMTPHeloError(550, b"go away"), SERVER),
        (SMTPAuthenticationError(535, b"5.7.8 bad credentials"), SERVER),
        (SMTPAuthenticationError(454, b"4.7.0 later"), SERVER),
        (SMTPSenderRefused(552, b"storage exceeded", "us@example.org"), SERVER),
        (SMTPSenderRefused(550, b"5.1.1 no such user", "us@example.org"), SERVER),
        (SMTPSenderRefused(421, b"4.7.0 too much", "us@example.org"), SERVER),
        (SMTPSenderRefused(552, b"5.3.4 too big", "us@example.org"), LETTER),
        (SMTPSenderRefused(552, b"Message size exceeds fixed maximum", "us@example.org"), LETTER),
        (SMTPDataError(554, b"5.6.0 bad content"), LETTER),
        (SMTPDataError(552, b"too big"), LETTER),
        (SMTPDataError(554, b"transaction failed"), LETTER),
        (SMTPDataError(550, b"5.7.1 spam"), LETTER),
        (SMTPDataError(451, b"4.3.0 later"), LETTER),
        (SMTPDataError(550, b"5.1.1 no such user"), ADDRESS),
        (SMTPDataError(452, b"4.2.2 mailbox full"), MAILBOX),
        (SMTPServerDisconnected("in the middle"), LETTER),
        (SMTPNotSupportedError("SMTPUTF8"), LETTER),
        (UnicodeEncodeError("ascii", "é", 0, 1, "ordinal not in range"), LETTER),
        (BadHeaderError("a newline"), LETTER),
        (AnymailRecipientsRefused(), ADDRESS),
        (AnymailRecipientsRefused(response={"reject_reason": "hard-bounce"}), ADDRESS),
        (AnymailRecipientsRefused(response={"reject_reason": "unsigned"}), LETTER),
        (AnymailUnsupportedFeature("no attachments"), LETTER),
        (AnymailSerializationError("odd"), LETTER),
        (AnymailConfigurationError("no key"), SERVER),
        (from_api(None), SERVER),
        (from_api(401), SERVER),
        (from_api(403), SERVER),
        (from_api(404), SERVER),
        (from_api(429), SERVER),
        (from_api(503), SERVER),
        (from_api(400), LETTER),
        (from_api(413), LETTER),
        (from_api(422), LETTER),
    ],
)
def test_the_stage_says_whose_fault_it_is(error: Exception, fault: DeliveryFault) -> None:
    assert sort_fault(error) == fault


@pytest.mark.parametrize(
    ("code", "words", "fault"),
    [
        (550, "no such user", ADDRESS),
        (551, "user not local", ADDRESS),
        (553, "mailbox name not allowed", ADDRESS),
        (556, "domain takes no mail", ADDRESS),
        (550, "5.1.1 no such user", ADDRESS),
        (554, "5.1.2 no such domain", ADDRESS),
        (550, "5.2.1 mailbox disabled", ADDRESS),
        (552, "5.2.2 mailbox full", ADDRESS),
        (552, "exceeded storage", MAILBOX),
        (450, "busy", MAILBOX),
        (451, "4.2.0 later", MAILBOX),
        (452, "mailbox full", MAILBOX),
        (450, "4.1.1 not verified yet", MAILBOX),
        (450, "4.7.1 greylisted", LETTER),
        (451, "greylisted, come back later", LETTER),
        (452, "too many recipients", LETTER),
        (421, "closing", LETTER),
        (530, "authentication required", LETTER),
        (550, "5.7.1 policy", LETTER),
        (550, "relaying denied", LETTER),
        (550, "authentication required", LETTER),
        (550, "5.1.8 bad sender's domain", LETTER),
        (554, "5.7.1 relay access denied", LETTER),
        (554, "no", LETTER),
        (503, "bad sequence", LETTER),
    ],
)
def test_of_a_recipient_only_what_is_wrong_with_the_address_is_final(
    code: int, words: str, fault: DeliveryFault
) -> None:
    assert sort_fault(at_rcpt(code, words)) == fault


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (at_rcpt(550, "5.1.1 no\r\nsuch user"), "550 5.1.1 no such user"),
        (SMTPAuthenticationError(535, b"5.7.8 bad \xff\x00credentials"), "535 5.7.8 bad \ufffdcredentials"),
        (ConnectionRefusedError(111, "Connection refused"), "[Errno 111] Connection refused"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_what_was_said_is_one_line(error: Exception, text: str) -> None:
    assert fault_text(error) == text


@pytest.mark.parametrize(
    ("error", "is_over"),
    [
        (SMTPServerDisconnected("Connection unexpectedly closed"), True),
        (SMTPDataError(421, b"enough"), True),
        (BrokenPipeError(), True),
        (out_of_time(requests.ConnectionError), True),
        # Perhaps it has the letter.
        (TimeoutError(), False),
        (UnheardError("Connection unexpectedly closed"), False),
        (out_of_time(requests.ReadTimeout), False),
        (SMTPDataError(554, b"no"), False),
    ],
)
def test_only_a_conversation_that_was_ended_is_begun_anew_for_the_same_letter(error: Exception, is_over: bool) -> None:  # noqa: FBT001
    assert ends_conversation(error) is is_over
