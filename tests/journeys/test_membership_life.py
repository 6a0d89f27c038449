"""A membership's whole life in a browser, with Stripe's sandbox: bought, used, renewed, unpaid, paid, kept, ended."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from time_machine import travel

from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.shopper import FAILS_LATER, PAYS
from groups.models import Standing
from memberships.models import Milestone, Subscription, SubscriptionStatus
from tests.factories.accounts import UserFactory
from tests.factories.payments import connect_stripe, new_key
from tests.factories.schedule import EntryFactory, OfferFactory, TicketFactory
from tests.journeys.steps import ADA, choose_action, open_dashboard, open_menu, pay_by_card
from tests.sentences import BOOKINGS_KEPT_UNTIL_PAID, WELCOME
from tests.worlds.new_studio import PASSWORD, NewStudio
from tests.worlds.seller import Seller
from tickets.booking.release import process_releases
from tickets.models import Seat

pytestmark = pytest.mark.journey

LogIn = Callable[[Page, str], None]


def test_a_membership_from_its_purchase_to_its_end(
    page: Page,
    customer: Page,
    studio: NewStudio,
    stripe_here: Sandbox,
    log_in: LogIn,
    deliver_stripe_events: Callable[[], None],
) -> None:
    key = new_key()
    connect_stripe(studio.account, key=key, now=timezone.now())
    UserFactory.create(email=ADA, name="Ada Lovelace", password=PASSWORD)

    seller = a_membership_is_put_on_sale(page, studio, stripe_here, key)
    somebody_buys_it_without_any_ticket(customer, log_in)
    the_news_tell_nothing_new(page, studio, deliver_stripe_events)
    they_are_in_the_group(page, studio)
    they_book_an_exclusive_ticket(customer)
    stripe_here.advance("period")
    deliver_stripe_events()
    it_is_renewed(customer, seller)
    with travel(timezone.now() + timedelta(days=35), tick=True):
        the_uses_are_back(customer)
    the_card_fails(customer, stripe_here, deliver_stripe_events)
    it_is_unpaid(page, customer, studio, stripe_here, deliver_stripe_events)
    they_pay_again(customer, deliver_stripe_events)
    they_cancel_at_period_end_and_keep_it_after_all(customer)
    the_studio_cancels_at_once(page, studio)
    they_are_removed(page, customer, studio)


def a_membership_is_put_on_sale(page: Page, studio: NewStudio, stripe_here: Sandbox, key: str) -> Seller:
    open_dashboard(page, studio)
    open_menu(page, "Memberships")
    page.get_by_role("link", name="Create membership").first.click()
    page.get_by_label("Membership title").fill("Gold")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("link", name="Add price").first.click()
    page.get_by_label("Title").fill("Monthly")
    page.get_by_label("Cost").fill("40")
    page.get_by_role("button", name="Add price").click()
    page.get_by_role("link", name="Edit details").click()
    page.get_by_label("Published").check()
    page.get_by_role("button", name="Save").click()
    membership = studio.account.memberships.get()
    OfferFactory.create(group=membership.group, page=studio.page, limit=2)
    entry = EntryFactory.create(page=studio.page, title="Evening Flow", starts_at=timezone.now() + timedelta(days=2))
    TicketFactory.create(entry=entry, group=membership.group, name="Members’ ticket")
    return Seller(stripe_here, key, studio.account, studio.page, membership, membership.prices.get())


def somebody_buys_it_without_any_ticket(member: Page, log_in: LogIn) -> None:
    member.goto("/river-studio/")
    member.get_by_role("banner").get_by_role("link", name="Memberships").click()
    member.get_by_role("link", name="Join Gold").click()
    log_in(member, ADA)
    member.get_by_role("button", name="Continue to payment").click()
    pay_by_card(member, PAYS)
    expect(member.get_by_role("heading", level=1)).to_have_text(WELCOME)
    expect(member.get_by_role("link", name="Evening Flow")).to_be_visible()
    assert Subscription.objects.get().status == SubscriptionStatus.ACTIVE


def the_news_tell_nothing_new(page: Page, studio: NewStudio, deliver_stripe_events: Callable[[], None]) -> None:
    """The return page came first; the webhooks find it done."""
    before = Milestone.objects.count()
    deliver_stripe_events()
    assert Milestone.objects.count() == before == 2
    open_menu(page, "Memberships")
    page.get_by_role("link", name="Customer memberships").click()
    expect(page.get_by_role("row", name="Ada Lovelace")).to_contain_text("Active")


def they_are_in_the_group(page: Page, studio: NewStudio) -> None:
    open_menu(page, "Customer groups")
    page.get_by_role("link", name="Gold", exact=True).click()
    expect(page.get_by_role("table", name="Customers in this group").get_by_role("rowheader")).to_contain_text(
        ["Ada Lovelace"]
    )


def they_book_an_exclusive_ticket(member: Page) -> None:
    member.get_by_role("link", name="Evening Flow").click()
    member.get_by_label("Book “Members’ ticket”").check()
    member.get_by_role("button", name="Continue").click()
    expect(member.get_by_text("1 ticket left after this")).to_be_visible()
    member.get_by_role("button", name="Confirm booking").click()
    member.goto("/my/memberships/")
    expect(member.get_by_text("1 of 2 used")).to_be_visible()


def it_is_renewed(member: Page, seller: Seller) -> None:
    subscription = Subscription.objects.get()
    assert subscription.period_end == seller.gateway.subscription(subscription.stripe_id).period_end
    member.goto(f"/my/memberships/{subscription.uuid}/")
    expect(member.get_by_role("table", name="Invoices").get_by_text("Paid", exact=True)).to_have_count(2)


def the_uses_are_back(member: Page) -> None:
    """Another usage period runs, with nothing used."""
    member.goto("/my/memberships/")
    expect(member.get_by_text("0 of 2 used")).to_be_visible()


def the_card_fails(member: Page, stripe_here: Sandbox, deliver_stripe_events: Callable[[], None]) -> None:
    member.goto("/my/memberships/")
    member.get_by_role("button", name="Update card details").click()
    member.get_by_label("Test card").select_option(FAILS_LATER)
    member.get_by_role("button", name="Update card").click()
    stripe_here.set_rule("unpaid")
    stripe_here.advance("period")
    deliver_stripe_events()
    member.goto("/my/memberships/")
    expect(member.get_by_text("Your payment for Gold at River Studio didn’t go through.")).to_be_visible()
    assert Subscription.objects.get().status == SubscriptionStatus.PAST_DUE


def it_is_unpaid(
    page: Page, member: Page, studio: NewStudio, stripe_here: Sandbox, deliver_stripe_events: Callable[[], None]
) -> None:
    for _week in range(3):
        stripe_here.advance("week")
    deliver_stripe_events()
    assert Subscription.objects.get().status == SubscriptionStatus.UNPAID
    open_menu(page, "Memberships")
    page.get_by_role("link", name="Customer memberships").click()
    expect(page.get_by_role("row", name="Ada Lovelace")).to_contain_text("Active - Unpaid")
    member.goto("/my/memberships/")
    expect(member.get_by_text(BOOKINGS_KEPT_UNTIL_PAID)).to_be_visible()
    assert Seat.objects.filter(cancelled_at=None).count() == 1


def they_pay_again(member: Page, deliver_stripe_events: Callable[[], None]) -> None:
    member.get_by_role("button", name="Update card details").click()
    member.get_by_label("Test card").select_option(PAYS)
    member.get_by_role("button", name="Update card").click()
    member.goto("/my/memberships/")
    member.get_by_role("link", name="Pay now").click()
    pay_by_card(member, PAYS)
    deliver_stripe_events()
    member.goto("/my/memberships/")
    expect(member.get_by_text("Active", exact=True)).to_be_visible()
    assert Standing.objects.filter(until=None).count() == 1


def they_cancel_at_period_end_and_keep_it_after_all(member: Page) -> None:
    member.get_by_role("link", name="Cancel membership Gold").click()
    member.get_by_role("button", name="Cancel membership").click()
    member.goto("/my/memberships/")
    expect(member.get_by_text("Ends on").first).to_be_visible()
    assert Standing.objects.filter(until=None).count() == 0
    member.get_by_role("button", name="Keep membership Gold").click()
    member.goto("/my/memberships/")
    expect(member.get_by_text("Active", exact=True)).to_be_visible()
    assert Standing.objects.filter(until=None).count() == 1


def the_studio_cancels_at_once(page: Page, studio: NewStudio) -> None:
    open_menu(page, "Customer groups")
    page.get_by_role("link", name="Gold", exact=True).click()
    choose_action(page, "Actions for Ada Lovelace", "Remove customer")
    at_once = page.get_by_role("listitem").filter(has_text="Evening Flow")
    expect(at_once.last).to_be_visible()
    page.get_by_role("button", name="Cancel immediately").click()


def they_are_removed(page: Page, member: Page, studio: NewStudio) -> None:
    process_releases(now=timezone.now())
    open_menu(page, "Customer groups")
    page.get_by_role("link", name="Gold", exact=True).click()
    expect(page.get_by_role("main")).not_to_contain_text("Ada Lovelace")
    assert Subscription.objects.get().status == SubscriptionStatus.CANCELED
    assert Seat.objects.filter(cancelled_at=None).count() == 0
    member.goto("/my/memberships/")
    expect(member.get_by_role("heading", name="Past memberships")).to_be_visible()
