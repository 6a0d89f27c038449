"""Connections to Stripe accounts, and what Stripe told us over them."""

import uuid
from datetime import datetime
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Connection(models.Model):
    """One Stripe account as one of our accounts reaches it: by a secret key of its own (encrypted, never shown again).

    An account points to it (`Account.connection`); it knows nothing of accounts. `endpoint` is the secret of the
    address at which Stripe calls back, and what an object at Stripe bears to say that it is ours.
    """

    endpoint = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    encrypted_key = models.TextField(blank=True)
    """The secret key, encrypted; nothing once disconnected."""
    key_hint = models.CharField(max_length=40)
    """How the key begins and ends, for people to recognise it by."""
    livemode = models.BooleanField()
    stripe_account = models.CharField(max_length=255)
    """Stripe's id of the account; nothing where a restricted key may not know it."""
    name = models.CharField(max_length=200, blank=True)
    """What the Stripe account calls itself."""
    currency = models.CharField(max_length=3, blank=True)
    """The Stripe account's own currency, in capitals."""
    webhook_endpoint = models.CharField(max_length=255, blank=True)
    """Stripe's id of the endpoint that calls us; nothing where it could not be made."""
    webhook_events = models.JSONField(default=list)
    """The event types that this endpoint was made for."""
    portal_configuration = models.CharField(max_length=255, blank=True)
    connected_at = models.DateTimeField()
    disconnected_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    """When we last asked Stripe how the connection is."""
    trouble = models.TextField(blank=True)
    """What was wrong with it then, in words for the operator; nothing when all was well."""
    heard_at = models.DateTimeField(null=True)
    """When Stripe last called our endpoint with a good signature."""
    cursor = models.BigIntegerField(default=0)
    """Catching up: the time (Stripe's, in seconds) of the newest event that we asked for."""
    caught_up_at = models.DateTimeField(null=True)
    reconciled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(disconnected_at__isnull=False) | ~Q(encrypted_key=""), name="connection_has_key"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"], condition=Q(disconnected_at__isnull=True) & ~Q(trouble=""), name="connection_troubled"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.stripe_account or self.key_hint

    @property
    def is_live(self) -> bool:
        """Whether we may speak over it: it was not disconnected."""
        return self.disconnected_at is None

    def update_live(self, **fields: object) -> None:
        """Set fields, unless it was disconnected meanwhile."""
        Connection.objects.filter(pk=self.pk, disconnected_at=None).update(**fields)
        for name, value in fields.items():
            setattr(self, name, value)


