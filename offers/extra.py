"""Extra uses: what the studio gives one member in one period beyond the offer's limit, each time with its reason.

They raise the period's ceiling and what the rule judges by (docs/design.md, *Uses and periods*; decision 0064). Where
periods are counted anew, they go with the day that they are for.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.customers import about_customer
from accounts.history.acting import current_actor
from accounts.history.recording import About, Change, count, record
from accounts.models import Deed
from groups.catalogue import about_group
from groups.locks import lock_members
from groups.models import Member
from offers.locks import lock_offers_for_use
from offers.models import ExtraUses, Offer, OfferKind
from offers.periods import Period
from offers.queries import counting_of
from offers.services import refile_members
from offers.uses import period_of

MOST: Final = 100
"""How many are given at once, at most."""

_RAISE: Final = """
    INSERT INTO offers_usageperiod AS period (account_id, offer_id, member_id, starts_on, ends_on, ceiling, extra, used)
    VALUES (%(account)s, %(offer)s, %(member)s, %(starts_on)s, %(ends_on)s, %(limit)s + %(count)s, %(count)s, 0)
    ON CONFLICT (offer_id, member_id, starts_on) DO UPDATE SET
        extra = period.extra + excluded.extra,
        ceiling = greatest(%(limit)s + period.extra + excluded.extra, period.used)
    RETURNING id
"""
_LOWER: Final = """
    UPDATE offers_usageperiod AS period SET
        extra = period.extra - %(count)s, ceiling = offer."limit" + period.extra - %(count)s
    FROM offers_offer AS offer
    WHERE period.account_id = %(account)s AND period.id = %(period)s AND offer.id = period.offer_id
        AND period.used <= offer."limit" + period.extra - %(count)s
    RETURNING period.id
"""


class CannotGiveError(Exception):
    """There is nothing to raise: the offer has no limit or is not in force, or its member does not stand."""


class MemberGoneError(Exception):
    """The member is not the customer's who was seen any more: they were merged into another, or erased."""


class ExtraUsedError(Exception):
    """Some of the extra uses are used: taken back, the period would hold more than it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """How many extra uses, why, for the period in which a local date lies; `key` comes with the form."""

    count: int
    reason: str
    on: date
    key: UUID


def may_have_extra(offer: Offer) -> bool:
    """Whether extra uses can be given of an offer: it opens exclusive tickets, so many of them, and is in force."""
    return offer.kind == OfferKind.EXCLUSIVE and offer.limit is not None and offer.enabled and not offer.deleted_at


def give_extra_uses(offer: Offer, member: Member, gift: Gift, *, now: datetime) -> ExtraUses:
    """Give a member of the offer's group some more uses in one period; the same form again finds what it gave.

    Raises CannotGiveError, and MemberGoneError where the customer was merged into another, or erased, meanwhile: that
    one may be more than was seen, and gets nothing.
    """
    with transaction.atomic():
        lock_members([member.pk])
        made = ExtraUses.objects.filter(account=offer.account_id, key=gift.key).first()
        if made is not None:
            return made
        lock_offers_for_use(offer.group_id)
        held = Offer.objects.select_related("group__account").get(account=offer.account_id, pk=offer.pk)
        theirs = Member.objects.select_related("group__account", "customer").filter(account=offer.account_id)
        found = theirs.filter(group=offer.group_id, customer=member.customer_id, pk=member.pk).first()
        if found is None:
            raise MemberGoneError
        counting = counting_of(found, now=now)
        if counting is None or held.limit is None or not may_have_extra(held):
            raise CannotGiveError
        # What was filed by something else, or under the offer that this one replaces, comes first.
        refile_members([found.pk], now=now)
        period, actor = period_of(held, counting=counting, day=gift.on), current_actor()
        made = ExtraUses.objects.create(
            account_id=held.account_id,
            member=found,
            period_id=_raise_period(held, held.limit, found, period, gift.count),
            count=gift.count,
            on=gift.on,
            reason=gift.reason,
            by_name=actor.name if actor else "",
            key=gift.key,
            created_at=now,
        )
        _record(Deed.USES_GIVEN, made, found)
    return made


def take_back_extra_uses(extra: ExtraUses, *, now: datetime) -> bool:
    """Take extra uses back: whether this call did. Raises ExtraUsedError where some of them are used."""
    with transaction.atomic():
        lock_members([extra.member_id])
        held = ExtraUses.objects.live().filter(account=extra.account_id, pk=extra.pk).first()
        if held is None:
            return False
        with connection.cursor() as cursor:
            asked = {"account": held.account_id, "period": held.period_id, "count": held.count}
            cursor.execute(_LOWER, asked)
            if cursor.fetchone() is None:
                raise ExtraUsedError
        ExtraUses.objects.filter(account=held.account_id, pk=held.pk).update(period=None, ended_at=now)
        _record(Deed.USES_TAKEN_BACK, held, Member.objects.select_related("group", "customer").get(pk=held.member_id))
    return True


def _raise_period(offer: Offer, limit: int, member: Member, period: Period, more: int) -> int:
    asked: dict[str, Any] = {
        "account": offer.account_id,
        "offer": offer.pk,
        "member": member.pk,
        "starts_on": period.starts_on,
        "ends_on": period.ends_on,
        "limit": limit,
        "count": more,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RAISE, asked)
        return int(cursor.fetchone()[0])


def _record(deed: Deed, extra: ExtraUses, member: Member) -> None:
    about: About = about_customer(member.customer)
    record(
        deed,
        about,
        account=member.account_id,
        also=[about_group(member.group)],
        beside=member.group.name,
        changes=[count(_("Extra uses"), extra.count), Change(_("Reason"), "", extra.reason)],
    )
