"""To which entries seats can be moved, and what each would do to them: all of a list are judged by two statements."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tickets.annotated import TicketAtEachEntry
from tickets.availability.ahead import read_ahead_at
from tickets.booking.move_terms import MoveTerms, facts_of_moves, moves_terms, usual_ticket
from tickets.models import Entry, Seat
from tickets.queries import tickets_at


@dataclass(frozen=True, slots=True)
class MoveOption:
    """An entry that seats could be moved to, and what the rule says of each of them there.

    `terms` are empty where a ticket has to be chosen first, as none is called like theirs, or where there is none.
    """

    entry: Entry
    terms: Sequence[MoveTerms]
    has_tickets: bool
    is_full: bool
    """Whether it would have to be made larger, or one of the tickets have a larger number."""


def read_move_options(seats: Sequence[Seat], entries: Iterable[Entry], *, now: datetime) -> list[MoveOption]:
    """What moving seats of one booking (as `SEAT_FACTS`; the customer with account) to each of these entries would do.

    The entries are of the account, with it, their page and places.
    """
    found = list(entries)
    sold = defaultdict[int, list[TicketAtEachEntry]](list)
    for ticket in tickets_at(found):
        sold[ticket.entry_id].append(ticket)
    ahead = read_ahead_at(seats[0].customer, [entry.pk for entry in found], now=now)
    options = []
    for entry in found:
        there = sold[entry.pk]
        tickets = [each for seat in seats if (each := usual_ticket(seat, there)) is not None]
        is_full = entry.places.free < len(seats) or _run_out(tickets)
        terms: Sequence[MoveTerms] = ()
        if len(tickets) == len(seats):
            facts = facts_of_moves(ahead.facts(entry, there, now=now), seats)
            terms = moves_terms(seats, entry, tickets, facts, now=now)
        options.append(MoveOption(entry, terms, bool(there), is_full))
    return options


def _run_out(tickets: Sequence[TicketAtEachEntry]) -> bool:
    """Whether there are not enough of these tickets left; one that several take is named several times."""
    counts = Counter(ticket.pk for ticket in tickets)
    return any(each.capacity is not None and (each.taken or 0) + counts[each.pk] > each.capacity for each in tickets)
