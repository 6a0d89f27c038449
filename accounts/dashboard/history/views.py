"""The pages of the history: of the account, and of one thing in it."""

from typing import Any, Final

from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.access import SEE_ATTENDEES, OperatorRequest, operator_view
from accounts.dashboard.history.filtering import HistoryFilterForm, filtered_lines
from accounts.dashboard.history.lines import ONLY_ONE, PAGES, rows_of
from accounts.history.reading import lines_about, things_seen
from accounts.models import Account, Customer, Mailing, Operation, SchedulePage, Staff, Thing
from bookwhen.keyset import keyset_page
from groups.models import Group
from memberships.models import Membership, Subscription
from offers.models import Offer
from tickets.models import Booking, DiscountCode, Entry, Payment, Ticket

MODELS: Final[dict[Thing, type[Model]]] = {
    Thing.BOOKING: Booking,
    Thing.CUSTOMER: Customer,
    Thing.DISCOUNT_CODE: DiscountCode,
    Thing.ENTRY: Entry,
    Thing.GROUP: Group,
    Thing.MEMBERSHIP: Membership,
    Thing.MESSAGE: Mailing,
    Thing.OFFER: Offer,
    Thing.OPERATION: Operation,
    Thing.PAGE: SchedulePage,
    Thing.PAYMENT: Payment,
    Thing.STAFF: Staff,
    Thing.SUBSCRIPTION: Subscription,
    Thing.TICKET: Ticket,
}


@operator_view(SEE_ATTENDEES)
def history(request: OperatorRequest) -> HttpResponse:
    """*History*: what was done in the dashboard, newest first, as far as one’s role may see it."""
    account, role = request.account, request.role
    form = HistoryFilterForm(request.GET, account=account, role=role)
    form.is_valid()
    page = keyset_page(filtered_lines(account, role, form.cleaned_data), ("-at", "-pk"), request.GET)
    context = {
        "section": "history",
        "filter": form,
        "is_filtered": form.is_filtered,
        "lines": page,
        "rows": rows_of(account, page.rows),
    }
    return render(request, "accounts/dashboard/history.html", context)


@operator_view(SEE_ATTENDEES)
def history_of(request: OperatorRequest, kind: str, object: int) -> HttpResponse:  # noqa: A002 - its name in the address
    """What concerns one thing, there still or gone; what an account never had does not exist."""
    account, role = request.account, request.role
    if kind not in things_seen(role):
        raise Http404
    thing = Thing(kind)
    page = keyset_page(lines_about(account, role, thing, object), ("-line",), request.GET)
    is_there = _is_there(account, thing, object)
    if not page and not is_there:
        raise Http404
    lines = [each.entry for each in page]
    context = {
        "section": "history",
        "lines": page,
        "rows": rows_of(account, lines),
        "kind": thing,
        "name": next((each.label for each in lines if (each.kind, each.object_id) == (kind, object)), ""),
        "url": _url(account, thing, object) if is_there else "",
    }
    return render(request, "accounts/dashboard/history_of.html", context)


def _is_there(account: Account, thing: Thing, key: int) -> bool:
    if thing == Thing.ACCOUNT:
        return key == account.pk
    if thing == Thing.STRIPE:
        return key == account.connection_id
    model: Any = MODELS.get(thing)
    return model is not None and model.objects.filter(account=account, pk=key).exists()


def _url(account: Account, thing: Thing, key: int) -> str:
    """The page of what is there; empty for what only stands on the page of something else."""
    if thing in ONLY_ONE:
        return reverse(f"dashboard:{ONLY_ONE[thing]}", kwargs={"account": account.slug})
    if thing in PAGES:
        return reverse(f"dashboard:{PAGES[thing]}", kwargs={"account": account.slug, "pk": key})
    return ""
