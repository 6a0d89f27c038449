"""Steps that several journeys take, as an operator and as a customer."""

import re
from datetime import datetime, timedelta
from typing import Final, Literal

from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Error, Locator, Page, expect

from accounts.models import Letter
from bookwhen.sandbox.stripe.shopper import PAYS
from tests.factories.accounts import UserFactory
from tests.factories.payments import process_due_events
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.sentences import BOOKED_AND_EMAILED
from tests.worlds.new_studio import PASSWORD, NewStudio
from tickets.consistency import check_books
from tickets.models import Booking, Entry, TicketCost

ADA = "ada@example.org"
SMALL_FIELDS: Final = """
    [...document.querySelectorAll("input, select, textarea")]
        .filter(each => !["checkbox", "radio", "file", "submit"].includes(each.type) && each.offsetParent)
        .filter(each => parseFloat(getComputedStyle(each).fontSize) < 16)
        .map(each => `phones zoom into ${each.name || each.type}`)
"""


def open_menu(page: Page, item: str) -> None:
    page.get_by_role("navigation", name="Dashboard").get_by_role("link", name=item, exact=True).click()


def choose_action(page: Page, name: str, item: str) -> None:
    page.get_by_role("button", name=name).click()
    page.locator("[popover]:popover-open").get_by_role("link", name=item, exact=True).click()


def log_in_to(page: Page, email: str, path: str) -> None:
    """Log in, and come to a page."""
    page.goto(f"/accounts/login/?next={path}")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def open_dashboard(page: Page, studio: NewStudio) -> None:
    log_in_to(page, studio.owner, f"/dashboard/{studio.account.slug}/")


def create_entry(page: Page, title: str, *, weeks_ahead: int = 1, until: int | None = None) -> None:
    day = (timezone.localtime() + timedelta(weeks=weeks_ahead)).date()
    open_menu(page, "Schedule")
    page.get_by_role("link", name="Create entry").first.click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Date", exact=True).fill(day.isoformat())
    page.get_by_label("Start", exact=True).fill("18:00")
    page.get_by_label("End", exact=True).fill("19:00")
    if until:
        page.get_by_label("Until").fill((day + timedelta(weeks=until)).isoformat())
    page.get_by_role("button", name="Create entry").click()
    if until:
        page.get_by_role("button", name="Create entries").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def put_entry_on_sale(studio: NewStudio, title: str, price: int = 1200, *, starts_at: datetime | None = None) -> Entry:
    """An entry with a drop-in ticket."""
    begins = starts_at or timezone.now() + timedelta(days=3)
    entry = EntryFactory.create(page=studio.page, title=title, starts_at=begins)
    cost = TicketCost.COST if price else TicketCost.FREE
    TicketFactory.create(entry=entry, name="Drop-in", cost=cost, price=price)
    return entry


def create_login(name: str = "Ada Lovelace", email: str = ADA) -> str:
    UserFactory.create(email=email, name=name, password=PASSWORD)
    return email


def open_entry(page: Page, title: str) -> None:
    page.goto("/river-studio/")
    page.get_by_role("link", name=title).click()


def choose_ticket(page: Page, title: str, ticket: str = "Drop-in", number: int = 1) -> None:
    """From the schedule to the page where an order is checked."""
    open_entry(page, title)
    page.get_by_label(f"Number of “{ticket}”").fill(str(number))
    page.get_by_role("button", name="Continue").click()


def fill_in_booker(page: Page, name: str = "Ada Lovelace", email: str = ADA) -> None:
    """Who books, as a guest."""
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your email address").fill(email)


def fill_basket(
    page: Page, title: str, *others: str, name: str = "Ada Lovelace", email: str = ADA, again: bool = False
) -> None:
    """A guest's drop-in tickets into the basket: for themselves, and for others; `again` where they booked before."""
    choose_ticket(page, title, number=1 + len(others))
    fill_in_booker(page, name, email)
    for number, other in enumerate(others, 2):
        page.locator(f"#place-{number}").get_by_label("Their name").fill(other)
    page.get_by_role("button", name="Add to basket", exact=True).click()
    if again:
        page.get_by_role("button", name="Add to basket again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your basket")


def go_to_checkout(page: Page, total: str) -> str:
    """From the basket to Stripe's page: its address."""
    page.get_by_role("button", name=f"Pay {total}").click()
    expect(page.get_by_label("Test card")).to_be_visible()
    return page.url


def pay_by_card(page: Page, number: str = PAYS) -> None:
    page.get_by_label("Test card").select_option(number)
    page.get_by_role("button", name=re.compile("^Pay")).click()


def expect_booked(page: Page) -> None:
    expect(page.get_by_text(BOOKED_AND_EMAILED)).to_be_visible()


def basket_button(page: Page) -> Locator:
    """The top bar's way to the basket."""
    return page.get_by_role("banner").get_by_role("link", name=re.compile("Basket"))


def newest_booking() -> Booking:
    return Booking.objects.latest("pk")


def list_letters(email: str = ADA) -> list[str]:
    """The subjects of the letters to an address, oldest first."""
    return list(Letter.objects.filter(recipient=email).order_by("pk").values_list("subject", flat=True))


def assert_books_balance() -> None:
    """Once what Stripe told is known too."""
    process_due_events()
    assert check_books(now=timezone.now()) == []


SETTLED: Final = """
() => {
    const moving = document.getAnimations();
    for (const each of moving.filter((each) => each.animationName === "toast")) {
        each.pause();
        each.currentTime = 2000;
    }
    // Not waited for: a browser that draws no frames would never be done.
    for (const each of moving.filter((each) => each instanceof CSSTransition)) {
        each.finish();
    }
}
"""


def list_problems(page: Page, path: str = "") -> list[str]:
    """What is wrong with a page (or the one that is open).

    Scrolling sideways, fields that a phone zooms into, a rule of axe, contrast in the dark. Where a press leads on
    meanwhile, the next page is looked at, once it is whole.
    """
    try:
        return _problems_of(page, path)
    except Error as error:
        # "… because of a navigation", or a document that has nothing in it yet.
        if "navigation" not in error.message and "of null" not in error.message:
            raise
        expect(page.locator("body")).to_be_attached()
        page.wait_for_load_state()
        return _problems_of(page)


def _problems_of(page: Page, path: str = "") -> list[str]:
    if path:
        page.goto(path)
    page.wait_for_load_state()
    _in(page, "light")
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    small: list[str] = page.evaluate(SMALL_FIELDS)
    light = Axe().run(page).response["violations"]
    _in(page, "dark")
    dark = Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    where = page.title()
    rules = [rule["id"] for rule in light + dark]
    return [f"{where}: {each}" for each in ["scrolls sideways"] * bool(wide) + small + rules]


def _in(page: Page, scheme: Literal["light", "dark"]) -> None:
    """See a page in light or dark colours: half-way from one to the other none has its contrast.

    Nor has what fades away while a slow machine looks: it is held where it is seen.
    """
    page.emulate_media(color_scheme=scheme)
    page.evaluate(SETTLED)
