"""What one Stripe account holds: its objects, what the sandbox knows about them beside, and what happened."""

import copy
import hashlib
import json
import re
import secrets
from collections.abc import Iterable
from typing import Any

from bookwhen.sandbox.stripe.deliveries import Delivery
from bookwhen.sandbox.stripe.document import VERSION
from bookwhen.sandbox.stripe.errors import Json, invalid, missing
from bookwhen.sandbox.stripe.platform import Platform

PREFIXES = {
    "balance_transaction": "txn",
    "billing_portal.configuration": "bpc",
    "billing_portal.session": "bps",
    "charge": "ch",
    "checkout.session": "cs_test",
    "coupon": "coupon",
    "customer": "cus",
    "discount": "di",
    "dispute": "du",
    "event": "evt",
    "invoice": "in",
    "invoice_payment": "inpay",
    "invoiceitem": "ii",
    "item": "li",
    "line_item": "il",
    "payment_intent": "pi",
    "payment_method": "pm",
    "payout": "po",
    "price": "price",
    "product": "prod",
    "refund": "re",
    "subscription": "sub",
    "subscription_item": "si",
    "subscription_schedule": "sub_sched",
    "test_helpers.test_clock": "clock",
    "webhook_endpoint": "we",
}
WITHOUT_MODE = frozenset({"discount", "item", "refund", "subscription_item"})
UNDATED = frozenset({"discount", "invoiceitem", "item", "line_item"})
WORDS = re.compile(r"[rs]k_test_([A-Z][A-Za-z]*(?:_[A-Za-z]+)*)")
NAMELESS = "Sandbox studio"
KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}


class World:
    """One account, found by its secret key: two keys never see each other's objects."""

    previews = False
    """Is it only a copy, on which a change is tried without being told or paid?"""

    def __init__(self, platform: Platform, key: str) -> None:
        self.platform = platform
        self.key = key
        self.account = f"acct_{hashlib.sha256(key.encode()).hexdigest()[:16]}"
        self.name = name_of(key)
        self.objects: dict[str, dict[str, Json]] = {kind: {} for kind in PREFIXES}
        self.notes: dict[str, Json] = {}
        """What Stripe knows of an object and does not tell, by its id: how a card behaves, a session's lines."""
        self.answered: dict[str, tuple[str, int, Json]] = {}
        """What was answered under each idempotency key: the request's fingerprint, the status, the body."""

    @property
    def pages(self) -> str:
        """Where the account's hosted pages are: at Stripe, or under a domain of its own."""
        return self.platform.domains.get(self.key, self.platform.base)

    def now(self, customer: str | None = None) -> int:
        """Return the time in epoch seconds, for a customer with a test clock the time of that clock."""
        held = self.objects["customer"].get(customer or "", {}).get("test_clock")
        if held:
            frozen: int = self.objects["test_helpers.test_clock"][held]["frozen_time"]
            return frozen
        return self.platform.now()

    def clock_of(self, customer: str | None) -> str | None:
        """Return the id of the customer's test clock."""
        clock: str | None = self.objects["customer"].get(customer or "", {}).get("test_clock")
        return clock

    def key_for(self, kind: str) -> str:
        """Make an id."""
        return f"{PREFIXES[kind]}_{secrets.token_hex(12)}"

    def shape(self, kind: str, created: int, **fields: object) -> Json:
        """Make an object without keeping it (a line, an item)."""
        made: Json = {"id": self.key_for(kind), "object": kind}
        made |= {} if kind in UNDATED else {"created": created}
        return made | ({} if kind in WITHOUT_MODE else {"livemode": False}) | fields

    def new(self, kind: str, created: int | None = None, **fields: object) -> Json:
        """Make an object and keep it."""
        made = self.shape(kind, self.platform.now() if created is None else created, **fields)
        self.objects[kind][made["id"]] = made
        return made

    def get(self, kind: str, key: str, param: str = "id") -> Json:
        """Return the object itself; 404 if there is none, 400 where a parameter names it."""
        found = self.objects[kind].get(key)
        if found is None:
            refusal = missing(kind, key, param)
            refusal.status = 404 if param == "id" else 400
            raise refusal
        return found

    def of(self, kind: str, **wanted: object) -> list[Json]:
        """Return the objects with these fields, oldest first."""
        return [
            found
            for found in self.objects[kind].values()
            if all(found.get(field) == value for field, value in wanted.items())
        ]

    def note(self, key: str) -> Json:
        """Return the notes of an object, to read and to write."""
        return self.notes.setdefault(key, {})

    def update(self, event: str, found: Json, **fields: object) -> None:
        """Set fields, and tell of it if anything changed."""
        previous = {name: copy.deepcopy(found.get(name)) for name, value in fields.items() if found.get(name) != value}
        found.update(fields)
        if previous:
            self.emit(event, found, previous)

    def emit(self, kind: str, found: Json, previous: Json | None = None) -> Json:
        """Record an event about an object as it is now, and send it to the endpoints that want it."""
        data: Json = {"object": without_tiers(copy.deepcopy(found))}
        if previous is not None:
            data["previous_attributes"] = previous
        wanting = [
            endpoint
            for endpoint in self.objects["webhook_endpoint"].values()
            if endpoint["status"] == "enabled" and {"*", kind} & set(endpoint["enabled_events"])
        ]
        event = self.new(
            "event", type=kind, data=data, api_version=VERSION, pending_webhooks=len(wanting), request=None
        )
        self.platform.complain(f"event {kind}", self.platform.document.wrong_event(event))
        for endpoint in wanting:
            self.send(event, endpoint)
        return event

    def send(self, event: Json, endpoint: Json) -> None:
        """Put one delivery on its way, with the body as it is now."""
        secret_list = list(self.note(endpoint["id"])["secrets"])
        body = json.dumps(event, indent=2).encode()
        self.platform.deliveries.post(Delivery(endpoint["id"], endpoint["url"], event, body, secret_list))


def name_of(key: str) -> str:
    """Return the name of a key's account: `sk_test_Riverside_Movement_Studio` says it, any other key does not."""
    words = WORDS.fullmatch(key)
    return words[1].replace("_", " ") if words else NAMELESS


def without_tiers(node: Any) -> Any:  # noqa: ANN401 - whatever objects are made of
    """Leave the tiers of prices out, in place: Stripe tells them only where they are asked for."""
    if isinstance(node, dict):
        if node.get("object") == "price":
            node.pop("tiers", None)
        for each in node.values():
            without_tiers(each)
    elif isinstance(node, list):
        for each in node:
            without_tiers(each)
    return node


def merged(metadata: Json, given: object) -> Json:
    """Apply a change of metadata: an empty text removes a key, an empty text for all removes all."""
    if not isinstance(given, dict):
        return {} if given == "" else metadata
    return {key: value for key, value in (metadata | given).items() if value != ""}


def given_fields(given: Json, names: Iterable[str]) -> Json:
    """Pick simple fields from a request: an empty text unsets."""
    return {name: None if given[name] == "" else given[name] for name in names if name in given}


def listed(data: list[Json], url: str) -> Json:
    """Wrap a list that is part of an object."""
    return {"object": "list", "data": data, "has_more": False, "url": url}


def customer_of(world: World, key: object, param: str = "customer") -> Json:
    """Return a customer that a parameter names, not a deleted one."""
    found = world.get("customer", str(key), param)
    if found.get("deleted"):
        message = f"No such customer: '{key}'; it was deleted."
        raise invalid(message, param, "resource_missing")
    return found
