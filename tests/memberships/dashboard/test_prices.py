"""A membership's prices."""

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Account
from bookwhen.sandbox.stripe import Sandbox
from memberships.catalogue import archive_price
from memberships.models import Membership, Price
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import NOW
from tests.memberships.dashboard.conftest import store_membership, store_price, store_subscription
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.seller import Seller

pytestmark = [pytest.mark.django_db]


def form(**changed: Any) -> dict[str, Any]:
    """What *Add price* sends."""
    sent = {"title": "Monthly", "cost": "40", "interval_count": "1", "interval": "month", "trial_days": "0"}
    return sent | {"published": "on", "key": str(uuid4())} | changed


@pytest.fixture
def quiet() -> Dashboard:
    """A desk whose account is not connected to Stripe."""
    return open_dashboard(AccountFactory.create())


def facts(price: Price) -> tuple[object, ...]:
    return price.amount, price.currency, price.interval, price.interval_count, price.trial_days, price.published


def test_a_price_is_added_here_and_at_stripe(seller: Seller) -> None:
    at = open_dashboard(seller.account)

    response = at.post(
        "price_new",
        form(title="Quarterly", cost="99.50", interval_count="3", trial_days="14"),
        pk=seller.membership.pk,
    )

    assert response["Location"] == f"{at.url('membership', pk=seller.membership.pk)}#prices"
    assert shown_messages(at.client.get(at.url("membership", pk=seller.membership.pk))) == ["Price added"]
    price = Price.objects.get(title="Quarterly")
    assert facts(price) == (9950, "GBP", "month", 3, 14, True)
    there = seller.stripe.prices.retrieve(price.stripe_id)
    assert (there.unit_amount, there.currency, there.nickname, there.active) == (9950, "gbp", "Quarterly", True)
    assert (there.recurring.interval, there.recurring.interval_count) == ("month", 3)


def test_one_form_sent_twice_adds_one_price(seller: Seller) -> None:
    at, sent = open_dashboard(seller.account), form(title="Quarterly")

    for _ in range(2):
        at.post("price_new", sent, pk=seller.membership.pk)

    assert Price.objects.filter(membership=seller.membership).count() == 2
    assert len(seller.stripe.prices.list({"product": seller.membership.product}).data) == 2


def test_one_key_at_two_memberships_adds_a_price_to_each(quiet: Dashboard) -> None:
    gold, silver = (store_membership(quiet.account, title=title) for title in ("Gold", "Silver"))
    theirs = store_membership(AccountFactory.create(), title="Theirs")
    sent = form(title="Quarterly", key=str(theirs.prices.get().uuid))

    for membership in (gold, silver):
        assert quiet.post("price_new", sent, pk=membership.pk).status_code == 302

    added = Price.objects.filter(title="Quarterly").order_by("pk")
    assert [price.membership for price in added] == [gold, silver]
    assert theirs.prices.get().title == "Monthly"


def test_without_stripe_a_price_is_prepared(quiet: Dashboard) -> None:
    gold = store_membership(quiet.account)

    response = quiet.post("price_new", form(title="Yearly", interval="year"), pk=gold.pk)

    assert shown_messages(quiet.client.get(response["Location"])) == ["Price added"]
    assert Price.objects.get(title="Yearly").stripe_id == ""


def test_where_stripe_cannot_be_told_the_price_is_kept(seller: Seller, stripe_here: Sandbox) -> None:
    at, sent = open_dashboard(seller.account), form(title="Quarterly")
    stripe_here.arm("error", "POST /v1/prices", times=3)

    response = at.post("price_new", sent, pk=seller.membership.pk)

    [said] = shown_messages(at.client.get(response["Location"]))
    assert said.startswith("The price is saved, but we couldn’t update Stripe: ")
    assert said.endswith(" We’ll update it when someone first buys at this price.")
    assert Price.objects.get(title="Quarterly").stripe_id == ""
    at.post("price_new", sent, pk=seller.membership.pk)
    assert Price.objects.get(title="Quarterly").stripe_id != ""


