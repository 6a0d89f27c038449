"""A membership paused and resumed in a browser: by the studio, then by the member, with Stripe's sandbox."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookwhen.sandbox.stripe import Sandbox
from memberships.models import Subscription
from tests.factories.accounts import UserFactory
from tests.factories.payments import connect_stripe, new_key
from tests.journeys.steps import ADA, assert_books_balance, choose_action, open_menu
from tests.journeys.test_membership_life import (
    LogIn,
    a_membership_is_put_on_sale,
    somebody_buys_it_without_any_ticket,
    they_book_an_exclusive_ticket,
)
from tests.worlds.new_studio import PASSWORD, NewStudio

pytestmark = pytest.mark.journey

EVENING = "Evening Flow"


def test_paused_and_resumed_by_the_studio_and_by_the_member(
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
    a_membership_is_put_on_sale(page, studio, stripe_here, key)
    somebody_buys_it_without_any_ticket(customer, log_in)
    the_studio_lets_members_pause_and_access_rest_at_once(page)

    the_studio_pauses_it_until_somebody_resumes_it(page, customer, studio)
    the_studio_lets_them_in_meanwhile(page, customer)
    the_studio_resumes_it(page, deliver_stripe_events)
    customer.goto(f"/{studio.page.slug}/")
    they_book_an_exclusive_ticket(customer)
    the_member_pauses_it_and_cancels_what_is_booked(customer)
    a_period_is_left_out(customer, stripe_here, deliver_stripe_events)
    the_member_resumes_it(customer)
    it_goes_on_with_the_next_payment(customer, stripe_here, deliver_stripe_events)
    assert_books_balance()


def the_studio_lets_members_pause_and_access_rest_at_once(page: Page) -> None:
    open_menu(page, "Settings")
    page.get_by_role("link", name="Payments", exact=True).last.click()
    page.get_by_role("link", name="Change Pausing memberships").click()
    page.get_by_label("Members can pause their own memberships").check()
    page.get_by_label("Stop new bookings when the pause starts").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Members can pause their own memberships for up to 90 days.")).to_be_visible()


def the_studio_pauses_it_until_somebody_resumes_it(page: Page, member: Page, studio: NewStudio) -> None:
    """From their own page, which it comes back to."""
    open_menu(page, "Customers")
    page.get_by_role("link", name="Ada Lovelace").click()
    choose_action(page, "Actions for membership Gold", "Pause membership")
    page.get_by_label("When somebody resumes it").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("They have no bookings during the pause")).to_be_visible()
    page.get_by_role("button", name="Pause membership").click()
    expect(page.get_by_text("“Gold” is paused for Ada Lovelace until it’s resumed.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")
    page.get_by_role("link", name="Gold", exact=True).last.click()
    assert Subscription.objects.get().pause_behavior == "void"
    member.goto(f"/{studio.page.slug}/")
    member.get_by_role("link", name=EVENING).click()
    expect(member.get_by_text("Your membership is paused. Resume it to book this ticket.")).to_be_visible()
    member.get_by_role("link", name="Resume your membership").click()
    expect(member.get_by_role("button", name="Resume membership Gold")).to_be_visible()


def the_studio_lets_them_in_meanwhile(page: Page, member: Page) -> None:
    page.get_by_role("button", name="Let them in now").click()
    expect(page.get_by_text("You’ve let them in, so they can book meanwhile.")).to_be_visible()
    member.goto("/my/memberships/")
    expect(member.get_by_text("The studio has let you in, so you can book meanwhile.")).to_be_visible()


def the_studio_resumes_it(page: Page, deliver_stripe_events: Callable[[], None]) -> None:
    page.get_by_role("button", name="Resume membership").click()
    expect(page.get_by_text("“Gold” is no longer paused for Ada Lovelace.")).to_be_visible()
    deliver_stripe_events()
    page.reload()
    expect(page.get_by_role("row", name="Resumed")).to_have_count(1)


def the_member_pauses_it_and_cancels_what_is_booked(member: Page) -> None:
    member.goto("/my/memberships/")
    member.get_by_role("link", name="Pause membership Gold").click()
    member.get_by_role("button", name="Continue").click()
    expect(member.get_by_text("You have this ticket booked during the pause:")).to_be_visible()
    member.get_by_label("Cancel the bookings").check()
    member.get_by_role("button", name="Pause membership").click()
    expect(member.get_by_text("1 booking was cancelled.")).to_be_visible()
    expect(member.get_by_text("You can’t make new bookings with it while it’s paused.")).to_be_visible()


def a_period_is_left_out(member: Page, stripe_here: Sandbox, deliver_stripe_events: Callable[[], None]) -> None:
    stripe_here.advance("period")
    deliver_stripe_events()
    member.reload()
    expect(member.get_by_role("table", name="Invoices").get_by_text("Cancelled", exact=True)).to_have_count(1)


def the_member_resumes_it(member: Page) -> None:
    member.get_by_role("button", name="Resume membership Gold").click()
    expect(member.get_by_text("You can book with it again from your next payment on")).to_be_visible()
    expect(member.get_by_text("Starts again on")).to_be_visible()


def it_goes_on_with_the_next_payment(
    member: Page, stripe_here: Sandbox, deliver_stripe_events: Callable[[], None]
) -> None:
    stripe_here.advance("period")
    deliver_stripe_events()
    member.goto("/my/memberships/")
    expect(member.get_by_text("Active", exact=True)).to_be_visible()
    subscription = Subscription.objects.get()
    assert subscription.paid_until is None
    assert subscription.invoices.filter(status="paid").count() == 2
    assert subscription.period_end is not None
    assert subscription.period_end > timezone.now() + timedelta(days=80)
