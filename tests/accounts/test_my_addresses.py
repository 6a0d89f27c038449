"""*Email addresses* under *My details*: what its owner sees and does, and that nobody else can."""

import re
from typing import Final

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.login_addresses import addresses_of
from accounts.models import Customer, Letter, User
from tests.browsing import open_browser, page_text, shown_messages
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.two_step import PASSWORD

pytestmark = pytest.mark.django_db

PAGE: Final = "/my/details/addresses/"
ADA: Final = "ada@example.org"
NEW: Final = "ada.new@example.org"


@pytest.fixture
def ada() -> User:
    return UserFactory.create(email=ADA)


@pytest.fixture
def client(ada: User) -> Client:
    """A browser in which she has just typed her password again."""
    client = open_browser(ada)
    client.post("/my/confirm/", {"password": PASSWORD})
    return client


def link_to(email: str) -> str:
    text = Letter.objects.filter(recipient=email, kind="address_link").latest("pk").text
    found = re.search(r"/my/details/addresses/confirm/[^/]+/", text)
    assert found is not None
    return found[0]


def add_new(client: Client) -> None:
    client.post(PAGE, {"email": NEW})
    assert client.post(link_to(NEW))["Location"] == PAGE


def action(user: User, email: str, what: str) -> str:
    return f"{PAGE}{EmailAddress.objects.get(user=user, email=email).pk}/{what}/"


def test_she_adds_chooses_and_removes(ada: User, client: Client) -> None:
    CustomerFactory.create(email=ADA, user=ada, account__name="River Studio")
    assert client.post(PAGE, {"email": NEW})["Location"] == PAGE
    assert "We’ve emailed a link to ada.new@example.org. Open it in this browser" in page_text(client.get(PAGE))
    asked = client.get(link_to(NEW))
    assert "Add ada.new@example.org to your login ada@example.org?" in page_text(asked)
    assert asked["Referrer-Policy"] == "strict-origin-when-cross-origin"
    client.post(link_to(NEW))
    assert "ada@example.org Main address" in page_text(client.get(PAGE))
    client.post(action(ada, NEW, "main"))
    assert "ada.new@example.org Main address" in page_text(client.get(PAGE))
    client.post(action(ada, ADA, "remove"))
    assert [each.email for each in addresses_of(User.objects.get(pk=ada.pk))] == [NEW]
    assert Customer.objects.get(user=ada).email == NEW


def test_opening_the_link_alone_adds_nothing(ada: User, client: Client) -> None:
    client.post(PAGE, {"email": NEW})
    client.get(link_to(NEW))
    assert [each.email for each in addresses_of(ada)] == [ADA]


def test_the_password_is_asked_for_again_and_what_was_typed_is_not_lost(ada: User) -> None:
    client = open_browser(ada)
    asked = client.post(PAGE, {"email": NEW})
    assert asked["Location"].startswith("/my/confirm/?next=")
    assert not Letter.objects.exists()
    client.post(asked["Location"], {"password": PASSWORD, "next": PAGE})
    assert Letter.objects.get().recipient == NEW


@pytest.mark.parametrize("what", ["main", "remove"])
def test_choosing_and_removing_ask_for_the_password_too(ada: User, what: str) -> None:
    EmailAddress.objects.create(user=ada, email=NEW, verified=True)
    asked = open_browser(ada).post(action(ada, NEW, what))
    assert asked["Location"].startswith("/my/confirm/")
    assert User.objects.get(pk=ada.pk).email == ADA


def test_an_address_with_a_login_gets_the_same_answer(ada: User, client: Client) -> None:
    UserFactory.create(email="bob@example.org")
    said = []
    for email in (NEW, "bob@example.org"):
        client.post(PAGE, {"email": email})
        said.append(page_text(client.get(PAGE)).replace(email, "…"))
    assert said[0] == said[1]


def test_somebody_elses_link_and_addresses_are_not_there(ada: User, client: Client) -> None:
    add_new(client)
    client.post(PAGE, {"email": "third@example.org"})
    stranger = open_browser(UserFactory.create())
    stranger.post("/my/confirm/", {"password": PASSWORD})
    for send in (stranger.get, stranger.post):
        answer = send(link_to("third@example.org"))
        assert (answer.status_code, "third@" in answer.content.decode()) == (410, False)
    for what in ("main", "remove"):
        assert stranger.post(action(ada, NEW, what)).status_code == 404
    assert Client().get(link_to("third@example.org"))["Location"].startswith("/accounts/login/?next=")
    assert Client().get(PAGE)["Location"].startswith("/accounts/login/?next=")


def test_a_studio_that_knows_it_as_somebody_else_is_named(ada: User, client: Client) -> None:
    mine = CustomerFactory.create(email=ADA, user=ada, account__name="River Studio")
    CustomerFactory.create(account=mine.account, email=NEW)
    client.post(PAGE, {"email": NEW})
    client.get(PAGE)
    answer = client.post(link_to(NEW))
    assert shown_messages(answer) == [
        "River Studio already knows this address as another customer. If that’s you too, ask them to merge the two.",
        "Address added",
    ]
    client.post(action(ada, NEW, "main"))
    answer = client.post(action(ada, ADA, "remove"))
    assert "River Studio can only reach you at this address. Ask them to change it first." in shown_messages(answer)


def test_what_cannot_be_is_said(ada: User, client: Client) -> None:
    assert "You already have this address" in page_text(client.post(PAGE, {"email": ADA}))
    for _number in range(5):
        client.post(PAGE, {"email": NEW})
    assert client.post(PAGE, {"email": NEW}).status_code == 429
    answer = client.post(action(ada, ADA, "remove"))
    assert shown_messages(answer) == ["That’s your main address. Choose another main address first."]


def test_my_details_lead_there(client: Client) -> None:
    add_new(client)
    text = page_text(client.get("/my/details/"))
    assert "ada@example.org Confirmed ada.new@example.org Confirmed Change or add addresses" in text
