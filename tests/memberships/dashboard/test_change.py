"""Changing a customer's membership: what it will do is said before, and they are told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Customer, Letter
from bookwhen.sandbox.stripe.shopper import FAILS_LATER
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership
from memberships.models import BillingInterval, Price, Subscription
from tests.browsing import fields_of_form, open_browser, page_text
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.schedule import create_customer_with_login
from tests.memberships.test_changing import use_card
from tests.worlds.dashboard import Dashboard
from tests.worlds.seller import Seller


@pytest.fixture
def olive(seller: Seller) -> Dashboard:
    owner = StaffFactory.create(account=seller.account, user=UserFactory.create(name="Olive Owner")).user
    return Dashboard(seller.account, open_browser(owner))


@pytest.fixture
def ada(seller: Seller) -> Customer:
    return create_customer_with_login(seller.account, name="Ada")


@pytest.fixture
def staff_price(seller: Seller) -> Price:
    """Of a membership that is not on sale: only the studio gives it."""
    now = timezone.now()
    made = create_membership(seller.account, MembershipDetails(title="Staff"), group=None, now=now)
    return add_price(made, PriceTerms(title="Monthly", amount=1000), now=now)


def page(olive: Dashboard, sold: Subscription, do: str = "change/") -> str:
    return f"/dashboard/{olive.account.slug}/subscriptions/{sold.pk}/{do}"


def test_the_studio_changes_it_to_what_is_not_even_on_sale(
    seller: Seller, olive: Dashboard, ada: Customer, staff_price: Price
) -> None:
    sold = seller.sell(ada)
    assert "Change to Monthly (Staff)" in page_text(olive.client.get(page(olive, sold)))
    shown = olive.client.get(page(olive, sold), {"price": str(staff_price.uuid)})
    assert "Credit towards the next payment £30.00" in page_text(shown)

    done = olive.client.post(page(olive, sold), fields_of_form(shown, 'value="now"'), follow=True)

    assert "Ada now has “Staff”." in page_text(done)
    found = Subscription.objects.get()
    assert found.price == staff_price
    assert list(found.milestones.filter(kind="asked_to_change").values_list("who", "about")) == [
        ("Olive Owner", "Gold → Staff")
    ]
    assert "Gold → Staff" in page_text(done)
    assert Letter.objects.filter(recipient=ada.email, kind="membership_changed").count() == 1


def test_at_the_next_billing_date_it_shows_and_can_be_undone(
    seller: Seller, olive: Dashboard, ada: Customer, staff_price: Price
) -> None:
    sold = seller.sell(ada)
    shown = olive.client.get(page(olive, sold), {"price": str(staff_price.uuid)})

    done = olive.client.post(page(olive, sold), fields_of_form(shown, 'value="renewal"'), follow=True)

    assert "From then on they have Staff, £10.00 every month." in page_text(done)
    listed = page_text(olive.client.get(f"/dashboard/{olive.account.slug}/subscriptions/"))
    changes_at = Subscription.objects.get().changes_at
    assert changes_at is not None
    assert "Changes " in listed
    undone = olive.client.post(page(olive, sold, "change/undo/"), follow=True)
    assert "“Gold” stays as it is for Ada." in page_text(undone)
    assert Subscription.objects.get().next_price == ""


def test_a_card_that_fails_changes_nothing_and_they_are_written_to(
    seller: Seller, olive: Dashboard, ada: Customer, staff_price: Price
) -> None:
    dearer = add_price(staff_price.membership, PriceTerms(title="Dear", amount=9000), now=timezone.now())
    sold = seller.sell(ada)
    use_card(seller, sold, FAILS_LATER)
    shown = olive.client.get(page(olive, sold), {"price": str(dearer.uuid)})

    done = olive.client.post(page(olive, sold), fields_of_form(shown, 'value="now"'), follow=True)

    assert "Nothing has changed yet for Ada: the payment didn’t go through." in page_text(done)
    assert "The change to Staff waits for payment." in page_text(done)
    letter = Letter.objects.get(recipient=ada.email, kind="membership_change_unpaid")
    assert sold.invoices.get(status="open").hosted_url in letter.text


def test_what_stands_in_the_way_says_what_to_do(seller: Seller, olive: Dashboard, ada: Customer) -> None:
    sold = seller.sell(ada)
    Subscription.objects.filter(pk=sold.pk).update(ends_at=timezone.now() + timedelta(days=3))
    assert "This membership is set to end. Keep it first, then you can change it." in page_text(
        olive.client.get(page(olive, sold))
    )
    Subscription.objects.filter(pk=sold.pk).update(ends_at=None, status="past_due")
    assert "The membership can be changed once it’s paid." in page_text(olive.client.get(page(olive, sold)))
    Subscription.objects.filter(pk=sold.pk).update(status="paused")
    assert "Once it has resumed, you can change it." in page_text(olive.client.get(page(olive, sold)))
    assert "Resume membership" not in page_text(olive.client.get(page(olive, sold)))
    Subscription.objects.filter(pk=sold.pk).update(status="active", pause_behavior="void")
    shown = page_text(olive.client.get(page(olive, sold)))
    assert "Once it has resumed, you can change it. Resume membership" in shown
    assert "Back to the membership" in shown


def test_another_price_of_the_same_membership_is_told_apart(seller: Seller, olive: Dashboard, ada: Customer) -> None:
    sold = seller.sell(ada)
    yearly = add_price(
        seller.membership, PriceTerms(title="Yearly", amount=40000, interval=BillingInterval.YEAR), now=timezone.now()
    )

    shown = olive.client.get(page(olive, sold), {"price": str(yearly.uuid)})
    done = olive.client.post(page(olive, sold), fields_of_form(shown, 'value="now"'), follow=True)

    assert "Change to Gold (Yearly) for Ada?" in page_text(shown)
    assert f"Unused time on Gold ({seller.price.title})" in page_text(shown)
    assert "Change requested Gold: £400.00 every year" in page_text(done)
