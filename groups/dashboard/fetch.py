"""Fetching for the pages of groups: through the account, or not at all."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse

from accounts.access import OperatorRequest
from groups.models import BY_HAND, Group, Member, Standing


def fetch_group(request: OperatorRequest, pk: int) -> Group:
    """A group of the request's account, archived or not, carrying that account; else 404."""
    group = get_object_or_404(Group, account=request.account, pk=pk)
    group.account = request.account
    return group


def fetch_member(group: Group, pk: int) -> Member:
    """Somebody who is, or was, in a group, with their standings; else 404."""
    members = Member.objects.filter(group=group).select_related("customer").prefetch_related("standings")
    member = get_object_or_404(members, pk=pk)
    member.group = group
    return member


def search_term(request: OperatorRequest, name: str) -> str:
    """What was typed into a search box of the address, without what a database cannot look for."""
    return request.GET.get(name, "").replace("\x00", "").strip()


def query_id(request: OperatorRequest, name: str) -> int:
    """An id in the address; 0, which nothing has, where there is none that could be one."""
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < len(str(2**63)) else 0


def redirect_to_group(group: Group, part: str = "") -> HttpResponse:
    """Go to the group's page, perhaps to a part of it."""
    return redirect(group_url(group) + (f"#{part}" if part else ""))


def group_url(group: Group) -> str:
    """Where a group's page is."""
    return reverse("dashboard:group", kwargs={"account": group.account.slug, "pk": group.pk})


def dashboard_url(request: OperatorRequest, name: str, **kwargs: object) -> str:
    """Where a page of the dashboard is; empty while no such page exists."""
    try:
        return reverse(f"dashboard:{name}", kwargs={"account": request.account.slug, **kwargs})
    except NoReverseMatch:
        return ""


def manual_standing(member: Member, *, now: datetime) -> Standing | None:
    """The standing that the operator gave a member (with standings), if it holds now."""
    holding = [each for each in member.standings.all() if each.since <= now and (not each.until or now < each.until)]
    return next((each for each in holding if each.ground == BY_HAND), None)
