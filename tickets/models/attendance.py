"""Who came: what the team says of the person of a seat. docs/decisions/0059."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from tickets.models.bookings import Seat


class Presence(models.TextChoices):
    """What is said of whether somebody came."""

    UNSAID = "", _("Not marked")
    PRESENT = "present", _("Present")
    ABSENT = "absent", _("Absent")


class Attendance(models.Model):
    """What was last said of a seat's person, by whom and when; no row: nothing was ever said.

    It stands beside the seat, so that no booking writes or reads it. The database lets nobody be marked at a seat that
    was cancelled, and takes the mark away with the seat (migration 0025).
    """

    seat = models.OneToOneField(Seat, models.CASCADE, primary_key=True, related_name="attendance")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    presence = models.CharField(max_length=10, choices=Presence, blank=True)
    marked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    marked_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)
    """How often it was marked: a page says which mark it showed, so that none overwrites what it has not seen."""
    returned_use = models.BooleanField(default=False)
    """Whether the use that was charged for the seat has been returned since its person was absent."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(presence__in=Presence.values), name="attendance_known"),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.presence}"
