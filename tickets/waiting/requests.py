"""Joining the waiting list of an entry, leaving it, and declining what it offered."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import IntegrityError, transaction

from accounts.models import Customer, WaitingList
from bookwhen.db import violated_constraint
from offers.eligibility import Ask, Attendee, Reason, Situation, Verdict, judge_order
from tickets.availability.facts import Facts, Person, load_facts
from tickets.availability.roomy import with_plenty_of_space
from tickets.availability.waiting import start_waiting, stop_waiting
from tickets.booking.heirs import heir_who, is_customer_gone
from tickets.booking.hold import release_basket
from tickets.models import BookingState, Entry, Ticket, WaitlistAlternative, WaitlistRequest, WaitState
from tickets.waiting import letters

MOST_WAITING: Final = 200
"""How many may wait at one entry."""


class CannotJoinError(Exception):
    """Somebody cannot wait here: `verdict` says why, where it is the rule that refuses."""

    def __init__(self, verdict: Verdict | None = None) -> None:
        super().__init__(verdict.reason if verdict else "")
        self.verdict = verdict


class NotFullError(CannotJoinError):
    """There is space: they can book instead."""


class AlreadyWaitingError(CannotJoinError):
    """They wait there already, or have an offer."""


class ListFullError(CannotJoinError):
    """So many wait already that nobody else would get a space."""


class CustomerErasedError(CannotJoinError):
    """The studio erased them at this instant."""


class TicketNotSoldError(CannotJoinError):
    """The ticket is not on sale there, or this person may not know of it, or the studio has no waiting lists."""


class PayingError(Exception):
    """What was offered is being paid for: that is ended first."""


def join(
    entry: Entry,
    ticket: int,
    customer: Customer,
    names: Sequence[str],
    *,
    who: Person,
    also: Collection[int] = (),
    books_at_once: bool = False,
    now: datetime,
) -> WaitlistRequest:
    """Put a customer on the waiting list of an entry for a ticket (id), with a place for each of the names.

    They would come by others (`also`, ids) as well. Only where the rule's one objection to each is that there is too
    little space, which is looked at while nobody can free any: what comes free afterwards is for them. Somebody who is
    merged into another at this instant waits as that one. Raises CannotJoinError.
    """
    asked = partial(_join, entry, ticket, names=names, also=also, books_at_once=books_at_once, now=now)
    try:
        return asked(customer, who=who)
    except (CannotJoinError, IntegrityError) as error:
        found, is_gone = heir_who(entry.account, customer, who), is_customer_gone(error)
        if found is None and is_gone:
            raise CustomerErasedError from error
        if found is None:
            raise
    heir, who = found
    return asked(heir, who=who)


def _join(
    entry: Entry,
    ticket: int,
    customer: Customer,
    names: Sequence[str],
    *,
    who: Person,
    also: Collection[int],
    books_at_once: bool,
    now: datetime,
) -> WaitlistRequest:
    with transaction.atomic():
        tickets = _tickets_on_sale(entry, ticket, also)
        if not tickets or entry.account.waiting_list == WaitingList.OFF:
            raise TicketNotSoldError
        made = WaitlistRequest(
            account_id=entry.account_id,
            entry=entry,
            ticket=tickets[0],
            customer=customer,
            email=customer.recognised_by,
            names=list(names),
            is_guest=not who.is_customer(customer),
            books_at_once=books_at_once,
            joined_at=now,
            look_at=last_sale_end(entry, tickets),
        )
        _insert(made, tickets[1:])
        start_waiting(entry, tickets)
        made.entry = Entry.objects.for_booking().get(pk=entry.pk)
        _require_full(made, tickets, who, now=now)
        letters.tell_joined(made, now=now)
    return made


def may_wait(situation: Situation, asks: Sequence[Ask], *, now: datetime) -> Verdict:
    """What the rule would say if there were space: whether nothing but the lack of it stands in the way."""
    verdicts = judge_order(with_plenty_of_space(situation), asks, now=now)
    return next((each for each in verdicts if not each.allowed), verdicts[0])


def asks_of(ticket: Ticket, people: int) -> list[Ask]:
    """What the rule is asked for so many people who wait for a ticket: the customer comes first."""
    first = Attendee.SELF if ticket.exclusive else Attendee.GUEST
    return [Ask(ticket.pk, first if number == 0 else Attendee.GUEST) for number in range(people)]


def sale_end(entry: Entry, ticket: Ticket) -> datetime:
    """When a ticket can be booked no more: nothing is offered from then on."""
    return entry.starts_at - timedelta(minutes=ticket.closes_minutes_before)


def last_sale_end(entry: Entry, tickets: Collection[Ticket]) -> datetime:
    """When the last of some tickets (at least one) can be booked no more."""
    return max(sale_end(entry, ticket) for ticket in tickets)


def count_out(request: int) -> None:
    """Count somebody (the id of a request) as waiting no more, neither at the entry nor for any of their tickets."""
    entry, ticket = WaitlistRequest.objects.values_list("entry", "ticket").get(pk=request)
    others = WaitlistAlternative.objects.filter(request=request).values_list("ticket", flat=True)
    stop_waiting(entry, [ticket, *others])


def leave(request: WaitlistRequest, *, now: datetime) -> bool:
    """Take a customer off the list at their wish, or decline what was offered to them; whether this call did it.

    Raises PayingError.
    """
    if WaitlistRequest.objects.filter(account=request.account_id, pk=request.pk, state=WaitState.OFFERED).exists():
        return _decline(request, now=now)
    with transaction.atomic():
        waiting = WaitlistRequest.objects.waiting().filter(account=request.account_id, pk=request.pk)
        if not waiting.update(state=WaitState.LEFT, ended_at=now, look_at=None, moved_from=None):
            return False
        count_out(request.pk)
    return True


def position(request: WaitlistRequest) -> int:
    """Which place in line somebody has who waits: 1 is the next to be offered one. One statement."""
    line = WaitlistRequest.objects.waiting().filter(account=request.account_id, entry=request.entry_id)
    return line.before(request.turn, request.pk).count() + 1


def _tickets_on_sale(entry: Entry, ticket: int, also: Collection[int]) -> list[Ticket]:
    """The ticket (id), and behind it the others that are sold as well; nothing where it is not."""
    sold = Ticket.objects.on_sale().filter(account=entry.account_id, series=entry.series_id)
    found = {each.pk: each for each in sold.filter(pk__in=[ticket, *also])}
    return [found[pk] for pk in dict.fromkeys([ticket, *also]) if pk in found] if ticket in found else []


def _insert(made: WaitlistRequest, also: Collection[Ticket]) -> None:
    """Make the row first, while nothing else is held: who ends another request of theirs here is waited for."""
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) != "waitlist_once":
            raise
        raise AlreadyWaitingError from error
    theirs = {"account_id": made.account_id, "entry_id": made.entry_id, "request": made}
    WaitlistAlternative.objects.bulk_create([WaitlistAlternative(**theirs, ticket=each) for each in also])


def _require_full(made: WaitlistRequest, tickets: Collection[Ticket], who: Person, *, now: datetime) -> None:
    """Let somebody wait only where there is too little space; the places are held. Raises CannotJoinError."""
    facts = load_facts(made.entry, who, now=now)
    if not {ticket.pk for ticket in tickets} <= {ticket.pk for ticket in facts.visible}:
        raise TicketNotSoldError
    if made.entry.places.waiting > MOST_WAITING:
        raise ListFullError
    for ticket in tickets:
        _require_ticket_full(ticket, made.places, facts, now=now)


def _require_ticket_full(ticket: Ticket, people: int, facts: Facts, *, now: datetime) -> None:
    asks = asks_of(ticket, people)
    verdict = may_wait(facts.situation, asks, now=now)
    if not verdict.allowed:
        raise CannotJoinError(verdict)
    verdicts = judge_order(facts.situation, asks, now=now)
    if not any(each.reason is Reason.SOLD_OUT for each in verdicts):
        raise NotFullError(verdicts[0])


def _decline(request: WaitlistRequest, *, now: datetime) -> bool:
    with transaction.atomic():
        hold = WaitlistRequest.objects.select_related("hold").get(account=request.account_id, pk=request.pk).hold
        assert hold is not None  # noqa: S101 - a constraint says so
        # The basket first, as when its time is up; the request follows it, and then is told apart from those.
        if not release_basket(hold.pk, now=now):
            if hold.state == BookingState.PAYING:
                raise PayingError
            return False
        lapsed = WaitlistRequest.objects.filter(account=request.account_id, pk=request.pk, state=WaitState.LAPSED)
        lapsed.update(state=WaitState.DECLINED, look_at=None, moved_from=None)
    return True
