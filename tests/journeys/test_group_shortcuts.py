"""The way through both help articles by the shortcuts beside their steps, with its clicks counted; and many at once."""

import pytest
from playwright.sync_api import Locator, Page, expect

from offers.models import Offer
from tests.factories.schedule import EntryFactory
from tests.journeys.steps import list_problems, open_dashboard
from tests.worlds.new_studio import NewStudio
from tickets.models import Coverage, Ticket

pytestmark = pytest.mark.journey

BY_THE_ARTICLES = 18
"""Clicks that the same takes by the articles’ own steps, as they were counted."""
PHONE_HEIGHT = 2_700
"""Pixels that a group of 30 may take on a phone."""


class Counted:
    """A page that counts how often it is clicked."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, what: Locator) -> None:
        what.first.click()
        self.clicks += 1

    def link(self, name: str) -> None:
        self.click(self.page.get_by_role("main").get_by_role("link", name=name))

    def button(self, name: str) -> None:
        self.click(self.page.get_by_role("main").get_by_role("button", name=name))

    def menu(self, name: str) -> None:
        self.click(self.page.get_by_role("navigation", name="Dashboard").get_by_role("link", name=name, exact=True))


def test_a_group_its_customers_an_exclusive_ticket_and_its_offer_by_the_shortcuts(
    page: Page, studio: NewStudio
) -> None:
    EntryFactory.create(page=studio.page, title="Evening Flow")
    open_dashboard(page, studio)
    at = Counted(page)

    at.menu("Customer groups")
    at.link("Create a new group")
    page.get_by_label("Group name").fill("Ten a month")
    at.button("Create")
    at.link("Add customers")
    page.get_by_label("Customer emails").fill("\n".join(f"Member {n:02} <m{n}@example.org>" for n in range(30)))
    at.button("Add customers")
    at.menu("Schedule")
    at.link("Evening Flow")
    at.link("Edit entry")
    at.link("Tickets & Costs")
    at.link("Add ticket")
    page.get_by_label("Name", exact=True).fill("Members’ ticket")
    at.click(page.get_by_label("Exclusive ticket"))
    expect(page.get_by_label("Ten a month")).to_be_checked()
    at.button("Add ticket")
    at.link("add an offer for this ticket to Ten a month")
    at.button("Create an exclusive ticket offer")
    expect(page.get_by_label("Offer enabled")).to_be_checked()
    the_sentence_follows_what_is_typed(page, at)
    at.button("Update")

    offer = Offer.objects.get()
    assert (offer.enabled, offer.limit, Coverage.objects.get().ticket) == (True, 10, Ticket.objects.get())
    assert at.clicks == 16 < BY_THE_ARTICLES
    thirty_fit_on_a_phone_and_some_are_removed_and_put_back(page)


def the_sentence_follows_what_is_typed(page: Page, at: Counted) -> None:
    """What the form means stands beside it before anything is saved."""
    said = page.locator("#meaning")
    expect(said).to_contain_text("as often as they like")
    expect(said).to_contain_text("Enabled")
    at.click(page.get_by_label("Restrict number of uses"))
    page.get_by_label("How many uses are allowed?").fill("10")
    expect(said).to_contain_text("10 tickets a month")
    assert Offer.objects.get().limit is None
    assert list_problems(page) == []


def thirty_fit_on_a_phone_and_some_are_removed_and_put_back(page: Page) -> None:
    """Two lines each; chosen by ticking them, removed together, and back by one click."""
    page.get_by_role("navigation", name="This group").get_by_role("link", name="Customers").click()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert list_problems(page) == []
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height <= PHONE_HEIGHT
    for name in ("Member 29", "Member 03"):
        page.get_by_label(f"Select {name}").check()
    page.get_by_label("What to do").select_option("Remove from group")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Remove from group: 2 customers")
    page.get_by_role("button", name="Remove customers").click()
    page.get_by_role("link", name="Back to customers").click()
    members = page.get_by_role("table", name="Customers in this group")
    expect(members.get_by_role("rowheader")).to_have_count(28)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("definition")).to_have_text(["2", "2"])
