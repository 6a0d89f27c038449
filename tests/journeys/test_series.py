"""A term as a studio thinks of it, in one form, in a real browser; its clicks are counted (DESIGN, a studio's week)."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.journeys.hand import Hand
from tests.journeys.steps import choose_action, list_problems, open_dashboard, open_menu
from tests.worlds.new_studio import NewStudio
from tickets.models import Entry, SeriesDate, Ticket

pytestmark = pytest.mark.journey


def test_a_term_without_christmas_is_one_form(page: Page, studio: NewStudio) -> None:
    hand = Hand(page)
    open_dashboard(page, studio)
    today = timezone.localdate()
    monday = today + timedelta(days=7 - today.weekday())
    gap = monday + timedelta(weeks=3)
    open_menu(page, "Schedule")

    with hand.counted(7):
        page.get_by_role("link", name="Create entry").first.click()
        page.get_by_label("Title").fill("Beginners’ Course")
        page.get_by_label("Date", exact=True).fill(monday.isoformat())
        page.get_by_label("Start", exact=True).fill("18:00")
        page.get_by_label("Or duration in minutes").fill("75")
        for day in ("Monday", "Wednesday", "Friday"):
            page.get_by_role("checkbox", name=day).click()
        page.get_by_label("Or how many times").fill("36")
        page.get_by_label("Dates to leave out").fill(f"{gap} to {gap + timedelta(days=13)}")
        page.get_by_role("button", name="Create entry").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Check the dates")
        assert list_problems(page) == []
        page.get_by_role("checkbox", checked=True).last.click()
        page.get_by_role("button", name="Create entries").click()
        expect(page.get_by_text("29 entries created")).to_be_visible()

    assert (Entry.objects.count(), SeriesDate.objects.filter(left_out=True).count()) == (29, 7)
    its_ticket_changes_for_the_last_weeks(page)
    a_date_is_added(page)
    another_term_is_like_it(hand)


def its_ticket_changes_for_the_last_weeks(page: Page) -> None:
    page.get_by_role("link", name="Add ticket").first.click()
    page.get_by_label("Name").fill("Drop-in")
    page.get_by_role("button", name="Add ticket").click()
    last = Entry.objects.order_by("-starts_at")[3]
    page.goto(re.sub(r"/schedule/\d+/", f"/schedule/{last.pk}/", page.url))
    page.get_by_role("table").get_by_role("link", name="Drop-in").click()
    page.get_by_label("Name").fill("Last weeks")
    page.get_by_label("This and all later entries in the series").click()
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Ticket saved")).to_be_visible()
    assert list(Ticket.objects.order_by("pk").values_list("name", flat=True)) == ["Drop-in", "Last weeks"]


def a_date_is_added(page: Page) -> None:
    page.get_by_role("link", name="Dates", exact=True).click()
    page.get_by_label("Date", exact=True).fill((timezone.localdate() + timedelta(weeks=40)).isoformat())
    page.get_by_role("button", name="Add date").click()
    expect(page.get_by_text("Date added")).to_be_visible()
    assert list_problems(page) == []


def another_term_is_like_it(hand: Hand) -> None:
    page = hand.page
    first = Entry.objects.order_by("starts_at").first()
    assert first
    page.goto(re.sub(r"/schedule/\d+/dates/", f"/schedule/{first.pk}/", page.url))
    with hand.counted(4):
        choose_action(page, "Actions for Beginners’ Course", "Duplicate series")
        page.get_by_role("button", name="Create entry").click()
        page.get_by_role("button", name="Create entries").click()
    expect(page.get_by_text("25 entries created")).to_be_visible()
    expect(page.get_by_role("table").get_by_role("link", name="Drop-in")).to_be_visible()
