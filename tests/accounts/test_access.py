"""Who may open which page of the dashboard: every address this app serves, for everybody."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.access import (
    MANAGE_ACCOUNT,
    MANAGE_CUSTOMERS,
    MANAGE_SCHEDULE,
    SEE_ATTENDEES,
    customer_for,
    is_proved,
)
from accounts.dashboard.urls import urlpatterns
from accounts.models import Account, Plan, Role, Staff, User
from tests import dashboard_sentences as says
from tests.browsing import open_browser
from tests.factories.accounts import (
    AccountFactory,
    CustomerFactory,
    SchedulePageFactory,
    StaffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

OWNER, SCHEDULE, BOOKINGS, LEADER = Role.OWNER, Role.SCHEDULE_MANAGER, Role.BOOKINGS_ADMIN, Role.LEADER
ROLES = {
    "overview": {OWNER, SCHEDULE, BOOKINGS, LEADER},
    "history": {OWNER, SCHEDULE, BOOKINGS, LEADER},
    "settings": {OWNER},
    "plan": {OWNER},
    "keeping": {OWNER},
    "branding": {OWNER},
    "letter_texts": {OWNER},
    "letter_text": {OWNER},
    "pages": {OWNER},
    "page_new": {OWNER},
    "page_edit": {OWNER},
    "team": {OWNER},
    "staff_new": {OWNER},
    "staff_edit": {OWNER},
    "staff_remove": {OWNER},
}
"""Who may open each page. A new page without a line here fails the test below."""


def address(studio: Account, name: str) -> str:
    route = next(str(pattern.pattern) for pattern in urlpatterns if pattern.name == name)
    if name == "page_edit":
        pk = SchedulePageFactory.create(account=studio).pk
    else:
        pk = StaffFactory.create(account=studio).pk
    return f"/dashboard/{studio.slug}/" + route.replace("<int:pk>", str(pk)).replace("<slug:kind>", "booked")


def test_every_page_is_here() -> None:
    """But those that mostly act or lead on: test_dashboard_payments.py and tests/test_roles.py ask them."""
    acting = (
        "payments",
        "pauses",
        "operation",
        "team_two_step",
        "email",
        "history_of",
        "customer_data",
        "letter_text_reset",
    )
    assert {pattern.name for pattern in urlpatterns if not str(pattern.name).startswith(acting)} == set(ROLES)


@pytest.mark.parametrize("name", ROLES)
def test_whom_a_page_is_for(studio: Account, name: str) -> None:
    path = address(studio, name)
    for role in Role:
        client = open_browser(StaffFactory.create(account=studio, role=role).user)
        status = client.get(path).status_code
        assert (role, status) == (role, 200 if role in ROLES[name] else 404)
        assert client.get(path.replace("/river/", "/hill/")).status_code == 404


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_for_strangers_it_does_not_exist(studio: Account, charlie: User, name: str, method: str) -> None:
    path = address(studio, name)
    client = open_browser(charlie)
    assert getattr(client, method)(path).status_code == 404
    assert open_browser(UserFactory.create()).get(path).status_code == 404


@pytest.mark.parametrize("name", ROLES)
def test_visitors_are_asked_to_log_in_and_come_back(studio: Account, name: str) -> None:
    path = address(studio, name)
    assert Client().get(path)["Location"] == f"/accounts/login/?next={path}"
    assert Client().post(path)["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("name", ["page_edit", "staff_edit", "staff_remove"])
def test_what_belongs_to_another_account_is_not_found_through_ones_own(alice: User, charlie: User, name: str) -> None:
    hill = Account.objects.get(slug="hill")
    path = address(hill, name)
    assert open_browser(charlie).get(path).status_code == 200
    assert open_browser(alice).get(path.replace("/hill/", "/river/")).status_code == 404
    assert open_browser(alice).post(path.replace("/hill/", "/river/")).status_code == 404


def test_a_user_in_two_teams_has_a_role_in_each(studio: Account, alice: User) -> None:
    other = StaffFactory.create(user=alice, role=Role.LEADER, account__slug="hill").account
    assert open_browser(alice).get(f"/dashboard/{studio.slug}/settings/").status_code == 200
    assert open_browser(alice).get(f"/dashboard/{other.slug}/settings/").status_code == 404


def test_an_account_that_does_not_exist_is_not_found(alice: User) -> None:
    assert open_browser(alice).get("/dashboard/nowhere/").status_code == 404


def test_what_each_role_may_do() -> None:
    assert {OWNER} == MANAGE_ACCOUNT
    assert {OWNER, SCHEDULE} == MANAGE_SCHEDULE
    assert {OWNER, BOOKINGS} == MANAGE_CUSTOMERS
    assert {OWNER, SCHEDULE, BOOKINGS, LEADER} == SEE_ATTENDEES


def test_choosing_an_account(alice: User) -> None:
    assert open_browser(alice).get("/dashboard/")["Location"] == "/dashboard/river/"
    StaffFactory.create(user=alice, account__slug="hill")
    page = open_browser(alice).get("/dashboard/")
    assert page.status_code == 200
    assert 'href="/dashboard/hill/"' in page.content.decode()
    assert open_browser(UserFactory.create()).get("/dashboard/")["Location"] == "/start/"
    assert Client().get("/dashboard/")["Location"] == "/accounts/login/?next=/dashboard/"


def test_the_old_menu_path_leads_to_the_groups(alice: User) -> None:
    assert open_browser(alice).get("/dashboard/river/customers/groups/")["Location"] == "/dashboard/river/groups/"


def test_who_has_proved_their_address() -> None:
    assert is_proved(UserFactory.create()) is True
    assert is_proved(UserFactory.create(proved=False)) is False
    assert is_proved(AnonymousUser()) is False
    moved = UserFactory.create()
    User.objects.filter(pk=moved.pk).update(email="new@example.org")
    moved.refresh_from_db()
    assert is_proved(moved) is False


def test_the_customer_somebody_is(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user, unproved = UserFactory.create(email="ada@example.org"), UserFactory.create(proved=False)
    linked = CustomerFactory.create(user=user, email="old@example.org")
    twin = CustomerFactory.create(account=linked.account, email="ada@example.org")
    unlinked = CustomerFactory.create(email="ada@example.org")
    taken = CustomerFactory.create(user=unproved, email="ada2@example.org")
    waiting = CustomerFactory.create(email=unproved.email)

    with django_assert_num_queries(1):
        assert customer_for(user, linked.account) == linked
    assert twin.account == linked.account
    assert customer_for(user, unlinked.account) == unlinked
    assert customer_for(user, taken.account) is None
    assert customer_for(unproved, waiting.account) is None
    assert customer_for(unproved, taken.account) == taken
    assert customer_for(user, AccountFactory.create()) is None
    assert customer_for(AnonymousUser(), linked.account) is None


@pytest.mark.parametrize(("plan", "gated"), [(Plan.FREE, True), (Plan.STANDARD, False), (Plan.PLUS, False)])
def test_below_standard_the_way_up_is_shown(
    studio: Account,
    alice: User,
    plan: Plan,
    gated: bool,  # noqa: FBT001
) -> None:
    Account.objects.update(plan=plan)
    page = open_browser(alice).get("/dashboard/river/settings/pages/new/")
    assert page.status_code == 200
    assert (says.NEEDS_STANDARD in page.content.decode()) is gated
    assert ('href="/dashboard/river/settings/plan/"' in page.content.decode()) is gated
    sent = open_browser(alice).post(
        "/dashboard/river/settings/team/new/", {"email": "new@example.org", "role": "leader"}
    )
    assert sent.status_code == (403 if gated else 302)
    assert Staff.objects.filter(user__email="new@example.org").exists() is not gated
