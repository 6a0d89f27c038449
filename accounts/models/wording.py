"""What a studio words itself of its emails, and who wants no reminders."""

from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models.accounts import Account
from accounts.models.users import User
from bookwhen.db import TextCheck

SUBJECT_LENGTH: Final = 150
PART_LENGTH: Final = 1000
"""The longest opening or closing, in characters."""


class LetterWording(models.Model):
    """How an account words the subject, the opening and the closing of a kind of letter; what is empty is as usual.

    `Account.words_letters` says whether it has any: `accounts.wording` keeps that so.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="letter_wordings", db_index=False)
    kind = models.CharField(max_length=40)
    """A `LetterKind`."""
    subject = models.CharField(max_length=SUBJECT_LENGTH, blank=True)
    opening = models.TextField(max_length=PART_LENGTH, blank=True)
    closing = models.TextField(max_length=PART_LENGTH, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [
            TextCheck(
                name="letter_wording_text",
                one_line=["subject"],
                longest={"closing": PART_LENGTH, "opening": PART_LENGTH},
            ),
            models.UniqueConstraint(fields=["account", "kind"], name="letter_wording_once"),
            models.CheckConstraint(
                condition=~Q(subject="", opening="", closing=""), name="letter_wording_says_something"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["changed_by"], condition=Q(changed_by__isnull=False), name="letter_wording_by"),
        ]

    def __str__(self) -> str:
        return self.kind


class ReminderStop(models.Model):
    """That somebody wants no reminders from an account: by address, as each email is to one."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="reminder_stops", db_index=False)
    email = models.EmailField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "email"], name="reminder_stop_once"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="reminder_stop_email_lower"),
        ]

    def __str__(self) -> str:
        return self.email
