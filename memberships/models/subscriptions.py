"""Customers' subscriptions to memberships, which follow Stripe."""

import uuid
from typing import ClassVar, Final, Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer, SchedulePage
from memberships.models.catalogue import Membership, Price


class SubscriptionSource(models.TextChoices):
    """How a subscription began (help article 8329735, *Started source*)."""

    CHECKOUT = "checkout", _("Checkout purchase")
    STRIPE = "stripe", _("Created via Stripe")


class SubscriptionStatus(models.TextChoices):
    """Where a subscription is: two states of ours before Stripe knows it, then Stripe's own."""

    PENDING = "pending", _("At checkout")
    ABANDONED = "abandoned", _("Not purchased")
    INCOMPLETE = "incomplete", _("Payment not completed")
    INCOMPLETE_EXPIRED = "incomplete_expired", _("Payment never completed")
    TRIALING = "trialing", _("On trial")
    ACTIVE = "active", _("Active")
    PAST_DUE = "past_due", _("Payment failed, retrying")
    UNPAID = "unpaid", _("Unpaid")
    CANCELED = "canceled", _("Cancelled")
    PAUSED = "paused", _("Paused")


NOT_BEGUN: Final = frozenset(
    {
        SubscriptionStatus.PENDING,
        SubscriptionStatus.ABANDONED,
        SubscriptionStatus.INCOMPLETE,
        SubscriptionStatus.INCOMPLETE_EXPIRED,
    }
)
"""Nobody has these: never paid for, not even on trial."""
_BEGUN: Final = ~Q(status__in=sorted(NOT_BEGUN))
ENDED: Final = frozenset({SubscriptionStatus.CANCELED, SubscriptionStatus.INCOMPLETE_EXPIRED})
"""Stripe will not change these any more."""
LIVE: Final = frozenset(
    {
        SubscriptionStatus.TRIALING,
        SubscriptionStatus.ACTIVE,
        SubscriptionStatus.PAST_DUE,
        SubscriptionStatus.UNPAID,
        SubscriptionStatus.PAUSED,
    }
)
"""Somebody has these."""
TAKEN: Final = LIVE | {SubscriptionStatus.INCOMPLETE}
"""Somebody has these, or is about to pay the first bill: they are not sold the same membership again."""


class SubscriptionState(models.TextChoices):
    """A customer's membership in a few words: Bookwhen's four (help article 8329735), and *Paused*."""

    ACTIVE = "active", _("Active")
    UNRENEWED = "unrenewed", _("Active - Unrenewed")
    PAUSED = "paused", _("Paused")
    UNPAID = "unpaid", _("Active - Unpaid")
    CANCELLED = "cancelled", _("Cancelled")


PAYING: Final = (SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING)
FAILING: Final = (SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID, SubscriptionStatus.PAUSED)
PAUSED: Final = ~Q(pause_behavior="") | Q(paid_until__isnull=False, paid_until__lt=F("period_end"))
"""Paused, or resumed in a period that was left out: `memberships.pauses.is_paused`, `is_waiting`."""

STATE_CONDITIONS: Final = {
    SubscriptionState.ACTIVE: Q(status__in=PAYING, ends_at=None) & ~PAUSED,
    SubscriptionState.UNRENEWED: Q(status__in=PAYING, ends_at__isnull=False) & ~PAUSED,
    SubscriptionState.PAUSED: Q(status__in=PAYING) & PAUSED,
    SubscriptionState.UNPAID: Q(status__in=FAILING),
    SubscriptionState.CANCELLED: Q(status=SubscriptionStatus.CANCELED),
}
"""Each state as the condition on a subscription; they are disjoint, and together everything that ever began."""


def listed_state() -> Case:
    """In which state a subscription is listed; empty where it never began."""
    cases = [When(condition, then=Value(state)) for state, condition in STATE_CONDITIONS.items()]
    return Case(*cases, default=Value(""), output_field=models.CharField())


