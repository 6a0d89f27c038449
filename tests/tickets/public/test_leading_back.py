"""A refused form, or the address of a button, leads back to where somebody was, and keeps what they chose."""

import re
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from memberships.catalogue import PriceTerms, add_price
from tests.browsing import form_fields, open_browser, page_text
from tests.tickets.public.booking import ZOE
from tests.worlds.full_studio import FullStudio
from tests.worlds.river import RiverStudio
from tests.worlds.till import Till
from tickets.models import Booking

pytestmark = pytest.mark.django_db

HOST = "http://testserver"


def post_without_cookies(path: str, came_from: str = "", **typed: str) -> tuple[int, str]:
    """Send a form as a browser does that keeps no cookies: the status and the page."""
    headers = {"referer": came_from} if came_from else {}
    answer = Client(enforce_csrf_checks=True).post(path, typed, headers=headers)
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    return answer.status_code, answer.content.decode()


def links(html: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'<a class="button" href="([^"]*)"', html)]


# The page of a form without its cookie


def test_a_booking_without_cookies_leads_back_with_the_choice_and_what_was_typed(studio: RiverStudio) -> None:
    path, ticket = studio.review_path(drop_in=2), f"t{studio.drop_in.pk}"
    typed = {**ZOE, f"{ticket}-2-who": "guest", f"{ticket}-2-name": "Jo “J” <Ray>", "key": str(uuid4())}
    secrets = {"password": "hush", "again": "1", "terms_version": "x", "card": "4242"}

    status, html = post_without_cookies(path, f"{HOST}{path}", **typed, **secrets)

    assert (status, Booking.objects.count()) == (403, 0)
    assert "allow cookies for this site" in html
    assert f'action="{path}"' in html
    assert links(html) == [f"{studio.entry_path}?{ticket}=2"]
    assert [word for word in ("hush", "4242", "terms_version", 'name="again"') if word in html] == []

    # With cookies, its button shows the review step as it was filled in, and books nothing by itself.
    client = Client(enforce_csrf_checks=True)
    shown = client.post(path, {**typed}, headers={"referer": f"{HOST}{path}"})
    again = client.post(path, {**form_fields(shown), "check": "1"})

    assert (again.status_code, Booking.objects.count()) == (200, 0)
    fields = form_fields(again)
    assert (fields["booker-name"], fields[f"{ticket}-2-name"]) == ("Zoë O’Neill", "Jo “J” <Ray>")
    assert client.post(path, fields).status_code == 302
    assert Booking.objects.get().seats.count() == 2


@pytest.mark.parametrize(
    ("path", "came_from", "back"),
    [
        ("/accounts/login/?next=/river/", f"{HOST}/accounts/login/?next=/river/", "/accounts/login/?next=/river/"),
        ("/accounts/login/?next=/river/", "", "/accounts/login/?next=/river/"),
        ("/river/basket/pay/", f"{HOST}/river/basket/", "/river/basket/"),
        ("/river/basket/pay/", "https://evil.example/river/basket/", "/river/basket/pay/"),
        ("/river/basket/pay/", f"{HOST}//evil.example/", "/river/basket/pay/"),
        ("/river/basket/pay/", "http://[bad", "/river/basket/pay/"),
        ("/accounts/login/", f"{HOST}/nowhere/at/all/", "/accounts/login/"),
    ],
)
def test_any_other_form_leads_back_to_its_page_and_never_to_another_site(
    studio: RiverStudio, path: str, came_from: str, back: str
) -> None:
    status, html = post_without_cookies(path, came_from, login="ada@example.org", password="hush")

    assert (status, links(html)) == (403, [back])
    assert ("hush" in html, "ada@example.org" in html) == (False, False)


def test_the_price_of_a_membership_is_kept(river_till: Till) -> None:
    membership = river_till.seller.membership
    dearer = add_price(membership, PriceTerms(title="Yearly", amount=40000), now=timezone.now())
    price = str(dearer.uuid)
    path = reverse("public:membership", kwargs={"page": river_till.page.slug, "pk": membership.pk})

    _status, html = post_without_cookies(path, price=price, next="/river/")

    assert links(html) == [f"{path}?price={price}&next=%2Friver%2F"]
    client = open_browser(river_till.customer_with_login())
    assert form_fields(client.get(links(html)[0]))["price"] == price
    assert form_fields(client.get(f"{path}?price=nonsense"))["price"] == str(river_till.seller.price.uuid)


# The address of a button


def test_the_address_of_a_button_leads_to_its_page(studio: RiverStudio) -> None:
    answer = Client().get("/river/basket/pay/")

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert page_text(answer).startswith("There’s no page here This address belongs to a button.")
    assert links(answer.content.decode()) == ["/river/basket/"]


def test_the_one_of_an_operator_too() -> None:
    studio = FullStudio()
    client = Client()
    client.force_login(studio.staff.user)
    payments = f"/dashboard/{studio.account.slug}/settings/payments/"

    answer = client.get(f"{payments}test/")

    assert (answer.status_code, links(answer.content.decode())) == (405, [payments])


def test_stripe_is_answered_as_it_was() -> None:
    assert Client().get(f"/stripe/webhooks/{uuid4()}/").content == b""


def test_too_many_attempts_lead_back_to_the_form() -> None:
    for _ in range(30):
        answer = Client().post("/accounts/password/reset/?next=/river/", {"email": "ada@example.org"})
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    assert form_fields(answer)["email"] == "ada@example.org"
