"""The customers of a group as whom a message is for: everyone, those who were ticked or found, or some kind of them."""

from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.dashboard.query import as_id
from accounts.mailings.audiences import Asked, Audience, Found
from accounts.models import Account, Customer
from accounts.operations.kinds import Place
from bookwhen.text import searchable
from groups.catalogue import about_group
from groups.dashboard.chosen import ALL, LOGIN, NOT_YET
from groups.dashboard.members import members_found
from groups.models import Group, Member, Standing, StandingSource
from groups.queries import members_of
from tickets.models import Seat

MOST_TICKED: Final = 500
BOOKED, NOT_BOOKED, BY_MEMBERSHIP, BY_HAND = "booked", "not_booked", "membership", "by_hand"
CHOICES: Final = (
    (ALL, gettext_lazy("Everyone in the group")),
    (NOT_YET, gettext_lazy("Only those who haven’t logged in yet")),
    (BOOKED, gettext_lazy("Only those with a booking to come")),
    (NOT_BOOKED, gettext_lazy("Only those without a booking to come")),
    (BY_MEMBERSHIP, gettext_lazy("Only those with a membership")),
    (BY_HAND, gettext_lazy("Only those you added yourself")),
)
_SOURCES: Final = {BY_MEMBERSHIP: StandingSource.MEMBERSHIP, BY_HAND: StandingSource.MANUAL}


def _ask(sent: QueryDict) -> Asked:
    asked: Asked = {"group": as_id(sent.get("group", ""))}
    ticked = sorted({as_id(each) for each in sent.getlist("member")[:MOST_TICKED]} - {0})
    if ticked:
        return {**asked, "members": ticked}
    who = NOT_YET if sent.get(LOGIN) == NOT_YET else sent.get("who", "")
    asked["who"] = who if who in dict(CHOICES) else ALL
    return {**asked, "q": words} if (words := searchable(sent.get("q", ""))) else asked


def _find(account: Account, asked: Asked, now: datetime) -> Found | None:
    group = Group.objects.filter(account=account, pk=asked["group"]).first()
    if group is None:
        return None
    group.account = account
    members = _members(group, asked, now=now).order_by().values("customer")
    with override(account.language):
        why = _("You get this because you’re a member or customer of %(studio)s.") % {"studio": account.name}
    return Found(
        title=_title(group, asked),
        why=why,
        customers=Customer.objects.filter(account=account, pk__in=members),
        choices=() if "members" in asked else CHOICES,
        place=Place(gettext_lazy("Open the group"), "group", group.pk),
        concerns=(about_group(group),),
    )


def _members(group: Group, asked: Asked, *, now: datetime) -> QuerySet[Member]:
    if "members" in asked:
        return members_of(group, now=now).filter(pk__in=asked["members"])
    who = asked.get("who", ALL)
    members = members_found(group, asked.get("q", ""), unseen=who == NOT_YET, now=now)
    condition = _condition(group, who, now=now)
    return members if condition is None else members.filter(condition)


def _condition(group: Group, who: str, *, now: datetime) -> Q | None:
    if who in _SOURCES:
        standing = Standing.objects.at(now).filter(member=OuterRef("pk"), source=_SOURCES[who])
        return Q(Exists(standing))
    if who in (BOOKED, NOT_BOOKED):
        ahead: QuerySet[Any] = Seat.objects.live().booked().upcoming(now)
        has_booked = Q(Exists(ahead.filter(account=group.account_id, customer=OuterRef("customer"))))
        return has_booked if who == BOOKED else ~has_booked
    return None


def _title(group: Group, asked: Asked) -> str:
    said = {"group": group.name, "words": asked.get("q", "")}
    if "members" in asked:
        return _("selected customers in “%(group)s”") % said
    if said["words"]:
        return _("customers in “%(group)s” who match “%(words)s”") % said
    match asked.get("who", ALL):
        case who if who == NOT_YET:
            return _("customers in “%(group)s” who haven’t logged in yet") % said
        case who if who == BOOKED:
            return _("customers in “%(group)s” with a booking to come") % said
        case who if who == NOT_BOOKED:
            return _("customers in “%(group)s” without a booking to come") % said
        case who if who == BY_MEMBERSHIP:
            return _("customers in “%(group)s” with a membership") % said
        case who if who == BY_HAND:
            return _("customers you added to “%(group)s” yourself") % said
    return _("everyone in “%(group)s”") % said


GROUP: Final = Audience(name="group", label=gettext_lazy("A customer group"), ask=_ask, find=_find)
