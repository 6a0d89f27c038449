"""A visitor with a basket."""

import re
from typing import TYPE_CHECKING

from django.test import Client

from tests.worlds.till import Till
from tickets.models import Booking

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


def open_browser_with_basket(basket: Booking, client: Client | None = None) -> Client:
    """A browser that carries a basket which was filled without a login."""
    client = client or Client()
    client.cookies[f"basket-{basket.account_id}"] = str(basket.uuid)
    return client


def basket_cookie_of(client: Client, basket: Booking) -> str:
    """The uuid of the basket that a browser carries at the account of this one; empty: none."""
    cookie = client.cookies.get(f"basket-{basket.account_id}")
    return cookie.value if cookie and cookie["max-age"] != 0 else ""


def basket_path(till: Till, rest: str = "") -> str:
    return f"/{till.page.slug}/basket/{rest}"


def button_labels(response: "Answer") -> list[str]:
    """What the buttons and links of the page that lead on say."""
    main = response.content.decode().partition("<main")[2]
    found = re.findall(r'<(?:a|button) class="button".*?</(?:a|button)>', main, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in found]


def shown_basket_version(response: "Answer") -> str:
    """What the form that buys says was seen."""
    found = re.search(r'name="basket_version" value="([^"]*)"', response.content.decode())
    return found[1] if found else ""
