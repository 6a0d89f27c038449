"""*My memberships*: how each is, what it costs next, what is left of it, and its invoices."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Customer
from accounts.public.phrases import format_day
from bookwhen.sandbox.stripe.shopper import FAILS_LATER
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from memberships.models import Invoice, Subscription, SubscriptionStatus
from offers.periods import local_day
from tests.browsing import open_browser, page_text
from tests.factories.accounts import UserFactory
from tests.factories.schedule import OfferFactory, create_customer_with_login
from tests.sentences import BOOKINGS_KEPT_UNTIL_PAID, CARD_TRIED_AGAIN, NOT_CHARGED_AGAIN, THREE_A_MONTH
from tests.worlds.gold_shop import GoldShop

MINE = "/my/memberships/"
TRY = PriceTerms(title="Try", amount=500, trial_days=7)
OFFER = f"{THREE_A_MONTH} "
FAILED = "Your payment for Gold at River Studio didn’t go through. "
BUTTONS = "View invoices Gold Update card details Gold "


def path(subscription: Subscription) -> str:
    return f"{MINE}{subscription.uuid}/"


def uses(shop: GoldShop, subscription: Subscription) -> str:
    """What is said of a fresh allowance in its first month."""
    zone = shop.seller.account.zone
    assert subscription.period_start is not None
    assert subscription.period_end is not None
    first, after = local_day(subscription.period_start, zone), local_day(subscription.period_end, zone)
    last = after - timedelta(days=1)
    begin = date_format(first, "j F Y" if first.year != last.year else "j F")
    return (
        f"{OFFER}0 of 3 used {begin} – {date_format(last, 'j F Y')} · resets on {date_format(after, 'j F Y')} "
        "Book at River Studio "
    )


class TestTheList:
    @pytest.mark.django_db
    def test_whoever_is_not_logged_in_comes_back(self, client: Client) -> None:
        assert client.get(MINE)["Location"] == f"/accounts/login/?next={MINE}"

    def test_says_how_it_is_and_what_comes_next(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)

        assert page_text(open_browser(ada).get(MINE)) == (
            "My memberships Gold River Studio Active £40.00 every month "
            f"Next payment: £40.00 on {format_day(sold.period_end, shop.seller.account)} {uses(shop, sold)}"
            f"{BUTTONS}Change membership Gold Cancel membership Gold"
        )

    def test_somebody_without_one(self, shop: GoldShop) -> None:
        assert page_text(open_browser(shop.create_ada()).get(MINE)) == (
            "My memberships No memberships yet You can join on your studio’s page. Your membership will then appear "
            "here. My bookings"
        )

    def test_a_trial(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        price = add_price(shop.seller.membership, TRY, now=timezone.now())
        sold = shop.sell(ada, price=price)
        until = format_day(sold.trial_end, shop.seller.account)

        assert page_text(open_browser(ada).get(MINE)).startswith(
            f"My memberships Gold River Studio On trial until {until} £5.00 every month First payment: £5.00 on {until}"
        )

    def test_one_that_will_end(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        shop.seller.stripe.subscriptions.update(sold.stripe_id, {"cancel_at_period_end": True})
        shop.seller.sync_subscription(sold)

        said = page_text(open_browser(ada).get(MINE))

        ends = format_day(sold.period_end, shop.seller.account)
        assert said.startswith(
            f"My memberships Gold River Studio Ends on {ends} £40.00 every month You won’t be charged "
        )
        assert said.endswith(f"{BUTTONS}Keep membership Gold")

    def test_the_past_stands_below(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        old = shop.sell(ada)
        shop.seller.stripe.subscriptions.cancel(old.stripe_id)
        shop.seller.sync_subscription(old)
        shop.sell(ada)

        said = page_text(open_browser(ada).get(MINE))

        assert said.partition("Cancel membership Gold ")[2] == (
            f"Past memberships Gold River Studio Ended on {format_day(timezone.now(), shop.seller.account)} "
            "£40.00 every month View invoices Gold"
        )

    @pytest.mark.parametrize(
        ("policy", "status", "said"),
        [
            ("keep", SubscriptionStatus.PAST_DUE, CARD_TRIED_AGAIN),
            (
                "stop",
                SubscriptionStatus.PAST_DUE,
                BOOKINGS_KEPT_UNTIL_PAID,
            ),
            (
                "keep",
                SubscriptionStatus.UNPAID,
                BOOKINGS_KEPT_UNTIL_PAID,
            ),
        ],
    )
    def test_a_failed_payment_is_told_here_and_among_the_bookings(
        self, shop: GoldShop, policy: str, status: str, said: str
    ) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        Account.objects.update(past_due_policy=policy)
        Subscription.objects.filter(pk=sold.pk).update(status=status)
        client = open_browser(ada)

        answers = [client.get(address) for address in (MINE, "/my/", path(sold))]

        assert [page_text(answer).count(f"{FAILED}{said} Pay now ") for answer in answers] == [1, 1, 1]
        assert [f'href="{path(sold)}pay/"' in answer.content.decode() for answer in answers] == [True] * 3
        assert "Gold River Studio Payment failed £40.00 every month" in page_text(answers[0])

    def test_what_was_never_paid_for_is_not_listed(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        shop.seller.start_checkout(ada)

        assert page_text(open_browser(ada).get(MINE)).startswith("My memberships No memberships yet")

    @pytest.mark.parametrize("count", [1, 3])
    def test_costs_the_same_however_many(
        self, shop: GoldShop, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        ada = shop.create_ada()
        for number in range(count):
            _bought(shop, ada, f"Silver {number}")
        client = open_browser(ada)

        with django_assert_num_queries(9):
            response = client.get(MINE)

        assert page_text(response).count("Payment failed") == count

    def test_the_menu_leads_there(self, shop: GoldShop) -> None:
        client = open_browser(shop.create_ada())

        bars = [client.get(address).content.decode().partition("<main")[0] for address in ("/my/", "/river/")]

        assert [bar.count(f'href="{MINE}"') for bar in bars] == [2, 1]


class TestOne:
    def test_shows_everything(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        account = shop.seller.account
        invoice = Invoice.objects.get()

        response = open_browser(ada).get(path(sold))

        assert page_text(response) == (
            "My memberships Gold Gold Active River Studio Membership Cost £40.00 every month "
            f"Next payment £40.00 on {format_day(sold.period_end, account)} "
            f"Member since {format_day(sold.started_at, account)} "
            "Update card details Gold Change membership Gold Cancel membership Gold "
            f"What you have left {uses(shop, sold)}"
            "Invoices Invoices Date Number Amount Status Actions "
            f"{format_day(invoice.created_at, account)} {invoice.number} £40.00 Paid "
            f"View {invoice.number} PDF {invoice.number}"
        )
        text = response.content.decode()
        assert [f'href="{url}"' in text for url in (invoice.hosted_url, invoice.pdf_url)] == [True, True]

    def test_one_that_has_ended(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        shop.seller.stripe.subscriptions.cancel(sold.stripe_id)
        shop.seller.sync_subscription(sold)
        today = format_day(timezone.now(), shop.seller.account)

        said = page_text(open_browser(ada).get(path(sold)))

        assert said.startswith(
            f"My memberships Gold Gold Ended on {today} River Studio Membership Cost £40.00 every month "
            f"Member since {today} Ended {today} Join again Invoices"
        )
        set_published(shop.seller.membership, published=False)
        assert "Join again" not in page_text(open_browser(ada).get(path(sold)))

    def test_what_was_done_at_stripe_shows_on_coming_back(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        shop.seller.stripe.subscriptions.update(sold.stripe_id, {"cancel_at_period_end": True})

        response = open_browser(ada).get(f"{path(sold)}?back=1", follow=True)

        assert response.redirect_chain == [(path(sold), 302)]
        ends = format_day(sold.period_end, shop.seller.account)
        assert page_text(response).startswith(f"My memberships Gold Gold Ends on {ends} River Studio Membership")
        assert f"Next payment {NOT_CHARGED_AGAIN} Ends " in page_text(response)

    def test_coming_back_while_stripe_is_down(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        shop.seller.sandbox.arm("error", "GET /v1/subscriptions", times=10)

        response = open_browser(ada).get(f"{path(sold)}?back=1", follow=True)

        assert (response.status_code, response.redirect_chain) == (200, [(path(sold), 302)])
        assert (
            "River Studio The changes you made in Stripe will show here in a few minutes. Membership Cost"
            in page_text(response)
        )

    def test_a_failed_payment_of_the_sandbox(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        price = add_price(shop.seller.membership, TRY, now=timezone.now())
        sold = shop.fail_payment(shop.sell(ada, price=price, card=FAILS_LATER))

        said = page_text(open_browser(ada).get(path(sold)))

        assert (sold.status, said.partition("Membership Cost")[0]) == (
            SubscriptionStatus.PAST_DUE,
            (f"My memberships Gold Gold Payment failed River Studio {FAILED}{CARD_TRIED_AGAIN} Pay now "),
        )
        assert "£5.00 To be paid View" in said

    def test_to_everybody_else_it_does_not_exist(self, client: Client, shop: GoldShop) -> None:
        sold = shop.sell()
        pending, _url = shop.seller.start_checkout(ada := shop.create_ada())
        addresses = ["", "cancel/", "keep/", "card/", "pay/"]

        strangers = [open_browser(ada).get(f"{path(sold)}{each}").status_code for each in addresses]
        posts = [open_browser(ada).post(f"{path(sold)}{each}").status_code for each in addresses]
        unknown = [open_browser(ada).get(path(each)).status_code for each in (pending, Subscription(uuid=uuid4()))]
        outside = [client.get(f"{path(sold)}{each}")["Location"] for each in addresses]

        assert (strangers, posts, unknown) == ([404] * 5, [404] * 5, [404] * 2)
        assert outside == [f"/accounts/login/?next={path(sold)}{each}" for each in addresses]

    def test_a_bill_whose_payment_is_on_its_way_is_not_due(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        Invoice.objects.update(status="open")
        assert "£40.00 To be paid" in page_text(open_browser(ada).get(f"/my/memberships/{sold.uuid}/"))
        Subscription.objects.update(payment_on_way_since=timezone.now())
        assert "£40.00 Payment on its way" in page_text(open_browser(ada).get(f"/my/memberships/{sold.uuid}/"))

    @pytest.mark.parametrize("count", [1, 3])
    def test_costs_the_same_however_many_invoices(
        self, shop: GoldShop, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)
        for number in range(count - 1):
            _invoice(sold, str(number))
        client = open_browser(ada)

        with django_assert_num_queries(9):
            response = client.get(path(sold))

        assert response.content.decode().count(">View<") == count

    def test_somebody_at_two_studios_sees_both(self, shop: GoldShop) -> None:
        user = UserFactory.create()
        here = Customer.objects.create(account=shop.seller.account, email=user.email, user=user)
        there = create_customer_with_login(shop.seller.account)
        shop.sell(here)
        shop.sell(there)

        assert page_text(open_browser(here).get(MINE)).count("River Studio Active") == 1


def _bought(shop: GoldShop, customer: Customer, title: str) -> Subscription:
    """A membership of its own group whose payment failed."""
    now = timezone.now()
    membership = create_membership(shop.seller.account, MembershipDetails(title=title), group=None, now=now)
    price = add_price(membership, PriceTerms(title="Monthly", amount=100), now=now)
    set_published(membership, published=True)
    OfferFactory.create(group=membership.group, page=shop.seller.page, limit=3)
    sold = shop.sell(customer, price=price)
    Subscription.objects.filter(pk=sold.pk).update(status=SubscriptionStatus.PAST_DUE)
    return sold


def _invoice(subscription: Subscription, number: str) -> None:
    Invoice.objects.create(
        account=subscription.account,
        subscription=subscription,
        stripe_id=f"in_{number}",
        number=number,
        status="paid",
        amount_due=1,
        amount_paid=1,
        currency="GBP",
        hosted_url="https://stripe.test/",
        created_at=timezone.now(),
    )
