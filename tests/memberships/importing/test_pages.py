"""The pages of *Import from Stripe*, without a browser."""

import pytest
from django.test import Client

from accounts.models import ListImport, Plan
from bookwhen.sandbox.stripe import Sandbox
from memberships.models import Membership, Subscription
from tests.browsing import open_browser, page_text
from tests.factories.accounts import StaffFactory
from tests.worlds.elsewhere import Elsewhere, open_elsewhere

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(stripe_here: Sandbox) -> Elsewhere:
    return open_elsewhere(stripe_here)


@pytest.fixture
def owner(studio: Elsewhere) -> Client:
    return open_browser(StaffFactory.create(account=studio.account).user)


def address(list_import: ListImport, part: str = "") -> str:
    return f"/dashboard/{list_import.account.slug}/memberships/import/{list_import.operation_id}/{part}"


def test_prices_of_one_product_become_different_memberships(studio: Elsewhere, owner: Client) -> None:
    basic, unlimited = studio.price("Club", 2000, nickname="Basic"), studio.price("Club", 6000, nickname="Unlimited")
    studio.member("ada@example.org", basic)
    studio.member("bea@example.org", unlimited)
    read = studio.read()
    page = page_text(owner.get(address(read)))
    assert "2 subscribers · £80.00 a month" in page
    assert "Basic: £20.00 every month" in page

    form = {"product_0": "new", "price_0_0": "", "price_0_1": ""}
    prices = [line["price"] for line in read.found["prices"]]
    form[f"price_0_{prices.index(unlimited)}"] = "new"
    owner.post(address(read, "products/"), form)
    judged = studio.run(read)
    assert "Club – Unlimited" in page_text(owner.get(address(judged)))
    owner.post(address(judged, "confirm/"))
    studio.run(judged)

    titles = Subscription.objects.order_by("customer__email").values_list("membership__title", flat=True)
    assert list(titles) == ["Club", "Club – Unlimited"]


def test_all_of_one_reason_are_chosen_at_once(studio: Elsewhere, owner: Client) -> None:
    price = studio.price()
    for number in range(3):
        studio.member(f"m{number}@example.org", price, quantity=2)
    judged = studio.judge(studio.read(), Gold="new")
    assert "There’s nothing to import." in page_text(owner.get(address(judged)))

    owner.post(address(judged, "rows/choose/"), {"why": "several", "choice": "import"})
    judged = studio.run(judged)

    assert "Import 3 memberships" in page_text(owner.get(address(judged)))


def test_who_has_no_address_cannot_be_chosen_with_all_the_others(studio: Elsewhere, owner: Client) -> None:
    studio.member(None, studio.price())
    judged = studio.judge(studio.read(), Gold="new")

    owner.post(address(judged, "rows/choose/"), {"why": "no_address", "choice": "import"})

    assert judged.rows.get().chosen is None


def test_after_the_last_of_a_reason_comes_the_import_again(studio: Elsewhere, owner: Client) -> None:
    price = studio.price()
    for _number in range(2):
        studio.member(None, price)
    judged = studio.judge(studio.read(), Gold="new")
    first, second = judged.rows.order_by("number")

    saved = owner.post(address(judged, f"rows/{first.pk}/"), {"email": "ada@example.org", "choice": "import"})
    assert saved["Location"] == address(judged, "rows/?why=no_address")
    saved = owner.post(address(judged, f"rows/{second.pk}/"), {"email": "bea@example.org", "choice": "import"})
    assert saved["Location"] == address(judged)


def test_only_what_is_live_is_asked_about(studio: Elsewhere, owner: Client) -> None:
    ended = studio.member("ada@example.org", studio.price())
    studio.at_stripe("DELETE /v1/subscriptions/{subscription_exposed_id}", {}, ended)

    page = page_text(owner.get(address(studio.read())))

    assert "There are no live subscriptions in your Stripe account" in page


def test_on_the_free_plan_nothing_is_imported(studio: Elsewhere, owner: Client) -> None:
    studio.member("ada@example.org", studio.price())
    judged = studio.judge(studio.read(), Gold="new")
    type(studio.account).objects.update(plan=Plan.FREE)

    assert owner.post(address(judged, "confirm/")).status_code == 403

    assert studio.run(judged).operation.state == "waiting"
    assert not Membership.objects.exists()
