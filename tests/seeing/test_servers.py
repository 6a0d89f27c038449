"""gunicorn as it serves, with two processes: what both counted is one, and every line is JSON."""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import brotli  # type: ignore[import-untyped]
import pytest
from django.db import connection

from bookwhen.sandbox.ports import free_port
from tests.conftest import ROOT
from tests.waiting import eventually

TOKEN = "a-token-for-prometheus"


def get(url: str, **headers: str) -> tuple[int, str]:
    try:
        with urlopen(Request(url, headers=headers), timeout=20) as response:  # noqa: S310 - our own address
            return response.status, response.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def database() -> dict[str, str]:
    """The setting that names this test's database."""
    url = os.environ["DATABASE_URL"].rpartition("/")[0]
    return {"DATABASE_URL": f"{url}/{connection.settings_dict['NAME']}"}


def is_up(url: str) -> bool:
    try:
        return get(f"{url}/health/live/")[0] == 200
    except (URLError, OSError):
        return False


@pytest.fixture
def serve(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., tuple[str, Path]]]:
    """Start gunicorn with two processes and some settings; returns its address and its log."""
    started: list[subprocess.Popen[bytes]] = []

    def start(**environment: str) -> tuple[str, Path]:
        port, log = free_port(), tmp_path / "web.log"
        own = {
            **database(),
            "PROCESS": "web",
            "LOG_FORMAT": "json",
            "ALLOWED_HOSTS": "127.0.0.1",
            "DEMO": "1",
            "METRICS_TOKEN": TOKEN,
        }
        command = ["gunicorn", "bookwhen.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
        everything = {**os.environ, **own, **environment}
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=everything,
                stdout=output,
                stderr=output,
                process_group=0,
            )
        started.append(process)
        eventually(lambda: is_up(f"http://127.0.0.1:{port}"), seconds=60)
        return f"http://127.0.0.1:{port}", log

    yield start
    for process in started:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_what_two_processes_counted_is_one_sum(serve: Callable[..., tuple[str, Path]], tmp_path: Path) -> None:
    counts = tmp_path / "counts"
    counts.mkdir()
    (counts / "counter_1.db").write_bytes(b"of an earlier start")
    url, log = serve(PROMETHEUS_MULTIPROC_DIR=str(counts))

    for _ in range(12):
        assert get(f"{url}/accounts/login/")[0] == 200
    status, text = get(f"{url}/metrics", Authorization=f"Bearer {TOKEN}")

    assert status == 200
    assert 'bookwhen_responses_total{status="2xx",view="account_login"} 12.0' in text
    assert 'bookwhen_request_seconds_count{view="account_login"} 12.0' in text
    assert "bookwhen_database_pool_max " in text
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {line["process"] for line in lines} == {"web"}
    assert [line["view"] for line in lines if line["logger"] == "bookwhen.access"] == ["account_login"] * 12
    assert "Listening at: " in " ".join(line["message"] for line in lines if line["logger"] == "gunicorn.error")


UNPACK: Final[dict[str, Callable[[bytes], bytes]]] = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


class _Sentry(BaseHTTPRequestHandler):
    """What Sentry would receive."""

    received: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append(UNPACK[self.headers.get("Content-Encoding", "")](body).decode())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


RAISING = """
import sys, types, django
from django.conf import settings
django.setup()
import sentry_sdk
from django.http import HttpResponse
from django.test import Client
from django.urls import path
def broken(request, token):
    griselda = request.POST["name"]
    raise RuntimeError("nobody called griselda@example.org with sk_live_123")
from bookwhen import urls
own = types.ModuleType("own")
own.urlpatterns, own.handler500 = [path("secret/<str:token>/", broken)], urls.handler500
settings.ROOT_URLCONF = own
headers = {"cookie": "sessionid=quackenbush", "x-forwarded-for": "203.0.113.9"}
client = Client(raise_request_exception=False, headers=headers)
answer = client.post("/secret/a-secret-token/?email=griselda@example.org", {"name": "Quackenbush"})
sentry_sdk.flush(10)
print(answer.headers["X-Request-ID"])
"""


def test_an_error_reaches_sentry_without_anything_of_the_person(transactional_db: None) -> None:
    received: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Receiver", (_Sentry,), {"received": received}))
    Thread(target=server.serve_forever, daemon=True).start()
    dsn = f"http://key@127.0.0.1:{server.server_port}/1"

    own = {
        "DEMO": "1",
        "ALLOWED_HOSTS": "testserver",
        "SENTRY_DSN": dsn,
        "SENTRY_ENVIRONMENT": "staging",
        "COMMIT": "0123456789abcdef",
    }
    command = [sys.executable, "-c", RAISING]
    everything = {**os.environ, **database(), **own}
    done = subprocess.run(command, cwd=ROOT, env=everything, check=True, capture_output=True, text=True)
    server.shutdown()
    server.server_close()

    [event] = [json.loads(each.splitlines()[2]) for each in received if '"type":"event"' in each]
    assert event["exception"]["values"][-1]["value"] == "nobody called <email> with <key>"
    assert (event["release"].rpartition("+")[2], event["environment"]) == ("0123456789ab", "staging")
    assert event["tags"]["request_id"] == done.stdout.strip()
    assert len(event["event_id"]) == len(event["contexts"]["trace"]["trace_id"]) == 32
    assert "request" not in event
    assert event["transaction"] == "/secret/{token}/"
    told = "".join(received).casefold()
    assert [
        each for each in ("griselda@", "quackenbush", "a-secret-token", "203.0.113.9", "sk_live") if each in told
    ] == []


def test_without_an_address_for_it_sentry_is_not_even_imported() -> None:
    command = "import django, sys; django.setup(); print('sentry_sdk' in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if name != "SENTRY_DSN"}

    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, env=environment, check=True, capture_output=True)

    assert done.stdout.strip() == b"False"
