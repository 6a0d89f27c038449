"""Messages where two customers become one, where somebody is erased, and in the course of time."""

from datetime import timedelta

import pytest
from django.conf import settings

from accounts.email_blocks import unsubscribe
from accounts.email_links import Subscriber
from accounts.mailings.following import follow_messages, forget_message, old_messages
from accounts.mailings.results import Outcome, results
from accounts.models import Account, BlockReason, Customer, Letter, Mailing, MailingRecipient
from tests.accounts.mailings.acts import begin, draft, outcomes, send_all, work_off
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


@pytest.fixture
def studio() -> Account:
    return AccountFactory.create(name="River")


def two(studio: Account) -> tuple[Customer, Customer]:
    ada: Customer = CustomerFactory.create(account=studio, name="Ada", email="ada@example.org", seen_at=NOW)
    again: Customer = CustomerFactory.create(account=studio, name="Ada Again", email="again@example.org", seen_at=NOW)
    return ada, again


def test_of_two_who_become_one_nobody_gets_a_message_again(studio: Account) -> None:
    ada, again = two(studio)
    mailing = draft(studio)
    operation = begin(mailing)
    work_off(operation)
    MailingRecipient.objects.filter(customer=ada).update(state="pending")
    Letter.objects.filter(recipient=ada.email).delete()

    follow_messages(studio, ada.pk, again.pk)

    assert outcomes(mailing) == {"Ada": "written"}
    assert MailingRecipient.objects.get().email == "again@example.org"


def test_a_message_that_only_one_of_them_was_to_get_is_the_survivor_s(studio: Account) -> None:
    ada, again = two(studio)
    mailing = send_all(studio, asked={"customers": [again.pk]})

    follow_messages(studio, ada.pk, again.pk)

    assert outcomes(mailing) == {"Ada": "written"}


def test_who_calls_an_email_spam_gets_none_of_a_message_that_waits(studio: Account) -> None:
    ada, _again = two(studio)
    mailing = send_all(studio)

    unsubscribe(Subscriber(studio, ada.email), reason=BlockReason.COMPLAINED, now=NOW)

    assert results(mailing, now=NOW).counts[Outcome.UNWANTED].counted == 1
    unsubscribe(Subscriber(studio, "again@example.org"), now=NOW)
    assert results(mailing, now=NOW).counts[Outcome.WAITING].counted == 1


def test_a_message_goes_as_long_after_it_was_sent_as_its_emails_do(studio: Account) -> None:
    two(studio)
    mailing, kept = send_all(studio), draft(studio)
    later = NOW + timedelta(days=settings.EMAILS_KEPT_DAYS, seconds=1)
    assert list(old_messages(now=NOW)) == []
    assert list(old_messages(now=later)) == [mailing]

    forget_message(mailing.pk)

    assert (list(Mailing.objects.all()), MailingRecipient.objects.count(), Letter.objects.count()) == ([kept], 0, 0)


def test_emails_that_are_forgotten_before_leave_the_numbers(studio: Account) -> None:
    two(studio)
    mailing = send_all(studio)
    Letter.objects.all().delete()

    assert results(mailing, now=NOW).counts[Outcome.SENT].counted == 0
    assert (mailing.gets, mailing.left_out) == (2, 0)
