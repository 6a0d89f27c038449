"""Customers who answer a studio's email reach the studio, and not this software's own mailbox."""

import pytest
from django.core import mail

from accounts.email_claims import claim
from accounts.email_delivery import send
from accounts.identity import send_link
from accounts.models import Account, Letter, Role, User
from accounts.services import add_staff
from tests.accounts.test_settings import GIVEN, SETTINGS
from tests.browsing import open_browser, page_text
from tests.factories.accounts import StaffFactory
from tests.factories.schedule import NOW

pytestmark = pytest.mark.django_db


def reply_to() -> list[str]:
    """Where an answer to the letter that was written last goes."""
    letter = claim(Letter.objects.latest("pk").pk, now=NOW)
    assert letter is not None
    send(letter, now=NOW)
    return list(mail.outbox[-1].reply_to)


def test_an_answer_goes_to_the_contact_address_of_the_settings(studio: Account, alice: User) -> None:
    open_browser(alice).post(SETTINGS, GIVEN | {"contact_email": "hello@river.example"})
    studio.refresh_from_db()
    add_staff(studio, email="bob@example.org", role=Role.LEADER, now=NOW)

    assert reply_to() == ["hello@river.example"]


def test_left_blank_it_goes_to_the_first_owner(studio: Account, alice: User) -> None:
    open_browser(alice).post(SETTINGS, GIVEN | {"contact_email": ""})
    StaffFactory.create(account=studio)
    studio.refresh_from_db()
    add_staff(studio, email="bob@example.org", role=Role.LEADER, now=NOW)

    assert reply_to() == [alice.email]


def test_a_letter_about_logging_in_is_answered_to_nobody(studio: Account) -> None:
    send_link("ada@example.org", next_path="/", now=NOW)

    assert (studio.contact != "", reply_to()) == (True, [])


def test_what_is_no_address_is_not_saved(studio: Account, alice: User) -> None:
    answer = open_browser(alice).post(SETTINGS, GIVEN | {"contact_email": "hello at river"})

    assert answer.status_code == 422
    assert "Enter an email address like name@example.com" in page_text(answer)
    assert 'value="hello at river"' in answer.content.decode()
    before = studio.contact_email
    studio.refresh_from_db()
    assert studio.contact_email == before
