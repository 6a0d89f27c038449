"""Months and days on an account’s clocks."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tickets.reporting.spans import Month, Span, midnight, month_span, read_month

LONDON = ZoneInfo("Europe/London")


def test_a_month_knows_its_days_and_its_neighbours() -> None:
    assert (Month(2030, 2).first, Month(2030, 2).last) == (date(2030, 2, 1), date(2030, 2, 28))
    assert [str(Month(2030, 1).later(by)) for by in (-13, -1, 0, 11, 12)] == [
        "2028-12", "2029-12", "2030-01", "2030-12", "2031-01",
    ]  # fmt: skip


def test_a_day_begins_on_the_clocks_of_the_account() -> None:
    assert midnight(date(2030, 7, 1), LONDON) == datetime(2030, 6, 30, 23, tzinfo=UTC)
    assert midnight(date(2030, 1, 1), LONDON) == datetime(2030, 1, 1, tzinfo=UTC)


def test_a_month_in_which_the_clocks_change_is_an_hour_shorter() -> None:
    march = month_span(Month(2030, 3), LONDON)

    assert (march.begins, march.ends) == (
        datetime(2030, 3, 1, tzinfo=UTC),
        datetime(2030, 3, 31, 23, tzinfo=UTC),
    )


def test_a_day_whose_midnight_is_left_out_begins_an_hour_later() -> None:
    """In Cuba the clocks go forward at midnight."""
    assert midnight(date(2030, 3, 10), ZoneInfo("America/Havana")) == datetime(2030, 3, 10, 5, tzinfo=UTC)


def test_a_span_has_the_months_that_its_days_are_in() -> None:
    span = Span(date(2029, 11, 30), date(2030, 2, 1), LONDON)

    assert list(map(str, span.months)) == ["2029-11", "2029-12", "2030-01", "2030-02"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2030-02", Month(2030, 2)),
        ("2030-13", None),
        ("2030-00", None),
        ("2030-2", None),
        ("0001-01", None),
        ("9999-12", None),
        ("\uff12\uff10\uff13\uff10-01", None),
        ("2030", None),
        ("", None),
        ("a-b", None),
    ],
)
def test_an_address_names_a_month(text: str, found: Month | None) -> None:
    assert read_month(text) == found
