"""The two help articles that this project comes from, followed sentence by sentence in a browser.

Each step below is one sentence or instruction of theirs, in their order, told in our words and under their labels.
What they announce, percentage discounts and discounts on tickets that are not exclusive, is followed too.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.shopper import PAYS
from groups.models import Group
from offers.models import Offer, UsagePeriod
from tests import dashboard_sentences as says
from tests.journeys.steps import ADA, choose_action, create_entry, open_menu
from tests.sentences import MEMBERS_ONLY, WELCOME
from tests.worlds.new_studio import NewStudio
from tickets.models import Entry, Seat

pytestmark = pytest.mark.journey

BEA = "bea@example.org"
LogIn = Callable[[Page, str], None]
NewestLink = Callable[[str], str]


def open_group(page: Page) -> None:
    open_menu(page, "Customer groups")
    page.get_by_role("link", name="Ten a month").click()


def test_both_articles_as_an_operator_and_as_a_customer_without_a_login(
    page: Page, customer: Page, studio: NewStudio, stripe_here: Sandbox, log_in: LogIn, newest_link: NewestLink
) -> None:
    page.goto(f"/dashboard/{studio.account.slug}/")
    page.get_by_label("Email address").fill(studio.owner)
    page.get_by_label("Password", exact=True).fill("correct horse")
    page.get_by_role("button", name="Log in").click()

    the_plan_below_standard_explains_and_offers_the_way_up(page, studio)
    a_group_is_created_by_hand(page)
    customers_are_added_by_their_addresses_and_appear_in_the_group(page)
    an_offer_is_added_then_edited(page)
    an_exclusive_ticket_is_made_for_the_group(page)
    the_offer_includes_all_exclusive_tickets_or_selected_ones(page)
    a_customer_without_a_login_makes_one_by_the_forgotten_password_link(customer, newest_link)
    a_member_books_for_themselves_and_sees_what_remains(customer)
    with_another_address_there_is_no_way_in(customer, newest_link)
    a_used_offer_is_changed_by_deleting_it_and_creating_another(page)
    additional_attendees_let_a_member_book_several_tickets(page, customer, log_in)
    percentage_discounts_are_offered_too(page)
    discounts_cover_tickets_that_are_not_exclusive(page, customer)
    a_customer_is_removed_from_the_group(page)
    memberships_are_found_in_the_menu(page)
    stripe_is_connected(page)
    a_group_is_made_automatically_with_a_membership(page)
    its_price_is_added_and_it_is_published(page)
    unlimited_is_an_offer_whose_uses_are_not_restricted(page)
    a_customer_buys_it_and_is_in_its_group(page, customer)
    who_has_an_active_membership_is_removed_only_by_cancelling_it(page)


def the_plan_below_standard_explains_and_offers_the_way_up(page: Page, studio: NewStudio) -> None:
    """The feature needs the Standard plan or above."""
    studio.account.plan = "free"
    studio.account.save(update_fields=["plan"])
    open_menu(page, "Customer groups")
    page.get_by_role("link", name="See plans").first.click()
    page.get_by_role("button", name="Standard").click()
    studio.account.refresh_from_db()
    assert studio.account.plan == "standard"


def a_group_is_created_by_hand(page: Page) -> None:
    """Packages & Discounts, then Customer groups, from the left-hand menu; Create a new group; its name and text."""
    expect(page.get_by_role("navigation", name="Dashboard").get_by_text("Packages & Discounts")).to_be_visible()
    open_menu(page, "Customer groups")
    page.get_by_role("link", name="Create a new group").first.click()
    page.get_by_label("Group name").fill("Ten a month")
    page.get_by_label("Group description").fill("Ten classes every month.")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ten a month")


def customers_are_added_by_their_addresses_and_appear_in_the_group(page: Page) -> None:
    """Actions in the Customers section, Add customers, Customer emails; one can come back and add more."""
    for addresses in (ADA, f"{BEA}, {ADA}"):
        choose_action(page, "Actions for Customers", "Add customers")
        page.get_by_label("Customer emails").fill(addresses)
        page.get_by_role("button", name="Add customers").click()
    members = page.get_by_role("table", name="Customers in this group")
    expect(members.get_by_role("rowheader")).to_contain_text([BEA, ADA])


def an_offer_is_added_then_edited(page: Page) -> None:
    """Add offer, Create, Edit offer: enabled; personal use; restricted uses; ongoing; so long a usage period."""
    page.get_by_role("link", name="Add offer").first.click()
    page.get_by_role("button", name=says.CREATE_EXCLUSIVE_OFFER).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Edit offer")
    page.get_by_label("Offer enabled").check()
    page.get_by_label("Personal use only").check()
    page.get_by_label("Restrict number of uses").check()
    page.get_by_label("How many uses are allowed?").fill("10")
    expect(page.get_by_label("Ongoing offer")).to_be_checked()
    expect(page.get_by_role("group", name="How long is a usage period?")).to_be_visible()
    expect(page.get_by_label("Length of a usage period")).to_have_value("1")
    expect(page.get_by_label("Days, weeks, months or years")).to_have_value("month")
    page.get_by_role("button", name="Update").click()
    offer = Offer.objects.get()
    assert (offer.enabled, offer.audience, offer.limit, offer.ongoing, offer.period_unit) == (
        True,
        "personal",
        10,
        True,
        "month",
    )


def an_exclusive_ticket_is_made_for_the_group(page: Page) -> None:
    """The schedule, an entry, Edit entry, Tickets & Costs: tick Exclusive ticket and choose the group."""
    create_entry(page, "Evening Flow", until=4)
    open_menu(page, "Schedule")
    page.get_by_role("link", name="Evening Flow").first.click()
    page.get_by_role("link", name="Edit entry").click()
    page.get_by_role("link", name="Tickets & Costs").click()
    page.get_by_role("link", name="Add ticket").first.click()
    page.get_by_label("Name", exact=True).fill("Members’ ticket")
    page.get_by_label("Exclusive ticket").check()
    page.get_by_label("Ten a month").check()
    page.get_by_role("button", name="Add ticket").click()
    expect(page.get_by_role("rowheader", name="Members’ ticket")).to_be_visible()


def the_offer_includes_all_exclusive_tickets_or_selected_ones(page: Page) -> None:
    """The offer's last section: all exclusive tickets on a page, or individual ones."""
    open_group(page)
    expect(page.get_by_role("table", name="Exclusive tickets")).to_contain_text("Members’ ticket")
    page.get_by_role("link", name="Offer 1").click()
    page.get_by_label("Select individual tickets").check()
    page.get_by_label("Members’ ticket · Evening Flow (River Studio)").check()
    page.get_by_role("button", name="Update").click()
    page.get_by_role("link", name="Offer 1").click()
    page.get_by_label("All exclusive tickets").check()
    page.get_by_role("checkbox", name="River Studio", exact=True).check()
    page.get_by_role("button", name="Update").click()
    offers = page.get_by_role("table", name="Offers of this group")
    expect(offers).to_contain_text("10 tickets a month")


