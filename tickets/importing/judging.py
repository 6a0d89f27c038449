"""What would become of each booking on a list: by what the row says, the rows before it, and what is here already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accounts.imports.files import CELLS
from accounts.imports.rows import ListedRow, ListRow
from accounts.imports.tables.headings import is_total
from accounts.models import Customer, ListImport, Verdict
from bookwhen.email_address import fold_email
from groups.importing.people import group_key, name_key
from offers.eligibility import Ask, Attendee
from tickets.availability.facts import Facts, load_facts, person_of_customer
from tickets.booking.studio_terms import is_charged, studio_terms
from tickets.importing.here import Here, count_earlier, look
from tickets.importing.lines import CHARGES, EMAIL, ENTRY, TICKET, TICKETS, BookingLine, BookingReader
from tickets.importing.verdicts import VERDICTS, BookingReason
from tickets.models import Entry, Ticket

WHAT_LENGTH: Final = 255


@dataclass(slots=True)
class _Seen:
    """A row, and what it comes to so far."""

    row: ListedRow
    line: BookingLine
    customer: Customer | None = None
    entry: Entry | None = None
    ticket: Ticket | None = None


def judge(list_import: ListImport, rows: Sequence[ListedRow], now: datetime) -> None:
    """Give rows (ascending) their verdicts, each in the light of those before it."""
    reader = reader_of(list_import)
    lines = [line_of(reader, row) for row in rows]
    for row, line in zip(rows, lines, strict=True):
        row.person, row.target, row.what, row.next_at = line.address, "", "", None
    here = look(list_import, rows, lines)
    count_earlier(list_import, rows, here)
    _look_before(list_import, rows, reader, here)
    judging = _Judging(list_import, here, now)
    for row, line in zip(rows, lines, strict=True):
        reason = judging.reason(_Seen(row, line))
        row.why, row.verdict = reason, VERDICTS[reason]
        if is_brought(row):
            here.brought.add(line.key)


def reader_of(list_import: ListImport) -> BookingReader:
    """What reads the rows of an import, by its mapping."""
    return BookingReader(list_import.mapping, list_import.account.zone)


def line_of(reader: BookingReader, row: ListRow) -> BookingLine:
    """What a row says of a booking, with the address that the operator typed for it."""
    line = reader.read(row.raw[CELLS])
    if typed := row.decided.get(EMAIL):
        line.address, line.has_address = fold_email(typed), True
    return line


def is_brought(row: ListRow) -> bool:
    """Whether a judged row is one that takes what it is about: it is booked unless nobody has chosen it."""
    if row.verdict == Verdict.DOUBTFUL:
        return row.chosen is True
    return row.verdict == Verdict.NEW and row.chosen is not False


class _Judging:
    """Judges the rows of a batch, one after the other."""

    def __init__(self, list_import: ListImport, here: Here, now: datetime) -> None:
        self.account, self.mapping, self.here, self.now = list_import.account, list_import.mapping, here, now
        self.local_now = now.astimezone(self.account.zone).replace(tzinfo=None)
        self.facts: dict[tuple[int, int], Facts] = {}

    def reason(self, seen: _Seen) -> BookingReason:
        """What a row comes to: what cannot be first, then who it is, the event, the ticket, the space and the use."""
        impossible = self._nothing_to_do(seen) or self._whom(seen) or self._where(seen)
        if impossible is not None or seen.entry is None or seen.ticket is None:
            return impossible or BookingReason.NO_EVENT
        row, entry, ticket = seen.row, seen.entry, seen.ticket
        row.target, row.next_at = f"{entry.pk}:{ticket.pk}", entry.starts_at
        doubt = self._doubt(seen)
        if doubt is not None and not row.chosen:
            return doubt
        if row.chosen is not False:
            if not self.here.room(entry, ticket):
                return BookingReason.FULL
            self.here.take(entry.pk, ticket.pk)
        row.what = self._charge(seen) if self.mapping.get(CHARGES, True) else ""
        if row.what and row.chosen is not False:
            self.here.charged[row.person, row.what] += 1
        plain = BookingReason.NOT_COVERED if ticket.exclusive else BookingReason.NEW
        return doubt or (BookingReason.CHARGED if row.what else plain)

    def _nothing_to_do(self, seen: _Seen) -> BookingReason | None:
        line = seen.line
        if is_total(seen.row.raw[CELLS]):
            return BookingReason.TOTAL
        if line.key in self.here.imported:
            return BookingReason.SAME
        if line.is_off:
            return BookingReason.OFF
        if line.starts is None:
            return BookingReason.ODD_START
        over = line.starts <= self.local_now if line.has_time else line.starts.date() < self.local_now.date()
        return BookingReason.PAST if over and ENTRY not in seen.row.decided else None

    def _whom(self, seen: _Seen) -> BookingReason | None:
        line = seen.line
        if line.address:
            seen.customer = self.here.known.get(line.address)
            return None
        if line.has_address:
            return BookingReason.BAD_ADDRESS
        several = self.here.named.get(name_key(line.booker or line.name), [])
        if len(several) != 1:
            return BookingReason.NO_ADDRESS
        seen.customer = several[0]
        seen.row.person = seen.customer.email
        return None

    def _where(self, seen: _Seen) -> BookingReason | None:
        schedule, decided = self.here.schedule, seen.row.decided
        found = schedule.find(seen.line)
        chosen = schedule.by_id.get(decided.get(ENTRY, 0))
        seen.entry = chosen or next(iter(found.exact or found.close), None)
        if seen.entry is None:
            return BookingReason.NO_EVENT
        if seen.entry.cancelled_at:
            return BookingReason.CALLED_OFF
        if seen.entry.starts_at <= self.now:
            return BookingReason.PAST
        key = group_key(seen.line.ticket)
        meant = self.mapping.get(TICKETS, {}).get(key)
        ticket = schedule.ticket(seen.entry, group_key(meant) if meant else key, decided.get(TICKET))
        if ticket is None:
            seen.row.target, seen.row.what = f"{seen.entry.pk}:", seen.line.ticket[:WHAT_LENGTH]
            return BookingReason.NO_TICKET
        seen.ticket = ticket
        return None

    def _doubt(self, seen: _Seen) -> BookingReason | None:
        line, entry, found = seen.line, seen.entry, self.here.schedule.find(seen.line)
        if ENTRY not in seen.row.decided:
            if not found.exact:
                return BookingReason.OTHER_EVENT
            if len(found.exact) > 1:
                return BookingReason.SEVERAL_EVENTS
        if not line.address:
            return BookingReason.BY_NAME
        if line.key in self.here.brought:
            return BookingReason.REPEATED
        customer = seen.customer
        name = name_key(line.attendee or (customer.name if customer else ""))
        if customer and entry and (entry.pk, customer.pk, name) in self.here.attends:
            return BookingReason.BOOKED
        return None

    def _charge(self, seen: _Seen) -> str:
        """Which offer (id) in which period would be charged; nothing where none covers it, or it is used up."""
        customer, entry, ticket = seen.customer, seen.entry, seen.ticket
        if customer is None or entry is None or ticket is None or not ticket.exclusive:
            return ""
        key = (entry.pk, customer.pk)
        if key not in self.facts:
            self.facts[key] = load_facts(entry, person_of_customer(customer), now=self.now)
        facts = self.facts[key]
        if ticket.pk not in facts.situation.tickets:
            return ""
        [verdict] = studio_terms(facts, [Ask(ticket.pk, attendee_of(seen.line, customer))], now=self.now).verdicts
        if not is_charged(verdict):
            return ""
        what = f"{verdict.offer}:{verdict.period.starts_on if verdict.period else ''}"
        earlier = self.here.charged[seen.row.person, what]
        return "" if verdict.uses_left is not None and earlier > verdict.uses_left else what


def attendee_of(line: BookingLine, customer: Customer | None) -> Attendee:
    """Whom a row's ticket is for: the customer themselves, unless it names somebody else."""
    known = customer.name if customer and customer.confirmed_name else ""
    own = {name_key(name) for name in (line.booker, known) if name}
    is_own = not line.name or not own or name_key(line.name) in own
    return Attendee.SELF if is_own and not line.email else Attendee.GUEST


def _look_before(list_import: ListImport, rows: Sequence[ListedRow], reader: BookingReader, here: Here) -> None:
    """Which bookings of the same people earlier rows of the list bring."""
    people = {row.person for row in rows if row.person}
    earlier = list_import.rows.filter(number__lt=rows[0].number, person__in=people).exclude(chosen=False)
    here.brought |= {line_of(reader, row).key for row in filter(is_brought, earlier)}
