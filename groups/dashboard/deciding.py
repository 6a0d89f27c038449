"""Approving and declining those who ask to join a group: one, or all that were ticked."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, needs_standard, operator_view
from accounts.dashboard.query import as_id
from groups.dashboard.fetch import fetch_group, redirect_to_group
from groups.links.models import JoinRequest
from groups.links.services import LinkClosedError, LinkFullError, accept, decline
from groups.models import Group

MOST = 50
"""How many are decided at once: as many as the page shows."""


@operator_view(MANAGE_CUSTOMERS)
@require_POST
@needs_standard
def group_link_decide(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Approve* or *Decline*: the button of one of them, or that below the list for those who are ticked."""
    group, now = fetch_group(request, pk), timezone.now()
    one_in, one_out = (as_id(request.POST.get(name, "")) for name in ("accept", "decline"))
    if one_in or one_out:
        wanted, accepts = {one_in or one_out}, bool(one_in)
    else:
        wanted, accepts = {as_id(each) for each in request.POST.getlist("request")}, "accept_all" in request.POST
    asked = _asked(group, sorted(wanted)[:MOST])
    if accepts:
        _accept(request, asked, now=now)
    else:
        _decline(request, asked, now=now)
    return redirect_to_group(group, "link")


def _accept(request: OperatorRequest, asked: list[JoinRequest], *, now: datetime) -> None:
    done = 0
    for each in asked:
        try:
            done += accept(each, now=now)
        except LinkFullError:
            said = _("The link’s limit of %(count)d is reached. Raise it, then approve the others.")
            messages.error(request, said % {"count": each.link.most})
            break
        except LinkClosedError:
            messages.error(request, _("This group is archived. Restore it first."))
            break
    if done:
        text = ngettext("%(count)d person was approved.", "%(count)d people were approved.", done) % {"count": done}
        messages.success(request, text + " " + _("We’ve emailed them."))


def _decline(request: OperatorRequest, asked: list[JoinRequest], *, now: datetime) -> None:
    done = sum(decline(each, now=now) for each in asked)
    if done:
        text = ngettext("%(count)d person was declined.", "%(count)d people were declined.", done) % {"count": done}
        messages.success(request, text + " " + _("We’ve emailed them."))


def _asked(group: Group, wanted: list[int]) -> list[JoinRequest]:
    found = JoinRequest.objects.filter(account=group.account_id, group=group, pk__in=wanted).order_by("pk")
    asked = list(found.select_related("customer", "link"))
    for each in asked:
        each.group = each.link.group = group
        each.link.account = each.customer.account = group.account
    return asked
