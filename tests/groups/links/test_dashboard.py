"""The operator's pages for a group's invitation link and for those who ask to join."""

from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, Customer, Letter, Plan
from groups.links import services
from groups.links.models import InvitationLink, JoinRequest
from groups.models import Group, Standing
from tests.browsing import form_fields, page_text, shown_messages
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW
from tests.groups.links.conftest import DAY, new_link
from tests.worlds.dashboard import Dashboard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


def deeds() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_a_link_is_made_changed_stopped_and_made_anew(group: Group, dashboard: Dashboard) -> None:
    assert "No invitation link" in page_text(dashboard.get("group_link", pk=group.pk))
    key = uuid4()
    for _twice in range(2):
        sent = {"last_day": "2030-01-31", "most": "3", "needs_approval": "on", "key": key}
        answer = dashboard.client.post(dashboard.url("group_link_edit", pk=group.pk), sent, follow=True)
    link = InvitationLink.objects.get()
    zone = ZoneInfo(group.account.time_zone)
    assert (link.ends_at, link.most, link.needs_approval) == (datetime(2030, 2, 1, tzinfo=zone), 3, True)
    said = page_text(answer)
    assert f"/river/join/{link.token}/" in said
    assert "0 of 3" in said

    dashboard.post("group_link_edit", {"last_day": "", "most": "", "key": uuid4()}, pk=group.pk)
    link.refresh_from_db()
    assert (link.ends_at, link.most, link.needs_approval) == (None, None, False)

    dashboard.post("group_link_renew", form_fields(dashboard.get("group_link", pk=group.pk)), pk=group.pk)
    old, new = InvitationLink.objects.order_by("pk")
    assert (old.stopped_at is None, new.stopped_at) == (False, None)
    dashboard.post("group_link_stop", pk=group.pk)
    assert not InvitationLink.objects.filter(stopped_at=None).exists()
    assert deeds() == ["link.made", "link.changed", "link.stopped", "link.made", "link.stopped"]


def test_a_day_that_is_over_or_a_limit_below_who_joined_is_refused(group: Group, dashboard: Dashboard) -> None:
    link = new_link(group)
    for _two in range(2):
        services.join(link, CustomerFactory.create(account=group.account), now=NOW)
    sent = {"last_day": "2030-01-14", "most": "0", "key": uuid4()}
    page = dashboard.post("group_link_edit", sent, pk=group.pk)
    assert page.status_code == 422
    assert "Choose today or a later day" in page_text(page)
    page = dashboard.post("group_link_edit", {"most": "1", "key": uuid4()}, pk=group.pk)
    assert page.status_code == 422
    assert "Enter 2 or more: that’s how many have joined with it already" in page_text(page)


def test_the_code_is_drawn_while_there_is_a_link(group: Group, dashboard: Dashboard) -> None:
    assert dashboard.get("group_link_code", pk=group.pk).status_code == 404
    new_link(group)
    drawn = dashboard.get("group_link_code", pk=group.pk)
    assert (drawn["Content-Type"], drawn["X-Robots-Tag"]) == ("image/svg+xml", "noindex")
    assert b"<svg" in drawn.content


def test_links_need_standard_and_those_from_before_can_be_stopped(group: Group, dashboard: Dashboard) -> None:
    new_link(group)
    group.account.plan = Plan.FREE
    group.account.save(update_fields=["plan"])
    for name in ("group_link_edit", "group_link_renew", "group_link_decide"):
        assert dashboard.post(name, {"key": uuid4()}, pk=group.pk).status_code == 403
    assert "Nobody can join with this link now." in page_text(dashboard.get("group_link", pk=group.pk))
    dashboard.post("group_link_stop", pk=group.pk)
    assert InvitationLink.objects.get().stopped_at is not None


def asking(group: Group, *names: str) -> dict[str, JoinRequest]:
    link = new_link(group, needs_approval=True, most=2)
    people = [CustomerFactory.create(account=group.account, name=each) for each in names]
    return {str(each): services.join(link, each, now=NOW) for each in people}


