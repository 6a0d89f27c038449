"""What a change of membership will do, told before it is done; and doing it as it was told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q, Sum

from bookwhen.money import money
from groups.models import Group
from memberships.change_quotes import read_quote, sign_quote
from memberships.changing import (
    ChangeOutcome,
    ChangeQuote,
    ChangeTime,
    QuoteChangedError,
    change_at_renewal,
    change_now,
    prices_to_change_to,
    quote_change,
)
from memberships.models import Membership, Price, Subscription, SubscriptionStatus
from memberships.phrases import cost_after_change, subscription_cost
from offers.models import ExtraUses
from offers.periods import local_day
from tickets.booking.changed_membership import seats_not_covered
from tickets.models import Seat

SENT_BILLS: Final = "send_invoice"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChoice:
    """A price that somebody can change to."""

    price: Price
    cost: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipChoice:
    """A membership that somebody can change to, or theirs at another price (`is_theirs`)."""

    membership: Membership
    is_theirs: bool
    choices: Sequence[PriceChoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """A line of what a change costs: `is_credit` for time that was paid for and is not used."""

    text: str
    amount: str
    is_credit: bool
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlan:
    """What changing a subscription to a price will do, now, and at its next billing date if it has one to wait for."""

    subscription: Subscription
    quote: ChangeQuote
    can_be_now: bool
    later_at: datetime | None
    seats_now: Sequence[Seat]
    """What the new membership does not cover, if it begins now."""
    seats_later: Sequence[Seat]
    extra_uses: int = 0
    """How many uses the studio gave beyond a limit, in periods not over yet, that stay behind with the old group."""

    @property
    def price(self) -> Price:
        """The price that it changes to."""
        return self.quote.price

    @property
    def old_name(self) -> str:
        """What they have, as it is told from what it changes to."""
        return self._name(self.subscription.price, self.subscription.membership)

    @property
    def new_name(self) -> str:
        """What it changes to, as it is told from what they have."""
        return self._name(self.price, self.price.membership)

    @property
    def token(self) -> str:
        """The quote as the form carries it."""
        return sign_quote(self.subscription, self.quote)

    @property
    def cost(self) -> str:
        """What it costs from then on."""
        return cost_after_change(self.subscription, self.price, self.subscription.account.locale)

    @property
    def cost_before(self) -> str:
        """What it costs so far."""
        return subscription_cost(self.subscription, self.subscription.account.locale)

    @property
    def is_trial(self) -> bool:
        """Whether it is on trial: that goes on."""
        return self.subscription.status == SubscriptionStatus.TRIALING

    @property
    def moves_billing_date(self) -> bool:
        """Whether a new billing period begins with the change."""
        old, new = self.subscription.price, self.price
        return not self.is_trial and (old.interval, old.interval_count) != (new.interval, new.interval_count)

    @property
    def carries_uses(self) -> bool:
        """Whether what was used in the period that runs counts in the new group: not where a new period begins."""
        groups = {self.subscription.membership.group_id, self.price.membership.group_id}
        return len(groups) > 1 and not self.moves_billing_date

    @property
    def lines(self) -> list[PlannedLine]:
        """What is charged and credited now, line by line."""
        found = self.quote.preview.lines if self.quote.preview else ()
        return [
            PlannedLine(
                text=line.text,
                amount=self._money(line.amount),
                is_credit=line.amount < 0 and line.price == self.subscription.price.stripe_id,
                is_new=line.amount >= 0 and line.price == self.price.stripe_id,
            )
            for line in found
        ]

    @property
    def due(self) -> str:
        """What is paid now; empty where nothing is."""
        return self._money(self.quote.due) if self.quote.due else ""

    @property
    def credit(self) -> str:
        """What is credited towards the next payments; empty where nothing is."""
        return self._money(self.quote.credit) if self.quote.credit else ""

    def _name(self, price: Price, membership: Membership) -> str:
        """A membership's title; of one that only gets another price, with the price's."""
        is_same = self.price.membership_id == self.subscription.membership_id
        return f"{membership.title} ({price.title})" if is_same else membership.title

    def _money(self, amount: int) -> str:
        return money(amount, self.price.currency, self.subscription.account.locale)


def choices_of(subscription: Subscription, prices: Iterable[Price]) -> list[MembershipChoice]:
    """What a subscription can change to (`prices_to_change_to`), by membership; their own at other prices first."""
    found: dict[int, list[Price]] = {}
    for price in prices:
        found.setdefault(price.membership_id, []).append(price)
    made = [
        MembershipChoice(
            membership=prices[0].membership,
            is_theirs=membership == subscription.membership_id,
            choices=[
                PriceChoice(price=price, cost=cost_after_change(subscription, price, subscription.account.locale))
                for price in prices
            ],
        )
        for membership, prices in found.items()
    ]
    return sorted(made, key=lambda each: not each.is_theirs)


def chosen_price(subscription: Subscription, price: str, *, by_studio: bool) -> Price | None:
    """The price that somebody chose by its uuid, if it can be changed to."""
    try:
        uuid = UUID(price)
    except ValueError:
        return None
    return prices_to_change_to(subscription, by_studio=by_studio).filter(uuid=uuid).first()


def plan_change(subscription: Subscription, price: Price, *, by_studio: bool, now: datetime) -> ChangePlan:
    """What changing a subscription (with account and connection) to a price will do.

    Where Stripe sends bills by email only the studio can change it now. Raises CannotChangeError, StripeError.
    """
    quote = quote_change(subscription, price, now=now)
    group, later = price.membership.group, subscription.period_end
    later = None if subscription.status == SubscriptionStatus.TRIALING else later
    return ChangePlan(
        subscription=subscription,
        quote=quote,
        can_be_now=by_studio or later is None or subscription.collection_method != SENT_BILLS,
        later_at=later,
        seats_now=seats_not_covered(subscription, group, after=now, now=now),
        seats_later=seats_not_covered(subscription, group, after=later, now=now) if later else [],
        extra_uses=_extra_uses(subscription, group, now=now),
    )


def _extra_uses(subscription: Subscription, group: Group, *, now: datetime) -> int:
    old, today = subscription.membership.group_id, local_day(now, subscription.account.zone)
    if old == group.pk:
        return 0
    theirs = ExtraUses.objects.live().filter(
        account=subscription.account_id, member__group=old, member__customer=subscription.customer_id
    )
    found = theirs.filter(Q(period__ends_on__isnull=True) | Q(period__ends_on__gt=today)).aggregate(sum=Sum("count"))
    return found["sum"] or 0


def confirm_change(
    subscription: Subscription, price: Price, sent: Mapping[str, str], *, who: str, by_studio: bool, now: datetime
) -> ChangeOutcome:
    """Do what a form that showed a plan asks for: now or at the next billing date.

    Bookings that the new membership does not cover are kept unless the form says otherwise. Raises QuoteChangedError
    where something else would be done than was shown, CannotChangeError, StripeError.
    """
    keeps = sent.get("bookings") != "cancel"
    if sent.get("when") == ChangeTime.RENEWAL:
        made = change_at_renewal(subscription, price, who=who, keeps_bookings=keeps, now=now)
        return ChangeOutcome(subscription=made)
    seen = read_quote(sent.get("quote", ""), subscription, price)
    if seen is None or sent.get("when") != ChangeTime.NOW:
        raise QuoteChangedError
    if subscription.collection_method == SENT_BILLS and not by_studio:
        raise QuoteChangedError
    return change_now(subscription, seen, who=who, keeps_bookings=keeps, by_studio=by_studio, now=now)
