"""One thing done to many members of a group at once: removed, counted from another date, added to another group, told.

Of up to `AT_ONCE` members it is done in the request that asks for it, of more by workers, some in one transaction. Each
keeps what was before, so that all of it can be undone: for everyone for whom what it wrote still stands. A letter that
was written cannot be.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.customers import about_customer
from accounts.history.acting import told_already
from accounts.history.recording import concern, count, line_of, record
from accounts.models import Account, AuditEntry, Deed, Operation
from accounts.operations.by_key import RowsToDo, do_batch
from accounts.operations.kinds import Kind, Phase, Place, Step
from accounts.operations.services import about_operation, cancel_operation, start_operation
from bookwhen.jobs.run import divide
from groups.catalogue import about_group
from groups.locks import lock_members
from groups.models import BY_HAND, Group, Member, MemberChange, MemberChangeKind, MemberChangeRow, Standing
from groups.services import add_known, remove_by_hand, reopen_by_hand, set_end
from offers.services import move_anchor
from tickets.booking.remove import remove_from_group
from tickets.inviting import invite

AT_ONCE: Final = 100
"""How many members are changed in a request: in about a second."""
BATCH: Final = 20
"""How many in one transaction."""
OFFERED: Final = timedelta(days=1)
"""How long the list of customers offers to undo the last change; its own page does so for good."""
CHANGE: Final = "change"
UNDO: Final = "undo"
DEEDS: Final = {
    MemberChangeKind.REMOVE: Deed.MEMBERS_REMOVED,
    MemberChangeKind.START_DATE: Deed.MEMBERS_START_CHANGED,
    MemberChangeKind.ADD_TO_GROUP: Deed.MEMBERS_COPIED,
    MemberChangeKind.LAST_DAY: Deed.MEMBERS_END_CHANGED,
    MemberChangeKind.INVITE: Deed.MEMBERS_INVITED,
}

log = logging.getLogger(__name__)

Acting = Callable[[Sequence[MemberChangeRow]], Sequence[MemberChangeRow]]
"""Does something to some members, and says to which there was something to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedChange:
    """What is to be done to members: of a start date the date, of another group the group, of an end the instant."""

    kind: MemberChangeKind
    anchor: date | None = None
    target: Group | None = None
    until: datetime | None = None
    cancels: bool = False


def begin_change(
    group: Group, members: QuerySet[Member], wanted: WantedChange, *, who: str, key: UUID, now: datetime
) -> MemberChange:
    """Do something to members of a group, or let workers do it; the same key again returns what it began.

    What was not reached then, because the request was cut off, is done when it is sent again.
    """
    with transaction.atomic():
        given = {each.name: getattr(wanted, each.name) for each in fields(wanted)}
        change, is_new = MemberChange.objects.get_or_create(
            account=group.account, key=key, defaults={"group": group, "created_at": now, **given}
        )
        line = _begin(change, members, who=who, now=now) if is_new else None
    if not change.operation_id and not change.undone_at:
        _do_at_once(_rows_to_change(change, line, now=now))
    return change


def undo_change(change: MemberChange, *, who: str, now: datetime) -> None:
    """Put everyone back as they were before a change (with its group), if what it wrote still stands; once.

    Letters stay written.
    """
    if change.kind == MemberChangeKind.INVITE:
        return
    with transaction.atomic():
        asked = MemberChange.objects.filter(account=change.account_id, pk=change.pk, undone_at=None)
        if not asked.update(undone_at=now):
            return
        if change.operation:
            cancel_operation(change.operation, now=now)
        change.undone_at, change.operation = now, None
        rows = _rows_to_undo(change, None, now=now)
        also = []
        if (number := rows.count()) > AT_ONCE:
            also = [about_operation(_let_workers(change, UNDO, who=who, key=uuid4(), now=now))]
        about, changes = about_group(change.group), [count(_("Customers"), number)]
        line = record(Deed.MEMBERS_UNDONE, about, account=change.account_id, also=also, changes=changes)
    if not change.operation_id:
        _do_at_once(_rows_to_undo(change, line, now=now))


def newest_change(group: Group, *, now: datetime) -> MemberChange | None:
    """What was done last to many members of a group, for as long as it is likely to be undone: a day."""
    last = MemberChange.objects.filter(account=group.account_id, group=group).order_by("-pk").first()
    return last if last and last.created_at > now - OFFERED else None


def changes_of(account: Account) -> QuerySet[MemberChange]:
    """All changes of an account, each with its groups and its long job."""
    return MemberChange.objects.filter(account=account).select_related("account", "group", "target", "operation")


