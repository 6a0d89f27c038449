"""A group’s pages: what it has at a glance, and each of its lists on a page of its own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.query import search_term
from bookwhen.counts import CappedCount
from bookwhen.keyset import keyset_page
from groups.dashboard.add_customers import pop_read
from groups.dashboard.chosen import is_unseen
from groups.dashboard.fetch import fetch_group
from groups.dashboard.member_table import draw_members
from groups.dashboard.members import member_rows, page_of_members
from groups.dashboard.offer_tables import draw_offers, draw_tickets
from groups.links.queries import count_waiting
from groups.models import Group
from groups.queries import count_members
from memberships.models import Membership
from memberships.queries import memberships_of
from offers.queries import offers_of
from tickets.member_changes import newest_change
from tickets.schedule.exclusive_tickets import GroupTally, exclusive_tickets_with_entries, tally_group
from tickets.schedule.offers_summary import OffersSummary, exclusive_ticket_rows, summarise_offers

GLANCED: Final = 10
"""How many customers the first page of a group shows: the newest."""
OF_CUSTOMERS: Final = ("q", "after", "before")
"""What in the query of an address is for the list of customers, which once was on the first page."""


@dataclass(frozen=True, slots=True)
class GroupTabs:
    """How much stands behind each tab."""

    customers: CappedCount
    tally: GroupTally
    memberships: list[Membership]
    asking: CappedCount
    """Who asks to join by the invitation link."""


def group_context(
    request: OperatorRequest, group: Group, tab: str, *, tally: GroupTally | None = None, now: datetime
) -> dict[str, Any]:
    """What each of a group's pages knows."""
    may_change = request.account.has_groups and group.archived_at is None
    sold = list(memberships_of(group.account).filter(group=group))
    tabs = GroupTabs(count_members(group, now=now), tally or tally_group(group), sold, count_waiting(group))
    return {"section": "groups", "group": group, "tab": tab, "tabs": tabs, "may_change": may_change}


@operator_view(MANAGE_CUSTOMERS)
def group(request: OperatorRequest, pk: int) -> HttpResponse:
    """A group at a glance: its newest customers, its offers, and the exclusive tickets it opens."""
    found, now = fetch_group(request, pk), timezone.now()
    if any(name in request.GET for name in OF_CUSTOMERS):
        customers = redirect("dashboard:group_customers", account=request.account.slug, pk=pk)
        customers["Location"] += f"?{request.GET.urlencode()}"
        return customers
    members = page_of_members(found, "", {}, now=now, size=GLANCED)
    summary = summarise_offers(found, now=now)
    rows = member_rows(found, members, [card.offer for card in summary.offers], now=now)
    context = group_context(request, found, "overview", tally=summary.tally, now=now) | {
        "members": members,
        "rows": rows,
        "table": draw_members(found, rows),
        "read": pop_read(request.session, found),
    }
    context |= _offers_context(context, found, summary)
    context |= {"ticket_rows": draw_tickets(request.account, summary.tickets)}
    return render(request, "groups/dashboard/group.html", context)


@operator_view(MANAGE_CUSTOMERS)
def group_customers(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Customers*: all of them, found by name or address; some or all are changed at once."""
    found, words, now = fetch_group(request, pk), search_term(request), timezone.now()
    unseen = is_unseen(request.GET)
    members = page_of_members(found, words, request.GET, unseen=unseen, now=now)
    rows = member_rows(found, members, _offers(found), now=now)
    context = group_context(request, found, "customers", now=now) | {
        "q": words,
        "unseen": unseen,
        "members": members,
        "rows": rows,
        "table": draw_members(found, rows, may_choose=True),
        "change": newest_change(found, now=now),
    }
    return render(request, "groups/dashboard/group_customers.html", context)


@operator_view(MANAGE_CUSTOMERS)
def group_offers(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Offers*: each said back in one sentence."""
    found, now = fetch_group(request, pk), timezone.now()
    summary = summarise_offers(found, now=now)
    context = group_context(request, found, "offers", tally=summary.tally, now=now)
    context |= _offers_context(context, found, summary)
    return render(request, "groups/dashboard/group_offers.html", context)


@operator_view(MANAGE_CUSTOMERS)
def group_tickets(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Exclusive tickets*: all that name a group, newest first, and which of its offers include each."""
    found, now = fetch_group(request, pk), timezone.now()
    tickets = keyset_page(exclusive_tickets_with_entries(found, now=now), ["-pk"], request.GET)
    rows = exclusive_ticket_rows(found, tickets.rows, list(offers_of(found)))
    context = group_context(request, found, "tickets", now=now) | {"tickets": tickets, "rows": rows}
    context |= {"table": draw_tickets(request.account, rows)}
    return render(request, "groups/dashboard/tickets.html", context)


@operator_view(MANAGE_CUSTOMERS)
def group_memberships(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Memberships*: those that let their customers into the group."""
    found = fetch_group(request, pk)
    context = group_context(request, found, "memberships", now=timezone.now())
    return render(request, "groups/dashboard/group_memberships.html", context)


def _offers(group: Group) -> list[Any]:
    offers = list(offers_of(group))
    for offer in offers:
        offer.account = group.account
    return offers


def _offers_context(context: dict[str, Any], group: Group, summary: OffersSummary) -> dict[str, Any]:
    return {"summary": summary, "offers": draw_offers(group, summary.offers, may_change=context["may_change"])}
