"""A real web server, whose wires to PostgreSQL, the cache and the broker can be broken; and visitors who book there."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from django.db import connection
from django.urls import reverse

from bench.client import Answer, Visitor
from bookwhen.circuit import PAUSE
from bookwhen.sandbox.ports import free_port
from tests.faults.wire import Wire
from tests.waiting import eventually
from tickets.models import Entry, Ticket

ROOT = Path(__file__).resolve().parent.parent.parent
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass
class Web:
    """One gunicorn with four threads, and its wires."""

    port: int
    database: Wire
    cache: Wire
    broker: Wire
    process: subprocess.Popen[bytes]
    log: Path

    def mend(self) -> None:
        """Mend what is broken, so that the next test finds nothing that is not asked because it was gone."""
        wires = (self.database, self.cache, self.broker)
        was_paused = self.cache.is_broken or self.broker.is_broken
        for wire in wires:
            wire.mend()
        if was_paused:
            time.sleep(PAUSE)

    def visitor(self) -> "Guest":
        return Guest(self.port)

    def is_ready(self) -> bool:
        return self.visitor().get("/health/ready/").status == 200


class Guest(Visitor):
    """A visitor who leaves no connection open."""

    def get(self, path: str) -> Answer:
        answer = super().get(path)
        self.close()
        return answer

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        answer = super().post(path, fields)
        self.close()
        return answer


@contextmanager
def serving(folder: Path, *arguments: str, **environment: str) -> Generator[Web]:
    """A web server on the test's own database for a while."""
    database, cache, broker = (urlsplit(os.environ[name]) for name in ("DATABASE_URL", "CACHE_URL", "REDIS_URL"))
    wires = [Wire(each.hostname or "", each.port or 0) for each in (database, cache, broker)]
    port, log = free_port(), folder / "web.log"
    urls = [
        parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{wire.port}").geturl()
        for parts, wire in zip((database, cache, broker), wires, strict=True)
    ]
    names = {
        "DATABASE_URL": f"{urls[0].rpartition('/')[0]}/{connection.settings_dict['NAME']}",
        "CACHE_URL": urls[1],
        "REDIS_URL": urls[2],
        "PROCESS": "web",
        "DATABASE_POOL_SIZE": "8",
        "DEMO": "1",
        "TRUSTED_PROXIES": "1",
        "ALLOWED_HOSTS": "127.0.0.1",
    }
    command = [sys.executable, "-m", "gunicorn", "bookwhen.wsgi", "--bind", f"127.0.0.1:{port}", *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **names, **environment}, stdout=output, stderr=output
        )
    web = Web(port, wires[0], wires[1], wires[2], process, log)
    try:
        eventually(lambda: process.poll() is not None or web.is_ready(), seconds=60)
        assert process.poll() is None, log.read_text()
        yield web
    finally:
        process.terminate()
        process.wait(30)
        for wire in wires:
            wire.close()


class Booking:
    """A guest at the review step of an entry, who confirms, over and over if need be."""

    def __init__(self, visitor: Guest, entry: Entry, ticket: Ticket) -> None:
        self.visitor = visitor
        self.entry = reverse("public:entry", args=[entry.page.slug, entry.uuid])
        self.review = f"{reverse('public:review', args=[entry.page.slug, entry.uuid])}?t{ticket.pk}=1"
        form = visitor.get(self.review)
        assert form.status == 200, form.text
        self.email = f"guest-{uuid4()}@example.org"
        self.fields = {
            **dict(HIDDEN.findall(form.text)),
            "booker-name": "Grace Guest",
            "booker-email": self.email,
            f"t{ticket.pk}-1-who": "self",
        }

    def confirm(self) -> Answer:
        return self.visitor.post(self.review, self.fields)

    def again(self, page: Answer) -> Answer:
        """Press *Try again* on the page that an outage was answered with."""
        return self.visitor.post(self.review, dict(HIDDEN.findall(page.text)))
