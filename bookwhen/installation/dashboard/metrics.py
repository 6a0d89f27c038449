"""`/metrics`, for Prometheus: what all web processes counted, and what database and broker say once a scrape."""

import platform
from collections.abc import Iterator
from datetime import datetime
from hmac import compare_digest
from math import inf
from typing import Final

import django
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bookwhen.installation.dashboard.state import Amount, Queued, Stored, free_disk, read_queued, read_stored
from bookwhen.seeing.metrics import all_processes

SCHEME: Final = "Bearer "


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Everything, as text; to anyone without the token (`METRICS_TOKEN`) there is no such page."""
    said = request.headers.get("authorization", "")
    right = SCHEME + settings.METRICS_TOKEN
    if not settings.METRICS_TOKEN or not compare_digest(said.encode(), right.encode()):
        raise Http404
    now = timezone.now()
    own = CollectorRegistry()
    own.register(InstallationCollector(read_stored(now=now), read_queued(), now=now))
    return HttpResponse(generate_latest(all_processes()) + generate_latest(own), content_type=CONTENT_TYPE_LATEST)


class InstallationCollector(Collector):
    """The numbers of the installation at an instant. What did not answer is left out, and said to be down."""

    def __init__(self, stored: Stored | None, queued: Queued | None, *, now: datetime) -> None:
        self.stored, self.queued, self.now = stored, queued, now

    def collect(self) -> Iterator[Metric]:
        """All of them."""
        up = GaugeMetricFamily("bookwhen_up", "Whether a server answers the web process.", labels=["server"])
        up.add_metric(["database"], self.stored is not None)
        up.add_metric(["broker"], self.queued is not None)
        yield up
        yield _build()
        yield GaugeMetricFamily("bookwhen_disk_free_ratio", "Free part of this machine’s disk.", value=free_disk())
        if self.stored:
            yield from self._waiting(self.stored)
            yield from self._troubles(self.stored)
            yield from self._beats(self.stored)
        if self.queued:
            yield from _queued(self.queued)

    def _waiting(self, stored: Stored) -> Iterator[Metric]:
        count = GaugeMetricFamily("bookwhen_waiting", "Rows that wait for a worker.", labels=["kind"])
        oldest = GaugeMetricFamily(
            "bookwhen_waiting_oldest_seconds", "How long the oldest has waited.", labels=["kind"]
        )
        for kind, amount in stored.waiting.items():
            count.add_metric([kind], amount.count)
            oldest.add_metric([kind], amount.seconds(self.now))
        failed = GaugeMetricFamily(
            "bookwhen_failed", "Given up: emails in the last day, and events until they are processed.", labels=["kind"]
        )
        for kind, amount in stored.failed.items():
            failed.add_metric([kind], amount.count)
        faults = GaugeMetricFamily("bookwhen_letters_faulty", "Emails whose last attempt failed.", labels=["fault"])
        for fault, number in sorted(stored.faults.items()):
            faults.add_metric([fault], number)
        yield from (count, oldest, failed, faults)

    def _troubles(self, stored: Stored) -> Iterator[Metric]:
        outage = Amount(1, stored.outage.since) if stored.outage else Amount()
        backup = Amount(1, stored.backup.finished_at).seconds(self.now) if stored.backup else inf
        for name, words, value in (
            ("mail_outage_seconds", "How long the mail server has refused every email.", outage.seconds(self.now)),
            ("connections_in_trouble", "Connections to Stripe with a problem.", stored.connections),
            ("rows_failing", "Rows that a job failed at, and tries again.", stored.set_aside.count),
            (
                "rows_failing_oldest_seconds",
                "How long the oldest of them has failed.",
                stored.set_aside.seconds(self.now),
            ),
            ("findings", "What the nightly consistency checks found.", stored.findings.count),
            ("backup_age_seconds", "How old the last backup is; infinite without one.", backup),
            (
                "quiet_copy",
                "Whether the database belongs to another site, so that nothing is sent.",
                bool(stored.other_site),
            ),
        ):
            yield GaugeMetricFamily(f"bookwhen_{name}", words, value=value)

    def _beats(self, stored: Stored) -> Iterator[Metric]:
        age = stored.beaten_at
        yield GaugeMetricFamily(
            "bookwhen_heartbeat_age_seconds",
            "How long ago beat and a worker were seen running; infinite if never.",
            value=inf if age is None else Amount(1, age).seconds(self.now),
        )
        ran = GaugeMetricFamily("bookwhen_job_age_seconds", "How long ago a job last ran.", labels=["task"])
        failed = GaugeMetricFamily("bookwhen_job_failed", "Rows that failed in a job’s last run.", labels=["task"])
        broken = GaugeMetricFamily("bookwhen_job_failures", "A job’s runs in a row that broke off.", labels=["task"])
        for beat in stored.beats:
            kind, _mark, job = beat.name.partition(":")
            if kind == "job":
                ran.add_metric([job], Amount(1, beat.beaten_at).seconds(self.now))
                failed.add_metric([job], beat.failed)
                broken.add_metric([job], beat.failures)
        yield from (ran, failed, broken)


def _queued(queued: Queued) -> Iterator[Metric]:
    yield GaugeMetricFamily("bookwhen_queue_waiting", "Tasks in the broker that no worker has.", value=queued.waiting)
    yield GaugeMetricFamily("bookwhen_queue_running", "Tasks that a worker has.", value=queued.running)
    for what, name, words in (
        ("count", "bookwhen_tasks", "Tasks that were run."),
        ("seconds", "bookwhen_task_seconds", "How long they took, together."),
        ("failed", "bookwhen_task_failures", "Tasks that failed."),
    ):
        family = CounterMetricFamily(name, words, labels=["task"])
        for task, counts in sorted(queued.tasks.items()):
            family.add_metric([task], counts.get(what, 0))
        yield family


def _build() -> Metric:
    labels = {
        "version": settings.VERSION,
        "commit": settings.COMMIT,
        "python": platform.python_version(),
        "django": django.get_version(),
    }
    family = GaugeMetricFamily("bookwhen_build", "What runs here.", labels=list(labels))
    family.add_metric(list(labels.values()), 1)
    return family
