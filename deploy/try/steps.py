"""What is done to the site, step by step. Each returns what it showed, and goes on where one has failed."""

import contextlib
import http.client
import itertools
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Final

from commands import Failed, run, say
from load import Load, new_address
from stack import PARTS, Stack
from studio import OWNER, PASSWORD, Letters, make_entry, make_studio, must
from verdict import Result, compare
from visitors import HOST, Visitor

QUIET: Final = 3.0
AFTER: Final = 9.0
FROZEN: Final = 8.0
SMALL: Final = 8
PLENTY: Final = 10_000
LINKS: Final = 20
"""Links by email that one network may ask for in a minute (bookwhen/limits.py)."""
REFUSED: Final = 400
GAP: Final = 5.0
FORM: Final = (
    f"Cookie: csrftoken={'a' * 32}; __Host-csrftoken={'a' * 32}\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n"
)
"""Enough that the site would wait for the rest: without these cookies it refuses the form unread."""

_titles = itertools.count(1)


class Trial:
    """A site with a studio, and what was done to it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.results: list[Result] = []
        self.root = ""
        self.dashboard = ""

    def open_studio(self) -> None:
        """Make the installation's first studio, as README says."""
        self.root = self.stack.root()
        self.dashboard = make_studio(self._visitor(), Letters(self.stack.mail))

    def step(self, name: str, act: Callable[[Result], None], *, hand: str = "") -> None:
        """Do something that is no load; what it finds wrong is kept."""
        say(name)
        result = Result(name, hand=hand)
        try:
            act(result)
        except (Failed, OSError, http.client.HTTPException) as error:
            result.problems.append(str(error))
        self.results.append(result)
        print(result.line(), flush=True)

    def under_load(self, name: str, act: Callable[[], None], *, hand: str = "", after: float = AFTER) -> Result:
        """Do something while guests book three new events, one of them small; then compare."""
        say(name)
        result = Result(name, hand=hand)
        try:
            owner = self._visitor()
            log_in = owner.get("/accounts/login/")
            must(owner.submit(log_in, "Log in", {"login": OWNER, "password": PASSWORD}))
            sizes = (PLENTY, PLENTY, SMALL)
            entries = [make_entry(owner, self.dashboard, f"Event {next(_titles)}", capacity=size) for size in sizes]
            with Load(self.stack.ports.https, self.root, entries) as load:
                time.sleep(QUIET)
                act()
                time.sleep(after)
            result.told = load.told
            compare(self.stack, result)
        except (Failed, OSError, http.client.HTTPException) as error:
            result.problems.append(str(error))
        self.results.append(result)
        print(result.line(), flush=True)
        return result

    def _visitor(self) -> Visitor:
        return Visitor(self.stack.ports.https, self.root, address=new_address())


def containers_are_closed(stack: Stack, result: Result) -> None:
    """No part runs as root or can write to its image; only the proxy is published; logs and memory are bounded."""
    for part in PARTS:
        facts = "{{.HostConfig.ReadonlyRootfs}}|{{.HostConfig.Memory}}|{{.HostConfig.LogConfig.Config}}"
        read_only, memory, log = stack.inspect(part, facts).split("|")
        ports = stack.inspect(part, "{{range $port, $at := .NetworkSettings.Ports}}{{if $at}}{{$port}} {{end}}{{end}}")
        uid = run("docker", "exec", stack.container(part), "id", "-u").stdout.strip()
        if uid == "0":
            result.problems.append(f"{part} runs as root")
        if read_only != "true" or memory == "0" or "max-size" not in log:
            result.problems.append(f"{part}: read-only {read_only}, memory {memory}, log {log}")
        if bool(ports) != (part == "proxy"):
            result.problems.append(f"{part} is published: {ports}")
    label = '{{index .Config.Labels "org.opencontainers.image.version"}}'
    version = run("docker", "image", "inspect", "--format", label, "bookwhen").stdout.strip()
    result.notes.append(f"image bookwhen, version {version}; web is ready {start_of_web(stack):.1f} s after its start")


def start_of_web(stack: Stack) -> float:
    """How many seconds web takes from being started until it answers, with nobody else at work."""
    stack.docker("stop", "web")
    began = time.monotonic()
    stack.docker("start", "web")
    probe = "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/ready/', timeout=5)"
    while run("docker", "exec", stack.container("web"), "python", "-c", probe, check=False).returncode:
        if time.monotonic() - began > 60:
            message = "web does not get ready within a minute."
            raise Failed(message)
    return time.monotonic() - began


