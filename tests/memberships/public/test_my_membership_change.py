"""Changing one's own membership: what is offered, what it will do, done as it was told, and taken back."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Customer
from accounts.public.phrases import format_day
from bookwhen.sandbox.stripe.shopper import ASKS_ALWAYS, PAYS
from groups.models import Group
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from memberships.models import Price, Subscription
from offers.eligibility import Attendee
from tests.browsing import fields_of_form, open_browser, page_text
from tests.factories.schedule import EntryFactory, OfferFactory, TicketFactory, create_customer_with_login, load_entry
from tests.memberships.test_changing import use_card
from tests.worlds.gold_shop import GoldShop
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.release import process_releases
from tickets.booking.request import WantedTicket
from tickets.models import Seat


@pytest.fixture
def unlimited(shop: GoldShop) -> Price:
    """*Unlimited*, at 60.00 a month, which covers everything on the page that names its group."""
    return put_on_sale(shop, "Unlimited", 6000)


@pytest.fixture
def ada(shop: GoldShop) -> Customer:
    return shop.create_ada()


def put_on_sale(shop: GoldShop, title: str, amount: int, group: Group | None = None) -> Price:
    seller, now = shop.seller, timezone.now()
    made = create_membership(seller.account, MembershipDetails(title=title), group=group, now=now)
    price = add_price(made, PriceTerms(title="Monthly", amount=amount), now=now)
    set_published(made, published=True)
    OfferFactory.create(group=made.group, page=seller.page)
    return price


def path(subscription: Subscription, do: str = "") -> str:
    return f"/my/memberships/{subscription.uuid}/change/{do}"


def book_place(shop: GoldShop, customer: Customer, *, days: int) -> None:
    """A place in a class that is for Gold alone."""
    made = EntryFactory.create(
        page=shop.seller.page, title=f"Class in {days}", starts_at=timezone.now() + timedelta(days=days)
    )
    ticket = TicketFactory.create(entry=made, group=shop.seller.membership.group)
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
    who = person_of_customer(customer)
    book(load_entry(made), customer, wanted, who=who, key=uuid4(), now=timezone.now())


def test_what_it_costs_is_shown_and_then_done(shop: GoldShop, ada: Customer, unlimited: Price) -> None:
    sold, browser = shop.sell(ada), open_browser(ada)
    chosen = page_text(browser.get(path(sold)))
    assert "You have Gold. Choose what you’d like instead" in chosen
    assert "Unlimited Change to Monthly (Unlimited) £60.00 every month" in chosen

    shown = browser.get(path(sold), {"price": str(unlimited.uuid)})
    day = format_day(sold.period_end, sold.account)
    assert (
        "Now "
        "Unused time on Gold -£40.00 "
        f"Unlimited until {day} £60.00 "
        "To pay now £20.00 "
        f"From {day} it costs £60.00 every month. The billing date stays the same. "
        "What has been used in this period counts towards the new allowance. "
        "Change now for £20.00"
    ) in page_text(shown)
    done = browser.post(path(sold), fields_of_form(shown, 'value="now"'), follow=True)

    assert "Your membership is now Unlimited." in page_text(done)
    assert Subscription.objects.get().price == unlimited
    again = browser.post(path(sold), fields_of_form(shown, 'value="now"'), follow=True)
    assert "My memberships Unlimited Unlimited Active" in page_text(again)
    assert sold.invoices.count() == 2


def test_at_the_next_billing_date_and_taken_back(shop: GoldShop, ada: Customer, unlimited: Price) -> None:
    sold, browser = shop.sell(ada), open_browser(ada)
    shown = browser.get(path(sold), {"price": str(unlimited.uuid)})

    done = browser.post(path(sold), fields_of_form(shown, 'value="renewal"'), follow=True)

    told = page_text(done)
    day = format_day(sold.period_end, sold.account)
    assert f"Next payment £60.00 on {day}" in told
    assert "From then on you have Unlimited, £60.00 every month." in told
    assert f"Changes on {day}" in page_text(browser.get("/my/memberships/"))
    assert "From then on you have Unlimited" in page_text(browser.get(path(sold)))
    undone = browser.post(path(sold, "undo/"), follow=True)
    assert "Your membership stays as it is." in page_text(undone)
    assert Subscription.objects.get().next_price == ""


def test_a_card_that_asks_leads_to_the_bill(shop: GoldShop, ada: Customer, unlimited: Price) -> None:
    sold, browser = shop.sell(ada), open_browser(ada)
    use_card(shop.seller, sold, ASKS_ALWAYS)
    shown = browser.get(path(sold), {"price": str(unlimited.uuid)})

    done = browser.post(path(sold), fields_of_form(shown, 'value="now"'), follow=True)

    told = page_text(done)
    assert "Your membership hasn’t changed yet: the payment didn’t go through." in told
    assert "Your change to Unlimited waits for your payment." in told
    bill = sold.invoices.get(status="open")
    assert f'href="{bill.hosted_url}"' in done.content.decode()
    shop.seller.sandbox.shopper.pay(bill.hosted_url, PAYS)
    back = browser.get(f"/my/memberships/{sold.uuid}/?back=1", follow=True)
    assert "My memberships Unlimited Unlimited Active" in page_text(back)


@pytest.mark.parametrize(("choice", "left"), [("keep", 1), ("cancel", 0)])
def test_bookings_that_are_not_covered_are_kept_unless_they_say_otherwise(
    shop: GoldShop, ada: Customer, unlimited: Price, choice: str, left: int
) -> None:
    sold, browser = shop.sell(ada), open_browser(ada)
    book_place(shop, ada, days=5)
    shown = browser.get(path(sold), {"price": str(unlimited.uuid)})
    assert "1 booking isn’t covered by the new membership Class in 5" in page_text(shown)
    fields = fields_of_form(shown, 'value="now"')
    assert fields["bookings"] == "keep"

    browser.post(path(sold), fields | {"bookings": choice})
    process_releases(now=timezone.now())

    assert Seat.objects.live().count() == left


def test_a_quote_that_is_not_ours_is_asked_again(shop: GoldShop, ada: Customer, unlimited: Price) -> None:
    sold, browser = shop.sell(ada), open_browser(ada)
    shown = browser.get(path(sold), {"price": str(unlimited.uuid)})
    fields = fields_of_form(shown, 'value="now"')

    for quote in ("", "1:2:3", fields["quote"][:-1]):
        refused = browser.post(path(sold), fields | {"quote": quote})
        assert refused.status_code == 409
        assert "Something changed while this page was open." in page_text(refused)
    assert Subscription.objects.get().price == shop.seller.price


def test_only_what_is_sold_can_be_changed_to(shop: GoldShop, ada: Customer, unlimited: Price) -> None:
    sold, browser = shop.sell(ada), open_browser(ada)
    set_published(unlimited.membership, published=False)

    assert "River Studio isn’t selling another membership at the moment." in page_text(browser.get(path(sold)))
    chosen = browser.get(path(sold), {"price": str(unlimited.uuid)})
    assert "Change to Unlimited?" not in page_text(chosen)


def test_who_is_a_member_is_offered_the_change_where_they_would_buy(
    shop: GoldShop, ada: Customer, unlimited: Price
) -> None:
    sold, browser = shop.sell(ada), open_browser(ada)
    page = f"/river/memberships/{unlimited.membership_id}/"

    shown = page_text(browser.get(page))
    assert "Change your membership, or have both?" in shown
    assert "Change from Gold" in shown
    assert "Have both" in shown
    added = browser.post(page, {"price": str(unlimited.uuid), "basket": str(uuid4())}, follow=True)
    basket = page_text(browser.get("/river/basket/"))
    assert "Unlimited" in page_text(added)
    assert "You already have Gold. If you check out, you’ll pay for both." in basket
    assert f'href="{path(sold)}?price={unlimited.uuid}"' in browser.get("/river/basket/").content.decode()


def test_the_way_from_a_membership_with_several_prices_leads_to_these(
    shop: GoldShop, ada: Customer, unlimited: Price
) -> None:
    add_price(unlimited.membership, PriceTerms(title="In full", amount=7000), now=timezone.now())
    put_on_sale(shop, "Silver", 3000)
    sold, browser = shop.sell(ada), open_browser(ada)

    offer = browser.get(f"/river/memberships/{unlimited.membership_id}/").content.decode()
    chooser = f"{path(sold)}?to={unlimited.membership_id}"
    assert f'href="{chooser}"' in offer
    shown = page_text(browser.get(chooser))
    assert "Change to In full (Unlimited)" in shown
    assert "Silver" not in shown
    assert "See all memberships" in shown
    assert "Change to Monthly (Silver)" in page_text(browser.get(path(sold)))


def test_a_paused_one_is_resumed_first(shop: GoldShop, ada: Customer, unlimited: Price) -> None:
    sold, browser = shop.sell(ada), open_browser(ada)
    assert "Change membership" in page_text(browser.get("/my/memberships/"))
    Subscription.objects.filter(pk=sold.pk).update(pause_behavior="void")

    assert "Change membership" not in page_text(browser.get("/my/memberships/"))
    assert "Resume membership" not in page_text(browser.get(path(sold)))
    type(shop.seller.account).objects.update(members_pause=True)
    assert "Once it has resumed, you can change it. Resume membership" in page_text(browser.get(path(sold)))


def test_a_second_membership_into_the_same_group_is_not_sold(shop: GoldShop, ada: Customer) -> None:
    other = put_on_sale(shop, "Gold for friends", 3000, group=shop.seller.membership.group)
    shop.sell(ada)
    browser, page = open_browser(ada), f"/river/memberships/{other.membership_id}/"

    shown = page_text(browser.get(page))
    assert "Change to this membership instead of paying twice" in shown
    assert "Continue to payment" not in shown
    assert "Change to this Gold for friends" in page_text(browser.get("/river/memberships/"))
    sent = browser.post(page, {"price": str(other.uuid)}, follow=True)
    assert "Change to this membership instead of paying twice" in page_text(sent)
    assert Subscription.objects.count() == 1


def test_nobody_changes_another_ones(shop: GoldShop, ada: Customer, unlimited: Price) -> None:
    sold = shop.sell(ada)
    bea = open_browser(create_customer_with_login(shop.seller.account, name="Bea"))

    assert bea.get(path(sold)).status_code == 404
    assert bea.post(path(sold, "undo/")).status_code == 404
