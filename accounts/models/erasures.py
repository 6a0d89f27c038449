"""Who was erased, without who they were: numbers and an instant, for after a restore."""

from typing import ClassVar

from django.db import models

from accounts.models.accounts import Account
from accounts.models.customers import Customer


class Erasure(models.Model):
    """One customer whom an account has erased (`accounts.erasing`).

    The number alone could be somebody else's after a restore, since numbers are given again: who has it and was made at
    that instant is meant.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    customer_number = models.BigIntegerField()
    """The number of the row that is gone."""
    customer_made_at = models.DateTimeField()
    left = models.OneToOneField(Customer, models.CASCADE, null=True, related_name="erasure")
    """Who has what stays of them, and is nobody.

    None where it is still to be repeated in this database, after a restore, or they came after the backup.
    """
    erased_at = models.DateTimeField()
    is_kept = models.BooleanField(default=False, db_default=False)
    """Whether it is noted outside the database too, where a restore doesn't take it back."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "customer_number", "customer_made_at"], name="erasure_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(is_kept=False), name="erasure_to_keep"),
            models.Index(fields=["id"], condition=models.Q(left__isnull=True), name="erasure_to_repeat"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}/{self.customer_number}, {self.erased_at:%Y-%m-%d}"
