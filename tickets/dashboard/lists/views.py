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
from accounts.imports.moves import imports_to_undo
from accounts.imports.services import (
    NotNowError,
    can_be_undone,
    confirm_import,
    keep_mapping,
    map_import,
    read_again,
    undo_import,
)
from accounts.models import ListImport, OperationState
from accounts.operations.services import OperationOpenError
from tickets.dashboard.lists.comparing import compared
from tickets.dashboard.lists.context import checked_context, result_context
from tickets.dashboard.lists.forms import MOST_NAMES, ColumnsForm, ListFileForm, too_many_names
from tickets.dashboard.lists.kinds import KINDS, kind_of
from tickets.dashboard.lists.naming import asked_first, has_names, names_form, names_to_match, same_columns

PAGE = "tickets/dashboard/list_import.html"


def fetch_import(request: OperatorRequest, pk: int) -> ListImport:
    """An import from a file of the request's account (by its long job), carrying that account; else 404."""
    found = ListImport.objects.filter(account=request.account, source__in=KINDS).select_related("operation")
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
    form = ListFileForm(*sent, initial={"of": request.GET.get("of", "people")})
    if request.method == "POST" and form.is_valid():
        return _begin(request, form)
    found = ListImport.objects.filter(account=request.account, source__in=KINDS).select_related("operation", "file")
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
    stage, kind = stage_of(found), kind_of(found)
    context: dict[str, Any] = {"form": None}
    if stage == "columns":
        context = {"form": ColumnsForm(list_import=found, kind=kind.columns)}
    elif stage == "checked":
        context = checked_context(kind, found) | {"form": kind.confirm_form(), "names": has_names(found)}
        context |= {"again": same_columns(found)}
    elif stage == "result":
        context = result_context(kind, found) | {"can_be_undone": can_be_undone(found)}
        if kind.columns.has_group:
            context |= {"compared": compared(request.account, request.GET.dict(), now=timezone.now())}
    return refreshing(request, found.operation, _page(request, found, stage, context))


@operator_view(MANAGE_CUSTOMERS)
def list_import_columns(request: OperatorRequest, pk: int) -> HttpResponse:
    """What each column holds: before rows are checked, and again as long as nothing is imported."""
    found = fetch_import(request, pk)
    form = ColumnsForm(request.POST or None, list_import=found, kind=kind_of(found).columns)
    is_valid = form.is_valid()
    read_as = form.read_as() if form.is_bound else {}
    if stage_of(found) not in {"columns", "checked"} or not (read_as or form.column_fields):
        return to_import(found)
    if read_as:
        return _read_again(request, found, form.mapping_for(read_as))
    if is_valid and "again" not in request.POST:
        mapping, count, asks = asked_first(found, form.mapping())
        if count <= MOST_NAMES:
            return _map(request, found, mapping, asks=asks)
        form.add_error(None, too_many_names(MOST_NAMES))
    return _page(request, found, "columns", {"form": form}, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
def list_import_groups(request: OperatorRequest, pk: int) -> HttpResponse:
    """What becomes of each group that the list names, or which ticket is meant by each name."""
    found = fetch_import(request, pk)
    names = names_to_match(found)
    if stage_of(found) not in {"columns", "checked"} or not names:
        return to_import(found)
    form = names_form(found, names, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _judge(request, found, found.mapping | form.mapping())
    return _page(request, found, "groups", {"form": form}, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def list_import_confirm(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Import*: take in everything that is wanted."""
    found = fetch_import(request, pk)
    form = kind_of(found).confirm_form(request.POST)
    form.is_valid()
    if not found.rows.wanted().exists():
        messages.error(request, _("There’s nothing to import. Change what the columns hold, or check the rows."))
        return to_import(found)
    try:
        confirm_import(found, now=timezone.now(), **form.cleaned_data)
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
    kind = kind_of(found)
    later = imports_to_undo(request.account).filter(created_at__gt=found.created_at).exists()
    context = {"section": "customers", "import": found, "kind": kind, "later": later, **result_context(kind, found)}
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
    shown = {"section": "customers", "import": found, "stage": stage, "kind": kind_of(found)}
    shown |= progress_context(request, found.operation)
    return render(request, PAGE, {**shown, **context}, status=status)


def _begin(request: OperatorRequest, form: ListFileForm) -> HttpResponse:
    who, file = str(request.user.name or request.user.email), form.cleaned_data["file"]
    key, now = form.cleaned_data["key"], timezone.now()
    source = KINDS[form.cleaned_data["of"]].source
    try:
        return to_import(begin_from_file(request.account, source, form.data_read, file.name, who=who, key=key, now=now))
    except OperationOpenError:
        messages.error(request, _("Another import isn’t finished yet. Finish or cancel it first."))
        return redirect(dashboard_url(request, "list_imports"))


def _map(request: OperatorRequest, found: ListImport, mapping: Mapping[str, Any], *, asks: bool) -> HttpResponse:
    """Go on to check the rows; where the list names groups that nobody has, ask about them first."""
    if not asks:
        return _judge(request, found, mapping)
    keep_mapping(found, mapping)
    return redirect(dashboard_url(request, "list_import_groups", pk=found.operation_id))


def _read_again(request: OperatorRequest, found: ListImport, mapping: Mapping[str, Any]) -> HttpResponse:
    try:
        read_again(found, mapping, now=timezone.now())
    except NotNowError:
        moved_on(request)
    return to_import(found)


def _judge(request: OperatorRequest, found: ListImport, mapping: Mapping[str, Any]) -> HttpResponse:
    try:
        map_import(found, mapping, now=timezone.now())
    except NotNowError:
        moved_on(request)
    return to_import(found)
