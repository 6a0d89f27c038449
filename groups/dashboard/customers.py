"""Letting customers into a group and out of it, and the date their usage periods count from."""

from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, needs_standard, operator_view
from bookwhen.requests import takes_long_form
from groups.dashboard.add_customers import SESSION_READ, AddOutcome, add_pasted
from groups.dashboard.fetch import fetch_group, fetch_member, manual_standing, redirect_to_group
from groups.dashboard.forms import CustomersForm, RemoveForm, StartDateForm
from groups.dashboard.pasted import begin_long, left_over_text
from groups.models import BY_HAND, Group, Member
from groups.queries import ruling_standing
from groups.services import NotAMemberByHandError
from offers.services import move_anchor
from tickets.booking.membership_cancellation import cancellation_options_of_member
from tickets.booking.remove import Removal, remove_from_group
from tickets.joining import is_long
from tickets.queries import exclusive_seats_ahead


@takes_long_form
@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def customers_add(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Add customers*: takes the good addresses, keeps the others in the box (rule 8 of the pages)."""
    group = fetch_group(request, pk)
    if group.archived_at:
        return _resting(request, group)
    now, known = timezone.now(), {"emails": left_over_text(request)}
    form = CustomersForm(request.POST or None, initial=known, account=request.account, now=now)
    if request.method == "POST" and form.is_valid():
        if is_long(form.cleaned_data["emails"]):
            return begin_long(request, group, form)
        given = form.cleaned_data
        outcome = add_pasted(group, given["emails"], tell=given["tell"], now=now, until=form.until)
        messages.add_message(request, messages.SUCCESS if outcome.new else messages.INFO, outcome.sentence)
        if outcome.is_done:
            request.session[SESSION_READ] = outcome.read
            return redirect_to_group(group)
        return _left_over(request, form, outcome)
    context = {"section": "groups", "group": group, "form": form}
    return render(request, "groups/dashboard/customers_add.html", context, status=422 if form.errors else 200)


def _left_over(request: OperatorRequest, sent: CustomersForm, outcome: AddOutcome) -> HttpResponse:
    """Show who was read, and keep the rest of the text in the box."""
    given = sent.cleaned_data
    known = {"emails": outcome.pasted.left_over or given["emails"], "tell": given["tell"], "key": uuid4()}
    form = CustomersForm({**known, "last_day": given["last_day"] or ""}, account=request.account, now=sent.now)
    form.add_error("emails", outcome.complaints)
    context = {"section": "groups", "group": outcome.group, "form": form, "read": outcome.read}
    return render(request, "groups/dashboard/customers_add.html", context, status=422)


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
        "by_hand": manual_standing(found, now=now) is not None,
        "stays": ruling.ground != BY_HAND,
        "seats": list(exclusive_seats_ahead(found.customer, group, now=now)),
        "all_options": cancellation_options_of_member(found, now=now),
    }
    return render(request, "groups/dashboard/customer_remove.html", context)


@operator_view(MANAGE_CUSTOMERS)
def customer_start_date(request: OperatorRequest, pk: int, member: int) -> HttpResponse:
    """*Edit start date*: the day that the usage periods of somebody added by hand are counted from."""
    group, now = fetch_group(request, pk), timezone.now()
    found = fetch_member(group, member)
    standing = manual_standing(found, now=now)
    if standing is None:
        return _gone(request, found, now=now)
    form = StartDateForm(request.POST or None, initial={"anchor": standing.anchor})
    if request.method == "POST" and form.is_valid():
        move_anchor(found, form.cleaned_data["anchor"], now=now)
        messages.success(request, _("Start date changed"))
        return redirect_to_group(group, "customers")
    ruling = ruling_standing(list(found.standings.all()), now=now)
    context = {"section": "groups", "group": group, "member": found, "form": form, "ruling": ruling}
    return render(request, "groups/dashboard/start_date.html", context, status=422 if form.errors else 200)


def _remove(request: OperatorRequest, member: Member, *, cancel: bool, now: datetime) -> HttpResponse:
    try:
        left = remove_from_group(member, cancel=cancel, now=now)
    except NotAMemberByHandError:
        return _gone(request, member, now=now)
    messages.success(request, _farewell(member, left))
    return redirect_to_group(member.group, "customers")


def _farewell(member: Member, left: Removal) -> str:
    words = (
        _("You removed %(customer)s, but they’re still in the group through a membership.")
        if left.still_in_group
        else _("%(customer)s is no longer in the group.")
    ) % {"customer": member.customer}
    count = len(left.cancelled)
    if not count:
        return words
    cancelled = ngettext("%(count)d booked space was cancelled.", "%(count)d booked spaces were cancelled.", count)
    return f"{words} {cancelled % {'count': count}}"


def _gone(request: OperatorRequest, member: Member, *, now: datetime) -> HttpResponse:
    words = (
        _("%(customer)s is only in the group through a membership. To remove them, cancel their subscription.")
        if ruling_standing(list(member.standings.all()), now=now)
        else _("%(customer)s is no longer in the group. There’s nothing left to do.")
    )
    messages.info(request, words % {"customer": member.customer})
    return redirect_to_group(member.group, "customers")


def _resting(request: OperatorRequest, group: Group) -> HttpResponse:
    messages.info(request, _("This group is archived. Restore it to add customers or change its offers."))
    return redirect_to_group(group)
