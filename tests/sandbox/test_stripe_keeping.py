"""What the sandbox holds outlives its process."""

import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import stripe

from bookwhen.sandbox.ports import free_port
from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.document import VERSION
from tests.sandbox.conftest import Listener
from tests.waiting import eventually
from tests.worlds.stripe_shop import StripeShop, open_stripe_client, period_end

KEY = "sk_test_kept"


def shop_at(sandbox: Sandbox) -> StripeShop:
    return StripeShop(sandbox, open_stripe_client(sandbox, KEY))


def test_stopped_and_started(tmp_path: Path) -> None:
    once: Any = {"idempotency_key": "once"}
    with Sandbox.start(kept=tmp_path / "state") as before:
        shop = shop_at(before)
        found = shop.bought()
        made = shop.v1.customers.create({"email": "once@example.com"}, once)
        before.name_account(KEY, "Riverside")
        before.advance("week")
        session = shop.session()
        before.arm("slow", "GET /v1/nothing", milliseconds=20)
        before.set_rule("unpaid")
        offset = before.platform.offset
    with Sandbox.start(kept=tmp_path / "state") as after:
        client = open_stripe_client(after, KEY)
        assert client.v1.customers.create({"email": "once@example.com"}, once).id == made.id
        assert (after.platform.offset, after.platform.after_retries) == (offset, "unpaid")
        assert [(f["kind"], f["only"]) for f in after.platform.faults.armed()] == [("slow", "GET /v1/nothing")]
        profile = client.v1.accounts.retrieve_current().business_profile
        assert profile
        assert profile.name == "Riverside"
        # On another port the pages moved along.
        assert session.url == f"{before.url}/pay/checkout/{session.id}"
        url = str(client.v1.checkout.sessions.retrieve(session.id).url)
        assert url == f"{after.url}/pay/checkout/{session.id}"
        assert after.shopper.pay(url).status == 303
        after.advance("period")
        renewed = client.v1.subscriptions.retrieve(found.id)
        assert renewed["items"].data[0].current_period_start == period_end(found)
        assert len(client.v1.invoices.list({"subscription": found.id, "status": "paid"}).data) == 2
        assert after.complaints == []


def test_what_was_not_delivered_is_delivered_later(tmp_path: Path, listener: Listener) -> None:
    listener.status = 500
    with Sandbox.start(kept=tmp_path / "state") as before:
        client = open_stripe_client(before, KEY)
        client.v1.webhook_endpoints.create({"url": listener.url, "enabled_events": ["customer.created"]})
        client.v1.customers.create({"email": "a@example.com"})
        eventually(lambda: len(listener.got) > 0)
    listener.status, listener.got = 200, []
    with Sandbox.start(kept=tmp_path / "state") as after:
        after.flush()
        (event,) = open_stripe_client(after, KEY).v1.events.list({"type": "customer.created"}).data
        assert (len(listener.got), event.pending_webhooks) == (1, 0)
        assert [each["event"] for each in after.deliveries()] == [event.id]


def test_killed_a_second_after_a_change(tmp_path: Path) -> None:
    state, port = tmp_path / "state", free_port()
    command = [sys.executable, "-m", "bookwhen.sandbox.stripe", "--port", str(port), "--state", str(state)]
    process = subprocess.Popen(command)
    try:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: answers(f"{url}/_sandbox/faults"))
        client = stripe.StripeClient(KEY, stripe_version=VERSION, base_addresses={"api": url}, max_network_retries=0)
        made = client.v1.customers.create({"email": "a@example.com"})
        eventually(lambda: state.exists() and made.id.encode() in state.read_bytes())
    finally:
        process.kill()
        process.wait()
    with Sandbox.start(kept=state) as after:
        assert open_stripe_client(after, KEY).v1.customers.retrieve(made.id).email == "a@example.com"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state", "state.pid"]


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x80\x04}\x94."])
def test_a_file_that_cannot_be_read_is_put_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    (tmp_path / "state").write_bytes(content)
    with Sandbox.start(kept=tmp_path / "state") as sandbox:
        assert open_stripe_client(sandbox, KEY).v1.customers.list().data == []
    assert (tmp_path / "state.unreadable").read_bytes() == content
    (record,) = [each for each in caplog.records if each.name == "bookwhen.sandbox.stripe.keeping"]
    assert f"lies in {tmp_path / 'state.unreadable'}; the sandbox begins empty." in record.message
