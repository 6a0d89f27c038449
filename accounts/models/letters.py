"""E-mails on their way out, so that one the broker loses is picked up again."""

from typing import ClassVar

from django.db import models

from accounts.models.accounts import Account


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
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    """When a worker may next try."""
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    """When it was given up."""
    error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(sent_at__isnull=True, failed_at__isnull=True),
                name="letter_waiting",
            ),
            models.Index(fields=["recipient", "-created_at"], name="letter_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"
