import http.client
import json
import time
import urllib.parse
from typing import Any

import pytest
import stripe

from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.faults import Kind
from tests.sandbox.conftest import Listener
from tests.waiting import eventually
from tests.worlds.stripe_shop import StripeShop


def endpoint(client: stripe.StripeClient, listener: Listener, *events: str) -> stripe.WebhookEndpoint:
    wanted: Any = list(events) or ["*"]
    return client.v1.webhook_endpoints.create({"url": listener.url, "enabled_events": wanted})


def read(got: tuple[bytes, str], secret: str | None) -> stripe.Event:
    event: stripe.Event = stripe.Webhook.construct_event(got[0], got[1], str(secret))
    return event


def names(client: stripe.StripeClient, *emails: str) -> None:
    for email in emails:
        client.v1.customers.create({"email": email})


def emails(listener: Listener) -> list[str]:
    return [json.loads(body)["data"]["object"]["email"] for body, _ in listener.got]


def test_signed_and_verified(client: stripe.StripeClient, sandbox: Sandbox, listener: Listener) -> None:
    made = endpoint(client, listener, "customer.created")
    assert client.v1.webhook_endpoints.retrieve(made.id).to_dict().get("secret") is None
    customer = client.v1.customers.create({"email": "a@example.com"})
    client.v1.customers.update(customer.id, {"name": "Not sent"})
    sandbox.flush()
    (got,) = listener.got
    event = read(got, made.secret)
    assert (event.type, event.api_version, event.livemode) == ("customer.created", "2026-05-27.dahlia", False)
    assert event.data.object["id"] == customer.id
    assert client.v1.events.retrieve(event.id).pending_webhooks == 0


def test_while_a_secret_is_rotated_both_verify(
    client: stripe.StripeClient, sandbox: Sandbox, listener: Listener
) -> None:
    made = endpoint(client, listener)
    new = sandbox.roll_secret(made.id)
    names(client, "a@example.com")
    sandbox.flush()
    assert read(listener.got[0], made.secret).id == read(listener.got[0], new).id
    assert listener.got[0][1].count("v1=") == 2


def test_changed_switched_off_and_deleted(client: stripe.StripeClient, sandbox: Sandbox, listener: Listener) -> None:
    made = endpoint(client, listener)
    assert client.v1.webhook_endpoints.update(made.id, {"disabled": True}).status == "disabled"
    names(client, "a@example.com")
    client.v1.webhook_endpoints.update(made.id, {"disabled": False, "enabled_events": ["product.created"]})
    names(client, "b@example.com")
    assert client.v1.webhook_endpoints.delete(made.id).deleted is True
    assert client.v1.webhook_endpoints.list().data == []
    client.v1.products.create({"name": "Unheard"})
    sandbox.flush()
    assert listener.got == []


def test_it_is_tried_again(client: stripe.StripeClient, sandbox: Sandbox, listener: Listener) -> None:
    endpoint(client, listener)
    listener.status = 500
    names(client, "a@example.com")
    eventually(lambda: len(listener.got) > 0)
    assert client.v1.events.list().data[0].pending_webhooks == 1
    listener.status = 200
    sandbox.flush()
    assert len({body for body, _ in listener.got}) == 1
    assert sandbox.deliveries()[-1]["tries"][-1] == 200
    assert client.v1.events.list({"delivery_success": True}).data[0].pending_webhooks == 0


def test_events_are_filtered_by_type(shop: StripeShop) -> None:
    shop.subscribe(shop.customer())
    found = shop.v1.events.list({"types": ["invoice.paid", "customer.subscription.created"]}).data
    assert [event.type for event in found] == ["invoice.paid", "customer.subscription.created"]
    assert {event.type for event in shop.v1.events.list({"type": "charge.*"}).data} == {"charge.succeeded"}


def test_duplicated(client: stripe.StripeClient, sandbox: Sandbox, listener: Listener) -> None:
    endpoint(client, listener)
    sandbox.arm("duplicate")
    names(client, "a@example.com", "b@example.com")
    sandbox.flush()
    assert emails(listener) == ["a@example.com", "a@example.com", "b@example.com"]


def test_reordered(client: stripe.StripeClient, sandbox: Sandbox, listener: Listener) -> None:
    endpoint(client, listener)
    sandbox.arm("reorder", "customer.created")
    names(client, "a@example.com", "b@example.com")
    sandbox.flush()
    assert emails(listener) == ["b@example.com", "a@example.com"]


def test_dropped(client: stripe.StripeClient, sandbox: Sandbox, listener: Listener) -> None:
    endpoint(client, listener)
    sandbox.arm("drop", times=2)
    names(client, "a@example.com", "b@example.com", "c@example.com")
    sandbox.flush()
    assert emails(listener) == ["c@example.com"]
    assert len(client.v1.events.list({"type": "customer.created"}).data) == 3


def test_delayed(client: stripe.StripeClient, sandbox: Sandbox, listener: Listener) -> None:
    endpoint(client, listener)
    sandbox.arm("delay", milliseconds=300)
    names(client, "a@example.com", "b@example.com")
    eventually(lambda: len(listener.got) >= 1)
    sandbox.flush()
    assert emails(listener) == ["b@example.com", "a@example.com"]


@pytest.mark.parametrize(("kind", "message"), [("old", "outside the tolerance"), ("wrong", "No signatures found")])
def test_signatures_that_must_not_pass(
    client: stripe.StripeClient, sandbox: Sandbox, listener: Listener, kind: Kind, message: str
) -> None:
    made = endpoint(client, listener)
    sandbox.arm(kind)
    names(client, "a@example.com")
    sandbox.flush()
    with pytest.raises(stripe.SignatureVerificationError, match=message):
        read(listener.got[0], made.secret)


