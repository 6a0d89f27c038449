"""`billing-e2e`, written by others for real Stripe, plays its own scenarios against the sandbox."""

from importlib.resources import as_file, files
from pathlib import Path

import pytest
import stripe
from billing_e2e.runner import Runner
from billing_e2e.scenario import load_scenario, parse_config

from tests.worlds.stripe_shop import StripeShop

with as_file(files("billing_e2e") / "scenarios") as folder:
    SCENARIOS = sorted(Path(folder).glob("*.yml"))


def test_there_are_five() -> None:
    assert len(SCENARIOS) == 5


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(client: stripe.StripeClient, shop: StripeShop, path: Path) -> None:
    prices = {"monthly_price": shop.monthly.id, "upgrade_price": shop.price(3000, "month").id}
    config = parse_config({"stripe": {"key": "sk_test_driver"}, "vars": prices}, env={})
    runner = Runner(config, client)
    try:
        result = runner.run(load_scenario(path))
    finally:
        runner.http.close()
    assert [(step.label, step.detail) for step in result.steps if not step.passed] == []
    assert (result.errors, result.not_run, result.passed) == ([], 0, True)
