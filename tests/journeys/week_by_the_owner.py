"""What the owner of River Studio does in its week beside classes: a face, reminders, receipts, a message, a code."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Letter, Mailing, SchedulePage
from accounts.operations.running import run_operation
from tests.journeys.hand import Hand
from tests.journeys.the_week import Week, fits
from tests.tickets.pictures.drawn import drawn
from tickets.models import DiscountCode
from tickets.money.receipts.issuing import number_receipts

COLOUR = "#8a3ffc"


def maya_gives_it_a_face(week: Week, maya: Hand) -> None:
    page = maya.page
    with week.job("a logo and a colour", maya):
        maya.menu("Settings")
        maya.link("Branding")
        logo = {"name": "logo.png", "mimeType": "image/png", "buffer": drawn()}
        page.get_by_label("Logo").set_input_files(logo)  # type: ignore[arg-type]  # as Playwright reads it
        # The file chooser’s own.
        maya.presses += 1
        page.get_by_role("textbox", name="Own colour").fill(COLOUR)
        maya.button("Save")
        expect(page.get_by_text("Branding saved")).to_be_visible()
    fits(maya)
    page.goto(f"/{week.studio.page.slug}/")
    expect(page.get_by_role("img", name="River Studio")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-accent", COLOUR)
    fits(maya)


def maya_has_people_reminded(week: Week, maya: Hand) -> None:
    page = maya.page
    page.goto(week.home)
    with week.job("remind the day before", maya):
        maya.menu("Settings")
        maya.link("Schedule pages")
        maya.link("River Studio")
        page.get_by_label("Remind people by email").fill("24")
        maya.button("Save")
        expect(page.get_by_text("Page saved")).to_be_visible()
    assert SchedulePage.objects.get(pk=week.studio.page.pk).reminder_hours == 24


def maya_numbers_receipts(week: Week, maya: Hand) -> None:
    page = maya.page
    page.goto(week.home)
    with week.job("numbered receipts with VAT", maya):
        maya.menu("Settings")
        maya.press(page.get_by_role("navigation", name="Settings").get_by_role("link", name="Receipts"))
        page.get_by_label("Business address").fill("1 Mill Lane\nLeeds")
        page.get_by_label("VAT number").fill("GB 123 4567 89")
        page.get_by_label("VAT rate of your tickets").fill("20")
        maya.button("Turn on numbered receipts")
        expect(page.get_by_text("The next one is number 1.")).to_be_visible()
    fits(maya)


def maya_writes_to_a_group(week: Week, maya: Hand) -> None:
    page = maya.page
    page.goto(week.home)
    with week.job("a message to all members of a group", maya):
        maya.menu("Customer groups")
        maya.link("Two a month")
        maya.link("Message")
        maya.press(page.get_by_label("About their booking or membership"))
        page.get_by_label("Subject").fill("Closed on Monday")
        page.get_by_label("Message", exact=True).fill("Hello {first_name},\n\nwe’re closed on Monday.")
        fits(maya)
        maya.button("Preview")
        expect(page.get_by_text("we’re closed on Monday.")).to_be_visible()
        maya.button("Send to 2 customers")
        expect(page.get_by_role("heading", name="Closed on Monday")).to_be_visible()
    fits(maya)
    operation = Mailing.objects.get().operation
    assert operation
    while run_operation(operation.pk):
        pass
    written = Letter.objects.filter(mailing__isnull=False).order_by("recipient")
    assert list(written.values_list("recipient", flat=True)) == ["anna@example.org", "cleo@example.org"]


def maya_gives_a_code_out(week: Week, maya: Hand) -> None:
    page, sunday = maya.page, timezone.localdate() + timedelta(days=6)
    page.goto(week.home)
    with week.job("a discount code", maya):
        maya.menu("Discount codes")
        maya.link("Create a code")
        page.get_by_label("Code", exact=True).fill("sunday")
        page.get_by_label("Percent off").fill("10")
        page.get_by_label("Last day").fill(f"{sunday:%Y-%m-%d}")
        maya.button("Create code")
        expect(page.get_by_text("?code=SUNDAY")).to_be_visible()
    fits(maya)
    assert (DiscountCode.objects.get().code, DiscountCode.objects.get().percent) == ("SUNDAY", 10)


def maya_sends_the_vat_to_her_bookkeeper(week: Week, maya: Hand) -> None:
    """Of what Jo took at the door, and what was paid online."""
    page = maya.page
    while number_receipts(week.studio.account.pk, now=timezone.now()):
        pass
    page.goto(week.home)
    with week.job("the VAT of the quarter", maya):
        maya.menu("Receipts")
        receipts = page.get_by_role("table", name="Receipts, newest first").get_by_role("row")
        expect(receipts.filter(has_text="£12.00")).to_have_count(2)
        maya.link("VAT by month")
        for sum_of in ("£20.00", "£4.00", "£24.00"):
            expect(page.get_by_role("table", name="VAT by rate").first).to_contain_text(sum_of)
        fits(maya)
        with page.expect_download() as file:
            maya.link("Download CSV")
    written = file.value.path().read_text(encoding="utf-8-sig").splitlines()
    rates = [each.rpartition('"Standard",')[2] for each in written[1:]]
    assert rates == ['"20%","10.00","2.00","12.00","GBP"'] * 2
