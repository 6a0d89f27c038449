"""What would become of each person on a list: by what the row says, the rows before it, and who is here already."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import Q, TextField

from accounts.imports.files import CELLS
from accounts.imports.rows import ListedRow, ListRow, listed_rows
from accounts.imports.tables.headings import is_total
from accounts.models import ListImport, Verdict
from bookwhen.email_address import find_fault, fold_email
from bookwhen.fastpath.compiled import IsOneOf
from groups.importing.facts import facts_to_fill
from groups.importing.known import Known, known_people
from groups.importing.people import Person, PersonReader, name_as_listed, name_key, second_key
from groups.importing.seconds import SECOND, is_another_name
from groups.importing.targets import Targets
from groups.importing.verdicts import VERDICTS, PersonReason
from groups.models import BY_HAND, Standing

EMAIL: Final = "email"
_OVER: Final = frozenset({PersonReason.ENDED, PersonReason.INACTIVE})


@dataclass(slots=True)
class _Here:
    """Who is here already, and whom earlier rows bring, as far as a batch is concerned: by what tells them apart."""

    known: dict[str, Known] = field(default_factory=dict)
    """Second people at an address too."""
    inside: set[tuple[str, str]] = field(default_factory=set)
    """Who is in which group (id) by hand."""
    listed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By which names (keys) earlier rows bring somebody."""
    brought: set[tuple[str, str]] = field(default_factory=set)
    """Whom earlier rows bring into which group (a target)."""


def judge(list_import: ListImport, rows: Sequence[ListedRow], now: datetime) -> None:
    """Give rows (ascending) their verdicts, each in the light of those before it."""
    reader, targets = reader_of(list_import), Targets(list_import, now=now)
    people = [person_of(reader, row) for row in rows]
    leads = [targets.of(person) for person in people]
    for row, person, groups in zip(rows, people, leads, strict=True):
        row.person, row.target = person.email, ",".join(groups)[:300]
    here = _look(list_import, {person.email for person in people if person.email}, now=now)
    _look_before(list_import, rows, reader, targets, here)
    for row, person, groups in zip(rows, people, leads, strict=True):
        settle(person, here.known, is_there=person.email in here.listed)
        reason = _impossible(row, person) or _doubt(person, here)
        if reason is None and person.is_over(targets.today):
            reason = PersonReason.ENDED
        if reason is None and person.is_inactive:
            reason = PersonReason.INACTIVE
        if reason is None:
            reason = _plain(person, groups, here)
        row.why, row.verdict = reason, VERDICTS[reason]
        if is_brought(row):
            _bring(person, groups, here)


def reader_of(list_import: ListImport) -> PersonReader:
    """What reads the rows of an import, by its mapping."""
    return PersonReader(list_import.mapping, list_import.account.time_zone)


def person_of(reader: PersonReader, row: ListRow) -> Person:
    """What a row says of somebody, with the address that the operator typed for it."""
    person = reader.read(row.raw[CELLS])
    if typed := row.decided.get(EMAIL):
        person.email, person.others = fold_email(typed), []
    person.is_second = bool(row.decided.get(SECOND))
    return person


def settle(person: Person, known: Mapping[str, Known], *, is_there: bool) -> None:
    """Say whether somebody is a second person at their address: known as one, or said to be and somebody has it.

    `known`: whose the addresses are, and the second people there. `is_there`: an earlier row brings who has it.
    """
    first = known.get(person.email)
    is_told = person.is_second and (is_there or first is not None)
    is_known = second_key(person.email, person.name) in known
    person.is_second = bool((is_told or is_known) and is_another_name(person, first))


def is_brought(row: ListRow) -> bool:
    """Whether a judged row counts as one that comes before others: nobody left it out.

    One of a membership that is over only does once somebody chose it: a later row may bring the same person.
    """
    is_left_out = row.why in _OVER and not row.chosen
    return bool(row.person) and row.chosen is not False and row.verdict != Verdict.REFUSED and not is_left_out


def _impossible(row: ListedRow, person: Person) -> PersonReason | None:
    if is_total(row.raw[CELLS]):
        return PersonReason.TOTAL
    if not person.email or find_fault(person.email):
        return PersonReason.BAD_ADDRESS if person.has_address else PersonReason.NO_ADDRESS
    return None


def _doubt(person: Person, here: _Here) -> PersonReason | None:
    if person.others:
        return PersonReason.SEVERAL_ADDRESSES
    return (None if person.is_second else _doubt_name(person, here)) or _doubt_facts(person)


def _doubt_name(person: Person, here: _Here) -> PersonReason | None:
    key = name_key(person.name)
    others = here.listed.get(person.email, set()) - {"", key}
    if key and others:
        return PersonReason.SHARED_ADDRESS
    customer = here.known.get(person.email)
    if key and customer and customer.confirmed_name and name_key(name_as_listed(customer.name)) != key:
        return PersonReason.OTHER_NAME
    return None


def _doubt_facts(person: Person) -> PersonReason | None:
    if person.odd_phone:
        return PersonReason.ODD_PHONE
    return PersonReason.ODD_DAY if person.odd_day else None


def _plain(person: Person, groups: Sequence[str], here: _Here) -> PersonReason:
    wanted = {(person.who, group) for group in groups}
    customer, is_listed = here.known.get(person.who), person.who in here.listed
    if customer is None and not is_listed:
        return PersonReason.SECOND_PERSON if person.is_second else PersonReason.NEW
    adds = bool(customer is not None and not is_listed and facts_to_fill(customer, person))
    if adds or wanted - here.inside - here.brought:
        return PersonReason.MORE
    return PersonReason.REPEATED if is_listed else PersonReason.SAME


def _bring(person: Person, groups: Sequence[str], here: _Here) -> None:
    here.listed[person.who].add(name_key(person.name))
    here.brought |= {(person.who, group) for group in groups}


def _look(list_import: ListImport, emails: set[str], *, now: datetime) -> _Here:
    account, here = list_import.account, _Here()
    here.known = known_people(account, emails)
    called: dict[int, list[str]] = defaultdict(list)
    for who, customer in here.known.items():
        called[customer.pk].append(who)
    theirs = IsOneOf("member__customer", list(called))
    standing = (
        Standing.objects.at(now).filter(theirs, account=account, ground=BY_HAND) if called else Standing.objects.none()
    )
    for customer_id, group in standing.values_list("member__customer", "member__group"):
        here.inside |= {(who, str(group)) for who in called[customer_id]}
    return here


def _look_before(
    list_import: ListImport, rows: Sequence[ListedRow], reader: PersonReader, targets: Targets, here: _Here
) -> None:
    """What earlier rows of the import bring for the same people."""
    people = IsOneOf("person", list({row.person for row in rows if row.person}), of=TextField())
    earlier = list_import.rows.filter(people, ~Q(person=""), number__lt=rows[0].number).order_by("number")
    for row in filter(is_brought, listed_rows(earlier.exclude(chosen=False).exclude(verdict=Verdict.REFUSED))):
        person = person_of(reader, row)
        settle(person, here.known, is_there=person.email in here.listed)
        _bring(person, targets.of(person), here)
