"""Booking: by a customer, as the rule allows; by the studio, as it likes.

Read from the top: `book` tries, and once more when places have come free; each try repeats while others are quicker;
inside is one transaction, which locks, finds the booking to fill, asks the rule, and makes the seats.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction

from accounts.models import Customer
from bookwhen.db import violated_constraint
from groups.locks import lock_members
from groups.models import Member
from offers.eligibility import NextStep, Reason, Verdict, judge_order
from offers.services import refile_members
from offers.uses import LimitReachedError
from tickets.availability import places
from tickets.availability.facts import (
    ANONYMOUS,
    Facts,
    Person,
    load_facts,
    person_of_customer,
    provisional_counting,
)
from tickets.availability.locks import lock_basket, lock_booking, lock_members_for_series
from tickets.availability.waiting import read_free, take_offered_places
from tickets.booking import notices
from tickets.booking.entries import is_fully_loaded, reload_entry
from tickets.booking.guest_holds import require_room_for_guest
from tickets.booking.heirs import for_heir
from tickets.booking.hold import release_overdue_baskets_at, renewed_hold
from tickets.booking.lost_races import CUSTOMER_GONE, ENTRY_GONE, LOST_RACES, SEAT_ONCE, lost_by
from tickets.booking.owed import note_prices
from tickets.booking.recorded import record_booked
from tickets.booking.refusals import (
    AddressNotConfirmedError,
    BasketClosedError,
    BasketOfOtherCustomerError,
    BookingRefusedError,
    CustomerGoneError,
    EntryCancelledError,
    TicketGoneError,
    TicketHasCostError,
)
from tickets.booking.request import (
    PLAIN_ORDER,
    BasketHold,
    Booked,
    BookingRequest,
    StudioOrder,
    WantedTicket,
    with_split_tickets,
)
from tickets.booking.seats import begin_booking, charged_seats, claim_key, insert_seats, make_seats
from tickets.booking.studio_terms import StudioTerms, StudioTermsChangedError, studio_terms
from tickets.booking.whole import claim_and_fill, fill_booking
from tickets.models import Booking, BookingState, Channel, Entry, Seat, Ticket
from tickets.money.pricing import reprice_basket

ATTEMPTS: Final = 3


class _MisfiledError(Exception):
    """The customer's uses are filed by a standing that does not rule any more."""


def book(
    entry: Entry,
    customer: Customer,
    wanted: Sequence[WantedTicket],
    *,
    who: Person,
    key: UUID,
    now: datetime,
    hold: BasketHold | None = None,
    booker_name: str = "",
) -> Booked:
    """Book tickets at an entry for a customer, all or none, charging their offers for the exclusive ones.

    With `hold` they are only put into a basket. `booker_name` is what a guest typed. `key` comes with the form: the
    same key again returns the booking it made. Raises RefusedError, with its reason and the next step:
    BookingRefusedError with the verdicts, also for anyone who loses a race; TicketGoneError; TicketHasCostError, where
    a ticket must be paid first; KeyTakenError for a key of another customer's; FormSentBeforeError; CustomerGoneError;
    BasketClosedError; BasketOfOtherCustomerError; GuestsHoldTooManyError; AddressNotConfirmedError.
    """
    request = BookingRequest(entry, customer, tuple(wanted), who, key, hold, booker_name)
    if hold is None and entry.account.confirms_free_bookings and not who.is_customer(customer):
        raise AddressNotConfirmedError
    try:
        return _book_or_release(request, now=now)
    except (BookingRefusedError, CustomerGoneError, IntegrityError) as error:
        if (again := for_heir(request, error)) is None:
            raise
    return _book_or_release(replace(again, entry=reload_entry(entry)), now=now)


def _book_or_release(request: BookingRequest, *, now: datetime) -> Booked:
    """Book; where the entry is full, once more when places have come free."""
    entry = request.entry
    try:
        return _book_with_retries(request, now=now)
    except BookingRefusedError as refusal:
        sold_out = any(verdict.reason is Reason.SOLD_OUT for verdict in refusal.verdicts)
        # Who meets a full entry releases what others held too long (docs/design.md, *Selling*); or somebody just did.
        if not sold_out or not (release_overdue_baskets_at(entry, now=now) or places.has_places_left(entry)):
            raise
    return _book_with_retries(replace(request, entry=reload_entry(entry)), now=now)


