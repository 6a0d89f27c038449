"""The HTTP server: the API, the hosted pages and the panel on one port of the loopback."""

import json
import logging
import socket
import time
import urllib.parse
import uuid
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bookwhen.sandbox.stripe import api, billing, html, pages, panel
from bookwhen.sandbox.stripe.errors import Json, Refused
from bookwhen.sandbox.stripe.html import Page
from bookwhen.sandbox.stripe.panel_page import HOME
from bookwhen.sandbox.stripe.platform import Platform

logger = logging.getLogger(__name__)


class Server(ThreadingHTTPServer):
    """The server, with the platform it serves."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], platform: Platform) -> None:
        self.platform = platform
        super().__init__(address, Handler)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Server
    server_version = "StripeSandbox"

    def setup(self) -> None:
        """Send small answers at once: waiting for more costs 40 ms a call."""
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()

    def do_GET(self) -> None:
        """Read."""
        self._answer()

    def do_POST(self) -> None:
        """Write."""
        self._answer()

    def do_DELETE(self) -> None:
        """Delete."""
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Keep the terminal quiet."""
        logger.debug(format, *args)

    def _answer(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        try:
            if url.path.startswith(("/v1/", "/v2/")):
                self._api(url, body)
            else:
                self._page(url.path, body)
        except ConnectionError:
            self.close_connection = True  # the client has gone
        except Exception as mistake:
            logger.exception("The sandbox made a mistake.")
            self.server.platform.complain(f"{self.command} {url.path}", [("mistake", repr(mistake))])
            self._send(500, json.dumps(Refused(500, repr(mistake), "api_error").body()), "application/json")
        finally:
            self.server.platform.touched.set()

    def _api(self, url: urllib.parse.SplitResult, body: str) -> None:
        platform = self.server.platform
        fault = platform.faults.strike(f"{self.command} {url.path}", api=True)
        if fault and fault.kind == "slow":
            time.sleep(fault.milliseconds / 1000)
        if fault and fault.kind == "cut":
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = api.Request(self.command, url.path, url.query, body, headers)
        answer = api.answer(platform, request, fault.kind if fault else None)
        if fault and fault.kind == "cut_after":
            self.close_connection = True
            return
        more = {"Idempotent-Replayed": "true"} if answer.replayed else {}
        self._send(answer.status, json.dumps(answer.body), "application/json", **more)

    def _page(self, path: str, body: str) -> None:
        form: Json | None = dict(urllib.parse.parse_qsl(body)) if self.command == "POST" else None
        platform = self.server.platform
        as_json = "application/json" in self.headers.get("Accept", "")
        try:
            with platform.lock:
                billing.settle(platform)
                page = self._page_of(platform, path, form, as_json=as_json)
        except Refused as refusal:
            way_out = f'<p><a href="{HOME}">To the panel of the sandbox</a></p>'
            page = html.shown("That did not work", html.error(str(refusal)) + way_out, refusal.status)
            if as_json:
                page = Page(json.dumps(refusal.body()), refusal.status, kind="application/json")
        location = {"Location": page.location} if page.location else {}
        self._send(page.status, page.text, page.kind, **location)

    @staticmethod
    def _page_of(platform: Platform, path: str, form: Json | None, *, as_json: bool) -> Page:
        if path in {"/", HOME.rstrip("/")}:
            return Page(location=HOME, status=HTTPStatus.SEE_OTHER)
        if path.startswith(HOME):
            return panel.answer(platform, path, form, as_json=as_json)
        return pages.answer(platform, path, form)

    def _send(self, status: int, text: str, kind: str, **headers: str) -> None:
        content = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.send_header("Request-Id", f"req_{uuid.uuid4().hex[:14]}")
        self.end_headers()
        self.wfile.write(content)
