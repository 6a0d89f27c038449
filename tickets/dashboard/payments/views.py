"""*Payments*: what was paid for bookings by card, what went back, and a file of it for the bookkeeper."""

from collections.abc import Mapping
from typing import Final

from django.db.models import Q, TextChoices
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import stripe_url
from accounts.dashboard.query import MOST_LISTED, query_choice
from accounts.history.reading import studio_names
from accounts.models import Account
from bookwhen.counts import CappedCount, capped_counts
from bookwhen.fastpath.compiled import IsOneOf
from bookwhen.keyset import keyset_page
from tickets.dashboard.bookings.views import refunds_listed
from tickets.dashboard.colleagues import bookings_of_seats
from tickets.dashboard.fetch import fetch_payment, payment_totals, seats_with_money
from tickets.dashboard.payments.disputes import dispute_rows
from tickets.dashboard.payments.filtering import ORDER, FilterForm, filtered_payments
from tickets.dashboard.payments.refunds import can_refund
from tickets.models import Dispute, DisputeQuerySet, Payment, PaymentState, Receipt, Refund
from tickets.money.failed_refunds import failed_refunds
from tickets.money.on_way import amount_owed, owed_payments

PER_PAGE: Final = 25
ALL: Final = ""
TOTALS: Final = "totals"
"""In the query of the page: what many payments come to is asked for."""


class PaymentFilter(TextChoices):
    """Which payments are listed."""

    PAID = "paid", gettext_lazy("Paid")
    REFUNDED = "refunded", gettext_lazy("Refunded")
    FAILED = "failed", gettext_lazy("Refund failed")
    ON_WAY = "on_way", gettext_lazy("On its way")
    OWED = "owed", gettext_lazy("Owed")
    DISPUTED = "disputed", gettext_lazy("Disputed")
    OPEN = "open", gettext_lazy("At checkout")
    LEFT = "left", gettext_lazy("Not paid")


ONLY_IF_ANY: Final = frozenset({PaymentFilter.FAILED, PaymentFilter.ON_WAY, PaymentFilter.OWED, PaymentFilter.DISPUTED})
"""Tabs that are shown only while there is something on them."""


@operator_view(MANAGE_CUSTOMERS)
def payment_list(request: OperatorRequest) -> HttpResponse:
    """*Payments*, newest first, with what those shown come to. That is asked for where they are many."""
    account, form = request.account, FilterForm(request.GET)
    form.is_valid()
    filtered = filtered_payments(account, form.cleaned_data)
    chosen = query_choice(request, "state", PaymentFilter) or ALL
    conditions = _conditions(account) | {ALL: Q()}
    lists = {each: filtered.found.filter(condition) for each, condition in conditions.items()}
    among = None if filtered.among is None else filtered.among.filter(conditions[chosen])
    has_disputes = Dispute.objects.filter(account=account).exists()
    # Disputed ones are few among many, and no index has them alone: they are listed, not counted.
    counted = {each: listed for each, listed in lists.items() if each != PaymentFilter.DISPUTED}
    counts = {} if among is not None else capped_counts(account, counted)
    are_many = chosen not in counts or counts[chosen].is_more
    context = {
        "section": "payment_list",
        "payments": keyset_page(lists[chosen], ORDER, request.GET, size=PER_PAGE, among=among),
        "sums": payment_totals(lists[chosen]) if TOTALS in request.GET or not are_many else [],
        "are_many": are_many,
        "has_paid": among is not None or counts[PaymentFilter.PAID],
        "tabs": _tabs(counts, chosen, has_disputes=has_disputes),
        "state": chosen,
        "has_disputes": has_disputes,
        "filter": form,
        "is_filtered": any(form[name].value() for name in form.fields),
    }
    return render(request, "tickets/dashboard/payments.html", context)


@operator_view(MANAGE_CUSTOMERS)
def payment(request: OperatorRequest, pk: int) -> HttpResponse:
    """One payment: what it paid for, and its refunds."""
    found = fetch_payment(request.account, pk)
    seats = list(seats_with_money(found.seats.all()))
    at_ours = found.connection_id == request.account.connection_id
    context = {
        "section": "payment_list",
        "payment": found,
        "seats": seats,
        "names": studio_names(request.account, bookings_of_seats(seats)),
        "receipts": list(Receipt.objects.filter(account=request.account, payment=found).order_by("number")),
        "refunds": refunds_listed(Refund.objects.filter(payment=found)),
        "disputes": (disputes := dispute_rows(_disputes_of(found), request.account)),
        "spaces": found.booking.seats.live().count() if disputes else 0,
        "can_refund": can_refund(found),
        "owed": amount_owed(found),
        "link": stripe_url(request.account, "payments", found.intent) if at_ours else "",
    }
    return render(request, "tickets/dashboard/payment.html", context)


def _conditions(account: Account) -> dict[PaymentFilter, Q]:
    """For each filter the condition on a payment of the account that it lists it; each has an index to begin at."""
    disputed = Dispute.objects.filter(account=account, payment__isnull=False).values("payment")
    some = list(disputed.values_list("payment", flat=True)[: MOST_LISTED + 1])
    return {
        PaymentFilter.PAID: Q(state=PaymentState.PAID),
        PaymentFilter.REFUNDED: Q(refunded__gt=0),
        PaymentFilter.FAILED: Q(pk__in=failed_refunds(account).values("payment")),
        PaymentFilter.ON_WAY: Q(state=PaymentState.OPEN, on_way_since__isnull=False),
        PaymentFilter.OWED: Q(pk__in=owed_payments(account).values("pk")),
        PaymentFilter.DISPUTED: Q(IsOneOf("pk", some)) if len(some) <= MOST_LISTED else Q(pk__in=disputed),
        PaymentFilter.OPEN: Q(state=PaymentState.OPEN, on_way_since=None),
        PaymentFilter.LEFT: Q(state=PaymentState.ABANDONED),
    }


def _tabs(
    counts: Mapping[str, CappedCount], chosen: str, *, has_disputes: bool
) -> list[tuple[PaymentFilter, CappedCount | str]]:
    """Each filter with its count, where it was counted; of those for trouble only what there is."""
    there = {each for each in PaymentFilter if counts.get(each) or each not in ONLY_IF_ANY or each == chosen}
    there |= {PaymentFilter.DISPUTED} if has_disputes else set()
    return [(each, counts.get(each, "")) for each in PaymentFilter if each in there]


def _disputes_of(payment: Payment) -> DisputeQuerySet:
    return Dispute.objects.newest_first().filter(account=payment.account_id, payment=payment)
