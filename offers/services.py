"""What changes offers: their terms, their end, and the anchors that their periods are counted from."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from groups.locks import hold_members
from groups.models import BY_HAND, Group, Member, Standing
from offers import locks
from offers.models import Audience, Offer, Unit, UsagePeriod
from offers.queries import anchor_of
from offers.uses import refile


class OfferUsedError(Exception):
    """The offer was used: its terms are locked, except *Offer enabled*. *Replace* makes another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Every setting of an exclusive-ticket offer but what it covers (help article, *Edit offer*)."""

    enabled: bool = False
    audience: str = Audience.PERSONAL
    additional_attendees: int = 0
    limit: int | None = None
    ongoing: bool = True
    period_count: int = 1
    period_unit: str = Unit.MONTH


def terms_of(offer: Offer) -> Terms:
    """The terms an offer has now."""
    return Terms(**{name: getattr(offer, name) for name in Terms.__slots__})


def make_offer(group: Group, terms: Terms, *, now: datetime, replaces: Offer | None = None) -> Offer:
    """Make an offer for a group."""
    return Offer.objects.create(
        account_id=group.account_id, group=group, created_at=now, replaces=replaces, **asdict(terms)
    )


def change_terms(offer: Offer, terms: Terms) -> Offer:
    """Give an offer other terms; raises OfferUsedError when it was used and more than *Offer enabled* would change."""
    with transaction.atomic():
        offer = locks.hold_offer(offer.pk)
        changed = [name for name, value in asdict(terms).items() if getattr(offer, name) != value]
        if changed not in ([], ["enabled"]) and was_used(offer):
            raise OfferUsedError
        for name in changed:
            setattr(offer, name, getattr(terms, name))
        offer.save(update_fields=changed)
    return offer


def delete_offer(offer: Offer, *, now: datetime) -> None:
    """Delete an offer: nobody can use it from now on; its history and the bookings made by it stand."""
    Offer.objects.filter(pk=offer.pk, deleted_at__isnull=True).update(deleted_at=now, enabled=False)


def was_used(offer: Offer) -> bool:
    """Whether any member was ever charged for this offer."""
    return UsagePeriod.objects.filter(offer=offer).exists()


def carry_over(source: Offer, target: Offer, *, now: datetime) -> None:
    """Carry every member's uses of one offer over to another, filed under the other's periods (*Replace*).

    Call it in a transaction.
    """
    members = Member.objects.filter(periods__offer=source).distinct().order_by("pk").prefetch_related("standings")
    hold_members([member.pk for member in members])
    locks.hold_offer(source.pk)
    for member in members:
        refile(source, target=target, member=member.pk, anchor=anchor_of(member, now=now) or _last_anchor(member))


def move_anchor(member: Member, anchor: date, *, now: datetime) -> None:
    """Change the local date from which a member's periods are counted, where they were added by hand.

    Uses are filed again by the dates of their events; none is lost. While a membership stands its billing date rules,
    and this date waits until it ends.
    """
    with transaction.atomic():
        hold_members([member.pk])
        Standing.objects.filter(member=member, ground=BY_HAND).update(anchor=anchor)
        member = Member.objects.prefetch_related("standings").get(pk=member.pk)
        ruling = anchor_of(member, now=now) or anchor
        refile_all([member.pk], anchors={member.pk: ruling})


def refile_all(members: Iterable[int], *, anchors: dict[int, date]) -> None:
    """File the uses of these members (ids, already held) again, each by its anchor."""
    pairs = UsagePeriod.objects.filter(member__in=list(members)).values_list("member_id", "offer_id").distinct()
    found = sorted(pairs)
    offers = Offer.objects.in_bulk([offer for _member, offer in found])
    for member, offer in found:
        refile(offers[offer], target=offers[offer], member=member, anchor=anchors[member])


def _last_anchor(member: Member) -> date:
    return max(member.standings.all(), key=lambda standing: (standing.since, standing.pk)).anchor
