"""What Stripe's documentation allows, and our sandbox never does: we lean on what is promised alone."""

from itertools import combinations
from typing import Any

import pytest

from tests.memberships.test_deleted_at_stripe import KINDS, count, delete
from tests.payments.otherwise import answer_otherwise
from tests.worlds.seller import Seller

FAILED = 400
NOT_FOUND = 404
GONE = [gone for number in (1, 2) for gone in combinations(KINDS, number)]


def tell_no_code(_asked: str, status: int, answer: Any) -> tuple[int, Any]:
    """An error says what it must: its type. Whether something is missing, the status tells."""
    if status < FAILED:
        return status, answer
    is_missing = answer["error"].get("code") == "resource_missing"
    return NOT_FOUND if is_missing else status, {"error": {"type": answer["error"]["type"]}}


@pytest.mark.parametrize("gone", GONE, ids="-".join)
def test_p9_what_is_missing_is_made_again_though_no_code_says_so(
    seller: Seller, monkeypatch: pytest.MonkeyPatch, gone: tuple[str, ...]
) -> None:
    answer_otherwise(monkeypatch, tell_no_code)
    customer = seller.customer()
    seller.gateway.expire_session(seller.start_checkout(customer)[0].session)
    before = {kind: count(seller, kind) for kind in KINDS}
    delete(seller, *gone)

    assert seller.sell(customer).is_live

    of_old = "product" in gone and "price" not in gone
    assert {kind: count(seller, kind) for kind in KINDS} == before | {"price": 1 + of_old}
