"""*Background tasks*: every long job of the account, how far it is, and what can be done about it."""

from typing import Any, Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.exports import KEPT
from accounts.models import ExportFile, Operation, Role
from accounts.operations.kinds import kind_of, owners_kinds, phase_of
from accounts.operations.services import OperationOpenError, cancel_operation, retry_operation
from bookwhen.keyset import keyset_page

REFRESH_SECONDS: Final = 5
"""How often a page that shows progress loads itself again."""
OWN_PAGE: Final = "operation"
"""The page of a job that has no other: what it did is seen where it was begun."""
STILL: Final = "still"
"""In the query of such a page: it should not."""


@operator_view(MANAGE_CUSTOMERS)
def operations(request: OperatorRequest) -> HttpResponse:
    """All that runs or ran in the background, newest first."""
    page = keyset_page(operations_for(request), ("-created_at", "-pk"), request.GET)
    rows = [(each, operation_name(each)) for each in page]
    context = {"section": "settings", "operations": page, "rows": rows}
    return render(request, "accounts/dashboard/operations.html", context)


@operator_view(MANAGE_CUSTOMERS)
def operation(request: OperatorRequest, pk: int) -> HttpResponse:
    """One of them: its progress, or where to see what came of it."""
    found = _fetch(request, pk)
    file = ExportFile.objects.filter(account=request.account, operation=found).first()
    context = {"section": "settings", "name": operation_name(found), "file": file, "days": KEPT.days}
    context |= progress_context(request, found)
    return refreshing(request, found, render(request, "accounts/dashboard/operation.html", context))


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def operation_cancel(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Cancel*: what was done by then stays."""
    found = _fetch(request, pk)
    if stays := _why_it_stays(found):
        messages.error(request, stays)
    elif cancel_operation(found, now=timezone.now()):
        messages.success(request, _("Task cancelled"))
    else:
        messages.error(request, _("It’s already over, so there’s nothing to cancel."))
    return _to_page(request, found)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def operation_retry(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Try again now*, where it failed or waits for the next try."""
    found = _fetch(request, pk)
    try:
        retry_operation(found, now=timezone.now())
    except OperationOpenError:
        messages.error(request, _("Another task of this kind has begun since. Finish or cancel that one first."))
    return _to_page(request, found)


def operation_name(found: Operation) -> str:
    """What a long job is called."""
    kind = kind_of(found)
    return str(kind.label) if kind else found.kind


def progress_context(request: OperatorRequest, found: Operation) -> dict[str, Any]:
    """What `accounts/dashboard/_operation.html` reads: a long job, what is being done, and where to see it."""
    kind, phase = kind_of(found), phase_of(found)
    place = kind.leads_to(found) if kind else None
    return {
        "operation": found,
        "place": place,
        "place_url": dashboard_url(request, place.page, pk=place.pk) if place else "",
        "phase": phase.label if phase else found.phase,
        "result_url": dashboard_url(request, kind.page, pk=found.pk) if kind and kind.page != OWN_PAGE else "",
        "stays": _why_it_stays(found),
        "is_still": STILL in request.GET,
        "refresh_seconds": REFRESH_SECONDS,
    }


def refreshing(request: HttpRequest, found: Operation, answer: HttpResponse) -> HttpResponse:
    """The same page, which loads itself again while the job goes on and nobody stopped that."""
    if found.is_worked_off and STILL not in request.GET:
        answer["Refresh"] = str(REFRESH_SECONDS)
    return answer


def may_see(role: Role, *, owners_only: bool) -> bool:
    """Whether a role sees long jobs of a kind."""
    return role == Role.OWNER or not owners_only


def operations_for(request: OperatorRequest) -> QuerySet[Operation]:
    """The long jobs of the account that one's role sees."""
    found = request.account.operations.all()
    return found if may_see(request.role, owners_only=True) else found.exclude(kind__in=owners_kinds())


def _fetch(request: OperatorRequest, pk: int) -> Operation:
    return get_object_or_404(operations_for(request), pk=pk)


def _why_it_stays(found: Operation) -> str:
    """Why a long job that is not over cannot be cancelled; nothing where it can."""
    kind = kind_of(found)
    return str(kind.stays) if kind and found.is_open else ""


def _to_page(request: OperatorRequest, found: Operation) -> HttpResponse:
    kind = kind_of(found)
    return redirect(dashboard_url(request, kind.page if kind else "operation", pk=found.pk))
