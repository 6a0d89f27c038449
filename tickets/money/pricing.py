"""What tickets cost a customer: their prices, less the discounts that apply by themselves, or by a code.

docs/design.md, *Discounts*. One way for the page that shows, the basket and the last look before paying.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Final, cast
from uuid import UUID

from accounts.models import Customer
from bookwhen.money import step
from groups.models import Standing
from groups.queries import ruling_standing
from offers.carrying import counted_offers
from offers.models import Audience, Offer, OfferKind, OfferUse
from offers.periods import Counting, Period, local_day
from offers.pricing import Option, Pool, assign_discounts, discount_amount
from offers.queries import counting_by
from offers.services import refile_members
from offers.uses import Charge, give_back, period_of, spend
from tickets.annotated import DiscountOffer
from tickets.availability.facts import BasketFacts, Person, provisional_counting, provisional_members
from tickets.availability.locks import lock_booking, lock_members_for_series
from tickets.models import Booking, DiscountCode, Entry, Seat, Ticket
from tickets.money.codes import CODE, CodeTerms, code_terms

_DISCOUNTS: Final = """
    SELECT offer.*, member.id AS member_id, "group".name AS group_name,
        ARRAY(SELECT page_id FROM tickets_coverage WHERE offer_id = offer.id AND page_id IS NOT NULL) AS page_ids,
        ARRAY(SELECT ticket_id FROM tickets_coverage WHERE offer_id = offer.id AND ticket_id IS NOT NULL) AS ticket_ids
    FROM offers_offer AS offer
    JOIN groups_group AS "group" ON "group".id = offer.group_id AND "group".archived_at IS NULL
    JOIN groups_member AS member ON member.group_id = offer.group_id AND member.customer_id = %(customer)s
    WHERE offer.kind = 'discount' AND offer.enabled AND offer.deleted_at IS NULL
    ORDER BY offer.id
"""
"""Enabled discount offers of the groups that a customer is a member of, with the group's name and what each covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItem:
    """One ticket to be priced, at an entry (with its account); `is_for_booker`: the customer comes themselves by it."""

    entry: Entry
    ticket: Ticket
    is_for_booker: bool
    seat: UUID | None = None
    """The uuid of the seat that it is already, in a basket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A discount that one ticket has, and where its use is counted; `place`: its how-manieth there, from 0.

    `left`: how many uses the period had before this ticket and what was priced with it (none: no limit).
    """

    offer: DiscountOffer
    member: int
    period: Period
    index: int
    left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What one ticket costs, in minor units of the account's currency: the `amount` is the price less the discount."""

    price: int
    amount: int
    discount: Discount | None = None
    code: DiscountCode | None = None
    """The discount code that makes it cheaper, instead of a discount."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A discount offer as one member has it: how they stand, and by what its uses are counted."""

    offer: DiscountOffer
    member: int
    standings: Sequence[Standing]
    counting: Counting
    opened: bool

    def reaches(self, instant: datetime) -> bool:
        """Whether its member stands when an event starts."""
        return self.opened or any(
            each.since <= instant and (each.until is None or instant < each.until) for each in self.standings
        )

    def covers(self, item: LineItem) -> bool:
        """Whether it makes a ticket cheaper: all tickets on its pages, or selected ones, exclusive or not."""
        covered = item.entry.page_id in self.offer.page_ids or item.ticket.pk in self.offer.ticket_ids
        personal = self.offer.audience == Audience.PERSONAL
        return covered and (item.is_for_booker or not personal) and self.reaches(item.entry.starts_at)

    def period_of(self, item: LineItem) -> Period:
        """The usage period in which an item's event takes place."""
        return period_of(
            self.offer, counting=self.counting, day=local_day(item.entry.starts_at, item.entry.account.zone)
        )


def basket_facts(basket: Booking) -> BasketFacts:
    """What a basket (with its membership price) adds to the facts that the rule judges by."""
    price = basket.membership_price
    held = basket.seats.live().values_list("entry", flat=True)
    tickets = defaultdict[int, int](int)
    for entry in held:
        tickets[entry] += 1
    return BasketFacts(frozenset({price.membership.group_id} if price else ()), tickets)


