"""A basket: a booking that is not booked yet. Its places and uses are held; looking at it judges it again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Exists, QuerySet

from accounts.models import Account, Customer, PaysAtStudio, SchedulePage
from bookwhen.db import violated_constraint
from groups.locks import lock_members
from groups.services import ensure_member
from memberships.models import Price
from memberships.purchases import AlreadyHasError, NotOnSaleError, require_sale
from offers.uses import LimitReachedError
from tickets.availability.facts import Person
from tickets.availability.locks import lock_basket, lock_booking
from tickets.booking.book import book
from tickets.booking.heirs import heir_who, is_customer_gone
from tickets.booking.hold import hold_limit, hold_period, release_seats, renewed_hold
from tickets.booking.lost_seats import lost_seats
from tickets.booking.refusals import BasketClosedError, BasketOfOtherCustomerError, CustomerGoneError
from tickets.booking.request import NO_GUEST, BasketHold, Guest, WantedTicket
from tickets.models import HELD_STATES, Booking, BookingState, Channel, DiscountCode, Entry, Payment, PaymentState, Seat
from tickets.money.codes import withdraw_dead_code
from tickets.money.pricing import reprice_basket

ATTEMPTS: Final = 3
_USED: Final = ("discount_code", "use__period__offer__group")
"""What a ticket in a basket uses, beside a discount."""
MEMBERSHIP_ALONE: Final = timedelta(hours=1)
"""How long a membership without tickets may be at the checkout."""


class NotAllowedError(Exception):
    """A membership is bought by somebody who is logged in, with a proved address."""


@dataclass(frozen=True, slots=True)
class Basket:
    """What is in a basket, as it was judged last: live seats with entry and ticket, and the payment under way."""

    booking: Booking
    seats: Sequence[Seat]
    payment: Payment | None

    @property
    def price(self) -> Price | None:
        """The price of the membership in it."""
        return self.booking.membership_price

    @property
    def code(self) -> DiscountCode | None:
        """The discount code that it uses."""
        return self.booking.discount_code

    @property
    def takes_codes(self) -> bool:
        """Whether the studio has any discount code, and anything could cost less by one."""
        return bool(self.code or (self.total and getattr(self.booking, "takes_codes", False)))

    @property
    def saved_by_code(self) -> int:
        """What that saves, in minor units; nothing while it is for none of the tickets."""
        return sum(seat.price - seat.amount for seat in self.seats if seat.discount_code_id)

    @property
    def total(self) -> int:
        """What its tickets cost together, in minor units."""
        return sum(seat.amount for seat in self.seats)

    @property
    def saved(self) -> int:
        """What its discounts save together, in minor units."""
        return sum(seat.price - seat.amount for seat in self.seats)

    @property
    def is_free(self) -> bool:
        """Whether nothing is to be paid: it never meets Stripe."""
        return not self.total and self.price is None

    @property
    def may_pay_at_studio(self) -> bool:
        """Whether it may be booked now and paid at the studio: a membership never is, and each page has its say."""
        return self.price is None and self.total > 0 and PaysAtStudio.OFF not in self._pages_say

    @property
    def may_pay_online(self) -> bool:
        """Whether it may be paid by card; not where every page in it is paid at the studio alone."""
        takes = self.booking.account.takes_payments
        return takes and not (self.may_pay_at_studio and self._pages_say == {PaysAtStudio.ONLY})

    @property
    def _pages_say(self) -> set[str]:
        return {seat.entry.page.pays_at_studio for seat in self.seats}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.seats and self.price is None

    @property
    def basket_version(self) -> str:
        """What a page shows of it, line by line: a form that brings another text was sent by who saw something else."""
        lines = [f"{seat.pk}:{seat.amount}:{int(seat.entry.starts_at.timestamp())}" for seat in self.seats]
        lines += [f"m{self.price.pk}:{self.price.amount}"] if self.price else []
        return ",".join([*lines, *([f"c{self.code.pk}:0"] if self.code else [])])


def hold_expiry(account: Account, *, now: datetime) -> datetime:
    """Until when what is put into a basket now is held."""
    return now + hold_period(account)


def checkout_expiry(found: Basket, *, now: datetime) -> datetime:
    """Until when what goes to the checkout now is held. A membership alone keeps nobody else from anything."""
    until = hold_expiry(found.booking.account, now=now)
    return found.booking.limit_hold(until if found.seats else max(until, now + MEMBERSHIP_ALONE))


def needs_confirmed_address(found: Basket, who: Person, *, at_studio: bool = False) -> bool:
    """Whether a basket is booked only by the link that is sent to its address: docs/design.md, *Selling*.

    `at_studio`: it is to be paid there, so that nothing is paid before it is booked.
    """
    booking = found.booking
    books_free = (found.is_free or at_studio) and not found.is_empty
    return booking.account.confirms_free_bookings and books_free and not who.is_customer(booking.customer)


def find_basket(account: Account, uuid: UUID) -> Booking | None:
    """The booking that a basket's uuid names, whatever became of it; whether it `takes_codes` is known."""
    found = Booking.objects.filter(account=account, uuid=uuid, channel=Channel.CUSTOMER)
    codes = DiscountCode.objects.filter(account=account, enabled=True).order_by()
    return found.for_checkout().annotate(takes_codes=Exists(codes)).first()


