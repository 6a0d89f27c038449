"""What was paid for bookings through Stripe, and what went back; amounts are minor units of `currency`."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from bookwhen.payments.models import Connection
from memberships.models import Subscription
from tickets.models.bookings import Booking, Seat
from tickets.models.troubles import TROUBLES


class PaymentState(models.TextChoices):
    """What became of a checkout."""

    OPEN = "open", _("At checkout")
    PAID = "paid", _("Paid")
    ABANDONED = "abandoned", _("Not paid")


def listed_at() -> Coalesce:
    """By which instant payments are listed: when it was paid, else begun."""
    return Coalesce("paid_at", "opened_at")


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Readings of payments."""

    def paid(self) -> Self:
        """The checkouts that were paid."""
        return self.filter(state=PaymentState.PAID)

    def open(self) -> Self:
        """The checkouts that can still be paid, and the payments that are on their way."""
        return self.filter(state=PaymentState.OPEN)

    def at_checkout(self) -> Self:
        """Those of which nobody has paid yet."""
        return self.open().filter(on_way_since=None)

    def on_way(self) -> Self:
        """The payments that are on their way: what they pay for is booked."""
        return self.open().filter(on_way_since__isnull=False)

    def owed(self) -> Self:
        """Those that failed when some of what they were for had begun; nobody has said that it was settled."""
        kept = Seat.objects.live().booked().filter(payment=OuterRef("pk"), amount__gt=0)
        return self.filter(Exists(kept), state=PaymentState.ABANDONED, failed_at__isnull=False, settled_at=None)

    def for_settling(self) -> Self:
        """Each with all that settling it needs: account, both their connections, and the booking."""
        return self.select_related("account__connection", "connection", "booking")


