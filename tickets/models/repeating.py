"""How the entries of a series differ from its rule: dates left out and added, and what is one date’s alone."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from bookwhen.db import WallTimeField
from tickets.models.schedule import Entry, Series


class SeriesDate(models.Model):
    """A date that a series leaves out of its rule, or has besides it (EXDATE and RDATE of RFC 5545)."""

    account_id = models.BigIntegerField()
    series = models.ForeignKey(Series, models.CASCADE, related_name="dates", db_index=False)
    starts = WallTimeField()
    """When it starts on the clocks of the account's zone."""
    left_out = models.BooleanField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["series", "starts"], name="series_date_once")]

    def __str__(self) -> str:
        return f"{'not ' if self.left_out else ''}{self.starts}"


class EntryOverride(models.Model):
    """What of an entry was changed for its date alone: a change of its series leaves that as it is."""

    entry = models.OneToOneField(Entry, models.CASCADE, primary_key=True, related_name="override")
    account_id = models.BigIntegerField()
    fields = ArrayField(models.CharField(max_length=20))
    """Which of `tickets.schedule.overrides.FIELDS` were."""
    occurrence = WallTimeField(null=True)
    """When its series would have it start, where it was moved alone (RECURRENCE-ID of RFC 5545)."""

    def __str__(self) -> str:
        return f"{self.entry_id}: {', '.join(self.fields)}"
