"""What moving a seat to another entry would do: whether it can be, what its use becomes, and what it then costs."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from bookwhen.money import step
from offers.eligibility import Allowance, Ask, Attendee, Reason, Verdict
from offers.models import Offer, OfferUse
from offers.pricing import discount_amount
from tickets.annotated import OfferAtEntry
from tickets.availability.facts import Facts, load_facts, person_of_customer
from tickets.booking.studio_terms import is_charged, studio_terms
from tickets.models import BookingState, Entry, Seat, Ticket

TicketT = TypeVar("TicketT", bound=Ticket)
SEAT_FACTS: Final = (
    *("entry__account", "entry__page", "entry__places", "ticket", "customer", "booking__customer"),
    *("use__period__offer__group", "discount", "discount_code", "discount_use__period", "attendance"),
)
"""What a seat is read with that is to be moved."""


class MoveObstacle(enum.StrEnum):
    """Why a seat cannot be moved there."""

    SEAT_CANCELLED = "seat_cancelled"
    NOT_BOOKED = "not_booked"
    SAME_ENTRY = "same_entry"
    ENTRY_CANCELLED = "entry_cancelled"
    ATTENDANCE_SAID = "attendance_said"
    TARGET_CANCELLED = "target_cancelled"
    TARGET_OVER = "target_over"


class UseChoice(enum.StrEnum):
    """What becomes of the use of a seat that is moved."""

    CHARGE = "charge"
    """An offer is charged for it there, as the rule allows."""
    EXTRA = "extra"
    """One more than the offer gives in that period is charged, since it is used up."""
    NONE = "none"
    """None is charged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveTerms:
    """What the rule says of a seat's ticket at the entry that it is to be moved to, and what it costs there.

    Money is in minor units of the account's currency.
    """

    ticket: Ticket
    verdict: Verdict
    offers: dict[int, OfferAtEntry]
    owed_now: int
    owed_then: int
    """What its customer owes once the difference is noted; below 0 it is theirs."""
    is_complimentary: bool
    """Whether the studio asks less for it than it costs: then the difference is not noted unless it says so.

    It was booked without its price, what was owed is waived, or some was given back for a space that they keep.
    """

    @property
    def difference(self) -> int:
        """How much more it costs there than here, or less, of what is not settled yet."""
        return self.owed_then - self.owed_now

    @property
    def offer(self) -> Offer | None:
        """The offer that is charged there, or that is used up."""
        return self.offers.get(self.verdict.offer) if self.verdict.offer is not None else None

    @property
    def choices(self) -> list[UseChoice]:
        """What can become of its use, the best for the customer first."""
        if is_charged(self.verdict):
            return [UseChoice.CHARGE, UseChoice.NONE]
        if self.verdict.reason is Reason.LIMIT_REACHED:
            return [UseChoice.EXTRA, UseChoice.NONE]
        return [UseChoice.NONE]

    @property
    def version(self) -> str:
        """A text that tells whether somebody still sees what would be done."""
        period = self.verdict.period.starts_on if self.verdict.period else ""
        charged = f"{self.verdict.offer}/{period}" if len(self.choices) > 1 else "-"
        return f"{self.ticket.pk}:{self.choices[0]}:{charged}:{self.owed_then}"


def find_obstacle(seat: Seat, target: Entry | None, *, now: datetime) -> MoveObstacle | None:
    """Why a seat (with entry, booking and attendance) cannot be moved to an entry at an aware instant; None: it can be.

    Without an entry: why it can be moved to none.
    """
    if seat.cancelled_at:
        return MoveObstacle.SEAT_CANCELLED
    if seat.booking.state != BookingState.BOOKED:
        return MoveObstacle.NOT_BOOKED
    if seat.entry.cancelled_at:
        return MoveObstacle.ENTRY_CANCELLED
    if (said := getattr(seat, "attendance", None)) and said.presence:
        return MoveObstacle.ATTENDANCE_SAID
    if target is None:
        return None
    if seat.entry_id == target.pk:
        return MoveObstacle.SAME_ENTRY
    if target.cancelled_at:
        return MoveObstacle.TARGET_CANCELLED
    return MoveObstacle.TARGET_OVER if target.ends_at <= now else None


