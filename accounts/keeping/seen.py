"""When a customer was last seen: what each app knows of that; each registers it in its `ready()`.

Somebody is idle since an instant if no app saw them after it. Each sign is one probe of an index by the customer, so
that looking at somebody costs the same however many others there are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Customer, Staff
from accounts.parts import Parts

Sign = Exists | Q
"""A condition on customers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPart:
    """One app's signs that a customer was seen after an instant, or still is somebody's business.

    `covers` are the relations to customers that it looks at, `ignores` those that say nothing of them by themselves:
    the model, a dot and the field.
    """

    signs: Callable[[datetime], Sequence[Sign]]
    covers: frozenset[str]
    ignores: frozenset[str] = frozenset()


SEEN: Final = Parts[SeenPart]()
"""The apps' signs."""


def idle_since(before: datetime) -> QuerySet[Customer]:
    """The customers, of any account, of whom there was no sign after an instant: they were made before it."""
    idle = Customer.objects.filter(erased_at__isnull=True, created_at__lt=before)
    for part in SEEN:
        for sign in part.signs(before):
            idle = idle.filter(~sign)
    return idle


def _own_signs(before: datetime) -> Sequence[Sign]:
    told = Q(seen_at__isnull=False, seen_at__gte=before) | Q(invited_at__isnull=False, invited_at__gte=before)
    for_others = Customer.objects.filter(contact=OuterRef("pk"))
    team = Staff.objects.filter(account=OuterRef("account"), user=OuterRef("user"))
    return told, Q(news_since__isnull=False, news_since__gte=before), Exists(for_others), Exists(team)


OWN: Final = SeenPart(
    signs=_own_signs,
    covers=frozenset({"accounts.Customer.contact"}),
    ignores=frozenset(
        {
            "accounts.CustomerAddress.customer",
            "accounts.StripeCustomer.customer",
            "accounts.FormerStripeCustomer.customer",
            "accounts.MergedCustomer.customer",
            "accounts.Erasure.left",
            "accounts.MailingRecipient.customer",
        }
    ),
)


def years_before(now: datetime, years: int) -> datetime:
    """The same instant so many years earlier; of 29 February, the 28th."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)
