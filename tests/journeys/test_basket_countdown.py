"""How long a basket is held counts down in the browser, says so twice to who listens, and ends by itself."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests.journeys.steps import list_problems
from tests.sentences import BASKET_EXPIRED
from tests.worlds.till import Till
from tickets.models import Booking

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def basket(till: Till) -> Booking:
    entry = till.entry(title="Morning yoga")
    return till.fill(entry, till.ticket(entry))


@pytest.fixture
def visitor(browser: Browser, base_url: str, basket: Booking) -> Iterator[Page]:
    """A browser that carries the basket, with a clock of ours."""
    context = browser.new_context(base_url=base_url, locale="en-GB", timezone_id="Europe/London")
    context.add_cookies([{"name": f"basket-{basket.account_id}", "value": str(basket.uuid), "url": base_url}])
    page = context.new_page()
    page.clock.install()
    yield page
    context.close()


def test_the_countdown(visitor: Page, till: Till, basket: Booking) -> None:
    path = f"/{till.page.slug}/basket/"
    visitor.goto(path)
    left, said = visitor.locator("[data-left]"), visitor.locator("[data-hold-said]")
    expect(left).to_have_text("15 minutes")
    expect(said).to_have_text("")

    visitor.clock.fast_forward("09:00")
    expect(left).to_have_text("6 minutes")
    expect(said).to_have_text("")
    visitor.clock.fast_forward("01:30")
    expect(left).to_have_text("5 minutes")
    expect(said).to_have_text("Your basket is held for another 5 minutes.")
    visitor.clock.fast_forward("01:30")
    expect(said).to_have_text("Your basket is held for another 5 minutes.")
    visitor.clock.fast_forward("02:15")
    expect(left).to_have_text(re.compile(r"^[34]\d seconds$"))
    expect(said).to_have_text("Your basket is held for another 1 minute.")

    Booking.objects.filter(pk=basket.pk).update(held_until=timezone.now() - timedelta(seconds=1))
    visitor.clock.fast_forward("01:00")
    expect(visitor.get_by_role("heading", level=1)).to_have_text(BASKET_EXPIRED)
    assert visitor.url.endswith(path)


def test_whoever_wants_less_motion_sees_minutes(visitor: Page, till: Till) -> None:
    visitor.emulate_media(reduced_motion="reduce")
    visitor.goto(f"/{till.page.slug}/basket/")
    visitor.clock.fast_forward("14:15")
    expect(visitor.locator("[data-left]")).to_have_text("1 minute")


def test_the_pages_have_no_fault(page: Page, base_url: str, till: Till, basket: Booking) -> None:
    cookie = {"name": f"basket-{basket.account_id}", "value": str(basket.uuid), "url": base_url}
    page.set_viewport_size({"width": 320, "height": 800})
    path = f"/{till.page.slug}/basket/"
    found = list_problems(page, path)
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    found += list_problems(page, path) + list_problems(page, f"{path}empty/")
    till.check_out(basket)
    found += list_problems(page, path) + list_problems(page, f"{path}?paid={basket.uuid}")
    assert found == []
