"""Somebody new finds their way from a membership to a login and back to it."""

import re

import pytest
from django.test import Client

from accounts.models import Letter
from tests.browsing import open_unverified_browser, page_text
from tests.worlds.gold_shop import GoldShop


def newest_link() -> str:
    """The link of the newest letter, as a path."""
    text = Letter.objects.latest("pk").text
    found = re.search(r"http://testserver(/accounts/password/reset/\S+)", text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("first", ["signup", "password/reset"])
def test_by_making_a_login_or_a_forgotten_password(client: Client, shop: GoldShop, first: str) -> None:
    login = client.get(f"/accounts/login/?next={shop.gold}").content.decode()
    assert f'href="/accounts/{first}/?next={shop.gold.replace("/", "%2F")}"' in login

    sent = client.post(f"/accounts/{first}/?next={shop.gold}", {"email": "zoe@example.org"}, follow=True)
    again = f'href="/accounts/password/reset/?next={shop.gold.replace("/", "%2F")}"'
    assert again in sent.content.decode()
    choose = client.get(newest_link(), follow=True).redirect_chain[-1][0]
    back = client.post(choose, {"name": "Zoë", "password": "three long words"}, follow=True)

    assert back.redirect_chain[-1][0] == shop.gold
    assert "Continue to payment Add to basket Joining as zoe@example.org" in page_text(back)
    assert client.post(shop.gold, shop.price_form).status_code == 303


def test_by_confirming_the_address(shop: GoldShop) -> None:
    client = open_unverified_browser()
    action = f"/my/details/confirm/?next={shop.gold.replace('/', '%2F')}"
    assert f'action="{action}"' in client.get(shop.gold).content.decode()

    client.post(action)
    choose = client.get(newest_link(), follow=True).redirect_chain[-1][0]
    back = client.post(choose, {"name": "New", "password": "three long words"}, follow=True)

    assert back.redirect_chain[-1][0] == shop.gold
    assert "Continue to payment Add to basket Joining as new@example.org" in page_text(back)


def test_nowhere_else(client: Client, shop: GoldShop) -> None:
    sent = client.post(
        "/accounts/signup/?next=https://elsewhere.test/", {"email": shop.create_ada().email}, follow=True
    ).content.decode()

    assert "elsewhere" not in sent