@pytest.mark.parametrize(
    ("currency", "cost", "amount"),
    [
        ("GBP", "40", 4000),
        ("GBP", "40.5", 4050),
        ("GBP", "999999.99", 99_999_999),
        ("JPY", "5000", 5000),
        ("KWD", "1.23", 1230),
    ],
)
def test_a_cost_is_read_in_the_accounts_currency(currency: str, cost: str, amount: int) -> None:
    at = open_dashboard(AccountFactory.create(currency=currency))
    gold = store_membership(at.account)

    at.post("price_new", form(title="New", cost=cost), pk=gold.pk)

    assert (Price.objects.get(title="New").amount, Price.objects.get(title="New").currency) == (amount, currency)


@pytest.mark.parametrize(
    ("currency", "changed", "said"),
    [
        ("GBP", {"cost": ""}, "Enter the cost"),
        ("GBP", {"cost": "forty"}, says.AMOUNT_LIKE),
        (
            "GBP",
            {"cost": "0"},
            "Enter more than 0. To give someone free access, add them to the customer group yourself.",
        ),
        ("GBP", {"cost": "-1"}, "Enter more than 0."),
        ("GBP", {"cost": "1.005"}, says.TWO_DECIMALS),
        ("KWD", {"cost": "1.0005"}, says.THREE_DECIMALS),
        ("KWD", {"cost": "1.234"}, says.STEPS_OF_TEN),
        ("JPY", {"cost": "10.5"}, says.NO_SMALLER_UNIT),
        ("GBP", {"cost": "1000000"}, says.MOST_THAT_STRIPE_TAKES),
        ("GBP", {"cost": "1e999999"}, says.AMOUNT_LIKE),
        ("GBP", {"cost": "NaN"}, says.AMOUNT_LIKE),
        ("GBP", {"interval_count": "37"}, "Use at most 36 months"),
        ("GBP", {"interval_count": "4", "interval": "year"}, "Use at most 3 years"),
        ("GBP", {"interval_count": "157", "interval": "week"}, "Use at most 156 weeks"),
        (
            "GBP",
            {"interval_count": "1096", "interval": "day"},
            says.BILLING_PERIOD_LENGTH,
        ),
        ("GBP", {"interval_count": "0"}, says.BILLING_PERIOD_LENGTH),
        ("GBP", {"interval": "decade"}, "Choose one from the list"),
        ("GBP", {"trial_days": "731"}, "Enter 730 or less for “Trial days”"),
        ("GBP", {"trial_days": "-1"}, "Enter 0 or more for “Trial days”"),
        ("GBP", {"title": ""}, "Enter the title"),
    ],
)
def test_what_cannot_be_a_price_is_explained(currency: str, changed: dict[str, str], said: str) -> None:
    at = open_dashboard(AccountFactory.create(currency=currency))
    gold = store_membership(at.account)

    response = at.post("price_new", form(**changed), pk=gold.pk)

    assert (response.status_code, said in page_text(response)) == (422, True)
    assert Price.objects.count() == 1


@pytest.mark.parametrize(("count", "interval"), [(36, "month"), (3, "year"), (156, "week"), (1095, "day")])
def test_the_longest_periods_that_stripe_allows(quiet: Dashboard, count: int, interval: str) -> None:
    gold = store_membership(quiet.account)

    quiet.post("price_new", form(title="Long", interval_count=count, interval=interval), pk=gold.pk)

    assert (Price.objects.get(title="Long").interval_count, Price.objects.get(title="Long").interval) == (
        count,
        interval,
    )


def test_after_a_mistake_the_form_keeps_its_key(quiet: Dashboard) -> None:
    gold, sent = store_membership(quiet.account), form(cost="")

    page = quiet.post("price_new", sent, pk=gold.pk).content.decode()

    assert f'name="key" value="{sent["key"]}"' in page


