"""A long list that was pasted: it is added in the background, and its page says how far it is and what came of it."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final
from uuid import uuid4

from django.db.models import Func, IntegerField, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.operations import progress_context, refreshing
from groups.dashboard.forms import CustomersForm
from groups.models import Group, PastedList, PastedPart
from tickets.joining import begin_pasted

LISTED: Final = 20
"""How many pieces that named nobody are explained one by one."""
FROM: Final = "list"
"""In the query of *Add customers*: what a list left over stands in the box."""


def begin_long(request: OperatorRequest, group: Group, form: CustomersForm) -> HttpResponse:
    """Let workers add what was pasted, and show how far they are."""
    given = form.cleaned_data
    operation = begin_pasted(
        group,
        given["emails"],
        tell=given["tell"],
        who=request.user.email,
        key=given["key"] or uuid4(),
        now=form.now,
        until=form.until,
    )
    return redirect("dashboard:pasted_list", account=request.account.slug, pk=operation.pk)


@operator_view(MANAGE_CUSTOMERS)
def pasted_list(request: OperatorRequest, pk: int) -> HttpResponse:
    """A list that is being added, or was: how many were new, in the group already, and could not be read."""
    found = _fetch(request, pk)
    parts = PastedPart.objects.filter(account=request.account, pasted_list=found)
    counts = parts.filter(done_at__isnull=False).aggregate(
        new=Sum("new", default=0),
        already=Sum("already", default=0),
        repeated=Sum("repeated", default=0),
        left_over=Sum(Func("left_over", function="jsonb_array_length", output_field=IntegerField()), default=0),
    )
    context: dict[str, Any] = {
        "section": "groups",
        "group": found.group,
        "counts": counts,
        "left_over": list(islice(_left_over(found), LISTED)),
        "more": max(counts["left_over"] - LISTED, 0),
        "not_reached": parts.filter(done_at__isnull=True).exists() and not found.operation.is_open,
        "told": found.tell,
        **progress_context(request, found.operation),
    }
    page = render(request, "groups/dashboard/pasted_list.html", context)
    return refreshing(request, found.operation, page)


def left_over_text(request: OperatorRequest) -> str:
    """What a list (by its job, in the query) left over, a piece a line; nothing where none is named."""
    asked = request.GET.get(FROM, "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):  # noqa: PLR2004 - a number that a key can be
        return ""
    found = PastedList.objects.filter(account=request.account, operation=int(asked)).first()
    return "\n".join(piece for piece, _why in _left_over(found)) if found else ""


def _left_over(found: PastedList) -> Iterator[tuple[str, str]]:
    parts = PastedPart.objects.filter(account=found.account_id, pasted_list=found).exclude(left_over=[])
    for pieces in parts.order_by("number").values_list("left_over", flat=True).iterator(chunk_size=1):
        yield from pieces


def _fetch(request: OperatorRequest, pk: int) -> PastedList:
    lists = PastedList.objects.filter(account=request.account).select_related("operation", "group")
    found = get_object_or_404(lists, operation=pk)
    found.group.account = request.account
    return found
