"""Memberships, their prices, and customers' subscriptions to them, which follow Stripe."""

import uuid
from typing import ClassVar, Final, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer, ListImport, SchedulePage
from bookwhen.db import DESCRIPTION_LENGTH, TextCheck
from groups.models import Group


class Membership(models.Model):
    """What is sold: paid again and again through Stripe, it lets its subscribers into a customer group."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    group = models.ForeignKey(Group, models.PROTECT, related_name="memberships")
    title = models.CharField(_("membership title"), max_length=200)
    description = models.TextField(_("description"), max_length=DESCRIPTION_LENGTH, blank=True)
    pages = models.ManyToManyField(SchedulePage, related_name="memberships", blank=True)
    """The schedule pages that it is shown on; none: all of the account's."""
    published = models.BooleanField(_("published"), default=False)
    """Whether it is sold; who has it keeps it either way (help article 8694693)."""
    product = models.CharField(max_length=255, blank=True)
    """Stripe's id of the product; nothing until it is there."""
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    """The idempotency key of the form that made it: the same form sent twice finds this membership."""
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["title", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="membership_key_once"),
            TextCheck(name="membership_text", one_line=["title"], longest={"description": DESCRIPTION_LENGTH}),
        ]

    def __str__(self) -> str:
        return self.title


class BillingInterval(models.TextChoices):
    """How a billing period is counted, in Stripe's words."""

    DAY = "day", _("days")
    WEEK = "week", _("weeks")
    MONTH = "month", _("months")
    YEAR = "year", _("years")


LONGEST: Final = {
    BillingInterval.DAY: 1095,
    BillingInterval.WEEK: 156,
    BillingInterval.MONTH: 36,
    BillingInterval.YEAR: 3,
}
"""The longest billing periods that Stripe allows: three years."""


_PriceT_co = TypeVar("_PriceT_co", bound="Price", covariant=True)


class PriceQuerySet(models.QuerySet[_PriceT_co]):
    """Readings of prices."""

    def on_sale(self) -> Self:
        """The prices by which anything can be bought, cheapest first."""
        return self.filter(published=True, archived_at__isnull=True, amount_known=True).order_by("amount", "pk")


class Price(models.Model):
    """What a membership costs every so often. Cost and billing period are fixed once it is made, as at Stripe."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="prices")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=100)
    amount = models.PositiveIntegerField(_("cost"))
    """In minor units of `currency`."""
    currency = models.CharField(max_length=3)
    interval = models.CharField(
        _("billing period"), max_length=10, choices=BillingInterval, default=BillingInterval.MONTH
    )
    interval_count = models.PositiveSmallIntegerField(default=1)
    trial_days = models.PositiveSmallIntegerField(_("trial days"), default=0)
    published = models.BooleanField(_("published"), default=True)
    archived_at = models.DateTimeField(null=True)
    stripe_id = models.CharField(max_length=255, blank=True)
    """Stripe's id of the price; nothing until it is there."""
    amount_known = models.BooleanField(default=True, db_default=True)
    """Whether `amount` is what one costs; not of a price made at Stripe with tiers or fractions of a penny."""
    created_at = models.DateTimeField()

    objects = PriceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["amount", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "stripe_id"], condition=~Q(stripe_id=""), name="price_once"),
            TextCheck(name="price_text", one_line=["title"]),
            models.CheckConstraint(
                condition=Q(interval__in=BillingInterval.values, interval_count__gte=1), name="price_interval_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title


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

    def with_connection(self) -> Self:
        """Each with its account and the account's connection, over which Stripe is asked."""
        return self.select_related("account__connection")


class Subscription(models.Model):
    """One customer's purchase of a membership. From the moment Stripe knows it, it is as Stripe says.

    Written by `memberships.purchases` until then, and by `memberships.sync` ever after. Its `uuid` is the
    ground on which the customer stands in the group.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="subscriptions")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="subscriptions")
    price = models.ForeignKey(Price, models.PROTECT, related_name="subscriptions")
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
            models.Index(fields=["membership", "status"], name="subscription_of_membership"),
            models.Index(fields=["account", "-started_at", "-id"], name="subscription_newest"),
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


class Invoice(models.Model):
    """An invoice of a subscription, as Stripe says it is; amounts in minor units."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="invoices")
    stripe_id = models.CharField(max_length=255)
    number = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=20)
    """draft, open, paid, void or uncollectible."""
    amount_due = models.IntegerField()
    amount_paid = models.IntegerField()
    currency = models.CharField(max_length=3)
    hosted_url = models.TextField(blank=True)
    """Where it can be seen, and paid while it is open."""
    pdf_url = models.TextField(blank=True)
    settlement = models.CharField(max_length=20, blank=True, default="", db_default="")
    """What became of it (`bookwhen.payments.stripe_objects.Settlement`); nothing while it is to be paid."""
    attempt_count = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    """By when it is to be paid, where it was sent instead of taken from a card."""
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "stripe_id"], name="invoice_once"),
        ]

    def __str__(self) -> str:
        return self.number or self.stripe_id


