"""Lists that an account takes in: what came in, what would become of it, and what became of it."""

from typing import ClassVar, Final, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from accounts.models.operations import Operation


class ListImport(models.Model):
    """One list, from its reading to its undoing. What is being done with it says its operation."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="list_imports", db_index=False)
    operation = models.OneToOneField(Operation, models.CASCADE, related_name="list_import")
    source = models.CharField(max_length=40)
    """Which of the registered sources it comes from (`accounts.imports.sources`)."""
    found = models.JSONField(default=dict)
    """What the source said of the list as a whole."""
    mapping = models.JSONField(default=dict)
    """What the operator said should become of what."""
    made = models.JSONField(default=dict)
    """What was made for the list as a whole, to be undone with it."""
    counts = models.JSONField(default=dict)
    """How many rows were what, once they have been forgotten."""
    forgotten_at = models.DateTimeField(null=True)
    """When its rows were forgotten: from then on it cannot be undone."""
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account", "-created_at", "-id"], name="list_import_newest")]

    def __str__(self) -> str:
        return f"{self.source} {self.pk}"


class ListFile(models.Model):
    """The file that a list came in as; it is forgotten once its rows are kept.

    One that can be read in more than one way (several sheets, or letters that may be meant otherwise) is kept until
    its rows are taken in.

    It is in the database, so that each of several hosts can read it.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    list_import = models.OneToOneField(ListImport, models.CASCADE, related_name="file")
    name = models.CharField(max_length=100, blank=True)
    """What it was called where it came from."""
    data = models.BinaryField()
    size = models.PositiveIntegerField()
    """How many bytes are still to be read."""

    def __str__(self) -> str:
        return self.name


class Verdict(models.TextChoices):
    """What would become of a row."""

    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Here already")
    DOUBTFUL = "doubtful", _("To check")
    REFUSED = "refused", _("Can’t be imported")


class RowState(models.TextChoices):
    """What became of a row."""

    READ = "read", _("Not imported")
    APPLIED = "applied", _("Imported")
    FAILED = "failed", _("Failed")
    UNDONE = "undone", _("Undone")
    KEPT = "kept", _("Kept")


STANDS: Final = (RowState.APPLIED, RowState.KEPT)
"""What it wrote is still there."""


WANTED: Final = (Q(verdict__in=[Verdict.NEW, Verdict.CHANGED]) & (Q(chosen__isnull=True) | Q(chosen=True))) | Q(
    verdict=Verdict.DOUBTFUL, chosen=True
)
"""A row is taken in: what is plain, unless the operator left it out, and what they chose of the rest.

Of one that had to be checked and was not, nothing becomes.
"""


class ListImportRowQuerySet(models.QuerySet["ListImportRow"]):
    """Readings of rows."""

    def wanted(self) -> Self:
        """The rows that are taken in."""
        return self.filter(WANTED)

    def standing(self) -> Self:
        """The rows whose work is still there."""
        return self.filter(state__in=STANDS)


class ListImportRow(models.Model):
    """One row of a list. It holds what is personal, and so goes after a while (`accounts.imports.retention`)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    list_import = models.ForeignKey(ListImport, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    """Its place in the list, from 1."""
    key = models.CharField(max_length=255)
    """What makes it the same row when the list is read again."""
    raw = models.JSONField()
    """What came in."""
    what = models.CharField(max_length=255, blank=True)
    """What it is of, as the list names it: at Stripe a price."""
    person = models.CharField(max_length=254, blank=True)
    """Whose it is: a folded email address, or nothing."""
    target = models.CharField(max_length=300, blank=True)
    """What it would go to."""
    monthly = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    """What it brings in a month, in minor units of `currency`."""
    currency = models.CharField(max_length=3, blank=True)
    next_at = models.DateTimeField(null=True)
    """When it is next paid for."""
    decided = models.JSONField(default=dict)
    """What the operator said about this row alone."""
    chosen = models.BooleanField(null=True)
    """Whether the operator wants it taken in; none: they said nothing."""
    verdict = models.CharField(max_length=20, choices=Verdict, blank=True)
    """What would become of it; nothing before it was judged."""
    why = models.CharField(max_length=40, blank=True)
    """Why, in the source's own words."""
    state = models.CharField(max_length=20, choices=RowState, default=RowState.READ)
    before = models.JSONField(default=dict)
    """What stood there before."""
    after = models.JSONField(default=dict)
    """What it became."""
    error = models.TextField(blank=True)
    """Why it failed, or was kept, for people."""

    objects = ListImportRowQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list_import", "number"], name="import_row_number_once"),
            models.UniqueConstraint(fields=["list_import", "key"], name="import_row_key_once"),
            models.CheckConstraint(
                condition=Q(verdict="") | Q(verdict__in=Verdict.values), name="import_row_verdict_known"
            ),
            models.CheckConstraint(condition=Q(state__in=RowState.values), name="import_row_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["list_import", "person"], condition=~Q(person=""), name="import_row_person"),
            models.Index(fields=["list_import", "state", "verdict", "number"], name="import_row_listed"),
            models.Index(fields=["list_import", "why", "number"], name="import_row_why"),
        ]

    def __str__(self) -> str:
        return f"{self.list_import} {self.number}"
