"""*Uses*: what became of the uses that offers give their members."""

from collections.abc import Iterator, Sequence

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from offers.messages import offer_title
from offers.models import Offer
from tickets.dashboard.csv_export import Cell, csv_response
from tickets.dashboard.reports.asked import read_days
from tickets.reporting.uses import OfferUses, add_up, read_uses


@operator_view(MANAGE_CUSTOMERS)
def report_uses(request: OperatorRequest) -> HttpResponse:
    """*Uses*, of the days that the address asks for."""
    now = timezone.now()
    asked = read_days(request, request.account, now=now)
    found = read_uses(request.account, asked.span, now=now)
    context = {
        "section": "reports",
        "asked": asked,
        "lines": [(title_of(each), each) for each in found],
        "total": add_up(found),
        "form": asked.form,
    }
    status = 422 if asked.is_wrong else 200
    return render(request, "tickets/dashboard/report_uses.html", context, status=status)


@operator_view(MANAGE_CUSTOMERS)
def report_uses_csv(request: OperatorRequest) -> HttpResponseBase:
    """The same as a file."""
    account, now = request.account, timezone.now()
    asked = read_days(request, account, now=now)
    head = [_("Customer group"), _("Offer"), _("Used"), _("Returned"), _("Lapsed"), _("Left now")]
    name = f"uses-{account.slug}-{asked.span.first}-{asked.span.last}.csv"
    return csv_response(account, name, head, _rows(read_uses(account, asked.span, now=now)))


def title_of(uses: OfferUses) -> str:
    """What operators call the offer."""
    if uses.number is None:
        return uses.name or _("Deleted offer")
    return offer_title(Offer(name=uses.name), uses.number)


def _rows(found: Sequence[OfferUses]) -> Iterator[Sequence[Cell]]:
    for each in found:
        left = _("unlimited") if each.limit is None else "" if each.left is None else str(each.left)
        yield [each.group_name, title_of(each), *map(str, (each.used, each.back, each.lapsed)), left]
