"""What lets customers into groups and out of them, on a ground."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Greatest
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.customers import about_customer, recognise_customers
from accounts.history.recording import NOTHING, Change, count, record
from accounts.models import Customer, Deed
from bookwhen.dates import last_day
from bookwhen.db import is_named
from groups import locks
from groups.catalogue import about_group
from groups.entering import Terms, enter_by_hand
from groups.models import BY_HAND, Group, Member, Standing, StandingSource
from groups.queries import ruling_standing
from groups.rows import insert_members
from groups.signals import (
    counting_changed,
    standing_ended,
    standing_moved,
    standing_withdrawing,
)


class NotAMemberByHandError(Exception):
    """The customer stands in the group only through a membership, or not at all."""


class StandingUsedError(Exception):
    """Something was booked by a standing: it can be ended, not taken back."""


@dataclass(frozen=True, slots=True)
class AddResult:
    """What came of adding customers: those newly in the group, and how many were in it already by hand."""

    new: list[Customer]
    already: int
    entered: frozenset[str] = frozenset()
    """The addresses, as they were given, of those newly in the group: perhaps not their main ones."""


def add_customers(group: Group, names: Mapping[str, str], *, now: datetime, until: datetime | None = None) -> AddResult:
    """Let customers into a group by hand: names by folded address; perhaps `until` an aware instant ahead.

    Those who are in by hand already stay as they are, but for an end that comes sooner than this one: it is put off.
    Who was in it by hand before goes on with the old anchor and count; for others the anchor is today, in the
    account's time zone (docs/design.md, *Standing*).
    """
    given = recognise_customers(group.account, names, confirmed=True)
    added = add_known(group, list({each.pk: each for each in given.values()}.values()), now=now, until=until)
    newly = {customer.pk for customer in added.new}
    entered = frozenset(email for email, customer in given.items() if customer.pk in newly)
    return replace(added, entered=entered)


def add_known(
    group: Group, customers: Sequence[Customer], *, now: datetime, until: datetime | None = None
) -> AddResult:
    """Let customers of the group's account, each once, into it by hand: as `add_customers`."""
    terms = dict.fromkeys((customer.pk for customer in customers), Terms(until=until))
    with transaction.atomic():
        entered = enter_by_hand(group, terms, now=now)
        added = [customer for customer in customers if customer.pk in entered.standings]
        if added:
            also = [about_customer(customer) for customer in added]
            changes = [count(_("Customers"), len(added)), *_end_change(group, None, until)]
            record(Deed.CUSTOMERS_ADDED, about_group(group), account=group.account_id, also=also, changes=changes)
    return AddResult(added, already=entered.already)


def set_end(member: Member, until: datetime | None, *, now: datetime) -> None:
    """Let a member's standing by hand end at an aware instant ahead, or without an end; uses are filed by it.

    What they have booked after it is kept. Raises NotAMemberByHandError when there is no such standing.
    """
    with transaction.atomic():
        locks.lock_members([member.pk])
        before = _counting(member.pk, now=now)
        standing = member.standings.at(now).filter(ground=BY_HAND).first()
        if standing is None:
            raise NotAMemberByHandError
        if standing.until == until:
            return
        Standing.objects.filter(pk=standing.pk).update(until=until, end_told_at=None)
        _send_counting_changed(member.pk, before, now=now)
        record(
            Deed.END_CHANGED,
            about_customer(member.customer),
            account=member.account_id,
            also=[about_group(member.group)],
            beside=member.group.name,
            changes=_end_change(member.group, standing.until, until),
        )


def ensure_member(group: Group, customer: Customer, *, now: datetime) -> Member:
    """A customer as a member of a group, who does not stand in it by this: it is what their uses can be filed for."""
    return _ensure_members(group, [customer], now=now)[0]


def remove_by_hand(member: Member, *, now: datetime) -> bool:
    """End a member's standing by hand, now; history stays. Whether a membership still keeps them in.

    Raises NotAMemberByHandError when there is no such standing to end.
    """
    with transaction.atomic():
        locks.lock_members([member.pk])
        ended = member.standings.not_ended(now).filter(ground=BY_HAND).update(until=now)
        if not ended:
            raise NotAMemberByHandError
        return member.standings.at(now).exists()


