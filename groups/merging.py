"""When two customers become one: they are in each group once, and stand there by the grounds of both."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection
from django.db.models import F
from django.db.models.functions import Least
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.merging.lists import rows_of_lists
from accounts.merging.parts import Line, MergePart, Pair
from accounts.models import ListImportRow
from groups.locks import lock_members
from groups.models import (
    BY_HAND,
    NO_END,
    InvitationLink,
    JoinRequest,
    JoinState,
    Member,
    MemberChange,
    MemberChangeRow,
    Standing,
)

MOST_NAMED: Final = 5
_CAME: Final = {JoinState.JOINED: 0, JoinState.WAITING: 1, JoinState.DECLINED: 2}
"""How far somebody came by a link: the furthest first."""


@dataclass(slots=True)
class UnitedStanding:
    """Standings by hand that overlap, as one: that of `kept`, from the first beginning to the last end."""

    kept: Standing
    since: datetime
    until: datetime | None
    absorbed: list[Standing]
    end_told_at: datetime | None


def twins_of(pair: Pair) -> dict[int, Member]:
    """In which groups both are: by the member (id) who goes, the member who stays, with group and standings."""
    staying = Member.objects.filter(account=pair.account, customer=pair.survivor)
    staying = staying.select_related("group").prefetch_related("standings")
    by_group = {each.group_id: each for each in staying}
    for each in by_group.values():
        each.group.account = pair.account
    going = Member.objects.filter(account=pair.account, customer=pair.gone, group__in=by_group).order_by("pk")
    return {pk: by_group[group] for pk, group in going.values_list("pk", "group")}


def united_anchor(standings: Iterable[Standing]) -> date | None:
    """By what they are counted by hand once they are one: the earliest; None where none is by hand."""
    return min((each.anchor for each in standings if each.ground == BY_HAND), default=None)


def unite_by_hand(standings: Iterable[Standing]) -> list[UnitedStanding]:
    """Two members' standings by hand as one member's: those that overlap become one, the others stay apart. Pure."""
    united: list[UnitedStanding] = []
    for each in sorted((one for one in standings if one.ground == BY_HAND), key=lambda one: (one.since, one.pk)):
        last = united[-1] if united else None
        if last is None or not _overlap(last, each):
            united.append(UnitedStanding(each, each.since, each.until, [], each.end_told_at))
            continue
        last.absorbed.append(each)
        if (each.until or NO_END) > (last.until or NO_END):
            last.until, last.end_told_at = each.until, each.end_told_at
    return united


def _overlap(united: UnitedStanding, standing: Standing) -> bool:
    """Whether the later one begins before the earlier one is over; what never lasted overlaps nothing."""
    is_empty = standing.until is not None and standing.until <= standing.since
    return not is_empty and standing.since < (united.until or NO_END)


def united_standings(first: Iterable[Standing], second: Iterable[Standing]) -> list[Standing]:
    """All grounds of two members as they will be one member's, unsaved: for who wants to know before."""
    every = [*first, *second]
    anchor = united_anchor(every)
    by_hand = [
        Standing(pk=each.kept.pk, source=each.kept.source, ground=BY_HAND, since=each.since, until=each.until)
        for each in unite_by_hand(every)
    ]
    for each in by_hand:
        each.anchor = anchor or each.since.date()
    return [*by_hand, *(each for each in every if each.ground != BY_HAND)]


def _hold(pair: Pair) -> None:
    members = Member.objects.filter(account=pair.account, customer__in=pair.ids)
    held = list(members.order_by("pk").values_list("pk", flat=True))
    lock_members(held)
    standings = Standing.objects.filter(account=pair.account, member__in=held).order_by("pk")
    list(standings.select_for_update(no_key=True).values_list("pk"))


def _lines(pair: Pair, now: datetime) -> Iterator[Line]:
    mine = _groups_now(pair.survivor.pk, pair, now=now)
    theirs = _groups_now(pair.gone.pk, pair, now=now)
    if not mine and not theirs:
        return
    both = [name for key, name in mine.items() if key in theirs]
    every = list((mine | theirs).values())
    sentences = [_("They’re in %(groups)s.") % {"groups": _named(every)}]
    if both:
        sentences.append(
            _("Both are in %(groups)s: it’s counted once, from the earlier start date.") % {"groups": _named(both)}
        )
    yield Line(gettext_lazy("Customer groups"), tuple(sentences))


def _groups_now(customer: int, pair: Pair, *, now: datetime) -> dict[int, str]:
    found = Member.objects.filter(account=pair.account, customer=customer, stands_until__gt=now)
    return dict(found.order_by("group__name", "pk").values_list("group", "group__name"))


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    if more <= 0:
        return shown
    return ngettext("%(names)s and %(more)d more", "%(names)s and %(more)d more", more) % {
        "names": shown,
        "more": more,
    }


