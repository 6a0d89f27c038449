"""How the benchmark counts and judges; what it measures is the machine's."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as command
from bench import document, page, picture
from bench.client import Crowd
from bench.report import Row, compared, disturbed, failed
from bench.rounds import Round, family, precise_seconds_of, take_turns
from bench.statements import kind_of


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("SELECT a FROM b", "selects"),
        ("SELECT id FROM groups_member ORDER BY id FOR NO KEY UPDATE", "selects"),
        ("SELECT id FROM groups_standing FOR SHARE", "selects"),
        ("(SELECT a FROM b) UNION (SELECT c FROM d)", "selects"),
        ("WITH a AS (SELECT b FROM c) SELECT b FROM a", "selects"),
        ("WITH ended AS (UPDATE a SET b = c RETURNING d) SELECT d FROM ended", "writes"),
        ("\n    INSERT INTO a (b) VALUES ($1) ON CONFLICT (b) DO UPDATE SET c = d", "writes"),
        ("UPDATE a SET b = c", "writes"),
        ("DELETE FROM a", "writes"),
        ("BEGIN", "others"),
        ('SAVEPOINT "s1"', "others"),
    ],
)
def test_reads_and_writes_are_told_apart(statement: str, kind: str) -> None:
    assert kind_of(statement) == kind


@pytest.mark.parametrize(
    ("row", "mark"),
    [
        (Row("counted", 4, "", 4), "PASS"),
        (Row("counted", 4.04, "", 4), "PASS"),
        (Row("counted", 4.06, "", 4), "FAIL"),
        (Row("told", 3, "ms"), ""),
        (Row("at least", 20, "/s", 2, at_least=True, floor=10), "PASS"),
        (Row("at least, nearly", 18.5, "/s", 2, at_least=True, floor=10), "NEAR"),
        (Row("at least, missed", 17.5, "/s", 2, at_least=True, floor=10), "FAIL"),
        (Row("at most", 90, "ms", 9, floor=10), "PASS"),
        (Row("at most, nearly", 98, "ms", 9, floor=10), "NEAR"),
        (Row("at most, missed", 100, "ms", 9, floor=10), "FAIL"),
        (Row("beside the floor, without a target", 100, "ms", floor=10), ""),
        (Row("broken", 0, error="no answer"), "FAIL"),
    ],
)
def test_a_ratio_may_miss_its_target_by_the_noise_and_what_is_counted_may_not(row: Row, mark: str) -> None:
    assert row.mark == mark


def test_missed_targets_and_broken_rows_fail_the_run() -> None:
    counted, ratio = Row("counted", 5, "", 4), Row("ratio", 5, "ms", 2, floor=1)
    near, told = Row("near", 2.1, "ms", 2, floor=1), Row("told", 900, "ms")
    broken = Row("broken", 0, error="no answer")

    assert failed([counted, ratio, near, told, broken]) == [counted, ratio, broken]


def test_a_row_is_of_the_round_with_the_middle_ratio_and_the_heaviest_load() -> None:
    rounds = [Round(10, 5, 0.1), Round(30, 10, 0.3), Round(8, 8, None), Round(90, 10, 0.2)]

    row = compared("pages", rounds, "/s", 2, at_least=True)

    assert row == Row("pages", 10, "/s", 2, at_least=True, floor=5, foreign=0.3)
    assert row.ratio == 2


def test_ours_and_the_floor_take_turns_and_each_begins_in_its_turn() -> None:
    order: list[str] = []

    def measure(name: str, figure: float) -> float:
        order.append(name)
        return figure

    rounds = take_turns(lambda: measure("ours", 6), lambda: measure("floor", 2), rounds=3)

    assert order == ["ours", "floor", "floor", "ours", "ours", "floor"]
    assert [each.ratio for each in rounds] == [3, 3, 3]


def test_the_run_says_when_others_had_much_of_the_processors() -> None:
    quiet, busy = Row("quiet", 1, foreign=0.2), Row("busy", 1, foreign=0.6)

    assert disturbed([quiet, Row("told", 1)]) is None
    assert disturbed([quiet, busy]) == 0.6
    assert page.disturbance([quiet]) == "Other programs had up to 20% of the processors."
    assert page.disturbance([busy]) == "Other programs had up to 60% of the processors, so this run was disturbed."


def test_what_this_process_starts_is_not_others() -> None:
    program = [sys.executable, "-c", "import time\nwhile time.process_time() < 0.2: pass\nprint(flush=True)\ninput()"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        alive, worked = family(os.getpid()), precise_seconds_of({child.pid})
        child.communicate(b"\n")

    assert child.pid in alive
    assert child.pid not in family(os.getpid())
    assert worked >= 0.2


def test_the_table_of_the_document_has_a_line_for_each_row_and_says_how_many_targets_are_met(tmp_path: Path) -> None:
    rows = [
        Row("Page", 250, "/s", 2, at_least=True, floor=100, foreign=0.05),
        Row("  99 % within", 40.5, "ms"),
        Row("Race", 5, "s", 2.5, floor=1, foreign=0.1),
        Row("Import", 0, error="no answer"),
    ]

    told = page.written(rows, tmp_path / "performance.md")

    assert told.splitlines()[1] == "1 of 3 targets are met. Other programs had up to 10% of the processors."
    assert told.splitlines()[5:] == [
        "|  | ours | floor | ratio | target |  | others |",
        "|---|---:|---:|---:|---:|---|---:|",
        "| Page | 250 /s | 100 /s | 2.50 | ≥ 2 | PASS | 5% |",
        "| · 99 % within | 40.5 ms |  |  |  |  |  |",
        "| Race | 5 s | 1 s | 5.00 | ≤ 2.5 | FAIL | 10% |",
        "| Import | failed |  |  |  | FAIL |  |",
    ]
    assert (tmp_path / page.PICTURE).is_file()


def test_the_picture_has_a_bar_for_each_ratio_with_a_target_and_ends_with_its_scale() -> None:
    rows = [
        Row("Twice as good & more", 40, "/s", 2, at_least=True, floor=10),
        Row("far too slow", 1000, "ms", 1, floor=1),
        Row("told", 40, "ms"),
    ]

    svg = picture.drawn(rows)

    assert "Twice as good &amp; more" in svg
    bars = re.findall(r'<rect class="(\w+)" x="(\d+)" y="\d+" width="(\d+)"', svg)
    assert bars == [("PASS", "665", "102"), ("FAIL", "460", "205")]


def test_a_part_that_breaks_is_a_failed_row_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(_bench: object) -> Iterator[Row]:
        yield Row("before", 1)
        raise ConnectionResetError

    def works(_bench: object) -> Iterator[Row]:
        yield Row("after", 2)

    monkeypatch.setattr(command, "parts", lambda: [("race", breaks), ("pages", works), ("events", breaks)])
    bench: Any = None

    rows = list(command.measure(bench, ["RACE", "pages"]))

    assert [(row.what, row.error) for row in rows] == [
        ("before", ""),
        ("race", "ConnectionResetError()"),
        ("after", ""),
    ]
    assert "race" in capsys.readouterr().out


def test_a_crowd_has_a_rate_and_percentiles() -> None:
    crowd = Crowd(2.0, [number / 1000 for number in range(1, 101)])

    assert (crowd.rate, crowd.percentile(0.5), crowd.percentile(0.99)) == (50.0, 51.0, 100.0)


def test_what_was_measured_replaces_what_stood_between_the_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n\n<!-- bench -->\nold\n<!-- /bench -->\n\n<!-- growth -->\n<!-- /growth -->\nEnd\n")

    document.put(page, "bench", "new\n")
    document.put(page, "growth", "grown")

    told = "# A\n\n<!-- bench -->\n\nnew\n\n<!-- /bench -->\n\n<!-- growth -->\n\ngrown\n\n<!-- /growth -->\nEnd\n"
    assert page.read_text() == told


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- bench -->\nold\n")

    with pytest.raises(document.NoMarksError, match="has no <!-- bench --> … <!-- /bench -->"):
        document.put(page, "bench", "new")

    assert page.read_text() == "<!-- bench -->\nold\n"
