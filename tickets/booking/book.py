"""Booking: by a customer, as the rule allows; by the studio, as it likes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4, uuid5

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from accounts.models import Customer
from bookwhen.db import violated_constraint
from bookwhen.fastpath.compiled import compiled_query
from groups.locks import lock_members
from groups.models import Member
from offers.eligibility import Ask, Attendee, NextStep, Reason, Situation, Verdict, judge_order
from offers.models import OfferUse
from offers.periods import local_day
from offers.services import refile_members
from offers.uses import Charge, LimitReachedError, spend
from tickets.availability import places
from tickets.availability.facts import EMPTY_BASKET, BasketFacts, Facts, Person, load_facts, provisional_counting
from tickets.availability.locks import lock_basket, lock_booking, lock_members_for_series
from tickets.booking import notices
from tickets.booking.hold import release_overdue_baskets_at
from tickets.models import Booking, BookingState, Channel, Entry, Seat, Ticket
from tickets.money.pricing import basket_facts, reprice_basket
from tickets.schedule.entries import EntryCancelledError

_CLAIM: Final = """
    INSERT INTO tickets_booking (account_id, page_id, customer_id, uuid, key, channel, state, held_until, created_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (account_id, key) DO NOTHING RETURNING id
"""
ATTEMPTS: Final = 3
_WITH: Final = ("account", "page", "places", "series")
LOST_RACES: Final = frozenset(
    {
        "entry_places_fit",
        "party_within_allowed",
        "period_no_overlap",
        "period_within_ceiling",
        "seat_discount_once",
        "seat_self_attendee_once",
        "ticket_places_fit",
    }
)
"""Constraints that refuse what the rule had allowed: somebody was quicker, so the rule is asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTicket:
    """One wanted ticket (id) and who is to attend."""

    ticket: int
    name: str
    email: str = ""
    attendee: Attendee = Attendee.GUEST
    is_for_booker: bool = False
    """Whether the customer comes themselves, also by an ordinary ticket, of which the rule is not asked."""

    @property
    def ask(self) -> Ask:
        """What the rule is asked."""
        return Ask(self.ticket, self.attendee)


class BookingRefusedError(Exception):
    """The rule says no to at least one wanted ticket: `verdicts`, in the order asked."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        super().__init__(", ".join(verdict.reason for verdict in verdicts))
        self.verdicts = tuple(verdicts)


class KeyTakenError(Exception):
    """The idempotency key belongs to somebody else's booking."""


class TicketGoneError(Exception):
    """A wanted ticket is not on sale at this entry, or this person may not know of it."""


class TicketHasCostError(Exception):
    """A wanted ticket costs something: it goes through a basket."""


class BasketClosedError(Exception):
    """The basket is being paid, was booked or was let go of: nothing is put into it any more."""


class BasketOfOtherCustomerError(Exception):
    """The basket is somebody else's: one basket is for one customer."""


@dataclass(frozen=True, slots=True)
class BasketHold:
    """To put what is wanted into a basket, a new one where none is given, which holds it until an aware instant."""

    until: datetime
    basket: Booking | None = None

    @property
    def facts(self) -> BasketFacts:
        """What the basket adds to the facts."""
        return basket_facts(self.basket) if self.basket else EMPTY_BASKET


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
) -> Booking:
    """Book tickets at an entry for a customer, all or none, charging their offers for the exclusive ones.

    With `hold` they are only put into a basket. `key` comes with the form: the same key again returns the booking it
    made. Raises BookingRefusedError with the verdicts, also for anyone who loses a race; KeyTakenError for a key of
    another customer's; TicketGoneError; TicketHasCostError, where a ticket must be paid first; BasketClosedError;
    BasketOfOtherCustomerError.
    """
    order = _BookingRequest(entry, customer, tuple(wanted), who, key, hold)
    try:
        return _book_once(order, now=now)
    except BookingRefusedError as refusal:
        sold_out = any(verdict.reason is Reason.SOLD_OUT for verdict in refusal.verdicts)
        # Who meets a full entry lets go of what others held too long (docs/design.md, *Selling*), or somebody just did.
        if not sold_out or not (release_overdue_baskets_at(entry, now=now) or places.has_places_left(entry)):
            raise
    return _book_once(replace(order, entry=_reload_entry(entry)), now=now)


@dataclass(frozen=True, slots=True)
class _BookingRequest:
    """What `book` was asked."""

    entry: Entry
    customer: Customer
    wanted: tuple[WantedTicket, ...]
    who: Person
    key: UUID
    hold: BasketHold | None

    @property
    def seats(self) -> list[UUID]:
        """The uuids of the seats that this form makes: sent again, it is known by them."""
        return [seat_uuid(self.key, number) for number in range(len(self.wanted))]


def seat_uuid(key: UUID, number: int) -> UUID:
    """The uuid of the seat that a form (by its key) makes of its wanted ticket of that number, from 0."""
    return uuid5(key, str(number))


