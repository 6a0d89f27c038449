"""The demo's subscribers: what they bought from the studio in the last months, by a shopper's hand at the stand-in.

A stand-in in which nothing happened yet is set back, and its time moved on from one event to the next until it is today
again: renewals, failed payments and letters come about as they would have. Later starts only look after the connection.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from django.conf import settings
from django.db.models import F, Min

from accounts.history.acting import acting
from accounts.models import Account, Customer, Letter, StripeCustomer, User
from bookwhen.payments import connections, inbox, upkeep
from bookwhen.payments.gateway import Gateway, GoneError, StripeError
from bookwhen.payments.models import Connection
from bookwhen.sandbox.demo import books, shop
from bookwhen.sandbox.demo.codes import FRIENDS as FRIENDS_CODE
from bookwhen.sandbox.demo.loading import SLUG
from bookwhen.sandbox.demo.logins import MEMBER, NAMES, OWNER
from bookwhen.sandbox.demo.programme import ANATOMY, CLASSES, DROP_IN, Club
from bookwhen.sandbox.demo.season import Occasion, occasions
from bookwhen.sandbox.demo.shop import FAMILIES, FRIENDS, KEY, MONTHLY, TEN, UNLIMITED, YEARLY
from bookwhen.sandbox.stripe.shopper import FAILS_LATER, PAYS, Shopper
from groups.models import BY_HAND, Member
from groups.services import remove_by_hand
from memberships.cancellation import cancel_at_period_end, cancel_now
from memberships.catalogue import forget_stripe
from memberships.models import Invoice, Subscription
from memberships.pausing import pause_subscription
from offers.periods import local_day
from tickets.booking.release import process_releases
from tickets.models import Payment

OPENED: Final = timedelta(days=80)
"""How long ago the studio began to sell memberships: before the demo's member bought hers."""
PAID_AFTER: Final = timedelta(minutes=65)
"""A renewal is an invoice for an hour before it is paid."""
MASTERCARD: Final = "5555555555554444"
FORGOTTEN: Final = (
    "The stand-in for Stripe was reset, the database was not: it knows nothing of what the demo’s customers bought "
    "before. New memberships can be bought; --reset begins anew with both."
)
TAKEN: Final = (
    "The stand-in for Stripe holds what another demo did: the memberships are on sale, but nobody has one yet. "
    "--reset begins anew with both."
)
INTERRUPTED: Final = (
    "Loading the demo’s memberships was interrupted the last time: some are missing. --reset begins anew."
)


@dataclass(frozen=True, slots=True)
class Buyer:
    """Someone who used to drop in, by their place among those: what they bought how many days ago, at what local time.

    `comes` are the days from today for which they booked a place.
    """

    number: int
    days: int
    at: str
    ware: str
    price: str = MONTHLY
    card: str = PAYS
    comes: tuple[int, ...] = ()


LEAVING: Final = Buyer(4, 50, "20:15", FAMILIES, comes=(3, 18))
LEFT: Final = Buyer(6, 45, "12:40", UNLIMITED)
FAILING: Final = Buyer(7, 39, "18:05", TEN, comes=(4,))
PAUSED: Final = Buyer(8, 35, "17:50", UNLIMITED, comes=(1, 8))
BUYERS: Final = (
    Buyer(0, 70, "19:20", UNLIMITED, comes=(2, 5, 9)),
    Buyer(1, 66, "08:10", UNLIMITED, card=MASTERCARD, comes=(3, 6)),
    Buyer(2, 58, "21:35", UNLIMITED, YEARLY, comes=(4,)),
    Buyer(3, 55, "13:25", FAMILIES, comes=(2, 9)),
    LEAVING,
    Buyer(5, 48, "22:05", TEN, comes=(2,)),
    LEFT,
    FAILING,
    PAUSED,
    Buyer(9, 24, "19:45", TEN, comes=(5,)),
    Buyer(10, 18, "10:30", FAMILIES, card=MASTERCARD, comes=(2,)),
    Buyer(11, 3, "20:55", TEN, card=MASTERCARD, comes=(1, 6)),
    Buyer(12, 1, "09:15", UNLIMITED),
)


@dataclass(frozen=True, slots=True)
class Purchase:
    """Tickets that somebody paid for, of the next class of that title: `number` as of a buyer; none: the demo's member.

    With `gone` they cancelled one of them, so many days ago; `by_debit`: they paid from their bank account; `code`:
    with this discount code.
    """

    number: int | None
    days: int
    at: str
    title: str
    ticket: str
    places: int = 1
    gone: int | None = None
    by_debit: bool = False
    code: str = ""


