"""A hand at a browser, whose presses the browser itself counts: every click or tap, whatever it was for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
# Pressing a label ticks its box by a second click of the browser's own: a pointer comes down only once.
COUNT: Final = "addEventListener('pointerdown', (event) => event.isTrusted && window.handPressed(), true)"


class Hand:
    """A mouse, or a finger: made before its page is opened. What is typed is not counted, but what is chosen."""

    def __init__(self, page: Page, *, is_finger: bool = False) -> None:
        self.page, self.is_finger, self.presses = page, is_finger, 0
        page.expose_function("handPressed", self._pressed)
        page.add_init_script(COUNT)

    def _pressed(self) -> None:
        self.presses += 1

    def press(self, what: Locator) -> None:
        """Click, or tap."""
        if self.is_finger:
            what.tap()
        else:
            what.click()

    def link(self, name: str | re.Pattern[str], *, exact: bool = True) -> None:
        """Press the first link of that name."""
        self.press(self.page.get_by_role("link", name=name, exact=exact).first)

    def button(self, name: str | re.Pattern[str], *, exact: bool = True) -> None:
        """Press the first button of that name."""
        self.press(self.page.get_by_role("button", name=name, exact=exact).first)

    def action(self, of: str, item: str, *, number: int = 1) -> None:
        """Open the menu of the first (second …) that is called so, and press one of its links: twice."""
        self.press(self.page.get_by_role("button", name=f"Actions for {of}", exact=True).nth(number - 1))
        self.press(self.page.locator("[popover]:popover-open").get_by_role("link", name=item, exact=True))

    def menu(self, item: str) -> None:
        """Go to a page of the dashboard's menu, which a phone opens first."""
        if self.is_finger:
            self.button("Menu")
        navigation = self.page.get_by_role("navigation", name="Dashboard")
        self.press(navigation.get_by_role("link", name=item, exact=True))

    def choose(self, what: Locator, option: str) -> None:
        """Choose from a list that the browser itself opens: no page hears those two presses."""
        what.select_option(option)
        self.presses += 2

    def follow(self, url: str) -> None:
        """Press a link in an email."""
        self.page.goto(url)
        self.presses += 1

    @contextmanager
    def counted(self, presses: int) -> Iterator[None]:
        """A job that takes exactly so many presses."""
        before = self.presses
        yield
        # Whatever the browser told before this answer is counted.
        expect(self.page.locator("body")).to_be_visible()
        assert self.presses - before == presses

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What a test tries beside a job: its presses are not the job's."""
        before = self.presses
        yield
        expect(self.page.locator("body")).to_be_visible()
        self.presses = before


@contextmanager
def phone(browser: Browser, base_url: str, viewport: ViewportSize = PHONE) -> Iterator[Hand]:
    """A phone that belongs to nobody yet, and the finger on it."""
    context = browser.new_context(
        base_url=base_url,
        locale="en-GB",
        timezone_id="Europe/London",
        viewport=viewport,
        has_touch=True,
        is_mobile=True,
    )
    yield Hand(context.new_page(), is_finger=True)
    context.close()