def attendee_of(seat: Seat) -> Attendee:
    """Whom a seat is for, as the rule asks."""
    own = seat.self_attendee_id is not None or (seat.use_id is None and seat.is_for_booker)
    return Attendee.SELF if own else Attendee.GUEST


def usual_ticket(seat: Seat, tickets: Iterable[TicketT]) -> TicketT | None:
    """By which of an entry's tickets a seat is moved there: the one called the same, else the only one there is."""
    found = list(tickets)
    same = [each for each in found if each.name.casefold() == seat.ticket.name.casefold()]
    return same[0] if same else found[0] if len(found) == 1 else None


def read_facts_of_move(seat: Seat, target: Entry, *, now: datetime) -> Facts:
    """What the rule judges a move by: of an entry (with its account, page and places) and a seat (as `SEAT_FACTS`).

    As if the seat's use had been given back, since it is.
    """
    return read_facts_of_moves([seat], target, now=now)


def read_facts_of_moves(seats: Sequence[Seat], target: Entry, *, now: datetime) -> Facts:
    """The same of several seats of one customer."""
    return facts_of_moves(load_facts(target, person_of_customer(seats[0].customer), now=now), seats)


def facts_of_moves(facts: Facts, seats: Iterable[Seat]) -> Facts:
    """The facts at an entry as if the uses of seats that are moved there had been given back."""
    for seat in seats:
        if seat.use is not None and seat.use.ended_at is None:
            facts = _given_back(facts, seat.use)
    return facts


def move_terms(seat: Seat, target: Entry, ticket: Ticket, facts: Facts, *, now: datetime) -> MoveTerms:
    """What moving a seat to a ticket of another entry would do, by these facts."""
    return moves_terms([seat], target, [ticket], facts, now=now)[0]


def moves_terms(
    seats: Sequence[Seat], target: Entry, tickets: Sequence[Ticket], facts: Facts, *, now: datetime
) -> list[MoveTerms]:
    """What moving seats of one booking, each to its ticket there, would do: they are judged together, as one order."""
    asks = [Ask(ticket.pk, attendee_of(seat)) for seat, ticket in zip(seats, tickets, strict=True)]
    verdicts = studio_terms(facts, asks, now=now).verdicts
    return [
        _terms(seat, target, ticket, facts, verdict)
        for seat, ticket, verdict in zip(seats, tickets, verdicts, strict=True)
    ]


def _terms(seat: Seat, target: Entry, ticket: Ticket, facts: Facts, verdict: Verdict) -> MoveTerms:
    at_studio = not seat.owed and not seat.price
    is_free = at_studio and seat.amount + seat.collected < _price_there(seat, seat.entry, seat.ticket)
    return MoveTerms(
        ticket=ticket,
        verdict=verdict,
        offers=facts.offers,
        owed_now=seat.owed,
        owed_then=_price_there(seat, target, ticket) - seat.amount - seat.collected,
        is_complimentary=is_free,
    )


def _price_there(seat: Seat, target: Entry, ticket: Ticket) -> int:
    """What a seat costs by another ticket, with the discount, or by the code, that it has."""
    terms, unit = seat.discount or seat.discount_code, step(target.account.currency)
    if terms is None:
        return ticket.price
    return ticket.price - discount_amount(ticket.price, percent=terms.percent, amount_off=terms.amount_off, step=unit)


def _given_back(facts: Facts, use: OfferUse) -> Facts:
    """The facts as if a use (with its period) had been given back."""
    visitor = facts.situation.visitor
    standings = {
        group: replace(footing, allowances=tuple(_without(footing.allowances, use)))
        for group, footing in visitor.group_standings.items()
    }
    situation = replace(facts.situation, visitor=replace(visitor, group_standings=standings))
    return replace(facts, situation=situation)


def _without(allowances: Iterable[Allowance], use: OfferUse) -> Iterable[Allowance]:
    for each in allowances:
        is_in_it = each.offer == use.period.offer_id and use.event_on in each.period
        yield replace(each, used=max(each.used - 1, 0)) if is_in_it else each
