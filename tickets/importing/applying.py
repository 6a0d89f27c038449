"""Booking what a list says, as the studio books: places and allowances are those of every booking."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid5

from django.utils.translation import gettext as _

from accounts.customers import about_customer, customers_by_address, recognise_customer
from accounts.history.acting import told_already
from accounts.history.recording import concern, line_of
from accounts.imports.phases import row_error
from accounts.imports.sources import Cursor
from accounts.models import Customer, ListImport, ListImportRow, RowState
from bookwhen.jobs.run import divide
from offers.eligibility import Attendee
from tickets.availability.places import FullError
from tickets.booking.book import book_by_studio
from tickets.booking.refusals import EntryCancelledError
from tickets.booking.request import StudioOrder, WantedTicket
from tickets.booking.studio_terms import StudioTermsChangedError
from tickets.importing import judging
from tickets.importing.lines import CHARGES, LETTER, OWED, BookingLine
from tickets.importing.telling import may_tell
from tickets.importing.verdicts import BookingReason
from tickets.models import Entry, ImportedSeat, Seat

BATCH: Final = 50
"""How many rows a step takes: each booking is a transaction of its own, and others wait for none of them long."""
AFTER: Final = "after"


class NoSpaceError(Exception):
    """The event, or the ticket there, is full."""

    is_for_people = True

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.taken, self.capacity = entry.places.taken, entry.places.capacity

    def __str__(self) -> str:
        words = _(
            "No space was left: %(taken)d of %(capacity)d are taken. Raise the number of spaces, then import the list "
            "again: what’s here already isn’t booked twice."
        )
        return words % {"taken": self.taken, "capacity": self.capacity}


class EventGoneError(Exception):
    """The event was cancelled, or its ticket taken off sale, since the row was looked through."""

    is_for_people = True

    def __str__(self) -> str:
        return _("The event or its ticket has changed since. Import the list again to see what’s there now.")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row, what it says, and the event and ticket (ids) that it leads to."""

    row: ListImportRow
    line: BookingLine
    entry: int
    ticket: int


def apply(list_import: ListImport, cursor: Cursor, now: datetime) -> Cursor | None:
    """Make the next bookings that are wanted; what is wrong with one stops no other."""
    wanted = list_import.rows.wanted().filter(state=RowState.READ, number__gt=cursor.get(AFTER, 0))
    rows = list(wanted.order_by("number")[:BATCH])
    if not rows:
        return None
    reader = judging.reader_of(list_import)
    together: dict[tuple[str, ...], list[_Row]] = defaultdict(list)
    for row in rows:
        entry, _colon, ticket = row.target.partition(":")
        line = judging.line_of(reader, row)
        booked_once = line.reference or str(row.pk)
        together[row.person, entry, booked_once].append(_Row(row, line, int(entry), int(ticket)))
    for some in together.values():
        divide(some, lambda part: _book(list_import, part, now=now), _mark_failed, is_over=_never)
    return {AFTER: rows[-1].number}


def _never() -> bool:
    return False


def _mark_failed(given: _Row, error: Exception) -> None:
    ListImportRow.objects.filter(account=given.row.account_id, pk=given.row.pk).update(
        state=RowState.FAILED, error=row_error(error)
    )


def _book(list_import: ListImport, rows: Sequence[_Row], *, now: datetime) -> None:
    """Make one booking of rows with one reference, of one person at one event, in the caller's transaction."""
    entry = Entry.objects.for_booking().filter(account=list_import.account_id, pk=rows[0].entry).first()
    if entry is None:
        raise EventGoneError
    entry.account = list_import.account
    mapping = list_import.mapping
    tells = bool(mapping.get(LETTER)) and may_tell(entry.account, rows[0].row.person, now=now)
    customer, is_new = _customer(list_import, rows[0])
    key = uuid5(list_import.operation.key, " ".join(str(each.row.pk) for each in rows))
    order = StudioOrder(charges=mapping.get(CHARGES, True), notes_price=mapping.get(OWED, False), tells=tells)
    try:
        with told_already():
            booked = book_by_studio(entry, customer, _wanted(rows, customer), key=key, now=now, order=order)
    except FullError:
        entry.places.refresh_from_db()
        raise NoSpaceError(entry) from None
    except (EntryCancelledError, StudioTermsChangedError, KeyError):
        raise EventGoneError from None
    concern(line_of(list_import.account_id, list_import.operation_id), [about_customer(customer)])
    facts = {"customer": customer.pk, "made": is_new, "told": tells, "booking": booked.booking.pk, "at": entry.pk}
    _note(list_import, rows, facts)


def _customer(list_import: ListImport, given: _Row) -> tuple[Customer, bool]:
    """Whom it is for, made where unknown, and whether it was; a name of somebody else is nobody's."""
    account, person, line = list_import.account, given.row.person, given.line
    known = customers_by_address(account, [person]).get(person)
    name = line.booker or ("" if line.email else line.name)
    return recognise_customer(account, person, name, confirmed=True), known is None


def _wanted(rows: Sequence[_Row], customer: Customer) -> list[WantedTicket]:
    """What is to be booked: the first row that names nobody else is the customer's own."""
    found: list[WantedTicket] = []
    has_own = False
    for each in rows:
        line = each.line
        attendee = Attendee.GUEST if has_own else judging.attendee_of(line, customer)
        is_own = attendee is Attendee.SELF
        has_own = has_own or is_own
        name = line.attendee or customer.name or customer.email.partition("@")[0]
        email = line.email
        found.append(WantedTicket(ticket=each.ticket, name=name, email=email, attendee=attendee, is_for_booker=is_own))
    return found


def _note(list_import: ListImport, rows: Sequence[_Row], facts: Mapping[str, Any]) -> None:
    """Note on the rows what became of them, and on the seats which rows they came from."""
    account = list_import.account
    seats = Seat.objects.filter(account=account, booking=facts["booking"]).order_by("pk")
    imported = []
    for each, seat in zip(rows, seats, strict=True):
        key = uuid5(each.line.key, str(each.row.pk)) if each.row.why == BookingReason.REPEATED else each.line.key
        imported.append(ImportedSeat(account=account, key=key, reference=each.line.reference, seat=seat))
        after = {**facts, "seat": seat.pk, "ticket": seat.ticket_id, "name": seat.attendee_name}
        list_import.rows.filter(pk=each.row.pk).update(state=RowState.APPLIED, error="", after=after)
    ImportedSeat.objects.bulk_create(imported)
