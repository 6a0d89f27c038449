"""Receipts and credit notes, numbered without gaps in each account."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import Account


class ReceiptCounter(models.Model):
    """Up to where an account's receipts are numbered. Who numbers one holds this row until it is written."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    first = models.PositiveIntegerField(default=1, db_default=1)
    """The number of the first receipt."""
    last = models.PositiveIntegerField(default=0, db_default=0)
    """The number of the last one that was issued; one less than the first where none was."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(first__gte=1, last__gte=F("first") - 1), name="receipt_counter_fits"),
        ]

    def __str__(self) -> str:
        return str(self.last)

    @property
    def has_begun(self) -> bool:
        """Whether any was issued."""
        return self.last >= self.first

    @property
    def next(self) -> int:
        """The number of the next one."""
        return self.last + 1