def _begin(change: MemberChange, members: QuerySet[Member], *, who: str, now: datetime) -> AuditEntry | None:
    """Note whom it is about, tell of it, and call for workers where they are many."""
    change.listed = number = _list_members(change, members)
    change.save(update_fields=["listed"])
    also = []
    if number > AT_ONCE:
        also = [about_operation(_let_workers(change, CHANGE, who=who, key=change.key, now=now))]
    if change.target:
        also.append(about_group(change.target))
    return record(
        DEEDS[MemberChangeKind(change.kind)],
        about_group(change.group),
        account=change.account_id,
        also=also,
        changes=[count(_("Customers"), number)],
        beside=change.target.name if change.target else "",
    )


def _list_members(change: MemberChange, members: QuerySet[Member]) -> int:
    sql, params = members.order_by().values("pk").query.sql_with_params()
    table = MemberChangeRow._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (account_id, change_id, member_id) SELECT %s, %s, found.pk"  # noqa: S608 - our own
            f" FROM ({sql}) AS found (pk)",
            [change.account_id, change.pk, *params],
        )
        number: int = cursor.rowcount
        return number


def _let_workers(change: MemberChange, phase: str, *, who: str, key: UUID, now: datetime) -> Operation:
    lane = f"members {change.pk} {phase}"
    kind = CHANGING_MEMBERS.name
    operation, _new = start_operation(change.account, kind, phase=phase, who=who, key=key, lane=lane, now=now)
    change.operation = operation
    change.save(update_fields=["operation"])
    return operation


def _do_at_once(rows: RowsToDo) -> None:
    after = 0
    while keys := rows.next_keys(after):
        divide(keys, rows.act, _note_failure, is_over=lambda: False)
        after = keys[-1]


def _note_failure(row: int, error: Exception) -> None:
    log.error("Changing a member failed for row %s: %s", row, error, exc_info=error)


def _rows_to_change(change: MemberChange, line: AuditEntry | None, *, now: datetime) -> RowsToDo:
    left = MemberChangeRow.objects.filter(
        account=change.account_id, change=change, change__undone_at=None, done_at=None
    )
    if change.kind == MemberChangeKind.INVITE:
        return _rows(change, left, partial(_invite, change, now=now), line)
    return _rows(change, left, _one_by_one(partial(_CHANGE[MemberChangeKind(change.kind)], change, now=now)), line)


def _rows_to_undo(change: MemberChange, line: AuditEntry | None, *, now: datetime) -> RowsToDo:
    left = MemberChangeRow.objects.filter(
        account=change.account_id, change=change, standing__isnull=False, undone_at=None
    )
    return _rows(change, left, _one_by_one(partial(_UNDO[MemberChangeKind(change.kind)], change, now=now)), line)


def _one_by_one(act: Callable[[MemberChangeRow], bool]) -> Acting:
    return lambda rows: [row for row in rows if act(row)]


def _rows(
    change: MemberChange,
    left: QuerySet[MemberChangeRow],
    act: Acting,
    line: AuditEntry | None,
) -> RowsToDo:
    def next_keys(after: int) -> list[int]:
        return list(left.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH])

    def do(keys: Sequence[int]) -> None:
        # Who undoes it waits for this, and finds all that was done.
        held = MemberChange.objects.select_for_update(no_key=True).get(account=change.account_id, pk=change.pk)
        if held.undone_at != change.undone_at:
            return
        rows = list(left.filter(pk__in=keys).select_related("member__customer", "standing").order_by("pk"))
        customers = {row.member.customer_id for row in rows}
        # All at once: others hold a customer's memberships in ascending order.
        lock_members(Member.objects.filter(customer__in=customers).values_list("pk", flat=True))
        for row in rows:
            row.member.group = change.group
        with told_already():
            acted = act(rows)
        MemberChangeRow.objects.bulk_update(rows, ["done_at", "standing", "until_before", "anchor_before", "undone_at"])
        _count(change, len(rows), len(acted))
        concern(line, [about_customer(row.member.customer) for row in rows if row.standing_id or row in acted])

    return RowsToDo(left.count, next_keys, do)


def _count(change: MemberChange, rows: int, acted: int) -> None:
    """Keep how many were done, or put back, and of how many there was something to do, or none any more."""
    added = {"done": rows, "changed": acted}
    if change.undone_at:
        added = {"put_back": acted, "left_alone": rows - acted}
    MemberChange.objects.filter(account=change.account_id, pk=change.pk).update(
        **{name: F(name) + number for name, number in added.items()}
    )


def _standing_by_hand(member: int, *, now: datetime) -> Standing | None:
    return Standing.objects.at(now).filter(member=member, ground=BY_HAND).first()


def _remove(change: MemberChange, row: MemberChangeRow, *, now: datetime) -> bool:
    row.done_at, standing = now, _standing_by_hand(row.member_id, now=now)
    if standing is None:
        return False
    remove_from_group(row.member, cancel=change.cancels, now=now)
    row.standing, row.until_before = standing, standing.until
    return True


