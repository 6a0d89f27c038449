"""May this customer book this ticket? One pure rule, for the page that shows and the service that books alike.

No clock, no database, no Django: facts come in as values, and a verdict goes out. What it decides is said in
docs/design.md, *May this customer book this ticket?*; why, in help article 8694260.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from offers.periods import Period


class Reason(enum.StrEnum):
    """Why a ticket may be booked, or not; each has its sentence in `offers.messages`."""

    ALLOWED = "allowed"
    CANCELLED = "cancelled"
    PAST = "past"
    NOT_ON_SALE_YET = "not_on_sale_yet"
    SALE_ENDED = "sale_ended"
    NOT_LOGGED_IN = "not_logged_in"
    ADDRESS_NOT_CONFIRMED = "address_not_confirmed"
    NOT_IN_GROUP = "not_in_group"
    PAUSED = "paused"
    STARTS_AGAIN = "starts_again"
    STANDING_ENDS_BEFORE = "standing_ends_before"
    NO_OFFER = "no_offer"
    ALREADY_BOOKED = "already_booked"
    PERSONAL_USE_ONLY = "personal_use_only"
    TOO_MANY_FOR_EVENT = "too_many_for_event"
    LIMIT_REACHED = "limit_reached"
    SOLD_OUT = "sold_out"
    TOO_MANY_IN_BOOKING = "too_many_in_booking"


class NextStep(enum.StrEnum):
    """What the customer can do about it."""

    BOOK = "book"
    LOG_IN = "log_in"
    CONFIRM_ADDRESS = "confirm_address"
    SEE_WAYS_IN = "see_ways_in"
    SEE_SCHEDULE = "see_schedule"
    SEE_BOOKING = "see_booking"
    SEE_MEMBERSHIP = "see_membership"
    BOOK_FEWER = "book_fewer"


class Attendee(enum.StrEnum):
    """Whom a ticket is for: the customer themselves or somebody else."""

    SELF = "self"
    GUEST = "guest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What matters of an entry. `places_left` counts down to 0; instants are aware.

    `in_booking` counts the tickets that the same booking has there already.
    """

    starts_at: datetime
    places_left: int
    per_booking: int
    in_booking: int = 0
    cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFacts:
    """What matters of a ticket at that entry. `offers` are the ids of the offers that cover it."""

    exclusive: bool
    closes_at: datetime
    opens_at: datetime | None = None
    places_left: int | None = None
    groups: frozenset[int] = frozenset()
    offers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What an enabled offer still gives one member at one event.

    `party` is how many people they may bring in all (1 + N); `limit` and `used` count tickets in `period`, the usage
    period of the event's date; `here` counts the tickets at this event already charged to this offer.
    """

    offer: int
    member: int
    personal: bool
    party: int
    limit: int | None
    period: Period
    used: int = 0
    here: int = 0

    @property
    def left(self) -> int | None:
        """How many uses are left in the period, never below 0; none: no limit."""
        return None if self.limit is None else max(self.limit - self.used, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStanding:
    """How a customer stands in one group: now, when the event starts, and until when (if an end is known)."""

    stands_now: bool
    stands_then: bool
    until: datetime | None = None
    allowances: tuple[Allowance, ...] = ()


@dataclass(frozen=True, slots=True)
class Pause:
    """Why a membership opens a group to nobody for a while: it is paused, `until` then if an end is known.

    `resumed`: the pause is over, but the current period was not paid; it opens again with the payment, `until` then.
    """

    until: datetime | None = None
    resumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks. `party` counts their live tickets at this event that offers were charged for."""

    logged_in: bool
    proved: bool = False
    attends: bool = False
    """Whether an offer was already charged for their own attendance."""
    party: int = 0
    group_standings: Mapping[int, GroupStanding] = field(default_factory=dict)
    """By group id."""
    pauses: Mapping[int, Pause] = field(default_factory=dict)
    """Of the memberships that they have, by the id of the group that each opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything the rule needs to know: an entry, its tickets by id, and a visitor."""

    event: Event
    tickets: Mapping[int, TicketFacts]
    visitor: Visitor