def book_as_seen(
    entry: Entry,
    customer: Customer,
    wanted: Sequence[WantedTicket],
    *,
    facts: Facts,
    key: UUID,
    now: datetime,
    booker_name: str = "",
) -> Booked:
    """What `book` does for a stranger: in one statement, if all is as in the `facts` that the caller has just read."""
    request = BookingRequest(entry, customer, tuple(wanted), ANONYMOUS, key, booker_name=booker_name)
    booked = None if entry.account.confirms_free_bookings else _book_at_once(request, facts, now=now)
    if booked is not None:
        return booked
    fresh = reload_entry(entry)
    return book(fresh, customer, wanted, who=ANONYMOUS, key=key, now=now, booker_name=booker_name)


def book_offered(
    entry: Entry,
    customer: Customer,
    wanted: Sequence[WantedTicket],
    *,
    who: Person,
    now: datetime,
    hold: BasketHold | None,
    booker_name: str = "",
    others: Sequence[int] = (),
) -> tuple[Booking, list[Seat]]:
    """Hold places of one ticket for somebody who waited for them, or book them; what is reserved may be taken.

    As `book`, by the same rule and at this moment, but nobody is written to. In the caller's transaction, in which they
    are counted as waiting no more, nor for the `others` (ids of tickets). Raises RefusedError.
    """
    order = (entry, customer, tuple(wanted), who, uuid4(), hold, booker_name)
    request = BookingRequest(*order, is_offered=True, others=others)
    booking = _book_with_retries(request, now=now).booking
    booking.from_waiting_list = True
    booking.save(update_fields=["from_waiting_list"])
    return booking, list(booking.seats.select_related("ticket", "use__period").order_by("pk"))


def _book_at_once(request: BookingRequest, facts: Facts, *, now: datetime) -> Booked | None:
    """Book ordinary tickets in one statement, if all is as the caller saw it; None where it has to be looked at again.

    It holds no members and charges no offer, so nothing has to be held before it is judged.
    """
    chosen = _chosen_tickets(request, facts)
    verdicts = judge_order(facts.situation, [each.ask for each in request.wanted], now=now)
    if any(ticket.exclusive or ticket.price for ticket in chosen) or not all(verdict.allowed for verdict in verdicts):
        return None
    booking = _new_booking(request)
    begin_booking(booking, request.entry, request.customer, key=request.key, now=now)
    seats, _party = charged_seats(booking, request.entry, facts, request, verdicts, now=now)
    try:
        # One statement is a transaction of its own; inside another, what it refuses must not end that.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            made = claim_and_fill(seats, now=now)
    except IntegrityError as error:
        constraint = violated_constraint(error)
        if constraint not in {*LOST_RACES, SEAT_ONCE} and not constraint.endswith((ENTRY_GONE, CUSTOMER_GONE)):
            raise
        return None
    return None if made is None else Booked(made, is_new=True)


def _book_with_retries(request: BookingRequest, *, now: datetime) -> Booked:
    """Book once; where somebody was quicker, on fresh facts again, up to `ATTEMPTS` times."""
    for attempt in range(ATTEMPTS):
        # What the caller has just read is good enough to begin with: a booking judged before the entry was moved or
        # cancelled fails by its revision, and one judged by old places by the new ones.
        entry = request.entry if attempt == 0 and is_fully_loaded(request.entry) else reload_entry(request.entry)
        try:
            with transaction.atomic():
                return _book_in_transaction(request, entry, now=now)
        except (LimitReachedError, places.FullError, places.PartyFullError):
            continue
        except _MisfiledError:
            refile_uses(request.who.customer, now=now)
        except IntegrityError as error:
            if lost_by(error) == "period_no_overlap":
                refile_uses(request.who.customer, now=now)
    sold_out = Verdict(reason=Reason.SOLD_OUT, next_step=NextStep.SEE_SCHEDULE)
    raise BookingRefusedError([sold_out for _ in request.wanted])


