"""What a subscription costs, and what comes next: as Stripe bills it, or where to look."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.public.phrases import format_day
from bookwhen.sandbox.stripe import Sandbox
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from memberships.change_state import change_state
from memberships.changing import change_at_renewal, prices_to_change_to
from memberships.models import Price, SubscriptionSource
from memberships.sync import sync_subscription
from tests.factories.schedule import create_customer_with_login
from tests.memberships.stripe_says.conftest import AtStripe, costs, member_page, newest_letter, operator_page
from tickets.booking.membership_change import choices_of, plan_change

MONTHLY = "every month"
TIERS = [{"up_to": 10, "unit_amount": 1000}, {"up_to": "inf", "unit_amount": 500}]


def test_a_plain_one_costs_its_price_and_stripe_is_not_asked(at_stripe: AtStripe) -> None:
    at_stripe.sandbox.arm("error", "POST /v1/invoices/create_preview", times=9)

    bought = at_stripe.look(at_stripe.seller.sell())

    assert costs(bought) == ("£40.00 every month", "£40.00")
    assert (bought.cost_basis, bought.next_payment_at) == ("exact", bought.period_end)


@pytest.mark.parametrize("first", [True, False])
def test_p11_ours_is_found_among_the_items_and_the_sum_is_told(at_stripe: AtStripe, *, first: bool) -> None:
    bought = at_stripe.seller.sell()
    addon, ours = at_stripe.addon(), {"id": at_stripe.item(bought), "price": at_stripe.seller.price.stripe_id}
    items = [{"price": addon}, {"price": ours["price"]}]
    if first:
        # Stripe keeps items in the order in which they were added.
        bought = at_stripe.change(bought, items=[{"id": ours["id"], "price": addon}, {"price": ours["price"]}])
    else:
        bought = at_stripe.change(bought, items=items[:1])

    assert bought.price == at_stripe.seller.price
    assert costs(bought) == ("£55.00 every month", "£55.00")


def test_p11_one_that_began_at_stripe_with_the_add_on_first_is_let_in(at_stripe: AtStripe) -> None:
    person = at_stripe.v1.customers.create({"email": "bea@example.org", "name": "Bea"})
    items = [{"price": at_stripe.addon()}, {"price": at_stripe.seller.price.stripe_id}]
    asked = {"customer": person.id, "items": items, "collection_method": "send_invoice", "days_until_due": 14}
    made = at_stripe.v1.subscriptions.create(asked)

    found = sync_subscription(at_stripe.seller.account, made.id, now=timezone.now())

    assert found is not None
    assert (found.source, found.membership) == (SubscriptionSource.STRIPE, at_stripe.seller.membership)
    assert costs(found) == ("£55.00 every month", "£55.00")


def test_p12_three_of_them_cost_three_times_as_much(at_stripe: AtStripe) -> None:
    bought = at_stripe.seller.sell()

    bought = at_stripe.change(bought, items=[{"id": at_stripe.item(bought), "quantity": 3}])

    assert (bought.quantity, *costs(bought)) == (3, "£120.00 every month", "£120.00")


@pytest.mark.parametrize(
    ("coupon", "next_amount"),
    [
        ({"percent_off": 25, "duration": "forever"}, "£30.00"),
        ({"amount_off": 500, "currency": "gbp", "duration": "once"}, "£35.00"),
        ({"percent_off": 100, "duration": "once"}, "£0.00"),
    ],
)
def test_p12_a_discount_is_reduced_and_the_next_bill_is_asked_of_stripe(
    at_stripe: AtStripe, coupon: dict[str, Any], next_amount: str
) -> None:
    made = at_stripe.v1.coupons.create(coupon)

    bought = at_stripe.change(at_stripe.seller.sell(), discounts=[{"coupon": made.id}])

    assert costs(bought) == ("Reduced price, billed every month", next_amount)


@pytest.mark.parametrize(
    "terms",
    [
        {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": TIERS},
        {"unit_amount_decimal": "1999.5"},
    ],
)
def test_p12_tiers_and_fractions_of_a_penny_are_left_to_stripe(at_stripe: AtStripe, terms: dict[str, Any]) -> None:
    bought = at_stripe.seller.sell()
    made = at_stripe.price(**terms)

    bought = at_stripe.change(bought, items=[{"id": at_stripe.item(bought), "price": made}])

    billed = at_stripe.v1.invoices.create_preview({"subscription": bought.stripe_id}).amount_due
    assert costs(bought)[0] == "See Stripe for the price (billed every month)"
    assert (bought.next_amount, bought.period_amount) == (billed, None)
    price = Price.objects.get(stripe_id=made)
    assert (price.amount, price.amount_known, price.published) == (0, False, False)


def test_fractions_that_add_up_to_whole_pennies_are_told(at_stripe: AtStripe) -> None:
    bought = at_stripe.seller.sell()
    made = at_stripe.price(unit_amount_decimal="1999.5")

    bought = at_stripe.change(bought, items=[{"id": at_stripe.item(bought), "price": made, "quantity": 2}])

    assert costs(bought) == ("£39.99 every month", "£39.99")


def test_where_stripe_gives_no_answer_there_is_no_guess(at_stripe: AtStripe, stripe_here: Sandbox) -> None:
    bought = at_stripe.seller.sell()
    stripe_here.arm("error", "POST /v1/invoices/create_preview", times=9)

    bought = at_stripe.change(bought, items=[{"id": at_stripe.item(bought), "quantity": 2}])

    assert costs(bought) == ("£80.00 every month", "")


def test_what_waits_for_the_next_bill_is_heard_of_and_forgotten_once_it_was_billed(at_stripe: AtStripe) -> None:
    """A one-off charge is on neither the subscription nor its customer: an event tells of it."""
    bought = at_stripe.seller.sell()
    asked = {"customer": at_stripe.customer(bought), "amount": 750, "currency": "gbp", "description": "Mat"}
    at_stripe.v1.invoice_items.create(asked)

    at_stripe.catch_up()

    bought.refresh_from_db()
    assert costs(bought) == ("£40.00 every month", "£47.50")

    at_stripe.sandbox.advance("period")

    assert costs(at_stripe.look(bought)) == ("£40.00 every month", "£40.00")


def test_a_customers_credit_is_taken_off(at_stripe: AtStripe) -> None:
    bought = at_stripe.seller.sell()
    at_stripe.v1.customers.update(at_stripe.customer(bought), {"balance": -1500})

    at_stripe.catch_up()

    bought.refresh_from_db()
    assert costs(bought) == ("£40.00 every month", "£25.00")


def test_prorations_that_wait_are_in_the_next_bill(at_stripe: AtStripe) -> None:
    bought = at_stripe.seller.sell()
    dearer = at_stripe.price(unit_amount=6000)

    items = [{"id": at_stripe.item(bought), "price": dearer}]
    bought = at_stripe.change(bought, items=items, proration_behavior="create_prorations")

    billed = at_stripe.v1.invoices.create_preview({"subscription": bought.stripe_id}).amount_due
    assert billed > 6000
    assert (bought.period_amount, bought.next_amount) == (6000, billed)


@pytest.mark.parametrize(
    ("given", "before", "after"),
    [
        ({}, "£40.00 every month", "£60.00 every month"),
        ({"quantity": 3}, "£120.00 every month", "£180.00 every month"),
        ({"locker": True}, "£55.00 every month", "£75.00 every month"),
        ({"half": True}, "Reduced price, billed every month", "£60.00 every month before discounts"),
        (
            {"decimal": "1999.5"},
            "See Stripe for the price (billed every month)",
            "See Stripe for the price (billed every month)",
        ),
    ],
)
def test_p12_a_change_says_what_it_will_cost_with_all_that_stays(
    at_stripe: AtStripe, given: dict[str, Any], before: str, after: str
) -> None:
    bought = at_stripe.look(at_stripe.seller.sell())
    item = {"id": at_stripe.item(bought)}
    match given:
        case {"quantity": quantity}:
            bought = at_stripe.change(bought, items=[item | {"quantity": quantity}])
        case {"locker": True}:
            bought = at_stripe.change(bought, items=[{"price": at_stripe.addon()}])
        case {"half": True}:
            coupon = at_stripe.v1.coupons.create({"percent_off": 50, "duration": "forever"})
            bought = at_stripe.change(bought, discounts=[{"coupon": coupon.id}])
        case {"decimal": amount}:
            bought = at_stripe.change(bought, items=[item | {"price": at_stripe.price(unit_amount_decimal=amount)}])
    now = timezone.now()
    larger = create_membership(at_stripe.seller.account, MembershipDetails(title="Unlimited"), group=None, now=now)
    price = add_price(larger, PriceTerms(title="Monthly", amount=6000), now=now)
    set_published(larger, published=True)

    plan = plan_change(bought, price, by_studio=True, now=now)
    made = change_at_renewal(bought, price, who="Jo", keeps_bookings=True, now=now)

    assert (plan.cost_before, plan.cost) == (before, after)
    assert [each.cost for each in choices_of(bought, prices_to_change_to(bought, by_studio=True))[-1].choices] == [
        after
    ]
    coming = change_state(made)
    assert coming is not None
    assert coming.cost == after
    assert f"From then on: {after}" in newest_letter(bought)


def test_one_that_ends_later_is_billed_until_then(at_stripe: AtStripe) -> None:
    """The studio sets an end on a date of its own: Stripe bills every period until then."""
    bought = at_stripe.seller.sell(create_customer_with_login(at_stripe.seller.account))
    assert bought.period_end is not None
    ends = bought.period_end + timedelta(days=100)

    bought = at_stripe.change(bought, cancel_at=int(ends.timestamp()))

    assert (bought.next_amount, bought.next_payment_at) == (4000, bought.period_end)
    day = format_day(bought.period_end, bought.account)
    text = " ".join(newest_letter(bought).split())
    assert f"Until then, it renews as usual. Your next payment is on {day}." in text
    assert "won’t be charged" not in text
    assert f"Next payment £40.00 on {day} Ends " in member_page(bought)
    shown = operator_page(bought)
    assert "This membership has an end date. It ends on " in shown
    assert "Renews at " in shown
    assert "Ends at " in shown

    # The last period begins: nothing more is billed.
    at_stripe.sandbox.advance("period")
    at_stripe.sandbox.advance("period")
    at_stripe.sandbox.advance("period")
    at_stripe.sandbox.advance("period")
    bought = at_stripe.look(bought)
    assert (bought.status, bought.ends_at, bought.next_amount) == ("active", ends.replace(microsecond=0), None)
    assert "You won’t be charged again. Ends " in member_page(bought)


def test_nobody_who_owes_a_bill_is_told_that_nothing_is_charged_any_more(at_stripe: AtStripe) -> None:
    bought, _bill = at_stripe.sell_failing()

    bought = at_stripe.change(bought, cancel_at_period_end=True)

    assert bought.is_paid_to_the_end is False
    assert "won’t be charged" not in newest_letter(bought)


def test_nothing_is_foretold_where_it_ends_or_is_paused(at_stripe: AtStripe) -> None:
    bought = at_stripe.change(at_stripe.seller.sell(), cancel_at_period_end=True)
    assert (bought.next_amount, bought.next_payment_at) == (None, None)

    bought = at_stripe.change(bought, cancel_at_period_end=False)
    assert (bought.next_amount, bought.next_payment_at) == (4000, bought.period_end)

    bought = at_stripe.change(bought, pause_collection={"behavior": "void"})
    assert (bought.pause_behavior, bought.next_amount, bought.next_payment_at) == ("void", None, None)