def _move(pair: Pair, now: datetime) -> None:
    del now
    twins = twins_of(pair)
    theirs = Member.objects.filter(account=pair.account, customer=pair.gone)
    absorbed: dict[int, int] = {}
    for going, staying in twins.items():
        absorbed |= _unite(Member.objects.get(account=pair.account, pk=going), staying)
        _move_change_rows(pair, going, staying)
    theirs.exclude(pk__in=twins).update(customer=pair.survivor)
    _move_join_requests(pair)
    if absorbed:
        _follow_lists(pair, absorbed)


def _unite(going: Member, staying: Member) -> dict[int, int]:
    """Give a member's standings to another of the same group; which became part of which (ids)."""
    theirs = Standing.objects.filter(account=going.account_id, member=going)
    every = [*staying.standings.all(), *theirs]
    anchor, united, absorbed = united_anchor(every), unite_by_hand(every), dict[int, int]()
    for each in united:
        absorbed |= {gone.pk: each.kept.pk for gone in each.absorbed}
    for gone, kept in absorbed.items():
        MemberChangeRow.objects.filter(account=going.account_id, standing=gone).update(standing=kept)
    Standing.objects.filter(account=going.account_id, pk__in=absorbed).delete()
    theirs.exclude(ground=BY_HAND).update(member=staying)
    for each in united:
        facts: dict[str, Any] = {"since": each.since, "until": each.until, "end_told_at": each.end_told_at}
        Standing.objects.filter(account=going.account_id, pk=each.kept.pk).update(
            member=staying, anchor=anchor, **facts
        )
    earlier = Least(F("created_at"), going.created_at)
    Member.objects.filter(account=going.account_id, pk=staying.pk).update(created_at=earlier)
    return absorbed


def _move_change_rows(pair: Pair, going: int, staying: Member) -> None:
    """What was done to many at once is still told of them, and can still be undone: of one person once."""
    rows = MemberChangeRow.objects.filter(account=pair.account, member=going)
    twice = list(rows.filter(change__rows__member=staying).values_list("pk", "change", "done_at", "standing"))
    for pk, change, done_at, standing in twice:
        MemberChangeRow.objects.filter(account=pair.account, pk=pk).delete()
        one_less = {"listed": 1, "done": int(done_at is not None), "changed": int(standing is not None)}
        counted = MemberChange.objects.filter(account=pair.account, pk=change, undone_at=None)
        counted.update(**{name: F(name) - less for name, less in one_less.items() if less})
    rows.update(member=staying)


def _move_join_requests(pair: Pair) -> None:
    """By one link one person comes once: what came further stays, and who had joined twice has joined once."""
    theirs = JoinRequest.objects.filter(account=pair.account, customer__in=pair.ids)
    by_link: dict[int, list[JoinRequest]] = {}
    for each in theirs.order_by("pk").select_for_update(no_key=True):
        by_link.setdefault(each.link_id, []).append(each)
    for first, second in (two for two in by_link.values() if len(two) > 1):
        _kept, dropped = sorted((first, second), key=lambda each: (_CAME[JoinState(each.state)], each.pk))
        if dropped.state == JoinState.JOINED:
            links = InvitationLink.objects.filter(account=pair.account, pk=dropped.link_id, joined__gt=0)
            links.update(joined=F("joined") - 1)
        dropped.delete()
    JoinRequest.objects.filter(account=pair.account, customer=pair.gone).update(customer=pair.survivor)


def _follow_lists(pair: Pair, absorbed: dict[int, int]) -> None:
    """A list that gave one of the standings finds what it has become, and that it is another's too."""
    rows = [row for row in rows_of_lists(pair) if row.after.get("standings")]
    for row in rows:
        written = [each | {"id": absorbed.get(each["id"], each["id"])} for each in row.after["standings"]]
        row.after = {**row.after, "standings": written}
    ListImportRow.objects.bulk_update(rows, ["after"], batch_size=500)


def _let_members_go(pair: Pair, now: datetime) -> None:
    """Whose place another member has taken; everything of theirs is that one's by now, or the database refuses."""
    del now
    left = Member.objects.filter(account=pair.account, customer=pair.gone)
    left._raw_delete(using=connection.alias)  # noqa: SLF001 - nothing is to follow them


MEMBERS: Final = MergePart(hold=_hold, lines=_lines, move=_move)
LEFT_MEMBERS: Final = MergePart(move=_let_members_go)
