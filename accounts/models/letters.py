"""E-mails on their way out: what is written, what became of it, and to whom nothing more is written."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from bookwhen.email_address import fold_email


class LetterKind(StrEnum):
    """Every kind of letter there is, after its template (docs/design.md, *Emails*)."""

    ADDED = "added"
    USES_BACK = "uses_back"
    STANDING_ENDS = "standing_ends"
    JOIN_ACCEPTED = "join_accepted"
    JOIN_DECLINED = "join_declined"
    TEAM_INVITATION = "team_invitation"
    PAYMENTS_TROUBLE = "payments_trouble"
    LOGIN_LINK = "login_link"
    LOGIN_CLOSED = "login_closed"
    LOGIN_CHANGED = "login_changed"
    ADDRESS_LINK = "address_link"
    CONFIRM = "confirm"
    BOOKED = "booked"
    BOUGHT = "bought"
    SORRY = "sorry"
    MOVED = "moved"
    SEAT_MOVED = "seat_moved"
    LEADER_CHANGED = "leader_changed"
    LOCATION_CHANGED = "location_changed"
    CLOCKS_CHANGED = "clocks_changed"
    CANCELLED = "cancelled"
    CANCELLED_DATES = "cancelled_dates"
    RELEASED = "released"
    REMINDER = "reminder"
    REFUNDED = "refunded"
    WAITLIST_JOINED = "waitlist_joined"
    WAITLIST_OFFERED = "waitlist_offered"
    WAITLIST_FREE = "waitlist_free"
    WAITLIST_BOOKED = "waitlist_booked"
    WAITLIST_LAPSED = "waitlist_lapsed"
    WAITLIST_SKIPPED = "waitlist_skipped"
    WAITLIST_MOVED = "waitlist_moved"
    WAITLIST_ENDED = "waitlist_ended"
    PAYMENT_ON_WAY = "payment_on_way"
    PAYMENT_ARRIVED = "payment_arrived"
    PAYMENT_FAILED = "payment_failed"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_CLOSED = "dispute_closed"
    MEMBERSHIP_STARTED = "membership_started"
    MEMBERSHIP_FIRST_PAID = "membership_first_paid"
    MEMBERSHIP_RENEWED = "membership_renewed"
    MEMBERSHIP_PAYMENT_FAILED = "membership_payment_failed"
    MEMBERSHIP_PAID_AGAIN = "membership_paid_again"
    MEMBERSHIP_ACTIVE_AGAIN = "membership_active_again"
    MEMBERSHIP_BILL_OVERDUE = "membership_bill_overdue"
    MEMBERSHIP_BILL_PAID = "membership_bill_paid"
    MEMBERSHIP_PAID_OUTSIDE = "membership_paid_outside"
    MEMBERSHIP_PAID_FROM_CREDIT = "membership_paid_from_credit"
    MEMBERSHIP_BILL_WAIVED = "membership_bill_waived"
    MEMBERSHIP_BILL_WRITTEN_OFF = "membership_bill_written_off"
    MEMBERSHIP_WILL_END = "membership_will_end"
    MEMBERSHIP_KEPT = "membership_kept"
    MEMBERSHIP_ENDED = "membership_ended"
    MEMBERSHIP_PAUSED = "membership_paused"
    MEMBERSHIP_RESUMED = "membership_resumed"
    MEMBERSHIP_CHANGED = "membership_changed"
    MEMBERSHIP_WILL_CHANGE = "membership_will_change"
    MEMBERSHIP_CHANGE_UNDONE = "membership_change_undone"
    MEMBERSHIP_CHANGE_UNPAID = "membership_change_unpaid"
    MESSAGE = "message"
    MESSAGE_UNASKED = "message_unasked"
    """The same to somebody who has neither booked nor logged in: they may not know the studio at all."""
    MESSAGE_NEWS = "message_news"


UNSOLICITED: Final = frozenset(
    {
        LetterKind.ADDED,
        LetterKind.USES_BACK,
        LetterKind.STANDING_ENDS,
        LetterKind.TEAM_INVITATION,
        LetterKind.MESSAGE_UNASKED,
        LetterKind.MESSAGE_NEWS,
    }
)
"""Kinds that a studio begins and the person did not cause: they can be unsubscribed from, and are metered.

