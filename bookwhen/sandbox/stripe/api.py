"""One call of the API: who asks, for what, is it right by the document, was it asked before, is our answer right."""

import base64
import binascii
import contextlib
import hashlib
import json
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass

from bookwhen.sandbox.stripe import (  # noqa: F401 - each registers its routes
    account,
    balance,
    billing,
    cards,
    catalogue,
    checkout,
    collecting,
    customers,
    discounting,
    disputes,
    invoice_items,
    invoices,
    payments,
    payouts,
    portal,
    previewing,
    refunds,
    rights,
    schedules,
    settling,
    subscribing,
)
from bookwhen.sandbox.stripe.document import VERSION, Operation
from bookwhen.sandbox.stripe.errors import Json, Refused, not_modelled
from bookwhen.sandbox.stripe.faults import Kind
from bookwhen.sandbox.stripe.platform import Platform
from bookwhen.sandbox.stripe.routes import call
from bookwhen.sandbox.stripe.views import expanded
from bookwhen.sandbox.stripe.world import World

KEY = re.compile(r"(sk|rk)_test_\w+")
EARLY = {
    "busy": Refused(429, "Request rate limit exceeded.", code="rate_limit"),
    "in_use": Refused(
        409, "There is currently another in-progress request using this key.", "idempotency_error",
        code="idempotency_key_in_use",
    ),
}  # fmt: skip
"""What Stripe answers before it begins: it is kept under no key."""


@dataclass(frozen=True)
class Request:
    """One request as it came; `headers` are looked up in lower case."""

    method: str
    path: str
    query: str
    body: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    body: Json
    replayed: bool = False


FAILURE = Answer(500, Refused(500, "An error occurred with our connection to Stripe.", "api_error").body())


def world_of(platform: Platform, key: str) -> World:
    """Return the account of a key, made when the key is first used; a restricted key was made for one."""
    key = platform.restricted[key].of if key in platform.restricted else key
    if key not in platform.worlds:
        world = World(platform, key)
        platform.worlds[key] = world
        portal.configure(world, {}, is_default=True)
    found: World = platform.worlds[key]
    return found


def answer(platform: Platform, request: Request, fault: Kind | None = None) -> Answer:
    """Answer one call, with what had fallen due done before it; or as a fault has it."""
    try:
        with platform.lock:
            if refusal := EARLY.get(fault or ""):
                raise refusal
            billing.settle(platform)
            return _answer(platform, request, fault)
    except Refused as refusal:
        platform.complain("error", platform.document.wrong_error(refusal.body()))
        return Answer(refusal.status, refusal.body())


def _answer(platform: Platform, request: Request, fault: Kind | None) -> Answer:
    key = _key(request)
    world = world_of(platform, key)
    _check_headers(request)
    found = platform.document.match(request.method, request.path)
    if found is None:
        message = f"Unrecognized request URL ({request.method}: {request.path})."
        raise Refused(404, message)
    operation, ids = found
    given, wrong = platform.document.read(operation, urllib.parse.parse_qsl(_pairs(request), keep_blank_values=True))
    if wrong:
        raise _refusal(*wrong[0])
    rights.check(world, key, request.method, request.path, given.get("expand", []))
    return _once(world, request, (operation, given, ids), fault)


def _pairs(request: Request) -> str:
    return "&".join(part for part in (request.query, request.body) if part)


def _key(request: Request) -> str:
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind == "Basic":
        with contextlib.suppress(binascii.Error):
            key = base64.b64decode(key).decode(errors="replace").partition(":")[0]
    if kind not in {"Basic", "Bearer"} or not KEY.fullmatch(key):
        shown = f"{key[:8]}****{key[-4:]}" if key else "none"
        message = f"Invalid API Key provided: {shown}"
        raise Refused(401, message)
    return key


def _check_headers(request: Request) -> None:
    if request.headers.get("stripe-version", VERSION) != VERSION:
        message = f"Stripe-Version {request.headers['stripe-version']}"
        raise not_modelled(message)
    if "stripe-account" in request.headers:
        message = "Stripe-Account"
        raise not_modelled(message)


def _refusal(where: str, message: str) -> Refused:
    """Say what the document has against a request, as nearly as Stripe would."""
    name = re.search(r"\('(.+?)'[ ,)].*unexpected", message)
    if name:
        param = ".".join(filter(None, (where, name[1])))
        return Refused(400, f"Received unknown parameter: {param}", param=param, code="parameter_unknown")
    name = re.search(r'"(.+?)" is a required property', message)
    if name:
        param = ".".join(filter(None, (where, name[1])))
        return Refused(400, f"Missing required param: {param}.", param=param, code="parameter_missing")
    return Refused(400, f"Invalid {where}: {message}", param=where or None)


def _once(
    world: World, request: Request, asked_for: tuple[Operation, Json, tuple[str, ...]], fault: Kind | None
) -> Answer:
    """Do it, unless it was done under the same idempotency key: then it is answered as it was, also with a failure."""
    operation, given, ids = asked_for
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    asked = json.dumps([request.path, given], sort_keys=True)
    fingerprint = hashlib.sha256(asked.encode()).hexdigest()
    if key and key in world.answered:
        before, status, body = world.answered[key]
        if before != fingerprint:
            message = (
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request."
            )
            raise Refused(400, message, "idempotency_error")
        return Answer(status, body, replayed=True)
    result = FAILURE if fault == "error" else _do(world, operation, given, ids)
    if fault == "error_after":
        result = FAILURE
    if key:
        world.answered[key] = (fingerprint, result.status, result.body)
    return result


def _do(world: World, operation: Operation, given: Json, ids: tuple[str, ...]) -> Answer:
    try:
        body = expanded(world, call(world, operation.name, given, ids), given.get("expand", []))
    except Refused as refusal:
        if refusal.error.get("code") == "sandbox_not_modelled":
            raise
        world.platform.complain(operation.name, world.platform.document.wrong_error(refusal.body()))
        return Answer(refusal.status, refusal.body())
    wrong = world.platform.document.wrong_answer(operation, body)
    if wrong:
        world.platform.complain(operation.name, wrong)
        message = f"The sandbox's own answer is not Stripe's: {wrong[0][0]}: {wrong[0][1]}"
        raise Refused(500, message, "api_error")
    return Answer(200, body)
