"""Days as people type them: read as they mean them, or told what is wrong with them; never left out without a word."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tickets.dashboard.entries.days_typed import LONGEST, read_days

SINCE = date(2026, 11, 30)


def read(text: str, *, american: bool = False) -> list[str]:
    found = read_days(text, since=SINCE, american=american, longest=timedelta(days=3653))
    return sorted(each.isoformat() for each in found)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-25", "25/12/2026", "25.12.2026", "25-12-26", "20261225", "25 December 2026", "25th of December, 2026",
        "December 25, 2026", "Dec 25 2026", "Fri 25 Dec 2026", "Friday, 25 December 2026", "Friday, 25/12/2026",
        "Fri 25.12.",
        "25 December", "25/12", "25.12.", "Dec 25th", "Christmas Day, 25 December", "  25  dec  ", "12/25/2026",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert read(text) == ["2026-12-25"]


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-30 to 2027-01-02", "30/12/2026 - 2/1/2027", "30 Dec – 2 Jan", "30 Dec–2 Jan 2027",
        "from 30 December until the 2nd of January 2027",
        "Wednesday 30/12/2026 to Saturday 2/1/2027", "Wed 30 Dec to Sat 2 Jan", "30/12 - 2/1", "Dec 30 – Jan 2, 2027",
    ],
)  # fmt: skip
def test_from_one_day_to_another(text: str) -> None:
    assert read(text) == ["2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02"]


@pytest.mark.parametrize("text", ["21-23 December 2026", "21 – 23 December", "21st to 23rd December 2026"])
def test_days_of_one_month(text: str) -> None:
    assert read(text) == ["2026-12-21", "2026-12-22", "2026-12-23"]


def test_several_stand_on_lines_or_have_commas_or_semicolons_between_them() -> None:
    assert read("1 Dec, 8 December 2026;15/12/2026\n22 Dec, 2027-01-05") == [
        "2026-12-01", "2026-12-08", "2026-12-15", "2026-12-22", "2027-01-05",
    ]  # fmt: skip


def test_what_has_no_year_is_the_next_and_29_february_too() -> None:
    assert read("29 November, 30 November, 29 Feb") == ["2026-11-30", "2027-11-29", "2028-02-29"]


def test_in_numbers_the_country_says_what_stands_first() -> None:
    assert (read("4/5/2027"), read("4/5/2027", american=True)) == (["2027-05-04"], ["2027-04-05"])


@pytest.mark.parametrize(
    "text",
    [
        "Christmas", "Fridays", "25", "25, 26 December", "25 and 26 December 2026", "1 and 18 April", "April 2027",
        "2026", "30 February 2027", "2026-12-25 2026-12-26", "25 Dec 18:00", "46000", "31/31/2026", "to", "- -",
        "25 Dec to Christmas", "x" * 5000, "1" * 5000, "2026-12-25 " * 50,
    ],
)  # fmt: skip
def test_what_is_no_day_is_asked_again(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(text)

    [words] = refused.value.messages
    assert words.startswith("Enter dates like 2026-12-25, one on each line: “")
    assert len(words) < LONGEST + 80


@pytest.mark.parametrize("text", ["2 January 2027 to 30 December 2026", "23-21 December 2026"])
def test_the_second_comes_after_the_first(text: str) -> None:
    with pytest.raises(ValidationError, match="The second date has to come after the first: “"):
        read(text)


@given(st.text(alphabet=st.sampled_from("0123456789 -–/.,;:\ndecfritohxé٣"), max_size=60), st.booleans())
def test_whatever_is_typed_is_read_or_refused(text: str, american: bool) -> None:  # noqa: FBT001 - drawn
    with suppress(ValidationError):
        read(text, american=american)
