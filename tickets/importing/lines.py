"""A row of a list of bookings, read by what the operator said its columns hold. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from accounts.imports.tables.cells import DayOrder, addresses_in, read_local_moment, says_nothing
from accounts.names import one_line_name
from bookwhen.email_address import find_fault, fold_email
from bookwhen.text import machine_line, plain_letters
from groups.importing.people import COLUMNS, DAY_ORDER, group_key, name_in_address, name_key, words_key
from groups.pasted.names import tidy_name
from tickets.importing.columns import BookingColumn

TICKETS: Final = "tickets"
LETTER: Final = "letter"
CHARGES: Final = "charges"
OWED: Final = "owed"
"""The words of an import's mapping: which ticket of ours is meant by a ticket's name (by its key), whether people are
told, whether their allowances are charged, and whether prices are noted as still to pay."""
ENTRY: Final = "entry"
TICKET: Final = "ticket"
EMAIL: Final = "email"
"""The words of what the operator decided about one row: ids, and an address."""

_NAMESPACE: Final = UUID("6b2f9a52-2f0b-4b6c-9d55-5a0a4f0f8d11")
_OFF_WORDS: Final = (
    "cancelled canceled cancel incomplete checkout basket cart abandoned expired failed declined deleted removed"
    " refunded waiting waitlist waitlisted late noshow storniert abgesagt warteliste geloscht annule annulee expire"
    " attente"
)
_OFF: Final = frozenset(_OFF_WORDS.split(" "))
"""What other systems write of a row that holds no space."""
_NOT_MADE: Final = ("not completed", "not complete", "not confirmed", "no show", "in checkout", "in basket", "in cart")
REFERENCE_LENGTH: Final = 100


@dataclass(slots=True)
class BookingLine:
    """What a row says of a booking."""

    reference: str = ""
    title: str = ""
    starts: datetime | None = None
    """On the clocks of the account's zone; midnight where the row names a day alone."""
    start_text: str = ""
    """What stood there."""
    ticket: str = ""
    name: str = ""
    """Who attends; empty: who booked."""
    email: str = ""
    """The attendee's own address, where they have another one than who booked."""
    booker: str = ""
    address: str = ""
    """Of who booked, folded; empty where there is none, or none that can be one."""
    has_address: bool = False
    is_off: bool = False
    """Whether its status says that it holds no space: cancelled, or never completed."""
    key: UUID = _NAMESPACE
    """What makes it the same booking of the same person when the list is read again, whatever was decided about it."""

    @property
    def has_time(self) -> bool:
        """Whether it names a time of day."""
        return self.starts is not None and self.starts.time() != time()

    @property
    def attendee(self) -> str:
        """Who attends, as far as the row says."""
        return self.name or self.booker

    @property
    def is_for_booker(self) -> bool:
        """Whether who booked comes themselves: nobody else is named."""
        return not self.name or not self.booker or name_key(self.name) == name_key(self.booker)


class BookingReader:
    """Reads rows by one mapping."""

    def __init__(self, mapping: Mapping[str, Any], zone: ZoneInfo) -> None:
        self.zone = zone
        self.order: DayOrder = "mdy" if mapping.get(DAY_ORDER) == "mdy" else "dmy"
        columns: Sequence[str] = mapping.get(COLUMNS, [])
        self.places = {column: number for number, column in enumerate(columns) if column}

    def read(self, cells: Sequence[str]) -> BookingLine:
        """What a row's cells say."""
        line = BookingLine(reference=machine_line(self._cell(cells, BookingColumn.REFERENCE), REFERENCE_LENGTH))
        line.title = self._cell(cells, BookingColumn.TITLE)
        line.ticket = self._cell(cells, BookingColumn.TICKET)
        line.start_text = f"{self._cell(cells, BookingColumn.STARTS)} {self._cell(cells, BookingColumn.TIME)}".strip()
        line.starts = self._moment(line.start_text)
        line.is_off = is_off(self._cell(cells, BookingColumn.STATUS))
        self._read_people(line, cells)
        who = words_key(line.attendee), line.email or line.address
        said = (line.reference.casefold(), str(line.starts), group_key(line.title), *who)
        line.key = uuid5(_NAMESPACE, "\n".join(said))
        # Names beside addresses are no part of the key: the same list was read without them once.
        line.name = line.name or name_in_address(self._cell(cells, BookingColumn.EMAIL))
        line.booker = line.booker or name_in_address(self._cell(cells, BookingColumn.BOOKER_EMAIL))
        return line

    def _read_people(self, line: BookingLine, cells: Sequence[str]) -> None:
        first, last = self._cell(cells, BookingColumn.FIRST), self._cell(cells, BookingColumn.LAST)
        line.name = _name(f"{first} {last}".strip() or self._cell(cells, BookingColumn.NAME))
        line.booker = _name(self._cell(cells, BookingColumn.BOOKER))
        own, theirs = self._address(cells, BookingColumn.EMAIL), self._address(cells, BookingColumn.BOOKER_EMAIL)
        line.has_address = bool(own or theirs)
        line.email, line.address = _address(own), _address(theirs or own)
        if not line.address and not line.booker:
            line.address = line.email
        if line.email == line.address:
            line.email = ""

    def _moment(self, text: str) -> datetime | None:
        return read_local_moment(text, self.order, self.zone) if text else None

    def _address(self, cells: Sequence[str], column: str) -> str:
        said = self._cell(cells, column)
        return "" if says_nothing(said) else said

    def _cell(self, cells: Sequence[str], column: str) -> str:
        place = self.places.get(column)
        return cells[place] if place is not None and place < len(cells) else ""


def is_off(status: str) -> bool:
    """Whether a status says that a booking holds no space."""
    said = plain_letters(status).replace("-", " ").replace("(", " ").replace(":", " ").replace(",", " ").split()
    return bool(said) and (said[0] in _OFF or " ".join(said[:2]) in _NOT_MADE)


def _name(text: str) -> str:
    return one_line_name(tidy_name(text)) if text else ""


def _address(text: str) -> str:
    folded = (fold_email(each) for each in (text, *addresses_in(text)))
    return next((each for each in folded if not find_fault(each)), "")
