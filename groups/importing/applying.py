"""Adding the people of a list, many at a time: customers, then each group's, then what the rows became."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _

from accounts.customers import about_customer, customers_by_address, recognise_customers
from accounts.email_queue import Envelope, queue_letters
from accounts.history.acting import told_already
from accounts.history.recording import concern, line_of
from accounts.imports.phases import row_error
from accounts.imports.sources import Cursor
from accounts.inviting import note_invited
from accounts.models import Account, Customer, Letter, LetterKind, ListImport, ListImportRow, RowState
from bookwhen.jobs.run import divide
from groups.importing.facts import FIELDS, consent_at, facts_to_fill, snapshot
from groups.importing.judging import person_of, reader_of, settle
from groups.importing.making import make_groups
from groups.importing.people import LETTER, Person
from groups.importing.seconds import NobodyThereError, make_seconds, seconds_known
from groups.importing.targets import Targets
from groups.importing.verdicts import PersonReason
from groups.models import BY_HAND, Group, Standing
from groups.services import add_known

BATCH: Final = 2000
AFTER: Final = "after"
KEEPS_NAME: Final = (PersonReason.SHARED_ADDRESS, PersonReason.OTHER_NAME)
"""Rows of these reasons name nobody: somebody else has the name that the address is known by."""

_WRITE: Final = """
    UPDATE accounts_listimportrow AS written SET state = 'applied', error = '', before = done.before, after = done.after
    FROM jsonb_to_recordset(%s::jsonb) AS done(id bigint, before jsonb, after jsonb)
    WHERE written.account_id = %s AND written.id = done.id
"""
_FILL: Final = """
    UPDATE accounts_customer AS customer SET
        name = filled.name, name_confirmed = filled.name_confirmed, phone = filled.phone, note = filled.note,
        news_since = filled.news_since, news_source = filled.news_source
    FROM jsonb_to_recordset(%s::jsonb) AS filled(
        id bigint, name text, name_confirmed boolean, phone text, note text, news_since timestamptz, news_source text
    )
    WHERE customer.account_id = %s AND customer.id = filled.id
"""
_SET_TERMS: Final = """
    UPDATE groups_standing AS standing SET
        anchor = coalesce(terms.anchor, standing.anchor), until = coalesce(terms.until, standing.until)
    FROM jsonb_to_recordset(%s::jsonb) AS terms(id bigint, anchor date, until timestamptz)
    WHERE standing.account_id = %s AND standing.id = terms.id
"""


class GroupGoneError(Exception):
    """A group that a row leads to was archived or deleted since it was looked through."""

    is_for_people = True

    def __str__(self) -> str:
        return _("Its group is archived or deleted. Restore it and import again.")


class RowsGoneError(Exception):
    """Somebody whom a row names was erased at this instant, and the row with them: nothing may become of it."""


@dataclass(slots=True)
class _Line:
    """A row, what it says, and what becomes of it."""

    row: ListImportRow
    person: Person
    groups: list[int]
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


def apply(list_import: ListImport, cursor: Cursor, now: datetime) -> Cursor | None:
    """Add the next people who are wanted; what is wrong with one stops no other."""
    if not cursor:
        make_groups(list_import)
        return {AFTER: 0}
    wanted = list_import.rows.wanted().filter(state=RowState.READ, number__gt=cursor[AFTER])
    rows = list(wanted.order_by("number")[:BATCH])
    if not rows:
        return None
    reader, targets = reader_of(list_import), Targets(list_import)
    lines = []
    for row in rows:
        person = person_of(reader, row)
        groups = [int(target) for target in targets.of(person) if target.isdigit()]
        lines.append(_Line(row, person, groups))
    known = {line.row.pk: line for line in lines}
    divide(rows, lambda some: _add(list_import, [known[row.pk] for row in some], now=now), _mark_failed, is_over=_never)
    return {AFTER: rows[-1].number}


def _never() -> bool:
    return False


def _mark_failed(row: ListImportRow, error: Exception) -> None:
    ListImportRow.objects.filter(account=row.account_id, pk=row.pk).update(
        state=RowState.FAILED, error=row_error(error)
    )


def _add(list_import: ListImport, lines: Sequence[_Line], *, now: datetime) -> None:
    """Add what these lines say, in the caller's transaction."""
    account = list_import.account
    for line in lines:
        line.before, line.after = {}, {"standings": []}
        if line.row.target.count(",") + bool(line.row.target) != len(line.groups):
            raise GroupGoneError
    with told_already():
        customers = _customers(account, lines, now=now)
        new = _add_to_groups(account, lines, customers, now=now)
    line_of_history = line_of(account.pk, list_import.operation_id)
    concern(line_of_history, [about_customer(customer) for customer in customers.values()])
    if list_import.mapping.get(LETTER):
        _tell(list_import, lines, new, now=now)
    written = [{"id": line.row.pk, "before": line.before, "after": line.after} for line in lines]
    with connection.cursor() as sql:
        sql.execute(_WRITE, [json.dumps(written, cls=_Exactly), account.pk])
        if sql.rowcount != len(lines):
            raise RowsGoneError


