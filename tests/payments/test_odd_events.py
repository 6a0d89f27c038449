"""What an endpoint is sent, signed with its own secret, that Stripe would never send: refused, or kept and given up."""

import copy
import json
import logging
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import memberships.webhooks
import tickets.webhooks
from bookwhen.payments import handlers, inbox, upkeep
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.handlers import Outcome
from bookwhen.payments.incoming import MOST_LEVELS, IncomingEvent, MalformedEventError
from bookwhen.payments.models import Connection, EventState, StripeEvent
from tests.accounts.queue import empty_queue
from tests.factories.payments import deliver_event, event_json, process_due_events
from tests.factories.schedule import NOW
from tests.payments.conftest import Follower

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(follower: Follower, connection: Connection) -> Connection:
    """A connection whose endpoint takes every event that we look after, and of customers, who are none of ours."""
    empty_queue()
    follower.outcome = Outcome.IGNORED
    for handler in (memberships.webhooks.HANDLER, *tickets.webhooks.HANDLERS):
        handlers.register_handler(handler)
    return connection


def nested(levels: int) -> str:
    """An event's JSON with so many lists inside each other."""
    return json.dumps(event_json(deep="HERE")).replace('"HERE"', "[" * levels + "]" * levels)


def raw_json(**changed: str) -> str:
    """An event's JSON with fields written by hand."""
    text = json.dumps(event_json(**dict.fromkeys(changed, "HERE")))
    for value in changed.values():
        text = text.replace('"HERE"', value, 1)
    return text


REFUSED: Final = {
    "a thousand levels": nested(1000),
    "a hundred thousand levels": nested(100_000),
    "just too deep": nested(MOST_LEVELS),
    "no JSON": "{",
    "nothing": "",
    "a list": "[]",
    "a number": "1",
    "null": "null",
    "a text": '"evt_1"',
    "infinity": raw_json(deep="Infinity"),
    "not a number": raw_json(deep="NaN"),
    "a number beyond numbers": raw_json(deep="1e400"),
    "a number of five thousand digits": raw_json(deep="9" * 5000),
    "an id of five thousand letters": json.dumps(event_json(id="e" * 5000)),
    "an id with a NUL": json.dumps(event_json(id="evt_\0")),
    "an id with half a character": json.dumps(event_json(id="evt_\ud800")),
    "an id that is a list": json.dumps(event_json(id=["evt_1"])),
    "an empty id": json.dumps(event_json(id="")),
    "a type with a NUL": json.dumps(event_json(type="customer\0")),
    "a type of five thousand letters": json.dumps(event_json(type="c" * 5000)),
    "a type that is a number": json.dumps(event_json(type=1)),
    "no time": json.dumps(event_json(created=None)),
    "a time that is a text": json.dumps(event_json(created="1893456000")),
    "a time that is true": json.dumps(event_json(created=True)),
    "a broken time": json.dumps(event_json(created=1.5)),
    "a time before time": json.dumps(event_json(created=-1)),
    "a time after time": json.dumps(event_json(created=253_402_300_799)),
    "a time of thirty digits": raw_json(created="9" * 30),
    "a mode that is a text": json.dumps(event_json(livemode="false")),
    "an account that is a list": json.dumps(event_json(account=["acct_1"])),
    "a version that is an object": json.dumps(event_json(api_version={"a": 1})),
    "a version with a NUL": json.dumps(event_json(api_version="\0")),
    "data that is a list": json.dumps(event_json(data=[])),
    "data that is a text": json.dumps(event_json(data="object")),
    "no data": json.dumps(event_json(data=None)),
    "an object that is a list": json.dumps(event_json(data={"object": []})),
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_event_is_refused_with_its_reason_in_the_log(
    endpoint: Connection, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bookwhen.payments.webhooks")
    assert (deliver_event(body, to=endpoint), StripeEvent.objects.count()) == (400, 0)
    told = [each.message for each in caplog.records if each.name == "bookwhen.payments.webhooks"]
    assert [each.startswith(f"A webhook for connection {endpoint.pk} could not be read: ") for each in told] == [True]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("half \ud800 of one", "half ? of one"),
        ("a \0 in it", "a \ufffd in it"),
        ("a whole 😀", "a whole 😀"),
        (r"written \u0000 out", r"written \ufffd out"),
        (10**30, 10**30),
    ],
)
def test_an_odd_value_beside_what_we_read_does_not_stop_an_event(endpoint: Connection, sent: Any, kept: Any) -> None:
    event = event_json(data={"object": {"id": "cus_1", "name": sent, "deep": json.loads("[" * 90 + "]" * 90)}})
    assert deliver_event(event, to=endpoint) == 200
    assert StripeEvent.objects.get().payload["data"]["object"]["name"] == kept


