"""Who may open the pages of groups and offers: nobody else's account, nobody else's role, nobody without a login."""

from urllib.parse import quote

import pytest

from accounts.models import Account, Role
from groups.models import Group, Member, Standing
from offers.models import Offer
from tests.browsing import open_browser
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory, add_member
from tests.worlds.dashboard import Dashboard, open_dashboard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


@pytest.fixture
def studio() -> Account:
    """A studio whose group has a customer, an offer and a ticket: something that could leak."""
    entry = EntryFactory.create()
    group = GroupFactory.create(account=entry.account)
    TicketFactory.create(entry=entry, group=group)
    OfferFactory.create(group=group, page=entry.page)
    add_member(group, CustomerFactory.create(account=entry.account))
    return entry.account


def parts(account: Account) -> dict[str, int]:
    group = Group.objects.get(account=account)
    return {
        "pk": group.pk,
        "member": Member.objects.get(group=group).pk,
        "offer": Offer.objects.get(group=group).pk,
    }


PAGES = {
    "groups": (),
    "groups_archived": (),
    "group_new": (),
    "check_access": (),
    "group": ("pk",),
    "group_edit": ("pk",),
    "group_archive": ("pk",),
    "group_delete": ("pk",),
    "customers_add": ("pk",),
    "customer_remove": ("pk", "member"),
    "customer_start_date": ("pk", "member"),
    "offer_new": ("pk",),
    "offer_edit": ("pk", "offer"),
    "offer_replace": ("pk", "offer"),
    "offer_delete": ("pk", "offer"),
}
OF_A_GROUP = {name: parts for name, parts in PAGES.items() if parts}


def address(dashboard: Dashboard, name: str, account: Account) -> str:
    found = parts(account)
    return dashboard.url(name, **{part: found[part] for part in PAGES[name]})


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.OWNER, 200), (Role.BOOKINGS_ADMIN, 200), (Role.SCHEDULE_MANAGER, 404), (Role.LEADER, 404)],
)
def test_only_who_manages_customers_sees_it(studio: Account, name: str, role: Role, status: int) -> None:
    at = open_dashboard(studio, role)

    assert at.client.get(address(at, name, studio)).status_code == status


@pytest.mark.parametrize("name", PAGES)
def test_for_the_owner_of_another_studio_the_page_does_not_exist(studio: Account, name: str) -> None:
    charlie = open_dashboard(GroupFactory.create().account)
    url = address(Dashboard(studio, charlie.client), name, studio)

    assert charlie.client.get(url).status_code == 404
    assert charlie.client.post(url).status_code == 404


@pytest.mark.parametrize("name", OF_A_GROUP)
def test_another_studios_group_cannot_be_fetched_through_ones_own(studio: Account, name: str) -> None:
    charlie = open_dashboard(GroupFactory.create().account)
    url = address(charlie, name, studio)

    assert charlie.client.get(url).status_code == 404
    assert charlie.client.post(url).status_code == 404
    assert (Offer.objects.get().deleted_at, Standing.objects.get().until) == (None, None)


@pytest.mark.parametrize("name", [name for name, needs in PAGES.items() if len(needs) > 1])
def test_a_member_or_an_offer_is_fetched_through_its_group(studio: Account, name: str) -> None:
    at = open_dashboard(studio)
    other = GroupFactory.create(account=studio)
    found = parts_of_other(studio, other)

    assert at.client.get(at.url(name, **{part: found[part] for part in PAGES[name]})).status_code == 404


def parts_of_other(account: Account, other: Group) -> dict[str, int]:
    group = Group.objects.exclude(pk=other.pk).get(account=account)
    return {
        "pk": other.pk,
        "member": Member.objects.get(group=group).pk,
        "offer": Offer.objects.get(group=group).pk,
    }


@pytest.mark.parametrize("name", PAGES)
def test_who_is_not_logged_in_is_asked_to_and_comes_back(studio: Account, name: str) -> None:
    url = address(Dashboard(studio, open_browser(None)), name, studio)

    response = open_browser(None).get(url)

    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={quote(url)}")


@pytest.mark.parametrize("name", ["group", "customer_remove", "offer_edit"])
def test_a_number_too_large_to_be_an_id_is_not_found(studio: Account, name: str) -> None:
    at = open_dashboard(studio)

    assert at.client.get(at.url(name, **dict.fromkeys(PAGES[name], 10**30))).status_code == 404


def test_restoring_is_by_post_only(studio: Account) -> None:
    at = open_dashboard(studio)

    assert at.client.get(at.url("group_restore", pk=parts(studio)["pk"])).status_code == 405
