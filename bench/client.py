"""A small HTTP client that keeps its connection and its cookies, and crowds of them; only to servers of ours."""

import itertools
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, RemoteDisconnected
from typing import Final
from urllib.parse import urlencode

TIMEOUT: Final = 60.0
CLIENTS: Final = 8
"""How many a crowd is, unless it says otherwise."""
OK: Final = 200
FOUND: Final = 302

Act = Callable[[int, int], str]
"""What a client (its number) does for the nth time; it returns what went wrong, or nothing."""


class UnexpectedAnswerError(Exception):
    """The site answered something else than what is to be measured."""


_COOKIE: Final = re.compile(r"([^=;\s]+)=([^;]*)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `seconds` is how long it took; status 0: no answer at all."""

    status: int
    text: str
    location: str
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict)


_numbers = itertools.count(1)


def new_address() -> str:
    """The address of a visitor who was not here before, for `X-Forwarded-For`: the benchmark is the site's proxy.

    Otherwise all visitors would be one, and refused after sixty bookings.
    """
    number = next(_numbers) % 2**24
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


class Visitor:
    """Somebody with a browser: one connection, and the cookies that the site gave them. Not for several threads.

    Each request comes from another address. `once`: each has a connection of its own, as our proxy sends them on; what
    is kept sticks to the worker that took it, and eight that are kept are seldom four for each of two workers.
    """

    def __init__(
        self,
        port: int,
        cookies: Mapping[str, str] | None = None,
        *,
        host: str = "127.0.0.1",
        timeout: float = TIMEOUT,
        once: bool = False,
    ) -> None:
        self.port = port
        self._once = {"Connection": "close"} if once else {}
        self.cookies = dict(cookies or {})
        self._connection = HTTPConnection(host, port, timeout=timeout)

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urlencode(fields))

    def close(self) -> None:
        """Give the connection up; the next request opens another."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies, "X-Forwarded-For": new_address(), **self._once}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        try:
            try:
                response, content = self._exchange(method, path, body, headers)
            except RemoteDisconnected:
                # The server had given up the idle connection just then: browsers open another.
                self.close()
                response, content = self._exchange(method, path, body, headers)
        except (OSError, HTTPException) as error:
            self.close()
            return Answer(0, repr(error), "", time.perf_counter() - began)
        seconds = time.perf_counter() - began
        for line in response.headers.get_all("Set-Cookie", []):
            if found := _COOKIE.match(line):
                self.cookies[found[1]] = found[2]
        text = content.decode(errors="replace")
        return Answer(response.status, text, response.headers["Location"] or "", seconds, dict(response.headers))

    def _exchange(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[HTTPResponse, bytes]:
        self._connection.request(method, path, body, dict(headers))
        response = self._connection.getresponse()
        return response, response.read()


class Caller:
    """Sends requests that are ready as bytes, at little cost of its own, each on a connection of its own."""

    def __init__(self, port: int) -> None:
        self._port = port

    def send(self, request: bytes) -> int:
        """The status of the answer, which the server ends by closing the connection."""
        with socket.create_connection(("127.0.0.1", self._port), TIMEOUT) as connection:
            connection.sendall(request)
            answer = b""
            while part := connection.recv(4096):
                answer += part
        return int(answer.split(None, 2)[1])


@dataclass(slots=True)
class Crowd:
    """What a crowd did in a while: how long each act took, in seconds, and what went wrong."""

    seconds: float
    acts: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Acts in a second."""
        return len(self.acts) / self.seconds

    def percentile(self, part: float) -> float:
        """How long the act took, in milliseconds, that `part` (0 to 1) of them did not exceed."""
        ordered = sorted(self.acts)
        return 1000 * ordered[min(int(part * len(ordered)), len(ordered) - 1)] if ordered else float("inf")


def crowd(clients: int, act: Act, *, seconds: float, most: int = 100_000) -> Crowd:
    """Let clients do something over and over for some seconds, at most so many times each."""
    start = threading.Barrier(clients + 1)
    stop = time.perf_counter() + 3600
    acts: list[list[float]] = [[] for _ in range(clients)]
    problems: list[str] = []

    def live(client: int) -> None:
        start.wait()
        for number in range(most):
            began = time.perf_counter()
            if began >= stop:
                return
            if problem := act(client, number):
                problems.append(problem)
            acts[client].append(time.perf_counter() - began)

    with ThreadPoolExecutor(clients) as pool:
        futures = [pool.submit(live, client) for client in range(clients)]
        start.wait()
        began = time.perf_counter()
        stop = began + seconds
        for future in futures:
            future.result()
        took = time.perf_counter() - began
    return Crowd(took, [each for one in acts for each in one], problems)
