"""How a page of a big studio is judged beside that of a smaller one, and how that is told."""

import pytest

from bench.scale.judging import LARGEST, Figures, Row, held_against
from bench.scale.picture import draw
from bench.scale.reasons import REASONS
from bench.scale.run import compare
from bench.scale.tables import growth, line, lists


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


def told(where: str, label: str, blocks: int, **more: object) -> dict[str, object]:
    row = {"where": where, "label": label, "status": 200, "size": 1, "statements": 1, "blocks": blocks, "cpu": 1.0}
    return row | more


def test_a_quarter_is_held_against_the_whole_and_small_studios_and_jobs_against_themselves_before_it_came() -> None:
    before = [told("before", "bookings/", 9), told("jobs", "job a", 13)]
    after = [
        told("small", "bookings/", 10), told("quarter", "bookings/", 20), told("whole", "bookings/", 21),
        told("as planned", "bookings/", 5), told("jobs", "job a", 12),
    ]  # fmt: skip

    rows = compare(before, after)

    assert [(row.label, row.small and row.small.blocks, row.big and row.big.blocks) for row in rows] == [
        ("bookings/", 20, 21),
        ("beside a studio of N: bookings/", 9, 10),
        ("job a", 13, 12),
    ]
    assert "1 · 20 · 1 ms" in line(rows[0])
    assert draw(rows).count("<circle") == 3


def job(blocks: int, rows: int) -> Figures:
    return Figures(status=200, size=0, statements=1, blocks=blocks, cpu=1, rows=rows)


@pytest.mark.parametrize(
    ("big", "trouble"),
    [(job(4000, 400), ""), (job(5200, 400), ""), (job(5300, 400), "13.2 blocks a row, not 10.0"), (job(130, 10), "")],
)
def test_a_job_costs_by_the_row(big: Figures, trouble: str) -> None:
    assert Row("job a, a row", job(1000, 100), big).trouble == trouble


def test_what_is_above_the_target_says_which_tables_it_reads_more_of_unless_somebody_knows_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = Figures.read(told("quarter", "customers/", 20, relations={"seat": 5, "page": 15}))
    big = Figures.read(told("whole", "customers/", 90, relations={"seat": 55, "page": 15, "seat_pkey": 20}))
    row = Row("customers/", small, big)

    assert line(row).endswith("90 blocks, not 20: seat +50, seat_pkey +20")

    monkeypatch.setitem(REASONS, "customers/", "It counts up to a thousand.")
    assert line(row).endswith("4.33  It counts up to a thousand.")
    assert 'class="known"' in draw([row])


def test_the_table_has_what_grows_most_first() -> None:
    rows = [Row(f"page {blocks}", figures(), figures(blocks=blocks)) for blocks in (100, 900, 120)]

    table = list(growth([*rows, Row("only in one", None, figures())]))[2:]

    assert [each.split(" | ")[0] for each in table] == ["| page 900", "| page 120", "| page 100"]


def test_every_list_is_told_with_the_most_statements_of_its_pages() -> None:
    def took(statements: int, cpu: float, blocks: int | None = 1) -> Figures:
        return Figures(status=200, size=1, statements=statements, blocks=blocks, cpu=cpu)

    pages = {
        "bookings/": took(8, 30.4),
        "bookings/, next page": took(8, 31),
        "bookings/, further on": took(9, 33),
        "bookings/, a rare word": took(20, 50),
        "bookings/, a common word": took(8, 0, None),
        "settings/": took(4, 10),
    }

    assert lists(pages)[2:] == ["| bookings/ | 20 (!) | 30 ms | 33 ms | 50 ms | no answer |"]


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
