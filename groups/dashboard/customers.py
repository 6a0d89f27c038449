"""Letting customers into a group and out of it, and the date their usage periods count from."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, needs_standard, operator_view
from groups.dashboard.add_customers import add
from groups.dashboard.fetch import by_hand, fetch_group, fetch_member, to_group
from groups.dashboard.forms import CustomersForm, RemoveForm, StartDateForm
from groups.models import BY_HAND, Group, Member
from groups.queries import ruling_standing
from groups.services import NotAMemberByHandError
from memberships.dashboard.cancellation_options import ways_through
from offers.services import move_anchor
from tickets.booking.remove import Left, remove_customer
from tickets.queries import exclusive_seats_ahead


@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def customers_add(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Add customers*: takes the good addresses, keeps the others in the box (rule 8 of the pages)."""
    group = fetch_group(request, pk)
    if group.archived_at:
        return _resting(request, group)
    form = CustomersForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        outcome = add(group, form.cleaned_data["emails"], tell=form.cleaned_data["tell"], now=timezone.now())
        messages.success(request, outcome.sentence)
        if not outcome.pasted.unreadable:
            return to_group(group, "customers")
        form = CustomersForm({"emails": outcome.left_over, "tell": form.cleaned_data["tell"]})
        form.add_error("emails", outcome.complaints)
    context = {"section": "groups", "group": group, "form": form}
    return render(request, "groups/dashboard/customers_add.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
def customer_remove(request: OperatorRequest, pk: int, member: int) -> HttpResponse:
    """*Remove customer*: their bookings stay or are cancelled; who is in by a membership is told the way."""
    group, now = fetch_group(request, pk), timezone.now()
    found = fetch_member(group, member)
    if request.method == "POST":
        return _remove(request, found, cancel=request.POST.get("bookings") == RemoveForm.CANCEL, now=now)
    ruling = ruling_standing(list(found.standings.all()), now=now)
    if ruling is None:
        return _gone(request, found, now=now)
    context = {
        "section": "groups",
        "group": group,
        "member": found,
        "form": RemoveForm(),
        "by_hand": by_hand(found, now=now) is not None,
        "stays": ruling.ground != BY_HAND,
        "seats": list(exclusive_seats_ahead(found.customer, group, now=now)),
        "all_ways": ways_through(found, now=now),
    }
    return render(request, "groups/dashboard/customer_remove.html", context)


@operator_view(MANAGE_CUSTOMERS)
def customer_start_date(request: OperatorRequest, pk: int, member: int) -> HttpResponse:
    """*Edit start date*: the day that the usage periods of somebody added by hand are counted from."""
    group, now = fetch_group(request, pk), timezone.now()
    found = fetch_member(group, member)
    standing = by_hand(found, now=now)
    if standing is None:
        return _gone(request, found, now=now)
    form = StartDateForm(request.POST or None, initial={"anchor": standing.anchor})
    if request.method == "POST" and form.is_valid():
        move_anchor(found, form.cleaned_data["anchor"], now=now)
        messages.success(request, _("Date changed"))
        return to_group(group, "customers")
    ruling = ruling_standing(list(found.standings.all()), now=now)
    context = {"section": "groups", "group": group, "member": found, "form": form, "ruling": ruling}
    return render(request, "groups/dashboard/start_date.html", context, status=422 if form.errors else 200)


def _remove(request: OperatorRequest, member: Member, *, cancel: bool, now: datetime) -> HttpResponse:
    try:
        left = remove_customer(member, cancel=cancel, now=now)
    except NotAMemberByHandError:
        return _gone(request, member, now=now)
    messages.success(request, _farewell(member, left))
    return to_group(member.group, "customers")


def _farewell(member: Member, left: Left) -> str:
    words = (
        _("You removed %(customer)s, but a membership still keeps them in the group.")
        if left.stays
        else _("%(customer)s is no longer in the group.")
    ) % {"customer": member.customer}
    count = len(left.cancelled)
    if not count:
        return words
    cancelled = ngettext("%(count)d booked place was cancelled.", "%(count)d booked places were cancelled.", count)
    return f"{words} {cancelled % {'count': count}}"


def _gone(request: OperatorRequest, member: Member, *, now: datetime) -> HttpResponse:
    words = (
        _("%(customer)s is in the group through a membership only. Their subscription decides when it ends.")
        if ruling_standing(list(member.standings.all()), now=now)
        else _("%(customer)s is not in the group any more. There is nothing left to do.")
    )
    messages.info(request, words % {"customer": member.customer})
    return to_group(member.group, "customers")


def _resting(request: OperatorRequest, group: Group) -> HttpResponse:
    messages.info(request, _("This group is archived. Restore it to add customers or change its offers."))
    return to_group(group)