def _book_once(order: _BookingRequest, *, now: datetime) -> Booking:
    for attempt in range(ATTEMPTS):
        # What the caller has just read is good enough to begin with: a booking judged before the entry was moved or
        # cancelled fails by its revision, and one judged by old places by the new ones.
        entry = order.entry if attempt == 0 and _is_fully_loaded(order.entry) else _reload_entry(order.entry)
        try:
            with transaction.atomic():
                return _book_in_transaction(order, entry, now=now)
        except (LimitReachedError, places.FullError, places.PartyFullError):
            continue
        except _MisfiledError:
            _refile_uses(order, now=now)
        except IntegrityError as error:
            if violated_constraint(error) not in LOST_RACES:
                raise
            if violated_constraint(error) == "period_no_overlap":
                _refile_uses(order, now=now)
    raise BookingRefusedError([Verdict(reason=Reason.SOLD_OUT, next_step=NextStep.SEE_SCHEDULE) for _ in order.wanted])


def book_by_studio(
    entry: Entry,
    customer: Customer,
    wanted: Sequence[WantedTicket],
    *,
    key: UUID,
    now: datetime,
    room: places.Capacities | None = None,
) -> Booking:
    """Book for somebody as the studio: no allowance is charged, sale windows do not matter, places do.

    The same key again returns the booking it made. Raises `places.FullError` (help articles 8694260, 4533157); `room`
    are capacities that the operator agreed to raise to. Raises EntryCancelledError, KeyTakenError.
    """
    with transaction.atomic():
        booking, made = _claim_key(Booking(channel=Channel.STUDIO), entry, customer, key=key, now=now)
        if not made:
            return booking
        entry = Entry.objects.select_related("account", "page", "places").get(pk=entry.pk)
        if entry.cancelled_at:
            raise EntryCancelledError
        by_id = Ticket.objects.filter(series=entry.series_id).in_bulk([each.ticket for each in wanted])
        tickets = [by_id[each.ticket] for each in wanted]
        seats = _insert_seats(booking, entry, wanted, by_id, dict.fromkeys(uuid4() for _ in wanted), now=now)
        notices.notify_booked(booking, entry, seats, now=now)
        if room:
            places.raise_capacities(entry, tickets, room)
        places.take_places(entry, tickets)
    return booking


def _refile_uses(order: _BookingRequest, *, now: datetime) -> None:
    """File a customer's uses in all groups by the standing that rules now, or by the membership in the basket.

    A known end passes by the clock, with no event: where another ground goes on, the rows are still those of the first.
    """
    with transaction.atomic():
        members = list(Member.objects.filter(customer=order.who.customer).values_list("pk", flat=True))
        lock_members(members)
        refile_members(members, now=now, provisional=provisional_counting(now, order.entry.account.zone))


def _is_fully_loaded(entry: Entry) -> bool:
    """Whether an entry was read with all that is judged by."""
    return all(name in entry._state.fields_cache for name in _WITH)  # noqa: SLF001


def _reload_entry(entry: Entry) -> Entry:
    """The entry as it is now, with all that is judged by."""
    [found] = _entries(entry.pk)
    return found


def _book_in_transaction(order: _BookingRequest, entry: Entry, *, now: datetime) -> Booking:
    if order.who.customer is not None:
        # A basket is priced as a whole, so all that its customer has anywhere is looked at.
        lock_members_for_series(order.who.customer.pk, series=None if order.hold else order.entry.series_id)
    booking, made = _find_or_create_booking(order, now=now)
    if not made:
        return booking
    wanted = order.wanted
    facts = load_facts(entry, order.who, now=now, basket=order.hold.facts if order.hold else EMPTY_BASKET)
    if facts.is_misfiled:
        raise _MisfiledError
    if not {each.ticket for each in wanted} <= {ticket.pk for ticket in facts.visible}:
        raise TicketGoneError
    verdicts = judge_order(facts.situation, [each.ask for each in wanted], now=now)
    if not wanted or not all(verdict.allowed for verdict in verdicts):
        raise BookingRefusedError(verdicts)
    by_id = {ticket.pk: ticket for ticket in facts.tickets}
    chosen = [by_id[each.ticket] for each in wanted]
    if order.hold is None and any(ticket.price for ticket in chosen):
        raise TicketHasCostError
    seats = _fill_booking(booking, entry, facts, order, verdicts, now=now)
    if order.hold:
        reprice_basket(booking, order.who, now=now)
    else:
        notices.notify_booked(booking, entry, seats, now=now)
    # Last: everybody who wants a place at this entry waits for its row until this transaction ends.
    places.take_places(entry, chosen)
    return booking


