"""The plan switch, and what it leaves alone."""

import pytest

from accounts.models import Account, Plan, SchedulePage, Staff, User
from groups.models import Group
from tests.browsing import open_browser
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import GroupFactory

pytestmark = pytest.mark.django_db

PLAN = "/dashboard/river/settings/plan/"


def test_the_plan_switches_up_and_down(studio: Account, alice: User) -> None:
    for plan in (Plan.FREE, Plan.PLUS, Plan.STANDARD):
        answer = open_browser(alice).post(PLAN, {"plan": plan})
        assert (answer.status_code, answer["Location"]) == (302, PLAN)
        studio.refresh_from_db()
        assert studio.plan == plan


@pytest.mark.parametrize("plan", ["gold", ""])
def test_a_plan_that_does_not_exist_changes_nothing(studio: Account, alice: User, plan: str) -> None:
    assert open_browser(alice).post(PLAN, {"plan": plan}).status_code == 422
    studio.refresh_from_db()
    assert studio.plan == Plan.STANDARD


def test_going_down_deletes_nothing_and_says_what_rests(studio: Account, alice: User, bob: User) -> None:
    GroupFactory.create(account=studio)
    SchedulePageFactory.create(account=studio)
    before = (Group.objects.count(), SchedulePage.objects.count(), Staff.objects.count())
    client = open_browser(alice)
    client.post(PLAN, {"plan": Plan.FREE})

    assert (Group.objects.count(), SchedulePage.objects.count(), Staff.objects.count()) == before == (1, 2, 2)
    assert "Your customer groups are read-only." in client.get(PLAN).content.decode()
    assert open_browser(bob).get("/dashboard/river/").status_code == 200


def test_every_plan_is_shown_and_ones_own_is_named(alice: User) -> None:
    page = open_browser(alice).get(PLAN).content.decode()
    assert ("Change to Free" in page, "Change to Standard" in page, "Change to Plus" in page) == (True, False, True)
    assert page.count("Your plan") == 1