def a_customer_without_a_login_makes_one_by_the_forgotten_password_link(
    customer: Page, newest_link: NewestLink
) -> None:
    """Log in at the top right of the public page, then Forgotten your password?, with the address that was added."""
    customer.goto("/river-studio/")
    customer.get_by_role("link", name="Evening Flow").first.click()
    expect(customer.get_by_text(MEMBERS_ONLY).first).to_be_visible()
    customer.get_by_role("banner").get_by_role("link", name="Log in").click()
    customer.get_by_role("link", name="Forgotten your password?").click()
    customer.get_by_label("Email address").fill("Ada@Example.org")
    customer.get_by_role("button", name="Send me the link").click()
    customer.goto(newest_link(ADA))
    customer.get_by_label("Your name").fill("Ada Lovelace")
    customer.get_by_label("New password").fill("a river runs")
    customer.get_by_role("button", name="Save and log in").click()
    expect(customer.get_by_role("heading", level=1)).to_contain_text("Evening Flow")


def a_member_books_for_themselves_and_sees_what_remains(customer: Page) -> None:
    """Personal use: the member is the attendee; what is charged and what remains is seen before confirming."""
    customer.get_by_label("Book “Members’ ticket”").check()
    customer.get_by_role("button", name="Continue").click()
    expect(customer.get_by_text("(personal use only)")).to_be_visible()
    expect(customer.get_by_text("9 tickets left after this")).to_be_visible()
    customer.get_by_role("button", name="Confirm booking").click()
    expect(customer.get_by_text("Booked").first).to_be_visible()
    assert UsagePeriod.objects.get().used == 1
    customer.get_by_role("link", name="My bookings").click()
    expect(customer.get_by_text("1 of 10 used").first).to_be_visible()


