"""A pytest plugin: Hypothesis as mutants need it. The same examples each time, and the first that fails is enough."""

from hypothesis import Phase, settings


def pytest_configure() -> None:
    settings.register_profile(
        "mutants", derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate]
    )
    settings.load_profile("mutants")
