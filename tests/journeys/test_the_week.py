"""A studio's week, job by job, by the hands of those who do them: what each takes stands in `the_week.JOBS`."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests.journeys.hand import Hand, phone
from tests.journeys.steps import assert_books_balance, list_letters, log_in_to
from tests.journeys.the_week import JOBS, TONIGHT, Week, begin, fits, sell_yesterday
from tests.journeys.week_by_the_owner import (
    maya_gives_a_code_out,
    maya_gives_it_a_face,
    maya_has_people_reminded,
    maya_numbers_receipts,
    maya_sends_the_vat_to_her_bookkeeper,
    maya_writes_to_a_group,
)
from tests.worlds.new_studio import NewStudio
from tickets.booking.cancel import cancel_by_studio
from tickets.models import Entry, Seat, SeriesDate
from tickets.waiting.offering import offer_spaces

pytestmark = pytest.mark.journey

TERM = "Evening Flow"


@pytest.fixture(params=["at a desk", "on a phone"])
def maya(request: pytest.FixtureRequest, page: Page, browser: Browser, base_url: str) -> Iterator[Hand]:
    """The owner’s hand: all that she does she can do on either."""
    if request.param == "at a desk":
        yield Hand(page)
        return
    with phone(browser, base_url) as hand:
        yield hand


@pytest.fixture
def counter(browser: Browser, base_url: str) -> Iterator[Hand]:
    """The phone that lies at reception."""
    with phone(browser, base_url) as hand:
        yield hand


@pytest.fixture
def own_phone(browser: Browser, base_url: str) -> Iterator[Hand]:
    """The phone of a customer, or of a teacher."""
    with phone(browser, base_url) as hand:
        yield hand


def test_the_week_of_a_studio(
    studio: NewStudio, maya: Hand, counter: Hand, own_phone: Hand, newest_link: Callable[[str], str]
) -> None:
    week = begin(studio)
    week.come_in(maya, studio.owner)
    maya_gives_it_a_face(week, maya)
    maya_has_people_reminded(week, maya)
    maya_numbers_receipts(week, maya)
    maya_plans_a_term(week, maya)
    maya_changes_its_times(week, maya)
    week.come_in(counter, "jo@river.example")
    jo_has_anna_on_the_telephone(week, counter)
    jo_is_at_the_door(week, counter)
    maya_changes_and_cancels(week, maya)
    others_wait_for_space(week, own_phone, newest_link)
    maya_offers_what_came_free(week, maya)
    ben_looks_at_his_classes(week, own_phone)
    maya_writes_to_a_group(week, maya)
    maya_gives_a_code_out(week, maya)
    maya_reads_what_was_done(week, maya)
    maya_sees_what_it_came_to(week, maya)
    maya_sends_the_vat_to_her_bookkeeper(week, maya)
    assert week.done == list(JOBS)
    assert_books_balance()


def maya_plans_a_term(week: Week, maya: Hand) -> None:
    page, monday = maya.page, next_monday()
    page.goto(week.home)
    gap = monday + timedelta(weeks=3)
    with week.job("a term on three days for ten weeks, with two weeks left out", maya):
        maya.link("Create entry")
        page.get_by_label("Title").fill(TERM)
        page.get_by_label("Leaders").fill("Maya")
        page.get_by_label("Date", exact=True).fill(monday.isoformat())
        say_times(page, "18:00", "19:15")
        for day in ("Monday", "Wednesday", "Friday"):
            maya.press(page.get_by_text(day, exact=True))
        page.get_by_label("Or how many times").fill("30")
        page.get_by_label("Dates to leave out").fill(f"{gap} to {gap + timedelta(days=13)}")
        maya.button("Create entry")
        fits(maya)
        maya.button("Create entries")
        expect(page.get_by_text("24 entries created")).to_be_visible()
    assert SeriesDate.objects.filter(left_out=True).count() == 6

    with week.job("the tickets of another class", maya):
        maya.link("Copy tickets")
        fits(maya)
        maya.press(page.get_by_text("Vinyasa"))
        maya.button("Copy tickets")
        expect(page.get_by_role("table").get_by_role("link", name="Drop-in")).to_be_visible()
    fits(maya)


def maya_changes_its_times(week: Week, maya: Hand) -> None:
    page = maya.page
    page.goto(week.home)
    with week.job("another time for one class", maya):
        maya.menu("Schedule")
        maya.action(TERM, "Edit entry")
        say_times(page, "19:00", "20:15")
        fits(maya)
        maya.button("Save")
        expect(page.get_by_text("Entry saved")).to_be_visible()
    page.goto(week.home)
    with week.job("another time for a class and all that follow", maya):
        maya.menu("Schedule")
        maya.action(TERM, "Edit entry", number=2)
        say_times(page, "18:30", "19:45")
        maya.press(page.get_by_text("This and all later entries in the series"))
        maya.button("Save")
        expect(page.get_by_role("heading", name="23 entries change")).to_be_visible()
        fits(maya)
        maya.button("Save")
        expect(page.get_by_text("23 entries saved")).to_be_visible()
    assert [f"{timezone.localtime(each.starts_at):%a %H:%M}" for each in term()[:3]] == [
        "Mon 19:00",
        "Wed 18:30",
        "Fri 18:30",
    ]


def jo_has_anna_on_the_telephone(week: Week, counter: Hand) -> None:
    page = counter.page
    with week.job("a member rings and is booked", counter):
        counter.link(TERM)
        counter.link("Book for someone")
        page.get_by_label("Name, email address or phone").fill("smi")
        counter.link("Anna Smith")
        expect(page.get_by_text("1 of Anna Smith’s 2 tickets (Two a month) is used.")).to_be_visible()
        counter.button("Book spaces")
        expect(page.get_by_text("1 space booked")).to_be_visible()

    with week.job("Anna comes on another day", counter):
        counter.action("Anna Smith", "Move to another entry")
        counter.press(page.get_by_role("row", name=re.compile("Wed")).get_by_role("link", name=TERM).first)
        fits(counter)
        counter.button("Move")
        expect(page.get_by_text(f"Anna Smith moved to {TERM} and emailed.")).to_be_visible()
    wednesday = f"{next_monday() + timedelta(days=2):%-d %B}"
    assert list_letters("anna@example.org")[-1] == f"Moved: {TERM}, {wednesday}, 18:30"

    page.goto(week.home)
    with week.job("why can’t Anna book", counter):
        counter.link("Vinyasa")
        counter.link("Book for someone")
        page.get_by_label("Name, email address or phone").fill("smi")
        counter.link("Anna Smith")
        expect(page.get_by_text("You can book it without using an allowance.")).to_be_visible()
        fits(counter)
        counter.link("Check access")
        expect(page.get_by_text("Can’t book", exact=True).first).to_be_visible()
    fits(counter)


def jo_is_at_the_door(week: Week, counter: Hand) -> None:
    page = counter.page
    page.goto(week.home)
    with week.job("who comes tonight", counter):
        counter.link("Vinyasa")
        for number, name in enumerate(TONIGHT, 1):
            counter.button(f"Present: {name}")
            expect(page.get_by_role("heading", name=f"{number} of 9 here")).to_be_visible()
    fits(counter)
    with week.job("a walk-in", counter):
        counter.link("Add walk-in")
        fits(counter)
        page.get_by_label("Name").fill("Kim Walker")
        counter.button("Book and mark present")
        expect(page.get_by_role("heading", name="Take £12.00")).to_be_visible()
    fits(counter)
    page.get_by_role("link", name="Later").click()
    expect(page.get_by_role("heading", name="10 of 10 here")).to_be_visible()
    page.goto(week.home)
    with week.job("who hasn’t paid", counter):
        counter.menu("At the studio")
        expect(page.get_by_role("table").get_by_text("£12.00")).to_be_visible()
    fits(counter)
    with week.job("a cash payment", counter):
        counter.link(re.compile("^Take payment"))
        fits(counter)
        counter.button("Take payment")
        expect(page.get_by_role("heading", name="Owes nothing")).to_be_visible()
    fits(counter)
    page.goto(week.home)
    with week.job("find somebody by name", counter):
        counter.menu("Customers")
        fits(counter)
        page.get_by_role("searchbox").fill("hal")
        counter.button("Search")
        counter.link("Eve Hall")
        expect(page.get_by_role("heading", level=1)).to_have_text("Eve Hall")
    fits(counter)


def maya_changes_and_cancels(week: Week, maya: Hand) -> None:
    page = maya.page
    page.goto(week.home)
    with week.job("another teacher for one date", maya):
        maya.menu("Schedule")
        maya.action(TERM, "Change leader", number=2)
        page.get_by_label("Leaders").fill("Ben")
        maya.press(page.get_by_text("Email everyone who has booked"))
        fits(maya)
        maya.button("Save")
        expect(page.get_by_text("Entry saved. We’re emailing 1 customer.")).to_be_visible()
    expect(page.get_by_text("Ben for Maya")).to_be_visible()

    page.goto(week.home)
    with week.job("cancel a class, with a message", maya):
        maya.menu("Schedule")
        maya.action("Vinyasa", "Cancel entry")
        page.get_by_label("Reason").fill("The boiler is broken")
        page.get_by_label("Message to everyone booked").fill("We have no heating tonight. We’re sorry!")
        maya.button("Cancel this entry")
        expect(page.get_by_text("Entry cancelled and 10 people emailed.")).to_be_visible()
    fits(maya)
    # The list stays to be seen, and each is one press away.
    jack = page.get_by_role("listitem").filter(has_text="Jack").get_by_role("link", name="jack@example.org")
    expect(jack).to_have_attribute("href", "mailto:jack@example.org")


def others_wait_for_space(week: Week, own_phone: Hand, newest_link: Callable[[str], str]) -> None:
    page = own_phone.page
    log_in_to(page, "cleo@example.org", "/river-studio/")
    page.wait_for_url("**/river-studio/")
    with week.job("join a waiting list", own_phone):
        own_phone.link("Yin by candles")
        fits(own_phone)
        own_phone.link("Join the waiting list")
        fits(own_phone)
        own_phone.button("Join the waiting list")
        expect(page.get_by_text("You’re number 1 in line")).to_be_visible()
    fits(own_phone)
    page.context.clear_cookies()
    dora_waits_too(own_phone)

    log_in_to(page, "anna@example.org", "/my/")
    page.wait_for_url("**/my/")
    with week.job("cancel in time", own_phone):
        own_phone.link("Yin by candles")
        own_phone.link("Cancel booking")
        fits(own_phone)
        own_phone.button("Cancel booking")
    fits(own_phone)
    assert offer_spaces(week.full.pk, now=timezone.now()) == 1

    page.context.clear_cookies()
    with week.job("take a space from the email", own_phone):
        own_phone.follow(newest_link("cleo@example.org"))
        fits(own_phone)
        own_phone.button("Book it")
        expect(page.get_by_text("Booked. We’ve emailed your confirmation to cleo@example.org.")).to_be_visible()


def dora_waits_too(own_phone: Hand) -> None:
    page = own_phone.page
    page.goto("/river-studio/")
    own_phone.link("Yin by candles")
    own_phone.link("Join the waiting list")
    page.get_by_label("Your name").fill("Dora Wu")
    page.get_by_label("Your email address").fill("dora@example.org")
    own_phone.button("Join the waiting list")
    expect(page.get_by_text("You’re on the waiting list")).to_be_visible()


def maya_offers_what_came_free(week: Week, maya: Hand) -> None:
    page, eve = maya.page, Seat.objects.live().get(customer__email="eve@example.org")
    cancel_by_studio([eve.pk], now=timezone.now())
    page.goto(week.home)
    with week.job("offer a space now", maya):
        maya.link("Yin by candles")
        maya.link(re.compile("^Waiting"))
        fits(maya)
        maya.button("Offer now", exact=False)
        expect(page.get_by_text("Offered to Dora Wu until")).to_be_visible()
    fits(maya)


def ben_looks_at_his_classes(week: Week, own_phone: Hand) -> None:
    page = own_phone.page
    page.context.clear_cookies()
    week.come_in(own_phone, "ben@river.example")
    with week.job("a teacher sees their own classes", own_phone):
        own_phone.menu("Schedule")
        expect(page.get_by_role("row", name=re.compile(TERM))).to_have_count(1)
    expect(page.get_by_role("row", name=re.compile("Yin by candles"))).to_have_count(0)
    fits(own_phone)


def maya_reads_what_was_done(week: Week, maya: Hand) -> None:
    page = maya.page
    page.goto(week.home)
    with week.job("what changed, and who did it", maya):
        maya.menu("History")
        told = page.get_by_role("table").get_by_role("row")
        expect(told.filter(has_text="Maya Okafor offered Dora Wu a space at “Yin by candles”")).to_have_count(1)
    expect(told.filter(has_text="Maya Okafor cancelled the entry “Vinyasa")).to_contain_text("The boiler is broken")
    expect(told.filter(has_text="Jo Reed booked “Vinyasa” for Kim Walker")).to_have_count(1)
    expect(told.filter(has_text="Maya Okafor changed the entry").first).to_contain_text("Leaders: Maya → Ben")
    fits(maya)


def maya_sees_what_it_came_to(week: Week, maya: Hand) -> None:
    page = maya.page
    sell_yesterday(week)
    page.goto(week.home)
    with week.job("income this month", maya):
        maya.press(page.get_by_role("link", name="£24.00"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Income")
    expect(page.get_by_role("row", name=re.compile("Yesterday’s Flow"))).to_contain_text("£12.00")
    fits(maya)
    page.goto(week.home)
    with week.job("how full were classes", maya):
        maya.menu("Reports")
        fits(maya)
        maya.link("Open fullness")
        expect(page.get_by_role("heading", level=1)).to_have_text("Fullness")
    maya.page.goto(f"{page.url}?days=twelve_months")
    expect(page.get_by_role("row", name=re.compile("Yesterday’s Flow"))).to_contain_text("50%")
    fits(maya)


def say_times(page: Page, start: str, end: str) -> None:
    page.get_by_label("Start", exact=True).fill(start)
    page.get_by_label("End", exact=True).fill(end)


def next_monday() -> date:
    today = timezone.localdate()
    return today + timedelta(days=7 - today.weekday())


def term() -> list[Entry]:
    return list(Entry.objects.filter(title=TERM).order_by("starts_at"))
