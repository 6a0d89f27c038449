"""Subscriptions at Stripe that an import left out."""

from typing import ClassVar

from django.db import models

from accounts.models import Account, ListImport


class LeftOut(models.Model):
    """A subscription at Stripe that is nothing to us although it is at a price of ours: an import left it out.

    It stays so until another import takes it over: neither events nor comparing bring it in.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    stripe_id = models.CharField(max_length=255)
    list_import = models.ForeignKey(ListImport, models.SET_NULL, null=True, related_name="+")
    """The import that left it out, or is about to take it over."""
    is_due = models.BooleanField()
    """Whether that import will take it over: until it has, events about it wait."""
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "stripe_id"], name="left_out_once"),
        ]

    def __str__(self) -> str:
        return self.stripe_id