DISPUTED: Final = Purchase(15, 3, "18:15", "Gentle Hatha", DROP_IN.name, places=2)
PURCHASES: Final = (
    Purchase(14, 9, "12:20", "Anatomy for Movers", ANATOMY.name, places=2, gone=4),
    Purchase(None, 6, "21:50", "Anatomy for Movers", ANATOMY.name),
    DISPUTED,
    Purchase(16, 1, "20:40", "Slow Flow & Yin", DROP_IN.name, by_debit=True),
    Purchase(17, 2, "19:05", "Slow Flow & Yin", DROP_IN.name, places=2, code=FRIENDS_CODE),
)
FRIEND: Final = 13
"""For whom the studio began a subscription at Stripe itself, by their place among those who dropped in."""


def load(*, now: datetime) -> str:
    """Let the demo studio sell memberships; returns what the person at the terminal should know, mostly nothing.

    The first time it lives through the past; afterwards it looks after the connection, whatever was done to the demo.
    """
    account = Account.objects.with_connection().get(slug=SLUG)
    told = ""
    try:
        if account.connection is None:
            told = _begin(account, now=now)
        elif account.connection.is_live:
            told = _go_on(account, account.connection, now=now)
    except (StripeError, OSError) as error:
        return f"The demo could not reach its Stripe: {error}"
    books.issue_receipts(account, now=now)
    return told


def _begin(account: Account, *, now: datetime) -> str:
    latest = Letter.objects.filter(account=account).order_by("-pk").values_list("pk", flat=True).first() or 0
    _wake(now)
    try:
        _at_stand_in("/_sandbox/begin", by=int(OPENED.total_seconds()))
    except HTTPError:
        shop.open_shop(account, now=now)
        told = TAKEN
    else:
        Past(account, now=now).live()
        told = ""
    assert account.connection is not None  # noqa: S101 - the shop is open
    connections.check(account.connection, now=now)
    # What they tell of was long ago: nobody wants all of them at once.
    newly = Letter.objects.filter(account=account, pk__gt=latest)
    newly.update(sent_at=F("created_at"), attempts=1)
    return told


def _go_on(account: Account, connection: Connection, *, now: datetime) -> str:
    """Have Stripe call this start's address, and hear what it did meanwhile."""
    told = ""
    if not connection.webhook_endpoint:
        _wake(now)
        told = INTERRUPTED
        forget_stripe(account=account)
    elif connection.webhook_endpoint and _is_forgotten(connection):
        told = FORGOTTEN
        forget_stripe(account=account)
        anew = {"webhook_endpoint": "", "portal_configuration": "", "caught_up_at": None}
        Connection.objects.filter(pk=connection.pk).update(**anew)
        connection.refresh_from_db()
    connections.check(connection, now=now)
    _take_in(connection, now=now)
    return told


def _wake(now: datetime) -> bool:
    """Let the stand-in’s time be today's again, if it was left in the past; whether it was."""
    behind = int((now - _time_there()).total_seconds())
    if behind > PAID_AFTER.total_seconds():
        _at_stand_in("/_sandbox/advance", by=behind)
        return True
    return False


def _time_there() -> datetime:
    """What the time is at the stand-in."""
    return datetime.fromtimestamp(int(_at_stand_in("/_sandbox/advance", by=0)["now"]), UTC)


def _is_forgotten(connection: Connection) -> bool:
    try:
        Gateway.of(connection).endpoint(connection.webhook_endpoint)
    except GoneError:
        return True
    return False


def _take_in(connection: Connection, *, now: datetime) -> None:
    """Do what the worker would have done by then: hear all of Stripe's news, and release what memberships kept."""
    upkeep.catch_up(connection, now=now)
    _work_off(now=now)


def _work_off(*, now: datetime) -> None:
    while inbox.process_event(now=now):
        pass
    while process_releases(now=now):
        pass


