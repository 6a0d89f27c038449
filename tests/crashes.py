"""A worker process that dies under a browser says nothing of the test: that runs once more, and the summary tells so.

Playwright switches stacks in native code beside the live server's threads. When a process dies there (by a signal), no
assertion has failed. A test that does it twice has failed.
"""

from typing import Any, Final

import pytest

JOURNEY: Final = "[chromium"
"""How the tests that drive a browser are told by their names."""

_again: list[str] = []


@pytest.hookimpl(optionalhook=True)
def pytest_handlecrashitem(crashitem: str, report: Any, sched: Any) -> None:
    """Run a journey whose worker died once more; pytest-xdist asks, with a report of its own."""
    if JOURNEY not in crashitem or crashitem in _again:
        return
    _again.append(crashitem)
    sched.mark_test_pending(crashitem)
    report.outcome = "rerun"


def pytest_report_teststatus(report: Any) -> tuple[str, str, str] | None:
    """Have such a first run counted as *rerun*."""
    return ("rerun", "R", "RERUN") if report.outcome == "rerun" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each test whose worker died."""
    if _again:
        terminalreporter.section("A WORKER DIED: THESE RAN ONCE MORE", sep="!", yellow=True, bold=True)
        for name in _again:
            terminalreporter.line(name)
