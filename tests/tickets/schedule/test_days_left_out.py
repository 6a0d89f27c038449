"""Which days of a series are left out, as people type them."""

from datetime import date
from time import process_time

import pytest

from accounts.models import Account
from tests.factories.schedule import NOW
from tickets.dashboard.entries.repeat_form import RepeatForm


def read(typed: str) -> RepeatForm:
    return RepeatForm({"repeats": "weekly", "count": "3", "left_out": typed}, account=Account(), now=NOW)


@pytest.mark.parametrize(
    "typed",
    [
        "2030-12-24 to 2030-12-26",
        " 24  December 2030 \t-  26 Dec 2030 ",
        "2030-12-24–2030-12-26",
        "24.12.2030, 2030-12-25;\r\n26 December\u00a02030",
    ],
)
def test_days_are_read_one_by_one_and_from_one_to_another(typed: str) -> None:
    form = read(typed)
    assert form.errors == {}
    assert form.cleaned_data["left_out"] == {date(2030, 12, day) for day in (24, 25, 26)}


@pytest.mark.parametrize("gap", [" ", "\t", "\u00a0", " \u2013", "to "])
def test_a_long_line_takes_as_much_time_as_it_is_long(gap: str) -> None:
    began = process_time()
    assert "left_out" in read(f"x{gap * (300_000 // len(gap))}x").errors
    assert process_time() - began < 3  # it took hours
