"""Sending odd things to a page, each to an untouched world, and noting what answered with an error of ours."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import django.core.handlers.wsgi
import django.http.request
import pytest
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.utils.datastructures import MultiValueDict

ALLOWED: Final = {200, 301, 302, 303, 400, 403, 404, 405, 409, 410, 413, 414, 422, 429, 502, 503}
"""What an odd request may be answered with. 502 and 503 only say that Stripe did not take part."""


@dataclass
class Read:
    """The names that views read of the query and of the form that was sent."""

    query: set[str] = field(default_factory=set)
    form: set[str] = field(default_factory=set)


def _noting(names: set[str]) -> type[QueryDict]:
    class Noting(QueryDict):
        """A query that notes what it is asked for."""

        def __getitem__(self, key: str) -> Any:
            names.add(key)
            return super().__getitem__(key)

        def __contains__(self, key: object) -> bool:
            names.add(str(key))
            return super().__contains__(key)

        def getlist(self, key: str, default: Any = None) -> Any:
            names.add(key)
            return super().getlist(key, default)

    return Noting


class Attempts:
    """Sends requests, takes back what each did, and collects the failures."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read, self.failures, self.count = Read(), list[str](), 0
        self._error = ""
        monkeypatch.setattr(django.core.handlers.wsgi, "QueryDict", _noting(self.read.query))
        monkeypatch.setattr(django.http.request, "QueryDict", _noting(self.read.form))

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While this lasts, what failed is noted, and the log is quiet."""
        got_request_exception.connect(self._note)
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)
            got_request_exception.disconnect(self._note)

    def get(self, client: Client, path: str, query: dict[str, Any] | None = None) -> Any:
        return self._send(client, "get", path, query or {})

    def post(self, client: Client, path: str, data: dict[str, Any]) -> Any:
        return self._send(client, "post", path, data)

    def send(self, client: Client, method: str, path: str, data: dict[str, Any]) -> Any:
        """Send a form as it says."""
        return self.post(client, path, data) if method == "post" else self.get(client, path.partition("?")[0], data)

    def raw(self, client: Client, method: str, path: str, body: bytes, kind: str, **environ: str) -> Any:
        """Send these bytes, of this content type, with what else a request has in WSGI's words."""
        with self._untouched(client):
            sent = client.generic(method, path, body, kind, **environ)  # type: ignore[arg-type] # WSGI's, as it takes
            self._judge(sent, method, path, {"type": kind, "body": body, **environ})
            return sent

    def _send(self, client: Client, method: str, path: str, data: dict[str, Any]) -> Any:
        with self._untouched(client):
            sent: Any = (
                client.get(path, query_params=readable(data))
                if method == "get"
                else client.post(path, encoded(data), content_type="application/x-www-form-urlencoded")
            )
            self._judge(sent, method, path, data)
            return sent

    @contextmanager
    def _untouched(self, client: Client) -> Iterator[None]:
        """Take back what is done meanwhile: rows, cookies, counted tries."""
        self.count += 1
        self._error = ""
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        place = transaction.savepoint()
        try:
            yield
        finally:
            connection.needs_rollback = False
            transaction.savepoint_rollback(place)
            client.cookies.clear()
            client.cookies.load(cookies)
            cache.clear()

    def _judge(self, sent: Any, method: str, path: str, data: dict[str, Any]) -> None:
        # Where a page is streamed, it is read to its end.
        content = b"".join(sent.streaming_content) if sent.streaming else sent.content
        if self._error or sent.status_code not in ALLOWED or b"Traceback (most recent call last)" in content:
            shown = {name: f"{value!r:.100}" for name, value in data.items()}
            self.failures.append(f"{method.upper()} {path[:200]} {shown}\n  → {sent.status_code} {self._error}")

    def _note(self, **_signal: object) -> None:
        lines = traceback.format_exc().strip().splitlines()
        ours = [line.strip() for line in lines if "File " in line and "site-packages" not in line]
        self._error = " | ".join([lines[-1][:300], *ours[-3:]])


def encoded(data: dict[str, Any]) -> str:
    """A form's body, in which half characters travel too."""
    pairs = ((name, each) for name, value in data.items() for each in (value if isinstance(value, list) else [value]))
    return "&".join(
        f"{quote(name, errors='surrogatepass')}={quote(str(value), errors='surrogatepass')}" for name, value in pairs
    )


def readable(data: dict[str, Any]) -> MultiValueDict[str, str]:
    """The same for a query, which Django's client encodes itself: without half characters."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in data.items()}
    return MultiValueDict(
        {name: [str(each).encode(errors="replace").decode() for each in value] for name, value in lists.items()}
    )
