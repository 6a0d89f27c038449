"""What members pay: a membership and the tickets it opens in one checkout, on a telephone; and discounts."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from groups.models import Group, Standing
from groups.services import add_customers
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from memberships.models import Membership, Subscription, SubscriptionStatus
from offers.models import UsagePeriod
from tests import dashboard_sentences as says
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory
from tests.journeys.steps import (
    ADA,
    assert_books_balance,
    basket_button,
    create_login,
    expect_booked,
    fill_basket,
    go_to_checkout,
    list_problems,
    log_in_to,
    newest_booking,
    open_dashboard,
    open_entry,
    open_menu,
    pay_by_card,
    put_entry_on_sale,
)
from tests.worlds.new_studio import NewStudio
from tickets.models import Payment, Seat, TicketCost

pytestmark = pytest.mark.journey

News = Callable[[], None]
SCHEDULE = "/river-studio/"


@pytest.fixture
def gold(stripe_studio: NewStudio) -> Membership:
    """A published membership at 40.00 a month whose group has one exclusive ticket a month."""
    now = timezone.now()
    membership = create_membership(stripe_studio.account, MembershipDetails(title="Gold"), group=None, now=now)
    add_price(membership, PriceTerms(title="Monthly", amount=4000), now=now)
    set_published(membership, published=True)
    OfferFactory.create(group=membership.group, page=stripe_studio.page, limit=1)
    return membership


def for_members(stripe_studio: NewStudio, gold: Membership, title: str, starts_at: datetime, price: int = 0) -> None:
    entry = EntryFactory.create(page=stripe_studio.page, title=title, starts_at=starts_at)
    cost = TicketCost.COST if price else TicketCost.NONE
    TicketFactory.create(entry=entry, group=gold.group, name="Members’ ticket", cost=cost, price=price)


def test_a_membership_and_the_tickets_it_opens_are_paid_in_one_checkout(
    page: Page, customer: Page, stripe_studio: NewStudio, gold: Membership, deliver_stripe_events: News
) -> None:
    now = timezone.now()
    for_members(stripe_studio, gold, "Quiet Hour", now + timedelta(days=3), price=500)
    for_members(stripe_studio, gold, "Long Sit", now + timedelta(days=40))
    customer.set_viewport_size({"width": 390, "height": 780})
    log_in_to(customer, create_login(), SCHEDULE)

    the_membership_opens_the_ticket_at_once(customer)
    a_later_one_counts_in_the_next_period(customer)
    both_are_paid_at_once(customer)
    deliver_stripe_events()
    they_are_a_member_and_the_uses_are_filed_by_the_billing_date()
    my_memberships_shows_what_is_left(customer)
    the_studio_sees_with_which_booking_it_was_bought(page, stripe_studio)
    assert_books_balance()


def the_membership_opens_the_ticket_at_once(customer: Page) -> None:
    open_entry(customer, "Quiet Hour")
    expect(customer.get_by_role("article")).to_contain_text("Members only")
    expect(customer.get_by_role("button", name="Continue")).to_have_count(0)
    assert list_problems(customer) == []
    customer.get_by_role("button", name="Add Gold to basket").click()
    expect(customer.get_by_role("heading", level=1)).to_have_text("Quiet Hour")
    expect(basket_button(customer)).to_have_text("Basket (1)")
    customer.get_by_label("Book “Members’ ticket”").check()
    customer.get_by_role("button", name="Continue").click()
    expect(customer.get_by_text("0 tickets left after this")).to_be_visible()
    assert list_problems(customer) == []
    customer.get_by_role("button", name="Add to basket").click()
    expect(customer.get_by_role("region", name="Quiet Hour")).to_contain_text("Gold: 1 of your 1 ticket used")


def a_later_one_counts_in_the_next_period(customer: Page) -> None:
    open_entry(customer, "Long Sit")
    customer.get_by_label("Book “Members’ ticket”").check()
    customer.get_by_role("button", name="Continue").click()
    customer.get_by_role("button", name="Add to basket").click()
    expect(customer.get_by_role("region", name="Long Sit")).to_contain_text("Gold: 1 of your 1 ticket used")


def both_are_paid_at_once(customer: Page) -> None:
    sums = customer.get_by_role("complementary")
    expect(sums).to_contain_text("Later, for Gold: £40.00 every month until you cancel. It renews automatically.")
    assert list_problems(customer) == []
    go_to_checkout(customer, "£45.00")
    pay_by_card(customer)
    expect_booked(customer)
    expect(customer.get_by_role("heading", level=2)).to_contain_text(["Quiet Hour", "Long Sit", "Payment"])
    expect(customer.locator("#payment")).to_contain_text("£5.00")
    assert list_problems(customer) == []


def they_are_a_member_and_the_uses_are_filed_by_the_billing_date() -> None:
    subscription = Subscription.objects.get()
    assert (subscription.status, subscription.booking) == (SubscriptionStatus.ACTIVE, newest_booking())
    assert subscription.started_at is not None
    billed_on = timezone.localtime(subscription.started_at, subscription.account.zone).date()
    standing = Standing.objects.get(until=None)
    assert (standing.anchor, standing.member.customer.email) == (billed_on, ADA)
    first, second = UsagePeriod.objects.order_by("starts_on")
    assert (first.starts_on, first.used, second.starts_on, second.used) == (billed_on, 1, first.ends_on, 1)
    assert [(each.amount, each.state) for each in Payment.objects.all()] == [(500, "paid")]


def my_memberships_shows_what_is_left(customer: Page) -> None:
    customer.goto("/my/memberships/")
    expect(customer.get_by_text("Active", exact=True)).to_be_visible()
    expect(customer.get_by_text("1 of 1 used").first).to_be_visible()
    assert list_problems(customer) == []


def the_studio_sees_with_which_booking_it_was_bought(page: Page, stripe_studio: NewStudio) -> None:
    open_dashboard(page, stripe_studio)
    open_menu(page, "Memberships")
    page.get_by_role("link", name="Customer memberships").click()
    page.get_by_role("link", name="Ada Lovelace").click()
    details = page.locator("#details")
    expect(details).to_contain_text("Associated booking")
    details.get_by_role("link", name=newest_booking().reference).click()
    expect(page.locator("#details")).to_contain_text("Gold · bought with this booking")
    expect(page.get_by_role("table", name="Spaces")).to_contain_text("one use from Gold")


def test_members_pay_the_best_price_and_others_the_full_one(
    page: Page, customer: Page, stripe_studio: NewStudio, deliver_stripe_events: News
) -> None:
    put_entry_on_sale(stripe_studio, "Evening Flow")
    put_entry_on_sale(stripe_studio, "Morning Flow", 400)
    create_login()
    for name in ("Friends", "Students"):
        add_customers(
            GroupFactory.create(account=stripe_studio.account, name=name), {ADA: "Ada Lovelace"}, now=timezone.now()
        )
    open_dashboard(page, stripe_studio)

    a_discount_is_made(page, "Friends", "Percent off", "25")
    a_discount_is_made(page, "Students", "Amount off", "2")
    others_pay_the_full_price(customer)
    log_in_to(customer, ADA, SCHEDULE)
    a_member_sees_the_old_and_the_new_price(customer)
    the_basket_explains_it_line_by_line(customer)
    deliver_stripe_events()
    the_studio_sees_what_it_gave(page)
    assert_books_balance()


def a_discount_is_made(page: Page, group: str, label: str, value: str) -> None:
    open_menu(page, "Customer groups")
    page.get_by_role("link", name=group, exact=True).click()
    page.get_by_role("link", name="Add offer").first.click()
    page.get_by_role("button", name=says.CREATE_DISCOUNT_OFFER).click()
    page.get_by_label("Offer enabled").check()
    page.get_by_label("Percent off").fill("")
    page.get_by_label(label).fill(value)
    page.get_by_label("All tickets").check()
    page.get_by_role("checkbox", name="River Studio", exact=True).check()
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_role("table", name="Offers of this group")).to_contain_text("off")
    offer = Group.objects.get(name=group).offers.get()
    assert (offer.percent, offer.amount_off) == ((25, None) if group == "Friends" else (None, 200))


def others_pay_the_full_price(customer: Page) -> None:
    fill_basket(customer, "Evening Flow", name="Grace", email="grace@example.org")
    go_to_checkout(customer, "£12.00")
    pay_by_card(customer)
    expect_booked(customer)


def a_member_sees_the_old_and_the_new_price(customer: Page) -> None:
    for title, price in (
        ("Evening Flow", "Was £12.00 now £9.00"),
        ("Morning Flow", "Was £4.00 now £2.00"),
    ):
        open_entry(customer, title)
        expect(customer.get_by_role("article").filter(has_text="Drop-in")).to_contain_text(price)
        customer.get_by_label("Number of “Drop-in”").fill("1")
        customer.get_by_role("button", name="Continue").click()
        customer.get_by_role("button", name="Add to basket").click()


def the_basket_explains_it_line_by_line(customer: Page) -> None:
    evening, morning = (customer.get_by_role("region", name=title) for title in ("Evening Flow", "Morning Flow"))
    expect(evening).to_contain_text("Friends: 25% off, you save £3.00")
    expect(morning).to_contain_text("Students: £2.00 off, you save £2.00")
    expect(customer.get_by_text("Your discounts save you £5.00.")).to_be_visible()
    assert list_problems(customer) == []
    go_to_checkout(customer, "£11.00")
    pay_by_card(customer)
    expect_booked(customer)
    expect(customer.get_by_role("row", name="Ada Lovelace").first).to_contain_text("Friends: 25% off")


def the_studio_sees_what_it_gave(page: Page) -> None:
    open_menu(page, "Payments")
    page.get_by_role("link", name="Ada Lovelace").click()
    expect(page.get_by_role("table", name="Spaces")).to_contain_text("£3.00Friends")
    seats = Seat.objects.order_by("pk").values_list("price", "amount", "discount__group__name")
    assert list(seats) == [(1200, 1200, None), (1200, 900, "Friends"), (400, 200, "Students")]