@dataclass(frozen=True, slots=True)
class Ask:
    """One wanted ticket, and for whom."""

    ticket: int
    attendee: Attendee = Attendee.SELF


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer for one wanted ticket.

    Where an offer is charged, `offer` and `member` name it, `period` is the usage period it counts in and `uses_left`
    what remains after this ticket (none: no limit). Where the limit is reached they tell of the offer that is used up.
    `at` is the instant that a refusal is about: when sale opens or closed, when the standing ends.
    """

    reason: Reason
    next_step: NextStep
    offer: int | None = None
    member: int | None = None
    uses_left: int | None = None
    limit: int | None = None
    period: Period | None = None
    at: datetime | None = None

    @property
    def allowed(self) -> bool:
        """Whether the ticket may be booked."""
        return self.reason is Reason.ALLOWED


def judge(situation: Situation, ask: Ask, *, now: datetime) -> Verdict:
    """Decide one wanted ticket at an aware instant.

    First what nobody can change (cancelled, past, sale windows), then for exclusive tickets who asks and what their
    offers give, and last whether a place is free. Raises KeyError for a ticket that is not in the situation.
    """
    ticket = situation.tickets[ask.ticket]
    if refusal := _not_on_sale(situation.event, ticket, now):
        return refusal
    verdict = (
        _judge_visitor(situation.visitor, ticket, ask)
        if ticket.exclusive
        else Verdict(reason=Reason.ALLOWED, next_step=NextStep.BOOK)
    )
    if verdict.allowed and min(situation.event.places_left, _or_endless(ticket.places_left)) < 1:
        return Verdict(reason=Reason.SOLD_OUT, next_step=NextStep.SEE_SCHEDULE)
    return verdict


def judge_order(situation: Situation, asks: Sequence[Ask], *, now: datetime) -> tuple[Verdict, ...]:
    """Decide a whole order at one event, in the order of its asks, each on top of those judged before it.

    Guests are judged first: some offers serve only the member, none serve only guests, so what a guest can have must
    not be spent on someone who could have had another.
    """
    verdicts: dict[int, Verdict] = {}
    order = sorted(range(len(asks)), key=lambda index: asks[index].attendee is Attendee.SELF)
    for index in order:
        verdict = judge(situation, asks[index], now=now)
        booked = situation.event.in_booking + sum(each.allowed for each in verdicts.values())
        if verdict.allowed and booked >= situation.event.per_booking:
            verdict = Verdict(
                reason=Reason.TOO_MANY_IN_BOOKING,
                next_step=NextStep.BOOK_FEWER,
                limit=situation.event.per_booking,
            )
        verdicts[index] = verdict
        if verdict.allowed:
            situation = spend(situation, asks[index], verdict)
    return tuple(verdicts[index] for index in range(len(asks)))


def spend(situation: Situation, ask: Ask, verdict: Verdict) -> Situation:
    """The situation once an allowed ticket is booked."""
    return _move(situation, ask, verdict, by=1)


def give_back(situation: Situation, ask: Ask, verdict: Verdict) -> Situation:
    """The situation once that ticket is cancelled in time: exactly what it was before `spend`."""
    return _move(situation, ask, verdict, by=-1)


def _not_on_sale(event: Event, ticket: TicketFacts, now: datetime) -> Verdict | None:
    if event.cancelled:
        return Verdict(reason=Reason.CANCELLED, next_step=NextStep.SEE_SCHEDULE)
    if event.starts_at <= now:
        return Verdict(reason=Reason.PAST, next_step=NextStep.SEE_SCHEDULE, at=event.starts_at)
    if ticket.opens_at is not None and now < ticket.opens_at:
        return Verdict(
            reason=Reason.NOT_ON_SALE_YET,
            next_step=NextStep.SEE_SCHEDULE,
            at=ticket.opens_at,
        )
    if ticket.closes_at <= now:
        return Verdict(
            reason=Reason.SALE_ENDED,
            next_step=NextStep.SEE_SCHEDULE,
            at=ticket.closes_at,
        )
    return None


def _judge_visitor(visitor: Visitor, ticket: TicketFacts, ask: Ask) -> Verdict:
    if not visitor.logged_in:
        return Verdict(reason=Reason.NOT_LOGGED_IN, next_step=NextStep.LOG_IN)
    if not visitor.proved:
        return Verdict(reason=Reason.ADDRESS_NOT_CONFIRMED, next_step=NextStep.CONFIRM_ADDRESS)
    standing = [visitor.group_standings[group] for group in ticket.groups if group in visitor.group_standings]
    standing = [footing for footing in standing if footing.stands_now]
    if not standing:
        return _pause(visitor, ticket) or Verdict(reason=Reason.NOT_IN_GROUP, next_step=NextStep.SEE_WAYS_IN)
    reaching = [footing for footing in standing if footing.stands_then]
    if not reaching and (paused := _pause(visitor, ticket)):
        return paused
    if not reaching:
        last = max((footing.until for footing in standing if footing.until), default=None)
        return Verdict(reason=Reason.STANDING_ENDS_BEFORE, next_step=NextStep.SEE_WAYS_IN, at=last)
    covering = [
        allowance for footing in reaching for allowance in footing.allowances if allowance.offer in ticket.offers
    ]
    return _judge_allowances(visitor, covering, ask)


def _pause(visitor: Visitor, ticket: TicketFacts) -> Verdict | None:
    """The refusal of a ticket that a paused membership of theirs opens; of several, the first to go on."""
    found = [visitor.pauses[group] for group in ticket.groups if group in visitor.pauses]
    if not found:
        return None
    soonest = min(found, key=lambda each: (each.until is None, each.until.timestamp() if each.until else 0.0))
    reason = Reason.STARTS_AGAIN if soonest.resumed else Reason.PAUSED
    return Verdict(reason=reason, next_step=NextStep.SEE_MEMBERSHIP, at=soonest.until)


def _judge_allowances(visitor: Visitor, covering: Iterable[Allowance], ask: Ask) -> Verdict:
    allowances = sorted(covering, key=_cost)
    if not allowances:
        return Verdict(reason=Reason.NO_OFFER, next_step=NextStep.SEE_WAYS_IN)
    if ask.attendee is Attendee.SELF and visitor.attends:
        return Verdict(reason=Reason.ALREADY_BOOKED, next_step=NextStep.SEE_BOOKING)
    most = max(allowance.party for allowance in allowances)
    refusals = []
    for allowance in allowances:
        reason = _objection(visitor, allowance, ask, most)
        if reason is None:
            return _charge(allowance)
        refusals.append((_PROGRESS.index(reason), reason, allowance))
    _, reason, allowance = max(refusals, key=lambda refusal: refusal[0])
    step = NextStep.SEE_SCHEDULE if reason is Reason.LIMIT_REACHED else NextStep.BOOK_FEWER
    if reason is Reason.LIMIT_REACHED:
        return Verdict(
            reason=reason,
            next_step=step,
            offer=allowance.offer,
            member=allowance.member,
            uses_left=0,
            limit=allowance.limit,
            period=allowance.period,
        )
    return Verdict(reason=reason, next_step=step, limit=most)


_PROGRESS: Final = (Reason.PERSONAL_USE_ONLY, Reason.TOO_MANY_FOR_EVENT, Reason.LIMIT_REACHED)
DEPENDS_ON_ATTENDEE: Final = frozenset({Reason.ALREADY_BOOKED, *_PROGRESS})
"""Refusals that another attendee may lift."""
"""Of several offers' objections the one is told that came closest to a yes."""


