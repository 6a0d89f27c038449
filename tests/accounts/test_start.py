"""The front page, and opening a studio."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import get_resolver
from pytest_django import Settings
from time_machine import travel

from accounts import slugs
from accounts.models import Account, Role, SchedulePage, User
from accounts.services import MOST_STUDIOS
from tests.browsing import open_browser, page_text
from tests.factories.accounts import AccountFactory, SchedulePageFactory, UserFactory
from tests.factories.payments import ConnectionFactory
from tests.factories.schedule import NOW

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


def studio_form(number: int) -> dict[str, str]:
    return STUDIO | {"name": f"Studio {number}", "address": f"studio-{number}"}


@pytest.mark.usefixtures("_at_noon")
def test_a_login_makes_three_studios_a_day() -> None:
    client = open_browser(UserFactory.create())
    answers = [client.post("/start/", studio_form(number)) for number in range(4)]
    assert [answer.status_code for answer in answers] == [302] * 3 + [422]
    said = "You’ve created several studios today. Wait 24 hours, then create the next one."
    assert (said in page_text(answers[3]), 'value="studio-3"' in answers[3].content.decode()) == (True, True)
    assert Account.objects.count() == 3
    with travel(NOW + timedelta(days=1), tick=False):
        assert client.post("/start/", studio_form(3)).status_code == 302


@pytest.mark.usefixtures("_at_noon")
def test_a_form_sent_again_and_one_that_was_refused_count_for_nothing() -> None:
    AccountFactory.create(slug="taken")
    client = open_browser(UserFactory.create())
    assert {client.post("/start/", STUDIO | {"address": "taken"}).status_code for _time in range(5)} == {422}
    assert {client.post("/start/", STUDIO)["Location"] for _time in range(10)} == {"/dashboard/wood/"}
    assert [client.post("/start/", studio_form(number)).status_code for number in range(2)] == [302] * 2


def test_a_login_makes_ten_studios_until_they_take_payments(settings: Settings) -> None:
    settings.SITE_NAME = "Acme"
    user = UserFactory.create()
    client = open_browser(user)
    for number in range(MOST_STUDIOS):
        # Handing a studio over is no way round.
        AccountFactory.create(opened_by=user, slug=f"made-{number}")
    refused = client.post("/start/", STUDIO)
    assert refused.status_code == 422
    assert (
        "You’ve created 10 studios, which is as many as we allow until they take payments. To create more, connect one"
        " to Stripe, or ask the people who run Acme."
    ) in page_text(refused)
    in_test_mode, live = ConnectionFactory.create(), ConnectionFactory.create(livemode=True)
    Account.objects.filter(slug="made-0").update(connection=in_test_mode)
    assert client.post("/start/", STUDIO).status_code == 422
    Account.objects.filter(slug="made-1").update(connection=live)
    assert client.post("/start/", STUDIO).status_code == 302
    assert Account.objects.get(slug="wood").opened_by == user


def test_nobody_opens_a_studio_whose_address_is_not_proved() -> None:
    refused = open_browser(UserFactory.create(proved=False)).post("/start/", STUDIO)
    assert refused.status_code == 422
    assert "Confirm your email address first. You can ask for the link under My details." in page_text(refused)
    assert Account.objects.count() == 0
