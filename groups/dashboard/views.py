"""The list of customer groups, and what is done to one as a whole."""

from contextlib import suppress
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, needs_standard, operator_view, upgrade_page
from accounts.dashboard.deletion import deletes_once, deletion_key
from bookwhen.keyset import keyset_page
from groups.catalogue import (
    GroupInUseError,
    GroupSoldError,
    archive_group,
    create_group,
    delete_group,
    edit_group,
    is_in_use,
    restore_group,
)
from groups.dashboard.fetch import fetch_group, redirect_to_group
from groups.dashboard.forms import GroupForm, NewGroupForm
from groups.links.queries import groups_asked_for
from groups.models import Group
from groups.queries import BY_NAME, groups_of, with_member_counts
from memberships.queries import memberships_of, memberships_using
from tickets.schedule.exclusive_tickets import exclusive_tickets_with_entries, tally_group, tally_groups
from tickets.schedule.offers_summary import LISTED

REFUSED: Final = 409


@operator_view(MANAGE_CUSTOMERS)
def groups(request: OperatorRequest, *, archived: bool = False) -> HttpResponse:
    """*Customer groups*: those in use, or the archived ones."""
    found = groups_of(request.account, archived=archived)
    listed = keyset_page(with_member_counts(found, now=timezone.now()), BY_NAME, request.GET)
    others = groups_of(request.account, archived=not archived).exists()
    if not listed and not others and not request.account.has_groups:
        return upgrade_page(request)
    tallies = tally_groups(request.account, listed)
    rows = [(group, tallies[group.pk]) for group in listed if group.pk in tallies]
    context = {"section": "groups", "rows": rows, "groups": listed, "archived": archived, "others": others}
    context |= {"asked_for": groups_asked_for(request.account, listed)}
    return render(request, "groups/dashboard/groups.html", context)


@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def group_new(request: OperatorRequest) -> HttpResponse:
    """*Create a new group*."""
    form = NewGroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = create_group(request.account, **form.cleaned_data)
        messages.success(request, _("Group created"))
        return redirect_to_group(made)
    context = {"section": "groups", "form": form}
    return render(request, "groups/dashboard/group_form.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def group_edit(request: OperatorRequest, pk: int) -> HttpResponse:
    """Change a group's name and description."""
    found = fetch_group(request, pk)
    name = found.name
    form = GroupForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        edit_group(found, **form.cleaned_data)
        messages.success(request, _("Group saved"))
        return redirect_to_group(found)
    context = {"section": "groups", "form": form, "group": found, "name": name}
    return render(request, "groups/dashboard/group_form.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
def group_archive(request: OperatorRequest, pk: int) -> HttpResponse:
    """Put a group to rest, after showing which exclusive tickets that affects; not while a membership sells it."""
    found, now = fetch_group(request, pk), timezone.now()
    if request.method == "POST":
        with suppress(GroupSoldError):
            archive_group(found, now=now)
            messages.success(request, _("Group archived"))
            return redirect_to_group(found)
    if found.archived_at:
        return redirect_to_group(found)
    context = {
        "section": "groups",
        "group": found,
        "tickets": exclusive_tickets_with_entries(found, now=now)[:LISTED],
        "tally": tally_group(found),
        "sold": memberships_of(request.account).filter(pk__in=memberships_using(found)),
    }
    status = REFUSED if request.method == "POST" else 200
    return render(request, "groups/dashboard/archive.html", context, status=status)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
@needs_standard
def group_restore(request: OperatorRequest, pk: int) -> HttpResponse:
    """Bring an archived group back."""
    found = fetch_group(request, pk)
    restore_group(found)
    messages.success(request, _("Group restored"))
    return redirect_to_group(found)


@operator_view(MANAGE_CUSTOMERS)
@deletes_once(then="groups")
def group_delete(request: OperatorRequest, pk: int) -> HttpResponse:
    """Delete a group that nothing names; any other is offered to the archive."""
    found = fetch_group(request, pk)
    if request.method == "POST":
        return _delete(request, found)
    context = {"section": "groups", "group": found, "in_use": is_in_use(found), "key": deletion_key(request)}
    return render(request, "groups/dashboard/delete.html", context)


def _delete(request: OperatorRequest, group: Group) -> HttpResponse:
    try:
        delete_group(group)
    except GroupInUseError:
        messages.error(
            request, _("You can’t delete a group that has been used. Archive it instead. You can restore it later.")
        )
        return redirect_to_group(group)
    messages.success(request, _("Group deleted"))
    return redirect("dashboard:groups", account=request.account.slug)