def quote_items(
    items: Sequence[LineItem],
    customer: Customer | None,
    *,
    now: datetime,
    opens: AbstractSet[int] = frozenset(),
    together: bool = True,
    code: CodeTerms | None = None,
) -> list[Quote]:
    """What tickets cost a customer whose address is proved (none: anybody), all together at an aware instant.

    Not `together`: what each would cost alone, for a page that offers them. `opens` are the groups (ids) that the
    membership in their basket opens. A `code` is taken for each ticket where it saves more than what a customer has.
    At most five statements; none where nothing costs anything.
    """
    plain = [Quote(price=item.ticket.price, amount=item.ticket.price) for item in items]
    if not any(each.price for each in plain):
        return plain
    ways = _load_candidates(customer, items[0].entry, opens, now=now) if customer else []
    if not ways and code is None:
        return plain
    held = _DiscountUsage(customer, items, ways)
    options = [[*_discount_options(item, ways, held), *_code_options(item, code)] for item in items]
    if together:
        chosen = assign_discounts(options, held.left)
    else:
        chosen = [option for each in options for option in assign_discounts([each], held.left)]
    by_offer = {way.offer.pk: way for way in ways}
    return [
        _quote(item, option, code, by_offer, held) if option else plainly
        for item, option, plainly in zip(items, chosen, plain, strict=True)
    ]


def reprice_basket(booking: Booking, who: Person, *, now: datetime) -> list[Seat]:
    """Give a basket's live seats the prices and discounts of now, charging their uses; those that changed.

    Call it in a transaction. Raises `offers.uses.LimitReachedError` where a race for a use is lost.
    """
    customer = who.customer if who.customer and who.customer.pk == booking.customer_id else None
    if customer:
        lock_members_for_series(customer.pk, series=None)
    booking = lock_booking(booking.pk)
    seats = _live_seats(booking)
    items = [
        LineItem(entry=seat.entry, ticket=seat.ticket, is_for_booker=seat.is_for_booker, seat=seat.uuid)
        for seat in seats
    ]
    opens = basket_facts(booking).opened_groups if customer else frozenset[int]()
    code = code_terms(booking.discount_code) if booking.discount_code else None
    quotes = quote_items(items, customer, now=now, opens=opens, code=code)
    changed = [(seat, each) for seat, each in zip(seats, quotes, strict=True) if _differs(seat, each)]
    if changed:
        _apply_quotes(booking, changed, now=now)
    return [seat for seat, _quote in changed]


def discount_owed(booking: Booking, seats: Sequence[Seat], *, now: datetime) -> int:
    """Note of new seats (with entry, its account and ticket) of a studio's booking what is to pay for them there.

    The discounts of its customer (whose memberships are held) apply as if they had booked themselves, and their uses
    are charged; online nothing is asked for. Returns what it comes to, in minor units. Raises
    `offers.uses.LimitReachedError` where a race for a use is lost.
    """
    items = [LineItem(entry=each.entry, ticket=each.ticket, is_for_booker=each.is_for_booker) for each in seats]
    priced = list(zip(seats, quote_items(items, booking.customer, now=now), strict=True))
    uses = _charge_discounts(booking, priced, now=now)
    for seat, quote in priced:
        seat.owed, seat.discount_use = quote.amount, uses.get(seat.uuid)
        seat.discount = quote.discount.offer if quote.discount else None
        seat.discount_index = quote.discount.index if quote.discount else None
    Seat.objects.bulk_update(seats, ["owed", "discount", "discount_index", "discount_use"], batch_size=500)
    return sum(quote.amount for _seat, quote in priced)


def _live_seats(booking: Booking) -> list[Seat]:
    found = booking.seats.live().order_by("pk")
    return list(found.select_related("entry__account", "ticket", "discount_use__period"))


