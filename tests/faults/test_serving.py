"""A web process that is told to stop finishes what it began; and one that is reached by a socket of the file system."""

import socket
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.db import connection, transaction

from bench.client import Visitor
from tests.factories.accounts import UserFactory
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.faults.web import Booking, serving
from tests.waiting import eventually
from tickets.models import Booking as Booked
from tickets.models import EntryPlaces

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_was_begun_is_finished(tmp_path: Path) -> None:
    entry = EntryFactory.create()
    ticket = TicketFactory.create(entry=entry)
    with serving(tmp_path) as web, ThreadPoolExecutor(3) as visitors:
        forms = [Booking(web.visitor(), entry, ticket) for _number in range(3)]
        idle = Visitor(web.port)
        assert idle.get("/health/live/").status == 200
        with transaction.atomic():
            list(EntryPlaces.objects.select_for_update())
            confirming = [visitors.submit(form.confirm) for form in forms]
            eventually(lambda: _waiting() == 3)
            web.process.terminate()
            eventually(lambda: "Handling signal: term" in web.log.read_text())
        assert [each.result().status for each in confirming] == [302] * 3
        idle.close()
        assert web.process.wait(20) == 0
    assert Booked.objects.count() == 3


def _waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
            " AND pg_backend_pid() = ANY(pg_blocking_pids(pid)) OR pid IN"
            " (SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return int(cursor.fetchone()[0])


class SocketConnection(HTTPConnection):
    """HTTP by a socket of the file system."""

    def __init__(self, path: Path) -> None:
        super().__init__("127.0.0.1")
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


def test_by_a_socket_of_the_file_system_people_log_in(tmp_path: Path) -> None:
    UserFactory.create(email="ada@example.org", password="pbkdf2-is-not-asked")
    path = tmp_path / "web.sock"
    with serving(tmp_path, "--bind", f"unix:{path}", TRUSTED_PROXIES="0"):
        statuses = []
        for forwarded in ("198.51.100.7", "1.2.3.4, 198.51.100.8", None):
            headers = {"X-Forwarded-For": forwarded} if forwarded else {}
            page = _ask(path, "GET", None, headers)
            cookie = page[1].partition(";")[0]
            token = cookie.partition("=")[2]
            body = f"csrfmiddlewaretoken={token}&login=ada@example.org&password=wrong"
            form = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", **headers}
            statuses.append((page[0], _ask(path, "POST", body, form)[0]))
        assert statuses == [(200, 200)] * 3  # the page again, which says that the password is wrong


def _ask(path: Path, method: str, body: str | None, headers: dict[str, str]) -> tuple[int, str]:
    server = SocketConnection(path)
    server.request(method, "/accounts/login/", body, headers)
    answer = server.getresponse()
    answer.read()
    server.close()
    return answer.status, answer.headers["Set-Cookie"] or ""