All others answer something the person did: a booking, a purchase, a membership, a studio of their own, a log-in.
"""


class DeliveryFault(models.TextChoices):
    """Whose fault it is that a letter did not go out. Only the last three are final (docs/design.md, *Emails*)."""

    SERVER = "server", _("The mail server isn’t accepting any emails")
    LETTER = "letter", _("The mail server didn’t accept this email")
    MAILBOX = "mailbox", _("Their mailbox can’t take emails at the moment")
    ADDRESS = "address", _("Their address was refused")
    UNWANTED = "unwanted", _("They unsubscribed before it was sent")
    EXPIRED = "expired", _("It was too late to send it")


class BlockReason(models.TextChoices):
    """Why an account writes to an address only what that person caused."""

    BOUNCED = "bounced", _("Emails bounce")
    COMPLAINED = "complained", _("Reported as spam")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")


class LetterQuerySet(models.QuerySet["Letter"]):
    """Readings of letters."""

    def waiting(self) -> "LetterQuerySet":
        """Neither sent nor given up."""
        return self.filter(sent_at__isnull=True, failed_at__isnull=True)

    def troubled(self, now: datetime, *, outage: bool) -> "LetterQuerySet":
        """Waiting for something: for a later day (`is_held`), or for what is to be mended.

        During an `outage` of the mail server that is every letter that waits.
        """
        held = models.ExpressionWrapper(
            models.Q(metered_on__isnull=True, held_until__isnull=False, held_until__gt=now),
            output_field=models.BooleanField(),
        )
        found = self.waiting().annotate(is_held=held)
        return found if outage else found.filter(~models.Q(fault="") | models.Q(is_held=True))


class Letter(models.Model):
    """One e-mail to one address: written with the change it tells of, sent by a worker after the commit."""

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="letters")
    """The account it speaks for; none for letters about logging in."""
    kind = models.CharField(max_length=40)
    dedupe = models.CharField(max_length=120, null=True, unique=True)  # noqa: DJ001 - null: no limit on repeats
    recipient = models.EmailField()
    reply_to = models.EmailField(blank=True)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    calendar = models.TextField(blank=True)
    """An .ics file to attach, or nothing."""
    facts = models.JSONField(null=True)
    """What it is written from when it is sent (`accounts.email_writing`); none: it is written.

    Until then `text` is a short form of it, and `html` and `calendar` are empty; or they say what was so when it was
    posted, where it is to say what is so when it goes out.
    """
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    """When a worker may next try."""
    expires_at = models.DateTimeField(null=True)
    """From when on it is not sent any more: it says what is over then. None: it is always sent."""
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    """When it was given up: its address was refused, the recipient unsubscribed, or it was too late."""
    error = models.TextField(blank=True)
    """What the mail server said last."""
    fault = models.CharField(max_length=20, choices=DeliveryFault, blank=True, db_default="")
    """Why the last attempt failed; nothing before the first, and once it is sent."""
    fault_since = models.DateTimeField(null=True)
    """Since when each attempt has failed for that reason."""
    message_id = models.CharField(max_length=255, blank=True, db_default="")
    """What the mail provider calls it; nothing where the mail goes by SMTP."""
    delivered_at = models.DateTimeField(null=True)
    """When the provider said that the recipient's server has it."""
    bounced_at = models.DateTimeField(null=True)
    """When the provider said that it will not be delivered."""
    is_metered = models.BooleanField(default=False, db_default=False)
    """Whether it counts towards the account's quota of the day on which it is first tried."""
    metered_on = models.DateField(null=True)
    """The account's day on which it was counted."""
    mailing = models.ForeignKey("accounts.Mailing", models.CASCADE, null=True, related_name="letters", db_index=False)
    """The message to many that it is one of."""
    held_until = models.DateTimeField(null=True)
    """When it may be counted at the earliest, after a day whose quota was used up."""

    objects = LetterQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(fault="") | models.Q(fault__in=DeliveryFault.values), name="letter_fault_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(sent_at__isnull=True, failed_at__isnull=True),
                name="letter_waiting",
            ),
            # Claiming names no account, so that only the index above is for it (docs/decisions/0046).
            models.Index(
                fields=["account", "created_at", "id"],
                condition=models.Q(sent_at__isnull=True, failed_at__isnull=True, account__isnull=False),
                name="letter_account_waiting",
            ),
            models.Index(fields=["sent_at"], condition=models.Q(sent_at__isnull=False), name="letter_sent"),
            models.Index(fields=["failed_at"], condition=models.Q(failed_at__isnull=False), name="letter_given_up"),
            # An account's own, from the oldest, where it keeps them for less long than the installation does.
            models.Index(
                fields=["account", "created_at", "id"],
                condition=models.Q(account__isnull=False)
                & (models.Q(sent_at__isnull=False) | models.Q(failed_at__isnull=False)),
                name="letter_account_over",
            ),
            models.Index(fields=["recipient", "-created_at"], name="letter_recipient"),
            models.Index(fields=["mailing", "id"], condition=models.Q(mailing__isnull=False), name="letter_mailing"),
            models.Index(fields=["message_id"], condition=~models.Q(message_id=""), name="letter_message_id"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"

    @property
    def is_unsolicited(self) -> bool:
        """Whether its recipient did not cause it."""
        return self.kind in UNSOLICITED

    @property
    def fault_text(self) -> str:
        """Why its last attempt failed, or why it was given up, in a sentence without its full stop; else nothing."""
        if self.fault != DeliveryFault.EXPIRED or self.failed_at is None:
            return self.get_fault_display()
        if self.expires_at is None or self.failed_at < self.expires_at:
            return gettext("There was nothing to tell any more when it was due to go out")
        # It was taken once more only to be given up.
        if self.attempts > 1:
            return gettext("We tried to send it, but emails weren’t accepted until it was too late")
        return self.get_fault_display()


class EmailBlock(models.Model):
    """Why an account writes to an address nothing that the person did not cause: one row a reason."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="email_blocks", db_index=False)
    email = models.EmailField()
    reason = models.CharField(max_length=20, choices=BlockReason)
    detail = models.TextField(blank=True)
    """What the mail server or the provider said."""
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "email", "reason"], name="email_block_once"),
            models.CheckConstraint(condition=models.Q(reason__in=BlockReason.values), name="email_block_reason_known"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="email_block_email_lower"),
        ]
        indexes: ClassVar = [models.Index(fields=["account", "-created_at", "-id"], name="email_block_newest")]

    def __str__(self) -> str:
        return f"{self.email}: {self.get_reason_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Save with the address folded."""
        self.email = fold_email(self.email)
        super().save(*args, **kwargs)


class LetterQuota(models.Model):
    """How many metered letters an account has begun to send on one of its days; moved by one conditional statement."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    """A day in the account's time zone."""
    used = models.PositiveIntegerField(default=0)
    allowance = models.PositiveIntegerField()
    """The largest quota that held on that day."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "day"], name="letter_quota_once"),
            models.CheckConstraint(condition=models.Q(used__lte=models.F("allowance")), name="letter_quota_holds"),
        ]
        indexes: ClassVar = [models.Index(fields=["day"], name="letter_quota_day")]

    def __str__(self) -> str:
        return f"{self.account} on {self.day}: {self.used} of {self.allowance}"


class MailOutage(models.Model):
    """The mail server refuses us altogether: one row at most, and none while letters go out.

    It is the installation's and no account's: all letters wait until one has gone through (`accounts.email_outage`).
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    since = models.DateTimeField()
    error = models.TextField()
    """What the mail server said last."""
    attempts = models.PositiveSmallIntegerField(default=1)
    retry_at = models.DateTimeField()
    """When one letter may try again."""
    probe = models.BigIntegerField(null=True)
    """The number of the letter that is trying now."""

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="mail_outage_once")]

    def __str__(self) -> str:
        return f"since {self.since:%Y-%m-%d %H:%M}: {self.error}"
