"""A studio gets a face and a voice: its logo and colour, its own words in an email, and reminders, presses counted."""

from typing import Final

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from accounts.models import Letter, LetterWording, SchedulePage
from tests.journeys.hand import Hand, phone
from tests.journeys.steps import list_problems, open_dashboard
from tests.tickets.pictures.drawn import drawn
from tests.worlds.new_studio import NewStudio

pytestmark = pytest.mark.journey

JOBS: Final = {
    "a logo and a colour": 4,
    "our own words in the confirmation": 5,
    "remind the day before": 4,
}
"""How many presses each job takes from the overview on; the file chooser's own are the first job's fourth."""
COLOUR: Final = "#8a3ffc"


def fits(page: Page) -> None:
    assert list_problems(page) == []


def brand(hand: Hand, studio: NewStudio) -> None:
    page = hand.page
    with hand.counted(JOBS["a logo and a colour"]):
        hand.menu("Settings")
        hand.link("Branding")
        logo = {"name": "logo.png", "mimeType": "image/png", "buffer": drawn()}
        page.get_by_label("Logo").set_input_files(logo)  # type: ignore[arg-type]  # as Playwright reads it
        hand.presses += 1
        # Typed, so it is chosen, and shown at once.
        page.get_by_role("textbox", name="Own colour").fill(COLOUR)
        expect(page.locator(f'.brand-preview[data-accent="{COLOUR}"]')).to_have_count(2)
        hand.button("Save")
        expect(page.get_by_text("Branding saved")).to_be_visible()
    fits(page)
    page.goto(f"/{studio.page.slug}/")
    expect(page.get_by_role("img", name=studio.account.name)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-accent", COLOUR)
    face = page.locator("body").evaluate("e => getComputedStyle(e).getPropertyValue('--accent')")
    assert COLOUR in face or "138, 63, 252" in face
    fits(page)


def word(hand: Hand) -> None:
    page = hand.page
    with hand.counted(JOBS["our own words in the confirmation"]):
        hand.menu("Settings")
        hand.link("Email texts")
        hand.link("Booking confirmation")
        page.get_by_label("Opening").fill("Lovely, {nmae}!")
        hand.button("Preview")
        expect(page.get_by_text("We can’t replace {nmae} in this email.").first).to_be_visible()
        page.get_by_label("Opening").fill("Lovely, {name}!")
        hand.button("Save")
        expect(page.get_by_text("Email text saved")).to_be_visible()
    expect(page.locator(".mail").get_by_text("Lovely, Ada!")).to_be_visible()
    fits(page)
    assert LetterWording.objects.get().opening == "Lovely, {name}!"
    hand.button("Send a test to me")
    expect(page.get_by_text("We’ve sent a test to")).to_be_visible()
    assert "Lovely, Ada!" in Letter.objects.latest("pk").text


def remind(hand: Hand, studio: NewStudio) -> None:
    page = hand.page
    with hand.counted(JOBS["remind the day before"]):
        hand.menu("Settings")
        hand.link("Schedule pages")
        hand.link(studio.page.title)
        page.get_by_label("Remind people by email").fill("24")
        hand.button("Save")
        expect(page.get_by_text("Page saved")).to_be_visible()
    assert SchedulePage.objects.get(pk=studio.page.pk).reminder_hours == 24


def test_a_studio_gets_a_face_and_a_voice(page: Page, studio: NewStudio) -> None:
    desk = Hand(page)
    open_dashboard(page, studio)
    word(desk)
    page.goto(f"/dashboard/{studio.account.slug}/")
    remind(desk, studio)
    brand(desk, studio)


@pytest.mark.parametrize("pressed", [None, "Pink"])
def test_a_colour_that_is_typed_before_the_script_has_come_is_shown_too(
    pressed: str | None, page: Page, studio: NewStudio
) -> None:
    open_dashboard(page, studio)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    held: list[Route] = []
    page.route("**/branding*.js", lambda route: held.append(route))  # noqa: PLW0108 - it marks its handler
    with page.expect_request("**/branding*.js"):
        page.goto(f"/dashboard/{studio.account.slug}/settings/branding/", wait_until="commit")
    page.get_by_role("textbox", name="Own colour").fill(COLOUR)
    if pressed:
        page.get_by_text(pressed, exact=True).click()
    for route in held:
        route.continue_()
    shown = pressed.lower() if pressed else COLOUR
    expect(page.locator(f'.brand-preview[data-accent="{shown}"]')).to_have_count(2)


def test_pages_for_that_fit_a_phone(browser: Browser, base_url: str, studio: NewStudio) -> None:
    with phone(browser, base_url) as finger:
        open_dashboard(finger.page, studio)
        finger.menu("Settings")
        for name in ("Branding", "Email texts"):
            finger.link(name)
            fits(finger.page)
        finger.link("Booking confirmation")
        fits(finger.page)
