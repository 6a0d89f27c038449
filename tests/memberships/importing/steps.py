"""What tests of importing do and look at."""

import copy

from django.utils import timezone

from accounts.models import Operation
from bookwhen.payments.handlers import Outcome
from bookwhen.sandbox.stripe import api
from memberships.models import Difference, Subscription
from memberships.webhooks import handle_subject
from tests.comparing import compare_memberships as reconcile
from tests.worlds.elsewhere import Elsewhere


def at_stripe(studio: Elsewhere) -> object:
    """Everything that the account has at Stripe, as it is now."""
    platform = studio.sandbox.platform
    with platform.lock:
        return copy.deepcopy(api.world_of(platform, studio.key).objects)


def look_at(studio: Elsewhere, subscription: str) -> Outcome:
    """What a worker does for any event of a subscription."""
    connection = Operation.objects.select_related("account__connection").first().account.connection  # type: ignore[union-attr]
    assert connection is not None
    return handle_subject(connection, subscription, timezone.now())


def compare(studio: Elsewhere) -> int:
    """The nightly comparison: how many differences it found."""
    studio.account.refresh_from_db()
    assert studio.account.connection is not None
    before = Difference.objects.count()
    reconcile(studio.account.connection, timezone.now())
    return Difference.objects.count() - before


def people() -> list[str]:
    found = Subscription.objects.order_by("customer__email")
    return list(found.values_list("customer__email", flat=True))
