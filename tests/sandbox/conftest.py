"""A shop at the sandbox (tests/stripe_fixtures.py), and someone who listens to its webhooks."""

import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe

from bookwhen.sandbox.stripe import Sandbox
from tests.worlds.stripe_shop import StripeShop, open_stripe_client


@pytest.fixture
def client(sandbox: Sandbox) -> stripe.StripeClient:
    return open_stripe_client(sandbox, f"sk_test_{uuid.uuid4().hex}")


@pytest.fixture
def shop(sandbox: Sandbox, client: stripe.StripeClient) -> StripeShop:
    return StripeShop(sandbox, client)


@dataclass
class Listener:
    """What came in at a webhook endpoint, and what it answers."""

    url: str = ""
    status: int = 200
    got: list[tuple[bytes, str]] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    heard = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.got.append((body, self.headers["Stripe-Signature"]))
            self.send_response(heard.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard.url = f"http://127.0.0.1:{server.server_address[1]}/hook/"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield heard
    server.shutdown()
    server.server_close()
    thread.join()
