"""A group’s link on a phone: somebody new joins by it, is approved, and books; and how to get in is sent again."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import Customer, Letter
from groups.links.models import InvitationLink, JoinRequest
from groups.models import Group, Standing
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory, add_member
from tests.journeys.hand import Hand, phone
from tests.journeys.steps import ADA, list_problems, log_in_to, open_dashboard
from tests.worlds.new_studio import PASSWORD, NewStudio

pytestmark = pytest.mark.journey


@pytest.fixture
def finger(browser: Browser, base_url: str) -> Iterator[Hand]:
    with phone(browser, base_url) as hand:
        yield hand


@pytest.fixture
def group(studio: NewStudio) -> Group:
    group = GroupFactory.create(account=studio.account, name="Gold")
    entry = EntryFactory.create(page=studio.page, title="Quiet Hour")
    TicketFactory.create(entry=entry, group=group, name="Members’ ticket")
    OfferFactory.create(group=group, page=studio.page, limit=10)
    return group


def test_somebody_joins_by_the_link_in_four_taps_and_a_password(
    page: Page, studio: NewStudio, group: Group, finger: Hand
) -> None:
    address = the_operator_makes_a_link(page, studio, group, approves=False)
    UserFactory.create(email=ADA, name="Ada Lovelace", password=PASSWORD)

    theirs = finger.page
    with finger.counted(4):
        finger.follow(address)
        expect(theirs.get_by_role("heading", level=1)).to_have_text("Join “Gold”")
        with finger.aside():
            assert list_problems(theirs) == []
        finger.link("Log in to join")
        expect(theirs.get_by_text("You’ll then go on to join “Gold” at River Studio.")).to_be_visible()
        theirs.get_by_label("Email address").fill(ADA)
        theirs.get_by_label("Password", exact=True).fill(PASSWORD)
        finger.button("Log in")
        finger.button("Join")
        expect(theirs.get_by_text("You’re in this group.")).to_be_visible()
    assert Standing.objects.get().member.customer.email == ADA
    assert list_problems(theirs) == []


def the_operator_makes_a_link(page: Page, studio: NewStudio, group: Group, *, approves: bool) -> str:
    """By three clicks from the group; it is copied from the page."""
    open_dashboard(page, studio)
    page.goto(f"/dashboard/river/groups/{group.pk}/")
    page.get_by_role("navigation", name="This group").get_by_role("link", name="Invitation link").click()
    page.get_by_role("link", name="Create link").click()
    page.get_by_label("Limit of people").fill("2")
    if approves:
        page.get_by_label("I approve each person").check()
    page.get_by_role("button", name="Create link").click()
    expect(page.get_by_text("0 of 2")).to_be_visible()
    page.get_by_text("QR code", exact=True).click()
    code = page.get_by_alt_text("The invitation link as a QR code")
    expect(code).to_be_visible()
    expect(code).to_have_js_property("complete", value=True)
    assert code.evaluate("image => image.naturalWidth") > 0
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert list_problems(page) == []
    page.set_viewport_size({"width": 1280, "height": 844})
    link = InvitationLink.objects.get()
    address = page.locator(".copy").inner_text()
    assert address.endswith(f"/river-studio/join/{link.token}/")
    return f"/river-studio/join/{link.token}/"


def test_who_asks_is_approved_by_one_click(page: Page, studio: NewStudio, group: Group, finger: Hand) -> None:
    address = the_operator_makes_a_link(page, studio, group, approves=True)
    UserFactory.create(email=ADA, name="Ada Lovelace", password=PASSWORD)
    theirs = finger.page
    log_in_to(theirs, ADA, address)
    finger.button("Ask to join")
    expect(theirs.get_by_text("You’ve asked River Studio to join.")).to_be_visible()

    page.reload()
    assert list_problems(page) == []
    page.get_by_role("row", name="Ada Lovelace").get_by_role("button", name="Approve").click()

    expect(page.get_by_text("1 person was approved. We’ve emailed them.")).to_be_visible()
    expect(page.get_by_text("1 of 2")).to_be_visible()
    theirs.reload()
    expect(theirs.get_by_text("You’re in this group.")).to_be_visible()
    assert (JoinRequest.objects.get().state, Letter.objects.get(account=studio.account).kind) == (
        "joined", "join_accepted",
    )  # fmt: skip


def test_how_to_get_in_is_sent_again_to_all_who_have_not_logged_in(
    studio: NewStudio, group: Group, finger: Hand
) -> None:
    for number in range(3):
        add_member(group, CustomerFactory.create(account=studio.account, name=f"N{number}"))
    Customer.objects.filter(name="N0").update(seen_at="2026-01-01T00:00Z")
    log_in_to(finger.page, studio.owner, f"/dashboard/river/groups/{group.pk}/customers/")
    at = finger.page
    expect(at.get_by_role("heading", level=1)).to_have_text("Gold")

    with finger.counted(3):
        finger.action("Customers", "Email how to get in")
        expect(at.get_by_text("2 customers who haven’t logged in yet get the email below.")).to_be_visible()
        with finger.aside():
            assert list_problems(at) == []
        finger.button("Email 2 customers")
    expect(at.get_by_role("definition")).to_have_text("2")
    assert Letter.objects.filter(kind="added").count() == 2

    at.get_by_role("link", name="Back to customers").tap()
    expect(at.get_by_text("Invited", exact=False)).to_have_count(2)
    finger.choose(at.get_by_label("Login"), "Not logged in yet")
    finger.button("Search")
    expect(at.get_by_role("table", name="Customers in this group").get_by_role("rowheader")).to_have_count(2)
    assert list_problems(at) == []


def test_one_customer_is_told_from_their_page_by_two_taps(studio: NewStudio, group: Group, finger: Hand) -> None:
    ada = CustomerFactory.create(account=studio.account, name="Ada")
    add_member(group, ada)
    log_in_to(finger.page, studio.owner, f"/dashboard/river/customers/{ada.pk}/")
    expect(finger.page.get_by_role("heading", level=1)).to_have_text("Ada")
    with finger.counted(2):
        finger.link("Email how to get in")
        finger.button("Send email")
        expect(finger.page.get_by_text("We’re emailing Ada how to get in.")).to_be_visible()
    assert Letter.objects.get().recipient == ada.email
