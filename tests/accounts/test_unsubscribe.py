"""Unsubscribing: from what people did not ask for, with one click, for as long as the link exists."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail, signing
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from accounts import email_blocks, email_claims, email_delivery, identity
from accounts.email_blocks import unsubscribe
from accounts.email_links import UNSUBSCRIBE, Subscriber
from accounts.email_queue import Envelope, queue_letters
from accounts.models import UNSOLICITED, Account, BlockReason, Customer, EmailBlock, Letter, LetterKind, Mailing
from accounts.reminders import stop_reminders
from tests.accounts.letters import NOW, FaultyServer, create_letter, send_due
from tests.accounts.mailings.acts import draft
from tests.browsing import open_browser, page_text
from tests.factories.accounts import AccountFactory, CustomerFactory, StaffFactory

pytestmark = pytest.mark.django_db

ADA = "ada@example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def studio() -> Account:
    return AccountFactory.create(slug="river", name="Tom & Co")


def headers(kind: str, account: Account | None) -> dict[str, str]:
    """The headers about lists of a letter of this kind, as they go over the wire."""
    create_letter(kind=kind, account=account, recipient=ADA)
    send_due()
    wire = mail.outbox[-1].message()
    return {name: value for name, value in wire.items() if name.startswith("List-")}


def queue_added(studio: Account, *emails: str) -> None:
    envelopes = [Envelope(email) for email in emails]
    queue_letters(envelopes, kind="added", template="groups/letters/added", account=studio, now=NOW)


def recipients() -> list[str]:
    return sorted(Letter.objects.values_list("recipient", flat=True))


@pytest.mark.parametrize("kind", list(LetterKind))
def test_what_a_person_did_not_cause_can_be_unsubscribed_from_with_one_click(studio: Account, kind: str) -> None:
    found = headers(kind, studio)
    if kind == LetterKind.REMINDER:
        # Reminders alone are stopped by it (tests/tickets/booking/test_reminders.py).
        assert "/my/reminders/" in found["List-Unsubscribe"]
        return
    if kind not in UNSOLICITED:
        assert found == {}
        return
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [link] = re.findall(r"^<(http://testserver/my/emails/\S+/)>$", found["List-Unsubscribe"])
    message = mail.outbox[-1]
    assert isinstance(message, EmailMultiAlternatives)
    assert str(message.body).endswith(f"\nUnsubscribe: {link}\n")
    assert f'href="{link}"' in str(message.alternatives[0][0])


def test_every_letter_that_there_is_has_its_kind() -> None:
    """A template's name is its letter's kind, so that nobody adds one without saying who causes it."""
    templates = (settings.BASE_DIR / "templates").glob("*/letters/*.html")
    prefix = {"memberships": "membership_"}
    found = {prefix.get(path.parts[-3], "") + path.stem for path in templates if not path.stem.startswith("_")} - {
        "letter",
        "mailing",
    }
    of_one_template = {LetterKind.MESSAGE, LetterKind.MESSAGE_UNASKED, LetterKind.MESSAGE_NEWS}
    assert found == set(LetterKind) - of_one_template


def test_letters_that_a_studio_may_begin_are_these() -> None:
    ours = {"added", "uses_back", "standing_ends", "team_invitation", "message_unasked", "message_news"}
    assert ours == UNSOLICITED


def test_letters_about_logging_in_have_no_studio_and_no_list(studio: Account) -> None:
    assert headers("login_link", None) == {}


def test_a_mail_program_unsubscribes_without_a_cookie(studio: Account) -> None:
    found = headers("added", studio)["List-Unsubscribe"].strip("<>").removeprefix("http://testserver")
    answer = Client(enforce_csrf_checks=True).post(found, ONE_CLICK)
    assert (answer.status_code, answer.headers.get("Location")) == (200, None)
    assert list(EmailBlock.objects.values_list("account", "email", "reason")) == [(studio.pk, ADA, "unsubscribed")]


def test_opening_the_link_only_asks(studio: Account) -> None:
    browser, path = Client(), UNSUBSCRIBE.path(studio, ADA)
    page = browser.get(path)
    assert ("Unsubscribe from Tom & Co" in page_text(page), EmailBlock.objects.count()) == (True, 0)
    assert browser.head(path).status_code == 200
    assert EmailBlock.objects.count() == 0


def test_there_is_a_way_back(studio: Account) -> None:
    browser, path = Client(enforce_csrf_checks=True), UNSUBSCRIBE.path(studio, ADA)
    for _twice in range(2):
        assert "You’ve unsubscribed" in page_text(browser.post(path))
    assert "You’ve unsubscribed" in page_text(browser.get(path))
    for _twice in range(2):
        assert "You’re subscribed again" in page_text(browser.post(path, {"subscribe": "1"}))
    assert EmailBlock.objects.count() == 0


def test_the_link_works_years_later_and_after_a_change_of_key(studio: Account, settings: Settings) -> None:
    path, old = UNSUBSCRIBE.path(studio, ADA), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [old]
    assert Client().post(path).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert Client().post(path).status_code == 404


@pytest.mark.parametrize(
    "token", ["x", "a:b:c", signing.Signer(salt="another").sign_object({"account": 1, "email": ADA})]
)
def test_a_damaged_link_says_so(token: str) -> None:
    answer = Client().post(f"/my/emails/{token}/")
    assert (answer.status_code, "This link doesn’t work" in page_text(answer)) == (404, True)


def test_a_link_of_an_account_that_is_gone_does_too(studio: Account) -> None:
    path = UNSUBSCRIBE.path(studio, ADA)
    studio.delete()
    assert Client().get(path).status_code == 404


def test_it_is_about_one_studio_and_one_address(studio: Account) -> None:
    unsubscribe(Subscriber(studio, ADA), now=NOW)
    queue_added(studio, "Ada@example.org", "bob@example.org")
    queue_added(AccountFactory.create(), ADA)
    assert recipients() == [ADA, "bob@example.org"]


def test_the_team_is_not_told_either_and_log_in_letters_still_go(studio: Account) -> None:
    unsubscribe(Subscriber(studio, ADA), now=NOW)
    identity.send_invitation(StaffFactory.create(account=studio, user__email=ADA), now=NOW, life=timedelta(days=7))
    assert recipients() == []
    identity.send_link(ADA, next_path="/my/", now=NOW)
    assert recipients() == [ADA]


def test_what_waits_is_not_sent_any_more_and_what_they_caused_is(studio: Account) -> None:
    queue_added(studio, ADA, "bob@example.org")
    create_letter(account=studio, kind="moved", recipient=ADA)
    unsubscribe(Subscriber(studio, ADA), now=NOW)
    assert sorted((letter.kind, letter.recipient) for letter in send_due()) == [
        ("added", "bob@example.org"),
        ("moved", ADA),
    ]


def test_who_unsubscribes_while_a_letter_is_tried_gets_it_no_more(studio: Account, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "tests.accounts.letters.FaultyServer"
    FaultyServer.fault = ConnectionResetError()
    queue_added(studio, ADA)
    claimed = email_claims.claim_next(now=NOW)
    assert claimed is not None
    unsubscribe(Subscriber(studio, ADA), now=NOW)
    email_delivery.send(claimed, now=NOW)
    assert Letter.objects.get().fault == "unwanted"
    assert send_due(now=NOW + timedelta(days=1)) == []


@pytest.mark.parametrize("reason", list(BlockReason))
def test_any_reason_keeps_unasked_letters_away_and_only_those(studio: Account, reason: BlockReason) -> None:
    EmailBlock.objects.create(account=studio, email=ADA, reason=reason, created_at=NOW)
    queue_added(studio, ADA)
    create_letter(account=studio, kind="booked", recipient=ADA)
    assert [letter.kind for letter in send_due()] == ["booked"]


def test_the_database_keeps_one_row_a_reason(studio: Account) -> None:
    EmailBlock.objects.create(account=studio, email=ADA, reason="bounced", created_at=NOW)
    EmailBlock.objects.create(account=studio, email=ADA, reason="complained", created_at=NOW)
    with pytest.raises(IntegrityError, match="email_block_once"), transaction.atomic():
        EmailBlock.objects.create(account=studio, email="ADA@example.org", reason="bounced", created_at=NOW)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (BlockReason.UNSUBSCRIBED, "They’ve unsubscribed. Since 15 January 2030 they only get emails about their own"),
        (BlockReason.COMPLAINED, "They reported an email from you as spam. Since 15 January 2030 they only get"),
        (BlockReason.BOUNCED, "Emails to ada@example.org bounce. Since 15 January 2030"),
    ],
)
def test_the_customers_page_says_so(studio: Account, reason: BlockReason, said: str) -> None:
    customer = CustomerFactory.create(account=studio, email=ADA)
    other = CustomerFactory.create(account=studio)
    EmailBlock.objects.create(account=studio, email=ADA, reason=reason, created_at=NOW)
    EmailBlock.objects.create(account=AccountFactory.create(), email=other.email, reason=reason, created_at=NOW)
    owner = open_browser(StaffFactory.create(account=studio).user)
    assert said in page_text(owner.get(f"/dashboard/river/customers/{customer.pk}/"))
    assert "Since 15 January" not in page_text(owner.get(f"/dashboard/river/customers/{other.pk}/"))


def test_a_letter_that_they_caused_is_tried_at_a_bounced_address_and_clears_it(studio: Account) -> None:
    for account in (studio, AccountFactory.create()):
        EmailBlock.objects.create(account=account, email=ADA, reason="bounced", created_at=NOW)
    EmailBlock.objects.create(account=studio, email=ADA, reason="unsubscribed", created_at=NOW)
    create_letter(account=studio, recipient=ADA, kind="booked")
    assert [letter.sent_at for letter in send_due()] == [NOW]
    assert list(EmailBlock.objects.filter(account=studio).values_list("reason", flat=True)) == ["unsubscribed"]
    assert EmailBlock.objects.count() == 2


def test_try_again_sends_the_newer_letters_that_bounced(studio: Account) -> None:
    customer = CustomerFactory.create(account=studio, email=ADA)
    week_old = NOW - email_blocks.STILL_NEWS
    gone = {"account": studio, "recipient": ADA, "failed_at": NOW, "fault": "address", "attempts": 1}
    create_letter(**gone)
    create_letter(**gone | {"created_at": week_old})
    create_letter(**gone | {"fault": "unwanted"})
    create_letter(**gone | {"recipient": "bob@example.org"})
    create_letter(**gone | {"account": AccountFactory.create()})
    email_blocks.record_bounce(Letter.objects.earliest("pk"), "550 no such user", now=NOW)

    assert email_blocks.retry_address(studio, ADA, now=NOW) == 1

    assert [letter.sent_at for letter in send_due()] == [NOW]
    assert (EmailBlock.objects.count(), customer.email) == (0, mail.outbox[0].to[0])


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("", ["added", "booked", "message", "message_news", "reminder"]),
        ("unsubscribed", ["booked", "message", "reminder"]),
        ("complained", ["booked", "reminder"]),
        ("news", ["added", "booked", "message", "reminder"]),
        ("reminders", ["added", "booked", "message", "message_news"]),
        ("stopped", ["added", "booked", "reminder"]),
    ],
)
def test_try_again_sends_nothing_that_they_have_said_since_that_they_do_not_want(
    studio: Account, said: str, left: list[str]
) -> None:
    customer = CustomerFactory.create(account=studio, email=ADA, news_since=NOW, news_source="person")
    mailing, who = draft(studio), Subscriber(studio, ADA)
    for kind in ("added", "booked", "reminder"):
        create_letter(account=studio, recipient=ADA, kind=kind, failed_at=NOW, fault="address")
    for kind in ("message", "message_news"):
        create_letter(account=studio, recipient=ADA, kind=kind, failed_at=NOW, fault="address", mailing=mailing)
    if said in BlockReason.values:
        unsubscribe(who, reason=BlockReason(said), now=NOW)
    elif said == "news":
        Customer.objects.filter(pk=customer.pk).update(news_since=None, news_source="", news_ended_at=NOW)
    elif said == "reminders":
        stop_reminders(who, now=NOW)
    elif said == "stopped":
        Mailing.objects.update(state="stopped", began_at=NOW, ended_at=NOW)

    assert email_blocks.retry_address(studio, ADA, now=NOW) == len(left)

    assert sorted(Letter.objects.waiting().values_list("kind", flat=True)) == left


def test_try_again_is_a_button_at_the_customer(studio: Account) -> None:
    customer = CustomerFactory.create(account=studio, email=ADA)
    block = EmailBlock.objects.create(account=studio, email=ADA, reason="bounced", detail="550 no", created_at=NOW)
    owner, retry = open_browser(StaffFactory.create(account=studio).user), f"/dashboard/river/emails/{block.pk}/retry/"
    page = f"/dashboard/river/customers/{customer.pk}/"
    assert (retry in owner.get(page).content.decode(), owner.get(retry).status_code) == (True, 405)
    assert owner.post(retry, follow=True).redirect_chain == [(page, 302)]
    assert "bounce" not in page_text(owner.get(page))
    assert owner.post(retry).status_code == 404


@pytest.mark.parametrize("reason", [BlockReason.UNSUBSCRIBED, BlockReason.COMPLAINED])
def test_a_studio_cannot_take_back_what_a_person_wished(studio: Account, reason: BlockReason) -> None:
    block = EmailBlock.objects.create(account=studio, email=ADA, reason=reason, created_at=NOW)
    owner = open_browser(StaffFactory.create(account=studio).user)
    assert owner.post(f"/dashboard/river/emails/{block.pk}/retry/").status_code == 404
    assert EmailBlock.objects.count() == 1
