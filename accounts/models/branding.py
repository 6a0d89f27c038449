"""How an account looks to its customers."""

import uuid
from typing import ClassVar

from django.db import models

from accounts.models.accounts import Account


class Logo(models.Model):
    """A logo as we drew it, kept in Django's storage (`accounts.branding`): its picture never changes.

    Which one an account shows, the account says (`Account.logo`). One that was replaced stays for a time: it can be
    taken back, and emails that were sent show it.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="logos", db_index=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField()
    """When it came; of one that was shown and is no more: when it was replaced."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account", "-created_at", "-id"], name="logo_newest"),
            models.Index(fields=["created_at"], name="logo_oldest"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)
