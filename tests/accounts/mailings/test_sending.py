"""Sending a message: in batches, within the quota, stopped and gone on with, and to nobody twice."""

from datetime import datetime, timedelta
from typing import Final

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.email_blocks import resubscribe, unsubscribe
from accounts.email_claims import claim_letters
from accounts.email_links import Subscriber
from accounts.email_queue import Envelope, queue_letters
from accounts.email_quota import FIRST_DAY, FOR_MANY
from accounts.mailings import sending
from accounts.mailings.results import Outcome, results
from accounts.mailings.services import ChangedMeanwhileError, go_on, send, stop, unschedule
from accounts.models import Account, Customer, DeliveryFault, Letter, Mailing, MailingRecipient
from accounts.operations.running import run_operation
from tests.accounts.letters import send_due, written
from tests.accounts.mailings.acts import begin, draft, outcomes, send_all, work_off
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]

A_DAY: Final = int(FIRST_DAY * FOR_MANY)
"""How many of a message go out on the first day to people who have neither booked nor logged in."""


@pytest.fixture
def studio() -> Account:
    return AccountFactory.create(name="River", contact_email="tom@river.example", created_at=NOW)


def crowd(account: Account, count: int, *, known: bool = True) -> None:
    Customer.objects.bulk_create(
        Customer(
            account=account, name=f"Person {number}", email=f"p{number}@example.org", seen_at=NOW if known else None
        )
        for number in range(count)
    )


def queue(account: Account, *emails: str, now: datetime = NOW) -> None:
    """Emails to several that are no message: that they were added to a group."""
    envelopes = [Envelope(email) for email in emails]
    queue_letters(envelopes, kind="added", template="groups/letters/added", account=account, now=now)


def recipients() -> list[str]:
    return sorted(email for each in mail.outbox for email in each.to)


def test_each_reads_their_own_name_and_answers_the_studio(studio: Account) -> None:
    CustomerFactory.create(account=studio, name="Ada Lovelace", email="ada@example.org", seen_at=NOW)
    CustomerFactory.create(account=studio, name="", email="bob@example.org", seen_at=NOW)
    text = "Hello {first_name},\n\nsee https://river.example/summer.\nOr write to tom@river.example!"

    send_all(studio, text=text, subject="For {First name}")
    send_due()

    message = next(each for each in mail.outbox if each.to == ["ada@example.org"])
    assert isinstance(message, EmailMultiAlternatives)
    assert (message.subject, message.reply_to) == ("For Ada", ["tom@river.example"])
    assert message.body == (
        "Hello Ada,\n\nsee https://river.example/summer.\nOr write to tom@river.example!\n\n"
        "You get this because you’re a customer of River.\n"
    )
    html = str(message.alternatives[0][0])
    assert '<a href="https://river.example/summer">https://river.example/summer</a>.<br>' in html
    other = next(each for each in mail.outbox if each.to == ["bob@example.org"])
    assert str(other.body).startswith("Hello there,")
    assert "List-Unsubscribe" not in message.extra_headers


def test_news_ends_with_one_click_and_begins_again(studio: Account) -> None:
    ada = CustomerFactory.create(
        account=studio, name="Ada", email="ada@example.org", news_since=NOW, news_source="studio", seen_at=NOW
    )
    send_all(studio, kind="news")
    send_due()
    assert mail.outbox[0].extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "You get this because you agreed to news from River." in str(mail.outbox[0].body)

    who = Subscriber(studio, ada.email)
    unsubscribe(who, now=NOW)
    ada.refresh_from_db()
    assert (ada.news_since, ada.news_ended_at) == (None, NOW)
    assert outcomes(send_all(studio, kind="news")) == {"Ada": "unsubscribed"}

    resubscribe(who, now=NOW + timedelta(hours=1))
    ada.refresh_from_db()
    assert (ada.news_since, ada.news_source, ada.news_ended_at) == (NOW + timedelta(hours=1), "person", None)


def test_for_somebody_without_an_address_it_says_so(studio: Account) -> None:
    mother = CustomerFactory.create(account=studio, name="Mother", email="mother@example.org", seen_at=NOW)
    CustomerFactory.create(account=studio, name="Mia Smith", email="", contact=mother)

    send_all(studio, asked={"customers": [Customer.objects.get(name="Mia Smith").pk]})

    body = written(Letter.objects.get()).text
    assert body.startswith(
        "This email is for Mia Smith. You get it because their emails go to your address.\n\nHello Mia,"
    )


