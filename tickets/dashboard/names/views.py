"""Leaders, locations and tags: listed, added and renamed, put away and brought back, deleted."""

from typing import Any, Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_SCHEDULE, OperatorRequest, operator_view
from accounts.dashboard.deletion import deletes_once, deletion_key
from bookwhen.db import is_named
from bookwhen.forms import ModelForm
from bookwhen.keyset import keyset_page
from tickets.dashboard.names.kinds import KINDS, Kind
from tickets.models import Leader, Location
from tickets.schedule.moving import Told
from tickets.schedule.names import (
    NameInUseError,
    NameTakenError,
    StaffTakenError,
    archive_named,
    delete_named,
    restore_named,
    save_named,
)
from tickets.schedule.relocating import change_location

BY_NAME: Final = ("folded", "pk")
REFUSED: Final = 409


@operator_view(MANAGE_SCHEDULE)
def names(request: OperatorRequest, kind: Kind, *, archived: bool = False) -> HttpResponse:
    """All that are in use, or the archived ones."""
    found: QuerySet[Any] = QuerySet(kind.model).filter(account=request.account)
    if kind.model is Leader:
        found = found.select_related("staff__user")
    listed = keyset_page(found.filter(archived_at__isnull=not archived), BY_NAME, request.GET)
    for row in listed:
        row.account = request.account
    others = found.filter(archived_at__isnull=archived).exists()
    context = _context(request, kind) | {"names": listed, "archived": archived, "others": others}
    return render(request, "tickets/dashboard/names.html", context)


@operator_view(MANAGE_SCHEDULE)
def name_new(request: OperatorRequest, kind: Kind) -> HttpResponse:
    """Add one."""
    return _form_page(request, kind, kind.model(account=request.account))


@operator_view(MANAGE_SCHEDULE)
def name_edit(request: OperatorRequest, kind: Kind, pk: int) -> HttpResponse:
    """Rename one, or say more of it."""
    return _form_page(request, kind, _fetch(request, kind, pk))


@operator_view(MANAGE_SCHEDULE)
@require_POST
def name_archive(request: OperatorRequest, kind: Kind, pk: int) -> HttpResponse:
    """Put one away."""
    archive_named(_fetch(request, kind, pk), now=timezone.now())
    messages.success(request, _("Archived"))
    return redirect(kind.url(request.account))


@operator_view(MANAGE_SCHEDULE)
@require_POST
def name_restore(request: OperatorRequest, kind: Kind, pk: int) -> HttpResponse:
    """Bring one back."""
    restore_named(_fetch(request, kind, pk))
    messages.success(request, _("Restored"))
    return redirect(kind.url(request.account))


def _name_delete(request: OperatorRequest, kind: Kind, pk: int) -> HttpResponse:
    """Delete one that no entry names; another one can be archived."""
    row = _fetch(request, kind, pk)
    if request.method == "POST":
        try:
            delete_named(row)
        except NameInUseError:
            return _delete_page(request, kind, row, is_used=True)
        messages.success(request, _("Deleted"))
        return redirect(kind.url(request.account))
    return _delete_page(request, kind, row, is_used=is_named(row))


DELETIONS: Final = {
    kind: operator_view(MANAGE_SCHEDULE)(deletes_once(then=kind.folder)(_name_delete)) for kind in KINDS
}
"""The page that deletes one, for each kind: sent again, its form leads back to that kind's list."""


def _form_page(request: OperatorRequest, kind: Kind, row: Any) -> HttpResponse:  # noqa: ANN401 - of the kind's model
    title = str(row.name)
    form = kind.form(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            told = _save(request, form, row)
        except NameTakenError:
            form.add_error("name", _("Choose another name. You already have one called this. It may be archived."))
        except StaffTakenError:
            form.add_error("staff", _("Choose somebody else. Another leader is already this team member."))
        else:
            messages.success(request, _saved(told))
            return redirect(kind.url(request.account))
    context = _context(request, kind) | {"form": form, "row": row, "title": title}
    return render(request, "tickets/dashboard/name_form.html", context, status=422 if form.errors else 200)


def _save(request: OperatorRequest, form: ModelForm[Any], row: Any) -> Told:  # noqa: ANN401 - of the kind's model
    """Save it, and tell everybody booked at a location what it says now, unless the form says not to."""
    now = timezone.now()
    if isinstance(row, Location) and row.pk:
        return change_location(row, tell=form.cleaned_data["tell"], who=request.user.email, now=now)
    save_named(row, now=now)
    return Told()


def _saved(told: Told) -> str:
    if not told.people:
        return _("Saved")
    words = ngettext(
        "Saved. We’re emailing %(count)d customer.", "Saved. We’re emailing %(count)d customers.", told.people
    )
    return words % {"count": told.people}


def _delete_page(request: OperatorRequest, kind: Kind, row: Any, *, is_used: bool) -> HttpResponse:  # noqa: ANN401
    context = _context(request, kind) | {"row": row, "is_used": is_used, "key": deletion_key(request)}
    is_refused = request.method == "POST" and is_used
    return render(request, "tickets/dashboard/name_delete.html", context, status=REFUSED if is_refused else 200)


def _context(request: OperatorRequest, kind: Kind) -> dict[str, Any]:
    account = request.account
    tabs = [(each.texts(account).many, each.url(account), each is kind) for each in KINDS]
    urls = {"list_url": kind.url(account), "archived_url": kind.url(account, "archived")}
    urls["new_url"] = kind.url(account, "new")
    return {"section": "schedule", "kind": kind, "texts": kind.texts(account), "tabs": tabs, **urls}


def _fetch(request: OperatorRequest, kind: Kind, pk: int) -> Any:  # noqa: ANN401 - of the kind's model
    row: Any = get_object_or_404(kind.model, account=request.account, pk=pk)
    row.account = request.account
    return row