def _customers(account: Account, lines: Sequence[_Line], *, now: datetime) -> dict[int, Customer]:
    """The customers of these lines by key, made where unknown; their lines say what they were before, and are now."""
    found, known = _recognise(account, lines)
    changed: dict[int, Customer] = {}
    for line in lines:
        customer = found[line.person.who]
        line.after |= {"customer": customer.pk, "made": customer.pk not in known}
        known.add(customer.pk)
        filled = facts_to_fill(customer, line.person)
        if not filled:
            continue
        if "news_source" in filled:
            filled["news_since"] = consent_at(line.person.news_since, account, now=now)
        line.before["facts"] = snapshot(customer, filled)
        for name, value in filled.items():
            setattr(customer, name, value)
        line.after["facts"] = snapshot(customer, filled)
        changed[customer.pk] = customer
    _write_facts(account, changed.values())
    return {customer.pk: customer for customer in found.values()}


def _recognise(account: Account, lines: Sequence[_Line]) -> tuple[dict[str, Customer], set[int]]:
    """Whose these lines are, by what tells them apart, made where unknown; and who was known before (keys)."""
    emails = list(dict.fromkeys(line.person.email for line in lines))
    before = customers_by_address(account, emails)
    before |= seconds_known(account, before)
    own: dict[str, None] = {}
    for line in lines:
        settle(line.person, before, is_there=line.person.email in own)
        if not line.person.is_second:
            if line.row.why == PersonReason.SECOND_PERSON:
                raise NobodyThereError
            own[line.person.email] = None
        if line.row.why in KEEPS_NAME:
            line.person.name = ""
    found = recognise_customers(account, dict.fromkeys(own, ""), confirmed=True)
    firsts = {email: customer for email, customer in before.items() if email in emails} | found
    seconds = [line.person for line in lines if line.person.is_second]
    return found | make_seconds(account, seconds, firsts), {customer.pk for customer in before.values()}


def _write_facts(account: Account, customers: Iterable[Customer]) -> None:
    given = [{"id": customer.pk} | {name: getattr(customer, name) for name in FIELDS} for customer in customers]
    if given:
        with connection.cursor() as sql:
            sql.execute(_FILL, [json.dumps(given, cls=_Exactly), account.pk])


class _Exactly(DjangoJSONEncoder):
    """Instants to the microsecond, so that what was written is known again."""

    def default(self, o: object) -> Any:  # noqa: ANN401 - as Django's
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def _add_to_groups(
    account: Account, lines: Sequence[_Line], customers: Mapping[int, Customer], *, now: datetime
) -> set[int]:
    """Let people into the groups that their lines lead to: who is new in one (keys of customers)."""
    of: dict[int, dict[int, _Line]] = defaultdict(dict)
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
        added = add_known(goal, [customers[pk] for pk in joining], now=now).new
        new |= {customer.pk for customer in added}
        _set_terms(goal, {customer.pk: joining[customer.pk] for customer in added}, now=now)
    return new


def _set_terms(group: Group, added: Mapping[int, _Line], *, now: datetime) -> None:
    """Give new members (by customer) their start date and their last day, and note their standings on their lines.

    Who was in the group before goes on with their old start date.
    """
    opened = Standing.objects.filter(
        account=group.account_id, member__group=group, member__customer__in=added, ground=BY_HAND, since=now
    )
    terms = []
    counted = opened.values("pk", "member__customer").annotate(stood=Count("member__standings"))
    for pk, customer, stood in counted.values_list("pk", "member__customer", "stood"):
        line = added[customer]
        since = line.person.since if stood == 1 else None
        until = end_of(line.person.until, group.account) if line.person.until else None
        line.after["standings"].append({"id": pk, "since": now, "until": until, "anchor": since})
        if since or until:
            terms.append({"id": pk, "anchor": since, "until": until})
    if terms:
        with connection.cursor() as sql:
            sql.execute(_SET_TERMS, [json.dumps(terms, cls=_Exactly), group.account_id])


def end_of(day: date, account: Account) -> datetime:
    """The instant at which a local day is over."""
    return datetime.combine(day + timedelta(days=1), time(), account.zone)


def _tell(list_import: ListImport, lines: Sequence[_Line], new: set[int], *, now: datetime) -> None:
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
