"""How a page of a big studio is judged beside that of a small one."""

import pytest

from bench.scale.judging import LARGEST, Figures, Row, held_against
from bench.scale.picture import draw
from bench.scale.run import compare, line


def figures(*, blocks: int | None = 100, statements: int = 5, size: int = 50_000, status: int = 200) -> Figures:
    return Figures(status=status, size=size, statements=statements, blocks=blocks, cpu=20)


@pytest.mark.parametrize(
    ("big", "trouble"),
    [
        (figures(), ""),
        (figures(blocks=140), ""),
        (figures(blocks=141), "141 blocks, not 100"),
        (figures(blocks=270, size=LARGEST), ""),
        (figures(statements=16), ""),
        (figures(statements=17), "17 statements, not 5"),
        (figures(size=LARGEST + 1), f"{LARGEST + 1} bytes, not 50000"),
        (figures(status=404), "answers 404, small 200"),
        (figures(blocks=None), "no answer"),
    ],
)
def test_what_a_big_studio_may_cost(big: Figures, trouble: str) -> None:
    assert Row("bookings/", figures(), big).trouble == trouble


def test_a_file_may_be_as_long_as_the_list() -> None:
    assert Row("payments.csv", figures(), figures(size=10_000_000)).trouble == ""


@pytest.mark.parametrize("status", [400, 500, 503])
def test_a_page_that_is_turned_away_is_not_a_cheap_one(status: int) -> None:
    assert Row("bookings/", figures(status=status), figures(status=status)).trouble


def test_what_is_only_in_one_studio_is_not_judged() -> None:
    assert Row("bookings/, further on", None, figures(blocks=None)).trouble == ""


def test_big_is_held_against_small_and_small_against_itself_without_a_big_one() -> None:
    def told(where: str, label: str, blocks: int) -> dict[str, object]:
        row = {"where": where, "label": label, "status": 200, "size": 1, "statements": 1, "blocks": blocks, "cpu": 1.0}
        return dict(row)

    beside = [told("small", "bookings/", 10), told("big", "bookings/", 11), told("jobs", "job a", 12)]
    alone = [told("small", "bookings/", 9), told("jobs", "job a", 13)]

    rows = compare(beside, alone)

    assert [(row.label, row.small and row.small.blocks, row.big and row.big.blocks) for row in rows] == [
        ("bookings/", 10, 11),
        ("beside a big studio: bookings/", 9, 10),
        ("job a", 13, 12),
    ]
    assert "1 · 10 · 1 ms" in line(rows[0])
    assert draw(rows).count("<circle") == 3


def test_further_pages_that_a_small_studio_has_not_are_held_against_its_first() -> None:
    small = {"bookings/": figures(), "bookings/, state=held": figures(blocks=7)}
    big = {"bookings/": figures(), "bookings/, next page": figures(), "bookings/, further on": figures(blocks=141)}

    troubles = {row.label: row.trouble for row in held_against(small, big)}

    assert troubles == {
        "bookings/": "",
        "bookings/, state=held": "",
        "bookings/, next page": "",
        "bookings/, further on": "141 blocks, not 100",
    }
