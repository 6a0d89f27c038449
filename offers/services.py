"""What changes offers: their terms, their end, and the anchors that their periods are counted from."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.customers import about_customer
from accounts.history.recording import Change, is_recorded, record_changes
from accounts.models import Deed
from groups.catalogue import about_group
from groups.locks import lock_members
from groups.models import BY_HAND, Group, Member, Standing
from offers import locks
from offers.models import Audience, Offer, OfferKind, PeriodUnit, UsagePeriod
from offers.periods import Counting, local_day
from offers.queries import counting_by, counting_of
from offers.uses import NO_HEIRS, refile


class OfferUsedError(Exception):
    """The offer was used: its terms are locked, except *Offer enabled* and its name. *Replace* makes another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTerms:
    """Every setting of an offer but what it covers (help article, *Edit offer*)."""

    name: str = ""
    kind: str = OfferKind.EXCLUSIVE
    percent: int | None = None
    amount_off: int | None = None
    enabled: bool = False
    audience: str = Audience.PERSONAL
    additional_attendees: int = 0
    limit: int | None = None
    ongoing: bool = True
    period_count: int = 1
    period_unit: str = PeriodUnit.MONTH


def offer_terms(offer: Offer) -> OfferTerms:
    """The terms an offer has now."""
    return OfferTerms(**{name: getattr(offer, name) for name in OfferTerms.__slots__})


def make_offer(group: Group, terms: OfferTerms, *, key: UUID | None = None, now: datetime) -> tuple[Offer, bool]:
    """Make an offer for a group, or find the one that was made by this key; and whether it was made now."""
    return Offer.objects.get_or_create(
        account_id=group.account_id,
        key=key or uuid4(),
        defaults={"group": group, "created_at": now, **asdict(terms)},
    )


def make_successor(offer: Offer, terms: OfferTerms, *, carrying: bool, now: datetime) -> Offer:
    """Put an offer with these terms in another's place; `carrying`: the uses of that one are carried over later."""
    delete_offer(offer, now=now)
    return Offer.objects.create(
        account_id=offer.account_id,
        group=offer.group,
        created_at=now,
        replaces=offer,
        carrying=carrying,
        **asdict(terms),
    )


def change_terms(offer: Offer, terms: OfferTerms) -> Offer:
    """Give an offer other terms; raises OfferUsedError if it was used and more than its name or switch would change."""
    with transaction.atomic():
        offer = locks.lock_offer(offer.pk)
        changed = [name for name, value in asdict(terms).items() if getattr(offer, name) != value]
        if not {"enabled", "name"}.issuperset(changed) and was_used(offer):
            raise OfferUsedError
        for name in changed:
            setattr(offer, name, getattr(terms, name))
        offer.save(update_fields=changed)
    return offer


def delete_offer(offer: Offer, *, now: datetime) -> bool:
    """Delete an offer: nobody can use it from now on, and what it was stands. Whether this call did."""
    return bool(Offer.objects.not_deleted().filter(pk=offer.pk).update(deleted_at=now, enabled=False))


def was_used(offer: Offer) -> bool:
    """Whether any member was ever charged for this offer, or for the one whose uses are being carried over to it."""
    return offer.carrying or UsagePeriod.objects.filter(offer=offer).exists()


def move_anchor(member: Member, anchor: date, *, now: datetime) -> None:
    """Change the local date from which a member's periods are counted, where they were added by hand.

    Uses are filed again by the dates of their events; none is lost. While a membership stands its billing date rules,
    and this date waits until it ends.
    """
    with transaction.atomic():
        lock_members([member.pk])
        by_hand = Standing.objects.filter(member=member, ground=BY_HAND)
        before = by_hand.order_by("-since").values_list("anchor", flat=True).first() if is_recorded() else None
        by_hand.update(anchor=anchor)
        refile_members([member.pk], now=now)
        if before:
            record_changes(
                Deed.START_CHANGED,
                about_customer(member.customer),
                [Change(_("Start date"), date_format(before, "j F Y"), date_format(anchor, "j F Y"))],
                account=member.account_id,
                also=[about_group(member.group)],
                beside=member.group.name,
            )


def refile_members(
    members: Iterable[int],
    *,
    now: datetime,
    provisional: Counting | None = None,
    heirs: Mapping[int, int] = NO_HEIRS,
) -> None:
    """File all uses of these members (ids) again, each by the standing that rules now.

    Who does not stand is counted by `provisional`, where a membership is about to be bought. What is still to be
    carried over to another offer (`offers.carrying`) is filed under that one. What others have, who become one of
    these members, is filed with theirs: `heirs` says whose it is now. Call it in a transaction that holds the members'
    rows.
    """
    found = Member.objects.filter(pk__in=list(members)).select_related("group__account").prefetch_related("standings")
    countings = {member.pk: _counting(member, provisional, now=now) for member in found}
    used = Offer.objects.filter(periods__member__in=[*countings, *heirs]).select_related("replaced_by")
    for offer in used.distinct().order_by("pk"):
        successor = getattr(offer, "replaced_by", None)
        target = successor if successor and successor.carrying else offer
        refile(offer, target=target, countings=countings, heirs=heirs)


def refile_after_counting_changed(*, member: int, now: datetime, **_rest: object) -> None:
    """Hear that a member's (id) uses are counted by something else now, and file them again (`groups.signals`)."""
    refile_members([member], now=now)


def countings_of(members: Iterable[Member], *, now: datetime) -> dict[int, Counting]:
    """By member (with standings) what their uses are counted by: the standing that rules now, or else the last one."""
    return {member.pk: _counting(member, None, now=now) for member in members}


def _counting(member: Member, provisional: Counting | None, *, now: datetime) -> Counting:
    return counting_of(member, now=now) or provisional or _last_counting(member)


def _last_counting(member: Member) -> Counting:
    if not member.standings.all():
        # Only a basket with a membership in it ever opened the group to them.
        return Counting(local_day(member.created_at, member.group.account.zone))
    last = max(member.standings.all(), key=lambda standing: (standing.since, standing.pk))
    return counting_by(last, member.group.account.zone)
