"""*Email texts*: the list, and the page of one with its preview, a test to oneself, and the way back."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.dashboard.wording.catalogue import LETTERS
from accounts.models import Account, AuditEntry, Letter, LetterWording, User
from tests.browsing import open_browser, page_text

pytestmark = pytest.mark.django_db

LIST = "/dashboard/river/settings/emails/"
BOOKED = f"{LIST}booked/"
TYPED = {"subject": "Hello {name}", "opening": "Lovely, {name}!", "closing": "Yours, {studio}"}


def send(alice: User, **more: str) -> Any:
    return open_browser(alice).post(BOOKED, TYPED | more)


def test_the_list_says_which_were_changed(studio: Account, alice: User) -> None:
    send(alice, closing="")
    said = page_text(open_browser(alice).get(LIST))
    assert "Booking confirmation After a free booking Subject, Opening" in said
    assert said.count("Standard text") == len(LETTERS) - 1


def test_saving_words_the_email_and_the_history_says_so(studio: Account, alice: User) -> None:
    answer = send(alice)
    assert (answer.status_code, answer["Location"]) == (302, BOOKED)
    wording = LetterWording.objects.get()
    assert (wording.account, wording.kind, wording.closing, wording.changed_by) == (
        *(studio, "booked", "Yours, {studio}"),
        alice,
    )
    [line] = AuditEntry.objects.all()
    assert (line.action, line.beside) == ("wording.changed", "Booking confirmation")
    assert ["Opening", "standard text", "Lovely, {name}!"] in line.changes


def test_a_preview_shows_an_example_and_saves_nothing(studio: Account, alice: User) -> None:
    said = page_text(send(alice, preview="1"))
    assert ("Lovely, Ada!" in said, "Yours, River Studio" in said, "Hello Ada" in said) == (True, True, True)
    assert "See or cancel your booking" in said
    assert (LetterWording.objects.count(), AuditEntry.objects.count(), Letter.objects.count()) == (0, 0, 0)


def test_a_test_goes_to_who_asks_for_it_and_saves_nothing(studio: Account, alice: User) -> None:
    answer = send(alice, test="1")
    assert f"We’ve sent a test to {alice.email}. Nothing is saved yet." in page_text(answer)
    assert 'value="Hello {name}"' in answer.content.decode()
    letter = Letter.objects.get()
    assert (letter.recipient, letter.subject, letter.account) == (alice.email, "Test: Hello Ada", studio)
    assert "Lovely, Ada!" in letter.text
    assert LetterWording.objects.count() == 0


def test_who_has_not_proved_their_address_cannot_have_a_test_sent_there(studio: Account, alice: User) -> None:
    EmailAddress.objects.update(verified=False)
    answer = send(alice, test="1")
    said = page_text(answer)
    assert ("Confirm your own email address first." in said, "Send a test to me" in said) == (True, False)
    assert 'value="Hello {name}"' in answer.content.decode()
    assert not Letter.objects.exists()


def test_back_to_the_standard_text(studio: Account, alice: User) -> None:
    send(alice)
    browser = open_browser(alice)
    assert "Use the standard text" in page_text(browser.get(BOOKED))
    answer = browser.post(f"{BOOKED}reset/", follow=True)
    assert "This email is back to the standard text." in page_text(answer)
    assert "Use the standard text" not in page_text(browser.get(BOOKED))
    assert (LetterWording.objects.count(), AuditEntry.objects.count()) == (0, 2)
    assert browser.get(f"{BOOKED}reset/").status_code == 405


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"opening": "Hi {nmae}"}, "We can’t replace {nmae} in this email. You can use {name}, {event}, {date}"),
        ({"subject": "{membership}"}, "We can’t replace {membership} in this email."),
        ({"closing": "Hi {name"}, "Put both curly brackets around each of these"),
        ({"closing": "x" * 1001}, "Use at most 1000 characters for “Closing”"),
        ({"subject": "x" * 151}, "Use at most 150 characters for “Subject”"),
        ({"subject": "one\ntwo"}, "Type “Subject” on one line"),
    ],
)
def test_what_cannot_be_written_is_refused_and_kept(
    studio: Account, alice: User, typed: dict[str, str], words: str
) -> None:
    answer = send(alice, **typed)
    assert answer.status_code == 422
    assert words in page_text(answer)
    assert "Lovely, {name}!" in answer.content.decode() or "opening" in typed
    assert LetterWording.objects.count() == 0


def test_other_kinds_have_no_page(studio: Account, alice: User) -> None:
    for kind in ("login_link", "team_invitation", "nothing"):
        assert open_browser(alice).get(f"{LIST}{kind}/").status_code == 404


def test_the_list_reads_as_much_for_one_change_as_for_many(studio: Account, alice: User) -> None:
    browser = open_browser(alice)

    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            browser.get(LIST)
        return len(found)

    send(alice)
    one = statements()
    for kind in ("moved", "cancelled"):
        browser.post(f"{LIST}{kind}/", {"closing": "Bye"})
    assert (statements(), one < 20) == (one, True)