COUNTED_BY: Final = ("status", "started_at", "created_at", "ends_at", "pause_behavior", "paid_until", "period_end")
"""Columns that both work out."""


def listed_from() -> Coalesce:
    """By which instant subscriptions are listed: when it started, as far as Stripe has told that."""
    return Coalesce("started_at", "created_at")


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Readings of subscriptions."""

    def live(self) -> Self:
        """The subscriptions that somebody has."""
        return self.filter(status__in=LIVE)

    def taken(self) -> Self:
        """The subscriptions that somebody has, or whose first payment is under way."""
        return self.filter(status__in=TAKEN)

    def begun(self) -> Self:
        """The subscriptions that somebody has or had."""
        return self.exclude(status__in=NOT_BEGUN)

    def listed_as(self, state: SubscriptionState) -> Self:
        """The subscriptions that are listed in a state, by the indexes that are made for it."""
        return self.alias(listed_as=listed_state()).filter(listed_as=state)

    def with_connection(self) -> Self:
        """Each with its account and the account's connection, over which Stripe is asked."""
        return self.select_related("account__connection")


class Subscription(models.Model):
    """One customer's purchase of a membership. From the moment Stripe knows it, it is as Stripe says.

    Written by `memberships.purchases` until then, and by `memberships.sync` ever after. Its `uuid` is the
    ground on which the customer stands in the group.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="subscriptions")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="subscriptions", db_index=False)
    price = models.ForeignKey(Price, models.PROTECT, related_name="subscriptions", db_index=False)
    source = models.CharField(max_length=20, choices=SubscriptionSource)
    status = models.CharField(max_length=20, choices=SubscriptionStatus)
    page = models.ForeignKey(SchedulePage, models.SET_NULL, null=True, related_name="+")
    """The page that it was bought on."""
    session = models.CharField(max_length=255, blank=True)
    """Stripe's id of the checkout session that it was, or is, bought in."""
    stripe_id = models.CharField(max_length=255, blank=True)
    revision = models.PositiveIntegerField(default=0)
    """Counts the looks at Stripe that were applied, so that what was fetched before another one is fetched again."""
    started_at = models.DateTimeField(null=True)
    period_start = models.DateTimeField(null=True)
    period_end = models.DateTimeField(null=True)
    """When what is paid for ends, and the next payment is due unless it ends then."""
    trial_end = models.DateTimeField(null=True)
    billing_anchor = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    """When it will end, once somebody cancelled it at period end."""
    ended_at = models.DateTimeField(null=True)
    payment_on_way_since = models.DateTimeField(null=True)
    """Since when its first payment is on its way, by bank debit say; nothing once that has ended, either way."""
    never_paid_at = models.DateTimeField(null=True)
    """When it was known that its first payment failed on its way: it is ended for that, and its customer was told."""
    cancel_reason = models.CharField(max_length=40, blank=True)
    """Why it ended, in Stripe's words: cancellation_requested, payment_failed, payment_disputed."""
    quantity = models.PositiveIntegerField(default=1, db_default=1)
    """How many of the price Stripe bills."""
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    """What Stripe bills in, which may be another currency than the price's first one."""
    cost_basis = models.CharField(max_length=10, blank=True, default="", db_default="")
    """What `period_amount` is worth (`bookwhen.payments.stripe_prices.CostBasis`); nothing until it was looked at."""
    period_amount = models.IntegerField(null=True)
    """What all its items cost a billing period, in minor units of `currency`; none where only Stripe can say."""
    collection_method = models.CharField(max_length=40, blank=True, default="", db_default="")
    """How Stripe asks for money, in its words: charge_automatically, or send_invoice (a bill by e-mail)."""
    next_amount = models.IntegerField(null=True)
    """What Stripe will bill next, in minor units; none where it is not known here: Stripe's page says it."""
    next_payment_at = models.DateTimeField(null=True)
    """When Stripe will bill next."""
    pause_behavior = models.CharField(max_length=40, blank=True, default="", db_default="")
    """What Stripe does with bills while collecting is paused, in its words; nothing while it is not."""
    paused_at = models.DateTimeField(null=True)
    """When its pause began, as far as we know; none while it is not paused."""
    paid_until = models.DateTimeField(null=True)
    """Where a pause leaves a bill out: until when is paid; none while every bill is taken as usual."""
    let_in_at = models.DateTimeField(null=True)
    """When the studio let the customer in although a pause rests their access; none while it has not."""
    resumes_at = models.DateTimeField(null=True)
    """When Stripe will go on automatically; none: not before somebody resumes it."""
    schedule = models.CharField(max_length=255, blank=True, default="", db_default="")
    """Stripe's id of the schedule by which it will change."""
    next_price = models.CharField(max_length=255, blank=True, default="", db_default="")
    """Stripe's id of the price that it will change to."""
    changes_at = models.DateTimeField(null=True)
    """When it will change to that price."""
    pending_price = models.CharField(max_length=255, blank=True, default="", db_default="")
    """Stripe's id of the price that it changes to once an open bill is paid."""
    pending_until = models.DateTimeField(null=True)
    """Until when that bill can be paid; then nothing changes."""
    cancels_at_price = models.CharField(max_length=255, blank=True, default="", db_default="")
    """Stripe's id of the price with whose start bookings are cancelled that its membership does not cover; nothing:
    they are kept."""
    created_at = models.DateTimeField()
    synced_at = models.DateTimeField(null=True)
    compared_at = models.DateTimeField(null=True)
    """When the last comparison began that saw it at Stripe, or asked for it there."""

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "stripe_id"], condition=~Q(stripe_id=""), name="subscription_once"
            ),
            models.UniqueConstraint(
                fields=["customer", "membership"],
                condition=Q(status=SubscriptionStatus.PENDING),
                name="purchase_open_once",
            ),
            models.CheckConstraint(condition=Q(status__in=SubscriptionStatus.values), name="subscription_status_known"),
            models.CheckConstraint(
                condition=Q(status__in=[SubscriptionStatus.PENDING, SubscriptionStatus.ABANDONED], stripe_id="")
                | (~Q(status__in=[SubscriptionStatus.PENDING, SubscriptionStatus.ABANDONED]) & ~Q(stripe_id="")),
                name="subscription_known_to_stripe",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["membership", "account", "status"], name="subscription_holders"),
            models.Index(fields=["price", "account", "status"], name="subscription_payers"),
            models.Index(fields=["resumes_at"], condition=~Q(pause_behavior=""), name="subscription_resumes"),
            models.Index("account", listed_from().desc(), F("id").desc(), condition=_BEGUN, name="subscription_listed"),
            # With all that the state is worked out from, so that counting reads the index alone.
            models.Index(
                "account",
                listed_state(),
                listed_from().desc(),
                F("id").desc(),
                include=COUNTED_BY,
                name="subscription_listed_in",
            ),
            models.Index(
                "membership", listed_from().desc(), F("id").desc(), condition=_BEGUN, name="subscriber_listed"
            ),
            models.Index(
                "membership",
                listed_state(),
                listed_from().desc(),
                F("id").desc(),
                include=["account", *COUNTED_BY],
                name="subscriber_listed_in",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.membership}"

    @property
    def is_live(self) -> bool:
        """Whether somebody has it."""
        return self.status in LIVE

    @property
    def never_began(self) -> bool:
        """Whether nobody has or had it: it has no page of its own."""
        return self.status in NOT_BEGUN

    @property
    def is_paid_to_the_end(self) -> bool:
        """Whether nothing is charged any more: it ends with what is paid for, and nothing is owed."""
        is_settled = self.status in {SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING}
        ends, paid = self.ends_at, self.next_payment_at or self.period_end
        return is_settled and ends is not None and (paid is None or ends <= paid)

    @property
    def can_be_kept(self) -> bool:
        """Whether it runs, but ends at a known time: that can be undone."""
        return self.is_live and self.ends_at is not None