def _load_candidates(customer: Customer, entry: Entry, opens: AbstractSet[int], *, now: datetime) -> list[_Candidate]:
    offers = cast("list[DiscountOffer]", list(Offer.objects.raw(_DISCOUNTS, {"customer": customer.pk})))
    if not offers:
        return []
    standings = defaultdict[int, list[Standing]](list)
    for each in Standing.objects.filter(member__in={offer.member_id for offer in offers}):
        standings[each.member_id].append(each)
    opened = {member.pk for member in provisional_members(customer, opens)}
    found, zone = [], entry.account.zone
    for offer in offers:
        ruling = ruling_standing(standings[offer.member_id], now=now)
        counting = counting_by(ruling, zone) if ruling else provisional_counting(now, zone)
        if ruling or offer.member_id in opened:
            theirs = standings[offer.member_id]
            found.append(_Candidate(offer, offer.member_id, theirs, counting, opened=ruling is None))
    return found


class _DiscountUsage:
    """What of the discounts is taken already, by other seats than those to be priced."""

    def __init__(self, customer: Customer | None, items: Sequence[LineItem], ways: Sequence[_Candidate]) -> None:
        ours = {item.seat for item in items if item.seat}
        self._uses = defaultdict[tuple[int, int], list[date]](list)
        limited = {
            source: way.member for way in ways if way.offer.limit is not None for source in counted_offers(way.offer)
        }
        counts_for = {source: way.offer.pk for way in ways for source in counted_offers(way.offer)}
        if limited:
            lines = OfferUse.objects.live().filter(period__offer__in=limited, period__member__in=set(limited.values()))
            for offer, member, seat, day in lines.values_list("period__offer", "period__member", "seat", "event_on"):
                if seat not in ours:
                    self._uses[counts_for[offer], member].append(day)
        self.places = defaultdict[tuple[int, int], set[int]](set)
        """The numbers of the tickets that each offer (id), or one it replaced, makes cheaper at each entry (id)."""
        self._mine: dict[tuple[UUID | None, int], int] = {}
        """The numbers of the tickets to be priced, by their seat and the offer (id) that makes them cheaper."""
        self.left: dict[Pool, int] = {}
        if customer is None or not ways:
            return
        seats = customer.seats.live().filter(discount__isnull=False)
        for seat, offer, entry, place in seats.filter(entry__in={item.entry.pk for item in items}).values_list(
            "uuid", "discount_use__period__offer", "entry", "discount_index"
        ):
            assert place is not None  # noqa: S101 - a constraint says so
            if seat in ours:
                self._mine[seat, counts_for.get(offer, offer)] = place
            else:
                self.places[counts_for.get(offer, offer), entry].add(place)

    def pools(self, way: _Candidate, item: LineItem) -> tuple[Pool, ...]:
        """The pools that a discount of an item draws from, whose rooms are noted."""
        offer = way.offer
        here = ("event", offer.pk, item.entry.pk)
        self.left[here] = offer.additional_attendees + 1 - len(self.places[offer.pk, item.entry.pk])
        if offer.limit is None:
            return (here,)
        period = way.period_of(item)
        there = ("period", offer.pk, way.member, period)
        self.left[there] = offer.limit - sum(day in period for day in self._uses[offer.pk, way.member])
        return here, there

    def next_index(self, way: _Candidate, item: LineItem) -> int:
        """The number of one more ticket at an entry: the one it has, or the first that is free; it is taken then."""
        taken = self.places[way.offer.pk, item.entry.pk]
        mine = self._mine.get((item.seat, way.offer.pk))
        place = mine if mine is not None and mine not in taken else _first_free(taken)
        taken.add(place)
        return place


def _first_free(taken: AbstractSet[int]) -> int:
    return next(number for number in count() if number not in taken)


def _discount_options(item: LineItem, ways: Iterable[_Candidate], held: _DiscountUsage) -> list[Option]:
    unit = step(item.entry.account.currency)
    return [
        Option(
            offer=way.offer.pk,
            saving=discount_amount(
                item.ticket.price, percent=way.offer.percent, amount_off=way.offer.amount_off, step=unit
            ),
            pools=held.pools(way, item),
            rank=_rank(way, item),
        )
        for way in ways
        if way.covers(item)
    ]


def _code_options(item: LineItem, code: CodeTerms | None) -> list[Option]:
    if code is None or not code.covers(item.entry, item.ticket):
        return []
    return [code.option(item.ticket, step=step(item.entry.account.currency))]


