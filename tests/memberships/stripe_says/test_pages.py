"""What members and operators read where Stripe says more than a price."""

import pytest
from django.utils import timezone

from accounts.models import Letter
from accounts.public.phrases import format_day
from bookwhen.sandbox.stripe import Sandbox
from memberships.models import Subscription
from tests.browsing import open_browser, page_text
from tests.factories.schedule import create_customer_with_login
from tests.memberships.stripe_says.conftest import AtStripe, member_page, operator_page
from tickets.checkout.settling import settle_purchase


@pytest.fixture
def bought(at_stripe: AtStripe) -> Subscription:
    """Ada's membership, who has a login."""
    return at_stripe.seller.sell(create_customer_with_login(at_stripe.seller.account))


def test_an_amount_that_only_stripe_knows_leads_there(
    at_stripe: AtStripe, bought: Subscription, stripe_here: Sandbox
) -> None:
    made = at_stripe.price(unit_amount_decimal="1999.5")
    stripe_here.arm("error", "POST /v1/invoices/create_preview", times=9)
    bought = at_stripe.change(bought, items=[{"id": at_stripe.item(bought), "price": made}])
    day = format_day(bought.next_payment_at, bought.account)

    assert (
        f"Cost See Stripe for the price (billed every month) See the amount on Stripe Gold Next payment {day} Member"
        in member_page(bought)
    )
    shown = operator_page(bought)
    assert "Cost See Stripe for the price (billed every month) · Gold" in shown
    assert "Next payment See Stripe Customer group" in shown


def test_a_reduced_one_is_told_with_what_comes_next(at_stripe: AtStripe, bought: Subscription) -> None:
    made = at_stripe.v1.coupons.create({"percent_off": 25, "duration": "forever"})
    bought = at_stripe.change(bought, discounts=[{"coupon": made.id}])
    day = format_day(bought.next_payment_at, bought.account)

    assert f"Cost Reduced price, billed every month Next payment £30.00 on {day} Member" in member_page(bought)
    assert "Next payment £30.00 Customer group" in operator_page(bought)


def test_p15_a_bill_that_was_emailed_waits_with_its_day(at_stripe: AtStripe, bought: Subscription) -> None:
    at_stripe.change(bought, collection_method="send_invoice", days_until_due=7)
    at_stripe.sandbox.advance("period")
    bought = at_stripe.look(bought)
    bill = bought.invoices.get(status="open")

    words = "We’ve emailed you a bill of £40.00 for Gold. Please pay it by "
    assert f"{words}{format_day(bill.due_at, bought.account)}. Pay now" in member_page(bought)
    assert "Bills Emailed by Stripe" in operator_page(bought)


def test_p8_a_bill_paid_elsewhere_is_shown_as_that(at_stripe: AtStripe, bought: Subscription) -> None:
    at_stripe.change(bought, collection_method="send_invoice", days_until_due=7)
    at_stripe.sandbox.advance("period")
    bill = at_stripe.look(bought).invoices.get(status="open")
    at_stripe.v1.invoices.pay(bill.stripe_id, {"paid_out_of_band": True})
    at_stripe.look(bought)

    assert "£40.00 Marked as paid View" in member_page(bought)
    assert "£40.00 Marked as paid View" in operator_page(bought)


def test_a_renewal_by_bank_debit_is_on_its_way_and_not_to_be_paid_again(stripe_here: Sandbox, db: None) -> None:
    at_stripe = AtStripe(stripe_here, accepts_bank_debits=True)
    ada = create_customer_with_login(at_stripe.seller.account)
    purchase, url = at_stripe.seller.start_checkout(ada)
    stripe_here.shopper.debit(url)
    stripe_here.end_debits(paid=True)
    bought = at_stripe.look(settle_purchase(purchase, now=timezone.now()))
    stripe_here.advance("period")
    bought = at_stripe.look(bought)
    assert (bought.status, bought.invoices.filter(status="open").count()) == ("active", 1)

    assert "£40.00 Payment on its way View" in member_page(bought)
    assert "£40.00 Payment on its way View" in operator_page(bought)
    assert ada.user is not None
    said = open_browser(ada.user).get(f"/my/memberships/{bought.uuid}/pay/", follow=True)
    assert "Your payment is on its way, so you don’t need to pay again." in page_text(said)

    stripe_here.end_debits(paid=False)
    bought = at_stripe.look(bought)
    assert bought.status == "past_due"
    assert "£40.00 To be paid View" in member_page(bought)


def test_a_first_debit_that_failed_before_we_looked_is_no_welcome(stripe_here: Sandbox, db: None) -> None:
    at_stripe = AtStripe(stripe_here, accepts_bank_debits=True)
    ada = create_customer_with_login(at_stripe.seller.account)
    purchase, url = at_stripe.seller.start_checkout(ada)
    stripe_here.shopper.debit(url)
    stripe_here.end_debits(paid=False)

    settle_purchase(purchase, now=timezone.now())

    assert Subscription.objects.get(pk=purchase.pk).status == "canceled"
    told = list(Letter.objects.filter(recipient=ada.email).values_list("kind", flat=True))
    assert not [kind for kind in told if kind.startswith("membership_")]
    assert len(told) == 1
