"""Files that are too long to be made in a request: a long job writes one part by part, to be fetched for a while."""

from typing import ClassVar

from django.db import models

from accounts.models.accounts import Account
from accounts.models.operations import Operation


class ExportFile(models.Model):
    """One file. How far it is says its operation; written only by `accounts.exports`."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    operation = models.OneToOneField(Operation, models.CASCADE, related_name="export_file")
    name = models.CharField(max_length=100)
    """What it is called where it is saved."""
    asked = models.JSONField(default=dict)
    """What the operator asked to be in it, and how it is written, in the kind's own words."""
    created_at = models.DateTimeField()
    forgotten_at = models.DateTimeField(null=True)
    """When its parts were deleted."""

    def __str__(self) -> str:
        return self.name


class ExportPart(models.Model):
    """Some bytes of a file. They are in the database, so that each of several hosts can send it."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    export_file = models.ForeignKey(ExportFile, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()
    size = models.PositiveIntegerField()
    """How many bytes it has."""
    records = models.BinaryField(null=True)
    """Of an archive: what its directory says of the files that end in this part."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["export_file", "number"], name="export_part_once"),
        ]

    def __str__(self) -> str:
        return f"Part {self.number} of {self.export_file_id}"
