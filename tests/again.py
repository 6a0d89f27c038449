"""What runs once more, and why: a journey that fails, and any test under which its worker died (decision 93).

A real browser beside a busy machine, or a process that ends, is no verdict on the product. What fails twice has failed;
so has the fourth of a run, and any other test at once. The summary shows what each first run said, and of a worker that
died how it ended and its last words: each thread's stack, where it hung.
"""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import pytest

MOST: Final = 3
"""Of a whole run no more than so many run once more for a worker that died; of journeys, see pyproject.toml."""
SAID: Final = "WORKERS_SAID"
"""The name of the folder, in the environment, in which each worker's standard error is kept."""
_SHOWN: Final = 6000

_ends: list[tuple[int | None, str]] = []
"""The exit code, negative for a signal, and the last words of each worker that died."""
_died: list[str] = []
"""The tests under which one did."""


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Send what a worker says on standard error to a file of its own, before pytest looks at it."""
    worker, folder = os.environ.get("PYTEST_XDIST_WORKER"), os.environ.get(SAID)
    if worker and folder:
        file = os.open(Path(folder) / f"{worker}.txt", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.dup2(file, 2)
        os.close(file)
    return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser for pytest-rerunfailures."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Note how a worker ended that was not told to."""
    if not error:
        return
    try:
        code = node.gateway._io.popen.wait(20)  # noqa: SLF001 - nothing else knows
    except Exception:  # noqa: BLE001 - how it ended is worth knowing, and nothing is lost without
        code = None
    file = Path(os.environ.get(SAID, "")) / f"{node.gateway.id}.txt"
    _ends.append((code, file.read_text(errors="replace")[-_SHOWN:] if file.is_file() else ""))


@pytest.hookimpl(optionalhook=True, trylast=True)
def pytest_handlecrashitem(crashitem: str, report: Any, sched: Any) -> None:
    """Say how the worker ended, and run its test once more, which no assertion has failed."""
    code, words = _ends[-1]
    report.longrepr = f"{report.longrepr}\nIt ended with exit code {code} and said last:\n{words}"
    if report.outcome == "failed" and crashitem not in _died and len(_died) < MOST:
        sched.mark_test_pending(crashitem)
        report.outcome = "rerun"
    _died.append(crashitem)
