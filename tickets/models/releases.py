"""What is to be released: one row for each standing that ended for good."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Account
from groups.models import Member


class Release(models.Model):
    """A subscription's ground ended: the seats that only it kept are to be given back (`tickets.booking.release`)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    ground = models.UUIDField()
    """The uuid of the subscription."""
    ended_at = models.DateTimeField()
    """When it ended."""
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    """When it was worked off."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "ground", "ended_at"], name="release_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(done_at__isnull=True), name="release_waiting"),
            models.Index(fields=["account", "id"], condition=Q(done_at__isnull=True), name="release_by_account"),
        ]

    def __str__(self) -> str:
        return f"Release of {self.member}, {self.ended_at}"
