"""Fetching for the pages of groups: through the account, or not at all."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.access import OperatorRequest
from groups.models import BY_HAND, Group, Member, Standing
from groups.queries import standings_now


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


def redirect_to_group(group: Group, tab: str = "") -> HttpResponse:
    """Go to the group's page, or to one of its tabs."""
    return redirect(f"dashboard:group_{tab}" if tab else "dashboard:group", account=group.account.slug, pk=group.pk)


def manual_standing(member: Member, *, now: datetime) -> Standing | None:
    """The standing that the operator gave a member (with standings), if it holds now."""
    holding = standings_now(member.standings.all(), now=now)
    return next((each for each in holding if each.ground == BY_HAND), None)
