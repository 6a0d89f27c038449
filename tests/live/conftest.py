"""Two worlds for the same scenarios: the sandbox in every run; Stripe's test mode with `-m live` and a key.

    STRIPE_LIVE_TEST_KEY=sk_test_... python3 dev.py test -m live tests/live

Only a test key is taken. Everything is made on test clocks and under names of its own, and left behind at Stripe in
test mode. Webhooks cannot reach a test machine, so the news are fetched (catching up), as they are when webhooks fail.
"""

import os
from typing import Any

import pytest
import stripe
from django.utils import timezone

from bookwhen.payments.gateway import API_VERSION
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.payments import connect_without_webhook, new_key
from tests.worlds.live_studio import KEY, LiveStudio


@pytest.fixture(params=["sandbox", pytest.param("stripe", marks=pytest.mark.live)])
def studio(request: pytest.FixtureRequest, settings: Any, db: None) -> LiveStudio:
    """The world of a scenario; at Stripe itself only with a test key in the environment."""
    if request.param == "sandbox":
        request.getfixturevalue("stripe_here")
        key = new_key()
    else:
        key = os.environ.get(KEY, "")
        assert key.startswith(("sk_test_", "rk_test_")), f"{KEY} must hold a key of Stripe's test mode."
        settings.STRIPE_API_BASE = ""
    account = AccountFactory.create()
    connection = connect_without_webhook(account, key)
    SchedulePageFactory.create(account=account)
    membership = create_membership(account, MembershipDetails(title="Gold"), group=None, now=timezone.now())
    price = add_price(membership, PriceTerms(title="Monthly", amount=4000), now=timezone.now())
    set_published(membership, published=True)
    base: Any = {"api": settings.STRIPE_API_BASE} if settings.STRIPE_API_BASE else None
    client = stripe.StripeClient(key, stripe_version=API_VERSION, base_addresses=base)
    return LiveStudio(key, connection, price, client.v1)
