"""*Import from Stripe*: begin, say what becomes of each product, look through, import, and undo."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, needs_standard, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.operations import progress_context, refreshing
from accounts.imports import phases
from accounts.imports.services import (
    NotNowError,
    begin_import,
    can_be_undone,
    confirm_import,
    map_import,
    undo_import,
)
from accounts.models import ListImport, OperationState
from accounts.operations.services import OperationOpenError
from memberships.dashboard.fetch import payments_address
from memberships.dashboard.importing.context import checked_context, result_context
from memberships.dashboard.importing.forms import BeginForm, ConfirmForm, ProductsForm
from memberships.importing.source import NAME, STRIPE


def fetch_import(request: OperatorRequest, pk: int) -> ListImport:
    """An import from Stripe of the request's account (by its long job), carrying that account; else 404."""
    found = ListImport.objects.filter(account=request.account, source=NAME).select_related("operation")
    list_import = get_object_or_404(found, operation=pk)
    list_import.account = request.account
    return list_import


def to_import(list_import: ListImport) -> HttpResponse:
    """Go to an import's page."""
    return redirect("dashboard:stripe_import", account=list_import.account.slug, pk=list_import.operation_id)


@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def stripe_imports(request: OperatorRequest) -> HttpResponse:
    """*Import from Stripe*: what it does, the button that begins one, and the imports so far."""
    form = BeginForm(request.POST or None)
    if request.method == "POST" and request.account.takes_payments and form.is_valid():
        return _begin(request, form)
    found = ListImport.objects.filter(account=request.account, source=NAME).select_related("operation")
    context = {"section": "memberships", "form": form, "imports": found.order_by("-created_at", "-pk")[:50]}
    context |= {"payments_url": payments_address(request)}
    return render(request, "memberships/dashboard/stripe_imports.html", context)


@operator_view(MANAGE_CUSTOMERS)
def stripe_import(request: OperatorRequest, pk: int) -> HttpResponse:
    """An import, where it stands: its progress, the products, what would become of each, or what became of it."""
    found = fetch_import(request, pk)
    operation = found.operation
    context: dict[str, Any] = {"section": "memberships", "import": found, **progress_context(request, operation)}
    stage = _stage(found)
    if stage == "products":
        context |= {"form": ProductsForm(list_import=found, address=request.GET)}
    elif stage == "checked":
        context |= checked_context(found) | {"form": ConfirmForm()}
    elif stage == "result":
        context |= result_context(found) | {"can_be_undone": can_be_undone(found)}
    context |= {"stage": stage, "payments_url": payments_address(request)}
    return refreshing(request, operation, render(request, "memberships/dashboard/stripe_import.html", context))


@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def stripe_import_map(request: OperatorRequest, pk: int) -> HttpResponse:
    """What becomes of each product: before rows are checked, and again as long as nothing is imported."""
    found = fetch_import(request, pk)
    if _stage(found) not in {"products", "checked"}:
        return to_import(found)
    form = ProductsForm(request.POST or None, list_import=found, address=request.GET)
    if request.method == "POST" and not form.is_looking() and form.is_valid():
        return _map(request, found, form)
    context = {"section": "memberships", "import": found, "form": form, "stage": "products"}
    context |= progress_context(request, found.operation)
    status = 422 if form.errors else 200
    return render(request, "memberships/dashboard/stripe_import.html", context, status=status)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
@needs_standard
def stripe_import_confirm(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Import*: take over what is wanted."""
    found, form = fetch_import(request, pk), ConfirmForm(request.POST)
    form.is_valid()
    if not found.rows.wanted().exists():
        messages.error(request, _("There’s nothing to import. Choose what should become of the products."))
        return to_import(found)
    try:
        confirm_import(found, letter=form.cleaned_data.get("letter", False), now=timezone.now())
    except NotNowError:
        messages.error(request, _("This import has already moved on. Here’s where it is now."))
    return to_import(found)


@operator_view(MANAGE_CUSTOMERS)
def stripe_import_undo(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Undo import*: what happens is told before."""
    found = fetch_import(request, pk)
    if not can_be_undone(found):
        return to_import(found)
    if request.method == "POST":
        return _undo(request, found)
    context = {"section": "memberships", "import": found, **result_context(found)}
    return render(request, "memberships/dashboard/stripe_import_undo.html", context)


def _begin(request: OperatorRequest, form: BeginForm) -> HttpResponse:
    who, key = str(request.user.name or request.user.email), form.cleaned_data["key"]
    try:
        return to_import(begin_import(request.account, STRIPE, who=who, key=key, now=timezone.now()))
    except OperationOpenError:
        messages.error(request, _("Another import isn’t finished yet. Finish or cancel it first."))
        return redirect(dashboard_url(request, "stripe_imports"))


def _map(request: OperatorRequest, found: ListImport, form: ProductsForm) -> HttpResponse:
    try:
        map_import(found, {"choices": form.mapping()}, now=timezone.now())
    except NotNowError:
        messages.error(request, _("This import has already moved on. Here’s where it is now."))
    return to_import(found)


def _undo(request: OperatorRequest, found: ListImport) -> HttpResponse:
    try:
        undo_import(found, now=timezone.now())
    except NotNowError:
        messages.error(request, _("This import has already moved on. Here’s where it is now."))
    except OperationOpenError:
        messages.error(request, _("Another import isn’t finished yet. Finish or cancel it first."))
    return to_import(found)


def _stage(found: ListImport) -> str:
    """What an import's page is about: progress, products, checked or result."""
    operation = found.operation
    if operation.phase in {phases.APPLY, phases.UNDO} and not operation.is_worked_off:
        return "result"
    if operation.state == OperationState.WAITING:
        return "products" if operation.phase == phases.READ else "checked"
    return "progress"
