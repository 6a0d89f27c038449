"""*The books*: what the nightly check found wrong in the account."""

from collections.abc import Iterable
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from bookwhen.keyset import keyset_page
from tickets.consistency import findings_of
from tickets.models import Finding, FindingKind, Refund
from tickets.models.findings import OF_PAYMENTS, OF_REFUNDS

PER_PAGE: Final = 25


@operator_view(MANAGE_CUSTOMERS)
def books(request: OperatorRequest) -> HttpResponse:
    """What is wrong, with what it concerns; nothing on the page changes anything."""
    found = findings_of(request.account).select_related("entry", "customer", "group")
    page = keyset_page(found, ("pk",), request.GET, size=PER_PAGE)
    context = {
        "section": "overview",
        "findings": page,
        "rows": _with_payments(page),
        "mismatch": found.exclude(kind=FindingKind.UNCHECKED).exists(),
    }
    return render(request, "tickets/dashboard/consistency.html", context)


def _with_payments(findings: Iterable[Finding]) -> list[tuple[Finding, int | None]]:
    """Each finding, and which payment (id) it is about, if any; one statement for all refunds."""
    refunds = [each.row for each in findings if each.kind in OF_REFUNDS]
    payments = dict(Refund.objects.filter(pk__in=refunds).values_list("pk", "payment")) if refunds else {}
    return [
        (each, each.row if each.kind in OF_PAYMENTS else payments.get(each.row) if each.kind in OF_REFUNDS else None)
        for each in findings
    ]
