"""Signs of customers by their memberships: they have one, had one until lately, or were billed for one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q

from accounts.keeping.seen import SeenPart, Sign
from memberships.models import Invoice, Subscription, SubscriptionStatus
from memberships.models.subscriptions import TAKEN


def _signs(before: datetime) -> Sequence[Sign]:
    lately = Q(created_at__gte=before) | Q(ended_at__gte=before) | Q(period_end__gte=before)
    taken = Q(status__in=[*TAKEN, SubscriptionStatus.PENDING])
    theirs = Subscription.objects.filter(lately | taken, customer=OuterRef("pk"))
    billed = Invoice.objects.filter(subscription__customer=OuterRef("pk"), created_at__gte=before)
    return Exists(theirs), Exists(billed)


SEEN_MEMBERSHIPS: Final = SeenPart(signs=_signs, covers=frozenset({"memberships.Subscription.customer"}))
