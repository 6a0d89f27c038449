"""What a visitor opens first stays where it was drawn, with no script and with those of the page."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.hand import Hand, phone
from tests.journeys.steps import fill_basket, list_problems, put_entry_on_sale
from tests.worlds.new_studio import NewStudio

pytestmark = pytest.mark.journey

MEASURE: Final = """
    window.shifted = 0
    new PerformanceObserver(list => {
        for (const each of list.getEntries()) window.shifted += each.value
    }).observe({type: "layout-shift", buffered: true})
"""


@pytest.fixture
def finger(browser: Browser, base_url: str) -> Iterator[Hand]:
    with phone(browser, base_url) as hand:
        yield hand


def shift_of(page: Page, path: str) -> float:
    """How much moved about as a page was drawn (0: nothing), once its scripts have run."""
    page.goto(path, wait_until="networkidle")
    moved: float = page.evaluate("new Promise(done => requestAnimationFrame(() => done(window.shifted)))")
    return moved


def test_nothing_jumps_and_phones_zoom_into_no_field(finger: Hand, stripe_studio: NewStudio) -> None:
    page = finger.page
    entry = put_entry_on_sale(stripe_studio, "Quiet Hour")
    home = f"/{stripe_studio.page.slug}/"
    fill_basket(page, "Quiet Hour")
    page.add_init_script(MEASURE)
    paths = [home, f"{home}?filter=1", f"{home}entries/{entry.uuid}/", f"{home}basket/", "/accounts/login/"]

    assert {path: shift_of(page, path) for path in paths} == dict.fromkeys(paths, 0)
    assert [problem for path in paths for problem in list_problems(page, path)] == []