class Past:
    """The studio's months with Stripe, to be lived once. Its instants are the application's; Stripe's clock follows."""

    def __init__(self, account: Account, *, now: datetime) -> None:
        self.account = account
        self.page = account.pages.get(slug=CLASSES)
        self.now = now
        self.at = now - OPENED
        self.shopper = Shopper(settings.STRIPE_API_BASE)
        members = Customer.objects.filter(account=account, group_members__isnull=True, user__isnull=True)
        self.occasions: list[Occasion] = []
        self.heard: str | int = 0
        self.paid: dict[Purchase, int] = {}
        self.drop_ins = list(members.order_by("pk")[: len(BUYERS) + 1 + len(PURCHASES)])

    @property
    def connection(self) -> Connection:
        """The studio's connection."""
        assert self.account.connection is not None  # noqa: S101 - the shop is open
        return self.account.connection

    def live(self) -> None:
        """Live through all of it, up to now."""
        shop.open_shop(self.account, now=self.at)
        self.occasions = occasions(self.account)  # each knows the account's connection
        for when, act in sorted(self._acts(), key=lambda each: each[0]):
            self._pass_to(when)
            act()
            self._hear(_at_stand_in("/_sandbox/advance", by=0))
        self._pass_to(self.now)

    def _cancel_by_studio(self) -> None:
        with acting(User.objects.get(email=OWNER), at=self.at):
            cancel_now(self._of(LEFT), who=NAMES[OWNER], now=self.at)

    def _hear(self, told: dict[str, str | int]) -> None:
        """Take in what is new at Stripe: how many events there are is asked more cheaply than which."""
        if told["events"] != self.heard:
            self.heard = told["events"]
            upkeep.catch_up(self.connection, now=self.at)
        _work_off(now=self.at)

    def _acts(self) -> list[tuple[datetime, Callable[[], object]]]:
        """What people did, and when."""
        member = Member.objects.get(group__name=Club.TEN, customer__account=self.account, customer__email=MEMBER)
        joined = member.standings.get(ground=BY_HAND).since
        acts: list[tuple[datetime, Callable[[], object]]] = [
            (joined, lambda: self._purchase(member.customer, TEN)),
            (self._ago(60), lambda: shop.offer_trial(shop.price_of(self.account, TEN))),
            (self._ago(59), lambda: remove_by_hand(member, now=self.at)),
            (self._ago(26), self._begin_at_stripe),
            (self._ago(23), self._cancel_by_studio),
            (self._ago(11), lambda: self._change_card(FAILING, FAILS_LATER)),
            (self._ago(6, "21:10"), lambda: self._cancel_own(LEAVING)),
            (self._ago(2, "19:30"), lambda: self._pause_own(PAUSED)),
            (self._ago(1, "10:15"), lambda: self._dispute(DISPUTED)),
        ]
        for buyer in BUYERS:
            acts.append((self._ago(buyer.days, buyer.at), partial(self._buy, buyer)))
            acts.append((self._ago(min(buyer.days - 1, 7), "23:00"), partial(self._book, buyer)))
        for bought in PURCHASES:
            acts.append((self._ago(bought.days, bought.at), partial(self._buy_tickets, bought)))
            if bought.gone is not None:
                acts.append((self._ago(bought.gone), partial(self._stay_away, bought)))
        return [(when, act) for when, act in acts if when < self.now]

    def _ago(self, days: int, at: str = "11:30") -> datetime:
        """A local time of the day so many days ago."""
        zone = self.account.zone
        day = local_day(self.now, zone) - timedelta(days=days)
        return datetime.combine(day, time.fromisoformat(at), zone).astimezone(UTC)

    def _pass_to(self, when: datetime) -> None:
        """Let time pass, and hear of everything at Stripe as it happens."""
        while self.at < when:
            until = min([when, *(due for due in self._due() if due > self.at)])
            told = _at_stand_in("/_sandbox/advance", by=self._seconds(until) - self._seconds(self.at))
            self.at = until
            self._hear(told)

    def _seconds(self, when: datetime) -> int:
        """How far an instant is from the beginning: whole seconds, which add up to the whole in the end."""
        return int((when - self.now + OPENED).total_seconds())

    def _due(self) -> list[datetime]:
        """When something happens at Stripe on its own, as far as the studio knows."""
        theirs = Subscription.objects.live().filter(account=self.account)
        renewal = theirs.filter(period_end__gt=self.at - PAID_AFTER).aggregate(at=Min("period_end"))["at"]
        waiting = Invoice.objects.filter(account=self.account, status="open", next_attempt_at__gte=self.at)
        attempt = waiting.aggregate(at=Min("next_attempt_at"))["at"]
        return ([renewal + PAID_AFTER] if renewal else []) + ([attempt + timedelta(minutes=1)] if attempt else [])

    def _buy(self, buyer: Buyer) -> None:
        self._purchase(self.drop_ins[buyer.number], buyer.ware, buyer.price, buyer.card)

    def _purchase(self, customer: Customer, ware: str, title: str = MONTHLY, card: str = PAYS) -> None:
        price = shop.price_of(self.account, ware, title)
        # Stripe's clock went on while all this was done, and a checkout is open for little more than it must be.
        at = _time_there()
        basket, url = shop.begin_membership(customer, price, self.page, at=at)
        self.shopper.pay(_here(url), card, customer.email)
        shop.come_back(basket, at=at)

    def _book(self, buyer: Buyer) -> None:
        name = shop.place_of(buyer.ware)
        for days in buyer.comes:
            first = self.now + timedelta(days=days)
            there = next(each for each in self.occasions if each.has(name) and each.entry.starts_at >= first)
            shop.come(self.drop_ins[buyer.number], there, name, at=self.at)

    def _buy_tickets(self, bought: Purchase) -> None:
        customer = (
            Customer.objects.get(account=self.account, email=MEMBER)
            if bought.number is None
            else self.drop_ins[bought.number]
        )
        there = next(
            each for each in self.occasions if each.plan.title == bought.title and each.entry.starts_at > self.now
        )
        # Stripe's clock went on while all this was done, and a checkout is open for little more than it must be.
        at = _time_there()
        basket, url = shop.begin_purchase(customer, there, bought.ticket, bought.places, code=bought.code, at=at)
        if bought.by_debit:
            self.shopper.debit(_here(url), email=customer.email)
        else:
            self.shopper.pay(_here(url), PAYS, customer.email)
        shop.come_back(basket, at=at)
        self.paid[bought] = basket.pk

    def _stay_away(self, bought: Purchase) -> None:
        shop.stay_away(self.paid[bought], at=self.at)

    def _of(self, buyer: Buyer) -> Subscription:
        return Subscription.objects.get(customer=self.drop_ins[buyer.number])

    def _change_card(self, buyer: Buyer, card: str) -> None:
        theirs = StripeCustomer.objects.get(customer=self.drop_ins[buyer.number])
        back = f"{settings.SITE_URL}/"
        url = Gateway.of(self.connection).open_portal(customer=theirs.stripe_id, configuration="", return_url=back)
        self.shopper.update_card(_here(url), card)

    def _cancel_own(self, buyer: Buyer) -> None:
        customer = self.drop_ins[buyer.number]
        cancel_at_period_end(self._of(buyer), who=customer.email, now=self.at)

    def _pause_own(self, buyer: Buyer) -> None:
        """Somebody pauses theirs until after the next payment."""
        theirs = self._of(buyer)
        assert theirs.period_end is not None  # noqa: S101 - it was paid for
        until = theirs.period_end + timedelta(days=20)
        pause_subscription(theirs, until=until, who=self.drop_ins[buyer.number].email, now=self.at)

    def _dispute(self, bought: Purchase) -> None:
        """A customer asks their bank for their money back."""
        payment = Payment.objects.get(booking=self.paid[bought])
        _at_stand_in("/_sandbox/money/dispute", intent=payment.intent)

    def _begin_at_stripe(self) -> None:
        """The studio subscribes somebody in Stripe's own dashboard."""
        customer, card = self.drop_ins[FRIEND], "pm_card_visa"
        paying = {"payment_method": card, "invoice_settings[default_payment_method]": card}
        made = _at_stand_in("/v1/customers", email=customer.email, name=customer.name, **paying)
        price = {"items[0][price]": shop.price_of(self.account, FRIENDS).stripe_id}
        _at_stand_in("/v1/subscriptions", customer=made["id"], **price)


def _here(url: str) -> str:
    """The address of a page of the stand-in where that runs now; the page’s own may be where it will run later."""
    return urlsplit(url)._replace(netloc=urlsplit(settings.STRIPE_API_BASE).netloc).geturl()


def _at_stand_in(path: str, **form: str | int) -> dict[str, str | int]:
    """Press a button of the stand-in's panel, or call Stripe with the studio's key; raises HTTPError and OSError."""
    headers = {"Accept": "application/json", "Authorization": f"Bearer {KEY}"}
    asked = Request(f"{settings.STRIPE_API_BASE}{path}", urlencode(form).encode(), headers)  # noqa: S310 - our own
    with urlopen(asked, timeout=20) as answer:  # noqa: S310 - our own address
        found: dict[str, str | int] = json.load(answer)
    return found
