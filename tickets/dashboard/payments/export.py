"""*Download CSV* of payments: a file for the bookkeeper, sent at once; one of many rows is written by a worker."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, Final, TypeAlias
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.exports import KEPT, WRITE, begin_file, write_part
from accounts.models import Account, ExportFile, Operation
from accounts.operations.kinds import Kind, Phase, Step
from accounts.operations.services import OperationOpenError
from bookwhen.forms import IdempotentForm
from bookwhen.keyset import rows_after
from bookwhen.money import amount_of
from tickets.dashboard.csv_export import Cell, CsvFormat, csv_format, csv_lines, csv_response
from tickets.dashboard.payments.filtering import FilterForm, filtered_payments
from tickets.models import Payment, PaymentQuerySet

AT_ONCE: Final = 5000
"""How many payments are sent at once: in two or three seconds, measured."""
CHUNK: Final = 500
"""How many are read at a time."""
PART: Final = 2000
"""How many are in a part of a file that a worker writes."""
ORDER: Final = ("at", "pk")
BOUNDS: Final = ("since", "until")
Place: TypeAlias = list[Any]
"""When a payment was paid (ISO), and its number."""


@operator_view(MANAGE_CUSTOMERS)
def payments_csv(request: OperatorRequest) -> HttpResponseBase:
    """What was paid, as a file for a spreadsheet: the same customers and days as the list, oldest first.

    Where that is much, the operator is asked first, and a worker writes it.
    """
    account, form = request.account, FilterForm(request.GET)
    form.is_valid()
    if request.method == "POST":
        return _begin(request, form.cleaned_data)
    listed = _listed(account, form.cleaned_data)
    if len(listed.order_by(*ORDER).values_list("pk", flat=True)[: AT_ONCE + 1]) > AT_ONCE:
        context = {"section": "payment_list", "form": IdempotentForm(auto_id=False), "days": KEPT.days}
        return render(request, "tickets/dashboard/payments_csv.html", context)
    return csv_response(account, _name(account), _head(), _rows(_all(listed), account))


def _begin(request: OperatorRequest, given: Mapping[str, Any]) -> HttpResponse:
    """Let a worker write the file, and show how far it is; sent twice, it is written once."""
    account, sent = request.account, IdempotentForm(request.POST)
    key = sent.cleaned_data["key"] if sent.is_valid() else uuid4()
    written = csv_format(account)
    asked = {
        "q": given.get("q", ""),
        **{bound: day.isoformat() for bound in BOUNDS if (day := given.get(bound))},
        "language": get_language(),
        "separator": written.separator,
        "decimal": written.decimal,
        "zone": account.time_zone,
    }
    now = timezone.now()
    try:
        begun = begin_file(
            account, PAYMENTS.name, name=_name(account), asked=asked, who=request.user.email, key=key, now=now
        )
    except OperationOpenError:
        messages.info(request, _("This file is being made already. Download or cancel it, then ask for another one."))
        begun = Operation.objects.filter(account=account, lane=PAYMENTS.name).latest("pk")
    return redirect("dashboard:operation", account=account.slug, pk=begun.pk)


def _write(operation: Operation, _now: datetime) -> Step:
    """Write the next part of the file, the same as it would be sent at once."""
    file = ExportFile.objects.get(account=operation.account_id, operation=operation)
    asked, account, cursor = file.asked, operation.account, operation.cursor
    if file.forgotten_at:
        return Step(None, 0)
    # Whatever is changed in the settings meanwhile: a file is of one form from its first line to its last.
    account.time_zone = asked["zone"]
    given = {"q": asked["q"], **{bound: date.fromisoformat(asked[bound]) for bound in BOUNDS if bound in asked}}
    with override(asked["language"]):
        listed = _listed(account, given)
        total = operation.total if cursor else listed.order_by().count()
        payments = _after(listed, cursor.get("after"), PART)
        lines = csv_lines(CsvFormat(asked["separator"], asked["decimal"]), _head(), _rows(payments, account))
        number = cursor.get("part", 0)
        data = "".join(islice(lines, 1 if number else 0, None)).encode()
    if data:
        write_part(file, operation, number=number, data=data)
    done = cursor.get("done", 0) + len(payments)
    if len(payments) < PART:
        return Step(None, done, done)
    return Step({"part": number + 1, "done": done, "after": _place(payments[-1])}, done, total)


PAYMENTS: Final = Kind(
    "payments_csv",
    gettext_lazy("Make a file of payments"),
    "operation",
    {WRITE: Phase(gettext_lazy("Writing payments"), _write)},
)


def _listed(account: Account, given: Mapping[str, Any]) -> PaymentQuerySet:
    return filtered_payments(account, given).found.paid().prefetch_related("seats__entry", "seats__ticket", "refunds")


def _all(listed: PaymentQuerySet) -> Iterator[Payment]:
    """Every payment, some at a time: no statement takes longer than another, and no transaction is kept open."""
    some = _after(listed, None, CHUNK)
    yield from some
    while len(some) == CHUNK:
        some = _after(listed, _place(some[-1]), CHUNK)
        yield from some


def _after(listed: PaymentQuerySet, place: Place | None, most: int) -> list[Payment]:
    """The next payments after a place in the order of the file."""
    position = place and [datetime.fromisoformat(place[0]), place[1]]
    return list(rows_after(listed, ORDER, position)[:most])


def _place(payment: Payment) -> Place:
    return [_paid_at(payment).isoformat(), payment.pk]


def _paid_at(payment: Payment) -> datetime:
    assert payment.paid_at is not None  # noqa: S101 - it is paid
    return payment.paid_at


def _name(account: Account) -> str:
    return f"payments-{account.slug}.csv"


def _head() -> list[str]:
    return [
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


def _rows(payments: Iterable[Payment], account: Account) -> Iterator[Sequence[Cell]]:
    for each in payments:
        customer, currency = each.booking.customer, each.currency
        yield [
            f"{_paid_at(each).astimezone(account.zone):%Y-%m-%d %H:%M}",
            each.booking.reference,
            each.booking.booker_name or customer.name,
            customer.reached_at,
            _summary(each),
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


def _summary(payment: Payment) -> str:
    """What a payment (with its seats, their entries and tickets) paid for, in one line."""
    counts: dict[str, int] = {}
    for seat in sorted(payment.seats.all(), key=lambda seat: seat.pk):
        words = f"{seat.entry.title}: {seat.ticket.name}"
        counts[words] = counts.get(words, 0) + 1
    return "; ".join(words if count == 1 else f"{count} x {words}" for words, count in counts.items())
