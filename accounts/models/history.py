"""The history: one line for each thing that a team member did in the dashboard. It is only added to."""

from typing import ClassVar, Final

from django.db import models
from django.db.models import Q

from accounts.models.accounts import Account
from accounts.models.deeds import DELETIONS, Deed, Thing
from accounts.models.users import User
from bookwhen.db import TextCheck

LABEL_LENGTH: Final = 200
NAME_LENGTH: Final = 254


class AuditEntry(models.Model):
    """Who did what to what, when, and what it was before: written by `accounts.history.recording` alone.

    The database refuses every change to it (migration 0024); `accounts.history.forgetting` has the ways round that.
    Names are as they were then, so that a line still reads when what it names is gone.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="history", db_index=False)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    actor_name = models.CharField(max_length=NAME_LENGTH, blank=True)
    action = models.CharField(max_length=40)
    """A `Deed`; one that this release does not know was written by a newer one."""
    seen_by = models.CharField(max_length=10)
    """Whose business it is (`SeenBy`)."""
    kind = models.CharField(max_length=20)
    """A `Thing`: what it was done to."""
    object_id = models.BigIntegerField()
    label = models.CharField(max_length=LABEL_LENGTH, blank=True)
    """What that was called."""
    beside = models.CharField(max_length=LABEL_LENGTH, blank=True)
    """What else the sentence names, as it was called."""
    changes = models.JSONField(default=list)
    """What was before and what after: lists of three texts for people (which, before, after)."""

    class Meta:
        constraints: ClassVar = [TextCheck(name="audit_text", one_line=["actor_name", "label", "beside"])]
        indexes: ClassVar = [
            models.Index(fields=["account", "-at", "-id"], name="audit_newest"),
            models.Index(fields=["account", "seen_by", "-at", "-id"], name="audit_seen_by"),
            models.Index(fields=["account", "kind", "-at", "-id"], name="audit_kind"),
            models.Index(fields=["actor", "account", "-at", "-id"], name="audit_actor"),
            models.Index(fields=["at"], name="audit_oldest"),
            models.Index(
                fields=["account", "kind", "object_id"],
                condition=Q(action__in=[deed.value for deed in DELETIONS]),
                name="audit_deleted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.action} {self.label}"

    @property
    def thing(self) -> Thing | None:
        """What kind of thing it is about; None where a newer release wrote it."""
        return Thing(self.kind) if self.kind in Thing.values else None

    @property
    def deed(self) -> Deed | None:
        """What was done; None where a newer release wrote it."""
        return Deed(self.action) if self.action in Deed.values else None


class AuditObject(models.Model):
    """Something that a line of the history concerns, and on whose page it is shown: what it is about, and others."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    entry = models.ForeignKey(AuditEntry, models.CASCADE, related_name="concerns", db_index=False)
    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "kind", "object_id"], name="audit_object_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "kind", "object_id", "-entry"], name="audit_object_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