def open_basket_of(account: Account, user: int, customer: Customer | None = None) -> Booking | None:
    """The newest basket that a login (id) filled at an account and has open, on any device; `customer`: for them."""
    mine = Booking.objects.held().for_checkout().filter(account=account, filled_by=user)
    found = mine.filter(customer=customer) if customer else mine
    return found.order_by("-created_at", "-pk").first()


def claim_basket(basket: Booking, user: int) -> bool:
    """Make a guest's open basket that of a login (id); False where another request was quicker.

    Its uuid and key are new: nobody else who knew them, or sends its forms again, reaches it any more.
    """
    as_known = Booking.objects.filter(pk=basket.pk, uuid=basket.uuid, filled_by__isnull=True, state=BookingState.BASKET)
    uuid = uuid4()
    if not as_known.update(uuid=uuid, key=uuid4(), filled_by=user):
        return False
    basket.uuid, basket.filled_by_id = uuid, user
    return True


def add_tickets(
    basket: Booking | None,
    entry: Entry,
    customer: Customer,
    wanted: Sequence[WantedTicket],
    *,
    who: Person,
    key: UUID,
    now: datetime,
    guest: Guest = NO_GUEST,
) -> Booking:
    """Put tickets into a basket, a new one where none is given or it is over: they are held, its time begins anew.

    A basket keeps the name that its `guest` gave first. Raises what `tickets.booking.book.book` raises.
    """
    account = entry.account
    hold = BasketHold(hold_expiry(account, now=now), _if_open(basket), hold_limit(account, now=now), guest.network)
    return book(entry, customer, wanted, who=who, key=key, now=now, hold=hold, booker_name=guest.name).booking


def add_membership(
    basket: Booking | None,
    price: Price,
    customer: Customer,
    page: SchedulePage,
    *,
    who: Person,
    now: datetime,
    key: UUID | None = None,
) -> Booking:
    """Put a membership (by its price) into a basket, in place of one that is in it: it opens its tickets at once.

    Somebody who is merged into another at this instant buys it as that one. Raises NotAllowedError, NotOnSaleError,
    AlreadyHasError, BasketClosedError, BasketOfOtherCustomerError, and CustomerGoneError where they are being erased.
    """
    if who.customer is None or who.customer.pk != customer.pk:
        raise NotAllowedError
    try:
        return _add_membership(basket, price, customer, page, who=who, now=now, key=key)
    except (IntegrityError, Booking.DoesNotExist, BasketOfOtherCustomerError) as error:
        # A basket of somebody who is gone is not there either: it is read together with them.
        is_gone = isinstance(error, Booking.DoesNotExist) or is_customer_gone(error)
        found = heir_who(page.account, customer, who)
        if found is None and is_gone:
            raise CustomerGoneError from error
        if found is None:
            raise
    heir, who = found
    return _add_membership(basket, price, heir, page, who=who, now=now, key=key)


def _add_membership(
    basket: Booking | None,
    price: Price,
    customer: Customer,
    page: SchedulePage,
    *,
    who: Person,
    now: datetime,
    key: UUID | None,
) -> Booking:
    require_sale(price, customer, page)
    with transaction.atomic():
        # In two tabs at once: the second waits here for the first, and finds its basket.
        lock_members([ensure_member(price.membership.group, customer, now=now).pk])
        held = _basket_to_fill(_if_open(basket), page, customer, key or uuid4(), user=who.user, now=now)
        # As with tickets: the studio may hold baskets for less by now, and what the customer was told still holds.
        held.membership_price, held.held_until = price, renewed_hold(held, hold_period(page.account), now=now)
        held.save(update_fields=["membership_price", "held_until"])
    return refresh_basket(held, who, now=now).booking


def _if_open(basket: Booking | None) -> Booking | None:
    return basket if basket and basket.state in HELD_STATES else None


