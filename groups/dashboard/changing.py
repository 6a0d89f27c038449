"""Changing many customers of a group at once: what will happen, what came of it, and a way back."""

from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view, upgrade_page
from accounts.dashboard.operations import progress_context, refreshing
from bookwhen.counts import MOST, CappedCount, capped_count
from groups.dashboard.chosen import ChosenMembers, chosen_members
from groups.dashboard.fetch import fetch_group, redirect_to_group
from groups.dashboard.member_forms import (
    AddToGroupForm,
    ChangeForm,
    InviteForm,
    LastDayForm,
    RemoveManyForm,
    StartDatesForm,
)
from groups.models import BY_HAND, Group, Member, MemberChange, MemberChangeKind, Standing
from tickets.inviting import preview_members
from tickets.member_changes import begin_change, changes_of, undo_change
from tickets.queries import exclusive_seats_ahead_of

EXPORT: Final = "export"
MESSAGE: Final = "message"
NAMED: Final = 10
"""How many of the customers are named one by one."""
FORMS: Final[dict[MemberChangeKind, type[ChangeForm]]] = {
    MemberChangeKind.REMOVE: RemoveManyForm,
    MemberChangeKind.START_DATE: StartDatesForm,
    MemberChangeKind.ADD_TO_GROUP: AddToGroupForm,
    MemberChangeKind.LAST_DAY: LastDayForm,
    MemberChangeKind.INVITE: InviteForm,
}
OPEN_TO_ALL: Final = frozenset({MemberChangeKind.REMOVE, MemberChangeKind.LAST_DAY, MemberChangeKind.INVITE})
"""What can be done on every plan: it makes no new members."""


@operator_view(MANAGE_CUSTOMERS)
def members_change(request: OperatorRequest, pk: int) -> HttpResponse:
    """Whom it is about and what will happen; then it is done."""
    group, now = fetch_group(request, pk), timezone.now()
    sent = request.POST if request.method == "POST" else request.GET
    chosen = chosen_members(group, sent)
    if sent.get("action") == EXPORT:
        csv = redirect("dashboard:group_customers_csv", account=request.account.slug, pk=pk)
        csv["Location"] += f"?{chosen.query}"
        return csv
    if sent.get("action") == MESSAGE:
        new = redirect("dashboard:message_new", account=request.account.slug)
        new["Location"] += f"?to=group&group={pk}&{chosen.query}"
        return new
    kind = next((each for each in MemberChangeKind if each == sent.get("action")), None)
    found = chosen.found(now=now)
    if kind is None or not found.exists():
        messages.info(request, _nobody_text(kind, chosen))
        return redirect_to_group(group, "customers")
    if kind not in OPEN_TO_ALL and not request.account.has_groups:
        return upgrade_page(request)
    form = FORMS[kind](request.POST if request.method == "POST" else None, group=group, now=now)
    if request.method == "POST" and not form.is_looking() and form.is_valid():
        return _begin(request, group, found, form, now=now)
    known = {"section": "groups", "group": group, "chosen": chosen, "form": form, "kind": kind}
    if kind == MemberChangeKind.INVITE:
        context = known | {"preview": preview_members(request.account, found, now=now)}
        return render(request, "groups/dashboard/members_invite.html", context, status=422 if form.errors else 200)
    context = known | _consequences(group, found, now=now)
    return render(request, "groups/dashboard/members_change.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
def member_change(request: OperatorRequest, pk: int) -> HttpResponse:
    """What came of it, how far it is where it takes long, and *Undo*."""
    change = _fetch(request, pk)
    context = {"section": "groups", "group": change.group, "change": change}
    if not change.operation:
        return render(request, "groups/dashboard/member_change.html", context)
    context |= progress_context(request, change.operation)
    return refreshing(request, change.operation, render(request, "groups/dashboard/member_change.html", context))


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def member_change_undo(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Undo*: everyone is as before, if nobody changed them since."""
    change = _fetch(request, pk)
    undo_change(change, who=request.user.email, now=timezone.now())
    return _to_change(request, change)


def _nobody_text(kind: MemberChangeKind | None, chosen: ChosenMembers) -> str:
    if kind == MemberChangeKind.INVITE and chosen.unseen:
        return _("Everyone in this group has logged in.")
    return _("Choose at least one customer, and what to do.")


def _begin(
    request: OperatorRequest, group: Group, found: QuerySet[Member], form: ChangeForm, *, now: datetime
) -> HttpResponse:
    key = form.cleaned_data["key"]
    return _to_change(request, begin_change(group, found, form.wanted(), who=request.user.email, key=key, now=now))


def _consequences(group: Group, found: QuerySet[Member], *, now: datetime) -> dict[str, Any]:
    """What the page says of them; of very many, that there are more."""
    by_hand = Standing.objects.at(now).filter(member__in=found.order_by().values("pk"), ground=BY_HAND)
    seats = exclusive_seats_ahead_of(found.order_by().values("customer"), group, now=now)
    return {
        "count": capped_count(found),
        "named": list(found[:NAMED]),
        "by_hand": capped_count(by_hand),
        "seats": CappedCount(seats.order_by().values("pk")[: MOST + 1].count()),
    }


def _fetch(request: OperatorRequest, pk: int) -> MemberChange:
    return get_object_or_404(changes_of(request.account), pk=pk)


def _to_change(request: OperatorRequest, change: MemberChange) -> HttpResponse:
    return redirect("dashboard:member_change", account=request.account.slug, pk=change.pk)
