"""What the demo's pages say while its past is still being filled in."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from bookwhen import demo
from tests.browsing import page_text, submit_form
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.tickets.public.adding import ADD
from tests.tickets.public.booking import ZOE
from tests.worlds.dashboard import Dashboard

pytestmark = pytest.mark.django_db

TITLE = "This demo is still being filled in."


@pytest.fixture
def _demo(settings: Settings) -> None:
    settings.DEMO = True


@pytest.mark.usefixtures("_demo")
@pytest.mark.parametrize("name", ["overview", "customers", "payments"])
def test_an_operators_pages_say_it_until_it_is_whole(unconnected_dashboard: Dashboard, name: str) -> None:
    assert TITLE not in page_text(unconnected_dashboard.get(name))
    demo.say_that_it_fills()
    assert TITLE in page_text(unconnected_dashboard.get(name))
    demo.say_that_it_is_whole()
    assert TITLE not in page_text(unconnected_dashboard.get(name))


@pytest.mark.usefixtures("_demo")
@pytest.mark.parametrize("name", ["my_bookings", "my_memberships", "outbox"])
def test_pages_of_what_somebody_has_say_it(name: str) -> None:
    client = Client()
    client.force_login(User.objects.create(email="ada@example.org"))
    assert TITLE not in page_text(client.get(reverse(name)))
    demo.say_that_it_fills()
    assert TITLE in page_text(client.get(reverse(name)))


@pytest.mark.usefixtures("_demo")
def test_where_memberships_are_sold_it_is_said() -> None:
    page = SchedulePageFactory.create(slug="river")
    demo.say_that_it_fills()
    assert TITLE in page_text(Client().get(reverse("public:memberships", kwargs={"page": page.slug})))


@pytest.mark.usefixtures("_demo")
def test_a_basket_says_it() -> None:
    page = SchedulePageFactory.create(slug="river")
    entry = EntryFactory.create(page=page)
    ticket, browser = TicketFactory.create(entry=entry), Client()
    submit_form(browser, f"/river/entries/{entry.uuid}/book/?t{ticket.pk}=1", **ZOE, **ADD)
    demo.say_that_it_fills()
    assert TITLE in page_text(browser.get("/river/basket/"))


def test_outside_the_demo_it_is_never_said(unconnected_dashboard: Dashboard) -> None:
    demo.say_that_it_fills()
    assert TITLE not in page_text(unconnected_dashboard.get("overview"))