class MilestoneKind(models.TextChoices):
    """What happened to a subscription."""

    CHECKOUT_OPENED = "checkout_opened", _("Checkout started")
    CHECKOUT_LEFT = "checkout_left", _("Checkout not completed")
    STARTED = "started", _("Started")
    IMPORTED = "imported", _("Imported from Stripe")
    FIRST_PAID = "first_paid", _("First payment after the trial")
    RENEWED = "renewed", _("Renewed")
    PAYMENT_FAILED = "payment_failed", _("Payment failed")
    PAID_AGAIN = "paid_again", _("Overdue payment received")
    ACTIVE_AGAIN = "active_again", _("Active again")
    BILL_SENT = "bill_sent", _("Bill emailed")
    BILL_OVERDUE = "bill_overdue", _("Bill overdue")
    BILL_PAID = "bill_paid", _("Bill paid")
    PAID_OUTSIDE = "paid_outside", _("Bill marked as paid")
    PAID_FROM_CREDIT = "paid_from_credit", _("Bill paid from credit")
    BILL_WAIVED = "bill_waived", _("Bill waived")
    BILL_WRITTEN_OFF = "bill_written_off", _("Bill written off")
    ASKED_TO_END = "asked_to_end", _("Cancellation at period end requested")
    ASKED_TO_STOP = "asked_to_stop", _("Immediate cancellation requested")
    ASKED_TO_KEEP = "asked_to_keep", _("Request to keep membership")
    WILL_END = "will_end", _("Set to end at period end")
    KEPT = "kept", _("Cancellation undone")
    CHANGED = "changed", _("Changed")
    ASKED_TO_CHANGE = "asked_to_change", _("Change requested")
    ASKED_NOT_TO_CHANGE = "asked_not_to_change", _("Request to undo a change")
    WILL_CHANGE = "will_change", _("Set to change at the next billing date")
    CHANGE_UNDONE = "change_undone", _("Scheduled change undone")
    CHANGE_UNPAID = "change_unpaid", _("Change waiting for payment")
    ENDED = "ended", _("Ended")
    ASKED_TO_PAUSE = "asked_to_pause", _("Pause requested")
    ASKED_TO_RESUME = "asked_to_resume", _("Request to resume")
    PAUSED = "paused", _("Paused")
    RESUMED = "resumed", _("Resumed")
    LET_IN = "let_in", _("Access given during the pause")
    LET_OUT = "let_out", _("Access during the pause withdrawn")


class Milestone(models.Model):
    """One line of a subscription's history; most came from Stripe, the others say who asked."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="milestones")
    kind = models.CharField(max_length=20, choices=MilestoneKind)
    who = models.CharField(max_length=254, blank=True)
    """Who asked for it, as people know them; nothing where Stripe told us."""
    at = models.DateTimeField()
    """When we learned of it, or were asked."""
    until = models.DateTimeField(null=True)
    """The end of the paid period, or of the subscription, that it speaks of."""
    about = models.CharField(max_length=450, blank=True, default="", db_default="")
    """What it changed from and to, as these were called."""

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["subscription", "-at", "-id"], name="milestone_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subscription}"


class Difference(models.Model):
    """Something that reconciliation found: ours beside Stripe's."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    subscription = models.ForeignKey(Subscription, models.CASCADE, null=True, related_name="differences")
    stripe_id = models.CharField(max_length=255)
    field = models.CharField(max_length=40)
    ours = models.CharField(max_length=255, blank=True)
    stripes = models.CharField(max_length=255, blank=True)
    found_at = models.DateTimeField()
    repaired_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account", "-found_at", "-id"], name="difference_newest")]

    def __str__(self) -> str:
        return f"{self.stripe_id} {self.field}: {self.ours} / {self.stripes}"


class LeftOut(models.Model):
    """A subscription at Stripe that is nothing to us although it is at a price of ours: an import left it out.

    It stays so until another import takes it over: neither events nor comparing bring it in.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    stripe_id = models.CharField(max_length=255)
    list_import = models.ForeignKey(ListImport, models.SET_NULL, null=True, related_name="+")
    """The import that left it out, or is about to take it over."""
    is_due = models.BooleanField()
    """Whether that import will take it over: until it has, events about it wait."""
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "stripe_id"], name="left_out_once"),
        ]

    def __str__(self) -> str:
        return self.stripe_id
