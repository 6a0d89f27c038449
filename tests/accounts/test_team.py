"""The team: who is on it, in which role, and that an owner stays."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from accounts.access import is_proved
from accounts.models import Account, Letter, Plan, Role, Staff, User
from accounts.services import LastOwnerError, PlanLimitError, add_staff, change_role, remove_staff
from tests.browsing import open_browser
from tests.factories.accounts import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

TEAM = "/dashboard/river/settings/team/"
NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)


def path_in(letter: Letter) -> str:
    found = re.search(r"https?://[^/]+(/\S+)", letter.text)
    assert found is not None
    return found[1]


def test_somebody_without_a_login_is_added_and_gets_the_link_to_make_one(studio: Account, alice: User) -> None:
    answer = open_browser(alice).post(f"{TEAM}new/", {"email": "New@Example.org", "role": "bookings_admin"})
    assert (answer.status_code, answer["Location"]) == (302, TEAM)
    staff = Staff.objects.get(user__email="new@example.org")
    assert (staff.account, staff.role, is_proved(staff.user)) == (studio, Role.BOOKINGS_ADMIN, False)

    letter = Letter.objects.get()
    assert (letter.account, letter.recipient) == (studio, "new@example.org")
    new = Client()
    form = new.get(path_in(letter))["Location"]
    done = new.post(form, {"name": "Nora", "password": "three wet otters"})
    assert done["Location"] == "/dashboard/river/"
    assert new.get("/dashboard/river/customers/").status_code == 200
    assert is_proved(staff.user)


def test_an_invitation_lives_a_week(studio: Account) -> None:
    add_staff(studio, email="new@example.org", role=Role.LEADER, now=NOW)
    path = path_in(Letter.objects.get())
    with travel(NOW + timedelta(days=7, seconds=-1), tick=False):
        assert Client().get(path).status_code == 302
    with travel(NOW + timedelta(days=7), tick=False):
        assert Client().get(path).status_code == 410


def test_adding_an_address_looks_the_same_with_and_without_a_login(alice: User) -> None:
    UserFactory.create(email="known@example.org", name="Kay Known")
    client = open_browser(alice)
    pages = []
    for email in ("known@example.org", "fresh@example.org"):
        shown = client.post(f"{TEAM}new/", {"email": email, "role": "leader"}, follow=True).content.decode()
        Staff.objects.filter(user__email=email).delete()
        pages.append(re.sub(r'value="[^"]{64}"|staff-\d+|team/\d+|who=\d+', "", shown.replace(email, "x")))
    assert pages[0] == pages[1]
    assert "Kay" not in pages[0]
    assert Letter.objects.count() == 2


def test_whoever_has_a_login_is_sent_to_it(studio: Account) -> None:
    UserFactory.create(email="known@example.org")
    add_staff(studio, email="Known@example.org", role=Role.LEADER, now=NOW)
    assert path_in(Letter.objects.get()) == "/accounts/login/?next=%2Fdashboard%2Friver%2F"


def test_nobody_is_added_twice(bob: User, alice: User) -> None:
    answer = open_browser(alice).post(f"{TEAM}new/", {"email": "BOB@example.org", "role": "owner"})
    assert answer.status_code == 422
    assert "is already on the team" in answer.content.decode()
    assert Staff.objects.get(user=bob).role == Role.LEADER
    assert Letter.objects.count() == 0


def test_a_role_is_changed(bob: User, alice: User) -> None:
    staff = Staff.objects.get(user=bob)
    assert open_browser(alice).post(f"{TEAM}{staff.pk}/", {"role": "schedule_manager"})["Location"] == TEAM
    staff.refresh_from_db()
    assert staff.role == Role.SCHEDULE_MANAGER
    assert open_browser(alice).post(f"{TEAM}{staff.pk}/", {"role": "king"}).status_code == 422


def test_somebody_is_removed_and_keeps_their_login(bob: User, alice: User) -> None:
    staff = Staff.objects.get(user=bob)
    path = f"{TEAM}{staff.pk}/remove/"
    assert open_browser(alice).get(path).status_code == 200
    assert Staff.objects.filter(user=bob).exists()
    assert open_browser(alice).post(path)["Location"] == TEAM
    assert not Staff.objects.filter(user=bob).exists()
    assert User.objects.filter(pk=bob.pk).exists()
    assert open_browser(bob).get("/dashboard/river/").status_code == 404


def test_the_last_owner_stays(studio: Account, alice: User, bob: User) -> None:
    mine = Staff.objects.get(user=alice)
    client = open_browser(alice)
    refused = client.post(f"{TEAM}{mine.pk}/", {"role": "leader"})
    assert refused.status_code == 422
    assert "An account needs at least one" in refused.content.decode()
    client.post(f"{TEAM}{mine.pk}/remove/")
    mine.refresh_from_db()
    assert mine.role == Role.OWNER
    with pytest.raises(LastOwnerError):
        change_role(mine, Role.LEADER)
    with pytest.raises(LastOwnerError):
        remove_staff(mine)
    change_role(mine, Role.OWNER)


def test_one_of_two_owners_can_go(studio: Account, alice: User) -> None:
    StaffFactory.create(account=studio)
    mine = Staff.objects.get(user=alice)
    assert open_browser(alice).post(f"{TEAM}{mine.pk}/remove/")["Location"] == "/dashboard/"
    assert not Staff.objects.filter(user=alice).exists()


def test_on_free_there_is_one_team_member(studio: Account, alice: User, bob: User) -> None:
    Account.objects.update(plan=Plan.FREE)
    assert open_browser(alice).post(f"{TEAM}new/", {"email": "new@example.org", "role": "leader"}).status_code == 403
    with pytest.raises(PlanLimitError):
        add_staff(studio, email="new@example.org", role=Role.LEADER, now=NOW)
    assert (Staff.objects.count(), User.objects.count(), Letter.objects.count()) == (2, 2, 0)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_however_long(
    studio: Account, alice: User, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _number in range(rows - 1):
        StaffFactory.create(account=studio)
    client = open_browser(alice)
    client.get(TEAM)
    with django_assert_num_queries(4):
        page = client.get(TEAM)
    listed, _rest, _roles = page.content.decode().partition('id="roles"')
    assert listed.count('<th scope="row">') == rows
