"""Logging in and out."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Account, User
from tests.browsing import open_browser
from tests.factories.accounts import UserFactory

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
PASSWORD = "correct horse"
WRONG = "The email address or password is incorrect"


def log_in(client: Client, email: str = "ada@example.org", password: str = PASSWORD, at: str = LOGIN) -> "Answer":
    return client.post(at, {"login": email, "password": password})


@pytest.mark.parametrize("email", ["ada@example.org", "Ada@Example.ORG", " ada@example.org "])
def test_the_address_is_compared_without_case(email: str) -> None:
    UserFactory.create(email="ada@example.org")
    answer = log_in(Client(), email)
    assert (answer.status_code, answer["Location"]) == (302, "/my/")


def test_an_unproved_address_can_log_in() -> None:
    UserFactory.create(email="ada@example.org", proved=False)
    assert log_in(Client()).status_code == 302


def test_the_team_lands_on_its_dashboard(studio: Account, alice: User) -> None:
    assert log_in(Client(), alice.email)["Location"] == "/dashboard/"


def test_next_is_followed_on_this_site_only() -> None:
    UserFactory.create(email="ada@example.org")
    assert log_in(Client(), at=f"{LOGIN}?next=/start/")["Location"] == "/start/"
    assert log_in(Client(), at=f"{LOGIN}?next=https://evil.example/")["Location"] == "/my/"
    assert log_in(Client(), at=f"{LOGIN}?next=//evil.example/")["Location"] == "/my/"


def test_next_is_kept_on_the_way_to_a_login() -> None:
    page = Client().get(f"{LOGIN}?next=/river/entries/3/").content.decode()
    assert '"/accounts/signup/?next=%2Friver%2Fentries%2F3%2F"' in page
    assert '"/accounts/password/reset/?next=%2Friver%2Fentries%2F3%2F"' in page
    for path in ("/accounts/signup/", "/accounts/password/reset/"):
        assert (
            '"/accounts/login/?next=%2Friver%2Fentries%2F3%2F"'
            in Client().get(f"{path}?next=/river/entries/3/").content.decode()
        )


def test_a_stranger_a_wrong_password_and_a_closed_login_read_the_same() -> None:
    UserFactory.create(email="ada@example.org")
    UserFactory.create(email="closed@example.org", is_active=False)
    for email, password in (
        ("ada@example.org", "wrong"),
        ("nobody@example.org", "correct horse"),
        ("closed@example.org", "correct horse"),
    ):
        client = Client()
        answer = log_in(client, email, password)
        assert answer.status_code == 200
        assert answer.content.decode().count(WRONG) == 2
        assert "_auth_user_id" not in client.session


def test_a_login_closed_meanwhile_is_logged_out() -> None:
    user = UserFactory.create()
    client = open_browser(user)
    assert client.get("/my/details/").status_code == 200
    User.objects.update(is_active=False)
    assert client.get("/my/details/").status_code == 302


def test_guessing_is_slowed_down() -> None:
    UserFactory.create(email="ada@example.org")
    for _time in range(5):
        log_in(Client(REMOTE_ADDR="10.0.0.99"), password="wrong")
    refused = log_in(Client(REMOTE_ADDR="10.0.0.99"))
    assert refused.status_code == 200
    assert "Too many attempts" in refused.content.decode()


def test_logging_out_needs_a_post() -> None:
    client = open_browser(UserFactory.create())
    assert client.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("demo", [True, False])
def test_only_the_demo_names_its_logins(settings: Settings, demo: bool) -> None:  # noqa: FBT001
    settings.DEMO = demo
    page = Client().get(LOGIN).content.decode()
    assert ("member@demo.example" in page) is demo
    assert ("/outbox/" in page) is demo


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/",
        "/accounts/email/",
        "/accounts/inactive/",
        "/accounts/reauthenticate/",
        "/accounts/password/set/",
        "/accounts/confirm-email/",
        "/admin/",
    ],
)
def test_nothing_of_the_library_is_reachable_unstyled(path: str) -> None:
    assert open_browser(UserFactory.create()).get(path).status_code == 404
