"""What the installation keeps about itself."""

from typing import ClassVar, Final
from uuid import uuid4

from django.db import models

ONLY: Final = 1
"""The number of the only row of `Installation`."""


class Installation(models.Model):
    """The site that this database belongs to: one row, made by the first migration; read it by `this_installation`.

    Until a site has claimed it, `site_url` is empty.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    uuid = models.UUIDField(default=uuid4, editable=False)
    """Who we are at Stripe: a copy of the database under another site has the same one until it adopts the copy."""
    site_url = models.CharField(max_length=255, blank=True, default="", db_default="")
    """`SITE_URL` of the site that it belongs to, without a trailing slash."""
    adopted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=ONLY), name="installation_only_one")]

    def __str__(self) -> str:
        return self.site_url or "An installation of no site yet"


def this_installation() -> Installation:
    """The only row of `Installation`, made where it is missing."""
    return Installation.objects.get_or_create(pk=ONLY)[0]


class Heartbeat(models.Model):
    """When something that must go on running was last seen running: beat, or one of the jobs (`bookwhen.jobs`).

    `beat` is noted by a worker that beat called: so it needs beat, the broker, a worker and the database. A job, named
    `job:` and its task, is noted as each of its runs ends, with how that went.
    """

    MOST_FAILURES: ClassVar = 30_000

    name = models.CharField(max_length=100, primary_key=True)
    beaten_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    """When it was last called for; the run may still wait for a worker."""
    succeeded_at = models.DateTimeField(null=True, blank=True)
    """When a run last ended that left nothing and in which nothing failed."""
    done = models.PositiveIntegerField(default=0, db_default=0)
    """How many rows its last run did."""
    failed = models.PositiveIntegerField(default=0, db_default=0)
    """How many rows failed in its last run, and were set aside."""
    left = models.BooleanField(default=False, db_default=False)
    """Whether its last run had no time for some; it goes on within a minute."""
    failures = models.PositiveSmallIntegerField(default=0, db_default=0)
    """How many runs in a row ended with an error that was no row's."""
    error = models.CharField(max_length=1000, blank=True, default="", db_default="")
    """With which error the last one did."""

    def __str__(self) -> str:
        return f"{self.name}, {self.beaten_at:%Y-%m-%d %H:%M:%S %Z}"


class SetAside(models.Model):
    """What a job could not do for one row: it is tried again when a pause is over, and keeps no other row waiting."""

    MOST_FAILURES: ClassVar = 30_000
    """Where counting stops: attempts never end."""

    job = models.CharField(max_length=100)
    """The job's task."""
    item = models.CharField(max_length=255)
    """The row's number, or what Stripe calls it."""
    failures = models.PositiveSmallIntegerField(default=1)
    since = models.DateTimeField()
    retry_at = models.DateTimeField()
    error = models.CharField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "item"], name="set_aside_once")]

    def __str__(self) -> str:
        return f"{self.job} of {self.item}: {self.error}"


class Backup(models.Model):
    """One backup that was made of this database, as far as we were told; the newest is shown to the keeper."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    place = models.CharField(max_length=1000)
    """Where it was put, without any secret."""
    size = models.PositiveBigIntegerField(default=0, db_default=0)
    """In bytes."""

    class Meta:
        indexes = [models.Index(fields=["-finished_at"], name="backup_newest")]

    def __str__(self) -> str:
        return f"{self.kind}, {self.finished_at:%Y-%m-%d %H:%M %Z}"
