"""The mail server refuses at each stage in turn and is mended: every letter arrives once, and the overview said so."""

import socket
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings
from time_machine import travel

from accounts import email_round, email_smtp, tasks
from accounts.email_blocks import unsubscribe
from accounts.email_links import Subscriber
from accounts.email_outage import LONGEST_PAUSE
from accounts.email_queue import Envelope, queue_letters
from accounts.models import Account, EmailBlock, Letter, MailOutage
from tests.browsing import open_browser, page_text
from tests.factories.accounts import AccountFactory, StaffFactory
from tests.factories.schedule import NOW
from tests.faults.mail_server import PASSWORD, USER, MailServer, serving

pytestmark = pytest.mark.django_db(transaction=True)

LETTERS = 20
STUDIO = "/dashboard/river/"
FOR_ALL = {
    "CONNECT": "554 5.3.2 not today",
    "EHLO": "550 5.7.1 go away",
    "AUTH": "535 5.7.8 bad credentials",
    "MAIL": "552 5.2.2 your storage is exceeded",
}
"""Refusals that hold for every letter."""
FOR_ONE = {
    "RCPT": "450 4.2.0 busy",
    "DATA": "554 transaction failed",
    "HANGUP": "",
}
"""Refusals that another letter might not meet."""


@pytest.fixture(autouse=True)
def _without_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """One task gets through all letters, however busy this machine is."""
    monkeypatch.setattr(email_round, "SECONDS", 300)


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    with serving() as server:
        settings.EMAIL_BACKEND = "accounts.email_smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = USER, PASSWORD
        yield server


@pytest.fixture
def studio() -> Account:
    return AccountFactory.create(slug="river", created_at=NOW)


@pytest.fixture
def owner(studio: Account) -> Client:
    return open_browser(StaffFactory.create(account=studio).user)


@pytest.fixture
def _twenty_letters(studio: Account) -> None:
    envelopes = [Envelope(f"customer{number:02}@example.org") for number in range(LETTERS)]
    queue_letters(envelopes, kind="added", template="groups/letters/added", account=studio, now=NOW)


def sweep(at: datetime) -> None:
    with travel(at, tick=False):
        tasks.send_letters()


def overview(owner: Client, at: datetime) -> str:
    with travel(at, tick=False):
        return page_text(owner.get(STUDIO))


def arrived(server: MailServer) -> tuple[set[str], set[int]]:
    """To whom letters went, and how often each came."""
    ids = Counter(str(letter["Message-ID"]) for letter in server.letters)
    return {str(letter["To"]) for letter in server.letters}, set(ids.values())


EVERYBODY = ({f"customer{number:02}@example.org" for number in range(LETTERS)}, {1})


@pytest.mark.usefixtures("_twenty_letters")
@pytest.mark.parametrize("stage", [*FOR_ALL, *FOR_ONE])
def test_all_arrive_once_though_the_server_refused_for_an_hour(
    mail_server: MailServer, owner: Client, stage: str
) -> None:
    mail_server.refusals = {stage: (FOR_ALL | FOR_ONE)[stage]}
    for minute in range(0, 61, 5):
        now = NOW + timedelta(minutes=minute)
        sweep(now)
        said = overview(owner, now)
        assert "20 emails haven’t gone out." in said
        assert "15 January, 12:00" in said

    assert (stage in FOR_ALL and FOR_ALL[stage] in said) or stage in FOR_ONE
    assert mail_server.letters == []

    mail_server.refusals = {}
    mended = NOW + timedelta(hours=1) + LONGEST_PAUSE * 1.5
    sweep(mended)

    assert arrived(mail_server) == EVERYBODY
    assert "gone out" not in overview(owner, mended)
    assert (MailOutage.objects.count(), EmailBlock.objects.count()) == (0, 0)
    assert set(Letter.objects.values_list("fault", "error")) == {("", "")}