def _basket_to_fill(
    basket: Booking | None, page: SchedulePage, customer: Customer, key: UUID, *, user: int | None, now: datetime
) -> Booking:
    """The basket to put something into, held: the one given, the one that the login has by now, or a new one."""
    basket = basket or (open_basket_of(page.account, user, customer) if user else None)
    if basket is None:
        made = Booking(account=page.account, page=page, customer=customer, key=key, filled_by_id=user, created_at=now)
        made.channel, made.state, made.held_until = (
            Channel.CUSTOMER,
            BookingState.BASKET,
            hold_expiry(page.account, now=now),
        )
        # The same form at one instant in two tabs: the second waits here for the first.
        Booking.objects.bulk_create([made], ignore_conflicts=True)
        basket = Booking.objects.get(account=page.account_id, key=key)
        if basket.filled_by_id != user:
            raise BasketClosedError
    held = lock_booking(basket.pk)
    if held.customer_id != customer.pk:
        raise BasketOfOtherCustomerError
    if held.state != BookingState.BASKET or held.uuid != basket.uuid:
        raise BasketClosedError
    return held


def remove_tickets(basket: Booking, seats: Sequence[int], who: Person, *, now: datetime) -> Basket:
    """Take tickets (ids of seats) out of a basket: their places and uses are free at once. Raises BasketClosedError."""
    with transaction.atomic():
        lock_open(basket)
        release_seats(list(_live_seats(basket).filter(pk__in=seats).values_list("pk", flat=True)), now=now)
    return refresh_basket(basket, who, now=now)


def remove_membership(basket: Booking, who: Person, *, now: datetime) -> Basket:
    """Take the membership out of a basket, and with it the tickets that only it opens. Raises BasketClosedError."""
    with transaction.atomic():
        held = lock_open(basket)
        held.membership_price = None
        held.save(update_fields=["membership_price"])
    return refresh_basket(basket, who, now=now)


def lock_open(basket: Booking) -> Booking:
    """An open basket, held; raises BasketClosedError, also where it has got another uuid since."""
    held = lock_basket(basket.pk)
    if held.state != BookingState.BASKET or held.uuid != basket.uuid:
        raise BasketClosedError
    return held


def seats_opened_by_membership(basket: Booking, *, now: datetime) -> list[int]:
    """The tickets (ids of seats) in a basket that only the membership in it opens: they go with it."""
    return lost_seats(basket, None, now=now)


def refresh_basket(basket: Booking, who: Person, *, now: datetime) -> Basket:
    """Judge a basket again at an aware instant: what it lost is let go of, the rest is priced anew. Then read it.

    One that is being paid, or is over, is only read.
    """
    with_new_prices(partial(rejudge_basket, basket, who, now=now))
    return read_basket(basket)


def with_new_prices(change: Callable[[], None]) -> None:
    """Make a change that prices a basket in a transaction of its own, and again where a race for a discount is lost.

    Raises LimitReachedError where it is lost every time.
    """
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                change()
        except LimitReachedError:
            if attempt + 1 == ATTEMPTS:
                raise
        except IntegrityError as error:
            if violated_constraint(error) not in {"seat_discount_once", "period_no_overlap", "period_within_ceiling"}:
                raise
        else:
            return


def rejudge_basket(basket: Booking, who: Person, *, now: datetime) -> None:
    """Let go of what a basket lost and price the rest; in a transaction. Does nothing unless it is open."""
    try:
        held = lock_open(basket)
    except BasketClosedError:
        return
    withdraw_dead_code(held, now=now)
    if held.membership_price and not _still_sold(held, held.membership_price):
        held.membership_price = None
        held.save(update_fields=["membership_price"])
    if lost := lost_seats(held, held.membership_price, now=now):
        release_seats(lost, now=now)
    reprice_basket(held, who, now=now)


def read_basket(basket: Booking) -> Basket:
    """A basket as it stands. Three statements. Who knows it by a uuid that it has no more is shown nothing of it."""
    found = find_basket(basket.account, basket.uuid)
    if found is None:
        basket.state = BookingState.RELEASED
        return Basket(basket, (), None)
    seats = list(_live_seats(found).select_related("entry__page", "ticket", "discount__group", *_USED))
    for seat in seats:
        seat.entry.account = found.account
    payment = (
        Payment.objects.filter(booking=found, state=PaymentState.OPEN).first()
        if found.state == BookingState.PAYING
        else None
    )
    return Basket(found, seats, payment)


def _live_seats(basket: Booking) -> QuerySet[Seat]:
    return Seat.objects.filter(booking=basket, cancelled_at__isnull=True).order_by("entry__starts_at", "entry", "pk")


def _still_sold(basket: Booking, price: Price) -> bool:
    try:
        require_sale(price, basket.customer, basket.page)
    except (NotOnSaleError, AlreadyHasError):
        return False
    return True