def _book_in_transaction(request: BookingRequest, entry: Entry, *, now: datetime) -> Booked:
    """Lock, find the booking to fill, ask the rule, make the seats. `entry` is as it was read last."""
    if request.who.customer is not None:
        # A basket is priced as a whole, so all that its customer has anywhere is looked at.
        lock_members_for_series(request.who.customer.pk, series=None if request.hold else request.entry.series_id)
    booked = _find_or_create_booking(request, now=now)
    if not booked.is_new:
        return booked
    free = read_free(entry.pk) if request.is_offered else None
    booking = booked.booking
    facts = load_facts(entry, request.who, now=now, basket=request.basket_facts, offering=free)
    request = with_split_tickets(request, facts.tickets)
    verdicts = _judge(request, facts, now=now)
    chosen = _chosen_tickets(request, facts)
    if request.hold is None and any(ticket.price for ticket in chosen):
        raise TicketHasCostError
    if request.hold and request.who.user is None and not request.is_offered:
        require_room_for_guest(booking, entry, len(chosen), now=now)
    # Everybody who wants a place at this entry waits for its row until this transaction ends: it comes last.
    if request.hold is None and not request.is_offered:
        fill_booking(*charged_seats(booking, entry, facts, request, verdicts, now=now), now=now)
        return booked
    make_seats(booking, entry, facts, request, verdicts, now=now)
    if request.hold:
        reprice_basket(booking, request.who, now=now)
    _take_places(request, entry, chosen)
    return booked


def _take_places(request: BookingRequest, entry: Entry, chosen: Sequence[Ticket]) -> None:
    """Take the places of chosen tickets: of those that are offered, one who waits has one kind. Raises FullError."""
    if not request.is_offered:
        places.take_places(entry, chosen)
    elif not take_offered_places(entry, chosen[0], len(chosen), request.others):
        raise places.FullError


def _find_or_create_booking(request: BookingRequest, *, now: datetime) -> Booked:
    """The booking to fill: `is_new` says whether it is to be filled, and not where this form has done so."""
    hold = request.hold
    if hold and hold.basket:
        return _basket_to_fill(request, hold, hold.basket, now=now)
    new = _new_booking(request)
    if hold:
        new.state, new.held_until, new.hold_limit = BookingState.BASKET, hold.until, hold.limit
        new.held_from = hold.network
    return claim_key(new, request.entry, request.customer, key=request.key, now=now)


def _new_booking(request: BookingRequest) -> Booking:
    return Booking(
        channel=Channel.CUSTOMER,
        filled_by_id=request.who.user,
        booker_name=request.booker_name,
        booker_email=request.customer.recognised_by,
    )


def _basket_to_fill(request: BookingRequest, hold: BasketHold, basket: Booking, *, now: datetime) -> Booked:
    """The basket that the visitor carries, locked, its time begun anew as far as its limit allows."""
    # A stranger holds nothing yet, but what the basket was charged is given back when it is priced for them.
    lock = lock_booking if request.who.customer else lock_basket
    held = lock(basket.pk)
    if held.uuid != basket.uuid:
        raise BasketClosedError  # it has become a login's since
    if Seat.objects.filter(booking=held, uuid=request.seats[0]).exists():
        return Booked(held, is_new=False)
    if held.state != BookingState.BASKET:
        raise BasketClosedError
    if held.customer_id != request.customer.pk:
        raise BasketOfOtherCustomerError
    held.hold_limit = held.hold_limit or hold.limit
    held.held_until = renewed_hold(held, hold.until - now, now=now)
    held.save(update_fields=["held_until", "hold_limit"])
    return Booked(held, is_new=True)


def _judge(request: BookingRequest, facts: Facts, *, now: datetime) -> Sequence[Verdict]:
    """What the rule says of the wanted tickets, where it allows all of them; else what it says is raised."""
    if facts.is_misfiled:
        raise _MisfiledError
    if not {each.ticket for each in request.wanted} <= {ticket.pk for ticket in facts.visible}:
        raise TicketGoneError
    verdicts = judge_order(facts.situation, [each.ask for each in request.wanted], now=now)
    if not request.wanted or not all(verdict.allowed for verdict in verdicts):
        raise BookingRefusedError(verdicts)
    return verdicts