class EndpointSecret(models.Model):
    """A signing secret that a connection's endpoint accepts; two while one is being replaced."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="secrets")
    encrypted_secret = models.TextField()
    added_at = models.DateTimeField()
    retires_at = models.DateTimeField(null=True)
    """From when on it is not accepted; none: it is."""

    def __str__(self) -> str:
        return f"A secret of {self.connection}"

    @staticmethod
    def accepted(now: datetime) -> Q:
        """The condition that a secret is accepted at an aware instant."""
        return Q(retires_at__isnull=True) | Q(retires_at__gt=now)


class EventState(models.TextChoices):
    """What became of a Stripe event."""

    RECEIVED = "received", _("Waiting")
    DONE = "done", _("Processed")
    IGNORED = "ignored", _("Unrelated")
    DEAD = "dead", _("Failed")


UNSETTLED: Final = ~Q(state__in=[EventState.DONE, EventState.IGNORED, EventState.DEAD])
"""Waiting, said so that no index for `state = 'received'` is meant."""


class EventSource(models.TextChoices):
    """How a Stripe event reached us."""

    WEBHOOK = "webhook", _("Webhook")
    CATCH_UP = "catch_up", _("Catch-up")


class StripeEvent(models.Model):
    """One Stripe event of a connection, kept as received. Its payload is a hint: what it is about is fetched anew."""

    # No index of its own: the constraint and the indexes below begin with it.
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="events", db_index=False)
    stripe_id = models.CharField(max_length=255)
    type = models.CharField(max_length=100)
    subject = models.CharField(max_length=255, blank=True)
    """Stripe's id of the object to look at because of it (a subscription, a checkout session); nothing: not ours."""
    api_version = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    """When it happened, by Stripe's clock."""
    payload = models.JSONField()
    source = models.CharField(max_length=20, choices=EventSource)
    state = models.CharField(max_length=20, choices=EventState, default=EventState.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    """When a worker may next take it; while one has it, when it is taken from that one."""
    error = models.TextField(blank=True)
    """Why the last try failed."""
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "stripe_id"], name="event_once"),
            models.CheckConstraint(condition=Q(state__in=EventState.values), name="event_state_known"),
        ]
        indexes: ClassVar = [
            # What waits is found by one of these three, and each has a condition that the statements of the others do
            # not state: else PostgreSQL has a choice, and old statistics make the wrong one look as cheap
            # (docs/decisions/0046).
            models.Index(fields=["due_at"], condition=Q(state="received"), name="event_waiting"),
            models.Index(fields=["subject"], condition=UNSETTLED & ~Q(subject=""), name="event_of_subject"),
            models.Index(
                fields=["connection", "due_at", "id"],
                condition=UNSETTLED & Q(attempts__gte=0),
                name="event_connection_due",
            ),
            models.Index(
                fields=["received_at"], condition=Q(state__in=[EventState.DONE, EventState.IGNORED]), name="event_over"
            ),
            models.Index(fields=["connection"], condition=Q(state="dead"), name="event_given_up"),
            # Of one state, for the page of events, which says the condition too. A claim does not: else this could
            # answer one as well, by skipping from connection to connection.
            models.Index(
                fields=["connection", "state", "-received_at", "-id"],
                condition=~Q(stripe_id=""),
                name="event_of_state",
            ),
            models.Index(fields=["connection", "-received_at", "-id"], name="event_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.stripe_id}"


class ErasedAtStripe(models.Model):
    """Something at Stripe (a customer, a payment, a subscription) of somebody who was erased here.

    What Stripe tells of it from then on is kept without what is personal in it (`bookwhen.payments.forgetting`).
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+", db_index=False)
    stripe_id = models.CharField(max_length=255)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "stripe_id"], name="erased_at_stripe_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["added_at"], name="erased_at_stripe_lately")]

    def __str__(self) -> str:
        return self.stripe_id


class FailedCall(models.Model):
    """A change at Stripe that did not end well: what is asked for again must not be made twice, nor fail for a day.

    Stripe keeps a failure under its idempotency key for a day. So before the next try we look whether the first one
    made something after all, and what Stripe has kept is asked for under the key of another attempt.
    """

    wish = models.CharField(max_length=64, unique=True)
    """What was wished for: its idempotency key, hashed."""
    attempts = models.PositiveIntegerField(default=0)
    """How many answers Stripe keeps that are of no use to us."""
    failed_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["failed_at"], name="failed_call_at")]

    def __str__(self) -> str:
        return f"{self.wish} ({self.attempts})"

    @classmethod
    def attempts_at(cls, wish: str) -> int | None:
        """How many attempts at a wish are spent; None where none has failed."""
        return cls.objects.filter(wish=wish).values_list("attempts", flat=True).first()

    @classmethod
    def record(cls, wish: str, attempt: int, *, is_kept: bool) -> None:
        """Note that an attempt failed; where Stripe keeps that, the next one has another key. Safe to repeat."""
        spent = attempt + is_kept
        _row, is_new = cls.objects.get_or_create(wish=wish, defaults={"attempts": spent})
        if not is_new:
            cls.objects.filter(wish=wish, attempts=attempt).update(attempts=spent, failed_at=Now())


class Comparison(models.Model):
    """How far comparing everything of a connection with Stripe is; one worker at a time goes on with it.

    Written only by `bookwhen.payments.comparing`.
    """

    connection = models.OneToOneField(Connection, models.CASCADE, primary_key=True, related_name="comparison")
    begun_at = models.DateTimeField()
    """When it began: what was seen in it is marked with this instant, and no two have the same."""
    is_open = models.BooleanField(default=True)
    """Whether it is going on; the next one begins where it is not."""
    cursors = models.JSONField(default=dict)
    """By comparer where it goes on; null: it is done."""
    trouble = models.TextField(blank=True)
    """Why the first row failed that did."""
    claims = models.PositiveIntegerField(default=0)
    """Counts the workers that took it: one that was overtaken notes nothing more."""
    free_at = models.DateTimeField()
    """From when on another worker may take it."""

    def __str__(self) -> str:
        return f"{self.connection} since {self.begun_at}"