def reopen_by_hand(standing: Standing, *, ended_at: datetime, until: datetime | None, now: datetime) -> bool:
    """Let a standing by hand that was ended at `ended_at` go on as if it had not been, up to `until`.

    Whether it does: not where somebody changed it since, or the customer was added again.
    """
    with transaction.atomic():
        locks.lock_members([standing.member_id])
        by_hand = Standing.objects.filter(member=standing.member_id, ground=BY_HAND)
        if by_hand.filter(since__gte=ended_at).exclude(pk=standing.pk).exists():
            return False
        reopened = Standing.objects.filter(pk=standing.pk, ground=BY_HAND, until=ended_at).update(until=until)
        if reopened:
            counting_changed.send(Member, member=standing.member_id, now=now)
        return bool(reopened)


def admit(  # noqa: PLR0913 - one standing's terms, each by its name
    group: Group,
    customer: Customer,
    *,
    ground: UUID,
    since: datetime,
    until: datetime | None,
    anchor_at: datetime,
    uses_reset_on: date | None,
    now: datetime,
    keeps_bookings: bool = True,
) -> Member:
    """Let a customer stand in a group on a subscription's ground (its uuid), and nowhere else on that ground.

    `since` is when the subscription began; who comes back after `suspend`, or is moved here, stands from now on.
    `until` is a known end. Usage periods are counted from the instant `anchor_at`, and again from the local date
    `uses_reset_on` (docs/design.md, *Uses and periods*). Standing on this ground in another group ends now: the
    subscription has changed, and what was booked there goes on here, as far as it can. What cannot is kept, unless
    `keeps_bookings` is false. The same again changes and tells nothing. Call it in a transaction that holds the
    subscription.
    """
    with transaction.atomic():
        [member] = _ensure_members(group, [customer], now=now)
        stood = _lock_ground(ground, member.pk)
        elsewhere = stood - {member.pk}
        moved = _end(ground, elsewhere, at=now, now=now)
        terms = Standing(
            account_id=group.account_id,
            member=member,
            source=StandingSource.MEMBERSHIP,
            ground=ground,
            since=now if stood else min(since, now),
            until=until,
            anchor=anchor_at.astimezone(group.account.zone).date(),
            anchor_at=anchor_at,
            uses_reset_on=uses_reset_on,
        )
        if _set_standing(terms, now=now) or moved:
            _send_standing_moved(ground, elsewhere, member, keeps_bookings=keeps_bookings, now=now)
    return member


def suspend(*, ground: UUID, now: datetime) -> None:
    """End standing on a subscription's ground for now: it is not paid. Bookings stay; `admit` lets them in again."""
    with transaction.atomic():
        _end(ground, _lock_ground(ground), at=now, now=now)


def lapse(*, ground: UUID, at: datetime, now: datetime) -> None:
    """End standing on a subscription's ground for good at an aware instant, now at the latest; history stays.

    Told to what releases bookings, also where it had ended before (`suspend`, or a known end that passed). The same
    again tells the same again. Call it in a transaction that holds the subscription.
    """
    with transaction.atomic():
        stood = _lock_ground(ground)
        _end(ground, stood, at=min(at, now), now=now)
        _send_standing_ended(ground, stood, now=now)
        # A known end passes without anybody noticing, so what was counted by this ground may still be filed by it.
        inside = Standing.objects.at(now).filter(member__in=stood)
        for member in inside.order_by("member").values_list("member", flat=True).distinct():
            counting_changed.send(Member, member=member, now=now)


def withdraw(*, ground: UUID, since: datetime, now: datetime) -> None:
    """Take standing on a subscription's ground back as if it had never been, its history too.

    `since` is when it was given. Who uses it may refuse (`groups.signals`): raises StandingUsedError where something
    was booked since then that nothing else keeps. Call it in a transaction that holds the subscription.
    """
    with transaction.atomic():
        stood = _lock_ground(ground)
        inside = Standing.objects.at(now).filter(member__in=stood).exclude(ground=ground)
        kept = set(inside.values_list("member", flat=True))
        for member in sorted(stood - kept):
            standing_withdrawing.send(Member, member=member, since=since, now=now)
        Standing.objects.filter(ground=ground, member__in=stood).delete()
        for member in sorted(kept):
            counting_changed.send(Member, member=member, now=now)
        for nobody in Member.objects.filter(pk__in=stood - kept):
            if not is_named(nobody):
                nobody.delete()


