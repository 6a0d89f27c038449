"""Connecting to Stripe, keeping the connection whole, letting it go."""

import pytest

from bookwhen.payments import connections
from bookwhen.sandbox.stripe import Sandbox
from tests.factories.schedule import NOW
from tests.payments.conftest import TYPES, Follower
from tests.sandbox.conftest import client_for

pytestmark = pytest.mark.django_db


def test_a_key_connects(follower: Follower, stripe_here: Sandbox) -> None:
    made = connections.connect(None, "  sk_test_Riverside_Movement_Studio\n", now=NOW)

    made.refresh_from_db()
    assert (made.name, made.currency, made.livemode, made.key_hint) == (
        "Riverside Movement Studio", "GBP", False, "sk_test_…udio",
    )  # fmt: skip
    assert (made.trouble, made.checked_at, made.connected_at, made.is_live) == ("", NOW, NOW, True)
    client = client_for(stripe_here, "sk_test_Riverside_Movement_Studio")
    (endpoint,) = client.v1.webhook_endpoints.list().data
    assert (endpoint.id, endpoint.status, endpoint.url) == (
        made.webhook_endpoint, "enabled", f"http://testserver/stripe/webhooks/{made.endpoint}/",
    )  # fmt: skip
    assert set(endpoint.enabled_events) == TYPES == set(made.webhook_events)
    portal = client.v1.billing_portal.configurations.retrieve(made.portal_configuration)
    assert portal.features.subscription_cancel.mode == "at_period_end"
