"""A person is erased: their memberships of groups end, and stay as nobody's; what was used is counted as before."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from accounts.erasing.parts import ErasePart, Erasing, Obstacle
from accounts.models import Customer
from accounts.models.operations import WORKED_OFF
from groups.locks import lock_members
from groups.models import BY_HAND, JoinRequest, JoinState, Member, PastedPart, Standing
from groups.services import remove_by_hand


def _members(customer: Customer) -> "list[Member]":
    return list(Member.objects.filter(account=customer.account_id, customer=customer).order_by("pk"))


def pasted_list_in_progress(customer: Customer, now: datetime) -> Iterable[Obstacle]:
    """A list that is just being added may have them in it."""
    del now
    waiting = PastedPart.objects.filter(account=customer.account_id, done_at=None)
    if waiting.filter(pasted_list__operation__state__in=WORKED_OFF).exists():
        yield Obstacle(_("A pasted list is being added. That takes a minute or two."), "operations")


def hold_members(customer: Customer, now: datetime) -> None:
    """Nobody charges them anything meanwhile."""
    del now
    lock_members([member.pk for member in _members(customer)])


def erase_members(erasing: Erasing) -> None:
    """Who stands in a group by hand stands there no more; their uses stay, as nobody's."""
    for member in _members(erasing.customer):
        by_hand = Standing.objects.not_ended(erasing.now).filter(member=member, ground=BY_HAND)
        by_hand.filter(since__gt=erasing.now).delete()
        if by_hand.exists():
            remove_by_hand(member, now=erasing.now)
    Member.objects.filter(account=erasing.account, customer=erasing.customer).update(
        customer=erasing.left, seen_at=None
    )
    asked = JoinRequest.objects.filter(account=erasing.account, customer=erasing.customer)
    asked.filter(state=JoinState.WAITING).delete()
    asked.update(customer=erasing.left)


def erase_pasted(erasing: Erasing) -> None:
    """What of pasted lists could not be read, and what was never added."""
    parts = PastedPart.objects.filter(account=erasing.account).annotate(words=Cast("left_over", TextField()))
    for part in parts.filter(erasing.known.texts("words", "text")):
        left_over = erasing.known.out_of_json(part.left_over, erasing.name)
        text = erasing.known.out_of(part.text, erasing.name)
        PastedPart.objects.filter(account=erasing.account, pk=part.pk).update(left_over=left_over, text=text)


MEMBERS: Final = ErasePart(erase=erase_members, hold=hold_members)
PASTED: Final = ErasePart(erase=erase_pasted, obstacles=pasted_list_in_progress)