def test_title_trial_and_published_are_edited_and_nothing_else(quiet: Dashboard) -> None:
    price = store_membership(quiet.account).prices.get()

    response = quiet.post(
        "price_edit",
        {"title": "Students", "trial_days": "7", "cost": "1", "interval": "year"},
        pk=price.membership_id,
        price=price.pk,
    )

    assert shown_messages(quiet.client.get(response["Location"])) == ["Price saved"]
    price.refresh_from_db()
    assert (price.title, *facts(price)) == ("Students", 4000, "GBP", "month", 1, 7, False)
    page = page_text(quiet.get("price_edit", pk=price.membership_id, price=price.pk))
    assert "Students · £40.00 every month" in page


def test_a_price_is_archived_and_restored_here_and_at_stripe(seller: Seller) -> None:
    at, price = open_dashboard(seller.account), seller.price
    of: dict[str, Any] = {"pk": seller.membership.pk, "price": price.pk}

    for _ in range(2):
        assert at.post("price_archive", **of).status_code == 302
        price.refresh_from_db()
        assert price.archived_at is not None
        assert seller.stripe.prices.retrieve(price.stripe_id).active is False
    assert "Show archived prices" in page_text(at.get("membership", pk=seller.membership.pk))
    assert "Archived prices" in page_text(at.get("membership", {"archived": "1"}, pk=seller.membership.pk))
    for _ in range(2):
        assert at.post("price_restore", **of).status_code == 302
        price.refresh_from_db()
        assert price.archived_at is None
        assert seller.stripe.prices.retrieve(price.stripe_id).active is True


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("price_archive", "The price is archived here, so nobody can buy at it. We couldn’t update Stripe"),
        ("price_restore", "We couldn’t update Stripe, so the price is still archived"),
    ],
)
def test_where_stripe_cannot_be_told_of_archiving_that_is_said(
    seller: Seller, stripe_here: Sandbox, name: str, said: str
) -> None:
    at = open_dashboard(seller.account)
    if name == "price_restore":
        archive_price(seller.price, now=timezone.now())
    stripe_here.arm("error", "POST /v1/prices", times=3)

    response = at.post(name, pk=seller.membership.pk, price=seller.price.pk)

    assert shown_messages(at.client.get(response["Location"]))[0].startswith(said)
    seller.price.refresh_from_db()
    assert seller.price.archived_at is not None


def test_who_pays_an_archived_price_goes_on(dashboard: Dashboard, gold: Membership) -> None:
    store_subscription(gold)

    dashboard.post("price_archive", pk=gold.pk, price=gold.prices.get().pk)

    page = page_text(dashboard.get("membership", {"archived": "1"}, pk=gold.pk))
    assert "Nobody new can buy at these prices. Anyone who already pays one continues to." in page
    assert "Monthly £40.00 every month 1" in page


@pytest.mark.parametrize(
    ("base", "livemode", "link"),
    [
        ("", True, "https://dashboard.stripe.com/prices/price_9"),
        ("", False, "https://dashboard.stripe.com/test/prices/price_9"),
        ("http://127.0.0.1:9", False, "http://127.0.0.1:9/_sandbox/"),
    ],
)
def test_a_price_is_opened_in_stripe(
    account: Account,
    dashboard: Dashboard,
    settings: Any,
    base: str,
    livemode: bool,  # noqa: FBT001
    link: str,
) -> None:
    settings.STRIPE_API_BASE = base
    assert account.connection
    account.connection.livemode = livemode
    account.connection.save()
    gold = store_membership(account)
    gold.prices.update(stripe_id="price_9")
    store_price(gold, title="Not at Stripe yet", archived_at=NOW)

    page = dashboard.get("membership", {"archived": "1"}, pk=gold.pk).content.decode()

    assert page.count(f'href="{link}"') == 1


def test_archiving_is_by_post_only(dashboard: Dashboard, gold: Membership) -> None:
    of: dict[str, Any] = {"pk": gold.pk, "price": gold.prices.get().pk}

    assert [dashboard.get(name, **of).status_code for name in ("price_archive", "price_restore")] == [405, 405]
