"""A discount code is made for two tickets until Sunday, and used on a phone: by its link, and typed."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from tests.factories.accounts import StaffFactory, UserFactory
from tests.journeys.hand import Hand, phone
from tests.journeys.steps import expect_booked, fill_in_booker, list_problems, log_in_to, pay_by_card, put_entry_on_sale
from tests.worlds.new_studio import PASSWORD, NewStudio
from tickets.models import DiscountCode, Seat

pytestmark = pytest.mark.journey

MAYA = "maya@example.org"


def test_a_code_is_made_and_used(browser: Browser, base_url: str, stripe_studio: NewStudio) -> None:
    """Six presses make it; by its link a booking takes one press more than without, typed into the basket three."""
    studio = stripe_studio
    for title in ("Evening Flow", "Long Sit"):
        put_entry_on_sale(studio, title)
    StaffFactory.create(account=studio.account, user=UserFactory.create(email=MAYA, password=PASSWORD))
    sunday = timezone.localdate() + timedelta(days=(6 - timezone.localdate().weekday()) % 7)
    context = browser.new_context(base_url=base_url, locale="en-GB", viewport={"width": 1280, "height": 900})
    desk = Hand(context.new_page())
    log_in_to(desk.page, MAYA, f"/dashboard/{studio.account.slug}/")
    desk.page.wait_for_url(f"**/dashboard/{studio.account.slug}/")
    with desk.counted(6):
        desk.menu("Discount codes")
        desk.link("Create a code")
        desk.page.get_by_label("Code", exact=True).fill("sunday")
        desk.page.get_by_label("Percent off").fill("10")
        desk.press(desk.page.get_by_label("Select individual tickets"))
        desk.press(desk.page.get_by_label("Evening Flow"))
        desk.press(desk.page.get_by_label("Long Sit"))
        desk.page.get_by_label("Last day").fill(f"{sunday:%Y-%m-%d}")
        expect(desk.page.locator("#meaning")).to_contain_text("gets 10% off “Drop-in”, until")
        assert list_problems(desk.page) == []
        desk.button("Create code")
    expect(desk.page.get_by_text("?code=SUNDAY")).to_be_visible()
    assert list_problems(desk.page) == []
    context.close()
    _uses_it(browser, base_url)
    assert DiscountCode.objects.get().uses.used == Seat.objects.exclude(discount_code=None).count() == 2


def _uses_it(browser: Browser, base_url: str) -> None:
    with phone(browser, base_url) as finger:
        page = finger.page
        page.goto("/river-studio/?code=SUNDAY")
        expect(page.get_by_text("We’ll use your discount code SUNDAY")).to_be_visible()
        with finger.counted(4):
            finger.link("Evening Flow", exact=False)
            finger.button("Continue", exact=False)
            fill_in_booker(page)
            finger.button("Pay £12.00")
            expect(page.get_by_text("SUNDAY: you save £1.20")).to_be_visible()
            assert list_problems(page) == []
            finger.button("Pay £10.80")
        pay_by_card(page)
        expect_booked(page)
    with phone(browser, base_url) as finger:
        page = finger.page
        page.goto("/river-studio/")
        finger.link("Evening Flow", exact=False)
        finger.button("Continue", exact=False)
        fill_in_booker(page)
        finger.button("Add to basket")
        with finger.counted(2):
            finger.press(page.locator("summary", has_text="Discount code"))
            page.get_by_label("Discount code").fill("sunday")
            finger.button("Apply")
        expect(page.get_by_text("Pay £10.80")).to_be_visible()
        assert list_problems(page) == []
        finger.button("Pay £10.80")
        pay_by_card(page)
        expect_booked(page)
