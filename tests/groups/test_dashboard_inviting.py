"""How to get in, sent again from a group's customers and from a customer's page."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import AuditEntry, EmailBlock, Letter, Operation, Plan
from accounts.operations.running import run_operation
from groups.models import Group, MemberChange
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, add_member
from tests.worlds.dashboard import Dashboard
from tickets import member_changes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]

EVERYBODY = {"who": "all", "login": "not_yet", "action": "invite"}


def crowd(group: Group, count: int) -> list[str]:
    people = [
        CustomerFactory.create(account=group.account, name=f"N{number}", email=f"n{number}@example.org")
        for number in range(count)
    ]
    for each in people:
        add_member(group, each)
    return [each.email for each in people]


def told() -> list[str]:
    return sorted(Letter.objects.filter(kind="added").values_list("recipient", flat=True))


def send(at: Dashboard, group: Group) -> str:
    for _twice in range(2):
        answer = at.client.post(at.url("members_change", pk=group.pk), EVERYBODY | {"key": KEY}, follow=True)
    return page_text(answer)


KEY = str(uuid4())


def test_everybody_who_has_not_logged_in_is_told_once(group: Group, dashboard: Dashboard) -> None:
    emails = crowd(group, 3)
    EmailBlock.objects.create(account=group.account, email=emails[0], reason="bounced", created_at=NOW)
    add_member(group, CustomerFactory.create(account=group.account, name="Seen", seen_at=NOW))

    said = page_text(dashboard.get("members_change", EVERYBODY, pk=group.pk))

    assert "2 customers who haven’t logged in yet get the email below." in said
    assert "N0: Emails bounce" in said
    assert "Seen" not in said
    assert f"You can now book members’ tickets at {group.account.name}" in said
    assert "Email 2 customers" in said
    said = send(dashboard, group)
    assert "Emailed 2" in said
    assert "Not emailed 1" in said
    assert "Undo" not in said
    assert told() == emails[1:]
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["members.invited"]
    assert "Nobody here can be emailed now." in page_text(dashboard.get("members_change", EVERYBODY, pk=group.pk))


def test_where_everybody_has_logged_in_nobody_is_told(group: Group, dashboard: Dashboard) -> None:
    add_member(group, CustomerFactory.create(account=group.account, seen_at=NOW))
    answer = dashboard.client.get(dashboard.url("members_change", pk=group.pk), EVERYBODY, follow=True)
    assert shown_messages(answer) == ["Everyone in this group has logged in."]


def test_of_many_workers_write_to_each_once(
    group: Group, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_changes, "AT_ONCE", 2)
    monkeypatch.setattr(member_changes, "BATCH", 2)
    emails = crowd(group, 5)

    send(dashboard, group)

    assert told() == []
    for operation in Operation.objects.filter(state="queued"):
        while run_operation(operation.pk):
            pass
    change = MemberChange.objects.get()
    assert (told(), change.listed, change.done, change.changed) == (emails, 5, 5, 5)


def test_a_letter_is_not_undone(group: Group, dashboard: Dashboard) -> None:
    crowd(group, 1)
    send(dashboard, group)
    change = MemberChange.objects.get()
    dashboard.client.post(dashboard.url("member_change_undo", pk=change.pk))
    change.refresh_from_db()
    assert change.undone_at is None


def test_it_is_sent_on_every_plan_and_says_what_waits_for_tomorrow(
    group: Group, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(group, 3)
    group.account.plan = Plan.FREE
    group.account.save(update_fields=["plan"])
    monkeypatch.setattr(
        "tickets.inviting.left_today", lambda _account, *, now, are_many: int(bool(now) and not are_many)
    )
    said = page_text(dashboard.get("members_change", EVERYBODY, pk=group.pk))
    assert "You can send 1 more email like this today. The others are sent from tomorrow." in said


def test_one_is_told_from_their_page(group: Group, dashboard: Dashboard) -> None:
    crowd(group, 1)
    member = group.members.get()
    assert "Hasn’t logged in yet" in page_text(dashboard.get("customer", pk=member.customer_id))
    said = page_text(dashboard.get("customer_invite", pk=member.customer_id))
    assert f"You can now book members’ tickets at {group.account.name}" in said

    url = dashboard.url("customer_invite", pk=member.customer_id)
    answers = [dashboard.client.post(url, follow=True) for _twice in range(2)]

    assert [shown_messages(each) for each in answers] == [["We’re emailing N0 how to get in."], []]
    assert "Emailed within the last day" in page_text(answers[1])
    assert "Invited 15 Jan" in page_text(dashboard.get("customer", pk=member.customer_id))
    assert told() == ["n0@example.org"]
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["customer.invited"]


def test_who_has_logged_in_is_not_told_from_their_page(group: Group, dashboard: Dashboard) -> None:
    ada = CustomerFactory.create(account=group.account, seen_at=NOW - timedelta(days=1))
    said = page_text(dashboard.get("customer", pk=ada.pk))
    assert "Has logged in" in said
    assert "Email how to get in" not in said
    assert "Has logged in" in page_text(dashboard.post("customer_invite", pk=ada.pk))
    assert told() == []


def test_another_studios_customer_is_not_found(dashboard: Dashboard) -> None:
    assert dashboard.get("customer_invite", pk=CustomerFactory.create().pk).status_code == 404
