"""The dashboard's timetable: a week and a month, filters that stay in the address, one's own classes, what is over."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from accounts.models import Role
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.journeys.hand import Hand, phone
from tests.journeys.steps import list_problems, log_in_to
from tests.worlds.new_studio import PASSWORD, NewStudio
from tickets.models import Entry, Leader, Location
from tickets.schedule.labels import set_leaders

pytestmark = pytest.mark.journey

SCHEDULE: Final = "/dashboard/river/schedule/"
WEEK: Final = timedelta(weeks=1)


@pytest.fixture
def classes(studio: NewStudio) -> dict[str, Entry]:
    """Maya’s and Ben’s classes: today, in a week and a week ago; Ben’s are in the loft. Today’s go on till late."""
    account = studio.account
    ben = UserFactory.create(email="ben@river.example", name="Ben Cole", password=PASSWORD)
    staff = StaffFactory.create(account=account, user=ben, role=Role.LEADER)
    Leader.objects.create(account=account, name="Ben", staff=staff)
    loft = Location.objects.create(account=account, name="Loft")
    noon = timezone.make_aware(datetime.combine(timezone.localdate(), time(12)))
    begins = {
        "Long Flow": (noon, "Maya"),
        "Long Yin": (noon + timedelta(minutes=30), "Ben"),
        "Next Flow": (noon + WEEK, "Maya"),
        "Next Yin": (noon + WEEK, "Ben"),
        "Old Flow": (noon - WEEK, "Maya"),
    }
    made = {}
    for title, (at, leader) in begins.items():
        place = {"venue": loft, "location": loft.name} if leader == "Ben" else {}
        ends = {"ends_at": at + timedelta(hours=14)} if title.startswith("Long") else {}
        entry = EntryFactory.create(page=studio.page, title=title, starts_at=at, **ends, **place)
        TicketFactory.create(entry=entry)
        set_leaders([entry], [leader], for_once=False)
        made[title] = entry
    return made


@pytest.fixture
def bens_phone(browser: Browser, base_url: str, classes: dict[str, Entry]) -> Iterator[Hand]:
    with phone(browser, base_url) as hand:
        log_in_to(hand.page, "ben@river.example", SCHEDULE)
        hand.page.wait_for_url(f"**{SCHEDULE}")
        yield hand


def test_a_week_and_a_month_keep_what_is_asked_for(page: Page, studio: NewStudio, classes: dict[str, Entry]) -> None:
    desk = Hand(page)
    log_in_to(page, studio.owner, SCHEDULE)
    with desk.counted(1):
        desk.link("Week")
        expect(today(page)).to_contain_text("Long Flow")
    expect(today(page)).to_contain_text("Loft · Ben")
    assert (asked(page), list_problems(page)) == ({"view": "week"}, [])

    with desk.counted(4):
        desk.press(page.get_by_text("Filter", exact=True))
        desk.choose(page.get_by_label("Leader"), "Ben")
        desk.button("Show entries")
        expect(today(page).get_by_role("link", name="Long Yin")).to_be_visible()
    ben = classes["Next Yin"].leading.get().leader_id
    assert (titles(page), asked(page)) == (["Long Yin"], {"view": "week", "teacher": str(ben)})

    desk.link("Next")
    expect(page.get_by_role("link", name="Next Yin")).to_be_visible()
    expect(today(page)).to_have_count(0)
    page.reload()
    assert titles(page) == ["Next Yin"]
    desk.link("Today")
    expect(today(page)).to_be_visible()
    assert list_problems(page) == []

    desk.link("Month")
    expect(today(page)).to_contain_text("1 entry")
    assert (asked(page), list_problems(page)) == ({"view": "month", "teacher": str(ben)}, [])
    desk.press(today(page).get_by_role("link"))
    expect(page.get_by_role("row", name="Long Yin")).to_be_visible()
    assert asked(page) == {"day": timezone.localdate().isoformat(), "teacher": str(ben)}
    expect(page.get_by_role("row", name="Long Flow")).to_have_count(0)
    desk.link("Clear filter")
    expect(page.get_by_role("row", name="Long Flow")).to_be_visible()

    desk.link("Past")
    expect(page.get_by_role("row", name="Old Flow")).to_be_visible()
    assert (asked(page), list_problems(page)) == ({"when": "past"}, [])


def test_what_can_be_done_with_a_class_stands_in_its_week(
    page: Page, studio: NewStudio, classes: dict[str, Entry]
) -> None:
    desk, day = Hand(page), timezone.localdate() + WEEK
    log_in_to(page, studio.owner, f"{SCHEDULE}?view=week%26day={day}")
    with desk.counted(2):
        desk.action("Next Yin", "Change leader")
        expect(page.get_by_label("Leaders")).to_have_value("Ben")


def test_a_teacher_has_their_own_classes_on_a_phone(bens_phone: Hand) -> None:
    page = bens_phone.page
    expect(page.get_by_role("row", name="Long Yin")).to_be_visible()
    expect(page.get_by_role("row", name="Long Flow")).to_have_count(0)
    assert list_problems(page) == []

    with bens_phone.counted(1):
        bens_phone.link("Week")
        expect(today(page)).to_contain_text("Long Yin")
    assert titles(page) == ["Long Yin"]
    assert list_problems(page) == []
    with bens_phone.counted(1):
        bens_phone.link("Show everyone’s entries")
        expect(today(page)).to_contain_text("Long Flow")
    bens_phone.link("Month")
    expect(today(page)).to_contain_text("2 entries")
    assert (asked(page), list_problems(page)) == ({"view": "month", "mine": "0"}, [])
    bens_phone.link("Show only mine")
    expect(today(page)).to_contain_text("1 entry")


def today(page: Page) -> Locator:
    """The day of the timetable that is marked as today."""
    return page.locator(".timetable > [aria-current=date]")


def titles(page: Page) -> list[str]:
    """What stands in the week."""
    return page.locator(".timetable ul a[href$='/']").filter(has_not=page.locator("svg")).all_inner_texts()


def asked(page: Page) -> dict[str, str]:
    """What the address asks for, of which nothing is empty."""
    return {name: value for name, [value] in parse_qs(urlsplit(page.url).query).items()}
