"""Reading a box of pasted email addresses as a person would read it."""

from dataclasses import dataclass, field
from typing import Final

from bookwhen.email_address import Fault
from groups.pasted.headings import (
    Column,
    begins_card,
    ends_card,
    is_card_field,
    is_header_line,
    name_of_line,
    read_columns,
    start_of_card_email,
)
from groups.pasted.mailboxes import Mailbox, MailboxReader
from groups.pasted.names import guess_name, tidy_name
from groups.pasted.text import Paste, Span, cells_of, divider_of, read_paste, rows_of

MOST_ADDRESSES: Final = 5000
"""How many addresses, and rows without one, are read at a time: a large studio's list, and bounded work."""

_LONGEST_LINE: Final = 1000
"""A longer line is no heading and no field."""


@dataclass(slots=True)
class PastedAddresses:
    """What was understood of a text."""

    names: dict[str, str] = field(default_factory=dict)
    """Names by folded address, in the order pasted; empty where none was there."""
    repeats: dict[str, int] = field(default_factory=dict)
    """How many times more an address was there."""
    unreadable: list[tuple[str, Fault]] = field(default_factory=list)
    """Each piece of text that names nobody, and why."""
    rest: str = ""
    """What was not read, because there was too much."""
    heading: str = ""
    """The heading of the table that pieces and rest are from."""

    @property
    def repeated(self) -> int:
        """How many addresses were there again."""
        return sum(self.repeats.values())

    @property
    def left_over(self) -> str:
        """The text that stays in the box: what could not be read, a piece a line, and what was not."""
        pieces = [piece for piece, _fault in self.unreadable]
        return "\n".join(filter(None, [self.heading, *pieces, self.rest])) if pieces or self.rest else ""


def read_addresses(text: str, *, most: int = MOST_ADDRESSES) -> PastedAddresses:
    """Read whatever addresses a text holds, with their names: lists, tables, CSV, email headers, vCards.

    Good ones are taken though others are bad (rule 8 of the pages); nothing is raised. After `most` addresses, good,
    bad or repeated, the rest of the text is left as it is.
    """
    reading = _Reading(text)
    rows = list(rows_of(reading.paste))
    reading.are_names_before = _take_turns(reading.paste, rows)
    for row in rows:
        if reading.handled >= most:
            reading.found.rest = reading.paste.shown[row[0] :].strip("\n")
            break
        reading.read(row)
    reading.give_up_pending()
    return reading.found


def _take_turns(paste: Paste, rows: list[Span]) -> bool:
    """Whether a name and an address take turns line by line, at least twice."""
    names, addresses = rows[::2], rows[1::2]
    if len(rows) < 4 or len(rows) % 2:  # noqa: PLR2004 - two of each
        return False
    return not any(paste.plain.find("@", *row) >= 0 for row in names) and all(
        paste.plain.count("@", *row) == 1 and not divider_of(paste, row) and len(paste.plain[slice(*row)].split()) == 1
        for row in addresses
    )


class _Reading:
    """A text on its way through the reader, row by row."""

    def __init__(self, text: str) -> None:
        self.paste = read_paste(text)
        self.mailboxes = MailboxReader(self.paste)
        self.found = PastedAddresses()
        self.handled = 0
        """How many addresses, and rows without one, were read so far."""
        self.columns: list[Column] = []
        self.divider = ""
        self.in_card = False
        self.are_names_before = False
        """Whether lines with a name and lines with an address take turns."""
        self.pending: Span | None = None
        """A line that said nothing but a name, for the address after it."""

    def read(self, row: Span) -> None:
        """Read one row."""
        line = self.paste.plain[slice(*row)] if row[1] - row[0] < _LONGEST_LINE else ""
        if begins_card(line) or ends_card(line):
            self.in_card = begins_card(line)
        elif name_of_line(line) or (self.are_names_before and "@" not in line and guess_name(line)):
            self.give_up_pending()
            self.pending = row
        elif is_header_line(line) or (self.in_card and is_card_field(line)):
            return
        elif self.paste.plain.find("@", *row) >= 0:
            self._take_row(row, start_of_card_email(line) if self.in_card else 0)
        elif not (line and self._is_heading(row)):
            self._complain(row, Fault.NO_AT)

    def give_up_pending(self) -> None:
        """Complain of a name that no address came for."""
        if self.pending:
            self._complain(self.pending, Fault.NO_AT)
        self.pending = None

    def _take_row(self, row: Span, skip: int) -> None:
        mailboxes = self.mailboxes.read((row[0] + skip, row[1]))
        self._name_by_columns(row, mailboxes)
        if self.pending:
            line = self.paste.plain[slice(*self.pending)]
            mailboxes[0].name = mailboxes[0].name or tidy_name(name_of_line(line) or line)
            self.pending = None
        readable = any(mailbox.fault is None for mailbox in mailboxes)
        alone = len(mailboxes) == 1
        for mailbox in mailboxes:
            if mailbox.fault is None:
                self._take(mailbox)
            else:
                # A row of a table is mended as a whole.
                self._complain(row if alone and not readable else mailbox.span, mailbox.fault)

    def _take(self, mailbox: Mailbox) -> None:
        self.handled += 1
        names = self.found.names
        if mailbox.address in names:
            self.found.repeats[mailbox.address] = self.found.repeats.get(mailbox.address, 0) + 1
        names[mailbox.address] = names.get(mailbox.address, "") or mailbox.name

    def _complain(self, span: Span, fault: Fault) -> None:
        self.handled += 1
        piece = self.paste.shown[slice(*span)].strip(" \t,;")
        if any(map(str.isalnum, piece)) or "@" in piece:
            self.found.unreadable.append((piece, fault))

    def _is_heading(self, row: Span) -> bool:
        divider = divider_of(self.paste, row)
        columns = read_columns([self._cell(cell) for cell in cells_of(self.paste, row, divider)])
        if columns:
            self.columns, self.divider = columns, divider
            self.found.heading = self.paste.shown[slice(*row)] if divider else ""
        return bool(columns)

    def _name_by_columns(self, row: Span, mailboxes: list[Mailbox]) -> None:
        """Name the first address of a table's row by the columns that its heading says are names."""
        if not self.divider or divider_of(self.paste, row) != self.divider:
            return
        cells = [self._cell(cell) for cell in cells_of(self.paste, row, self.divider)]
        said = list(zip(self.columns, cells, strict=False))
        if not any(column is Column.EMAIL and "@" in cell for column, cell in said):
            return
        named = {column: tidy_name(cell) for column, cell in reversed(said) if "@" not in cell}
        first, last = named.get(Column.FIRST, ""), named.get(Column.LAST, "")
        name = named.get(Column.FULL, "")
        if Column.FIRST in self.columns or Column.LAST in self.columns:
            # A column "Name" beside one for surnames holds first names.
            name = f"{first or name} {last}".strip()
        if any(column in self.columns for column in (Column.FULL, Column.FIRST, Column.LAST)):
            target = mailboxes[0]
            target.name = target.name if target.follows_name and target.bracketed else tidy_name(name)

    def _cell(self, cell: Span) -> str:
        return self.paste.plain[slice(*cell)].strip(' "') if cell[1] - cell[0] < 2000 else ""  # noqa: PLR2004 - a cell
