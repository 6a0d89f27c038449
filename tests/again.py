"""A journey that fails runs once more, and the summary shows what the first run said (decision 93).

A real browser beside a busy machine, or a worker process that dies under Playwright, is no verdict on the product. One
that fails twice is; so is the fourth of a run (`--max-suite-reruns` in pyproject.toml), and any other test at once.
"""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser for pytest-rerunfailures."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))