def test_stopped_and_gone_on_with_nobody_gets_it_twice(studio: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "BATCH", 2)
    crowd(studio, 5)
    mailing = draft(studio)
    operation = begin(mailing)
    run_operation(operation.pk, seconds=0)  # gathers the first part
    run_operation(operation.pk, seconds=0)
    run_operation(operation.pk, seconds=0)
    assert Letter.objects.count() == 2
    send_due_once()
    assert len(recipients()) == 1

    assert stop(mailing, now=NOW)
    assert (Letter.objects.count(), Letter.objects.filter(sent_at=None).count()) == (1, 0)
    work_off(operation)
    assert Letter.objects.count() == 1
    mailing.refresh_from_db()
    came = results(mailing, now=NOW).counts
    assert (mailing.state, came[Outcome.SENT].counted, came[Outcome.PENDING].counted) == ("stopped", 1, 4)

    assert go_on(mailing, who="alice@example.org", now=NOW)
    assert not go_on(mailing, who="alice@example.org", now=NOW)
    work_off(operation)
    send_due()
    assert recipients() == [f"p{number}@example.org" for number in range(5)]
    mailing.refresh_from_db()
    assert mailing.state == "sent"
    assert not stop(mailing, now=NOW)


def send_due_once() -> None:
    from accounts import email_claims, email_delivery

    letter = email_claims.claim_next(now=NOW)
    assert letter
    email_delivery.send(letter, now=NOW)


def test_who_unsubscribes_or_bounces_meanwhile_is_left_out_and_listed(studio: Account) -> None:
    for name in ("Ada", "Bob", "Cleo", "Dan"):
        CustomerFactory.create(
            account=studio, name=name, email=f"{name.lower()}@example.org", news_since=NOW, news_source="person"
        )
    mailing = draft(studio, kind="news")
    operation = begin(mailing)
    run_operation(operation.pk, seconds=0)
    unsubscribe(Subscriber(studio, "ada@example.org"), now=NOW)
    work_off(operation)
    unsubscribe(Subscriber(studio, "bob@example.org"), now=NOW)
    from accounts.email_blocks import record_bounce

    record_bounce(Letter.objects.create(
        account=studio, kind="booked", recipient="cleo@example.org", subject="x", text="x", created_at=NOW, due_at=NOW
    ), "No such mailbox", now=NOW)  # fmt: skip
    send_due()

    assert "dan@example.org" in recipients()
    assert "bob@example.org" not in recipients()
    assert outcomes(mailing) == {"Ada": "unsubscribed", "Bob": "written", "Cleo": "written", "Dan": "written"}
    letters = dict(Letter.objects.filter(mailing=mailing).values_list("recipient", "fault"))
    assert letters == {
        "bob@example.org": DeliveryFault.UNWANTED, "cleo@example.org": DeliveryFault.ADDRESS, "dan@example.org": "",
    }  # fmt: skip
    came = results(mailing, now=NOW)
    counts = {each.value: count.counted for each, count in came.counts.items()}
    assert counts == {"sent": 1, "waiting": 0, "undelivered": 1, "unwanted": 1, "pending": 0}


def test_over_the_quota_they_wait_and_it_says_until_when(studio: Account) -> None:
    crowd(studio, A_DAY + 3, known=False)
    mailing = send_all(studio)
    send_due()

    assert len(recipients()) == A_DAY
    came = results(mailing, now=NOW)
    assert came.counts[Outcome.WAITING].counted == 3
    assert came.held_until
    assert came.last_day == (NOW + timedelta(days=1)).date()
    send_due(now=NOW + timedelta(days=1))
    assert len(set(recipients())) == len(recipients()) == A_DAY + 3


