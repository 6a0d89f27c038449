"""Every page of the dashboard, in every role: what *Team* says that a role may do, and nothing else."""

import pytest
from django.urls import URLPattern

from accounts.dashboard.roles import AREAS, Area
from accounts.models import Role
from bookwhen.urls import dashboard
from tests.browsing import open_browser, page_text
from tests.factories.accounts import StaffFactory
from tests.worlds.full_studio import FullStudio

pytestmark = pytest.mark.django_db

ROUTES = {
    str(page.name): f"dashboard/<slug:account>/{page.pattern}" for page in dashboard if isinstance(page, URLPattern)
}
OWNER, SCHEDULE, BOOKINGS, LEADER = Role.OWNER, Role.SCHEDULE_MANAGER, Role.BOOKINGS_ADMIN, Role.LEADER
MAY = {
    "See the schedule and who’s coming, and print or download the list": {OWNER, SCHEDULE, BOOKINGS, LEADER},
    "Mark who came. Leaders can only at entries they lead, or that name no leaders": {
        OWNER,
        SCHEDULE,
        BOOKINGS,
        LEADER,
    },
    "Add, change and cancel entries. Cancelling one refunds everyone booked": {OWNER, SCHEDULE},
    "Add and change leaders, locations, tags and pictures": {OWNER, SCHEDULE},
    "Set up tickets and what they cost": {OWNER, SCHEDULE},
    "Book for customers, and move, cancel and refund their bookings": {OWNER, BOOKINGS},
    "See and download payments, and refund any of them": {OWNER, BOOKINGS},
    "Take money at the studio, give it back, and see who owes what": {OWNER, BOOKINGS},
    "See reports of members, how full entries were, and uses": {OWNER, BOOKINGS},
    "See the income, the ledger, payouts and the VAT of each month": {OWNER},
    "See customers and the emails that haven’t reached them, and manage customer groups": {OWNER, BOOKINGS},
    "Email many customers at once, and see who got it": {OWNER, BOOKINGS},
    "Create offers and discounts, and check customers’ access": {OWNER, BOOKINGS},
    "Create discount codes, and see who has used them": {OWNER, BOOKINGS},
    "Sell memberships, set their prices, and change, pause or cancel customers’ memberships": {OWNER, BOOKINGS},
    "Import customers and bookings from a list, and undo that": {OWNER, BOOKINGS},
    "Export customers, bookings, attendance, memberships and payments as files": {OWNER, BOOKINGS},
    "Export everything, and all that is kept about one customer": {OWNER},
    "Import memberships from Stripe, and see what runs in the background": {OWNER, BOOKINGS},
    "See problems with payments and records, and compare with Stripe again": {OWNER, BOOKINGS},
    "See who on the team did what, as far as the role can see what was done": {OWNER, SCHEDULE, BOOKINGS, LEADER},
    "Connect and disconnect Stripe": {OWNER},
    "Change settings, plan and schedule pages": {OWNER},
    "Set the logo and colours, and change what emails say": {OWNER},
    "Number receipts, and set the business’s details and VAT rates on them": {OWNER},
    "Erase customers, and choose how long data is kept": {OWNER},
    "Manage the team, and ask it for two-step login": {OWNER},
}


def test_every_page_is_in_one_area() -> None:
    assert sorted(page for area in AREAS for page in area.pages) == sorted(ROUTES)


def test_what_each_role_may_do() -> None:
    assert {str(area.words): area.roles for area in AREAS} == MAY


@pytest.mark.parametrize("role", Role)
def test_a_role_reaches_the_pages_of_its_areas_and_no_other(role: Role) -> None:
    studio = FullStudio()
    client = open_browser(StaffFactory.create(account=studio.account, role=role).user)

    found = {
        page: client.get(studio.address(ROUTES[page]), {"seat": studio.seat}).status_code != 404
        for area in AREAS
        for page in area.pages
    }

    assert found == {page: role in area.roles for area in AREAS for page in area.pages}


@pytest.mark.parametrize("area", [area for area in AREAS if set(Role) - area.roles], ids=lambda area: str(area.words))
def test_a_role_that_may_not_changes_nothing_there_either(area: Area) -> None:
    studio = FullStudio()
    for role in set(Role) - area.roles:
        client = open_browser(StaffFactory.create(account=studio.account, role=role).user)
        answers = {page: client.post(studio.address(ROUTES[page])).status_code for page in area.pages}
        assert (role, answers) == (role, dict.fromkeys(area.pages, 404))


def test_the_team_page_shows_the_table() -> None:
    studio = FullStudio()

    text = page_text(open_browser(studio.staff.user).get(f"/dashboard/{studio.account.slug}/settings/team/"))

    assert "What each role can do Task Account owner Schedule manager Bookings admin Leader" in text
    assert "See and download payments, and refund any of them Yes – No Yes – No" in text
    for words in MAY:
        assert words in text
