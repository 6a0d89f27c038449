"""How the benchmark counts and judges; what it measures is the machine's."""

from pathlib import Path

import pytest

from bench import document
from bench.client import Crowd
from bench.report import Row, failed
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
        (Row("a", 4, "", 4, counted=True), "PASS"),
        (Row("a", 5, "", 4, counted=True), "FAIL"),
        (Row("a", 5, "ms", 4), "(FAIL)"),
        (Row("a", 5, "/s", 4, at_least=True), "(PASS)"),
        (Row("a", 3, "/s", 4, at_least=True), "(FAIL)"),
        (Row("a", 3, "ms"), ""),
    ],
)
def test_a_figure_is_held_against_its_target(row: Row, mark: str) -> None:
    assert row.mark == mark


def test_what_depends_on_the_machine_fails_the_run_only_when_asked_to() -> None:
    counted, timed = Row("counted", 5, "", 4, counted=True), Row("timed", 5, "ms", 4)
    good = Row("good", 4, "", 4, counted=True)

    assert failed([counted, timed, good], strict=False) == [counted]
    assert failed([counted, timed, good], strict=True) == [counted, timed]


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