def _find_or_create_booking(order: _BookingRequest, *, now: datetime) -> tuple[Booking, bool]:
    """The booking to fill, and whether it is to be filled: not where this form has done so."""
    if order.hold is None:
        return _claim_key(Booking(channel=Channel.CUSTOMER), order.entry, order.customer, key=order.key, now=now)
    if order.hold.basket is None:
        new = Booking(channel=Channel.CUSTOMER, state=BookingState.BASKET, held_until=order.hold.until)
        return _claim_key(new, order.entry, order.customer, key=order.key, now=now)
    # Whoever is not known holds nothing yet, but what the basket was charged is given back when it is priced for them.
    hold = lock_booking if order.who.customer else lock_basket
    basket = hold(order.hold.basket.pk)
    if Seat.objects.filter(booking=basket, uuid=order.seats[0]).exists():
        return basket, False
    if basket.state != BookingState.BASKET:
        raise BasketClosedError
    if basket.customer_id != order.customer.pk:
        raise BasketOfOtherCustomerError
    assert basket.held_until is not None  # noqa: S101 - a constraint says so
    basket.held_until = max(basket.held_until, order.hold.until)
    basket.save(update_fields=["held_until"])
    return basket, True


@compiled_query
def _entries(key: int) -> QuerySet[Entry]:
    return Entry.objects.select_related(*_WITH).filter(pk=key)


def _claim_key(booking: Booking, entry: Entry, customer: Customer, *, key: UUID, now: datetime) -> tuple[Booking, bool]:
    """The booking of this key, made now or found, and whether it was made now. The same form sent twice waits here."""
    booking.account_id, booking.page_id, booking.customer = entry.account_id, entry.page_id, customer
    booking.key, booking.created_at = key, now
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            (
                booking.account_id,
                booking.page_id,
                customer.pk,
                booking.uuid,
                key,
                str(booking.channel),
                str(booking.state),
                booking.held_until,
                now,
            ),
        )
        made = cursor.fetchone()
    if made is not None:
        booking.pk, booking.is_new = made[0], True
        return booking, True
    found = Booking.objects.select_related("customer", "page").get(account=entry.account_id, key=key)
    if found.customer_id != customer.pk:
        raise KeyTakenError
    return found, False


def _fill_booking(
    booking: Booking, entry: Entry, facts: Facts, order: _BookingRequest, verdicts: Sequence[Verdict], *, now: datetime
) -> list[Seat]:
    seats = order.seats
    uses = _charge_offers(entry, seats, verdicts, now=now)
    charged = [verdict for verdict in verdicts if verdict.offer is not None]
    if charged:
        places.join_party(
            entry, customer=booking.customer_id, people=len(charged), allowed=_party_allowed(facts.situation, charged)
        )
    by_id = {ticket.pk: ticket for ticket in facts.tickets}
    return _insert_seats(booking, entry, order.wanted, by_id, {seat: uses.get(seat) for seat in seats}, now=now)


def _charge_offers(
    entry: Entry, seats: Sequence[UUID], verdicts: Sequence[Verdict], *, now: datetime
) -> dict[UUID, OfferUse]:
    by_offer = defaultdict[tuple[int, int], list[tuple[UUID, Verdict]]](list)
    for seat, verdict in zip(seats, verdicts, strict=True):
        if verdict.offer is not None and verdict.member is not None:
            by_offer[verdict.member, verdict.offer].append((seat, verdict))
    uses: dict[UUID, OfferUse] = {}
    for (member, offer), charged in sorted(by_offer.items(), key=lambda item: item[0]):
        period = charged[0][1].period
        assert period is not None  # noqa: S101 - a verdict that charges an offer names the period
        charge = Charge(
            account=entry.account_id,
            offer=offer,
            member=member,
            period=period,
            ceiling=charged[0][1].limit,
            event_on=local_day(entry.starts_at, entry.account.zone),
            seats=[seat for seat, _verdict in charged],
        )
        uses.update(spend(charge, now=now))
    return uses


def _party_allowed(situation: Situation, charged: Sequence[Verdict]) -> int:
    offers = {verdict.offer for verdict in charged}
    return max(
        allowance.party
        for footing in situation.visitor.group_standings.values()
        for allowance in footing.allowances
        if allowance.offer in offers
    )


def _insert_seats(
    booking: Booking,
    entry: Entry,
    wanted: Sequence[WantedTicket],
    tickets: Mapping[int, Ticket],
    uses: Mapping[UUID, OfferUse | None],
    *,
    now: datetime,
) -> list[Seat]:
    """The seats, by their uuids in the order of what was wanted; what they cost is said when they are priced."""
    return Seat.objects.bulk_create(
        Seat(
            account_id=entry.account_id,
            booking=booking,
            entry=entry,
            ticket=tickets[each.ticket],
            customer_id=booking.customer_id,
            uuid=seat,
            attendee_name=each.name,
            attendee_email=each.email,
            self_attendee_id=booking.customer_id if each.attendee is Attendee.SELF and use else None,
            is_for_booker=each.is_for_booker or each.attendee is Attendee.SELF,
            use=use,
            created_at=now,
        )
        for (seat, use), each in zip(uses.items(), wanted, strict=True)
    )
