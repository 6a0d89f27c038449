"""A member changes to a larger membership in the middle of a month, in a browser, with Stripe's sandbox."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookwhen.sandbox.stripe import Sandbox
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from memberships.models import Membership, Subscription
from tests.factories.accounts import UserFactory
from tests.factories.schedule import EntryFactory, OfferFactory, TicketFactory
from tests.journeys.steps import ADA, open_dashboard, open_menu, pay_by_card
from tests.sentences import WELCOME
from tests.worlds.new_studio import PASSWORD, NewStudio
from tickets.consistency import check_books
from tickets.models import Seat

pytestmark = pytest.mark.journey

LogIn = Callable[[Page, str], None]


def test_changed_to_a_larger_membership_in_the_middle_of_a_month(
    page: Page,
    customer: Page,
    stripe_studio: NewStudio,
    stripe_here: Sandbox,
    log_in: LogIn,
    deliver_stripe_events: Callable[[], None],
) -> None:
    stripe_studio.account.refresh_from_db()
    ten, unlimited = sell(stripe_studio, "Ten a month", 4000, 10), sell(stripe_studio, "Unlimited", 6000, None)
    entry = EntryFactory.create(
        page=stripe_studio.page, title="Evening Flow", starts_at=timezone.now() + timedelta(days=25)
    )
    TicketFactory.create(entry=entry, name="Members’ ticket", group=ten.group).groups.add(unlimited.group)
    UserFactory.create(email=ADA, name="Ada Lovelace", password=PASSWORD)
    they_buy_the_smaller_one_and_book(customer, ten, log_in)
    for _week in range(2):
        stripe_here.advance("week")
    deliver_stripe_events()

    customer.goto("/river-studio/memberships/")
    customer.get_by_role("link", name="Join Unlimited").click()
    expect(customer.get_by_text("Change your membership, or have both?")).to_be_visible()
    customer.get_by_role("link", name="Change from Ten a month").click()
    expect(customer.get_by_role("heading", level=1)).to_have_text("Change to Unlimited?")
    now = customer.get_by_role("button", name="Change now for")
    charged = now.inner_text().removeprefix("Change now for ")
    now.click()

    expect(customer.get_by_text("Your membership is now Unlimited.")).to_be_visible()
    expect(customer.get_by_role("table", name="Invoices").get_by_text(charged)).to_be_visible()
    deliver_stripe_events()
    changed = Subscription.objects.get()
    assert changed.membership == unlimited
    assert 0 < changed.invoices.all()[0].amount_paid < 2000
    assert Seat.objects.live().filter(use__period__offer__group=unlimited.group).count() == 1
    the_studio_sees_it(page, stripe_studio)
    assert check_books(now=timezone.now()) == []


def sell(studio: NewStudio, title: str, amount: int, limit: int | None) -> Membership:
    """A membership on sale in a group of its own, whose offer covers the studio's page."""
    now = timezone.now()
    made = create_membership(studio.account, MembershipDetails(title=title), group=None, now=now)
    add_price(made, PriceTerms(title="Monthly", amount=amount), now=now)
    set_published(made, published=True)
    OfferFactory.create(group=made.group, page=studio.page, limit=limit)
    return made


def they_buy_the_smaller_one_and_book(member: Page, membership: Membership, log_in: LogIn) -> None:
    member.goto(f"/river-studio/memberships/{membership.pk}/")
    log_in(member, ADA)
    member.get_by_role("button", name="Continue to payment").click()
    pay_by_card(member)
    expect(member.get_by_role("heading", level=1)).to_have_text(WELCOME)
    member.get_by_role("link", name="Evening Flow").click()
    member.get_by_label("Book “Members’ ticket”").check()
    member.get_by_role("button", name="Continue").click()
    member.get_by_role("button", name="Confirm booking").click()
    member.goto("/my/memberships/")
    expect(member.get_by_text("1 of 10 used").first).to_be_visible()


def the_studio_sees_it(page: Page, studio: NewStudio) -> None:
    open_dashboard(page, studio)
    open_menu(page, "Memberships")
    page.get_by_role("link", name="Customer memberships").click()
    page.get_by_role("link", name="Ada Lovelace").click()
    expect(page.get_by_role("table", name="History")).to_contain_text("Ten a month → Unlimited")