def _put_back(_change: MemberChange, row: MemberChangeRow, *, now: datetime) -> bool:
    assert row.standing and row.done_at  # noqa: S101, PT018 - it was ended
    row.undone_at = now
    return reopen_by_hand(row.standing, ended_at=row.done_at, until=row.until_before, now=now)


def _move_start(change: MemberChange, row: MemberChangeRow, *, now: datetime) -> bool:
    row.done_at, standing = now, _standing_by_hand(row.member_id, now=now)
    if standing is None or change.anchor is None or standing.anchor == change.anchor:
        return False
    move_anchor(row.member, change.anchor, now=now)
    row.standing, row.anchor_before = standing, standing.anchor
    return True


def _move_start_back(change: MemberChange, row: MemberChangeRow, *, now: datetime) -> bool:
    assert row.standing and row.anchor_before  # noqa: S101, PT018 - it was moved
    row.undone_at = now
    if row.standing.anchor != change.anchor:
        return False
    move_anchor(row.member, row.anchor_before, now=now)
    return True


def _add(change: MemberChange, row: MemberChangeRow, *, now: datetime) -> bool:
    row.done_at = now
    target = Group.objects.in_use().filter(account=change.account_id, pk=change.target_id or 0).first()
    if target is None:
        return False
    theirs = Member.objects.filter(group=target, customer=row.member.customer_id).first()
    if theirs and _standing_by_hand(theirs.pk, now=now):
        # Added again, an end that they have there would be put off.
        return False
    target.account = change.account
    added = add_known(target, [row.member.customer], now=now)
    if added.new:
        theirs = Member.objects.get(group=target, customer=row.member.customer)
        row.standing = _standing_by_hand(theirs.pk, now=now)
    return bool(added.new)


def _set_last_day(change: MemberChange, row: MemberChangeRow, *, now: datetime) -> bool:
    row.done_at, standing = now, _standing_by_hand(row.member_id, now=now)
    if standing is None or standing.until == change.until:
        return False
    set_end(row.member, change.until, now=now)
    row.standing, row.until_before = standing, standing.until
    return True


def _set_last_day_back(change: MemberChange, row: MemberChangeRow, *, now: datetime) -> bool:
    row.undone_at, standing = now, _standing_by_hand(row.member_id, now=now)
    if standing is None or standing.pk != row.standing_id or standing.until != change.until:
        return False
    set_end(row.member, row.until_before, now=now)
    return True


def _invite(change: MemberChange, rows: Sequence[MemberChangeRow], *, now: datetime) -> list[MemberChangeRow]:
    for row in rows:
        row.done_at = now
    invited = invite(change.account, [row.member.customer for row in rows], now=now)
    return [row for row in rows if row.member.customer_id in invited]


def _take_out(_change: MemberChange, row: MemberChangeRow, *, now: datetime) -> bool:
    assert row.standing  # noqa: S101 - it was given
    row.undone_at = now
    if row.standing.until is not None:
        return False
    remove_by_hand(Member.objects.get(pk=row.standing.member_id), now=now)
    return True


_CHANGE: Final[Mapping[MemberChangeKind, Callable[..., bool]]] = {
    MemberChangeKind.REMOVE: _remove,
    MemberChangeKind.START_DATE: _move_start,
    MemberChangeKind.ADD_TO_GROUP: _add,
    MemberChangeKind.LAST_DAY: _set_last_day,
}
_UNDO: Final[Mapping[MemberChangeKind, Callable[..., bool]]] = {
    MemberChangeKind.REMOVE: _put_back,
    MemberChangeKind.START_DATE: _move_start_back,
    MemberChangeKind.ADD_TO_GROUP: _take_out,
    MemberChangeKind.LAST_DAY: _set_last_day_back,
}


def _change_of(operation: Operation) -> MemberChange:
    changes = MemberChange.objects.select_related("group__account", "target", "account")
    return changes.get(account=operation.account_id, pk=int(operation.lane.split()[1]))


def _change_batch(operation: Operation, now: datetime) -> Step:
    line = line_of(operation.account_id, operation.pk)
    return do_batch(operation, _rows_to_change(_change_of(operation), line, now=now))


def _undo_batch(operation: Operation, now: datetime) -> Step:
    line = line_of(operation.account_id, operation.pk)
    return do_batch(operation, _rows_to_undo(_change_of(operation), line, now=now))


def _leads_to(operation: Operation) -> Place:
    return Place(gettext_lazy("See what was changed"), "member_change", int(operation.lane.split()[1]))


CHANGING_MEMBERS: Final = Kind(
    "members",
    gettext_lazy("Change customers of a group"),
    "operation",
    {
        CHANGE: Phase(gettext_lazy("Changing customers"), _change_batch),
        UNDO: Phase(gettext_lazy("Putting customers back"), _undo_batch),
    },
    leads_to=_leads_to,
)