def health_checks_hold(stack: Stack, result: Result) -> None:
    """No health check of web missed its time in the steps before, since it was started last."""
    state = json.loads(stack.inspect("web", "{{json .State}}"))
    codes = [check["ExitCode"] for check in state["Health"]["Log"] if check["Start"] > state["StartedAt"]]
    result.notes.append(f"the last {len(codes)} health checks of web ended with {codes}")
    if not codes or any(codes):
        result.problems.append("a health check of web failed under load")


def tls_holds(trial: Trial, result: Result) -> None:
    """Http goes to https, https is promised for later, and a certificate by somebody else is refused."""
    stack = trial.stack
    with socket.create_connection(("127.0.0.1", stack.ports.http), 10) as plain:
        plain.sendall(f"GET /x HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode())
        answer = plain.recv(4096).decode()
    if f"Location: https://{HOST}/x" not in answer:
        result.problems.append(f"http answers {answer[:200]!r}")
    bare = socket.create_connection(("127.0.0.1", stack.ports.https), 10)
    try:
        ssl.create_default_context().wrap_socket(bare, server_hostname=HOST).close()
        result.problems.append("a client that does not know the proxy's root trusts it")
    except ssl.SSLCertVerificationError:
        result.notes.append("the certificate is checked against the proxy's own root, and by nobody else's")


def visitors_are_told_apart(trial: Trial, result: Result) -> None:
    """Behind proxy and CDN one visitor's limit is reached, and another's is not (R3)."""
    one, other = new_address(), new_address()
    allowed = sum(_asks_for_link(trial, one) for _ in range(LINKS + 5))
    result.notes.append(f"one address: {allowed} links, then refused; another is served")
    if allowed != LINKS:
        result.problems.append(f"one visitor got {allowed} links, not {LINKS}")
    if not _asks_for_link(trial, other):
        result.problems.append("another visitor is refused too")


def forging_is_refused(trial: Trial, result: Result) -> None:
    """Without a CDN nobody gets past a limit by writing addresses into X-Forwarded-For (R3)."""
    allowed = sum(_asks_for_link(trial, new_address()) for _ in range(LINKS + 5))
    result.notes.append(f"25 invented addresses from one network: {allowed} links, then refused")
    if allowed != LINKS:
        result.problems.append(f"a forged header got {allowed} links, not {LINKS}")


def _asks_for_link(trial: Trial, address: str) -> bool:
    visitor = Visitor(trial.stack.ports.https, trial.root, address=address)
    page = visitor.get("/accounts/signup/")
    page = visitor.submit(page, "Send me the link", {"email": f"someone{next(_titles)}@nowhere.test"})
    visitor.close()
    return page.status < REFUSED


@contextlib.contextmanager
def half_sent(trial: Trial, count: int) -> Iterator[None]:
    """So many requests that never end: half of them in the middle of the headers, half in the middle of the body."""
    context = ssl.create_default_context(cadata=trial.root)
    opened = []
    for number in range(count):
        bare = socket.create_connection(("127.0.0.1", trial.stack.ports.https), 10)
        begun = f"POST /accounts/login/ HTTP/1.1\r\nHost: {HOST}\r\nOrigin: https://{HOST}\r\n{FORM}"
        secure = context.wrap_socket(bare, server_hostname=HOST)
        secure.sendall((begun if number % 2 else f"{begun}\r\nlogin=").encode())
        opened.append(secure)
    try:
        yield
    finally:
        for secure in opened:
            secure.close()


def freeze(stack: Stack, part: str) -> None:
    """Let a part stand still for a while."""
    stack.docker("pause", part)
    time.sleep(FROZEN)
    stack.docker("unpause", part)


def stop_and_start(stack: Stack, part: str) -> None:
    """Stop a part as an operator does, and start it again."""
    stack.docker("stop", part)
    stack.docker("start", part)


def power_cut(stack: Stack) -> None:
    """Kill everything at one instant, as docker does it, and bring it up by hand."""
    run("docker", "kill", *(stack.container(part) for part in PARTS))
    stack.compose("up", "--detach")
