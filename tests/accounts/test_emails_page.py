"""*Emails*: what has not gone out and why, and who gets none."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, EmailBlock, MailOutage, Role, User
from tests.accounts.letters import create_letter
from tests.browsing import open_browser, page_text
from tests.factories.accounts import AccountFactory, StaffFactory
from tests.factories.schedule import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]

OVERVIEW, EMAILS = "/dashboard/river/", "/dashboard/river/emails/"
REPLY = "535 5.7.8 bad credentials"


@pytest.mark.parametrize(
    ("role", "told"),
    [
        (Role.OWNER, (True, True, True)),
        (Role.BOOKINGS_ADMIN, (True, True, False)),
        (Role.SCHEDULE_MANAGER, (False, False, False)),
        (Role.LEADER, (False, False, False)),
    ],
)
def test_an_outage_is_told_to_those_who_look_after_customers(
    studio: Account, role: Role, told: tuple[bool, bool, bool]
) -> None:
    MailOutage.objects.create(since=NOW - timedelta(hours=3), error=REPLY, retry_at=NOW)
    create_letter(account=studio)
    create_letter(account=studio, sent_at=NOW)
    create_letter(account=studio, failed_at=NOW, fault="address")
    create_letter(account=AccountFactory.create())
    said = page_text(open_browser(StaffFactory.create(account=studio, role=role).user).get(OVERVIEW))
    since = "hasn’t accepted any emails since 15 January, 09:00"
    assert ("1 email hasn’t gone out." in said, since in said, REPLY in said) == told


def test_an_outage_that_keeps_no_letter_of_the_account_is_not_told(alice: User) -> None:
    MailOutage.objects.create(since=NOW, error=REPLY, retry_at=NOW)
    assert "gone out" not in page_text(open_browser(alice).get(OVERVIEW))


def test_a_letter_that_is_not_taken_is_told_and_one_not_tried_yet_is_not(studio: Account, alice: User) -> None:
    create_letter(account=studio)
    assert "gone out" not in page_text(open_browser(alice).get(OVERVIEW))
    create_letter(account=studio, fault="letter", fault_since=NOW - timedelta(hours=2))
    said = page_text(open_browser(alice).get(OVERVIEW))
    assert "1 email hasn’t gone out. We’ve been trying since 15 January, 10:00." in said


def test_each_email_says_why_it_waits(studio: Account, alice: User) -> None:
    create_letter(account=studio, subject="Not tried yet")
    create_letter(account=studio, subject="Tried", fault="mailbox", fault_since=NOW, error="452 <full>", attempts=1)
    create_letter(account=AccountFactory.create(), subject="Elsewhere", fault="letter", fault_since=NOW)
    said = page_text(open_browser(alice).get(EMAILS))
    assert "Their mailbox can’t take emails at the moment 452 <full>" in said
    assert ("Not tried yet" in said, "Elsewhere" in said) == (False, False)
    MailOutage.objects.create(since=NOW, error=REPLY, retry_at=NOW)
    said = page_text(open_browser(alice).get(EMAILS))
    assert "Not tried yet ada@example.org Tue 15 Jan 2030, 12:00 Our mail server isn’t accepting emails" in said


def test_without_trouble_it_says_so(alice: User) -> None:
    said = page_text(open_browser(alice).get(EMAILS))
    assert "All emails have gone out." in said
    assert "No addresses bounce, and nobody has unsubscribed." in said


@pytest.mark.parametrize("rows", [1, 3])
def test_it_takes_the_same_queries_however_much_there_is(
    studio: Account, alice: User, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for number in range(rows):
        create_letter(account=studio, fault="letter", fault_since=NOW)
        EmailBlock.objects.create(account=studio, email=f"{number}@example.org", reason="bounced", created_at=NOW)
    client = open_browser(alice)
    client.get(EMAILS)
    with django_assert_num_queries(6):
        page = client.get(EMAILS).content.decode()
    assert page.count('<th scope="row">') == 2 * rows
