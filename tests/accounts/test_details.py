"""My details: name, address, password."""

import pytest
from django.test import Client

from accounts.models import Letter
from tests.browsing import open_browser
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/my/details/", "/my/details/password/", "/my/details/confirm/"])
def test_it_asks_for_a_login_and_comes_back(path: str) -> None:
    assert Client().get(path)["Location"] == f"/accounts/login/?next={path}"


def test_a_new_studio_begins_with_signing_up() -> None:
    assert Client().get("/start/")["Location"] == "/accounts/signup/?next=%2Fstart%2F"


def test_the_name_is_saved() -> None:
    user = UserFactory.create(name="Ada")
    answer = open_browser(user).post("/my/details/", {"name": "Ada L", "email": "evil@example.org"})
    assert answer.status_code == 302
    before = user.email
    user.refresh_from_db()
    assert (user.name, user.email) == ("Ada L", before)


def test_a_proved_address_is_confirmed_and_gets_no_letter() -> None:
    client = open_browser(UserFactory.create())
    page = client.get("/my/details/").content.decode()
    assert ("Confirmed" in page, "Not confirmed" in page) == (True, False)
    assert client.post("/my/details/confirm/")["Location"] == "/my/details/"
    assert Letter.objects.count() == 0


def test_an_unproved_address_can_be_confirmed() -> None:
    user = UserFactory.create(email="ada@example.org", proved=False)
    client = open_browser(user)
    assert "Not confirmed" in client.get("/my/details/").content.decode()
    assert client.post("/my/details/confirm/")["Location"] == "/accounts/sent/"
    assert Letter.objects.get().recipient == "ada@example.org"


def test_a_password_is_changed_by_whoever_knows_it() -> None:
    user = UserFactory.create()
    client, elsewhere = open_browser(user), open_browser(user)
    wrong = client.post("/my/details/password/", {"current": "wrong", "password": "three wet otters"})
    assert wrong.status_code == 422
    weak = client.post("/my/details/password/", {"current": "correct horse", "password": "12345"})
    assert weak.status_code == 422
    done = client.post("/my/details/password/", {"current": "correct horse", "password": "three wet otters"})
    assert done.status_code == 302
    user.refresh_from_db()
    assert user.check_password("three wet otters")
    assert client.get("/my/details/").status_code == 200
    assert elsewhere.get("/my/details/").status_code == 302


def test_a_password_cannot_be_guessed_here_either() -> None:
    client = open_browser(UserFactory.create())
    tries = [
        client.post("/my/details/password/", {"current": "wrong", "password": "three wet otters"}).status_code
        for _number in range(6)
    ]
    assert tries == [422] * 5 + [429]
