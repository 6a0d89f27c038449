"""The rows of an import from Stripe: looked through by reason, and decided one by one or all at once."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url, stripe_url
from accounts.dashboard.query import query_choice
from accounts.imports import phases
from accounts.imports.services import NotNowError, choose_rows, decide_row
from accounts.models import ListImport, ListImportRow, OperationState
from bookwhen.keyset import keyset_page
from bookwhen.text import searchable
from memberships.dashboard.importing.context import row_line, row_lines
from memberships.dashboard.importing.forms import IMPORT, RowForm
from memberships.dashboard.importing.phrases import WHAT_TO_DO, target_titles
from memberships.dashboard.importing.views import fetch_import, to_import
from memberships.importing.verdicts import ImportReason


@operator_view(MANAGE_CUSTOMERS)
def stripe_import_rows(request: OperatorRequest, pk: int) -> HttpResponse:
    """Every subscription that was read, or those of one reason."""
    found = fetch_import(request, pk)
    reason = query_choice(request, "why", ImportReason)
    page = keyset_page(found.rows.filter(**({"why": reason} if reason else {})), ("number",), request.GET)
    context = {
        "section": "memberships",
        "import": found,
        "reason": reason,
        "what_to_do": WHAT_TO_DO[reason] if reason else "",
        "rows": page,
        "lines": row_lines(found, page),
        "can_decide": can_decide(found),
        "can_take": reason in TAKEN_TOGETHER,
        "can_leave": reason in TAKEN_TOGETHER | {ImportReason.READY, ImportReason.BY_HAND, ImportReason.PAUSED},
    }
    return render(request, "memberships/dashboard/stripe_import_rows.html", context)


TAKEN_TOGETHER: Final = frozenset(
    {
        ImportReason.SAME_ADDRESS,
        ImportReason.TWICE,
        ImportReason.SEVERAL,
        ImportReason.NO_PLAIN_AMOUNT,
        ImportReason.CURRENCY,
    }
)
"""Reasons to look, after which all can be imported at once."""


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def stripe_import_choose(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Import all of these*, or *Leave all of these out*: every row of one reason."""
    found = fetch_import(request, pk)
    reason = next((each for each in ImportReason if each == request.POST.get("why")), None)
    wants = request.POST.get("choice") == IMPORT
    if reason is not None and (not wants or reason in TAKEN_TOGETHER):
        try:
            choose_rows(found, why=reason, chosen=wants, now=timezone.now())
        except NotNowError:
            messages.error(request, _("This import has already moved on. Here’s where it is now."))
    return to_import(found)


@operator_view(MANAGE_CUSTOMERS)
def stripe_import_row(request: OperatorRequest, pk: int, row: int) -> HttpResponse:
    """One subscription: whose it is, and what should become of it."""
    found = fetch_import(request, pk)
    its = get_object_or_404(found.rows, pk=row)
    form = RowForm(request.POST or None, row=its)
    if request.method == "POST" and can_decide(found) and form.is_valid():
        return _decide(request, found, its, form)
    context: dict[str, Any] = {"section": "memberships", "import": found, "form": form}
    context |= {"line": row_line(found, its, target_titles(found, [its.target])), "can_decide": can_decide(found)}
    context |= {"what_to_do": WHAT_TO_DO[ImportReason(its.why)] if its.why else ""}
    context |= {"link": stripe_url(request.account, "subscriptions", its.key)}
    return render(request, "memberships/dashboard/stripe_import_row.html", context, status=422 if form.errors else 200)


def can_decide(found: ListImport) -> bool:
    """Whether rows can be decided: they are checked, and none is imported."""
    operation = found.operation
    return operation.state == OperationState.WAITING and operation.phase == phases.JUDGE


def _decide(request: OperatorRequest, found: ListImport, row: ListImportRow, form: RowForm) -> HttpResponse:
    email = searchable(form.cleaned_data["email"])
    wants = form.cleaned_data["choice"] == IMPORT
    try:
        decide_row(row, {"email": email} if email else {}, chosen=wants, now=timezone.now())
    except NotNowError:
        messages.error(request, _("This import has already moved on. Here’s where it is now."))
        return to_import(found)
    messages.success(request, _("Choice saved"))
    return _next_of_reason(request, found, row.why)


def _next_of_reason(request: OperatorRequest, found: ListImport, why: str) -> HttpResponse:
    """The other rows of that reason; once none is left, the import, which says what else there is to check."""
    if not found.rows.filter(why=why).exists():
        return to_import(found)
    return redirect(f"{dashboard_url(request, 'stripe_import_rows', pk=found.operation_id)}?why={why}")
