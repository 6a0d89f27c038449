"""Messages in the dashboard: written, looked at, tested, sent now or later, stopped, and what came of them."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.mailings.services import stop
from accounts.models import Account, AuditEntry, Customer, EmailBlock, Letter, Mailing, Role
from accounts.operations.running import run_operation
from groups.models import Group
from tests.accounts.letters import send_due
from tests.accounts.mailings.acts import draft, send_all
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, GroupFactory, add_member, load_entry
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.models import Entry, Ticket, WaitlistRequest
from tickets.schedule.entries import cancel_entry

TYPED = {"subject": "We begin later", "text": "Hello {first_name},\n\n{class} on {date} begins at 19:00."}


@pytest.fixture
def at(studio: Account) -> Dashboard:
    return open_dashboard(studio)


@pytest.fixture
def gold(studio: Account) -> Group:
    group = GroupFactory.create(account=studio, name="Gold")
    for name in ("Ada Lovelace", "Bob"):
        add_member(group, CustomerFactory.create(account=studio, name=name, seen_at=NOW))
    return group


def write(at: Dashboard, query: str, **typed: Any) -> Any:
    """Fill in the form of a new message, and press *Preview*."""
    return at.client.post(f"{at.url('message_new')}?{query}", TYPED | {"key": str(uuid4())} | typed, follow=True)


def send(at: Dashboard, **more: Any) -> Any:
    mailing = Mailing.objects.get()
    sent = {"seen": mailing.changed_at.isoformat(), **more}
    return at.client.post(at.url("message_send", pk=mailing.pk), sent, follow=True)


def work_off() -> None:
    mailing = Mailing.objects.get()
    assert mailing.operation_id
    while run_operation(mailing.operation_id):
        pass


def test_a_class_is_told_that_it_begins_later(at: Dashboard, entry: Entry, ticket: Ticket) -> None:
    ada = CustomerFactory.create(account=at.account, name="Ada Lovelace", email="a@x.example")
    book_seat_manually(entry, ticket, customer=ada)
    said = page_text(at.get("entry", pk=entry.pk))
    assert "Message" in said
    form = page_text(at.client.get(f"{at.url('message_new')}?to=entry&entry={entry.pk}"))
    assert "To everyone booked on Vinyasa, Thursday 17 January, 12:00" in form
    assert "{first_name}, {class}, {date}" in form
    assert "What it’s about" not in form

    said = page_text(write(at, f"to=entry&entry={entry.pk}"))
    assert "As Ada Lovelace will read it. Nothing has been sent yet." in said
    assert "Hello Ada, Vinyasa on Thursday 17 January, 12:00 begins at 19:00." in said
    assert "You get this because you’ve booked Vinyasa, Thursday 17 January, 12:00." in said
    assert "Send to 1 customer" in said

    send(at)
    said = page_text(send(at))
    assert "Sending" in said
    work_off()
    send_due()
    [message] = [each for each in mail.outbox if each.to == ["a@x.example"] and each.subject == "We begin later"]
    assert "Hello Ada,\n\nVinyasa on Thursday 17 January, 12:00 begins at 19:00." in str(message.body)
    assert AuditEntry.objects.filter(action="message.sent", object_id=Mailing.objects.get().pk).count() == 1
    said = page_text(at.get("history_of", kind="entry", object=entry.pk))
    assert "sent the message “ We begin later ” to everyone booked on Vinyasa" in said


def test_after_a_class_was_cancelled_those_who_had_booked_are_written_to(
    at: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    book_seat_manually(entry, ticket)
    cancel_entry(load_entry(entry), now=NOW)

    said = page_text(write(at, f"to=entry&entry={entry.pk}", text="Sorry again"))

    assert "Send to 1 customer" in said


def test_those_who_wait_can_be_meant_too(at: Dashboard, entry: Entry, ticket: Ticket) -> None:
    book_seat_manually(entry, ticket)
    bea = CustomerFactory.create(account=at.account, name="Bea")
    WaitlistRequest.objects.create(
        account=at.account, entry=entry, ticket=ticket, customer=bea, names=["Bea"], joined_at=NOW
    )
    query = f"to=entry&entry={entry.pk}"

    assert "Everyone booked or on the waiting list" in page_text(at.client.get(f"{at.url('message_new')}?{query}"))
    said = page_text(write(at, query, who="both"))

    assert "To everyone booked or waiting for Vinyasa" in said
    assert "Send to 2 customers" in said


def test_a_group_chooses_what_it_is_about_and_who(at: Dashboard, gold: Group) -> None:
    query = f"to=group&group={gold.pk}"
    refused = write(at, query, text="We’re closed")
    assert refused.status_code == 422
    assert "We’re closed" in page_text(refused)

    said = page_text(write(at, query, text="We’re closed", kind="service", who="not_booked"))
    assert "To customers in “Gold” without a booking to come · About their booking or membership" in said
    assert "Send to 2 customers" in said

    mailing = Mailing.objects.get()
    said = page_text(
        at.client.post(
            at.url("message_edit", pk=mailing.pk),
            {"subject": "News", "text": "x", "kind": "news", "who": "all", "key": str(uuid4())},
            follow=True,
        )
    )
    assert "Nobody gets it. News only goes to customers who agreed to it." in said
    assert "Hasn’t agreed to news: 2" in said
    assert "Send to" not in said
    assert "Ada Lovelace" in page_text(at.get("message_people", pk=mailing.pk, show="no_consent"))


def test_few_of_many_are_looked_for_part_by_part(at: Dashboard, gold: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a page that judges a whole studio for those few who don't get a message."""
    monkeypatch.setattr("tickets.dashboard.messages.people.LOOKED_AT", 3)
    for number in range(8):
        add_member(gold, CustomerFactory.create(account=at.account, name=f"Known {number}"))
    last = CustomerFactory.create(account=at.account, name="Zoe")
    add_member(gold, last)
    EmailBlock.objects.create(account=at.account, email=last.email, reason="bounced", created_at=NOW)
    write(at, f"to=group&group={gold.pk}", text="We’re closed", kind="service", who="all")
    shown = at.get("message_people", pk=Mailing.objects.get().pk, show="bounced")
    seen = []
    while "Search further" in page_text(shown):
        seen.append(page_text(shown))
        shown = at.client.get(shown.request["PATH_INFO"] + shown.context["page"].next_link)
    assert len(seen) == 3
    assert "Nobody so far Only part of the people have been looked at so far." in seen[0]
    assert "Zoe" in page_text(shown)


