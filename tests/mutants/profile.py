"""A pytest plugin: tests as mutants need them. Always the same examples, and the first failure is enough."""

import pytest
from hypothesis import Phase, is_hypothesis_test, settings


def pytest_configure() -> None:
    settings.register_profile(
        "mutants", derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate]
    )
    settings.load_profile("mutants")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask one example at a time before those that take a hundred: most mutants end there."""
    items.sort(key=lambda item: is_hypothesis_test(getattr(item, "obj", None)))
