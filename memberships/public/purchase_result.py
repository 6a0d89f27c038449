"""Where Stripe's checkout leads back to: what is true of the purchase, whatever the webhook did."""

import logging
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.access import PersonRequest, person_view
from accounts.models import SchedulePage, User
from accounts.public.pages import keep_private, page_or_404, render_page
from bookwhen.payments.gateway import StripeError
from bookwhen.payments.handlers import NotYetError
from memberships.models import Subscription, SubscriptionStatus
from memberships.public.benefits import load_benefits, upcoming_entries
from memberships.public.my_memberships import next_payment
from memberships.public.phrases import status_label
from tickets.checkout.settling import settle_purchase

log = logging.getLogger(__name__)


@person_view
def membership_bought(request: PersonRequest, page: str, purchase: UUID) -> HttpResponse:
    """What came of a purchase of one's own; to look again changes nothing."""
    now = timezone.now()
    found = page_or_404(page)
    known = _settle(_purchase_or_404(request.user, found, purchase), now=now)
    bought = _purchase_or_404(request.user, found, purchase)
    context = {
        "page": found,
        "purchase": bought,
        "membership": bought.membership,
        "outcome": _outcome(bought, known=known),
        **(_welcome_context(bought, found, now=now) if bought.is_live else {}),
    }
    return keep_private(render_page(request, "memberships/public/purchase_result.html", context, account=found.account))


def _purchase_or_404(user: User, page: SchedulePage, purchase: UUID) -> Subscription:
    theirs = Subscription.objects.select_related("customer", "membership__group", "price")
    found = get_object_or_404(theirs, account=page.account, customer__user=user, uuid=purchase)
    found.account = page.account
    return found


def _settle(purchase: Subscription, *, now: datetime) -> bool:
    """Make the purchase what Stripe says came of it; False where Stripe does not say."""
    try:
        settle_purchase(purchase, now=now)
    except (StripeError, NotYetError) as error:
        log.warning("What came of purchase %s is not known yet: %s", purchase.uuid, error)
        return False
    return True


def _outcome(purchase: Subscription, *, known: bool) -> str:
    """What the page says: runs, ended, unknown, open, on_way, incomplete or left."""
    if purchase.is_live:
        return "runs"
    if purchase.status == SubscriptionStatus.CANCELED:
        return "ended"
    if purchase.status in {SubscriptionStatus.ABANDONED, SubscriptionStatus.INCOMPLETE_EXPIRED}:
        return "left"
    if not known and not purchase.payment_on_way_since:
        return "unknown"
    if purchase.status == SubscriptionStatus.PENDING:
        return "open"
    return "on_way" if purchase.payment_on_way_since else "incomplete"


def _welcome_context(purchase: Subscription, page: SchedulePage, *, now: datetime) -> dict[str, object]:
    group = purchase.membership.group
    return {
        "label": status_label(purchase),
        "next_payment": next_payment(purchase),
        "benefits": load_benefits([group.pk], member=True)[group.pk],
        "ahead": upcoming_entries(group, page, member=True, now=now),
    }
