"""*Customer memberships*: who has or had what, and one of them with its invoices and history."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import stripe_url
from accounts.dashboard.query import customers_found, name_or_email, query_choice, search_term
from bookwhen.counts import add_up
from bookwhen.fastpath.compiled import IsOneOf
from bookwhen.keyset import keyset_page
from groups.models import Standing
from memberships.change_state import change_state
from memberships.dashboard.fetch import fetch_membership, fetch_subscription
from memberships.dashboard.tables import draw_subscriptions
from memberships.models import Membership, SubscriptionState, listed_from
from memberships.pauses import pause_facts
from memberships.pausing import pause_obstacle
from memberships.queries import count_by_state, payment_under_way, subscriptions_of
from memberships.subscription_rows import subscription_row, subscription_rows
from tickets.money.bills import bill_troubles


@operator_view(MANAGE_CUSTOMERS)
def subscriptions(request: OperatorRequest) -> HttpResponse:
    """Everything that the account's customers have or had."""
    return _listed(request, None)


@operator_view(MANAGE_CUSTOMERS)
def subscribers(request: OperatorRequest, pk: int) -> HttpResponse:
    """Who has or had one membership."""
    return _listed(request, fetch_membership(request, pk))


@operator_view(MANAGE_CUSTOMERS)
def subscription(request: OperatorRequest, pk: int) -> HttpResponse:
    """One customer's membership (help article 8329735)."""
    found = fetch_subscription(request, pk)
    invoices = list(found.invoices.all())
    context = {
        "section": "memberships",
        "subscription": found,
        "pause": pause_facts(found, policy=request.account.pause_access, now=timezone.now()),
        "can_be_paused": pause_obstacle(found) is None,
        "row": subscription_row(found, request.account.locale),
        "in_group": Standing.objects.at(timezone.now()).on_ground(found.uuid).exists(),
        "invoices": invoices,
        "under_way": payment_under_way(found, invoices),
        "milestones": found.milestones.all(),
        "coming": change_state(found),
        "link": stripe_url(request.account, "subscriptions", found.stripe_id),
        "troubles": bill_troubles(found),
    }
    return render(request, "memberships/dashboard/subscription.html", context)


def _listed(request: OperatorRequest, membership: Membership | None) -> HttpResponse:
    account, words = request.account, search_term(request)
    everything = subscriptions_of(account).annotate(listed_from=listed_from())
    if membership:
        everything = everything.filter(membership=membership)
    theirs = customers_found(account, words) if words else None
    chosen = query_choice(request, "state", SubscriptionState)
    among = None
    if words and theirs is None:
        # Of so many customers they are found in the list itself, and not counted.
        among = everything.listed_as(chosen) if chosen else everything
        everything = everything.filter(name_or_email(words, "customer__"))
    elif theirs is not None:
        everything = everything.filter(IsOneOf("customer", theirs))
    counts = {} if among is not None else count_by_state(account, everything)
    found = everything.listed_as(chosen) if chosen else everything
    page = keyset_page(found, ("-listed_from", "-pk"), request.GET, among=among)
    rows = subscription_rows(page, account.locale)
    context = {
        "section": "memberships",
        "membership": membership,
        "subscriptions": page,
        "rows": rows,
        "table": draw_subscriptions(account, rows, with_title=membership is None),
        "q": words,
        "state": chosen,
        "tabs": [(each, counts.get(each, "")) for each in SubscriptionState],
        "total": add_up(counts.values()),
    }
    return render(request, "memberships/dashboard/subscriptions.html", context)
