"""What is wrong with the installation, in words, each with what to do: a command, or a section of the guide."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookwhen.installation.backups import is_overdue
from bookwhen.installation.dashboard.job_names import job_name, task_of
from bookwhen.installation.dashboard.state import Queued, Stored

HEARTBEAT_AGE: Final = timedelta(minutes=5)
PATIENCE: Final = {
    "letters": timedelta(minutes=30),
    "events": timedelta(minutes=30),
    "baskets": timedelta(minutes=30),
    "refunds": timedelta(hours=1),
    "releases": timedelta(hours=1),
    "rows": timedelta(minutes=15),
}
"""How long something may wait, or fail, before the keeper is told."""
LOW_DISK: Final = 0.1


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong, and what to do."""

    tone: str
    title: str
    words: str


def guide(section: str) -> str:
    """Where the operating guide says what to do."""
    return _("See “%(section)s” in the operating guide.") % {"section": section}


def troubles(
    stored: Stored | None, queued: Queued | None, *, pending: list[str], disk: float, now: datetime
) -> list[Trouble]:
    """All that is wrong, the worst first."""
    found = list(_servers(queued, pending, disk))
    if stored:
        for look in (_copy, _heartbeat, _jobs, _backup, _outage, _waiting, _given_up, _money):
            found += look(stored, now)
    return sorted(found, key=lambda each: each.tone != "danger")


def _servers(queued: Queued | None, pending: list[str], disk: float) -> Iterator[Trouble]:
    if queued is None:
        yield Trouble("danger", _("Valkey or Redis doesn’t answer."), guide("When a part is away"))
    if pending:
        words = _("Run “python manage.py migrate”. The database doesn’t have %(names)s.")
        yield Trouble("danger", _("Migrations are missing."), words % {"names": ", ".join(pending)})
    if disk < LOW_DISK:
        title = _("Only %(percent)d%% of this machine’s disk is free.") % {"percent": int(disk * 100)}
        yield Trouble("danger", title, guide("When the disk is filling up"))


def is_silent(stored: Stored, now: datetime) -> bool:
    """Whether beat, the broker or every worker has stopped."""
    return stored.beaten_at is None or now - stored.beaten_at > HEARTBEAT_AGE


def _copy(stored: Stored, _now: datetime) -> Iterator[Trouble]:
    if stored.other_site:
        title = _("This is a copy of %(site)s, so it sends nothing.") % {"site": stored.other_site}
        words = _("If this is the real site now, run “python manage.py adopt_site”.")
        yield Trouble("danger", title, words)


def _heartbeat(stored: Stored, now: datetime) -> Iterator[Trouble]:
    beaten_at = stored.beaten_at
    if beaten_at is None:
        yield Trouble("danger", _("Beat and the workers have never been seen running."), guide("When nothing runs"))
    elif is_silent(stored, now):
        title = _("Beat or the workers haven’t run since %(when)s UTC.") % {"when": date_format(beaten_at, "j F, H:i")}
        yield Trouble("danger", title, guide("When nothing runs"))


def _jobs(stored: Stored, now: datetime) -> Iterator[Trouble]:
    """Jobs whose last run failed, and rows that keep failing: between two attempts at them no run fails."""
    broken = [f"“{job_name(task_of(beat.name))}”" for beat in stored.beats if beat.is_troubled]
    if broken:
        title = ngettext("This job has problems: %(names)s.", "These jobs have problems: %(names)s.", len(broken))
        yield Trouble("warning", title % {"names": ", ".join(broken)}, guide("When a job fails"))
    rows = stored.set_aside
    if rows.since and now - rows.since > PATIENCE["rows"]:
        title = ngettext(
            "%(count)d row has been failing for %(age)s.",
            "%(count)d rows have been failing, the first for %(age)s.",
            rows.count,
        )
        words = {"count": rows.count, "age": timesince(rows.since, now)}
        yield Trouble("warning", title % words, guide("When a job fails"))


def _backup(stored: Stored, now: datetime) -> Iterator[Trouble]:
    if stored.backup is None:
        yield Trouble("danger", _("There’s no backup that we know of."), guide("Backing up"))
    elif is_overdue(stored.backup, now=now):
        title = _("The last backup is %(age)s old.") % {"age": timesince(stored.backup.finished_at, now)}
        yield Trouble("danger", title, guide("Backing up"))


def _outage(stored: Stored, now: datetime) -> Iterator[Trouble]:
    if stored.outage:
        title = _("The mail server hasn’t accepted any emails for %(age)s.") % {
            "age": timesince(stored.outage.since, now)
        }
        yield Trouble("danger", title, guide("When emails don’t go out"))


def _waiting(stored: Stored, now: datetime) -> Iterator[Trouble]:
    told = {
        "letters": (_("Emails have waited for %(age)s."), "When emails don’t go out"),
        "events": (_("Updates from Stripe have waited for %(age)s."), "When updates from Stripe fail"),
        "baskets": (_("Expired baskets haven’t been released for %(age)s."), "When nothing runs"),
        "refunds": (_("Refunds have waited for %(age)s."), "When updates from Stripe fail"),
        "releases": (_("Spaces haven’t been released for %(age)s."), "When nothing runs"),
    }
    for kind, (title, section) in told.items():
        since = stored.waiting[kind].since
        if since and now - since > PATIENCE[kind]:
            yield Trouble("warning", title % {"age": timesince(since, now)}, guide(section))


def _given_up(stored: Stored, _now: datetime) -> Iterator[Trouble]:
    dead = stored.failed["events"].count
    if dead:
        title = ngettext("%(count)d update from Stripe failed.", "%(count)d updates from Stripe failed.", dead)
        yield Trouble("warning", title % {"count": dead}, guide("When updates from Stripe fail"))


def _money(stored: Stored, _now: datetime) -> Iterator[Trouble]:
    if stored.connections:
        title = ngettext(
            "%(count)d studio’s connection to Stripe has a problem.",
            "%(count)d studios’ connections to Stripe have a problem.",
            stored.connections,
        )
        yield Trouble("warning", title % {"count": stored.connections}, guide("When payments have problems"))
    if stored.findings.count:
        title = ngettext(
            "Consistency checks found %(count)d row that doesn’t match.",
            "Consistency checks found %(count)d rows that don’t match.",
            stored.findings.count,
        )
        yield Trouble("danger", title % {"count": stored.findings.count}, guide("When records don’t match"))
