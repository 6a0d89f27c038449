"""What the page of a basket says: its lines by entry, what they cost today, and what its membership costs later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import ceil

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from accounts.public.phrases import format_day
from bookwhen.money import money
from memberships.models import Price
from memberships.phrases import price_text, trial_text
from memberships.purchases import had_before
from offers.messages import discount_text
from offers.models import Offer, OfferUse
from tickets.availability.facts import Person
from tickets.booking.hold import hold_period, renewed_hold
from tickets.checkout.basket import Basket, needs_confirmed_address
from tickets.models import Booking, BookingState, Entry, Seat, TicketCost
from tickets.public.schedule.lines import render_when
from tickets.public.schedule.metadata import entry_path

MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLine:
    """One ticket in a basket: what it costs, what it would cost without its discount, and what it is charged to."""

    seat: Seat
    price: str
    before: str
    discount: str
    use: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketEntry:
    """The lines of one entry."""

    entry: Entry
    url: str
    when: SafeString
    lines: Sequence[BasketLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketMembership:
    """The membership in a basket: what it costs today, and what is charged later."""

    price: Price
    title: str
    today: int
    now: str
    """What is charged for it today, in words."""
    cost: str
    trial: str
    later: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCountdown:
    """How long a basket is held: until an aware instant, so many seconds from now."""

    until: datetime
    seconds: int
    is_last: bool
    """Whether nothing makes it longer."""

    @property
    def minutes(self) -> str:
        """What is left, in words."""
        count = ceil(self.seconds / MINUTE)
        return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketPage:
    """A basket as the page shows it."""

    basket: Basket
    events: Sequence[BasketEntry]
    membership: BasketMembership | None
    countdown: HoldCountdown | None
    needs_link: bool
    """Whether it is booked only by the link that is sent to its address."""

    @property
    def account(self) -> Account:
        """Whose basket it is."""
        return self.basket.booking.account

    @property
    def today(self) -> int:
        """What is paid today, in minor units: the tickets, and the membership unless it begins with free days."""
        return self.basket.total + (self.membership.today if self.membership else 0)

    @property
    def total(self) -> str:
        """What is paid today."""
        return _money(self.today, self.account)

    @property
    def tickets(self) -> str:
        """What the tickets cost."""
        return _money(self.basket.total, self.account)

    @property
    def saved(self) -> str:
        """What the discounts save; empty: nothing."""
        return _money(self.basket.saved, self.account) if self.basket.saved else ""

    @property
    def label(self) -> str:
        """What the button says that buys it."""
        if self.needs_link:
            return _("Email me the link")
        if self.basket.is_free:
            return _("Confirm booking")
        return _("Pay %(total)s") % {"total": self.total} if self.today else _("Go to checkout")

    @property
    def is_paying(self) -> bool:
        """Whether a checkout is open for it."""
        return self.basket.booking.state == BookingState.PAYING

    @property
    def can_buy(self) -> bool:
        """Whether it can be bought: not where something is to be paid and the studio takes no payments in any way."""
        return self.basket.is_free or self.basket.may_pay_online or self.pays_at_studio

    @property
    def pays_at_studio(self) -> bool:
        """Whether it can be booked now and paid at the studio."""
        return self.basket.may_pay_at_studio

    @property
    def pays_online(self) -> bool:
        """Whether it can be paid by card, or costs nothing."""
        return self.basket.is_free or self.basket.may_pay_online

    @property
    def studio_label(self) -> str:
        """What the button says that books it now, to be paid at the studio."""
        return _("Book now, pay %(total)s at the studio") % {"total": self.total}


def build_basket_page(basket: Basket, who: Person, *, now: datetime) -> BasketPage:
    """A basket as the page shows it to a visitor at an aware instant.

    At most one statement: whether the trial is still theirs.
    """
    account = basket.booking.account
    return BasketPage(
        basket=basket,
        events=[_event(entry, list(seats), account) for entry, seats in groupby(basket.seats, lambda seat: seat.entry)],
        membership=_joining(basket, basket.price, now=now) if basket.price else None,
        countdown=_held(basket.booking, now=now),
        needs_link=needs_confirmed_address(basket, who),
    )


def _event(entry: Entry, seats: Sequence[Seat], account: Account) -> BasketEntry:
    return BasketEntry(
        entry=entry, url=entry_path(entry), when=render_when(entry), lines=[_line(seat, account) for seat in seats]
    )


def _line(seat: Seat, account: Account) -> BasketLine:
    return BasketLine(
        seat=seat,
        price=_price_text(seat, account),
        before=_money(seat.price, account) if seat.price != seat.amount else "",
        discount=_discount(seat, seat.discount, account) if seat.discount else "",
        use=_use_text(seat.use) if seat.use else "",
    )


def _price_text(seat: Seat, account: Account) -> str:
    """What is said of money, as on the page of its event: what is a member’s anyway is included."""
    if seat.amount or seat.ticket.cost == TicketCost.COST:
        return _money(seat.amount, account) if seat.amount else _("Free")
    if seat.ticket.cost == TicketCost.NONE:
        return ""
    return _("Included") if seat.ticket.exclusive else _("Free")


def _use_text(use: OfferUse) -> str:
    """Whose allowance is charged; empty where that has no limit."""
    if use.period.ceiling is None:
        return ""
    told = {"group": use.period.offer.group.name, "limit": use.period.ceiling}
    said = ngettext(
        "%(group)s: 1 of your %(limit)d ticket used", "%(group)s: 1 of your %(limit)d tickets used", use.period.ceiling
    )
    return said % told


def _discount(seat: Seat, offer: Offer, account: Account) -> str:
    """Which discount it is, how much, and whether a use of it is charged."""
    offer.account = account
    told = {
        "group": offer.group.name,
        "terms": discount_text(offer),
        "saved": _money(seat.price - seat.amount, account),
    }
    if offer.limit is None:
        return _("%(group)s: %(terms)s, you save %(saved)s") % told
    told["limit"] = str(offer.limit)
    said = ngettext(
        "%(group)s: %(terms)s, you save %(saved)s; 1 of your %(limit)s discounted ticket used",
        "%(group)s: %(terms)s, you save %(saved)s; 1 of your %(limit)s discounted tickets used",
        offer.limit,
    )
    return said % told


def _joining(basket: Basket, price: Price, *, now: datetime) -> BasketMembership:
    account = basket.booking.account
    days = 0 if had_before(basket.booking.customer, price) else price.trial_days
    costs = price_text(price, account.locale)
    told = {"cost": costs, "day": format_day(now + timedelta(days=days), account)}
    return BasketMembership(
        price=price,
        title=price.membership.title,
        today=0 if days else price.amount,
        now=_("Free") if days else _money(price.amount, account),
        cost=costs,
        trial=trial_text(days),
        later=(
            _("%(cost)s from %(day)s, when your free trial ends. Cancel before then and you won’t pay for it.")
            if days
            else _("%(cost)s until you cancel. It renews automatically.")
        )
        % told,
    )


def _held(booking: Booking, *, now: datetime) -> HoldCountdown | None:
    until = booking.held_until
    if until is None or until <= now:
        return None
    later = renewed_hold(booking, hold_period(booking.account), now=until)
    is_last = booking.hold_limit is not None and later <= until
    return HoldCountdown(until=until, seconds=ceil((until - now).total_seconds()), is_last=is_last)


def _money(minor: int, account: Account) -> str:
    return money(minor, account.currency, account.locale)
