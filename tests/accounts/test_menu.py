import re

import pytest
from django.test import Client

from accounts.models import Role
from tests.factories.accounts import SchedulePageFactory, StaffFactory

MENU = re.compile(r'<nav class="sidebar".*?</nav>', re.DOTALL)
OWN = re.compile(r'href="(/dashboard/[^"]+/[^"]*)"')
ITEMS = {
    Role.OWNER: [
        "",
        "schedule/",
        "bookings/",
        "customers/",
        "messages/",
        "reports/",
        "payments/",
        "money/",
        "receipts/",
        "groups/",
        "memberships/",
        "discount-codes/",
        "check-access/",
        "settings/team/",
        "settings/",
        "exports/",
        "history/",
    ],
    Role.BOOKINGS_ADMIN: [
        "",
        "schedule/",
        "bookings/",
        "customers/",
        "messages/",
        "reports/",
        "payments/",
        "money/",
        "receipts/",
        "groups/",
        "memberships/",
        "discount-codes/",
        "check-access/",
        "settings/payments/health/",
        "exports/",
        "history/",
    ],
    Role.SCHEDULE_MANAGER: ["", "schedule/", "history/"],
    Role.LEADER: ["", "schedule/", "history/"],
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.django_db
def test_the_menu_leads_nowhere_that_a_role_may_not_go(client: Client, role: Role) -> None:
    staff = StaffFactory.create(role=role)
    SchedulePageFactory.create(account=staff.account)
    client.force_login(staff.user)
    home = f"/dashboard/{staff.account.slug}/"

    menu = MENU.search(client.get(home).content.decode())

    assert menu is not None
    links = OWN.findall(menu[0])
    assert links == [f"{home}{item}" for item in ITEMS[role]]
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)
