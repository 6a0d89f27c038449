"""The account's settings."""

from typing import Any

import pytest

from accounts.dashboard.settings import examples
from accounts.models import Account, User
from tests.browsing import open_browser
from tests.factories.schedule import EntryFactory

pytestmark = pytest.mark.django_db

SETTINGS = "/dashboard/river/settings/"
GIVEN = {
    "name": "River & Sons",
    "contact_email": "Hello@River.example",
    "time_zone": "America/New_York",
    "locale": "en-us",
    "hold_minutes": "30",
    "cutoff_hours": "36",
    "refund_percent": "90",
    "late_refund_percent": "25",
    "returns_late_uses": "on",
    "returns_absent_uses": "on",
    "announces_resets": "on",
}


def test_everything_is_saved(studio: Account, alice: User) -> None:
    answer = open_browser(alice).post(SETTINGS, GIVEN)
    assert (answer.status_code, answer["Location"]) == (302, SETTINGS)
    studio.refresh_from_db()
    assert (studio.name, studio.time_zone, studio.locale, studio.cancellation_cutoff_minutes) == (
        "River & Sons",
        "America/New_York",
        "en-us",
        36 * 60,
    )
    assert (studio.customers_cancel, studio.returns_late_uses, studio.announces_resets) == (False, True, True)
    assert studio.returns_absent_uses is True
    assert (studio.slug, studio.currency) == ("river", "GBP")
    assert (studio.hold_minutes, studio.refund_percent, studio.late_refund_percent) == (30, 90, 25)


def test_the_time_zone_is_fixed_after_the_first_entry(studio: Account, alice: User) -> None:
    EntryFactory.create(page=studio.pages.get())
    client = open_browser(alice)
    page = client.get(SETTINGS).content.decode()
    assert "You can’t change this now that you’ve created an entry" in page
    assert client.post(SETTINGS, GIVEN).status_code == 302
    studio.refresh_from_db()
    assert (studio.time_zone, studio.locale) == ("Europe/London", "en-us")


@pytest.mark.parametrize(
    "bad",
    [
        {"name": ""},
        {"time_zone": "Mars/Base"},
        {"locale": "xx"},
        {"cutoff_hours": "-1"},
        {"cutoff_hours": "9999"},
        {"hold_minutes": "4"},
        {"hold_minutes": "121"},
        {"hold_minutes": ""},
        {"refund_percent": "-1"},
        {"refund_percent": "101"},
        {"late_refund_percent": "12.5"},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_saved(studio: Account, alice: User, bad: dict[str, str]) -> None:
    answer = open_browser(alice).post(SETTINGS, GIVEN | bad)
    assert answer.status_code == 422
    assert "<title>Error: Settings" in answer.content.decode()
    assert "<strong>River Studio</strong>" in answer.content.decode()
    studio.refresh_from_db()
    assert (studio.name, studio.locale) == ("River Studio", "en-gb")
    assert studio.hold_minutes == 15


IN_TIME = "If they cancel at least 24 hours before, £12.00 of £12.00 is refunded and a member’s use is returned."
LATE = "If they cancel later, £0.00 of £12.00 is refunded and a member’s use isn’t returned."


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({}, [IN_TIME, LATE]),
        (
            {"refund_percent": 33, "late_refund_percent": 5, "returns_late_uses": True},
            [
                "If they cancel at least 24 hours before, £3.96 of £12.00 is refunded and a member’s use is returned.",
                "If they cancel later, £0.60 of £12.00 is refunded and a member’s use is returned.",
            ],
        ),
        (
            {"cancellation_cutoff_minutes": 60},
            [
                "If they cancel at least 1 hour before, £12.00 of £12.00 is refunded and a member’s use is returned.",
                LATE,
            ],
        ),
        (
            {"cancellation_cutoff_minutes": 0},
            ["If they cancel before the start, £12.00 of £12.00 is refunded and a member’s use is returned."],
        ),
        (
            {"currency": "JPY", "locale": "ja-jp", "refund_percent": 33, "cancellation_cutoff_minutes": 0},
            ["If they cancel before the start, ￥396 of ￥1,200 is refunded and a member’s use is returned."],
        ),
        (
            {"currency": "KWD", "refund_percent": 33, "cancellation_cutoff_minutes": 0},
            ["If they cancel before the start, KWD3.960 of KWD12.000 is refunded and a member’s use is returned."],
        ),
        (
            {"customers_cancel": False},
            ["Customers can’t cancel. You can cancel at any time and choose how much to refund."],
        ),
    ],
)
def test_an_example_says_what_the_preferences_mean(
    studio: Account, changes: dict[str, Any], sentences: list[str]
) -> None:
    for name, value in changes.items():
        setattr(studio, name, value)

    assert examples(studio) == sentences


def test_the_page_shows_the_saved_ones_beside_what_was_typed(studio: Account, alice: User) -> None:
    page = open_browser(alice).post(SETTINGS, GIVEN | {"refund_percent": "200"}).content.decode()

    assert (IN_TIME in page, LATE in page, 'value="200"' in page) == (True, True, True)
