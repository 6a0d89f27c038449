"""*Payments*: what was paid for bookings by card, what went back, and a file of it for the bookkeeper."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Final

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import stripe_url
from accounts.dashboard.query import query_choice
from accounts.models import Account
from bookwhen.counts import CappedCount, capped_counts
from bookwhen.forms import Form
from bookwhen.keyset import keyset_page
from bookwhen.money import amount_of
from tickets.dashboard.bookings.views import refunds_listed
from tickets.dashboard.csv_export import Cell, csv_response
from tickets.dashboard.fetch import fetch_payment, payment_totals, payments_of, seats_with_money
from tickets.dashboard.payments.disputes import dispute_rows
from tickets.dashboard.payments.refunds import can_refund
from tickets.dashboard.searches import search_bookings
from tickets.models import Booking, Dispute, DisputeQuerySet, Payment, PaymentQuerySet, PaymentState, Refund
from tickets.models.payments import listed_at
from tickets.money.failed_refunds import failed_refunds
from tickets.money.on_way import amount_owed, owed_payments

PER_PAGE: Final = 25
CHUNK: Final = 500
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


class FilterForm(Form):
    """Whose payments, and of which days of the account's time zone (both included)."""

    conditional = frozenset({"q", "since", "until"})

    q = forms.CharField(
        label=gettext_lazy("Customer or reference"), required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    since = forms.DateField(label=gettext_lazy("From"), required=False)
    until = forms.DateField(label=gettext_lazy("Until"), required=False)


@operator_view(MANAGE_CUSTOMERS)
def payment_list(request: OperatorRequest) -> HttpResponse:
    """*Payments*, newest first, with what those shown come to. That is asked for where they are many."""
    account, form = request.account, FilterForm(request.GET)
    found, is_broad = _filtered_payments(account, form)
    chosen = query_choice(request, "state", PaymentFilter) or ALL
    lists = {each: found.filter(condition) for each, condition in _conditions(account).items()} | {ALL: found}
    has_disputes = Dispute.objects.filter(account=account).exists()
    # Disputed ones are few among many, and no index has them alone: they are listed, not counted.
    counted = {each: listed for each, listed in lists.items() if each != PaymentFilter.DISPUTED}
    counts = {} if is_broad else capped_counts(account, counted)
    are_many = chosen not in counts or counts[chosen].is_more
    context = {
        "section": "payment_list",
        "payments": keyset_page(lists[chosen], ("-at", "-pk"), request.GET, size=PER_PAGE),
        "sums": payment_totals(lists[chosen]) if TOTALS in request.GET or not are_many else [],
        "are_many": are_many,
        "has_paid": is_broad or counts[PaymentFilter.PAID],
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
    at_ours = found.connection_id == request.account.connection_id
    context = {
        "section": "payment_list",
        "payment": found,
        "seats": seats_with_money(found.seats.all()),
        "refunds": refunds_listed(Refund.objects.filter(payment=found)),
        "disputes": (disputes := dispute_rows(_disputes_of(found), request.account)),
        "spaces": found.booking.seats.live().count() if disputes else 0,
        "can_refund": can_refund(found),
        "owed": amount_owed(found),
        "link": stripe_url(request.account, "payments", found.intent) if at_ours else "",
    }
    return render(request, "tickets/dashboard/payment.html", context)


@operator_view(MANAGE_CUSTOMERS)
def payments_csv(request: OperatorRequest) -> HttpResponseBase:
    """What was paid, as a file for a spreadsheet: the same customers and days as the list, oldest first."""
    found, _is_broad = _filtered_payments(request.account, FilterForm(request.GET))
    listed = found.paid().prefetch_related("seats__entry", "seats__ticket", "refunds").order_by("paid_at", "pk")
    head = [
        _("Date"),
        _("Reference"),
        _("Customer"),
        _("Email address"),
        _("Tickets"),
        _("Amount"),
        _("Refunded"),
        _("Currency"),
        _("Stripe payment"),
        _("Stripe checkout"),
        _("Stripe refunds"),
        _("Disputed"),
        _("Dispute"),
        _("Net"),
    ]
    return csv_response(
        request.account, f"payments-{request.account.slug}.csv", head, _csv_rows(listed, request.account)
    )


def _filtered_payments(account: Account, form: FilterForm) -> tuple[PaymentQuerySet, bool]:
    """The account's payments that a filter asks for, and whether they are found by so much that they are not counted.

    What the filter cannot read is passed over. Each has `at`, when it was paid or begun, and `has_failed`: a refund of
    it that nobody has seen to.
    """
    form.is_valid()
    given, is_broad = form.cleaned_data, False
    waiting = failed_refunds(account).filter(payment=OuterRef("pk"))
    found = payments_of(account).annotate(at=listed_at(), has_failed=Exists(waiting))
    if words := given.get("q", ""):
        search = search_bookings(account, words)
        found = found.filter(booking__in=Booking.objects.filter(search.condition, account=account))
        is_broad = search.is_broad
    if since := given.get("since"):
        found = found.filter(at__gte=datetime.combine(since, time.min, account.zone))
    if until := given.get("until"):
        found = found.filter(at__lt=datetime.combine(until + timedelta(days=1), time.min, account.zone))
    return found, is_broad


def _conditions(account: Account) -> dict[PaymentFilter, Q]:
    """For each filter the condition on a payment of the account that it lists it; each has an index to begin at."""
    disputes = Dispute.objects.filter(account=account, payment__isnull=False)
    return {
        PaymentFilter.PAID: Q(state=PaymentState.PAID),
        PaymentFilter.REFUNDED: Q(refunded__gt=0),
        PaymentFilter.FAILED: Q(pk__in=failed_refunds(account).values("payment")),
        PaymentFilter.ON_WAY: Q(state=PaymentState.OPEN, on_way_since__isnull=False),
        PaymentFilter.OWED: Q(pk__in=owed_payments(account).values("pk")),
        PaymentFilter.DISPUTED: Q(pk__in=disputes.values("payment")),
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


def _csv_rows(payments: QuerySet[Payment], account: Account) -> Iterator[Sequence[Cell]]:
    for each in payments.iterator(chunk_size=CHUNK):
        assert each.paid_at is not None  # noqa: S101 - it is paid
        customer, currency = each.booking.customer, each.currency
        yield [
            f"{each.paid_at.astimezone(account.zone):%Y-%m-%d %H:%M}",
            each.booking.reference,
            each.booking.booker_name or customer.name,
            customer.email,
            payment_summary(each),
            amount_of(each.amount, currency),
            amount_of(each.refunded, currency),
            currency,
            each.intent,
            each.session,
            " ".join(refund.stripe_id for refund in each.refunds.all() if refund.stripe_id),
            amount_of(each.withdrawn, currency),
            "; ".join(dispute.get_state_display() for dispute in each.disputes.all()),
            amount_of(each.net, currency),
        ]


def payment_summary(payment: Payment) -> str:
    """What a payment (with its seats, their entries and tickets) paid for, in one line."""
    counts: dict[str, int] = {}
    for seat in sorted(payment.seats.all(), key=lambda seat: seat.pk):
        words = f"{seat.entry.title}: {seat.ticket.name}"
        counts[words] = counts.get(words, 0) + 1
    return "; ".join(words if count == 1 else f"{count} x {words}" for words, count in counts.items())
