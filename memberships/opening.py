"""The memberships on sale that let somebody into a group: what a schedule shows beneath what is for members only."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypedDict
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import Customer, SchedulePage
from bookwhen.fastpath.compiled import IsOneOf, compiled_query
from memberships.models import Membership, Price, Subscription
from memberships.queries import published_on

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class _Theirs(TypedDict):
    theirs: UUID | None


_PriceWithSubscription: TypeAlias = "WithAnnotations[Price, _Theirs]"

_SAID: Final = (
    *("uuid", "title", "amount", "currency", "interval", "interval_count", "amount_known"),
    *("membership__group", "membership__title"),
)
"""All that is read of what is on sale."""
OpeningRows: TypeAlias = tuple[tuple[Any, ...], ...]
NOBODY: Final = 0
"""In place of a customer's key."""


@dataclass(frozen=True, slots=True)
class OpeningMembership:
    """A membership on sale that lets one into a group, and its prices on sale, cheapest first.

    `subscription` is the uuid of the customer's own, where they have it: it lets them in once it is paid.
    """

    membership: Membership
    prices: Sequence[Price]
    subscription: UUID | None


def opening_rows(groups: Collection[int], page: SchedulePage, customer: Customer | None = None) -> OpeningRows:
    """What is read of the memberships on sale at a page that let one into these groups (ids).

    At most one statement, and none where the page can sell nothing.
    """
    account = page.account
    if not groups or not account.has_groups or not account.takes_payments:
        return ()
    whom = customer.pk if customer else NOBODY
    return tuple(read_opening_prices.rows(account.pk, page.pk, sorted(groups), [], whom))


def memberships_opening(rows: OpeningRows) -> dict[int, list[OpeningMembership]]:
    """The memberships that were read so, by group (id) and title (`memberships_on_sale`)."""
    found = dict[int, list[OpeningMembership]]()
    by_membership = defaultdict[int, list[_PriceWithSubscription]](list)
    for price in read_opening_prices.models(list(rows)):
        by_membership[price.membership_id].append(price)
    known = [OpeningMembership(each[0].membership, each, each[0].theirs) for each in by_membership.values()]
    for each in sorted(known, key=lambda each: (each.membership.title, each.membership.pk)):
        found.setdefault(each.membership.group_id, []).append(each)
    return found


@compiled_query
def read_opening_prices(
    account: int, page: int, groups: list[int], standing: list[int], customer: int
) -> QuerySet[_PriceWithSubscription]:
    """What is on sale at a page and lets one into one of these groups, cheapest first; not into where they are.

    Each with its membership, and `theirs`, the uuid of what a customer (or NOBODY) has of it.
    """
    theirs = Subscription.objects.live().filter(account=account, customer=customer, membership=OuterRef("membership"))
    return (
        Price.objects.on_sale()
        .filter(IsOneOf("membership__group", groups), account=account, membership__in=published_on(page, account))
        .exclude(IsOneOf("membership__group", standing))
        .select_related("membership")
        .only(*_SAID)
        .annotate(theirs=Subquery(theirs.values("uuid")[:1]))
    )
