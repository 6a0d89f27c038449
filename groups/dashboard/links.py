"""A group's invitation link: making, changing and stopping it, who came by it, and those who ask to join."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, needs_standard, operator_view
from accounts.public.pages import keep_private
from bookwhen.forms import IdempotentForm
from bookwhen.keyset import keyset_page
from groups.dashboard.fetch import fetch_group, redirect_to_group
from groups.dashboard.link_forms import LinkForm
from groups.dashboard.tabs import group_context
from groups.links.models import InvitationLink, JoinState
from groups.links.queries import requests_of, working_link
from groups.links.services import (
    LinkClosedError,
    LinkTakenError,
    TooFewError,
    change_link,
    make_link,
    renew_link,
    stop_link,
)
from groups.locks import GroupArchivedError
from groups.models import Group
from tickets.public.booking.code import draw_code

ASKING: Final = 50
"""How many of those who ask are shown: who asked first comes first."""
INVALID: Final = 422


@operator_view(MANAGE_CUSTOMERS)
def group_link(request: OperatorRequest, pk: int) -> HttpResponse:
    """The link, those who ask to join, and who came by it."""
    found, now = fetch_group(request, pk), timezone.now()
    link, declined = working_link(found), request.GET.get("show") == JoinState.DECLINED
    asking = list(requests_of(found, JoinState.WAITING).order_by("pk")[: ASKING + 1])
    came = requests_of(found, JoinState.DECLINED if declined else JoinState.JOINED)
    context = group_context(request, found, "link", now=now) | {
        "link": link,
        "address": _address(found, link) if link else "",
        "is_over": link is not None and link.is_over(now),
        "renewal": IdempotentForm(),
        "asking": asking[:ASKING],
        "more_asking": len(asking) > ASKING,
        "came": keyset_page(came, ["-pk"], request.GET),
        "declined": declined,
    }
    return render(request, "groups/dashboard/link.html", context)


@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def group_link_edit(request: OperatorRequest, pk: int) -> HttpResponse:
    """Make a group's link, or change what it has."""
    found, now = fetch_group(request, pk), timezone.now()
    if found.archived_at:
        return redirect_to_group(found, "link")
    link = _working(found)
    form = LinkForm(request.POST if request.method == "POST" else None, account=request.account, link=link, now=now)
    if request.method == "POST" and form.is_valid() and _save(request, found, link, form, now=now):
        return redirect_to_group(found, "link")
    context = {"section": "groups", "group": found, "form": form, "link": link}
    return render(request, "groups/dashboard/link_form.html", context, status=INVALID if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def group_link_stop(request: OperatorRequest, pk: int) -> HttpResponse:
    """Stop a group's link: nobody joins by it from now on."""
    found = fetch_group(request, pk)
    if link := _working(found):
        stop_link(link, now=timezone.now())
        messages.success(request, _("Link stopped. Nobody can join with it any more."))
    return redirect_to_group(found, "link")


@operator_view(MANAGE_CUSTOMERS)
@require_POST
@needs_standard
def group_link_renew(request: OperatorRequest, pk: int) -> HttpResponse:
    """*New link*: the old one stops working at once."""
    found, form = fetch_group(request, pk), IdempotentForm(request.POST)
    if form.is_valid():
        try:
            renew_link(found, key=form.cleaned_data["key"], now=timezone.now())
            messages.success(request, _("New link created. The old one doesn’t work any more."))
        except (LinkClosedError, LinkTakenError, GroupArchivedError):
            messages.info(request, _("This link was stopped meanwhile."))
    return redirect_to_group(found, "link")


@operator_view(MANAGE_CUSTOMERS)
def group_link_code(request: OperatorRequest, pk: int) -> HttpResponse:
    """The link as a QR code, to print or to show."""
    found = fetch_group(request, pk)
    if (link := _working(found)) is None or not (address := _address(found, link)):
        raise Http404
    return keep_private(HttpResponse(draw_code(address), content_type="image/svg+xml"))


def _save(
    request: OperatorRequest, group: Group, link: InvitationLink | None, form: LinkForm, *, now: datetime
) -> bool:
    """Whether it was saved; else the form says why not."""
    try:
        if link is None:
            make_link(group, form.terms(), key=form.cleaned_data["key"], now=now)
            messages.success(request, _("Link created. Copy it, or show its code."))
        else:
            change_link(link, form.terms())
            messages.success(request, _("Link saved"))
    except TooFewError as error:
        said = _("Enter %(count)d or more: that’s how many have joined with it already")
        form.add_error("most", said % {"count": error.joined})
        return False
    except (LinkTakenError, LinkClosedError, GroupArchivedError):
        messages.info(request, _("Someone on your team changed this link meanwhile. Here’s how it is now."))
    return True


def _working(group: Group) -> InvitationLink | None:
    link = working_link(group)
    if link is not None:
        link.group = group
    return link


def _address(group: Group, link: InvitationLink) -> str:
    """What people open: on the account's first page; nothing where it has none."""
    page = group.account.pages.first()
    if page is None:
        return ""
    return settings.SITE_URL + reverse("public:join_group", kwargs={"page": page.slug, "invitation": link.token})
