"""What somebody does with a membership of theirs: cancel it, keep it, pay for it, use another card."""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import PersonRequest, person_view
from accounts.email_queue import absolute
from accounts.models import StripeCustomer
from accounts.public.hosted_pages import go_to_hosted_page
from accounts.public.pages import keep_private, render_page
from accounts.public.phrases import format_day, stripe_error_text
from bookwhen.payments.connections import open_portal
from bookwhen.payments.gateway import GoneError, QuietError, StripeError
from memberships import cancellation
from memberships.models import Subscription, SubscriptionStatus
from memberships.public.my_memberships import next_payment, subscription_or_404, unpaid_or_404
from memberships.queries import payable_invoice, payment_under_way
from memberships.sync import gateway_of, sync_subscription
from tickets.models import Seat
from tickets.queries import seats_lost

log = logging.getLogger(__name__)

CONFLICT = 409
OK = 200


@person_view
def cancel(request: PersonRequest, subscription: UUID) -> HttpResponse:
    """*Cancel membership*: say what that will do; by POST, if it is still that, do it."""
    now = timezone.now()
    found = subscription_or_404(request.user, subscription)
    if not found.is_live or found.ends_at is not None:
        return _back_to(found)
    lost = _lost(found, now=now)
    promise = f"{found.period_end:%s}-{len(lost)}"
    changed = request.method == "POST" and request.POST.get("promise") != promise
    if request.method == "POST" and not changed:
        return _cancel(request, found, now=now)
    context = {
        "subscription": found,
        "membership": found.membership,
        "seats_lost": lost,
        "promise": promise,
        "changed": changed,
        "trial": found.status == SubscriptionStatus.TRIALING,
        "failing": found.status in {SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID},
    }
    status = CONFLICT if changed else OK
    name = "memberships/public/cancel.html"
    return keep_private(render_page(request, name, context, account=found.account, status=status))


@person_view
def keep(request: PersonRequest, subscription: UUID) -> HttpResponse:
    """*Keep membership*: by POST, take a scheduled end back."""
    found = subscription_or_404(request.user, subscription)
    if request.method == "POST" and found.can_be_kept:
        try:
            cancellation.keep_subscription(found, who=request.user.email, now=timezone.now())
        except StripeError as error:
            _tell(request, found, error)
        else:
            messages.success(request, _kept(subscription_or_404(request.user, subscription)))
    return _back_to(found)


@person_view
def card(request: PersonRequest, subscription: UUID) -> HttpResponse:
    """*Update card details*: by POST, on to Stripe's portal, which leads back here."""
    found = subscription_or_404(request.user, subscription)
    if request.method != "POST":
        return _back_to(found)
    try:
        return go_to_hosted_page(request, _portal(found))
    except StripeError as error:
        _tell(request, found, error)
        return _back_to(found)


@person_view
def pay(request: PersonRequest, subscription: UUID) -> HttpResponse:
    """*Pay now*: on to Stripe's page of the newest invoice that waits to be paid, if there still is one.

    Not while the payment is on its way: it would be paid twice.
    """
    found = unpaid_or_404(request.user, subscription)
    try:
        sync_subscription(found.account, found.stripe_id, now=timezone.now())
    except QuietError as error:
        # The bill that we know is a real one, of the site that this is a copy of.
        _tell(request, found, error)
        return _back_to(found)
    except StripeError as error:
        log.warning("Subscription %s could not be looked at: %s", found.uuid, error)
    invoice = payable_invoice(found)
    found.refresh_from_db(fields=["status", "collection_method", "pending_price", "payment_on_way_since"])
    if found.payment_on_way_since is not None or payment_under_way(found, list(found.invoices.all()[:1])) is not None:
        messages.info(request, _("Your payment is on its way, so you don’t need to pay again."))
        return _back_to(found)
    if invoice is not None:
        return go_to_hosted_page(request, invoice.hosted_url)
    messages.info(request, _("There’s nothing to pay at the moment."))
    return _back_to(found)


def _cancel(request: PersonRequest, subscription: Subscription, *, now: datetime) -> HttpResponse:
    try:
        cancellation.cancel_at_period_end(subscription, who=request.user.email, now=now)
    except StripeError as error:
        _tell(request, subscription, error)
        return _back_to(subscription)
    fresh = subscription_or_404(request.user, subscription.uuid)
    if fresh.ends_at is not None:
        ends = format_day(fresh.ends_at, fresh.account)
        messages.success(request, _("Membership cancelled. You’ll keep it until %(day)s.") % {"day": ends})
    return _back_to(fresh)


def _lost(subscription: Subscription, *, now: datetime) -> Sequence[Seat]:
    """The places that go when it ends with what is paid for."""
    after = max(subscription.period_end or now, now)
    group = subscription.membership.group
    return list(seats_lost(subscription.customer, group, ground=subscription.uuid, after=after, now=now))


def _kept(subscription: Subscription) -> str:
    payment = next_payment(subscription)
    if payment is None:
        return _("You’ve kept your membership.")
    return _("You’ve kept your membership. Your next payment is on %(day)s.") % {"day": payment.day}


def _portal(subscription: Subscription) -> str:
    """The address of Stripe's portal for this customer; raises StripeError."""
    gateway_of(subscription.account)
    connection = subscription.account.connection
    assert connection is not None  # noqa: S101 - there is a gateway
    at_stripe = StripeCustomer.objects.filter(customer=subscription.customer_id, connection=connection).first()
    if at_stripe is None:
        message = "The customer is not known in the Stripe account that is connected now."
        raise GoneError(message)
    return_url = absolute(f"{_path(subscription)}?back=1")
    return open_portal(connection, customer=at_stripe.stripe_id, return_url=return_url)


def _tell(request: PersonRequest, subscription: Subscription, error: StripeError) -> None:
    log.warning("Stripe did not do what was asked of subscription %s: %s", subscription.uuid, error)
    messages.error(request, stripe_error_text(error, subscription.account))


def _path(subscription: Subscription) -> str:
    return reverse("my_membership", kwargs={"subscription": subscription.uuid})


def _back_to(subscription: Subscription) -> HttpResponse:
    if subscription.status == SubscriptionStatus.INCOMPLETE:
        if subscription.page is None:
            return redirect("my_memberships")
        return redirect("public:membership_bought", page=subscription.page.slug, purchase=subscription.uuid)
    return redirect(_path(subscription))
