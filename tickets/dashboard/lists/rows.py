"""The rows of an import from a file: looked through by reason, decided one by one or together, and as a file."""

from collections.abc import Iterator
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.query import query_choice
from accounts.imports.files import CELLS, LINE
from accounts.imports.services import NotNowError, choose_rows, decide_row
from accounts.models import ListImport, ListImportRow, RowState, Verdict
from bookwhen.keyset import keyset_page
from groups.importing.seconds import SECOND
from tickets.dashboard.csv_export import csv_response
from tickets.dashboard.lists.forms import IMPORT, LEAVE_OUT, TWO_NAMES, ListRowForm
from tickets.dashboard.lists.kinds import kind_of
from tickets.dashboard.lists.views import fetch_import, moved_on, stage_of, to_import

CHUNK: Final = 500


@operator_view(MANAGE_CUSTOMERS)
def list_import_rows(request: OperatorRequest, pk: int) -> HttpResponse:
    """Every row that was read, or those of one reason."""
    found = fetch_import(request, pk)
    kind = kind_of(found)
    reason = query_choice(request, "why", kind.reasons)
    page = keyset_page(found.rows.filter(**({"why": reason} if reason else {})), ("number",), request.GET)
    verdict = kind.verdicts[reason] if reason else ""
    context = {
        "section": "customers",
        "import": found,
        "kind": kind,
        "reason": reason,
        "what_to_do": kind.what_to_do[reason] if reason else "",
        "rows": page,
        "lines": kind.lines(found, page.rows),
        "can_decide": can_decide(found),
        "can_take": verdict == Verdict.DOUBTFUL,
        "asks_whose": reason in TWO_NAMES,
        "can_leave": verdict in {Verdict.NEW, Verdict.CHANGED, Verdict.DOUBTFUL},
    }
    return render(request, "tickets/dashboard/list_import_rows.html", context)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def list_import_choose(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Import all of these*, as whom where that is asked, or *Leave all of these out*: every row of one reason."""
    found = fetch_import(request, pk)
    reason = next((each for each in kind_of(found).reasons if each == request.POST.get("why")), None)
    choice = request.POST.get("choice", "")
    said = {SECOND: choice == SECOND} if reason in TWO_NAMES else {}
    if reason is not None:
        try:
            choose_rows(found, why=reason, chosen=choice in {IMPORT, *said}, decided=said, now=timezone.now())
        except NotNowError:
            moved_on(request)
    return to_import(found)


@operator_view(MANAGE_CUSTOMERS)
def list_import_row(request: OperatorRequest, pk: int, line: int) -> HttpResponse:
    """One row: what the file says, whose it is, and what should become of it."""
    found = fetch_import(request, pk)
    its = get_object_or_404(found.rows, pk=line)
    kind = kind_of(found)
    form = kind.row_form(request.POST or None, row=its, list_import=found)
    if request.method == "POST" and can_decide(found) and form.is_valid():
        return _decide(request, found, its, form)
    [shown] = kind.lines(found, [its])
    names = found.found.get("columns", [])
    context: dict[str, Any] = {"section": "customers", "import": found, "form": form, "line": shown}
    context |= {"cells": [(name, text) for name, text in zip(names, its.raw[CELLS], strict=False) if text]}
    context |= {
        "what_to_do": kind.what_to_do[kind.reasons(its.why)] if its.why else "",
        "can_decide": can_decide(found),
    }
    return render(request, "tickets/dashboard/list_import_row.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
def list_import_refused(request: OperatorRequest, pk: int) -> HttpResponseBase:
    """What was not imported, as a file that can be corrected and imported again: the same columns, and why."""
    found = fetch_import(request, pk)
    columns = found.found.get("columns", [])
    head = [*columns, _("Row"), _("Why it was left out")]
    return csv_response(request.account, f"not-imported-{pk}.csv", head, _left_out(found, len(columns)))


def can_decide(found: ListImport) -> bool:
    """Whether rows can be decided: they are checked, and none is imported."""
    return stage_of(found) == "checked"


def _left_out(found: ListImport, width: int) -> Iterator[list[str]]:
    odd = found.rows.filter(state__in=[RowState.READ, RowState.FAILED]).exclude(
        pk__in=found.rows.wanted().filter(state=RowState.READ).values("pk")
    )
    reasons = kind_of(found).reasons
    for row in odd.exclude(verdict=Verdict.UNCHANGED).order_by("number").iterator(CHUNK):
        why = row.error or (str(reasons(row.why).label) if row.why else "")
        yield [*row.raw[CELLS], *[""] * (width - len(row.raw[CELLS])), str(row.raw[LINE]), why]


def _decide(request: OperatorRequest, found: ListImport, row: ListImportRow, form: ListRowForm) -> HttpResponse:
    try:
        decide_row(row, form.decided(), chosen=form.cleaned_data["choice"] != LEAVE_OUT, now=timezone.now())
    except NotNowError:
        moved_on(request)
        return to_import(found)
    messages.success(request, _("Choice saved"))
    if not found.rows.filter(why=row.why).exists():
        return to_import(found)
    return redirect(f"{dashboard_url(request, 'list_import_rows', pk=found.operation_id)}?why={row.why}")
