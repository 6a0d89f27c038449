"""What an allowance is told as: when it resets, and nothing at all where it has no limit."""

from datetime import date

import pytest

from offers.messages import left_text, resets_text
from offers.models import Audience, Offer, PeriodUnit
from offers.periods import Period
from tickets.public.phrases import offer_terms_text

ANCHOR = date(2029, 11, 28)


@pytest.mark.parametrize(
    ("facts", "day", "said"),
    [
        ({}, ANCHOR, "Allowance resets on the 28th"),
        ({}, date(2029, 1, 31), "Allowance resets on the 31st, or the month’s last day"),
        ({"period_count": 3}, ANCHOR, "Allowance resets every 3 months from 28 November 2029"),
        ({"period_unit": PeriodUnit.DAY}, ANCHOR, "Allowance resets every day"),
        ({"period_unit": PeriodUnit.WEEK}, ANCHOR, "Allowance resets every Wednesday"),
        ({"period_unit": PeriodUnit.YEAR}, ANCHOR, "Allowance resets on 28 November"),
        ({"ongoing": False}, ANCHOR, ""),
        ({"limit": None}, ANCHOR, ""),
    ],
)
def test_when_it_resets(facts: dict[str, object], day: date, said: str) -> None:
    assert resets_text(Offer(**{"limit": 10, **facts}), day) == said


def test_what_is_left() -> None:
    month = Period(ANCHOR, date(2029, 12, 28))
    assert left_text(10, 10, month) == "10 of 10 left until 27 December; resets on 28 December."


@pytest.mark.parametrize(
    ("facts", "pages", "said"),
    [
        ({}, ["Lotus Yoga"], "Unlimited tickets for you at Lotus Yoga."),
        (
            {"audience": Audience.ADDITIONAL, "additional_attendees": 2},
            ["Lotus Yoga", "Workshops"],
            "Unlimited tickets for you and up to 2 guests at Lotus Yoga and Workshops.",
        ),
        ({}, [], "Unlimited tickets, for you only."),
        ({"limit": 10}, ["Lotus Yoga"], "10 tickets a month, for you only."),
    ],
)
def test_its_terms(facts: dict[str, object], pages: list[str], said: str) -> None:
    assert offer_terms_text(Offer(**facts), pages=pages) == said