def test_selected_members_and_customers_are_written_to(at: Dashboard, gold: Group) -> None:
    member = gold.members.get(customer__name="Bob")
    chosen: dict[str, Any] = {"action": "message", "member": member.pk}
    address = at.client.get(at.url("members_change", pk=gold.pk), chosen)["Location"]
    assert "To selected customers in “Gold”" in page_text(at.client.get(address))

    found = {"to": "customers", "who": "all", "q": "lovelace"}
    assert "To customers who match “lovelace”" in page_text(at.get("message_new", found))
    ticked = {"to": "customers", "customer": [each.pk for each in Customer.objects.all()]}
    assert "To 2 selected customers" in page_text(at.get("message_new", ticked))
    assert "Who is it for?" in page_text(at.get("message_new", {"to": "customers"}))


def test_an_unknown_placeholder_is_refused_and_what_was_typed_stays(at: Dashboard, gold: Group) -> None:
    answer = write(at, f"to=group&group={gold.pk}", kind="service", text="Hello {fist_name}, see {class}")

    assert answer.status_code == 422
    said = page_text(answer)
    assert "We can’t fill in any of {fist_name}, {class}. Use {first_name}, or remove the curly brackets." in said
    assert "Hello {fist_name}, see {class}" in said
    assert not Mailing.objects.exists()


def test_a_test_goes_to_oneself_alone_and_counts_for_nothing(at: Dashboard, gold: Group) -> None:
    mailing = draft(at.account, now=NOW)
    for _twice in range(2):
        answer = at.client.post(at.url("message_test", pk=mailing.pk), follow=True)
    assert "A test is already on its way" in shown_messages(answer)[0]
    letter = Letter.objects.get()
    assert (letter.subject, letter.mailing_id, letter.is_metered) == ("Test: Closed on Monday", None, False)
    assert "Hello Ada," in letter.text


def test_who_has_not_proved_their_address_cannot_have_a_test_sent_there(at: Dashboard, gold: Group) -> None:
    from allauth.account.models import EmailAddress

    EmailAddress.objects.update(verified=False)
    mailing = draft(at.account, now=NOW)
    answer = at.client.post(at.url("message_test", pk=mailing.pk), follow=True)
    assert "Confirm your own email address first" in shown_messages(answer)[0]
    assert not Letter.objects.exists()


