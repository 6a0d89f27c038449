"""Adding the people of a list, many at a time: customers, then each group's, then what the rows became."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.email_queue import Envelope, queue_letters
from accounts.history.recording import About, concern, line_of
from accounts.imports.phases import row_error
from accounts.imports.rows import ListedRow, listed_rows
from accounts.imports.sources import Cursor
from accounts.inviting import note_invited
from accounts.models import (
    Account,
    Customer,
    Letter,
    LetterKind,
    ListImport,
    ListImportRow,
    RowState,
    Thing,
)
from bookwhen.jobs.run import divide
from groups.entering import Terms, enter_by_hand
from groups.importing.judging import person_of, reader_of
from groups.importing.making import make_groups
from groups.importing.people import LETTER
from groups.importing.recognising import Line, MadeMeanwhileError, recognise
from groups.importing.targets import Targets
from groups.models import Group

BATCH: Final = 2000
AFTER: Final = "after"
ATTEMPTS: Final = 5
"""How often a batch is tried where others keep making customers with its addresses."""

_WRITE: Final = """
    UPDATE accounts_listimportrow AS written SET state = 'applied', error = '', before = done.before, after = done.after
    FROM jsonb_to_recordset(%s::jsonb) AS done(id bigint, before jsonb, after jsonb)
    WHERE written.account_id = %s AND written.id = done.id
"""


class GroupGoneError(Exception):
    """A group that a row leads to was archived or deleted since it was looked through."""

    is_for_people = True

    def __str__(self) -> str:
        return _("Its group is archived or deleted. Restore it and import again.")


class RowsGoneError(Exception):
    """Somebody whom a row names was erased at this instant, and the row with them: nothing may become of it."""


def apply(list_import: ListImport, cursor: Cursor, now: datetime) -> Cursor | None:
    """Add the next people who are wanted; what is wrong with one stops no other."""
    if not cursor:
        make_groups(list_import)
        return {AFTER: 0}
    wanted = list_import.rows.wanted().filter(state=RowState.READ, number__gt=cursor[AFTER])
    rows = listed_rows(wanted.order_by("number")[:BATCH])
    if not rows:
        return None
    reader, targets = reader_of(list_import), Targets(list_import, now=now)
    lines = {}
    for row in rows:
        person = person_of(reader, row)
        lines[row.pk] = Line(row, person, [int(target) for target in targets.of(person) if target.isdigit()])

    def add(some: Sequence[ListedRow]) -> None:
        _add(list_import, [lines[row.pk] for row in some], now=now)

    def mark(row: ListedRow, error: Exception) -> None:
        failed = ListImportRow.objects.filter(account=list_import.account_id, pk=row.pk)
        failed.update(state=RowState.FAILED, error=row_error(error))

    divide(rows, add, mark, is_over=_never)
    return {AFTER: rows[-1].number}


def _never() -> bool:
    return False


def _add(list_import: ListImport, lines: Sequence[Line], *, now: datetime) -> None:
    """Add what these lines say, in the caller's transaction."""
    account = list_import.account
    today = now.astimezone(account.zone).date()
    for line in lines:
        if not line.person.is_over(today) and line.row.target.count(",") + bool(line.row.target) != len(line.groups):
            raise GroupGoneError
    customers = _recognise(account, lines, now=now)
    new = _add_to_groups(account, lines, now=now)
    concern(line_of(account.pk, list_import.operation_id), [About(Thing.CUSTOMER, pk) for pk in customers])
    if list_import.mapping.get(LETTER):
        _tell(list_import, lines, new, now=now)
    written = [{"id": line.row.pk, "before": line.before, "after": line.after} for line in lines]
    with connection.cursor() as sql:
        sql.execute(_WRITE, [json.dumps(written), account.pk])
        if sql.rowcount != len(lines):
            raise RowsGoneError


def _recognise(account: Account, lines: Sequence[Line], *, now: datetime) -> list[int]:
    """The customers (ids) of these lines; again where others made one of them at this instant."""
    for attempt in range(1, ATTEMPTS + 1):
        for line in lines:
            line.before, line.after = {}, {"standings": []}
        try:
            with transaction.atomic():
                return recognise(account, lines, now=now)
        except MadeMeanwhileError:
            if attempt == ATTEMPTS:
                raise
    return []


def _add_to_groups(account: Account, lines: Sequence[Line], *, now: datetime) -> set[int]:
    """Let people into the groups that their lines lead to: who is new in one (keys of customers)."""
    of: dict[int, dict[int, Line]] = defaultdict(dict)
    for line in lines:
        for group in line.groups:
            of[group].setdefault(line.after["customer"], line)
    new: set[int] = set()
    there = {group.pk: group for group in Group.objects.in_use().filter(account=account, pk__in=of)}
    for key, joining in sorted(of.items()):
        if key not in there:
            raise GroupGoneError
        goal = there[key]
        goal.account = account
        new |= _enter(goal, joining, now=now)
    return new


def _enter(group: Group, joining: Mapping[int, Line], *, now: datetime) -> set[int]:
    """Let customers into a group, each as their line says, and note their standings there: who is new in it.

    Who is in it already stays as they are.
    """
    untils = {line.person.until for line in joining.values()} - {None}
    ends = {day: end_of(day, group.account) for day in untils if day}
    terms = {
        customer: Terms(line.person.since, ends[line.person.until] if line.person.until else None)
        for customer, line in joining.items()
    }
    entered = enter_by_hand(group, terms, keeps_ends=True, now=now)
    at = now.isoformat()
    for customer, standing in entered.standings.items():
        since, until = terms[customer].since, terms[customer].until
        joining[customer].after["standings"].append(
            {
                "id": standing,
                "since": at,
                "until": until.isoformat() if until else None,
                "anchor": since.isoformat() if since and customer in entered.first else None,
            }
        )
    return set(entered.standings)


def end_of(day: date, account: Account) -> datetime:
    """The instant at which a local day is over."""
    return datetime.combine(day + timedelta(days=1), time(), account.zone)


def _tell(list_import: ListImport, lines: Sequence[Line], new: set[int], *, now: datetime) -> None:
    """Write to those who are new in a group how to get in: once each, whatever the list says of them."""
    account = list_import.account
    context: dict[str, object] = {"page": account.pages.first()}
    keys = {
        f"listed:{list_import.pk}:{line.after['customer']}": line for line in lines if line.after["customer"] in new
    }
    envelopes = [
        Envelope(line.person.email, context | {"for_whom": line.person.name}, dedupe=key)
        if line.person.is_second
        else Envelope(line.person.email, context, dedupe=key)
        for key, line in keys.items()
    ]
    queue_letters(envelopes, kind=LetterKind.ADDED, template="groups/letters/added", account=account, now=now)
    note_invited(Customer.objects.filter(account=account, pk__in=new), now=now)
    written = Letter.objects.filter(account=account, dedupe__in=keys, created_at=now)
    for key in written.values_list("dedupe", flat=True):
        keys[str(key)].after["told"] = True
