"""What a studio writes to many: the text, whom it was meant for, and what became of it for each of them."""

import uuid
from typing import ClassVar, Final, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from accounts.models.customers import Customer
from accounts.models.operations import Operation
from accounts.models.users import User
from bookwhen.db import TextCheck

SUBJECT_LENGTH: Final = 150
"""The longest subject, in characters: names that it mentions may make it longer."""
TEXT_LENGTH: Final = 10_000


class MailingKind(models.TextChoices):
    """What a message is about, which decides who gets it."""

    SERVICE = "service", _("About their booking or membership")
    NEWS = "news", _("News")


class MailingState(models.TextChoices):
    """How far a message is. *Sent*: every email of it is written; some may still be waiting to go out."""

    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    SENDING = "sending", _("Sending")
    STOPPED = "stopped", _("Stopped")
    SENT = "sent", _("Sent")


UNSENT: Final = (MailingState.DRAFT, MailingState.SCHEDULED)
"""Nobody is frozen as a recipient yet."""


class MailingQuerySet(models.QuerySet["Mailing"]):
    """Readings of messages."""

    def unsent(self) -> Self:
        """Those that nobody gets yet."""
        return self.filter(state__in=UNSENT)


class Mailing(models.Model):
    """A message to many. Its audience is kept as it was asked for, and becomes recipients when sending begins."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="mailings", db_index=False)
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    """The idempotency key of the form that made it: the same form sent twice finds this one."""
    kind = models.CharField(max_length=10, choices=MailingKind)
    state = models.CharField(max_length=10, choices=MailingState, default=MailingState.DRAFT)
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    text = models.TextField(max_length=TEXT_LENGTH)
    """Paragraphs of plain text, with `{placeholders}` in it."""
    audience = models.CharField(max_length=20)
    """Which of the registered audiences it is for (`accounts.mailings.audiences`)."""
    asked = models.JSONField(default=dict)
    """Whom of that audience, in the audience's own words."""
    audience_name = models.CharField(max_length=300, blank=True, db_default="")
    """What the audience was called when it was last saved or sent, to be shown when what it names is gone."""
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    who = models.CharField(max_length=254, blank=True)
    """Who wrote it, as people know them."""
    operation = models.ForeignKey(Operation, models.SET_NULL, null=True, related_name="+", db_index=False)
    """The long job that sends it, or is going to."""
    send_at = models.DateTimeField(null=True)
    """When it is to be sent; none: as soon as somebody says so."""
    began_at = models.DateTimeField(null=True)
    gathered_at = models.DateTimeField(null=True)
    """When its recipients were complete; from then on nobody is added."""
    ended_at = models.DateTimeField(null=True)
    """When the last email of it was written, or it was stopped."""
    said = models.JSONField(default=dict, db_default={})
    """What its emails say of its audience, as it was when sending began: why one gets it, and what placeholders are."""
    gets = models.PositiveIntegerField(default=0, db_default=0)
    """How many recipients there were, once gathered."""
    left_out = models.PositiveIntegerField(default=0, db_default=0)
    """How many were left out then."""
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = MailingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="mailing_key_once"),
            models.CheckConstraint(condition=Q(kind__in=MailingKind.values), name="mailing_kind_known"),
            models.CheckConstraint(condition=Q(state__in=MailingState.values), name="mailing_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=UNSENT, began_at__isnull=True)
                | (~Q(state__in=UNSENT) & Q(began_at__isnull=False)),
                name="mailing_begins_with_its_state",
            ),
            models.CheckConstraint(
                condition=~Q(state=MailingState.SCHEDULED) | Q(send_at__isnull=False), name="mailing_scheduled_for"
            ),
            TextCheck(name="mailing_text", one_line=["subject", "audience_name", "who"], longest={"text": TEXT_LENGTH}),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-created_at", "-id"], name="mailing_newest"),
            models.Index(fields=["began_at"], condition=Q(began_at__isnull=False), name="mailing_oldest"),
            models.Index(fields=["operation"], condition=Q(operation__isnull=False), name="mailing_operation"),
            models.Index(fields=["made_by"], condition=Q(made_by__isnull=False), name="mailing_made_by"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_unsent(self) -> bool:
        """Whether nobody gets it yet."""
        return self.state in UNSENT


class RecipientState(models.TextChoices):
    """What was done for a recipient."""

    PENDING = "pending", _("Not written yet")
    WRITTEN = "written", _("Written")
    LEFT_OUT = "left_out", _("Left out")


class LeftOut(models.TextChoices):
    """Why somebody of the audience gets no email."""

    ERASED = "erased", _("Erased")
    NO_CONSENT = "no_consent", _("Hasn’t agreed to news")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
    BOUNCED = "bounced", _("Emails bounce")
    COMPLAINED = "complained", _("Reported as spam")
    SAME_ADDRESS = "same_address", _("Somebody else gets it at the same address")


class MailingRecipient(models.Model):
    """One customer of a message's audience, frozen when sending began; at each address one of them gets it."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="recipients", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    email = models.EmailField()
    """Where it goes: their main address, or their contact's."""
    state = models.CharField(max_length=10, choices=RecipientState)
    reason = models.CharField(max_length=20, choices=LeftOut, blank=True, db_default="")
    is_known = models.BooleanField(default=False, db_default=False)
    """Whether they had booked or logged in by then: emails to them don't count towards the quota."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mailing", "customer"], name="mailing_customer_once"),
            models.UniqueConstraint(fields=["mailing", "email"], condition=Q(reason=""), name="mailing_address_once"),
            models.CheckConstraint(
                condition=Q(state=RecipientState.LEFT_OUT, reason__in=LeftOut.values)
                | Q(state__in=[RecipientState.PENDING, RecipientState.WRITTEN], reason=""),
                name="mailing_recipient_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "mailing", "state", "id"], name="mailing_recipient_by_state"),
            models.Index(
                fields=["mailing", "reason", "id"],
                condition=Q(state=RecipientState.LEFT_OUT),
                name="mailing_left_out",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.state}"