def _quote(
    item: LineItem, option: Option, code: CodeTerms | None, ways: Mapping[int, _Candidate], held: _DiscountUsage
) -> Quote:
    if code and option.offer == CODE:
        return Quote(price=item.ticket.price, amount=item.ticket.price - option.saving, code=code.code)
    return _discounted_quote(item, ways[option.offer], option.saving, held)


def _rank(way: _Candidate, item: LineItem) -> int:
    """Unlimited first, then what would be lost soonest."""
    if way.offer.limit is None:
        return 0
    return (way.period_of(item).ends_on or date.max).toordinal()


def _discounted_quote(item: LineItem, way: _Candidate, saved: int, held: _DiscountUsage) -> Quote:
    price, period = item.ticket.price, way.period_of(item)
    discount = Discount(
        offer=way.offer,
        member=way.member,
        period=period,
        index=held.next_index(way, item),
        left=held.left.get(("period", way.offer.pk, way.member, period)),
    )
    return Quote(price=price, amount=price - saved, discount=discount)


def _differs(seat: Seat, quote: Quote) -> bool:
    discount = quote.discount
    mine = (seat.price, seat.amount, seat.discount_id, seat.discount_index, seat.discount_code_id)
    offer, index = (discount.offer.pk, discount.index) if discount else (None, None)
    return mine != (quote.price, quote.amount, offer, index, quote.code.pk if quote.code else None)


def _apply_quotes(booking: Booking, changed: Sequence[tuple[Seat, Quote]], *, now: datetime) -> None:
    """Write quotes into seats: what is given up first, so that it may be taken by another seat."""
    keep = {seat.pk for seat, quote in changed if quote.discount and seat.discount_id == quote.discount.offer.pk}
    give_back(
        [seat.discount_use_id for seat, _ in changed if seat.discount_use_id and seat.pk not in keep],
        why="repriced",
        now=now,
    )
    plain: dict[str, int | None] = {"price": 0, "amount": 0, "discount_code": None}
    plain |= {"discount": None, "discount_use": None, "discount_index": None}
    Seat.objects.filter(pk__in=[seat.pk for seat, _ in changed]).update(**plain)
    uses = _charge_discounts(booking, [(seat, quote) for seat, quote in changed if seat.pk not in keep], now=now)
    for seat, quote in changed:
        seat.price, seat.amount, seat.discount_code = quote.price, quote.amount, quote.code
        seat.discount = quote.discount.offer if quote.discount else None
        seat.discount_index = quote.discount.index if quote.discount else None
        if seat.pk not in keep:
            seat.discount_use = uses.get(seat.uuid)
    fields = ["price", "amount", "discount", "discount_index", "discount_use", "discount_code"]
    Seat.objects.bulk_update([seat for seat, _ in changed], fields, batch_size=500)


def _charge_discounts(
    booking: Booking, changed: Iterable[tuple[Seat, Quote]], *, now: datetime
) -> Mapping[UUID, OfferUse]:
    charges = defaultdict[tuple[int, int, Period, date], list[Seat]](list)
    offers: dict[int, Offer] = {}
    for seat, quote in changed:
        if quote.discount:
            offers[quote.discount.offer.pk] = quote.discount.offer
            day = local_day(seat.entry.starts_at, booking.account.zone)
            charges[quote.discount.member, quote.discount.offer.pk, quote.discount.period, day].append(seat)
    if waiting := {member for member, offer, _period, _day in charges if offers[offer].carrying}:
        refile_members(waiting, now=now, provisional=provisional_counting(now, booking.account.zone))
    uses: dict[UUID, OfferUse] = {}
    for (member, offer, period, day), seats in sorted(charges.items(), key=lambda each: (each[0][:2], each[0][3])):
        charge = Charge(
            account=booking.account_id,
            offer=offer,
            member=member,
            period=period,
            ceiling=offers[offer].limit,
            event_on=day,
            seats=[seat.uuid for seat in seats],
            kind=OfferKind.DISCOUNT,
        )
        uses |= spend(charge, now=now)
    return uses
