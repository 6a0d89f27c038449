"""What the nightly check found wrong in the books."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer
from groups.models import Group
from tickets.models.schedule import Entry


class Wrong(models.TextChoices):
    """What can be wrong; behind each, what `Finding.row` is the id of."""

    ENTRY = "entry", _("Places taken at an entry do not match its bookings")  # entry
    TICKET = "ticket", _("Places taken by one ticket do not match its bookings")  # ticket
    PARTY = "party", _("The people a customer brings by their offers do not match their bookings")  # customer
    CANCELLED = "cancelled", _("Places are still booked at a cancelled entry")  # entry
    PERIOD = "period", _("Counted uses do not match the places they were used for")  # usage period
    SEAT = "seat", _("A booked place has no use of the offer that it was booked with")  # seat
    USE = "use", _("A use is charged for a place that is not booked")  # use
    DAY = "day", _("A use is charged for another day than the entry’s")  # use
    FILED = "filed", _("A use is counted in a usage period that its day is not in")  # use
    OUTSIDE = "outside", _("A running membership does not let its customer into the group")  # subscription
    INSIDE = "inside", _("A membership lets a customer into a group that it should not")  # subscription
    RELEASE = "release", _("Places that only an ended membership kept were not released")  # release


class Finding(models.Model):
    """One row that is wrong; unsaved until the nightly task keeps it, which replaces what the last night found."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    wrong = models.CharField(max_length=20, choices=Wrong)
    row = models.BigIntegerField()
    name = models.CharField(max_length=200, blank=True)
    """What it is called: the ticket, the attendee, the days of the usage period, or the membership."""
    entry = models.ForeignKey(Entry, models.CASCADE, null=True, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, null=True, related_name="+")
    counted = models.CharField(max_length=60)
    """What the row says, for people: a number or a date."""
    should_be = models.CharField(max_length=60)
    found_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account", "id"], name="finding_of_account")]

    def __str__(self) -> str:
        return f"{self.wrong} {self.row}: {self.counted}, should be {self.should_be}"

    @property
    def subscription(self) -> int | None:
        """The id of the subscription that it is about."""
        return self.row if self.wrong in {Wrong.OUTSIDE, Wrong.INSIDE} else None