def _objection(visitor: Visitor, allowance: Allowance, ask: Ask, most: int) -> Reason | None:
    if allowance.personal and ask.attendee is Attendee.GUEST:
        return Reason.PERSONAL_USE_ONLY
    if allowance.here >= allowance.party or visitor.party >= most:
        return Reason.TOO_MANY_FOR_EVENT
    if allowance.left == 0:
        return Reason.LIMIT_REACHED
    return None


def _cost(allowance: Allowance) -> tuple[bool, date, int]:
    """Least for the customer first: unlimited, then the one that would be lost soonest."""
    return (
        allowance.limit is not None,
        allowance.period.ends_on or date.max,
        allowance.offer,
    )


def _charge(allowance: Allowance) -> Verdict:
    return Verdict(
        reason=Reason.ALLOWED,
        next_step=NextStep.BOOK,
        offer=allowance.offer,
        member=allowance.member,
        uses_left=None if allowance.left is None else allowance.left - 1,
        limit=allowance.limit,
        period=allowance.period,
    )


def _move(situation: Situation, ask: Ask, verdict: Verdict, *, by: int) -> Situation:
    event = replace(situation.event, places_left=situation.event.places_left - by)
    ticket = situation.tickets[ask.ticket]
    if ticket.places_left is not None:
        ticket = replace(ticket, places_left=ticket.places_left - by)
    visitor = situation.visitor
    if verdict.offer is not None:
        attends = by > 0 if ask.attendee is Attendee.SELF else visitor.attends
        visitor = replace(
            visitor,
            party=visitor.party + by,
            attends=attends,
            group_standings={
                group: replace(
                    footing,
                    allowances=tuple(_used(each, verdict, by) for each in footing.allowances),
                )
                for group, footing in visitor.group_standings.items()
            },
        )
    return Situation(event=event, tickets={**situation.tickets, ask.ticket: ticket}, visitor=visitor)


def _used(allowance: Allowance, verdict: Verdict, by: int) -> Allowance:
    if allowance.offer != verdict.offer:
        return allowance
    return replace(allowance, used=allowance.used + by, here=allowance.here + by)


def _or_endless(places: int | None) -> float:
    return float("inf") if places is None else places
