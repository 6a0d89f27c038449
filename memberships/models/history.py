"""What a subscription was billed, what happened to it, and where it differed from Stripe's."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from memberships.models.subscriptions import Subscription


class Invoice(models.Model):
    """An invoice of a subscription, as Stripe says it is; amounts in minor units."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
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
    paid_at = models.DateTimeField(null=True)
    """When it was paid, as Stripe says; none until then, and where it was paid before we asked for that."""
    compared_at = models.DateTimeField(null=True)
    """When the last comparison began that saw it listed as it is here, or asked for it."""

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "stripe_id"], name="invoice_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["account", "status"],
                condition=Q(status__in=["draft", "open", "uncollectible"]),
                name="invoice_unsettled",
            ),
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
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="milestones", db_index=False)
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

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
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