def withdraw_by_hand(standing: Standing, *, now: datetime) -> None:
    """Take one standing by hand (with its member) back as if it had never been.

    Raises StandingUsedError where something was booked since then that nothing else keeps.
    """
    with transaction.atomic():
        member = standing.member
        locks.lock_members([member.pk])
        is_kept = Standing.objects.at(now).filter(member=member).exclude(pk=standing.pk).exists()
        if not is_kept:
            standing_withdrawing.send(Member, member=member.pk, since=standing.since, now=now)
        standing.delete()
        if is_kept:
            counting_changed.send(Member, member=member.pk, now=now)
        if not is_named(member):
            member.delete()


def _lock_ground(ground: UUID, *more: int) -> set[int]:
    """Hold everyone who ever stood on a ground, and `more` members (ids); the ids of those who stood on it."""
    stood = set(Standing.objects.on_ground(ground).values_list("member", flat=True))
    locks.lock_members(stood | set(more))
    return stood


def _set_standing(terms: Standing, *, now: datetime) -> bool:
    """Give the member's open standing on the ground these terms, or open it: whether it was opened.

    A known end that has passed opens nothing.
    """
    before = _counting(terms.member_id, now=now)
    found = Standing.objects.not_ended(now).filter(ground=terms.ground, member=terms.member_id).first()
    opened = found is None and (terms.until is None or terms.until > now)
    if opened:
        terms.save(force_insert=True)
    elif found is not None:
        until = terms.until and max(terms.until, found.since)
        wanted = {"until": until} | {name: getattr(terms, name) for name in ("anchor", "anchor_at", "uses_reset_on")}
        changed = {name: value for name, value in wanted.items() if getattr(found, name) != value}
        if changed:
            Standing.objects.filter(pk=found.pk).update(**changed)
    _send_counting_changed(terms.member_id, before, now=now)
    return opened


def _end(ground: UUID, members: Iterable[int], *, at: datetime, now: datetime) -> bool:
    """End open standing on a ground of members (ids, held) at an instant not after now: whether there was any."""
    ended = 0
    for member in sorted(members):
        before = _counting(member, now=now)
        standings = Standing.objects.not_ended(now).filter(ground=ground, member=member)
        ended += standings.update(until=Greatest(F("since"), at))
        _send_counting_changed(member, before, now=now)
    return ended > 0


def _send_standing_moved(
    ground: UUID, members: Iterable[int], target: Member, *, keeps_bookings: bool, now: datetime
) -> None:
    """Tell whose standing on a ground goes on as that of another member, the same customer's in another group."""
    for source in Member.objects.filter(pk__in=members).select_related("group").order_by("pk"):
        standing_moved.send(Member, source=source, target=target, ground=ground, keeps_bookings=keeps_bookings, now=now)
    if not keeps_bookings:
        _send_standing_ended(ground, members, now=now)


def _send_standing_ended(ground: UUID, members: Iterable[int], *, now: datetime) -> None:
    """Tell who does not stand on a ground any more, and since when."""
    ended = Member.objects.filter(pk__in=members, standings__ground=ground).annotate(ended=Max("standings__until"))
    for member in ended.order_by("pk"):
        standing_ended.send(Member, member=member, ground=ground, at=member.ended, now=now)


def _counting(member: int, *, now: datetime) -> tuple[object, ...] | None:
    """What a member's uses are counted by now, a known end included; none where they do not stand."""
    ruling = ruling_standing(Standing.objects.at(now).filter(member=member), now=now)
    return (ruling.anchor, ruling.anchor_at, ruling.uses_reset_on, ruling.until) if ruling else None


def _send_counting_changed(member: int, before: tuple[object, ...] | None, *, now: datetime) -> None:
    """Tell that a member's uses are counted by something else; who does not stand is not counted for."""
    if _counting(member, now=now) not in (None, before):
        counting_changed.send(Member, member=member, now=now)


def _ensure_members(group: Group, customers: Iterable[Customer], *, now: datetime) -> list[Member]:
    wanted = [customer.pk for customer in customers]
    insert_members(group, wanted, now=now)
    return list(Member.objects.filter(group=group, customer__in=wanted).order_by("pk"))


def _end_change(group: Group, before: datetime | None, after: datetime | None) -> list[Change]:
    if before == after:
        return []
    zone = group.account.zone
    days = (date_format(last_day(each, zone), "j F Y") if each else NOTHING for each in (before, after))
    return [Change(_("Last day"), *days)]