def test_a_message_that_takes_days_starves_no_other_email_that_counts(studio: Account) -> None:
    crowd(studio, 3 * A_DAY, known=False)
    send_all(studio)
    gone = []
    for day in range(2):
        send_due(now=NOW + timedelta(days=day))
        queue(studio, f"new{day}@example.org", now=NOW + timedelta(days=day))
        send_due(now=NOW + timedelta(days=day))
        assert f"new{day}@example.org" in recipients()
        gone.append(len(mail.outbox))
    # The quota of the second day is higher by a fifth.
    assert gone == [A_DAY + 1, A_DAY + 1 + A_DAY * 12 // 10 + 1]


def test_others_use_up_the_whole_day_and_the_message_waits(studio: Account) -> None:
    crowd(studio, 3, known=False)
    for number in range(FIRST_DAY + 1):
        queue(studio, f"new{number}@example.org", now=NOW + timedelta(microseconds=number))
    send_due(now=NOW + timedelta(seconds=1))
    send_all(studio)
    send_due()
    assert len(mail.outbox) == FIRST_DAY
    send_due(now=NOW + timedelta(days=1))
    assert len(mail.outbox) == FIRST_DAY + 4


def test_who_is_told_that_their_class_is_cancelled_is_not_behind_a_message_to_thousands(studio: Account) -> None:
    crowd(studio, 100, known=True)
    send_all(studio)
    later = NOW + timedelta(minutes=1)
    queue(studio, *(f"booked{number}@example.org" for number in range(5)), now=later)
    Letter.objects.filter(mailing=None).update(kind="cancelled")
    kinds = [letter.kind for letter in claim_letters(now=later)]
    assert (kinds.count("cancelled"), kinds.count("message")) == (5, 15)


def test_what_has_waited_longest_goes_too_while_new_ones_come(studio: Account) -> None:
    crowd(studio, 30, known=True)
    send_all(studio)
    first = list(Letter.objects.order_by("due_at", "pk").values_list("pk", flat=True)[:1])
    Letter.objects.filter(pk__in=first).update(due_at=NOW - timedelta(hours=1))
    assert claim_letters(now=NOW)[0].pk == first[0]


def test_a_scheduled_one_is_sent_then_and_not_before(studio: Account) -> None:
    crowd(studio, 1)
    mailing = draft(studio)
    later = NOW + timedelta(days=1)
    sent = send(mailing, seen=mailing.changed_at, who="", now=NOW, at=later)
    assert sent.operation
    assert (sent.state, sent.began_at) == ("scheduled", None)
    assert run_operation(sent.operation.pk, now=NOW) is False
    assert not MailingRecipient.objects.exists()
    crowd_later = CustomerFactory.create(account=studio, name="Late", email="late@example.org", seen_at=NOW)

    while run_operation(sent.operation.pk, now=later):
        pass

    mailing.refresh_from_db()
    assert mailing.state == "sent"
    assert outcomes(mailing) == {"Person 0": "written", str(crowd_later): "written"}
    assert not unschedule(mailing, now=later)


def test_what_is_scheduled_can_become_a_draft_again(studio: Account) -> None:
    crowd(studio, 1)
    mailing = draft(studio)
    sent = send(mailing, seen=mailing.changed_at, who="", now=NOW, at=NOW + timedelta(days=1))
    assert unschedule(mailing, now=NOW)
    assert sent.operation
    work_off(sent.operation)
    mailing.refresh_from_db()
    assert (mailing.state, mailing.send_at, Letter.objects.count()) == ("draft", None, 0)


def test_a_draft_that_changed_since_it_was_shown_is_not_sent(studio: Account) -> None:
    mailing = draft(studio)
    with pytest.raises(ChangedMeanwhileError):
        send(mailing, seen=NOW - timedelta(seconds=1), who="", now=NOW)


def test_one_bad_recipient_keeps_no_other(studio: Account) -> None:
    crowd(studio, 3)
    mailing = send_all(studio)
    bad = Letter.objects.filter(mailing=mailing).order_by("pk")[1]
    Letter.objects.filter(pk=bad.pk).update(facts={})

    send_due()

    assert len(recipients()) == 2
    assert results(mailing, now=NOW).counts[Outcome.WAITING].counted == 1


def test_twenty_thousand_cost_so_many_statements_a_batch(studio: Account) -> None:
    """Who got it and who not; stopped half-way and gone on with; each batch costs the same."""
    everyone = 20_000
    Customer.objects.bulk_create(
        [
            Customer(
                account=studio,
                name=f"Person {number}",
                email=f"p{number}@example.org",
                seen_at=NOW,
                news_since=NOW if number % 4 else None,
                news_source="person" if number % 4 else "",
            )
            for number in range(everyone)
        ],
        batch_size=5000,
    )
    mailing = draft(studio, kind="news")
    operation = begin(mailing)
    costs = set()
    while not Mailing.objects.get(pk=mailing.pk).gathered_at:
        run_operation(operation.pk, seconds=0)
    for _batch in range(20):
        with CaptureQueriesContext(connection) as asked:
            run_operation(operation.pk, seconds=0)
        costs.add(len(asked))
    assert len(costs) == 1
    assert costs.pop() <= 12
    assert Letter.objects.count() == 20 * sending.BATCH

    assert stop(mailing, now=NOW)
    assert Letter.objects.count() == 0
    assert go_on(mailing, who="", now=NOW)
    work_off(operation)

    mailing.refresh_from_db()
    assert (mailing.state, mailing.gets, mailing.left_out) == ("sent", 15_000, 5_000)
    assert Letter.objects.count() == Letter.objects.values("recipient").distinct().count() == 15_000
    came = results(mailing, now=NOW)
    assert {reason.value: count.counted for reason, count in came.left_out.items()} == {"no_consent": 5_000}
    assert came.counts[Outcome.WAITING].counted == 15_000
