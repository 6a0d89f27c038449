"""A worker that dies under a journey is no verdict on it; one that dies twice is."""

import sys
from pathlib import Path
from subprocess import PIPE, STDOUT, run

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEST = """
import os
from pathlib import Path
import pytest

@pytest.mark.parametrize("browser", ["chromium"])
def test_journey(browser):
    tries = Path(__file__).with_suffix(".tries")
    tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
    if len(tries.read_text()) <= {deaths}:
        os._exit(9)

def test_other():
    pass
"""


@pytest.mark.parametrize(
    ("deaths", "counted", "code"), [(1, "2 passed, 1 rerun", 0), (2, "1 failed, 1 passed, 1 rerun", 1)]
)
def test_a_journey_whose_worker_dies_runs_once_more(tmp_path: Path, deaths: int, counted: str, code: int) -> None:
    (tmp_path / "test_it.py").write_text(TEST.format(deaths=deaths))
    alone = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.crashes",
        "-p",
        "no:django",
        "-p",
        "no:playwright",
    ]
    done = run(
        [*alone, "-c", "/dev/null", "--rootdir", tmp_path, "-n", "1", "--dist", "worksteal", tmp_path],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stdout=PIPE,
        stderr=STDOUT,
        text=True,
        check=False,
    )
    assert (counted in done.stdout, done.returncode) == (True, code), done.stdout
    assert "test_it.py::test_journey[chromium]" in done.stdout.split("THESE RAN ONCE MORE")[1]
