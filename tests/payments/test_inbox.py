"""What becomes of a kept event: looked at, again, at last given up; and once more on demand."""

from collections.abc import Callable

import pytest
import stripe

from bookwhen.payments.models import Connection, StripeEvent
from tests.payments.conftest import Follower

pytestmark = pytest.mark.django_db


def states() -> list[str]:
    return list(StripeEvent.objects.order_by("pk").values_list("state", flat=True))


def test_what_happens_at_stripe_is_followed(
    follower: Follower, connection: Connection, theirs: stripe.StripeClient, take_in: Callable[[Connection], None]
) -> None:
    customer = theirs.v1.customers.create({"email": "jenny@example.com", "name": "Jenny"})
    take_in(connection)
    event = StripeEvent.objects.get()
    assert (event.type, event.subject, event.state, event.source) == (
        "customer.created",
        customer.id,
        "done",
        "catch_up",
    )
    assert (event.attempts, event.error, event.api_version) == (1, "", "2026-05-27.dahlia")
    assert follower.names == {customer.id: "Jenny"}


def test_one_look_serves_all_that_waits(
    follower: Follower, connection: Connection, theirs: stripe.StripeClient, take_in: Callable[[Connection], None]
) -> None:
    customer = theirs.v1.customers.create({"email": "jenny@example.com", "name": "A"})
    for name in "BCDEFGH":
        theirs.v1.customers.update(customer.id, {"name": name})
    take_in(connection)
    assert states() == ["done"] * 8
    assert follower.looks == [customer.id]
    assert follower.names == {customer.id: "H"}
