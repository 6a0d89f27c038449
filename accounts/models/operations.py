"""Long jobs of an account: what is worked off in the background, in batches, with its progress shown."""

import uuid
from typing import ClassVar, Final, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from accounts.models.users import User


class OperationState(models.TextChoices):
    """How far a long job is."""

    QUEUED = "queued", _("Waiting to start")
    RUNNING = "running", _("In progress")
    WAITING = "waiting", _("Waiting for you")
    DONE = "done", _("Done")
    FAILED = "failed", _("Stopped by an error")
    CANCELLED = "cancelled", _("Cancelled")


WORKED_OFF: Final = (OperationState.QUEUED, OperationState.RUNNING)
"""A worker is at it, or will be."""
OPEN: Final = (*WORKED_OFF, OperationState.WAITING)
"""It is not over yet."""
NO_LANE: Final = ""


class OperationQuerySet(models.QuerySet["Operation"]):
    """Readings of operations."""

    def open(self) -> Self:
        """Those that are not over yet."""
        return self.filter(state__in=OPEN)


class Operation(models.Model):
    """A long job of an account: it is worked off a batch at a time, and goes on where it was after a crash.

    Written only by `accounts.operations`. Each of its phases counts from 0 again.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="operations", db_index=False)
    kind = models.CharField(max_length=40)
    """Which of the registered kinds it is (`accounts.operations.kinds`)."""
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    """The idempotency key of the form that began it: the same form sent twice finds this one."""
    lane = models.CharField(max_length=40, blank=True)
    """An account has at most one that is open in each lane; in none: any number."""
    who = models.CharField(max_length=254, blank=True)
    """Who began it, as people know them."""
    began_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    """The same as a login; what the job does is told as theirs in the history."""
    state = models.CharField(max_length=20, choices=OperationState, default=OperationState.QUEUED)
    phase = models.CharField(max_length=40)
    """What is being done, or was done last, in the kind's own words."""
    cursor = models.JSONField(default=dict)
    """Where in the phase it goes on."""
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    """How much there is in this phase; none where that is not known beforehand."""
    claims = models.PositiveIntegerField(default=0)
    """Counts the workers that took it: one that was overtaken writes nothing more."""
    due_at = models.DateTimeField()
    """When a worker may next take it; while one has it, when it is taken from that one."""
    attempts = models.PositiveSmallIntegerField(default=0)
    """How many tries of the same batch failed, one after another."""
    error = models.TextField(blank=True)
    """Why the last try failed, for people; nothing once it went on."""
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    """When it last went on, or somebody decided something about it."""
    ended_at = models.DateTimeField(null=True)

    objects = OperationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="operation_key_once"),
            models.UniqueConstraint(
                fields=["account", "lane"],
                condition=~Q(lane=NO_LANE) & Q(state__in=OPEN),
                name="operation_lane_once",
            ),
            models.CheckConstraint(condition=Q(state__in=OperationState.values), name="operation_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, ended_at__isnull=True) | (~Q(state__in=OPEN) & Q(ended_at__isnull=False)),
                name="operation_ends_with_its_state",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state__in=WORKED_OFF), name="operation_waiting"),
            models.Index(fields=["account", "-created_at", "-id"], name="operation_newest"),
            models.Index(fields=["began_by"], condition=Q(began_by__isnull=False), name="operation_began_by"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.phase}"

    @property
    def is_worked_off(self) -> bool:
        """Whether a worker is at it, or will be."""
        return self.state in WORKED_OFF

    @property
    def is_open(self) -> bool:
        """Whether it is not over yet."""
        return self.state in OPEN

    @property
    def percent(self) -> int | None:
        """How much of the phase is done; none where nobody knows how much there is."""
        return min(100, self.done * 100 // self.total) if self.total else None
