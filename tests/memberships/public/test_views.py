"""What a page sells, and the way to the checkout."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Customer, Plan
from bookwhen.payments.models import Connection
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from memberships.models import Membership, Price, Subscription, SubscriptionStatus
from tests.browsing import open_browser, open_unverified_browser, page_text
from tests.factories.accounts import SchedulePageFactory, UserFactory
from tests.factories.schedule import EntryFactory, OfferFactory, TicketFactory
from tests.sentences import (
    CONFIRM_ADDRESS_FIRST,
    HAS_MEMBERSHIP,
    MEMBERSHIP_NOT_ON_SALE,
    PRICE_GONE,
    STRIPE_IS_DOWN,
    STRIPE_REFUSES,
    THREE_A_MONTH,
)
from tests.worlds.gold_shop import GoldShop
from tickets.models import Coverage
from tickets.schedule.offers_summary import READ

LIST = "/river/memberships/"
GOLD = "River Studio Memberships Gold Gold Yoga as you like it."
GIFT = f"{THREE_A_MONTH} Members’ tickets at River Studio"
TERMS = (
    "Pay by card with Stripe. Your first payment is taken straight away. It renews automatically until you cancel. "
    "Cancel any time under “My memberships”. You’ll keep it until the end of the period you’ve paid for."
)


def yearly(shop: GoldShop, **terms: Any) -> Price:
    wanted = PriceTerms(**{"title": "Yearly", "amount": 40000, "interval": "year", **terms})
    return add_price(shop.seller.membership, wanted, now=timezone.now())


def ahead(shop: GoldShop) -> str:
    start = shop.entry.starts_at.astimezone(shop.seller.account.zone)
    end = start + timedelta(hours=1)
    return f"{start:%H:%M} to {end:%H:%M} Morning yoga {date_format(start, 'l j F')} Boat house See full schedule"


def test_ways_to_pay_are_those_that_the_studio_accepts(client: Client, shop: GoldShop) -> None:
    page = f"{LIST}{shop.seller.membership.pk}/"
    assert TERMS in page_text(client.get(page))
    type(shop.seller.account).objects.update(accepts_bank_debits=True)
    assert TERMS.replace("by card", "by card or bank debit") in page_text(client.get(page))


class TestTheList:
    def test_says_what_is_sold_and_what_it_gives(self, client: Client, shop: GoldShop) -> None:
        yearly(shop, trial_days=7)

        assert page_text(client.get(LIST)) == (
            f"River Studio Memberships Memberships Gold Yoga as you like it. {GIFT} £40.00 every month "
            "£400.00 every year 7 days free Join Gold"
        )

    def test_what_is_theirs_says_so(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        sold = shop.sell(ada)

        response = open_browser(ada).get(LIST)

        assert page_text(response) == (
            f"River Studio Memberships Memberships Gold Yours Yoga as you like it. {GIFT} £40.00 every month "
            "Your membership"
        )
        assert f'href="/my/memberships/{sold.uuid}/"' in response.content.decode()

    def test_a_page_that_sells_nothing_says_so_kindly(self, client: Client, shop: GoldShop) -> None:
        set_published(shop.seller.membership, published=False)

        assert page_text(client.get(LIST)) == (
            "River Studio Memberships Memberships No memberships on sale River Studio isn’t selling memberships at "
            "the moment. You can still book single events from the schedule. See what’s on"
        )

    def test_hidden_tickets_are_not_named(self, client: Client, shop: GoldShop) -> None:
        membership = shop.seller.membership
        for name, shown in (("Open", True), ("Secret", False)):
            ticket = TicketFactory.create(entry=shop.entry, group=membership.group, name=name, shown=shown)
            OfferFactory.create(group=membership.group, ticket=ticket)

        said = page_text(client.get(LIST))

        assert "Unlimited tickets, for you only. “ Open ”" in said
        assert ("Secret" in said, said.count("Unlimited tickets")) == (False, 1)

    def test_of_very_many_tickets_the_newest_are_named(self, client: Client, shop: GoldShop) -> None:
        group = shop.seller.membership.group
        first = TicketFactory.create(entry=shop.entry, group=group, name="Oldest")
        offer = OfferFactory.create(group=group, ticket=first)
        for number in range(READ):
            ticket = TicketFactory.create(entry=shop.entry, group=group, name=("Mat", "Chair")[number % 2])
            Coverage.objects.create(account=group.account, offer=offer, ticket=ticket)

        said = page_text(client.get(LIST))

        assert "“ Mat ”, “ Chair ”, many more" in said
        assert "Oldest" not in said

    @pytest.mark.parametrize("count", [1, 3])
    def test_costs_the_same_however_many(
        self, shop: GoldShop, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        ada = shop.create_ada()
        for number in range(count - 1):
            _another(shop, f"Silver {number}")
        client = open_browser(ada)

        with django_assert_num_queries(8):
            response = client.get(LIST)

        assert response.content.decode().count("Join<") == count


@pytest.mark.usefixtures("shop")
class TestTheTopBar:
    def test_leads_to_the_memberships(self, client: Client) -> None:
        assert _bar(client) is True

    def test_not_where_nothing_can_be_sold(self, client: Client) -> None:
        Account.objects.update(plan=Plan.FREE)
        assert _bar(client) is False
        Account.objects.update(plan=Plan.STANDARD)
        Connection.objects.update(disconnected_at=timezone.now())
        assert _bar(client) is False


class TestOneMembership:
    def test_a_stranger_is_asked_to_log_in_and_comes_back(self, client: Client, shop: GoldShop) -> None:
        response = client.get(shop.gold)

        assert page_text(response) == (
            f"{GOLD} What you get {GIFT} Join £40.00 every month {TERMS} "
            "Log in to join Create an account to join "
            "Your membership is linked to your email address. Log in with it to book. "
            f"Next events for members {ahead(shop)}"
        )
        back = f"?next=%2Friver%2Fmemberships%2F{shop.seller.membership.pk}%2F"
        text = response.content.decode()
        assert [f'href="/accounts/{page}/{back}"' in text for page in ("login", "signup")] == [True, True]

    def test_a_post_without_a_login_is_asked_to_log_in(self, client: Client, shop: GoldShop) -> None:
        response = client.post(shop.gold, shop.price_form)

        assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={shop.gold}")
        assert Subscription.objects.count() == 0

    def test_who_never_proved_their_address_is_told_how(self, shop: GoldShop) -> None:
        client = open_unverified_browser()

        response = client.get(shop.gold)

        assert (
            f"{CONFIRM_ADDRESS_FIRST} Your membership will be linked to new@example.org, so we need to know "
            "it’s yours. Send confirmation link"
        ) in page_text(response)
        assert "Continue to payment" not in page_text(response)
        assert client.post(shop.gold, shop.price_form).status_code == 200
        assert Subscription.objects.count() == 0

    def test_somebody_logged_in_can_join(self, shop: GoldShop) -> None:
        ada = shop.create_ada()

        assert page_text(open_browser(ada).get(shop.gold)) == (
            f"{GOLD} What you get {GIFT} Join £40.00 every month {TERMS} "
            f"Continue to payment Add to basket Joining as {ada.email} Next events for members {ahead(shop)}"
        )

    def test_several_prices_are_a_choice(self, shop: GoldShop) -> None:
        yearly(shop, trial_days=7)

        said = page_text(open_browser(shop.create_ada()).get(shop.gold))

        assert (
            "How would you like to pay? Monthly: £40.00 every month Yearly: £400.00 every year, first 7 days free"
            in said
        )
        assert "Your first payment is taken straight away, or when your free trial ends. Cancel before then" in said

    def test_the_trial_is_for_who_has_not_had_it(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        yearly(shop, trial_days=7)
        sold = shop.sell(ada)
        Subscription.objects.filter(pk=sold.pk).update(status=SubscriptionStatus.CANCELED, ended_at=timezone.now())

        assert "Yearly: £400.00 every year" in page_text(open_browser(ada).get(shop.gold))
        assert "free" not in page_text(open_browser(ada).get(shop.gold))

    def test_what_is_theirs_is_not_sold_again(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        shop.sell(ada)
        client = open_browser(ada)

        for response in (client.get(shop.gold), client.post(shop.gold, shop.price_form)):
            assert page_text(response) == (
                f"River Studio Memberships Gold Gold Yoga as you like it. {HAS_MEMBERSHIP} "
                f"Your membership What you get {GIFT} Next events for members {ahead(shop)}"
            )
        assert Subscription.objects.count() == 1

    def test_who_paid_in_another_tab_is_told_that_it_is_theirs(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        _purchase, url = shop.seller.start_checkout(ada)
        shop.seller.sandbox.shopper.pay(url)

        response = open_browser(ada).post(shop.gold, shop.price_form, follow=True)

        assert HAS_MEMBERSHIP in page_text(response)
        assert Subscription.objects.get().status == SubscriptionStatus.ACTIVE

    @pytest.mark.parametrize("price", [{}, {"price": "gone"}])
    def test_a_price_must_be_chosen(self, shop: GoldShop, price: dict[str, str]) -> None:
        yearly(shop)

        response = open_browser(shop.create_ada()).post(shop.gold, price)

        said = PRICE_GONE if price else "Choose a price"
        assert (response.status_code, f"attention {said} Gold Yoga" in page_text(response)) == (422, True)

    @pytest.mark.parametrize("count", [1, 3])
    def test_costs_the_same_however_many_prices(
        self, shop: GoldShop, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(count - 1):
            yearly(shop)
        client = open_browser(shop.create_ada())

        with django_assert_num_queries(10):
            response = client.get(shop.gold)

        assert page_text(response).count("every year") == count - 1

    def test_elsewhere_it_does_not_exist(self, client: Client, shop: GoldShop) -> None:
        SchedulePageFactory.create(slug="other")

        answers = [client.get(f"/{path}/memberships/{pk}/").status_code for path, pk in _wrong(shop)]

        assert answers == [404, 404, 404]

    def test_not_published_it_does_not_exist(self, client: Client, shop: GoldShop) -> None:
        set_published(shop.seller.membership, published=False)

        assert client.get(shop.gold).status_code == 404

    def test_classes_without_a_place_or_behind_hidden_tickets_are_not_promised(
        self, client: Client, shop: GoldShop
    ) -> None:
        group = shop.seller.membership.group
        start = timezone.now() + timedelta(days=1)
        full = EntryFactory.create(page=shop.seller.page, title="Full", starts_at=start, capacity=1)
        full.places.taken = 1
        full.places.save()
        secret = EntryFactory.create(page=shop.seller.page, title="Secret", starts_at=start)
        TicketFactory.create(entry=full, group=group)
        TicketFactory.create(entry=secret, group=group, shown=False)

        assert page_text(client.get(shop.gold)).endswith(f"Next events for members {ahead(shop)}")


class TestBuying:
    def test_leads_to_the_checkout_and_twice_to_the_same(self, shop: GoldShop) -> None:
        ada = shop.create_ada()
        client = open_browser(ada)

        first, second = (client.post(shop.gold, shop.price_form) for _ in range(2))

        purchase = Subscription.objects.get()
        session = shop.seller.stripe.checkout.sessions.retrieve(purchase.session)
        assert (first.status_code, second.status_code) == (303, 303)
        assert first["Location"] == second["Location"] == session.url
        assert (purchase.customer, purchase.page, purchase.status) == (
            ada,
            shop.seller.page,
            SubscriptionStatus.PENDING,
        )

    def test_somebody_new_becomes_a_customer(self, shop: GoldShop) -> None:
        user = UserFactory.create(email="zoe@example.org", name="Zoë")
        client = Client()
        client.force_login(user)

        assert client.post(shop.gold, shop.price_form).status_code == 303
        made = Customer.objects.get()
        assert (made.email, made.name, made.user, made.account) == ("zoe@example.org", "Zoë", user, shop.seller.account)

    def test_not_on_sale_any_more(self, shop: GoldShop) -> None:
        set_published(shop.seller.membership, published=False)

        response = open_browser(shop.create_ada()).post(shop.gold, shop.price_form, follow=True)

        assert response.redirect_chain == [(LIST, 302)]
        assert MEMBERSHIP_NOT_ON_SALE in page_text(response)

    def test_stripe_is_down(self, shop: GoldShop) -> None:
        shop.seller.sandbox.arm("error", "POST /v1/checkout/sessions", times=10)

        response = open_browser(shop.create_ada()).post(shop.gold, shop.price_form)

        assert response.status_code == 503
        assert page_text(response).startswith(
            f"River Studio Memberships Gold Something needs your attention {STRIPE_IS_DOWN} Gold Yoga as you like it."
        )
        assert "Continue to payment" in page_text(response)

    def test_stripe_refuses_the_key(self, shop: GoldShop) -> None:
        Connection.objects.update(encrypted_key="not sealed")

        response = open_browser(shop.create_ada()).post(shop.gold, shop.price_form)

        assert response.status_code == 503
        assert f"{STRIPE_REFUSES} River Studio ({Account.objects.get().contact})." in page_text(response)


def _another(shop: GoldShop, title: str) -> Membership:
    now = timezone.now()
    membership = create_membership(shop.seller.account, MembershipDetails(title=title), group=None, now=now)
    OfferFactory.create(group=membership.group, page=shop.seller.page)
    Price.objects.create(
        account=shop.seller.account, membership=membership, title="Monthly", amount=100, currency="GBP", created_at=now
    )
    set_published(membership, published=True)
    return membership


def _bar(client: Client) -> bool:
    return f'href="{LIST}"' in client.get("/river/").content.decode().partition("<main")[0]


def _wrong(shop: GoldShop) -> list[tuple[str, int]]:
    return [("other", shop.seller.membership.pk), ("river", 0), ("nowhere", shop.seller.membership.pk)]