def test_a_message_is_scheduled_and_taken_back(at: Dashboard, gold: Group) -> None:
    mailing = draft(at.account, now=NOW)
    said = page_text(send(at, later="1", day="2020-01-01", time="10:00"))
    assert "Choose a time that’s still to come" in said

    said = page_text(send(at, later="1", day=f"{(NOW + timedelta(days=2)).date()}", time="08:00"))
    assert "This message is scheduled." in said
    assert "Send to" not in said
    said = page_text(at.client.post(at.url("message_unschedule", pk=mailing.pk), follow=True))
    assert "Send to 2 customers" in said


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2030-03-31", ["The clocks go forward on that day and skip 01:30, so it’s sent at 02:30."]),
        ("2030-10-27", ["The clocks go back on that day and show 01:30 twice. It’s sent the first time."]),
        ("2030-04-01", []),
    ],
)
def test_a_message_scheduled_while_clocks_change_says_when_it_goes(
    day: str, said: list[str], at: Dashboard, gold: Group
) -> None:
    draft(at.account, now=NOW)
    assert shown_messages(send(at, later="1", day=day, time="01:30")) == said


def test_what_changed_meanwhile_is_not_sent(at: Dashboard, gold: Group) -> None:
    mailing = draft(at.account, now=NOW)
    answer = send(at, seen=(NOW - timedelta(hours=1)).isoformat())
    assert "changed since you opened this page" in shown_messages(answer)[0]
    send(at, seen="nonsense")
    mailing.refresh_from_db()
    assert mailing.state == "draft"


def test_what_came_of_it_is_listed_by_name_and_as_a_file(at: Dashboard, gold: Group) -> None:
    bea = CustomerFactory.create(account=at.account, name="Bea", email="bea@example.org", seen_at=NOW)
    EmailBlock.objects.create(account=at.account, email=bea.email, reason="bounced", created_at=NOW)
    mailing = send_all(at.account)
    send_due()
    Letter.objects.filter(recipient=Customer.objects.get(name="Bob").email).update(bounced_at=NOW, error="No mailbox")

    said = page_text(at.get("message", pk=mailing.pk))
    assert re.search(r"Sent 1 .*Bounced 1", said)
    assert "Emails bounce 1" in said
    assert "Bob" in page_text(at.get("message_people", pk=mailing.pk, show="undelivered"))
    assert "Ada Lovelace" in page_text(at.get("message_people", pk=mailing.pk, show="sent"))
    csv = b"".join(at.get("message_csv", pk=mailing.pk).streaming_content).decode()
    assert '"Bea","bea@example.org","Emails bounce",""' in csv
    assert '"Bounced"' in csv


def test_it_is_stopped_and_gone_on_with(at: Dashboard, gold: Group) -> None:
    mailing = send_all(at.account)
    said = page_text(at.client.post(at.url("message_stop", pk=mailing.pk), follow=True))
    assert "Sending is stopped." in said
    assert "Not written yet 2" in said
    at.client.post(at.url("message_continue", pk=mailing.pk))
    work_off()
    send_due()
    assert Letter.objects.filter(mailing=mailing).exclude(sent_at=None).count() == 2
    assert not stop(mailing, now=NOW)


def test_a_draft_is_deleted_and_a_sent_message_stays(at: Dashboard, gold: Group) -> None:
    sent = send_all(at.account)
    at.client.post(at.url("message_delete", pk=sent.pk))
    mailing = draft(at.account, now=NOW)
    assert "Nobody has been emailed" in page_text(at.get("message_delete", pk=mailing.pk))
    at.client.post(at.url("message_delete", pk=mailing.pk))
    assert list(Mailing.objects.all()) == [sent]


def test_others_find_nothing(at: Dashboard, studio: Account) -> None:
    mailing = draft(at.account, now=NOW)
    stranger = open_dashboard(CustomerFactory.create().account)
    assert stranger.client.get(stranger.url("message", pk=mailing.pk)).status_code == 404
    assert open_dashboard(studio, Role.LEADER).get("messages").status_code == 404
    assert open_dashboard(studio, Role.BOOKINGS_ADMIN).get("messages").status_code == 200


def test_a_page_takes_as_many_statements_for_many_as_for_one(at: Dashboard, gold: Group) -> None:
    def costs(name: str, **kwargs: Any) -> int:
        with CaptureQueriesContext(connection) as asked:
            at.get(name, **kwargs)
        return len(asked)

    unsent, sent = draft(at.account, now=NOW), send_all(at.account)
    before = [costs("message", pk=unsent.pk), costs("message", pk=sent.pk), costs("message_edit", pk=unsent.pk)]
    for number in range(5):
        add_member(gold, CustomerFactory.create(account=at.account, name=f"N{number}", seen_at=NOW))
    after = [costs("message", pk=unsent.pk), costs("message", pk=sent.pk), costs("message_edit", pk=unsent.pk)]
    assert before == after
    assert max(after) < 13
