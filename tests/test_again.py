"""A journey that fails, or whose worker dies, runs once more; a second time it has failed, and others have at once."""

import sys
from pathlib import Path
from subprocess import PIPE, STDOUT, run
from typing import Final

import pytest

from tests.again import SAID

ROOT = Path(__file__).resolve().parent.parent
TEST = """
import os
from pathlib import Path
import pytest

@pytest.fixture
def tries(tmp_path_factory, request):
    file = Path(__file__).with_name(f"{{request.node.name}}.tries")
    file.write_text(file.read_text() + "x" if file.exists() else "x")
    return len(file.read_text())

@pytest.fixture
def browser():
    pass

@pytest.mark.parametrize("number", range({journeys}))
def test_journey(browser, tries, number):
    if tries <= {times}:
        {ends}

@pytest.mark.parametrize("number", range({copies}))
def test_other(tries, number):
    if tries <= {others}:
        {ends_others}
"""
DIES: Final = "os._exit(9)"
SEGFAULT: Final = "import faulthandler; faulthandler._sigsegv()"
HANGS: Final = "import time; time.sleep(60)"
FAILS: Final = "assert 'the button' == 'gone'"


def tried(folder: Path, **test: object) -> tuple[str, int]:
    """What a run of such tests says, and its exit code."""
    values = {"journeys": 1, "times": 0, "ends": FAILS, "others": 0, "ends_others": FAILS, "copies": 1} | test
    (folder / "test_it.py").write_text(TEST.format(**values))
    plugins = ["-p", "tests.again", "-p", "no:django", "-p", "no:playwright", "-p", "no:randomly"]
    again = ["--max-suite-reruns=3", "--rerun-show-tracebacks", "-o", "faulthandler_timeout=4"]
    again += ["-o", "faulthandler_exit_on_timeout=true"]
    where = ["-c", "/dev/null", "--rootdir", str(folder), "-n", "1", "--dist", "worksteal", str(folder)]
    done = run(
        [sys.executable, "-m", "pytest", "-q", *plugins, *again, *where],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", SAID: str(folder)},
        stdout=PIPE,
        stderr=STDOUT,
        text=True,
        check=False,
    )
    return done.stdout, done.returncode


@pytest.mark.parametrize("ends", [FAILS, DIES])
@pytest.mark.parametrize(
    ("times", "counted", "code"), [(1, "2 passed, 1 rerun", 0), (2, "1 failed, 1 passed, 1 rerun", 1)]
)
def test_a_journey_runs_once_more(tmp_path: Path, ends: str, times: int, counted: str, code: int) -> None:
    said, ended = tried(tmp_path, times=times, ends=ends)
    assert (counted in said, ended) == (True, code), said
    told = said.split("rerun test summary info")[1]
    assert "RERUN test_it.py::test_journey[0]" in told
    assert (FAILS in told) == (ends == FAILS)


def test_no_more_than_three_of_a_run(tmp_path: Path) -> None:
    said, ended = tried(tmp_path, journeys=4, times=1)
    assert ("1 failed, 4 passed, 3 rerun" in said, ended) == (True, 1), said


def test_what_is_no_journey_has_failed_at_once(tmp_path: Path) -> None:
    said, ended = tried(tmp_path, others=1)
    assert ("1 failed, 1 passed in" in said, ended) == (True, 1), said


@pytest.mark.parametrize(
    ("ends", "code", "words"),
    [(SEGFAULT, -11, "Fatal Python error: Segmentation fault"), (HANGS, 1, "Timeout (0:00:04)!")],
)
@pytest.mark.parametrize(
    ("times", "counted", "ended"), [(1, "2 passed, 1 rerun", 0), (2, "1 failed, 1 passed, 1 rerun", 1)]
)
def test_what_its_worker_dies_under_runs_once_more(
    tmp_path: Path, ends: str, code: int, words: str, times: int, counted: str, ended: int
) -> None:
    said, exit_code = tried(tmp_path, others=times, ends_others=ends)
    assert (counted in said, exit_code) == (True, ended), said
    assert "RERUN test_it.py::test_other" in said.split("rerun test summary info")[1]
    assert f"It ended with exit code {code} and said last:" in said
    assert (words in said, "in test_other" in said) == (True, True), said


def test_no_more_than_three_workers_of_a_run(tmp_path: Path) -> None:
    said, ended = tried(tmp_path, others=1, ends_others=SEGFAULT, copies=4)
    assert ("1 failed, 4 passed, 3 rerun" in said, ended) == (True, 1), said


def test_the_house_allows_three() -> None:
    assert "--max-suite-reruns=3" in (ROOT / "pyproject.toml").read_text()