@pytest.mark.usefixtures("_twenty_letters")
def test_all_arrive_once_though_the_server_refused_at_one_stage_after_the_other(
    mail_server: MailServer, owner: Client
) -> None:
    now = NOW
    for stage, reply in (FOR_ALL | FOR_ONE).items():
        mail_server.refusals = {stage: reply}
        sweep(now)
        assert "20 emails haven’t gone out." in overview(owner, now)
        now += LONGEST_PAUSE * 1.5
    assert mail_server.letters == []

    mail_server.refusals = {}
    sweep(now)

    assert arrived(mail_server) == EVERYBODY
    assert "gone out" not in overview(owner, now)


@pytest.mark.usefixtures("_twenty_letters")
def test_a_server_that_is_down_is_asked_by_one_letter_a_pause_and_then_all_go(
    settings: Settings, owner: Client, studio: Account
) -> None:
    settings.EMAIL_BACKEND = "accounts.email_smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        settings.EMAIL_PORT = probe.getsockname()[1]

    for minute in range(120):
        sweep(NOW + timedelta(minutes=minute))

    # After one minute, two, four … and half an hour, each with up to half as much again.
    assert 6 <= sum(Letter.objects.values_list("attempts", flat=True)) <= 9
    assert "Connection refused" in overview(owner, NOW + timedelta(hours=2))
    assert "Connection refused" not in overview(
        open_browser(StaffFactory.create(account=studio, role="bookings_admin").user), NOW + timedelta(hours=2)
    )

    with serving(settings.EMAIL_PORT) as mended:
        sweep(NOW + timedelta(hours=3))
        assert arrived(mended) == EVERYBODY


@pytest.mark.usefixtures("_twenty_letters")
@pytest.mark.parametrize("stage", list(FOR_ALL))
def test_a_server_that_refuses_us_is_not_asked_for_every_letter(mail_server: MailServer, stage: str) -> None:
    mail_server.refusals = {stage: FOR_ALL[stage]}
    for _worker in range(5):
        sweep(NOW)
    assert mail_server.calls.count("CONNECT") == 1


@pytest.mark.usefixtures("_twenty_letters")
def test_one_refused_address_bounces_and_the_others_arrive(mail_server: MailServer) -> None:
    Letter.objects.exclude(recipient__in=["customer00@example.org", "customer01@example.org"]).delete()
    mail_server.refusals = {"RCPT": "550 5.1.1 no such user"}
    Letter.objects.filter(recipient="customer01@example.org").update(due_at=NOW + timedelta(hours=1))
    sweep(NOW)
    mail_server.refusals = {}
    sweep(NOW + timedelta(hours=2))

    assert arrived(mail_server) == ({"customer01@example.org"}, {1})
    block = EmailBlock.objects.get()
    assert (block.email, block.reason, block.detail) == (
        "customer00@example.org",
        "bounced",
        "550 5.1.1 no such user",
    )


@pytest.mark.usefixtures("_twenty_letters")
def test_a_server_that_hangs_up_after_taking_a_letter_has_taken_it(mail_server: MailServer) -> None:
    mail_server.refusals = {"QUIT": "500 what"}
    sweep(NOW)
    sweep(NOW + timedelta(days=1))
    assert arrived(mail_server) == EVERYBODY


@pytest.mark.usefixtures("_twenty_letters")
def test_many_letters_go_by_one_conversation(mail_server: MailServer) -> None:
    sweep(NOW)
    assert arrived(mail_server) == EVERYBODY
    assert (mail_server.calls.count("CONNECT"), mail_server.calls.count("DATA")) == (1, LETTERS)


@pytest.mark.usefixtures("_twenty_letters")
@pytest.mark.parametrize("goodbye", ["", "421 4.7.0 enough for now", "452 4.5.3 too many messages"])
def test_a_server_that_has_enough_of_a_conversation_is_called_again_at_once(
    mail_server: MailServer, goodbye: str
) -> None:
    mail_server.most, mail_server.goodbye = 7, goodbye
    sweep(NOW)
    assert arrived(mail_server) == EVERYBODY
    assert mail_server.calls.count("CONNECT") == 3
    assert set(Letter.objects.values_list("attempts", "fault", "error")) == {(1, "", "")}
    assert MailOutage.objects.count() == 0


