"""What is read of invitation links, always through the account."""

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.models import Account, Customer
from bookwhen.counts import CappedCount, capped_count
from groups.links.models import InvitationLink, JoinRequest, JoinState
from groups.models import Group, Member


def working_link(group: Group) -> InvitationLink | None:
    """The link of a group that was not stopped; its time may be over."""
    return InvitationLink.objects.filter(account=group.account_id, group=group, stopped_at__isnull=True).first()


def find_link(account: Account, token: str) -> InvitationLink | None:
    """The link of an account with this token, stopped or not, with its group, carrying the account."""
    found = InvitationLink.objects.select_related("group").filter(account=account, token=token).first()
    if found is not None:
        found.account = found.group.account = account
    return found


def requests_of(group: Group, state: JoinState) -> QuerySet[JoinRequest]:
    """Who came to a group by its links and is in this state, newest first, each with their customer and link."""
    found = JoinRequest.objects.filter(account=group.account_id, group=group, state=state)
    return found.select_related("customer", "link").order_by("-pk")


def count_waiting(group: Group) -> CappedCount:
    """How many ask to join a group."""
    return capped_count(requests_of(group, JoinState.WAITING))


def groups_asked_for(account: Account, groups: Iterable[Group]) -> set[int]:
    """Those of some groups (ids) that somebody asks to join."""
    waiting = JoinRequest.objects.filter(account=account, group__in=groups, state=JoinState.WAITING)
    return set(waiting.order_by().values_list("group", flat=True).distinct())


def joined_by_link(customer: Customer) -> set[int]:
    """The groups (ids) that a customer joined by a link."""
    joined = JoinRequest.objects.filter(account=customer.account_id, customer=customer, state=JoinState.JOINED)
    return set(joined.values_list("group", flat=True))


def came_by_link(group: Group, members: Iterable[Member]) -> set[int]:
    """The customers (ids) of some of a group's members who joined it by a link."""
    customers = [member.customer_id for member in members]
    came = JoinRequest.objects.filter(
        account=group.account_id, group=group, customer__in=customers, state=JoinState.JOINED
    )
    return set(came.values_list("customer", flat=True))