@pytest.mark.parametrize("subject", ["c" * 5000, "cus_\0", "cus_\ud800", ["cus_1"], {"id": "cus_1"}, 7.5, "../refunds"])
def test_an_object_that_none_can_be_is_kept_and_given_up(endpoint: Connection, subject: Any) -> None:
    about = {"id": "in_1", "parent": {"subscription_details": {"subscription": subject}}}
    assert deliver_event(event_json(type="invoice.paid", data={"object": about}), to=endpoint) == 200
    assert deliver_event(event_json(), to=endpoint) == 200
    odd, good = StripeEvent.objects.order_by("pk")

    StripeEvent.objects.filter(pk=odd.pk).update(attempts=inbox.ATTEMPTS - 1)
    process_due_events()

    odd.refresh_from_db()
    good.refresh_from_db()
    assert (odd.subject, odd.state, good.state) == ("", EventState.DEAD, EventState.IGNORED)
    assert "is no id of an object at Stripe." in odd.error


@pytest.mark.parametrize("length", ["x", "-1", "1e9", "9" * 5000, "²"])
def test_a_length_that_is_none_is_too_long(endpoint: Connection, length: str, client: Any) -> None:
    answer = client.post(
        f"/stripe/webhooks/{endpoint.endpoint}/", b"{}", content_type="application/json", CONTENT_LENGTH=length
    )
    assert answer.status_code == 413


def test_an_event_that_cannot_be_read_does_not_keep_others_from_being_caught_up(
    endpoint: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [event_json(id="evt_bad\n"), event_json(id="evt_good", created=1_893_456_007)]
    monkeypatch.setattr(Gateway, "events_since", lambda *_args, **_kwargs: listed)
    assert upkeep.catch_up(endpoint, now=NOW) == 1
    assert (StripeEvent.objects.get().stripe_id, endpoint.cursor) == ("evt_good", 1_893_456_007)


ODD: Final[list[Any]] = [
    None, True, -1, 0, 1.5, 2**63, 10**30, "", "x", "x" * 5000, "\0", "\ud800", "\u202e", "../..", [], [[]], {},
    {"id": None}, {"id": ["x"]}, [None], float("inf"), float("nan"), "9999-12-31",
]  # fmt: skip
ABOUT: Final[dict[str, dict[str, Any]]] = {
    "customer.updated": {"id": "cus_1", "object": "customer"},
    "customer.subscription.updated": {"id": "sub_1", "object": "subscription", "metadata": {"bookwhen_endpoint": "x"}},
    "invoice.paid": {"id": "in_1", "parent": {"subscription_details": {"subscription": "sub_1"}}},
    "checkout.session.completed": {"id": "cs_1", "metadata": {"bookwhen_payment": "x", "bookwhen_endpoint": "x"}},
    "refund.updated": {"id": "re_1", "payment_intent": "pi_1", "metadata": {}},
}


def places(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where in an event something could stand instead."""
    for name, inner in value.items():
        yield (*path, name)
        if isinstance(inner, dict):
            yield from places(inner, (*path, name))


@st.composite
def odd_events(draw: st.DrawFn) -> dict[str, Any]:
    """A good event of which one to three values were changed, or are missing."""
    kind = draw(st.sampled_from(sorted(ABOUT)))
    event = event_json(type=kind, data={"object": copy.deepcopy(ABOUT[kind])})
    for path in draw(st.lists(st.sampled_from(sorted(places(event))), min_size=1, max_size=3)):
        *way, last = path
        inside: Any = event
        for name in way:
            inside = inside.get(name, {}) if isinstance(inside, dict) else {}
        if isinstance(inside, dict):
            inside[last] = draw(st.sampled_from(ODD) | st.text(max_size=8) | st.integers())
            if draw(st.booleans()):
                del inside[last]
    return event


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(event=odd_events())
def test_whatever_is_changed_in_an_event_is_refused_or_worked_off(endpoint: Connection, event: dict[str, Any]) -> None:
    StripeEvent.objects.all().delete()
    assert deliver_event(event, to=endpoint) in {200, 400}
    process_due_events()


@given(st.recursive(st.sampled_from(ODD), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_no_json_is_read_as_an_event_by_mistake(raw: object) -> None:
    with pytest.raises(MalformedEventError):
        IncomingEvent.read(raw)
