"""For how long an account keeps what it has of people; what it says nothing of is kept as the installation does."""

from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.accounts import Account
from accounts.models.users import User

EMAILS: Final = (30, 3650)
"""The least and the most days; for less, an email that is sent once could be sent again."""
LISTS: Final = (7, 30)
FILES: Final = (1, 7)
HISTORY: Final = (365, 3650)
"""A year at least: who changed something is not the one who decides that nobody reads it."""
WAITING: Final = (90, 3650)
CUSTOMERS: Final = (2, 10)
"""In years: people come back after one."""


def _within(name: str, bounds: tuple[int, int]) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q((f"{name}__isnull", True)) | Q((f"{name}__range", bounds)), name=f"retention_{name}_bounded"
    )


class Retention(models.Model):
    """An account's own times; none: as long as the installation keeps it, customers and who waited for good.

    Where it is and was last is for the job that forgets (`accounts.keeping.forgetting`).
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="retention")
    emails_days = models.PositiveSmallIntegerField(null=True)
    lists_days = models.PositiveSmallIntegerField(null=True)
    """The rows of lists that were imported."""
    files_days = models.PositiveSmallIntegerField(null=True)
    """Files that were prepared for downloading."""
    history_days = models.PositiveSmallIntegerField(null=True)
    waiting_days = models.PositiveSmallIntegerField(null=True)
    """Places on waiting lists that are over."""
    customers_years = models.PositiveSmallIntegerField(null=True)
    """After how many years without a sign of them customers are erased; none: never."""
    customers_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    """Who chose that: in the history, erasing is their deed."""
    walked_at = models.DateTimeField(null=True)
    """Up to which customer the walk has come: when they were made, and their number; none: it begins anew."""
    walked_id = models.BigIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(db_default=Now())
    """When something may be to be forgotten again."""

    class Meta:
        constraints: ClassVar = [
            _within("emails_days", EMAILS),
            _within("lists_days", LISTS),
            _within("files_days", FILES),
            _within("history_days", HISTORY),
            _within("waiting_days", WAITING),
            _within("customers_years", CUSTOMERS),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at", "account"], name="retention_due"),
            models.Index(
                fields=["customers_by"], condition=Q(customers_by__isnull=False), name="retention_customers_by"
            ),
        ]

    def __str__(self) -> str:
        return f"What {self.account_id} keeps"
