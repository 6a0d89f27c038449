"""Whose the lines of a list are: recognised by their addresses, filled with what nobody had said, made where unknown.

All of it is reckoned without the database; then those who are new are made by one statement, whole, and those who have
something new are changed by another.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, connection

from accounts.customers import ADDRESS_ONCE, link_logins
from accounts.imports.rows import ListedRow
from accounts.models import Account
from bookwhen.db import violated_constraint
from groups.importing.facts import FIELDS, consent_at, facts_to_fill, snapshot
from groups.importing.judging import settle
from groups.importing.known import NOBODY_YET, Known, known_people
from groups.importing.people import Person
from groups.importing.seconds import NobodyThereError, make_seconds
from groups.importing.verdicts import PersonReason

KEEPS_NAME: Final = (PersonReason.SHARED_ADDRESS, PersonReason.OTHER_NAME)
"""Rows of these reasons name nobody: somebody else has the name that the address is known by."""
_MAKE: Final = """
    INSERT INTO accounts_customer (
        account_id, email, name, name_confirmed, phone, note, news_since, news_source, created_at
    )
    SELECT %s::bigint, email, name, name_confirmed, phone, note, news_since, news_source, %s::timestamptz
    FROM jsonb_to_recordset(%s::jsonb) AS made(
        place int, email text, name text, name_confirmed boolean, phone text, note text, news_since timestamptz,
        news_source text
    )
    ORDER BY place
    ON CONFLICT DO NOTHING
    RETURNING email, id
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


class MadeMeanwhileError(Exception):
    """At this instant somebody else made a customer with an address of the list: they are looked for again."""


@dataclass(slots=True)
class Line:
    """A row, what it says, and what becomes of it."""

    row: ListedRow
    person: Person
    groups: list[int]
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _People:
    """Whose lines are, by what tells them apart (`Person.who`)."""

    known: dict[str, Known]
    made: dict[str, Known] = field(default_factory=dict)
    """By their address: those whom a line is about to make."""
    changed: dict[int, Known] = field(default_factory=dict)
    """Those who are here and get something new."""

    def of(self, who: str) -> Known:
        """Who it is, or is to be."""
        return self.known.get(who) or self.made.setdefault(who, Known())


def recognise(account: Account, lines: Sequence[Line], *, now: datetime) -> list[int]:
    """Find or make whom lines are about: the customers (ids), each once; their lines say what they were and are now.

    In the caller's transaction. Raises NobodyThereError and MadeMeanwhileError, after which nothing of it may stay.
    """
    people = _People(known_people(account, {line.person.email for line in lines}))
    _settle(lines, people)
    owners = [(line, people.of(line.person.email)) for line in lines if not line.person.is_second]
    before = {id(owner): owner.pk for _line, owner in owners}
    for line, owner in owners:
        _fill(account, line, owner, people, now=now)
    _make(account, people.made, now=now)
    unlinked = {line.person.email: owner.pk for line, owner in owners if owner.user_id is None}
    link_logins(unlinked)
    seconds = [line for line in lines if line.person.is_second]
    if seconds:
        theirs = make_seconds(account, [line.person for line in seconds], people.known | people.made)
        for line in seconds:
            second = theirs[line.person.who]
            before.setdefault(id(second), second.pk if line.person.who in people.known else NOBODY_YET)
            owners.append((line, second))
            _fill(account, line, second, people, now=now)
    _write_facts(account, people.changed)
    for line, owner in owners:
        line.after |= {"customer": owner.pk, "made": before[id(owner)] == NOBODY_YET}
        before[id(owner)] = owner.pk
    return list(dict.fromkeys(owner.pk for _line, owner in owners))


def _settle(lines: Iterable[Line], people: _People) -> None:
    """Say of each line who it is; of who is not here yet, the first line with their address brings them."""
    own = set[str]()
    for line in lines:
        person = line.person
        settle(person, people.known, is_there=person.email in own)
        if not person.is_second:
            if line.row.why == PersonReason.SECOND_PERSON:
                raise NobodyThereError
            own.add(person.email)
        if line.row.why in KEEPS_NAME:
            person.name = ""


def _fill(account: Account, line: Line, owner: Known, people: _People, *, now: datetime) -> None:
    """Give somebody what a line says and nobody had said; the line notes what that was before, and what it is now."""
    filled = facts_to_fill(owner, line.person)
    if not filled:
        return
    if "news_source" in filled:
        filled["news_since"] = consent_at(line.person.news_since, account, now=now)
    line.before["facts"] = snapshot(owner, filled)
    for name, value in filled.items():
        setattr(owner, name, value)
    line.after["facts"] = snapshot(owner, filled)
    if owner.pk != NOBODY_YET:
        people.changed[owner.pk] = owner


def _make(account: Account, made: dict[str, Known], *, now: datetime) -> None:
    if not made:
        return
    given = [{"place": place, "email": email} | _facts(each) for place, (email, each) in enumerate(made.items())]
    try:
        with connection.cursor() as sql:
            sql.execute(_MAKE, [account.pk, now, json.dumps(given)])
            keys: dict[str, int] = dict(sql.fetchall())
    except IntegrityError as error:
        if violated_constraint(error) != ADDRESS_ONCE:
            raise
        raise MadeMeanwhileError from error
    if len(keys) < len(made):
        raise MadeMeanwhileError
    for email, key in keys.items():
        made[email].pk = key


def _write_facts(account: Account, changed: dict[int, Known]) -> None:
    if changed:
        given = [{"id": key} | _facts(each) for key, each in changed.items()]
        with connection.cursor() as sql:
            sql.execute(_FILL, [json.dumps(given), account.pk])


def _facts(known: Known) -> dict[str, Any]:
    return snapshot(known, FIELDS)