def test_a_slow_api(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    sandbox.arm("slow", "GET /v1/customers", milliseconds=150)
    names(client, "a@example.com")
    began = time.monotonic()
    client.v1.customers.list()
    assert time.monotonic() - began >= 0.15


@pytest.mark.parametrize(("kind", "made"), [("error", 0), ("error_after", 1)])
def test_an_api_that_fails(client: stripe.StripeClient, sandbox: Sandbox, kind: Kind, made: int) -> None:
    sandbox.arm(kind, "POST /v1/customers")
    for _ in range(2):  # Stripe keeps a failure under its key, too
        with pytest.raises(stripe.APIError):
            client.v1.customers.create({"email": "a@example.com"}, {"idempotency_key": "k"})
        assert len(client.v1.customers.list().data) == made
    client.v1.customers.create({"email": "a@example.com"}, {"idempotency_key": "l"})
    assert len(client.v1.customers.list().data) == made + 1


@pytest.mark.parametrize(("kind", "made"), [("cut", 0), ("cut_after", 1)])
def test_a_line_that_is_cut(client: stripe.StripeClient, sandbox: Sandbox, kind: Kind, made: int) -> None:
    sandbox.arm(kind, "POST /v1/customers")
    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.create({"email": "a@example.com"}, {"idempotency_key": "k"})
    assert len(client.v1.customers.list().data) == made
    client.v1.customers.create({"email": "a@example.com"}, {"idempotency_key": "k"})
    assert len(client.v1.customers.list().data) == 1


@pytest.mark.parametrize(("kind", "status"), [("busy", 429), ("in_use", 409)])
def test_what_stripe_refuses_before_it_begins_is_not_kept(
    client: stripe.StripeClient, sandbox: Sandbox, kind: Kind, status: int
) -> None:
    sandbox.arm(kind, "POST /v1/customers")
    with pytest.raises(stripe.StripeError) as refused:
        client.v1.customers.create({"email": "a@example.com"}, {"idempotency_key": "k"})
    assert refused.value.http_status == status
    client.v1.customers.create({"email": "a@example.com"}, {"idempotency_key": "k"})
    assert len(client.v1.customers.list().data) == 1


def panel(sandbox: Sandbox, path: str, **form: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=20)
    body, headers = urllib.parse.urlencode(form) if form else None, {"Accept": "application/json"}
    connection.request("POST" if form else "GET", f"/_sandbox/{path}", body, headers)
    answer = connection.getresponse()
    result = answer.status, answer.read().decode()
    connection.close()
    return result


def test_the_panel(shop: StripeShop, sandbox: Sandbox) -> None:
    found = shop.bought()
    assert found.id in panel(sandbox, "")[1]
    assert panel(sandbox, "advance", by="period")[0] == 200
    assert len(shop.v1.invoices.list({"subscription": found.id, "status": "paid"}).data) == 2
    before = json.loads(panel(sandbox, "state")[1])["now"]
    assert json.loads(panel(sandbox, "advance", by="week")[1])["now"] >= before + 7 * 86_400
    assert panel(sandbox, "advance", by="moon")[0] == 400
    armed = json.loads(panel(sandbox, "faults", kind="slow", times="3", milliseconds="20")[1])["armed"]
    assert [(f["kind"], f["times"], f["milliseconds"]) for f in armed] == [("slow", 3, 20)]
    assert panel(sandbox, "faults", kind="flood")[0] == 400
    assert panel(sandbox, "faults/clear", all="1")[0] == 200
    assert json.loads(panel(sandbox, "faults")[1])["armed"] == []
    assert panel(sandbox, "rules", after_retries="unpaid") == (200, '{\n  "after_retries": "unpaid"\n}')
    session = shop.session()
    assert json.loads(panel(sandbox, "expire", session=session.id)[1])["status"] == "expired"
    assert panel(sandbox, "deliveries") == (200, json.dumps({"deliveries": sandbox.deliveries()}, indent=2))
    assert panel(sandbox, "nothing")[0] == 404


def test_only_an_empty_sandbox_can_begin_in_the_past(shop: StripeShop, sandbox: Sandbox) -> None:
    assert panel(sandbox, "begin", by="86400")[0] == 400
    assert sandbox.platform.offset == 0
    sandbox.platform.worlds.clear()
    assert panel(sandbox, "begin", by="-86400")[0] == 400
    assert json.loads(panel(sandbox, "begin", by="86400")[1])["seconds"] == 86_400
    assert sandbox.platform.offset == -86_400
    shop.v1.products.create({"name": "Gold"})
    assert panel(sandbox, "begin", by="86400")[0] == 400


def test_the_panel_says_what_it_did(
    shop: StripeShop, client: stripe.StripeClient, sandbox: Sandbox, listener: Listener
) -> None:
    assert "There is no subscription to renew yet." in panel(sandbox, "")[1]
    shop.bought()
    endpoint(client, listener, "invoice.paid")
    panel(sandbox, "advance", by="period")
    sandbox.flush()
    told = sandbox.platform.told
    assert told.startswith("Stripe’s time moved on by ")
    assert told.endswith(
        " UTC. 1 invoice made, 1 invoice paid, 9 events in all. 1 webhook is on the way to the studio."
    )
    page = panel(sandbox, "")[1]
    assert told in page
    assert "None waits to be sent." in page
    panel(sandbox, "advance", by="hour")
    assert sandbox.platform.told.endswith(" UTC. Nothing fell due.")
    panel(sandbox, "faults", kind="duplicate", only="invoice.paid")
    assert sandbox.platform.told == "A fault is armed. The next webhook is sent twice."
    assert "<li>The next webhook is sent twice: invoice.paid, 1 time</li>" in panel(sandbox, "")[1]
