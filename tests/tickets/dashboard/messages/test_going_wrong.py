"""Messages where something is odd: the form is sent again, it is too late, or what it was for is gone meanwhile."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from time_machine import travel

from accounts.mailings import services
from accounts.models import Account, AuditEntry, Mailing, MailOutage, Operation, User
from accounts.operations.services import retry_operation
from groups.models import Group
from tests.accounts.mailings.acts import draft, send_all
from tests.browsing import form_fields, page_text
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, GroupFactory
from tests.worlds.dashboard import Dashboard, open_dashboard

TYPED = {"subject": "Closed on Monday", "text": "Hello {first_name}", "kind": "service", "who": "all"}


@pytest.fixture
def at(studio: Account) -> Dashboard:
    return open_dashboard(studio)


@pytest.fixture
def gold(studio: Account) -> Group:
    group: Group = GroupFactory.create(account=studio, name="Gold")
    return group


def write(at: Dashboard, group: Group, **typed: Any) -> Any:
    sent = TYPED | {"key": str(uuid4())} | typed
    return at.client.post(f"{at.url('message_new')}?to=group&group={group.pk}", sent, follow=True)


def test_who_goes_back_to_the_form_and_changes_it_finds_the_change(at: Dashboard, gold: Group) -> None:
    key = str(uuid4())
    write(at, gold, key=key)
    write(at, gold, key=key)
    assert AuditEntry.objects.filter(object_id=Mailing.objects.get().pk).count() == 1

    said = page_text(write(at, gold, key=key, subject="Closed on Tuesday"))

    assert "Closed on Tuesday" in said
    assert Mailing.objects.get().subject == "Closed on Tuesday"
    services.send(Mailing.objects.get(), seen=Mailing.objects.get().changed_at, who="", now=NOW)
    assert "Sending" in page_text(write(at, gold, key=key, subject="Closed on Tuesday"))


def test_once_it_is_sent_the_same_form_says_so_and_keeps_what_was_typed(at: Dashboard, gold: Group) -> None:
    key = str(uuid4())
    write(at, gold, key=key)
    services.send(Mailing.objects.get(), seen=Mailing.objects.get().changed_at, who="", now=NOW)

    answer = write(at, gold, key=key, text="Something else")

    said = page_text(answer)
    assert (answer.status_code, "Send this form again." in said, "Something else" in said) == (422, True, True)
    assert key not in answer.content.decode()
    assert Mailing.objects.get().text == "Hello {first_name}"


def test_a_change_that_comes_too_late_keeps_what_was_typed(at: Dashboard, gold: Group) -> None:
    mailing = send_all(at.account)
    answer = at.post("message_edit", TYPED | {"key": str(uuid4()), "text": "A longer story"}, pk=mailing.pk)
    said = page_text(answer)
    assert answer.status_code == 422
    assert ("It’s being sent already" in said, "A longer story" in said) == (True, True)


def test_what_was_typed_to_a_group_that_is_gone_can_be_copied(at: Dashboard, gold: Group) -> None:
    mailing = draft(at.account, audience="group", asked={"group": gold.pk, "who": "all"})
    address = f"{at.url('message_new')}?to=group&group={gold.pk}"
    gold.delete()
    typed = TYPED | {"key": str(uuid4()), "text": "A longer story"}

    for answer in (at.client.post(address, typed), at.post("message_edit", typed, pk=mailing.pk)):
        said = page_text(answer)
        assert "What this message was for isn’t there any more." in said
        assert ("What you wrote hasn’t been saved." in said, "A longer story" in said) == (True, True)
    assert "hasn’t been saved" not in page_text(at.get("message_new"))


@pytest.mark.parametrize("text", ["Hello {first_name", "Hello {{first_name}}"])
def test_a_placeholder_that_is_not_whole_is_refused(at: Dashboard, gold: Group, text: str) -> None:
    answer = write(at, gold, text=text)
    said = page_text(answer)
    assert answer.status_code == 422
    assert ("Put both curly brackets around each of these" in said, text in said) == (True, True)


def test_a_time_that_is_chosen_once_it_is_sent_changes_nothing(at: Dashboard, gold: Group) -> None:
    mailing = send_all(at.account)
    answer = at.post("message_send", {"later": "1", "day": "x"}, pk=mailing.pk)
    assert (answer.status_code, answer["Location"]) == (302, at.url("message", pk=mailing.pk))


def test_what_is_scheduled_is_not_sent_before_by_trying_again(at: Dashboard, gold: Group) -> None:
    mailing, later = draft(at.account), NOW + timedelta(days=2)
    services.send(mailing, seen=mailing.changed_at, who="", now=NOW, at=later)
    operation = Operation.objects.get()

    at.post("operation_retry", pk=operation.pk)

    operation.refresh_from_db()
    assert operation.due_at == later
    Operation.objects.update(attempts=1, error="x")
    assert retry_operation(operation, now=NOW)


def test_a_scheduled_message_that_could_not_begin_says_so(at: Dashboard, gold: Group) -> None:
    mailing = draft(at.account)
    services.send(mailing, seen=mailing.changed_at, who="", now=NOW, at=NOW + timedelta(days=2))
    Operation.objects.update(state="failed", ended_at=NOW, error="Something went wrong on our side.")

    said = page_text(at.get("message", pk=mailing.pk))

    assert ("Sending stopped because of an error." in said, "Try again now" in said) == (True, True)


def test_while_the_mail_server_takes_nothing_it_says_so(at: Dashboard, gold: Group) -> None:
    CustomerFactory.create(account=at.account, seen_at=NOW)
    mailing = send_all(at.account)
    assert "mail server" not in page_text(at.get("message", pk=mailing.pk))
    MailOutage.objects.create(since=NOW, error="Connection refused", retry_at=NOW)

    said = page_text(at.get("message", pk=mailing.pk))

    assert "Our mail server isn’t accepting emails at the moment. We keep trying" in said


def test_a_subject_keeps_an_address_and_a_name_in_it_makes_none(at: Dashboard, gold: Group) -> None:
    from accounts.email_writing import render_letter
    from accounts.mailings.letters import write_mailing

    facts = {"subject": "{first_name}: river.example", "body": "x", "why": "", "care_of": ""}
    words = write_mailing(facts | {"words": {"first_name": "evil.example"}})
    assert render_letter(words.template, words.context, language="en-gb").subject == "evil. example: river.example"


def test_of_two_who_change_one_draft_the_second_is_told_and_keeps_what_they_typed(at: Dashboard, gold: Group) -> None:
    mailing = draft(at.account, audience="group", asked={"group": gold.pk, "who": "all"})
    olga = open_dashboard(at.account)
    User.objects.filter(staff__account=at.account).exclude(email=at.account.staff.earliest("pk").user.email).update(
        name="Olga"
    )
    mine, hers = (form_fields(each.get("message_edit", pk=mailing.pk)) for each in (at, olga))
    with travel(NOW + timedelta(minutes=1), tick=False):
        assert olga.post("message_edit", hers | {"text": "Hers"}, pk=mailing.pk).status_code == 302

    answer = at.post("message_edit", mine | {"text": "Mine"}, pk=mailing.pk)

    said = page_text(answer)
    assert answer.status_code == 422
    assert "Olga changed this message after you opened this page. See what it says now." in said
    assert ("Mine" in said, Mailing.objects.get().text) == (True, "Hers")
    again = TYPED | form_fields(answer) | {"text": "Mine"}
    assert at.post("message_edit", again, pk=mailing.pk).status_code == 302
    assert Mailing.objects.get().text == "Mine"


def test_the_same_change_sent_twice_is_one(at: Dashboard, gold: Group) -> None:
    mailing = draft(at.account, audience="group", asked={"group": gold.pk, "who": "all"})
    typed = form_fields(at.get("message_edit", pk=mailing.pk)) | {"text": "Mine"}
    with travel(NOW + timedelta(minutes=1), tick=False):
        answers = [at.post("message_edit", typed, pk=mailing.pk) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    said = page_text(at.post("message_edit", typed | {"text": "Mine again"}, pk=mailing.pk))
    assert "You changed this message in another window after you opened this page." in said


def test_who_goes_back_to_the_first_form_does_not_undo_what_a_colleague_changed(at: Dashboard, gold: Group) -> None:
    key = str(uuid4())
    write(at, gold, key=key)
    mailing, olga = Mailing.objects.get(), open_dashboard(at.account)
    olga.post("message_edit", form_fields(olga.get("message_edit", pk=mailing.pk)) | {"text": "Hers"}, pk=mailing.pk)

    said = page_text(write(at, gold, key=key, text="Mine"))

    assert ("Send this form again." in said, "Mine" in said) == (True, True)
    assert Mailing.objects.get().text == "Hers"
