"""What is done with a customer's groups from their page: added, perhaps until a day; that day changed; extra uses."""

from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, needs_standard, operator_view
from accounts.models import Account
from bookwhen.dates import last_day
from bookwhen.forms import IdempotentForm
from groups.dashboard.fetch import manual_standing
from groups.dashboard.forms import UntilForm
from groups.models import Group, Member
from groups.queries import groups_of
from groups.services import NotAMemberByHandError, set_end
from offers.extra import (
    MOST,
    CannotGiveError,
    ExtraUsedError,
    Gift,
    MemberGoneError,
    give_extra_uses,
    take_back_extra_uses,
)
from offers.models import ExtraUses, Offer
from offers.periods import local_day
from tickets.dashboard.people.fetch import fetch_customer, fetch_member_of, redirect_to_customer
from tickets.joining import add_known_and_tell

REFUSED: Final = 422


class AddToGroupForm(UntilForm):
    """A group that a customer is added to."""

    field_order = ("group", "last_day", "tell")
    group = forms.ModelChoiceField(Group.objects.none(), label=gettext_lazy("Group"))
    tell = forms.BooleanField(
        label=gettext_lazy("Email them how to log in"),
        required=False,
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, account=account, **kwargs)
        self.field_as("group", forms.ModelChoiceField).queryset = groups_of(account)


class EndForm(UntilForm):
    """When somebody's time in a group ends."""


class ExtraUsesForm(IdempotentForm):
    """Extra uses, and why."""

    count = forms.IntegerField(label=gettext_lazy("How many"), min_value=1, max_value=MOST, initial=1)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, help_text=gettext_lazy("Your team sees this in the history.")
    )
    on = forms.DateField(
        label=gettext_lazy("For the usage period of"),
        help_text=gettext_lazy("They can be used in the usage period that this day is in."),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, initial={"on": today, "count": 1}, **kwargs)
        self.today = today

    def clean_on(self) -> date:
        """Refuse a day that is over: nobody can book it any more."""
        day: date = self.cleaned_data["on"]
        if day < self.today:
            raise forms.ValidationError(_("Choose today or a later day"), code="over")
        return day


@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def customer_group_add(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Add to group*, perhaps until a day: a trial week, or what somebody paid for in cash."""
    found, now = fetch_customer(request, pk), timezone.now()
    form = AddToGroupForm(request.POST or None, account=request.account, now=now)
    if request.method == "POST" and form.is_valid():
        group: Group = form.cleaned_data["group"]
        group.account = request.account
        add_known_and_tell(group, [found], tell=form.cleaned_data["tell"], now=now, until=form.until)
        messages.success(request, _("%(customer)s is in “%(group)s”") % {"customer": found, "group": group})
        return redirect_to_customer(found, "groups")
    context = {"section": "customers", "customer": found, "form": form, "groups": groups_of(request.account).exists()}
    return render(request, "tickets/dashboard/customer_group.html", context, status=REFUSED if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
def customer_group_end(request: OperatorRequest, pk: int, member: int) -> HttpResponse:
    """*Change last day* of somebody who was added by hand."""
    found, now = fetch_customer(request, pk), timezone.now()
    their = fetch_member_of(found, member)
    standing = manual_standing(their, now=now)
    if standing is None:
        return _not_by_hand(request, their)
    known = {"last_day": standing.until and last_day(standing.until, request.account.zone)}
    form = EndForm(request.POST if request.method == "POST" else None, initial=known, account=request.account, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            set_end(their, form.until, now=now)
        except NotAMemberByHandError:
            return _not_by_hand(request, their)
        messages.success(request, _end_text(form.cleaned_data["last_day"]))
        return redirect_to_customer(found, "groups")
    context = {"section": "customers", "customer": found, "member": their, "form": form}
    return render(request, "tickets/dashboard/customer_end.html", context, status=REFUSED if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def customer_uses(request: OperatorRequest, pk: int, member: int, offer: int) -> HttpResponse:
    """*Give extra uses* of one offer, with a reason."""
    found, now = fetch_customer(request, pk), timezone.now()
    their = fetch_member_of(found, member)
    limited = get_object_or_404(Offer.objects.enabled(), account=request.account, group=their.group_id, pk=offer)
    form = ExtraUsesForm(request.POST or None, today=local_day(now, request.account.zone))
    if request.method == "POST" and form.is_valid() and _give(request, limited, their, form, now=now):
        messages.success(request, _("Extra uses given"))
        return redirect_to_customer(found, "groups")
    context = {"section": "customers", "customer": found, "member": their, "offer": limited, "form": form}
    return render(request, "tickets/dashboard/customer_uses.html", context, status=REFUSED if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def customer_uses_take_back(request: OperatorRequest, pk: int, extra: int) -> HttpResponse:
    """Take extra uses back, unless they are used."""
    found = fetch_customer(request, pk)
    given = get_object_or_404(ExtraUses, account=request.account, member__customer=found, pk=extra)
    try:
        take_back_extra_uses(given, now=timezone.now())
    except ExtraUsedError:
        messages.error(request, _("They’ve already booked with these. Cancel a booking first, then take them back."))
    else:
        messages.success(request, _("Extra uses taken back"))
    return redirect_to_customer(found, "groups")


def _give(request: OperatorRequest, offer: Offer, member: Member, form: ExtraUsesForm, *, now: datetime) -> bool:
    given = form.cleaned_data
    gift = Gift(count=given["count"], reason=given["reason"], on=given["on"], key=given["key"])
    try:
        give_extra_uses(offer, member, gift, now=now)
    except (CannotGiveError, MemberGoneError):
        # Who was merged into another at this instant leads on to that one (MovedError), who gets nothing unseen.
        fetch_customer(request, member.customer_id)
        form.add_error(None, _("They’re not in this group any more, or the offer has changed. Check their groups."))
        return False
    return True


def _end_text(day: date | None) -> str:
    if day is None:
        return _("They’re in the group without an end")
    return _("They’re in the group until the end of %(day)s") % {"day": date_format(day, "j F Y")}


def _not_by_hand(request: OperatorRequest, member: Member) -> HttpResponse:
    messages.info(
        request, _("They’re not in “%(group)s” by hand, so there’s no last day to change.") % {"group": member.group}
    )
    return redirect_to_customer(member.customer, "groups")
