"""*Download CSV* beside a list: the file at once, or where it is long a page that asks first, and then a worker."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import OperatorRequest
from accounts.exports import KEPT
from accounts.models import Operation
from bookwhen.forms import IdempotentForm
from tickets.dashboard.csv_export import csv_response
from tickets.dashboard.exports.kinds import Asked, ExportList
from tickets.dashboard.exports.writing import begin_list, rows_of

AT_ONCE: Final = 1000
"""How many rows are sent at once: within a second or two."""


def send_list(
    request: OperatorRequest, each: ExportList, given: Mapping[str, Any], frame: Mapping[str, Any]
) -> HttpResponseBase:
    """The file; where it is long, `frame` says which page asks first (`section`, `back_url`, `back`)."""
    if request.method == "POST":
        return begin(request, each, given)
    asked = Asked(request.account, given, timezone.now())
    if each.found(asked).values_list("pk", flat=True)[: AT_ONCE + 1].count() > AT_ONCE:
        context = {"list": each, "form": IdempotentForm(auto_id=False), "days": KEPT.days, **frame}
        return render(request, "tickets/dashboard/export_ask.html", context)
    rows = rows_of(each, asked, language=get_language())
    return csv_response(request.account, each.file_name(asked), each.head(asked), rows)


def begin(request: OperatorRequest, each: ExportList, given: Mapping[str, Any]) -> HttpResponse:
    """Let a worker write the file, and show how far it is; sent twice, it is written once."""
    return begun(request, *begin_list(each, request.account, given, who=request.user.email, key=sent_key(request)))


def begun(request: OperatorRequest, found: Operation, is_ours: bool) -> HttpResponse:  # noqa: FBT001 - what begin_… say
    """Go to the page of a file that is being made; where it is another than was asked for, that is said."""
    if not is_ours:
        messages.info(request, _("This file is being made already. Download or cancel it, then ask for another one."))
    return redirect("dashboard:operation", account=request.account.slug, pk=found.pk)


def sent_key(request: OperatorRequest) -> UUID:
    """The idempotency key of a form."""
    sent = IdempotentForm(request.POST)
    key: UUID = sent.cleaned_data["key"] if sent.is_valid() else uuid4()
    return key
