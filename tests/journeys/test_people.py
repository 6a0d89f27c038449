"""What a studio does about people, each job with its presses counted, at the desk and on a phone; and a new address.

Found by phone, a note, why somebody can’t book and its cure, one more use, a trial week: each from the customer’s page.
Thirty added at once, three hundred imported and pausing have journeys of their own beside this one.
"""

import re
from datetime import timedelta
from typing import Final

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import Customer, CustomerAddress, Letter
from groups.models import Group, Standing
from offers.models import ExtraUses
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory, add_member
from tests.journeys.hand import Hand, phone
from tests.journeys.steps import list_problems, log_in_to, open_dashboard
from tests.worlds.new_studio import PASSWORD, NewStudio

pytestmark = pytest.mark.journey

JOBS: Final = {
    "find somebody by phone": 3,
    "a note about a customer": 1,
    "one more use": 3,
    "why can’t Ben book, and mend it": 3,
    "a trial week with an end": 4,
    "a new email address, and the old one gone": 9,
}
"""How many presses each job takes, at the desk: from the overview on, or from the page of the customer."""
GROUP: Final = "Two a month"
NEW: Final = "anna.new@example.org"


@pytest.fixture
def group(studio: NewStudio) -> Group:
    """A group whose offer gives two tickets a month, and a class for it in three days."""
    group = GroupFactory.create(account=studio.account, name=GROUP)
    begins = timezone.now() + timedelta(days=3)
    entry = EntryFactory.create(page=studio.page, title="Yoga", starts_at=begins, ends_at=begins + timedelta(hours=1))
    TicketFactory.create(entry=entry, group=group, name="Member place")
    OfferFactory.create(group=group, page=studio.page, limit=2)
    user = UserFactory.create(email="anna@example.org", name="Anna Smith", password=PASSWORD)
    anna = CustomerFactory.create(
        account=studio.account, name="Anna Smith", email=user.email, user=user, phone="+447700900123", seen_at=begins
    )
    add_member(group, anna)
    today = timezone.now()
    Standing.objects.update(since=today - timedelta(days=40), anchor=today.date())
    CustomerFactory.create(account=studio.account, name="Ben Hall", email="ben@example.org")
    return group


def fits(page: Page) -> None:
    assert list_problems(page) == []


def test_people_at_the_desk(page: Page, studio: NewStudio, group: Group) -> None:
    desk = Hand(page)
    open_dashboard(page, studio)
    find_by_phone(desk)
    fits(page)
    note(desk)
    one_more_use(desk)
    why_and_mend(desk, studio)
    trial_week(desk, studio, group)


def find_by_phone(desk: Hand) -> None:
    page = desk.page
    with desk.counted(JOBS["find somebody by phone"]):
        desk.menu("Customers")
        page.get_by_role("searchbox").fill("7700 900123")
        desk.button("Search")
        desk.link("Anna Smith")
        expect(page.get_by_role("heading", level=1)).to_have_text("Anna Smith")
    expect(page.get_by_role("link", name="+44 7700 900123")).to_be_visible()


def note(desk: Hand) -> None:
    with desk.counted(JOBS["a note about a customer"]):
        desk.page.get_by_label("Note").fill("Bad knee")
        desk.button("Save note")
        expect(desk.page.get_by_text("Note saved")).to_be_visible()
    assert Customer.objects.get(email="anna@example.org").note == "Bad knee"


def one_more_use(desk: Hand) -> None:
    page = desk.page
    with desk.counted(JOBS["one more use"]):
        desk.action(GROUP, "Give extra uses")
        page.get_by_label("Reason").fill("Ill last week")
        desk.button("Give extra uses")
        expect(page.get_by_text("0 of 3 used")).to_be_visible()
    expect(page.get_by_text(re.compile(r"3 of 3 left until .*; resets on"))).to_be_visible()
    assert ExtraUses.objects.get().reason == "Ill last week"


def why_and_mend(desk: Hand, studio: NewStudio) -> None:
    page, ben = desk.page, Customer.objects.get(email="ben@example.org")
    page.goto(f"/dashboard/{studio.account.slug}/customers/{ben.pk}/")
    with desk.counted(JOBS["why can’t Ben book, and mend it"]):
        desk.press(page.get_by_role("main").get_by_role("link", name="Check access"))
        desk.link(re.compile("Yoga · Member place"))
        expect(page.get_by_text("Can’t book", exact=True)).to_be_visible()
        fits(page)
        desk.button(f"Add to “{GROUP}”")
        expect(page.get_by_text("Can book", exact=True)).to_be_visible()
    fits(page)


def trial_week(desk: Hand, studio: NewStudio, group: Group) -> None:
    page = desk.page
    cleo = CustomerFactory.create(account=studio.account, name="Cleo", email="cleo@example.org")
    page.goto(f"/dashboard/{studio.account.slug}/customers/{cleo.pk}/")
    last = timezone.localdate() + timedelta(days=7)
    with desk.counted(JOBS["a trial week with an end"]):
        desk.press(page.get_by_role("main").get_by_role("link", name="Add to group").first)
        desk.choose(page.get_by_label("Group"), GROUP)
        page.get_by_label("Last day").fill(last.isoformat())
        desk.press(page.get_by_role("main").get_by_role("button", name=re.compile("^Add to group")))
        expect(page.get_by_text(f"Cleo is in “{GROUP}”")).to_be_visible()
    assert Standing.objects.get(member__customer=cleo, member__group=group).until is not None


def test_anna_changes_her_address(browser: Browser, base_url: str, studio: NewStudio, group: Group) -> None:
    del group
    anna = Customer.objects.get(email="anna@example.org")
    with phone(browser, base_url) as hand:
        page = hand.page
        log_in_to(page, "anna@example.org", "/my/details/")
        with hand.counted(JOBS["a new email address, and the old one gone"]):
            hand.link("Change or add addresses")
            page.get_by_role("textbox", name="Email address").fill(NEW)
            hand.button("Send link")
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            hand.button("Continue")
            expect(page.get_by_text(f"We’ve emailed a link to {NEW}.")).to_be_visible()
            fits(page)
            hand.follow(address_link())
            hand.button("Add address")
            expect(page.get_by_text("Address added")).to_be_visible()
            press_action(hand, NEW, "Make main address")
            expect(page.get_by_text("Main address changed")).to_be_visible()
            press_action(hand, "anna@example.org", "Remove address")
            expect(page.get_by_text("Address removed")).to_be_visible()
        fits(page)
    anna.refresh_from_db()
    [address] = CustomerAddress.objects.filter(customer=anna)
    assert (anna.email, address.email, address.proved_at is not None) == (NEW, NEW, True)
    told = Letter.objects.filter(kind="login_changed").order_by("pk").values_list("recipient", flat=True)
    assert list(told) == ["anna@example.org", NEW] * 2 + [NEW, "anna@example.org"]


def press_action(hand: Hand, of: str, item: str) -> None:
    hand.button(f"Actions for {of}")
    hand.press(hand.page.locator("[popover]:popover-open").get_by_role("button", name=item))


def address_link() -> str:
    found = re.search(r"/my/details/addresses/confirm/[^/]+/", Letter.objects.get(kind="address_link").text)
    assert found is not None
    return found[0]
