"""The front page, and opening a studio."""

import pytest
from django.test import Client
from django.urls import get_resolver
from pytest_django import Settings

from accounts import slugs
from accounts.models import Account, Role, SchedulePage, User
from tests.browsing import open_browser
from tests.factories.accounts import AccountFactory, SchedulePageFactory, UserFactory

pytestmark = pytest.mark.django_db

STUDIO = {
    "name": "Wood & Water",
    "address": "wood",
    "time_zone": "Europe/Paris",
    "currency": "EUR",
    "plan": "standard",
}


def test_a_studio_is_opened_with_its_page_and_owner() -> None:
    user = UserFactory.create()
    answer = open_browser(user).post("/start/", STUDIO)
    assert (answer.status_code, answer["Location"]) == (302, "/dashboard/wood/")
    account = Account.objects.get()
    assert (account.name, account.time_zone, account.currency, account.plan) == (
        "Wood & Water",
        "Europe/Paris",
        "EUR",
        "standard",
    )
    assert list(account.pages.values_list("slug", "title")) == [("wood", "Wood & Water")]
    assert list(account.staff.values_list("user", "role")) == [(user.pk, Role.OWNER)]
    assert open_browser(user).get("/dashboard/wood/").status_code == 200


@pytest.mark.parametrize("address", ["wood", ""])
def test_the_same_form_twice_does_once(address: str) -> None:
    client = open_browser(UserFactory.create())
    answers = [client.post("/start/", STUDIO | {"address": address})["Location"] for _twice in range(2)]
    assert answers[0] == answers[1]
    assert (Account.objects.count(), SchedulePage.objects.count()) == (1, 1)


def test_an_address_is_made_from_the_name() -> None:
    AccountFactory.create(slug="wood-water")
    SchedulePageFactory.create(slug="wood-water-2")
    answer = open_browser(UserFactory.create()).post("/start/", STUDIO | {"address": ""})
    assert answer["Location"] == "/dashboard/wood-water-3/"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Wood & Water", "wood-water"),
        ("  Été à Paris ", "ete-a-paris"),
        ("日本", "studio"),
        ("Admin", "admin-2"),
        ("a" * 99, "a" * 56),
    ],
)
def test_suggested_addresses(name: str, address: str) -> None:
    assert slugs.suggest_slug(name) == address


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("taken", "this one is taken"),
        ("taken-page", "this one is taken"),
        ("dashboard", "this one is reserved"),
        ("Wood!", "Use small letters, digits and single hyphens"),
        ("-wood", "Use small letters, digits and single hyphens"),
    ],
)
def test_an_address_that_cannot_be_had(address: str, words: str) -> None:
    AccountFactory.create(slug="taken", name="Wood & Water")
    SchedulePageFactory.create(slug="taken-page")
    answer = open_browser(UserFactory.create()).post("/start/", STUDIO | {"address": address})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert (Account.objects.count(), SchedulePage.objects.count()) == (2, 1)


@pytest.mark.parametrize("bad", [{"time_zone": "Mars/Base"}, {"currency": "XXX"}, {"plan": "gold"}, {"name": " "}])
def test_what_is_not_on_the_list_is_refused(bad: dict[str, str]) -> None:
    assert open_browser(UserFactory.create()).post("/start/", STUDIO | bad).status_code == 422
    assert Account.objects.count() == 0


def test_no_studio_can_take_an_address_of_ours() -> None:
    first_parts = {str(pattern.pattern).split("/")[0] for pattern in get_resolver().url_patterns}
    ours = {part for part in first_parts if part and part.isidentifier()}
    assert ours - slugs.RESERVED == set()


def test_the_front_page_leads_on(studio: Account, alice: User) -> None:
    visitor = Client().get("/").content.decode()
    assert ('href="/start/"' in visitor, 'href="/accounts/login/"' in visitor) == (True, True)
    customer = open_browser(UserFactory.create()).get("/").content.decode()
    assert ('href="/my/"' in customer, "/dashboard/" in customer) == (True, False)
    owner = open_browser(alice).get("/").content.decode()
    assert ('href="/dashboard/river/"' in owner, "/dashboard/hill/" in owner) == (True, False)


@pytest.mark.parametrize("demo", [True, False])
def test_the_front_page_leads_to_the_demo(settings: Settings, demo: bool) -> None:  # noqa: FBT001
    settings.DEMO = demo
    assert ('href="/demo/"' in Client().get("/").content.decode()) is demo
