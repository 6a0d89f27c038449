"""How the installation is: what waits, what failed, what beats. Read for the keeper's page and for `/metrics`.

It reads every account's rows at once, which nothing else does; so each statement has an index that holds only what is
waiting, stops counting at `MOST`, and may take three seconds.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import redis
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Min, Q, QuerySet

from accounts.models import DeliveryFault, Letter, MailOutage
from bookwhen import queues
from bookwhen.installation.backups import last_backup
from bookwhen.installation.copies import find_copy
from bookwhen.installation.models import Backup, Heartbeat, SetAside
from bookwhen.payments.models import Connection, EventState, StripeEvent
from bookwhen.seeing.worker import task_counts
from tickets.models import Booking, Finding, Refund, RefundState, Release

MOST: Final = 10_000
"""Counting ends here: more is as bad."""
MOST_BEATS: Final = 100
MOST_ASIDE: Final = 20
DAY: Final = timedelta(days=1)
BEAT: Final = "beat"
UNACKNOWLEDGED: Final = "unacked"
SECONDS_TO_ANSWER: Final = 1


@dataclass(frozen=True, slots=True)
class Amount:
    """So many rows (`MOST` or more are `MOST`), and since when the oldest of them waits."""

    count: int = 0
    since: datetime | None = None

    def seconds(self, now: datetime) -> float:
        """How long the oldest has waited; 0 where there is none."""
        return max(0.0, (now - self.since).total_seconds()) if self.since else 0.0


@dataclass(frozen=True, slots=True)
class Beat:
    """When something was last seen running, and how that went."""

    name: str
    """`beat`, or `job:` and the job's task."""
    beaten_at: datetime
    succeeded_at: datetime | None
    failed: int
    """How many rows failed in its last run."""
    failures: int
    """How many runs in a row ended with an error."""
    error: str

    @property
    def is_troubled(self) -> bool:
        """Whether its last run left something undone because of an error."""
        return bool(self.failed or self.failures)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database says of the installation."""

    waiting: Mapping[str, Amount]
    """Letters, Stripe's events, overdue baskets, refunds and releases that wait for a worker."""
    faults: Mapping[str, int]
    """Letters whose last attempt failed, by `DeliveryFault`."""
    failed: Mapping[str, Amount]
    """Letters given up in the last day, and events that were given up."""
    connections: int
    """Connections to Stripe that are in trouble."""
    findings: Amount
    outage: MailOutage | None
    beats: Sequence[Beat]
    aside: Sequence[SetAside]
    """The newest rows that a job failed at, and tries again."""
    set_aside: Amount
    """How many of those there are, and since when the oldest fails."""
    backup: Backup | None
    other_site: str
    """The site that the database belongs to if that is another than this: then nothing is sent anywhere."""

    @property
    def beaten_at(self) -> datetime | None:
        """When beat, the broker and a worker were last seen running together."""
        return next((each.beaten_at for each in self.beats if each.name == BEAT), None)


@dataclass(frozen=True, slots=True)
class Queued:
    """What the broker says: tasks that wait, those that a worker has, and what has been counted of tasks."""

    waiting: int = 0
    running: int = 0
    tasks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def read_stored(*, now: datetime) -> Stored | None:
    """What the database says; None where it does not answer. A flat number of statements."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '3s'")
            return _read(now)
    except DatabaseError:
        return None


def read_queued() -> Queued | None:
    """What the broker says; None where it does not answer within a second."""
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=SECONDS_TO_ANSWER, socket_timeout=SECONDS_TO_ANSWER
        ) as client:
            waiting = sum(int(str(client.llen(queue))) for queue in queues.ALL)
            running = int(str(client.hlen(UNACKNOWLEDGED)))
        return Queued(waiting, running, task_counts())
    except redis.RedisError:
        return None


def free_disk() -> float:
    """How much of this machine's disk is free, between 0 and 1."""
    disk = shutil.disk_usage(settings.BASE_DIR)
    return disk.free / disk.total


def _read(now: datetime) -> Stored:
    letters = Letter.objects.waiting().order_by("due_at")
    held = Q(metered_on__isnull=True, held_until__gt=now)
    events = StripeEvent.objects
    return Stored(
        waiting={
            # A full mailbox is nobody's trouble here.
            "letters": _amount(letters.exclude(held).exclude(fault=DeliveryFault.MAILBOX), "created_at"),
            "events": _amount(events.filter(state=EventState.RECEIVED).order_by("due_at"), "received_at"),
            "baskets": _amount(Booking.objects.filter(held_until__lte=now).order_by("held_until"), "held_until"),
            "refunds": _amount(Refund.objects.filter(state=RefundState.QUEUED).order_by("due_at"), "created_at"),
            "releases": _amount(Release.objects.filter(done_at__isnull=True).order_by("id"), "created_at"),
        },
        faults=_by_fault(letters),
        failed={
            "letters": _amount(Letter.objects.filter(failed_at__gt=now - DAY).order_by("failed_at"), "failed_at"),
            "events": _amount(events.filter(state=EventState.DEAD).order_by("connection"), "received_at"),
        },
        connections=_amount(connections_in_trouble(), "connected_at").count,
        findings=_amount(Finding.objects.order_by(), "found_at"),
        outage=MailOutage.objects.first(),
        beats=[_beat(each) for each in Heartbeat.objects.order_by("name")[:MOST_BEATS]],
        aside=list(SetAside.objects.order_by("-since")[:MOST_ASIDE]),
        set_aside=_amount(SetAside.objects.order_by(), "since"),
        backup=last_backup(),
        other_site=copy.site if (copy := find_copy()) else "",
    )


def connections_in_trouble() -> QuerySet[Connection]:
    """Live connections with which something was wrong when Stripe was last asked."""
    return Connection.objects.filter(disconnected_at__isnull=True).exclude(trouble="").order_by("id")


def _amount(rows: QuerySet[Any], since: str) -> Amount:
    found = rows[:MOST].aggregate(count=Count("pk"), oldest=Min(since))
    return Amount(found["count"], found["oldest"])


def _beat(row: Heartbeat) -> Beat:
    return Beat(row.name, row.beaten_at, row.succeeded_at, row.failed, row.failures, row.error)


def _by_fault(letters: QuerySet[Letter]) -> dict[str, int]:
    counts = {fault: Count("pk", filter=Q(fault=fault)) for fault in DeliveryFault.values}
    return dict(letters[:MOST].aggregate(**counts))
