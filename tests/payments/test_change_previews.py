"""What a change costs at once, where Stripe's preview tells of the next period too."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bookwhen.payments.gateway import Gateway
from bookwhen.payments.gateway_changes import preview_change

NOW = 1_900_000_000
END = NOW + 10 * 86400


class Stripe(Gateway):
    """A Stripe whose answers are these."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def ask(self, operation: str, *_arguments: object, **_more: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._answers[operation.partition(".")[0]]
        return found


def line(amount: int, start: int, *, proration: bool, **more: Any) -> dict[str, Any]:
    details = {"proration": proration, "subscription": "sub_1"}
    parent = {"type": "subscription_item_details", "subscription_item_details": details}
    return {"amount": amount, "description": None, "parent": parent, "period": {"start": start}, "pricing": None} | more


@pytest.mark.parametrize(
    ("more", "balance", "total", "due"),
    [
        ({}, 0, 1000, 1000),
        ({"discount_amounts": [{"amount": 1500, "discount": "di_1"}]}, 0, -500, 0),
        ({"discount_amounts": [{"amount": 300, "discount": "di_1"}]}, 0, 700, 700),
        ({"taxes": [{"amount": 200, "tax_behavior": "exclusive"}]}, 0, 1200, 1200),
        ({"taxes": [{"amount": 200, "tax_behavior": "inclusive"}]}, 0, 1000, 1000),
        ({}, -400, 1000, 600),
        ({}, -4000, 1000, 0),
        ({}, 150, 1000, 1150),
    ],
)
def test_only_what_is_billed_now_counts(more: dict[str, Any], balance: int, total: int, due: int) -> None:
    lines = [
        line(-2000, NOW, proration=True),
        line(3000, NOW, proration=True, **more),
        line(6000, END, proration=False),
    ]
    whole = {"total": 7000, "amount_due": 7000, "starting_balance": balance, "currency": "gbp"}
    item = {"id": "si_1", "price": {"id": "price_old"}, "quantity": 1}
    gateway = Stripe(subscriptions={"items": {"data": [item]}}, invoices=whole | {"lines": {"data": lines}})

    found = preview_change(
        gateway, "sub_1", old="price_old", new="price_new", at=None, period_end=datetime.fromtimestamp(END, UTC)
    )

    assert (found.total, found.due, [each.amount for each in found.lines]) == (total, due, [-2000, 3000])
