"""Bookings of somebody whose membership changes: their uses follow into the new group, and no booking is lost."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from groups.models import Group, Member, Standing
from memberships.models import Subscription
from offers.following import Assignment, FollowingUse, assign_uses, file_under
from offers.locks import lock_offers_for_use
from offers.models import Offer, OfferKind, UsagePeriod
from offers.periods import BillingAnchor, Counting, local_day
from offers.queries import counting_of
from offers.services import refile_members
from tickets.models import BookingState, Coverage, Seat, SeatQuerySet


def file_uses_of_moved_standing(
    *, source: Member, target: Member, ground: UUID, keeps_bookings: bool, now: datetime, **_rest: object
) -> None:
    """Hear that a subscription's customer stands in another group now (`groups.signals`): their uses follow.

    Live uses of the old group's offers that no other ground keeps are filed under the new group's offers. A booking
    that none of these covers is kept, and counts too; with `keeps_bookings` false, and in a basket, it stays where it
    is, and goes as when a membership ends.
    """
    member = Member.objects.select_related("group__account").prefetch_related("standings").get(pk=target.pk)
    counting = counting_of(member, now=now)
    if counting is None:
        return
    lock_offers_for_use(member.group_id)
    refile_members([member.pk], now=now)
    seats = list(_seats_that_follow(Member.objects.filter(pk=source.pk), ground=ground))
    found = _assign(seats, member.group, counting, member=member, now=now)
    filed = found.filed
    for seat in seats:
        is_kept = keeps_bookings and seat.booking.state == BookingState.BOOKED
        if seat.use_id in found.uncovered and seat.entry.starts_at > now and seat.cancelled_at is None and not is_kept:
            filed = {use: offer for use, offer in filed.items() if use != seat.use_id}
    offers = {offer.pk: offer for offer in _offers_of(member.group)}
    file_under({use: offers[offer] for use, offer in filed.items()}, member=member, counting=counting)


def seats_not_covered(subscription: Subscription, group: Group, *, after: datetime, now: datetime) -> list[Seat]:
    """The places booked ahead that a group's offers do not cover, at events that start after an instant, soonest first.

    They are what a change of a subscription (with its account) to that group leaves uncovered: kept, or cancelled.
    """
    if group.pk == subscription.membership.group_id or subscription.billing_anchor is None:
        return []
    zone = subscription.account.zone
    counting = Counting(BillingAnchor(subscription.billing_anchor, zone))
    standings = Standing.objects.on_ground(subscription.uuid)
    members = Member.objects.filter(account=subscription.account_id, standings__in=standings)
    seats = _seats_that_follow(members.exclude(group=group).distinct(), ground=subscription.uuid)
    ahead = list(seats.live().booked().upcoming(max(after, now)).order_by("entry__starts_at", "pk"))
    group.account = subscription.account
    uncovered = _assign(ahead, group, counting, member=None, now=now).uncovered
    return [seat for seat in ahead if seat.use_id in uncovered]


def _seats_that_follow(members: QuerySet[Member], *, ground: UUID) -> SeatQuerySet:
    """What was charged to members' exclusive offers and not given back, unless they stand there on another ground too.

    Cancelled places as well whose use was kept, since it counts.
    """
    others = Standing.objects.at(OuterRef("entry__starts_at")).filter(member=OuterRef("use__period__member"))
    found: SeatQuerySet = Seat.objects.filter(
        ~Exists(others.exclude(ground=ground)),
        use__period__member__in=members,
        use__ended_at__isnull=True,
    )
    return found.select_related("entry", "ticket", "booking", "use__period__offer").prefetch_related("ticket__groups")


def _offers_of(group: Group) -> list[Offer]:
    exclusive = Offer.objects.enabled().filter(account=group.account_id, group=group, kind=OfferKind.EXCLUSIVE)
    return list(exclusive.prefetch_related(Prefetch("coverage", Coverage.objects.order_by("pk"))).order_by("pk"))


def _assign(
    seats: Iterable[Seat], group: Group, counting: Counting, *, member: Member | None, now: datetime
) -> Assignment:
    """Under which of a group's (with its account) offers the uses of seats are filed."""
    offers, today = _offers_of(group), local_day(now, group.account.zone)
    rows = UsagePeriod.objects.filter(account=group.account_id, member=member) if member else UsagePeriod.objects.none()
    used = {(row.offer_id, row.starts_on): row.used for row in rows}
    following = [_following_use(seat, group, offers) for seat in seats]
    return assign_uses(following, offers, counting=counting, used=used, today=today)


def _following_use(seat: Seat, group: Group, offers: Sequence[Offer]) -> FollowingUse:
    assert seat.use is not None  # noqa: S101 - only charged seats are asked for
    names_group = any(each.pk == group.pk for each in seat.ticket.groups.all())
    return FollowingUse(
        id=seat.use.pk,
        event_on=seat.use.event_on,
        event=seat.entry_id,
        is_own=seat.self_attendee_id is not None,
        covered_by=frozenset(offer.pk for offer in offers if names_group and _covers(offer.coverage.all(), seat)),
        source_is_limited=seat.use.period.offer.limit is not None,
    )


def _covers(coverage: Collection[Coverage] | QuerySet[Coverage], seat: Seat) -> bool:
    return any(seat.entry.page_id == row.page_id or seat.ticket_id == row.ticket_id for row in coverage)
