"""Shortcuts beside the steps of the help articles."""

import pytest

from accounts.models import Plan
from groups.models import Group
from offers.models import Offer
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import EntryFactory, GroupFactory, TicketFactory
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.models import Coverage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


def test_a_ticket_without_an_offer_leads_to_one_for_just_this_ticket() -> None:
    entry = EntryFactory.create()
    group = GroupFactory.create(account=entry.account, name="Gold")
    ticket = TicketFactory.create(entry=entry, group=group, name="Member place")
    at = open_dashboard(entry.account)
    query = f"?ticket={ticket.pk}"
    assert f'{at.url("offer_new", pk=group.pk)}{query}"' in at.get("entry_tickets", pk=entry.pk).content.decode()

    page = at.client.get(at.url("offer_new", pk=group.pk) + query)
    assert "Customers in this group can book “Member place”." in page_text(page)
    sent = {"key": page.context["tickets"]["key"].value(), "kind": "exclusive", "ticket": ticket.pk}
    for _ in range(2):
        made = at.post("offer_new", sent, pk=group.pk)

    assert made["Location"] == f"{at.url('offer_edit', pk=group.pk, offer=Offer.objects.get().pk)}?first=1"
    covered = Coverage.objects.get()
    assert (covered.page, covered.ticket) == (None, ticket)


@pytest.mark.parametrize("which", ["another group’s", "another studio’s", "not exclusive", "x"])
def test_an_offer_for_a_ticket_that_is_not_the_groups_is_for_the_page(
    which: str, dashboard: Dashboard, group: Group
) -> None:
    entry = EntryFactory.create(page__account=group.account)
    tickets = {
        "another group’s": TicketFactory.create(entry=entry, group=GroupFactory.create(account=group.account)).pk,
        "another studio’s": TicketFactory.create(entry=EntryFactory.create()).pk,
        "not exclusive": TicketFactory.create(entry=entry).pk,
    }
    key = dashboard.get("offer_new", pk=group.pk).context["tickets"]["key"].value()

    dashboard.post("offer_new", {"key": key, "kind": "exclusive", "ticket": tickets.get(which, which)}, pk=group.pk)

    covered = Coverage.objects.get()
    assert (covered.page, covered.ticket) == (entry.page, None)


@pytest.mark.parametrize(("groups", "ticked"), [(1, True), (2, False)])
def test_the_only_group_is_ticked_for_a_new_ticket(groups: int, ticked: bool) -> None:  # noqa: FBT001 - a parameter
    entry = EntryFactory.create()
    for _ in range(groups):
        GroupFactory.create(account=entry.account)
    GroupFactory.create(account=entry.account, archived_at="2030-01-01T00:00Z")

    page = open_dashboard(entry.account).get("ticket_create", pk=entry.pk).content.decode()

    assert page.count('name="groups" value="') == groups
    assert ("checked" in page.partition('name="groups" value="')[2].partition(">")[0]) is ticked


def test_after_the_upgrade_one_is_back_at_the_groups() -> None:
    at = open_dashboard(AccountFactory.create(plan=Plan.FREE))
    assert f'{at.url("plan")}?for=groups"' in at.get("groups").content.decode()

    response = at.client.post(f"{at.url('plan')}?for=groups", {"plan": "standard"})
    still_below = at.client.post(f"{at.url('plan')}?for=groups", {"plan": "free"})

    assert (response["Location"], still_below["Location"]) == (at.url("groups"), at.url("plan"))
    assert shown_messages(at.client.get(response["Location"]))[:1] == ["Plan changed. You can use customer groups now."]


def test_the_two_kinds_of_offer_are_told_apart(dashboard: Dashboard, group: Group) -> None:
    page = page_text(dashboard.get("offer_new", pk=group.pk))

    assert ("Create an exclusive ticket offer" in page, "Create a discount offer" in page) == (True, True)
    assert 'visually-hidden"> an exclusive' not in dashboard.get("offer_new", pk=group.pk).content.decode()