def with_another_address_there_is_no_way_in(customer: Page, newest_link: NewestLink) -> None:
    """It has to be the address that was used when they were added to the group."""
    context = customer.context.browser.new_context(base_url=str(customer.url).split("/my/")[0])  # type: ignore[union-attr]
    other = context.new_page()
    other.goto("/accounts/password/reset/?next=/river-studio/")
    other.get_by_label("Email address").fill("ada@elsewhere.example")
    other.get_by_role("button", name="Send me the link").click()
    other.goto(newest_link("ada@elsewhere.example"))
    other.get_by_label("Your name").fill("Somebody Else")
    other.get_by_label("New password").fill("a river runs")
    other.get_by_role("button", name="Save and log in").click()
    other.get_by_role("link", name="Evening Flow").first.click()
    expect(other.get_by_text("You’re logged in as ada@elsewhere.example.")).to_be_visible()
    context.close()


def a_used_offer_is_changed_by_deleting_it_and_creating_another(page: Page) -> None:
    """Three dots beside the offer, Delete offer, then the same steps again."""
    open_group(page)
    choose_action(page, "Actions for Offer 1", "Delete offer")
    page.get_by_role("button", name="Delete offer").click()
    page.get_by_role("link", name="Add offer").first.click()
    page.get_by_role("button", name=says.CREATE_EXCLUSIVE_OFFER).click()
    page.get_by_label("Offer enabled").check()
    page.get_by_label("Allow additional attendees").check()
    page.get_by_label("Maximum number of additional attendees for each event").fill("2")
    expect(page.get_by_label("Restrict number of uses")).not_to_be_checked()
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_role("table", name="Offers of this group")).to_contain_text("as often as they like")
    assert Seat.objects.live().count() == 1


def additional_attendees_let_a_member_book_several_tickets(page: Page, customer: Page, log_in: LogIn) -> None:
    """With additional attendees, a member books several exclusive tickets for one event, up to the number set."""
    customer.goto("/river-studio/")
    customer.get_by_role("link", name="Evening Flow").nth(1).click()
    customer.get_by_label("Number of “Members’ ticket”").fill("3")
    customer.get_by_role("button", name="Continue").click()
    for number, name in ((2, "Byron"), (3, "Anne")):
        place = customer.locator(f"#place-{number}")
        place.get_by_label("Someone else").check()
        place.get_by_label("Their name").fill(name)
    customer.get_by_role("button", name="Confirm booking").click()
    expect(customer.get_by_role("rowheader")).to_contain_text(["Ada Lovelace", "Byron", "Anne"])
    assert Seat.objects.filter(entry=Entry.objects.order_by("starts_at")[1]).count() == 3


def percentage_discounts_are_offered_too(page: Page) -> None:
    """Announced as coming: other kinds of offer, such as percentage discounts; Add offer, as for exclusive tickets."""
    open_group(page)
    page.get_by_role("link", name="Add offer").first.click()
    page.get_by_role("button", name=says.CREATE_DISCOUNT_OFFER).click()
    page.get_by_label("Offer enabled").check()
    page.get_by_label("Percent off").fill("25")
    page.get_by_label("All tickets").check()
    page.get_by_role("checkbox", name="River Studio", exact=True).check()
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_role("table", name="Offers of this group")).to_contain_text("25%")


def discounts_cover_tickets_that_are_not_exclusive(page: Page, customer: Page) -> None:
    """Announced as coming too: discounts on tickets that anybody can book."""
    create_entry(page, "Open Class")
    page.get_by_role("link", name="Tickets & Costs").click()
    page.get_by_role("link", name="Add ticket").first.click()
    page.get_by_label("Name", exact=True).fill("Drop-in")
    page.get_by_label("Has cost").check()
    page.get_by_label("Price", exact=True).fill("12")
    page.get_by_role("button", name="Add ticket").click()
    customer.goto("/river-studio/")
    customer.get_by_role("link", name="Open Class").click()
    expect(customer.get_by_role("article").filter(has_text="Drop-in")).to_contain_text("Was £12.00 now £9.00")


def a_customer_is_removed_from_the_group(page: Page) -> None:
    """Three dots beside the name, Remove customer; then two ways on: keep their bookings, or cancel them."""
    open_group(page)
    choose_action(page, "Actions for Ada Lovelace", "Remove customer")
    expect(page.get_by_label("Keep their bookings")).to_be_checked()
    page.get_by_label("Cancel their bookings and email them").check()
    page.get_by_role("button", name="Remove customer").click()
    members = page.get_by_role("table", name="Customers in this group")
    expect(members.get_by_role("rowheader")).to_contain_text([BEA])
    assert Group.objects.get().members.count() == 2


