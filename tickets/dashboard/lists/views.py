"""*Import a list*: a file, what its columns hold, what would become of each row, and then it is done, or undone."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.operations import progress_context, refreshing
from accounts.imports import phases
from accounts.imports.files import begin_from_file
from accounts.imports.services import NotNowError, can_be_undone, confirm_import, keep_mapping, map_import, undo_import
from accounts.models import ListImport, OperationState
from accounts.operations.services import OperationOpenError
from groups.importing.people import GROUP_NAMES, GROUPS
from groups.importing.source import NAME, PEOPLE
from groups.importing.summary import known_names, names_of_groups
from tickets.dashboard.lists.context import checked_context, compared, result_context
from tickets.dashboard.lists.forms import (
    MOST_NAMES,
    ColumnsForm,
    ConfirmListForm,
    GroupNamesForm,
    ListFileForm,
    too_many_names,
)

PAGE = "tickets/dashboard/list_import.html"


def fetch_import(request: OperatorRequest, pk: int) -> ListImport:
    """An import of customers of the request's account (by its long job), carrying that account; else 404."""
    found = ListImport.objects.filter(account=request.account, source=NAME).select_related("operation")
    list_import = get_object_or_404(found, operation=pk)
    list_import.account = request.account
    return list_import


def to_import(list_import: ListImport) -> HttpResponse:
    """Go to an import's page."""
    return redirect("dashboard:list_import", account=list_import.account.slug, pk=list_import.operation_id)


@operator_view(MANAGE_CUSTOMERS)
def list_imports(request: OperatorRequest) -> HttpResponse:
    """*Import a list*: what it does, the form that begins one, and the imports so far."""
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ListFileForm(*sent)
    if request.method == "POST" and form.is_valid():
        return _begin(request, form)
    found = ListImport.objects.filter(account=request.account, source=NAME).select_related("operation", "file")
    context = {
        "section": "customers",
        "form": form,
        "imports": found.defer("file__data").order_by("-created_at", "-pk")[:50],
    }
    return render(request, "tickets/dashboard/list_imports.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
def list_import(request: OperatorRequest, pk: int) -> HttpResponse:
    """An import, where it stands: its progress, its columns, what would become of each row, or what became of it."""
    found = fetch_import(request, pk)
    stage = stage_of(found)
    context: dict[str, Any] = {"form": None}
    if stage == "columns":
        context = {"form": ColumnsForm(list_import=found)}
    elif stage == "checked":
        context = checked_context(found) | {"form": ConfirmListForm()}
    elif stage == "result":
        context = result_context(found) | {"can_be_undone": can_be_undone(found)}
        context |= {"compared": compared(found, request.GET.dict(), now=timezone.now())}
    return refreshing(request, found.operation, _page(request, found, stage, context))


@operator_view(MANAGE_CUSTOMERS)
def list_import_columns(request: OperatorRequest, pk: int) -> HttpResponse:
    """What each column holds: before rows are checked, and again as long as nothing is imported."""
    found = fetch_import(request, pk)
    if stage_of(found) not in {"columns", "checked"}:
        return to_import(found)
    form = ColumnsForm(request.POST or None, list_import=found)
    if request.method == "POST" and form.is_valid():
        chosen = form.mapping()
        names = names_of_groups(found, chosen)
        if len(names) <= MOST_NAMES:
            return _map(request, found, chosen, names)
        form.add_error(None, too_many_names(MOST_NAMES))
    return _page(request, found, "columns", {"form": form}, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
def list_import_groups(request: OperatorRequest, pk: int) -> HttpResponse:
    """What becomes of each group that the list names."""
    found = fetch_import(request, pk)
    names = names_of_groups(found, found.mapping)
    if stage_of(found) not in {"columns", "checked"} or not names:
        return to_import(found)
    chosen = known_names(found, names) | found.mapping.get(GROUPS, {})
    form = GroupNamesForm(request.POST or None, account=request.account, names=names, chosen=chosen)
    if request.method == "POST" and form.is_valid():
        return _judge(request, found, found.mapping | form.mapping())
    return _page(request, found, "groups", {"form": form}, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def list_import_confirm(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Import*: add everybody who is wanted."""
    found, form = fetch_import(request, pk), ConfirmListForm(request.POST)
    form.is_valid()
    if not found.rows.wanted().exists():
        messages.error(request, _("There’s nothing to import. Change what the columns hold, or check the rows."))
        return to_import(found)
    try:
        confirm_import(found, letter=form.cleaned_data.get("letter", False), now=timezone.now())
    except NotNowError:
        moved_on(request)
    return to_import(found)


@operator_view(MANAGE_CUSTOMERS)
def list_import_undo(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Undo import*: what happens is told before."""
    found = fetch_import(request, pk)
    if not can_be_undone(found):
        return to_import(found)
    if request.method == "POST":
        try:
            undo_import(found, now=timezone.now())
        except NotNowError:
            moved_on(request)
        except OperationOpenError:
            messages.error(request, _("Another import isn’t finished yet. Finish or cancel it first."))
        return to_import(found)
    context = {"section": "customers", "import": found, **result_context(found)}
    return render(request, "tickets/dashboard/list_import_undo.html", context)


def moved_on(request: OperatorRequest) -> None:
    """Say that a decision came too late."""
    messages.error(request, _("This import has already moved on. Here’s where it is now."))


def stage_of(found: ListImport) -> str:
    """What an import's page is about: progress, columns, checked or result."""
    operation = found.operation
    if operation.phase in {phases.APPLY, phases.UNDO} and not operation.is_worked_off:
        return "result"
    if operation.state == OperationState.WAITING:
        return "columns" if operation.phase == phases.READ else "checked"
    return "progress"


def _page(
    request: OperatorRequest, found: ListImport, stage: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    shown = {"section": "customers", "import": found, "stage": stage, **progress_context(request, found.operation)}
    return render(request, PAGE, {**shown, **context}, status=status)


def _begin(request: OperatorRequest, form: ListFileForm) -> HttpResponse:
    who, file = str(request.user.name or request.user.email), form.cleaned_data["file"]
    key, now = form.cleaned_data["key"], timezone.now()
    try:
        return to_import(begin_from_file(request.account, PEOPLE, form.data_read, file.name, who=who, key=key, now=now))
    except OperationOpenError:
        messages.error(request, _("Another import isn’t finished yet. Finish or cancel it first."))
        return redirect(dashboard_url(request, "list_imports"))


def _map(
    request: OperatorRequest, found: ListImport, chosen: Mapping[str, Any], names: Mapping[str, str]
) -> HttpResponse:
    """Go on to check the rows; where the list names groups that nobody has, ask about them first."""
    known = known_names(found, names)
    decided = {key: choice for key, choice in found.mapping.get(GROUPS, {}).items() if key in names}
    mapping = {**chosen, GROUPS: known | decided, GROUP_NAMES: dict(names)}
    if set(names) <= set(mapping[GROUPS]):
        return _judge(request, found, mapping)
    keep_mapping(found, mapping)
    return redirect(dashboard_url(request, "list_import_groups", pk=found.operation_id))


def _judge(request: OperatorRequest, found: ListImport, mapping: Mapping[str, Any]) -> HttpResponse:
    try:
        map_import(found, mapping, now=timezone.now())
    except NotNowError:
        moved_on(request)
    return to_import(found)
