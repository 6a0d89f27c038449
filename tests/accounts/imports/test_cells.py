"""Single cells of lists: days in any order, times that say their zone, addresses, and what says nothing."""

import re
from datetime import date, datetime
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.imports.tables.cells import (
    addresses_in,
    read_client,
    read_day,
    read_local_day,
    read_local_moment,
    read_moment,
    tidy_cell,
    yes_or_no,
)


@pytest.mark.parametrize(
    ("cell", "means"),
    [
        ("'=1+1", "=1+1"),
        ("'+44 7911 123456", "+44 7911 123456"),
        ("'07911", "07911"),
        ("'t Hooft", "'t Hooft"),
        ('="0049"', "0049"),
        ("a;'=b", "a;=b"),
        ("  x \u200b", "x"),
    ],
)
def test_what_was_put_there_against_formulas_is_taken_off(cell: str, means: str) -> None:
    """Ghost #29511."""
    assert tidy_cell(cell) == means


@pytest.mark.parametrize(
    ("text", "order", "means"),
    [
        ("3/4/2026", "dmy", date(2026, 4, 3)),
        ("3/4/2026", "mdy", date(2026, 3, 4)),
        ("13/4/26", "mdy", date(2026, 4, 13)),
        ("3.4.2026", "dmy", date(2026, 4, 3)),
        ("2026-04-03 18:30", "mdy", date(2026, 4, 3)),
        ("3 Apr 2026", "mdy", date(2026, 4, 3)),
        ("April 3, 2026", "dmy", date(2026, 4, 3)),
        ("3. März 2026", "dmy", date(2026, 3, 3)),
        ("1er août 2026", "dmy", date(2026, 8, 1)),
        ("46115", "dmy", date(2026, 4, 3)),
        ("31/2/2026", "dmy", None),
        ("soon", "dmy", None),
        ("3/4/0026", "dmy", None),
    ],
)
def test_days_are_read_in_the_studios_order(text: str, order: Any, means: date | None) -> None:
    assert read_day(text, order) == means


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("3/4/2026 18:30", datetime.fromisoformat("2026-04-03 18:30")),
        ("2026-04-03T09:05:00", datetime.fromisoformat("2026-04-03 09:05")),
        ("Fri, 3 Apr 2026 6:30pm", datetime.fromisoformat("2026-04-03 18:30")),
        ("3.4.2026", datetime.fromisoformat("2026-04-03")),
    ],
)
def test_moments_are_read(text: str, means: datetime) -> None:
    assert read_moment(text, "dmy") == means


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2024-02-29T23:00:00.000Z", date(2024, 3, 1)),
        ("2024-07-31 22:00:00 UTC", date(2024, 8, 1)),
        ("2024-03-01T00:00:00+00:00", date(2024, 3, 1)),
        ("2024-03-01T00:30:00+09:00", date(2024, 2, 29)),
        ("2024-03-01T10:00:00+99:99", date(2024, 3, 1)),
        ("1 March 2024", date(2024, 3, 1)),
        ("1st of March 2024", date(2024, 3, 1)),
        ("soon UTC", None),
    ],
)
def test_a_day_that_says_its_time_zone_is_the_studios(text: str, means: date | None) -> None:
    """What a database hands out: midnight in Berlin is the evening before in UTC."""
    assert read_local_day(text, "dmy", ZoneInfo("Europe/Berlin")) == means


def test_a_time_of_no_time_zone_is_no_time() -> None:
    """A row that says +99:99 raised, and kept all others from being looked through."""
    berlin = ZoneInfo("Europe/Berlin")
    assert read_local_moment("2024-03-01 10:00:00 +99:99", "dmy", berlin) is None
    assert read_local_moment("2024-03-01 10:00:00 -0500", "dmy", berlin) == datetime.fromisoformat("2024-03-01 16:00")


def test_a_cell_with_several_lines_is_somebody() -> None:
    found = read_client("Ada Lovelace\nada@example.org\n+44 7911 123456")
    assert (found.name, found.email, found.phone) == ("Ada Lovelace", "ada@example.org", "+44 7911 123456")
    assert addresses_in("ada@example.org / bob@example.org") == ["ada@example.org", "bob@example.org"]
    assert [yes_or_no(each) for each in ("Yes", "x", "NEIN", "", "perhaps")] == [True, True, False, None, None]


@given(st.text(st.sampled_from("aé1@.@. ,;<\n"), max_size=30))
def test_addresses_are_the_pieces_that_look_like_one(text: str) -> None:
    """As a pattern finds them, which takes the square of a text's length."""
    pattern = r"[^\s<>()\[\]{}\":;,|]+@[^\s<>()\[\]{}\":;,|]*[^\s<>()\[\]{}\":;,|.]"
    assert addresses_in(text) == list(dict.fromkeys(re.findall(pattern, text)))


def test_a_day_is_looked_for_where_one_can_stand() -> None:
    """In a cell of five thousand letters that took most of a second: a sheet of them kept a worker for hours."""
    assert read_day("Joined on 3 April 2026, as far as we know", "dmy") == date(2026, 4, 3)
    assert read_day("a" * 1000 + " 3 April 2026", "dmy") is None
    assert read_local_moment("a" * 1000 + " 3 April 2026 18:30 UTC", "dmy", ZoneInfo("Europe/Berlin")) is None


def test_cells_of_thousands_of_odd_letters_take_little_time() -> None:
    """Of a file of ten megabytes: the worker who reads it has three minutes."""
    began = process_time()
    for number in range(100):
        for pump in ("a", "ß", "1 ", "@", "a@", "\r'"):
            text = f"{number}{pump * (5000 // len(pump))}!"
            read_moment(text, "dmy")
            assert len(addresses_in(text)) == ("@" in pump)
            tidy_cell(text)
    assert process_time() - began < 10  # it took minutes


def test_each_piece_that_looks_like_an_address_is_one() -> None:
    assert addresses_in("@x.org ada@example.org., ada@x.. bob@ <@>; a@@, ada@x") == ["ada@example.org", "ada@x", "a@@"]