def _chosen_tickets(request: BookingRequest, facts: Facts) -> list[Ticket]:
    by_id = {ticket.pk: ticket for ticket in facts.tickets}
    return [by_id[each.ticket] for each in request.wanted]


def refile_uses(customer: Customer | None, *, now: datetime) -> None:
    """File all uses of a customer (with their account) by the standing that rules now, or the membership in a basket.

    A known end passes by the clock, with no event: where another ground goes on, the rows are still those of the first.
    """
    if customer is None:
        return
    with transaction.atomic():
        members = list(Member.objects.filter(customer=customer).values_list("pk", flat=True))
        lock_members(members)
        refile_members(members, now=now, provisional=provisional_counting(now, customer.account.zone))


def book_by_studio(
    entry: Entry,
    customer: Customer,
    wanted: Sequence[WantedTicket],
    *,
    key: UUID,
    now: datetime,
    order: StudioOrder = PLAIN_ORDER,
) -> Booked:
    """Book for somebody as the studio: sale windows do not matter, places do; `order` says what is charged and told.

    The same key again returns the booking it made. What a ticket costs is noted as owed. Raises `places.FullError`
    (help articles 8694260, 4533157), EntryCancelledError, KeyTakenError, StudioTermsChangedError.
    """
    request = BookingRequest(entry, customer, tuple(wanted), person_of_customer(customer), key)
    for _attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _book_by_studio(request, order, now=now)
        except (LimitReachedError, places.PartyFullError):
            continue
        except _MisfiledError:
            refile_uses(request.who.customer, now=now)
        except IntegrityError as error:
            heir = for_heir(request, error)
            if heir is None and violated_constraint(error) not in LOST_RACES:
                raise
            request = heir or request
    raise StudioTermsChangedError


def _book_by_studio(request: BookingRequest, order: StudioOrder, *, now: datetime) -> Booked:
    customer, wanted = request.customer, request.wanted
    if order.charges or order.notes_price:
        # A discount may be of any group that they are in.
        lock_members_for_series(customer.pk, series=None if order.notes_price else request.entry.series_id)
    new = Booking(channel=Channel.STUDIO, booker_name=order.booker_name)
    booked = claim_key(new, request.entry, customer, key=request.key, now=now)
    if not booked.is_new:
        return booked
    entry = reload_entry(request.entry)
    if entry.cancelled_at:
        raise EntryCancelledError
    by_id = Ticket.objects.filter(account=entry.account_id, series=entry.series_id).in_bulk(
        [each.ticket for each in wanted]
    )
    tickets = [by_id[each.ticket] for each in wanted]
    if order.charges:
        facts = load_facts(entry, request.who, now=now)
        terms = _terms_as_seen(facts, request, order, now=now)
        seats = make_seats(booked.booking, entry, facts, request, terms.as_charged, now=now)
    else:
        seats = insert_seats(booked.booking, entry, wanted, by_id, [uuid4() for _ in wanted], now=now)
    if order.notes_price and any(ticket.price for ticket in tickets):
        note_prices(booked.booking, seats, seen=order.owed, now=now)
    if order.tells:
        notices.notify_booked(booked.booking, entry, seats, now=now)
    if order.room:
        places.raise_capacities(entry, tickets, order.room)
    record_booked(booked.booking, entry, seats)
    places.take_places(entry, tickets)
    return booked


def _terms_as_seen(facts: Facts, request: BookingRequest, order: StudioOrder, *, now: datetime) -> StudioTerms:
    """What the studio's booking is charged, where the operator saw that; else StudioTermsChangedError."""
    if facts.is_misfiled:
        raise _MisfiledError
    if not {each.ticket for each in request.wanted} <= facts.situation.tickets.keys():
        raise StudioTermsChangedError
    terms = studio_terms(facts, [each.ask for each in request.wanted], now=now)
    if order.terms_version is not None and terms.version != order.terms_version:
        raise StudioTermsChangedError
    return terms