def two_letters() -> list[Letter]:
    Letter.objects.exclude(recipient__in=["customer00@example.org", "customer01@example.org"]).delete()
    return list(Letter.objects.order_by("due_at", "pk"))


@pytest.mark.usefixtures("_twenty_letters")
def test_a_server_that_takes_its_time_with_a_letter_is_waited_for(mail_server: MailServer, settings: Settings) -> None:
    two_letters()
    settings.EMAIL_TIMEOUT, mail_server.looks_through = 1, 1.5
    sweep(NOW)
    assert set(Letter.objects.values_list("attempts", "fault", "error")) == {(1, "", "")}
    assert mail_server.calls.count("MAIL") == 2


@pytest.mark.usefixtures("_twenty_letters")
def test_a_letter_that_a_silent_server_may_have_taken_is_not_told_again_at_once(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _first, second = two_letters()
    monkeypatch.setattr(email_smtp, "PATIENCE", 0.5)
    mail_server.looks_through = 2
    sweep(NOW)
    second.refresh_from_db()
    assert (second.attempts, second.fault, second.sent_at) == (1, "letter", None)
    assert mail_server.calls.count("MAIL") == 2


@pytest.mark.usefixtures("_twenty_letters")
def test_when_the_server_is_gone_in_the_middle_the_rest_is_given_back_untried(mail_server: MailServer) -> None:
    mail_server.most, mail_server.refusals = 7, {"CONNECT again": "554 5.3.2 not today"}
    sweep(NOW)
    assert len(mail_server.letters) == 7
    waiting = Letter.objects.waiting().order_by("-attempts", "pk")
    assert [(each.attempts, each.fault) for each in waiting] == [(1, "server"), *[(0, "")] * 12]
    assert [each.due_at for each in waiting[1:]] == [NOW] * 12

    mail_server.most, mail_server.refusals = None, {}
    sweep(NOW + LONGEST_PAUSE * 1.5)
    assert arrived(mail_server) == EVERYBODY


@pytest.mark.usefixtures("_twenty_letters")
@pytest.mark.parametrize("letter", [0, 5])
def test_a_letter_that_a_server_may_have_taken_is_not_told_again_at_once(mail_server: MailServer, letter: int) -> None:
    mail_server.unheard = letter
    sweep(NOW)

    assert arrived(mail_server) == EVERYBODY
    waiting = Letter.objects.waiting().get()
    assert (waiting.attempts, waiting.fault) == (1, "letter")
    assert waiting.due_at > NOW


@pytest.mark.usefixtures("_twenty_letters")
def test_who_unsubscribes_while_others_are_sent_gets_nothing(mail_server: MailServer, studio: Account) -> None:
    last = Letter.objects.order_by("due_at", "pk").last()
    assert last is not None
    unsubscriber = Subscriber(studio, last.recipient)

    def in_another_process() -> None:
        unsubscribe(unsubscriber, now=NOW)
        connection.close()

    mail_server.at_first = in_another_process
    sweep(NOW)
    last.refresh_from_db()
    assert (last.sent_at, last.failed_at, last.fault) == (None, NOW, "unwanted")
    assert len(mail_server.letters) == LETTERS - 1


@pytest.mark.usefixtures("_twenty_letters")
def test_a_worker_that_is_told_to_stop_gives_back_what_it_has_not_begun_with(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_round, "is_stopping", lambda: True)
    with travel(NOW, tick=False):
        tasks.send_letter(Letter.objects.earliest("pk").pk)
    assert len(mail_server.letters) == 1
    assert set(Letter.objects.waiting().values_list("attempts", "due_at")) == {(0, NOW)}
