"""*Export*: every list that can be had as a file, the files that were made; and the buttons beside two lists."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_ACCOUNT, MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.operations import may_see
from accounts.exports import KEPT
from accounts.handing_out import BY_CUSTOMER
from accounts.models import ExportFile, Role
from accounts.operations.kinds import owners_kinds
from bookwhen.forms import Form, IdempotentForm
from bookwhen.picker import is_looking
from groups.dashboard.chosen import chosen_members
from groups.dashboard.fetch import fetch_group
from tickets.dashboard.exports.archive.writing import begin_archive
from tickets.dashboard.exports.catalogue import ON_PAGE
from tickets.dashboard.exports.codes import CODE_USES
from tickets.dashboard.exports.kinds import ExportList, kept
from tickets.dashboard.exports.members import MEMBERS, GroupForm
from tickets.dashboard.exports.payments import PAYMENTS
from tickets.dashboard.exports.sending import begin, begun, send_list, sent_key
from tickets.dashboard.payments.filtering import FilterForm
from tickets.models import DiscountCode

LAST: Final = 10
"""How many of the files that were made are shown."""


@operator_view(MANAGE_CUSTOMERS)
def exports(request: OperatorRequest) -> HttpResponse:
    """*Export*: which files there can be, each with what may be chosen of it; one that is asked for is begun."""
    forms = {each: _form(request, each, None) for each in ON_PAGE}
    status = 200
    if request.method == "POST":
        chosen = _chosen(request)
        form = forms[chosen] = _form(request, chosen, request.POST)
        if not is_looking(form):
            if form.is_valid():
                return begin(request, chosen, kept(form.cleaned_data))
            status = 422
    context = {
        "section": "exports",
        "lists": [(each, form, IdempotentForm(auto_id=False)) for each, form in forms.items()],
        "files": _last_files(request),
        "days": KEPT.days,
        "is_owner": request.role == Role.OWNER,
        "archive_form": IdempotentForm(auto_id=False),
        "form": next((form for form in forms.values() if form.errors), None),
    }
    return render(request, "tickets/dashboard/exports.html", context, status=status)


@operator_view(MANAGE_ACCOUNT)
@require_POST
def exports_archive(request: OperatorRequest) -> HttpResponse:
    """*Everything*: let a worker write the archive, and show how far it is."""
    return begun(request, *begin_archive(request.account, who=request.user.email, key=sent_key(request)))


@operator_view(MANAGE_CUSTOMERS)
def payments_csv(request: OperatorRequest) -> HttpResponseBase:
    """What was paid: the same customers and days as the list, oldest first."""
    form = FilterForm(request.GET)
    form.is_valid()
    frame = {
        "section": "payment_list",
        "back_url": dashboard_url(request, "payment_list"),
        "back": _("Back to payments"),
        "hint": _("To get a smaller file at once, go back and choose fewer days."),
    }
    return send_list(request, PAYMENTS, kept(form.cleaned_data), frame)


@operator_view(MANAGE_CUSTOMERS)
def group_customers_csv(request: OperatorRequest, pk: int) -> HttpResponseBase:
    """Who is in the group, why, since and until when, and what they have used of each offer."""
    group = fetch_group(request, pk)
    chosen = chosen_members(group, request.GET)
    given: dict[str, Any] = {"group": group.pk, "q": chosen.words, "unseen": chosen.unseen}
    if chosen.ids and not chosen.is_all:
        given["members"] = list(chosen.ids)
    frame = {
        "section": "groups",
        "back_url": dashboard_url(request, "group_customers", pk=group.pk),
        "back": _("Back to customers"),
    }
    return send_list(request, MEMBERS, given, frame)


@operator_view(MANAGE_CUSTOMERS)
def discount_code_csv(request: OperatorRequest, pk: int) -> HttpResponseBase:
    """Who has used a discount code, oldest first."""
    code = get_object_or_404(DiscountCode, account=request.account, pk=pk)
    frame = {
        "section": "discount_codes",
        "back_url": dashboard_url(request, "discount_code_uses", pk=code.pk),
        "back": _("Back to who used it"),
    }
    return send_list(request, CODE_USES, {"code": code.pk}, frame)


def _chosen(request: OperatorRequest) -> ExportList:
    """The list that a form is for; 404 where there is none of that name."""
    found = next((each for each in ON_PAGE if each.name == request.POST.get("list")), None)
    if found is None:
        raise Http404
    return found


def _form(request: OperatorRequest, each: ExportList, sent: Mapping[str, Any] | None) -> Form:
    more = {"account": request.account} if issubclass(each.form, GroupForm) else {}
    return each.form(sent, auto_id=f"{each.name}-%s", **more)


def _last_files(request: OperatorRequest) -> list[ExportFile]:
    """The newest files that the team asked for and one's role may fetch."""
    found = ExportFile.objects.filter(account=request.account).exclude(asked__has_key=BY_CUSTOMER)
    found = found.select_related("operation").order_by("-pk")
    if not may_see(request.role, owners_only=True):
        found = found.exclude(operation__kind__in=owners_kinds())
    return list(found[:LAST])