class Payment(models.Model):
    """One checkout of a basket at Stripe. A basket that is left at the checkout and tried again has several."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="payments")
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="+", db_index=False)
    """The Stripe account that it was made in, whichever the account has now."""
    purchase = models.ForeignKey(Subscription, models.PROTECT, null=True, related_name="+", db_index=False)
    """The membership that its checkout sells too: Stripe's first bill of it bears the tickets as well."""
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session = models.CharField(max_length=255, blank=True)
    """Stripe's checkout; empty until Stripe has answered."""
    intent = models.CharField(max_length=255, blank=True)
    """What Stripe refunds; empty until paid, and where nothing was to be paid."""
    amount = models.PositiveIntegerField()
    """What is charged for the tickets; a membership bought with them is on its own invoice line."""
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=PaymentState, default=PaymentState.OPEN)
    refunded = models.PositiveIntegerField(default=0)
    """What its refunds add up to, those that are still on their way too."""
    withdrawn = models.PositiveIntegerField(default=0, db_default=0)
    """What disputes have taken of it by now, in all: less while one is only an inquiry, and once one is won."""
    opened_at = models.DateTimeField()
    on_way_since = models.DateTimeField(null=True)
    """Since when it is known to be on its way, by bank debit say, where it was not paid at once."""
    failed_at = models.DateTimeField(null=True)
    """When it was known to have failed on its way."""
    settled_at = models.DateTimeField(null=True)
    """When somebody of the studio said that what is owed since was paid otherwise, or is waived."""
    paid_at = models.DateTimeField(null=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(refunded__gte=0, refunded__lte=F("amount")), name="payment_refunds_fit"),
            models.CheckConstraint(
                condition=Q(state=PaymentState.PAID, paid_at__isnull=False)
                | Q(state__in=[PaymentState.OPEN, PaymentState.ABANDONED], paid_at__isnull=True, refunded=0),
                name="payment_paid_once",
            ),
            models.UniqueConstraint(fields=["booking"], condition=Q(state=PaymentState.OPEN), name="payment_open_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["connection", "session"], name="payment_session"),
            models.Index(fields=["connection", "intent"], name="payment_intent"),
            models.Index(fields=["account", "-paid_at"], name="payment_account"),
            models.Index(fields=["purchase"], condition=Q(purchase__isnull=False), name="payment_purchase"),
            models.Index(
                "account", listed_at().desc(), F("id").desc(), condition=Q(amount__gt=0), name="payment_listed"
            ),
            models.Index(
                "account",
                "state",
                listed_at().desc(),
                F("id").desc(),
                condition=Q(amount__gt=0),
                name="payment_listed_state",
            ),
            models.Index(
                "account",
                listed_at().desc(),
                F("id").desc(),
                condition=Q(amount__gt=0, refunded__gt=0),
                include=["state", "currency", "amount", "refunded", "withdrawn"],  # counted and added up by it alone
                name="payment_refunds",
            ),
            models.Index(
                fields=["account"],
                condition=Q(state=PaymentState.ABANDONED, failed_at__isnull=False, settled_at__isnull=True),
                name="payment_owed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} ({self.state})"

    @property
    def refundable(self) -> int:
        """What can still be refunded, once it has arrived where it is on its way; nothing of what never came.

        Nor anything of what a dispute has taken, since the bank gives that back.
        """
        return 0 if self.state == PaymentState.ABANDONED else max(self.amount - self.refunded - self.withdrawn, 0)

    @property
    def net(self) -> int:
        """What the studio has kept of it: less than nothing where more went back than was paid."""
        return self.amount - self.refunded - self.withdrawn

    @property
    def is_on_way(self) -> bool:
        """Whether it is on its way: what it pays for is booked."""
        return self.state == PaymentState.OPEN and self.on_way_since is not None

    @property
    def never_came(self) -> bool:
        """Whether it failed on its way."""
        return self.state == PaymentState.ABANDONED and self.failed_at is not None


class RefundReason(models.TextChoices):
    """Why money goes back."""

    CUSTOMER = "customer", _("Cancelled by the customer")
    STUDIO = "studio", _("Cancelled by the studio")
    TOO_LATE = "too_late", _("Space gone before payment arrived")
    PAID_TWICE = "paid_twice", _("Paid twice")
    ENDED = "ended", _("Membership ended")
    OPERATOR = "operator", _("Refunded by the studio")
    STRIPE = "stripe", _("Refunded in Stripe")


class RefundState(models.TextChoices):
    """How far a refund is."""

    QUEUED = "queued", _("Sending to Stripe")
    PENDING = "pending", _("On its way")
    DONE = "done", _("Refunded")
    FAILED = "failed", _("Failed")


class RefundQuerySet(models.QuerySet["Refund"]):
    """Readings of refunds."""

    def with_connection(self) -> Self:
        """Each with its payment and the connection that it was made over."""
        return self.select_related("payment__connection")


class Refund(models.Model):
    """Money that goes back from one payment: a row before Stripe is asked, so that none is forgotten or sent twice."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    amount = models.PositiveIntegerField()
    reason = models.CharField(max_length=20, choices=RefundReason)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    """Who of the studio asked for it, if a person did."""
    state = models.CharField(max_length=10, choices=RefundState, default=RefundState.QUEUED)
    stripe_id = models.CharField(max_length=255, blank=True)
    trouble = models.TextField(blank=True)
    """What Stripe said when it did not do it."""
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    """When Stripe is asked (again), while wanted."""
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)
    """When money last moved by it: once Stripe took it on, or it came back."""

    objects = RefundQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gte=1), name="refund_positive"),
            models.UniqueConstraint(
                fields=["payment", "stripe_id"], condition=~Q(stripe_id=""), name="refund_known_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state=RefundState.QUEUED), name="refund_waiting"),
            models.Index(
                fields=["account", "due_at", "id"], condition=Q(state=RefundState.QUEUED), name="refund_by_account"
            ),
            models.Index(fields=["account", "-created_at"], name="refund_account"),
            models.Index(
                fields=["account", "payment"],
                condition=Q(state=RefundState.FAILED, done_at__isnull=True),
                name="refund_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.payment}"

    @property
    def trouble_text(self) -> str:
        """Why Stripe did not make it and what to do next, where its word is one that we know."""
        return str(TROUBLES.get(self.trouble, ""))


class RefundedSeat(models.Model):
    """How much of a refund is for one seat; what is refunded by the studio's word alone is for none."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    refund = models.ForeignKey(Refund, models.CASCADE, related_name="seats", db_index=False)
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="refunds")
    amount = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["refund", "seat"], name="refunded_seat_once"),
            models.CheckConstraint(condition=Q(amount__gte=1), name="refunded_seat_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} for {self.seat}"
