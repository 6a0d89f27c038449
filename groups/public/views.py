"""What an invitation link opens: the group, what it brings, and one button; or why nobody can join by it."""

from datetime import datetime
from typing import Final

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Customer, SchedulePage
from accounts.public.pages import keep_private, page_or_404, render_page
from accounts.public.too_many import too_many_page
from bookwhen import limits
from bookwhen.limits import TooManyError
from groups.links.models import InvitationLink, JoinRequest, JoinState
from groups.links.queries import find_link
from groups.links.services import AlreadyInError, LinkClosedError, LinkFullError, is_in, join
from memberships.public.add_to_basket import ensure_customer
from memberships.public.benefits import load_benefits, upcoming_entries
from tickets.availability.facts import Person, identify_person

GONE: Final = 410
CONFLICT: Final = 409
OPEN: Final = "open"


@require_http_methods(["GET", "HEAD", "POST"])
def join_group(request: HttpRequest, page: str, invitation: str) -> HttpResponse:
    """Say what a link leads to; by POST, join. A link that was never made is not found."""
    now, found = timezone.now(), page_or_404(page)
    if (link := find_link(found.account, invitation)) is None:
        raise Http404
    who = identify_person(found.account, request.user)
    state = _state(link, who.customer, now=now)
    if request.method != "POST" or state != OPEN or not who.proved:
        if request.method == "POST" and not who.logged_in:
            return redirect_to_login(request.get_full_path())
        return _show(request, found, link, who, state, now=now)
    try:
        limits.count((limits.JOINS_PER_LOGIN, str(who.user)), now=now)
        return _join(request, found, link, who, now=now)
    except TooManyError as error:
        return too_many_page(request, error)


def _join(
    request: HttpRequest, page: SchedulePage, link: InvitationLink, who: Person, *, now: datetime
) -> HttpResponse:
    customer = ensure_customer(request, page, who)
    try:
        asked = join(link, customer, now=now)
    except AlreadyInError:
        asked = None
    except LinkFullError:
        return _show(request, page, link, who, "full", now=now, status=CONFLICT)
    except LinkClosedError:
        return _show(request, page, link, who, "closed", now=now, status=GONE)
    if asked and asked.state == JoinState.JOINED:
        messages.success(request, _("You’ve joined “%(group)s”.") % {"group": link.group.name})
    return redirect(request.get_full_path())


def _state(link: InvitationLink, customer: Customer | None, *, now: datetime) -> str:
    """What a link is to a visitor: they are in, have asked, came before, or can join; or nobody can."""
    if customer and is_in(link.group, customer, now=now):
        return "in"
    asked = JoinRequest.objects.filter(link=link, customer=customer).first() if customer else None
    if asked:
        return "left" if asked.state == JoinState.JOINED else str(asked.state)
    if link.stopped_at or link.is_over(now) or link.group.archived_at or not link.account.has_groups:
        return "closed"
    return "full" if link.is_full else OPEN


def _show(
    request: HttpRequest,
    page: SchedulePage,
    link: InvitationLink,
    who: Person,
    state: str,
    *,
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    is_member, is_told = state == "in", state not in {"closed", "full"}
    context = {
        "page": page,
        "link": link,
        "group": link.group,
        "who": who,
        "state": state,
        "benefits": load_benefits([link.group_id], member=is_member).get(link.group_id, []) if is_told else [],
        "ahead": upcoming_entries(link.group, page, member=is_member, now=now) if is_told else [],
    }
    status = GONE if state == "closed" else status
    return keep_private(render_page(request, "groups/public/join.html", context, account=page.account, status=status))
