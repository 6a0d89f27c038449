"""Signs of customers in groups: they are in one, were until lately, or have asked to be."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q

from accounts.keeping.seen import SeenPart, Sign
from groups.models import JoinRequest, JoinState, Member


def _signs(before: datetime) -> Sequence[Sign]:
    stood = Member.objects.filter(customer=OuterRef("pk"), stands_until__gte=before)
    asked = JoinRequest.objects.filter(Q(state=JoinState.WAITING) | Q(asked_at__gte=before), customer=OuterRef("pk"))
    return Exists(stood), Exists(asked)


SEEN_MEMBERS: Final = SeenPart(
    signs=_signs, covers=frozenset({"groups.Member.customer", "groups.JoinRequest.customer"})
)
