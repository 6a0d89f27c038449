"""*Add … to basket* pressed by somebody who is not logged in: it is in their basket once they are."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import Customer, Letter, User
from memberships.models import Membership, Subscription, SubscriptionSource, SubscriptionStatus
from tests.browsing import open_browser, page_text, ticket_texts
from tests.factories.accounts import UserFactory
from tests.factories.schedule import NOW, create_customer_with_login
from tests.tickets.public.test_basket_membership_options import (
    INCLUDED,
    OPEN,
    membership_path,
    price_form,
    read_add_button,
)
from tests.tickets.public.test_membership_options import put_on_sale
from tests.worlds.river import RiverStudio
from tickets.models import Booking

pytestmark = pytest.mark.django_db


@pytest.fixture
def pass_(personal: RiverStudio) -> Membership:
    """Gold pass, on sale."""
    return put_on_sale(personal.group)


@pytest.fixture
def eve(personal: RiverStudio) -> Customer:
    """Somebody with a login who is in no group."""
    return create_customer_with_login(personal.account, name="Eve")


def login_of(customer: Customer) -> User:
    assert customer.user is not None
    return customer.user


def choose_as_guest(client: Client, studio: RiverStudio) -> str:
    """Press the button beneath the ticket: where they go once they have logged in."""
    action, form = read_add_button(client.get(studio.entry_path).content.decode())
    response = client.post(action, form)
    asked = urlsplit(response["Location"])
    assert (asked.path, Booking.objects.count()) == ("/accounts/login/", 0)
    return parse_qs(asked.query)["next"][0]


def test_after_logging_in_it_is_in_the_basket_and_the_ticket_is_open(
    client: Client, personal: RiverStudio, pass_: Membership, eve: Customer
) -> None:
    wanted = choose_as_guest(client, personal)
    back = f"{personal.entry_path}?t{personal.gold.pk}=1"
    assert wanted == f"{membership_path(pass_)}add/?{urlencode({'next': back})}"
    client.force_login(login_of(eve))

    assert client.get(wanted)["Location"] == back

    page = client.get(back)
    assert OPEN in page_text(page)
    assert ticket_texts(page)[0].startswith(INCLUDED)
    assert Booking.objects.get().membership_price == pass_.prices.get()
    assert client.get(wanted)["Location"] == f"{membership_path(pass_)}?{urlencode({'next': back})}"


def test_after_signing_up_too(client: Client, personal: RiverStudio, pass_: Membership) -> None:
    wanted = choose_as_guest(client, personal)
    sign_up = f"/accounts/signup/?{urlencode({'next': wanted})}"
    assert "You’ll then go on to join “Gold pass” at River Studio." in page_text(client.get(sign_up))

    client.post(sign_up, {"email": "nia@example.org"})
    found = re.search(r"https?://[^/]+(/\S+)", Letter.objects.get(recipient="nia@example.org").text)
    assert found is not None
    form = client.get(found[1])["Location"]
    assert client.post(form, {"name": "Nia", "password": "three wet otters"})["Location"] == wanted
    landed = client.get(client.get(wanted)["Location"])

    assert OPEN in page_text(landed)
    assert ticket_texts(landed)[0].startswith(INCLUDED)
    held = Booking.objects.get()
    assert (held.customer.email, held.membership_price) == ("nia@example.org", pass_.prices.get())


@pytest.mark.parametrize("cookie", ["", "nonsense", f"{UUID(int=1).hex}.{UUID(int=2).hex}", "a.b.c", "%00.%00"])
def test_an_address_alone_adds_nothing(pass_: Membership, eve: Customer, cookie: str) -> None:
    """Nor in another browser, in which the email with the link may be read: there it is one press away."""
    client = open_browser(eve)
    client.cookies["joining"] = cookie

    response = client.get(f"{membership_path(pass_)}add/?next=/river/")

    assert (response["Location"], Booking.objects.count()) == (f"{membership_path(pass_)}?next=%2Friver%2F", 0)
    assert 'name="next" value="/river/"' in client.get(response["Location"]).content.decode()
    assert client.post(f"{membership_path(pass_)}add/").status_code == 405


def test_it_leads_to_pages_of_this_site_only(client: Client, pass_: Membership, eve: Customer) -> None:
    away = {"next": "https://evil.example/"}
    wanted = client.post(membership_path(pass_), price_form(pass_, **away))["Location"]
    assert "evil" not in wanted
    client.force_login(login_of(eve))

    assert client.get(f"{membership_path(pass_)}add/?{urlencode(away)}")["Location"] == "/river/basket/"


def test_a_login_whose_address_is_not_proved_sees_what_to_do(client: Client, pass_: Membership) -> None:
    client.post(membership_path(pass_), price_form(pass_))
    client.force_login(UserFactory.create(email="new@example.org", proved=False))

    response = client.get(f"{membership_path(pass_)}add/")

    assert (response["Location"], Booking.objects.count()) == (membership_path(pass_), 0)


def test_who_has_it_already_sees_it(client: Client, personal: RiverStudio, pass_: Membership, eve: Customer) -> None:
    client.post(membership_path(pass_), price_form(pass_))
    Subscription.objects.create(
        account=personal.account,
        customer=eve,
        membership=pass_,
        price=pass_.prices.get(),
        source=SubscriptionSource.CHECKOUT,
        status=SubscriptionStatus.ACTIVE,
        stripe_id="sub_1",
        created_at=NOW,
    )
    client.force_login(login_of(eve))

    response = client.get(f"{membership_path(pass_)}add/")

    assert (response["Location"], Booking.objects.count()) == (membership_path(pass_), 0)


def test_a_guest_who_comes_by_the_address_logs_in_first(client: Client, pass_: Membership) -> None:
    path = f"{membership_path(pass_)}add/"

    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"


def test_what_is_not_on_sale_any_more_is_not_found(pass_: Membership, eve: Customer, client: Client) -> None:
    client.post(membership_path(pass_), price_form(pass_))
    Membership.objects.update(published=False)
    client.force_login(login_of(eve))

    response = client.get(f"{membership_path(pass_)}add/")

    assert (response["Location"], Booking.objects.count()) == (membership_path(pass_), 0)
