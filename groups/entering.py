"""Letting customers into a group by hand, many at a time: a few statements for however many they are."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from bookwhen.fastpath.compiled import IsOneOf
from groups.models import BY_HAND, Group, Member, Standing
from groups.rows import insert_members, insert_standings_by_hand
from groups.signals import counting_changed


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms somebody comes in: since which local day, if that is another than today, and until when."""

    since: date | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """Who came in (customers’ ids): by which standing (id); and how many were in by hand already."""

    standings: Mapping[int, int]
    already: int
    first: frozenset[int] = frozenset()
    """Who of them never stood in the group before: they alone come in since the day that is said of them."""


@dataclass(slots=True)
class _Before:
    """What members (ids) have of a group, held."""

    inside: set[int] = field(default_factory=set)
    """Who stands in it by hand now."""
    stood: set[int] = field(default_factory=set)
    """Who ever stood in it, by whatever."""
    anchors: dict[int, date] = field(default_factory=dict)
    """Of those who stood in it by hand, the first anchor."""
    ends: dict[int, tuple[int, datetime]] = field(default_factory=dict)
    """Of those who stand in it by hand up to a known end, the standing (id) and that end."""


def enter_by_hand(group: Group, terms: Mapping[int, Terms], *, now: datetime, keeps_ends: bool = False) -> Entered:
    """Let customers (ids, of the group’s account) into a group by hand, each on their terms.

    Those who are in by hand already stay as they are, but for an end that comes sooner than the one of their terms: it
    is put off, unless `keeps_ends` says so. Who was in it by hand before goes on with the old anchor and count; for
    others the anchor is the day that their terms name, where they never stood in it, or else today, in the account's
    time zone.
    """
    with transaction.atomic():
        insert_members(group, list(terms), now=now)
        members = _lock(group, list(terms))
        before = _look(list(members), now=now)
        entering = {member: customer for member, customer in members.items() if member not in before.inside}
        changed = before.stood & entering.keys()
        if not keeps_ends:
            changed |= _put_off_ends(before, {member: terms[members[member]].until for member in before.ends})
        today = now.astimezone(group.account.zone).date()
        opened = {}
        for member, customer in entering.items():
            since = None if member in before.stood else terms[customer].since
            opened[member] = (before.anchors.get(member) or since or today, terms[customer].until)
        standings = insert_standings_by_hand(group, opened, since=now)
        for member in sorted(changed):
            counting_changed.send(Member, member=member, now=now)
    first = frozenset(customer for member, customer in entering.items() if member not in before.stood)
    return Entered({entering[member]: pk for member, pk in standings.items()}, len(before.inside), first)


def _lock(group: Group, customers: list[int]) -> dict[int, int]:
    """Hold the members that customers are (as `groups.locks` does), in the order of their ids: whose each is."""
    found = Member.objects.filter(IsOneOf("customer", customers), account=group.account_id, group=group)
    return dict(found.order_by("pk").select_for_update(no_key=True).values_list("pk", "customer"))


def _look(members: list[int], *, now: datetime) -> _Before:
    found, before = Standing.objects.filter(IsOneOf("member", members)).order_by("since", "pk"), _Before()
    columns = found.values_list("pk", "member", "ground", "since", "until", "anchor")
    for pk, member, ground, since, until, anchor in columns:
        before.stood.add(member)
        if ground != BY_HAND:
            continue
        before.anchors.setdefault(member, anchor)
        if since <= now and (until is None or until > now):
            before.inside.add(member)
            if until is not None:
                before.ends[member] = (pk, until)
    return before


def _put_off_ends(before: _Before, untils: Mapping[int, datetime | None]) -> set[int]:
    """Put off ends of standings by hand that come sooner than these (by member): whose (ids) were."""
    sooner: dict[datetime | None, dict[int, int]] = defaultdict(dict)
    for member, until in untils.items():
        pk, end = before.ends[member]
        if until is None or end < until:
            sooner[until][member] = pk
    for until, standings in sooner.items():
        Standing.objects.filter(pk__in=standings.values()).update(until=until, end_told_at=None)
    return {member for standings in sooner.values() for member in standings}
