"""Where an operator's page leads: to other pages of the dashboard, and into Stripe's."""

from django.conf import settings
from django.urls import reverse

from accounts.access import OperatorRequest
from accounts.models import Account


def dashboard_url(request: OperatorRequest, name: str, **kwargs: object) -> str:
    """The address of a page of the dashboard of the request's account."""
    return reverse(f"dashboard:{name}", kwargs={"account": request.account.slug, **kwargs})


def stripe_url(account: Account, kind: str, stripe_id: str) -> str:
    """Where Stripe's dashboard shows one of the account's objects (`prices`, `subscriptions`); empty where it cannot.

    The sandbox has one page for all.
    """
    if not stripe_id or account.connection is None:
        return ""
    if settings.STRIPE_API_BASE:
        return f"{settings.STRIPE_API_BASE}/_sandbox/"
    return f"https://dashboard.stripe.com/{'' if account.connection.livemode else 'test/'}{kind}/{stripe_id}"