def states() -> dict[str, str]:
    return dict(JoinRequest.objects.values_list("customer__name", "state"))


def test_who_asks_is_on_the_list_and_in_the_badge_and_one_is_approved(group: Group, dashboard: Dashboard) -> None:
    requests = asking(group, "Ada", "Bea")
    assert "Invitation link 2" in page_text(dashboard.get("group", pk=group.pk))
    assert "People ask to join" in page_text(dashboard.get("groups"))

    sent = {"accept": requests["Ada"].pk}
    for said in (["1 person was approved. We’ve emailed them."], []):
        answer = dashboard.client.post(dashboard.url("group_link_decide", pk=group.pk), sent, follow=True)
        assert shown_messages(answer) == said

    assert states() == {"Ada": "joined", "Bea": "waiting"}
    assert [letter.kind for letter in Letter.objects.all()] == ["join_accepted"]
    assert deeds() == ["join.accepted"]
    assert "Joined with an invitation link" in page_text(dashboard.get("group_customers", pk=group.pk))
    assert "Joined with an invitation link" in page_text(dashboard.get("customer", pk=requests["Ada"].customer_id))


def test_several_are_approved_up_to_the_limit_and_the_rest_wait(group: Group, dashboard: Dashboard) -> None:
    requests = asking(group, "Ada", "Bea", "Cy")
    sent = {"request": [each.pk for each in requests.values()], "accept_all": "1"}
    answer = dashboard.client.post(dashboard.url("group_link_decide", pk=group.pk), sent, follow=True)
    assert shown_messages(answer) == [
        "The link’s limit of 2 is reached. Raise it, then approve the others.",
        "2 people were approved. We’ve emailed them.",
    ]
    assert states() == {"Ada": "joined", "Bea": "joined", "Cy": "waiting"}


def test_several_are_declined(group: Group, dashboard: Dashboard) -> None:
    requests = asking(group, "Ada", "Bea")
    sent = {"request": [each.pk for each in requests.values()], "decline_all": "1"}
    dashboard.post("group_link_decide", sent, pk=group.pk)
    assert (states(), Standing.objects.count()) == ({"Ada": "declined", "Bea": "declined"}, 0)
    said = page_text(dashboard.client.get(dashboard.url("group_link", pk=group.pk), {"show": "declined"}))
    assert "Ada" in said
    assert deeds() == ["join.declined", "join.declined"]


def test_nothing_chosen_decides_nothing(group: Group, dashboard: Dashboard) -> None:
    asking(group, "Ada")
    dashboard.post("group_link_decide", {"accept_all": "1", "request": ["x", "999"]}, pk=group.pk)
    assert states() == {"Ada": "waiting"}


def test_another_groups_requests_are_not_decided_here(group: Group, dashboard: Dashboard) -> None:
    requests = asking(group, "Ada")
    other = Group.objects.create(account=group.account, name="Others")
    dashboard.post("group_link_decide", {"accept": requests["Ada"].pk}, pk=other.pk)
    assert states() == {"Ada": "waiting"}


def test_the_page_takes_as_many_statements_however_many_came(
    group: Group, dashboard: Dashboard, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    link = new_link(group)
    for count in (1, 4):
        people: list[Customer] = CustomerFactory.create_batch(count, account=group.account)
        for each in people:
            services.join(link, each, now=NOW)
        dashboard.get("group_link", pk=group.pk)
        with django_assert_num_queries(12):
            dashboard.get("group_link", pk=group.pk)


def test_a_stranger_finds_nothing(group: Group, dashboard: Dashboard) -> None:
    new_link(group, ends_at=NOW + DAY)
    other = Group.objects.create(account=CustomerFactory.create().account, name="Others")
    for name in ("group_link", "group_link_edit", "group_link_code"):
        assert dashboard.get(name, pk=other.pk).status_code == 404