def memberships_are_found_in_the_menu(page: Page) -> None:
    """Packages & Discounts, then Memberships, from the left-hand menu (once beneath the sales tools)."""
    open_menu(page, "Memberships")
    expect(page.get_by_text(says.CONNECT_STRIPE_FIRST)).to_be_visible()


def stripe_is_connected(page: Page) -> None:
    """Memberships are paid through Stripe."""
    page.get_by_role("link", name="Connect Stripe").first.click()
    page.get_by_label("Secret key").fill("sk_test_River_Studio")
    page.get_by_role("button", name="Connect Stripe").click()
    expect(page.get_by_role("main")).to_contain_text("River Studio")
    open_menu(page, "Memberships")


def a_group_is_made_automatically_with_a_membership(page: Page) -> None:
    """A group is created automatically when a membership is set up: it need not be made by hand."""
    page.get_by_role("link", name="Create membership").first.click()
    page.get_by_label("Membership title").fill("Gold")
    ways = page.get_by_role("group", name="Add this membership to an existing group?")
    expect(ways.get_by_label("No, create a new group with the same name")).to_be_checked()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Gold")
    page.get_by_role("main").get_by_role("link", name="Gold", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gold")
    assert Group.objects.get(name="Gold").memberships.get().title == "Gold"


def its_price_is_added_and_it_is_published(page: Page) -> None:
    """For payments to be processed, a membership must be created first; customers buy it themselves."""
    open_menu(page, "Memberships")
    page.get_by_role("link", name="Gold", exact=True).first.click()
    page.get_by_role("link", name="Add price").first.click()
    page.get_by_label("Title").fill("Monthly")
    page.get_by_label("Cost").fill("40")
    page.get_by_role("button", name="Add price").click()
    expect(page.get_by_role("table", name="Prices")).to_contain_text("£40.00 every month")
    page.get_by_role("link", name="Edit details").click()
    page.get_by_label("Published").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Yes: customers can buy it.")).to_be_visible()


def unlimited_is_an_offer_whose_uses_are_not_restricted(page: Page) -> None:
    """For a recurring unlimited offer, Restrict number of uses is left unticked."""
    page.get_by_role("link", name="Open the group’s offers").click()
    page.get_by_role("link", name="Add offer").first.click()
    page.get_by_role("button", name=says.CREATE_EXCLUSIVE_OFFER).click()
    page.get_by_label("Offer enabled").check()
    expect(page.get_by_label("Restrict number of uses")).not_to_be_checked()
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_role("table", name="Offers of this group")).to_contain_text("as often as they like")


def a_customer_buys_it_and_is_in_its_group(page: Page, customer: Page) -> None:
    """Customers purchase the membership themselves, and are added to its group automatically."""
    customer.goto("/river-studio/")
    customer.get_by_role("banner").get_by_role("link", name="Memberships").click()
    customer.get_by_role("link", name="Join Gold").click()
    customer.get_by_role("button", name="Continue to payment").click()
    customer.get_by_label("Test card").select_option(PAYS)
    customer.get_by_role("button", name="Pay").click()
    expect(customer.get_by_role("heading", level=1)).to_have_text(WELCOME)
    open_menu(page, "Customer groups")
    page.get_by_role("link", name="Gold").click()
    members = page.get_by_role("table", name="Customers in this group")
    expect(members.get_by_role("rowheader")).to_contain_text(["Ada Lovelace"])
    expect(members).to_contain_text(says.BY_MEMBERSHIP)


def who_has_an_active_membership_is_removed_only_by_cancelling_it(page: Page) -> None:
    """Three dots, Remove customer: two options; they stay to the period’s end, or go at once."""
    choose_action(page, "Actions for Ada Lovelace", "Remove customer")
    expect(page.get_by_role("button", name="Remove customer")).to_have_count(0)
    expect(page.get_by_text("Bookwhen cancellation")).to_be_visible()
    expect(page.get_by_text("They keep their access until")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel at period end")).to_be_enabled()
    expect(page.get_by_text("Stripe cancellation")).to_be_visible()
    expect(page.get_by_text(says.ENDS_IMMEDIATELY)).to_be_visible()
    page.get_by_role("button", name="Cancel immediately").click()
    open_menu(page, "Customer groups")
    page.get_by_role("link", name="Gold").click()
    expect(page.get_by_role("main")).not_to_contain_text("Ada Lovelace")
