"""*Moving in*: everything that was imported, beside the old system's numbers, and how all of it is undone."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.imports.moves import imports_to_undo, undo_move
from accounts.models import ListImport
from accounts.operations.kinds import kind_of
from accounts.operations.services import OperationOpenError
from tickets.dashboard.lists.comparing import compared_whole

SHOWN = 50


@operator_view(MANAGE_CUSTOMERS)
def moving_in(request: OperatorRequest) -> HttpResponse:
    """The steps of a move, the imports so far, and what is here beside what the old system has."""
    context: dict[str, Any] = {"section": "customers", "imports": _imports(request)}
    if context["imports"]:
        context |= {"can_be_undone": imports_to_undo(request.account).exists()}
        context |= {"compared": compared_whole(request.account, request.GET.dict(), now=timezone.now())}
    return render(request, "tickets/dashboard/moving_in.html", context)


@operator_view(MANAGE_CUSTOMERS)
def moving_undo(request: OperatorRequest) -> HttpResponse:
    """*Undo the whole move*: every import, the last one first; what happens is told before."""
    back = redirect(dashboard_url(request, "moving_in"))
    if request.method == "POST":
        try:
            count = undo_move(request.account, now=timezone.now())
        except OperationOpenError:
            messages.error(request, _("Another import isn’t finished yet. Finish or cancel it first."))
        else:
            words = ngettext("%(count)d import is being undone", "%(count)d imports are being undone", count)
            messages.success(request, words % {"count": count})
        return back
    imports = [(each, _label(each)) for each in imports_to_undo(request.account)[:SHOWN]]
    if not imports:
        return back
    return render(request, "tickets/dashboard/moving_undo.html", {"section": "customers", "imports": imports})


def _imports(request: OperatorRequest) -> list[tuple[ListImport, str, str]]:
    """The newest imports of every source, what each is called, and where its page is."""
    found = ListImport.objects.filter(account=request.account).select_related("operation")
    lines = []
    for each in found.order_by("-created_at", "-pk")[:SHOWN]:
        kind = kind_of(each.operation)
        page = dashboard_url(request, kind.page, pk=each.operation_id) if kind else ""
        lines.append((each, _label(each), page))
    return lines


def _label(list_import: ListImport) -> str:
    kind = kind_of(list_import.operation)
    return str(kind.label) if kind else list_import.source
