"""docs/stripe.md, made from the code: every call that we make, every event we ask for, every field we read.

`STRIPE_LIST=write .venv/bin/python -m pytest -n0 tests/payments/test_stripe_list.py` writes it; without that, the test
holds that it is what this would write.
"""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import stripe

import bookwhen.payments
from bookwhen.payments import handlers
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.permissions import CALLS, Call, needed
from bookwhen.payments.transport import API_VERSION
from bookwhen.sandbox.stripe.document import Document, load

HERE: Final = Path(__file__).parents[2]
DOCUMENT: Final = HERE / "docs" / "stripe.md"
ASKS: Final = frozenset({"ask", "ask_all", "ask_plainly", "create", "is_there"})
"""The methods of the gateway that name an operation first."""
OBJECTS: Final = {
    "session": "checkout.session",
    "endpoint": "webhook_endpoint",
    "preview": "invoice",
    "movement": "balance_transaction",
}
"""What a reader's object is called in Stripe's document, where that is not the reader's own name."""
ABOUT: Final = {
    "customer.subscription.": "subscription",
    "customer.": "customer",
    "charge.dispute.": "dispute",
    "charge.refund.": "refund",
    "payout.": "payout",
}
"""The object that an event tells of, where its type does not begin with it."""
INTRODUCTION: Final = """# What we ask of Stripe

Made from the code, and held against it by `tests/payments/test_stripe_list.py`, which says how to write it again. A new
call is one line in `bookwhen/payments/permissions.py`.

Calls go to Stripe’s API in the version {version}, with the studio’s own key.

## Permissions of a restricted key

Stripe’s dashboard names them as here. *Write* includes *Read*. *Settings → Payments* lists them too, and *Test the
connection* tries each one without changing anything.

| resource | permission | in Stripe’s API |
|---|---|---|
{permissions}

## Calls

| call | permission | what for |
|---|---|---|
{calls}

## Events

Our webhook endpoint asks for these, and catching up lists them:

{events}

## Fields

What is read of each object, in the API’s own names (`[]`: of each in a list). The rest is not looked at.

{fields}

Besides, where a call is made or a list is walked, of its answer:

{directly}
"""


class NobodyThereError(Exception):
    """A call got as far as the line."""


class Noted(dict[str, Any]):
    """An object as Stripe's document describes it, which notes the paths of what is read of it."""

    def __init__(self, schema: Any, path: str, notes: "Notes") -> None:
        self.properties = schema.get("properties", {})
        super().__init__(dict.fromkeys(self.properties))
        self.path, self.notes = path, notes

    def __getitem__(self, name: str) -> Any:
        path = f"{self.path}.{name}" if self.path else name
        self.notes.paths.add(path)
        if name not in self.properties:
            raise KeyError(name)
        return self.notes.value(self.properties[name], path)

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default


class Notes:
    """What was read in some runs. In the `full` ones everything is there, and expanded; in the others it is not."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.paths: set[str] = set()
        self.enums: dict[str, list[Any]] = {}
        self.full = True
        self.chosen: dict[str, Any] = {}

    def read(self, reader: Callable[[Any], object], kind: str) -> None:
        """Read an object in every way: full or not, and with each value of what has a few."""
        schema = self.document.components[kind]
        for self.full in (True, False):
            self.chosen = {}
            self._once(reader, schema)
            for path, values in list(self.enums.items()):
                for value in values:
                    self.chosen = {path: value}
                    self._once(reader, schema)

    def _once(self, reader: Callable[[Any], object], schema: Any) -> None:
        with suppress(Exception):  # what can't be is looked at all the same
            reader(Noted(schema, "", self))

    def value(self, schema: Any, path: str) -> Any:
        """What stands at a path."""
        if schema.get("nullable") and not self.full:
            return None
        schema = self.document.deref(schema)
        if "anyOf" in schema:
            choices = [self.document.deref(each) for each in schema["anyOf"]]
            schema = next((each for each in choices if ("properties" in each) == self.full), choices[0])
        if "enum" in schema:
            self.enums[path] = schema["enum"]
            return self.chosen.get(path, schema["enum"][0])
        match schema.get("type"):
            case "object":
                return Noted(schema, path, self)
            case "array":
                return [self.value(schema.get("items", {}), f"{path}[]")]
            case "integer" | "number":
                return 1_700_000_000 if schema.get("format") == "unix-time" else 1
            case "boolean":
                return self.full
        decimal = schema.get("format") == "decimal"
        return "gbp" if path.endswith("currency") else "1" if decimal else "some"


def gateway_modules() -> Iterator[Any]:
    """The modules that speak to Stripe, or read what it says."""
    for found in pkgutil.iter_modules(bookwhen.payments.__path__):
        if "gateway" in found.name or found.name.startswith(("stripe_", "restricted_")):
            yield importlib.import_module(f"bookwhen.payments.{found.name}")


def operations_asked() -> dict[str, str]:
    """Every operation that the code names, and where."""
    found: dict[str, str] = {}
    for folder in ("bookwhen/payments", "accounts", "groups", "memberships", "offers", "tickets"):
        for path in sorted((HERE / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(func=ast.Attribute(attr=name), args=[ast.Constant(value=str(operation)), *_]):
                        if name in ASKS and "." in operation:
                            found[operation] = f"{path.relative_to(HERE)}:{node.lineno}"
                            if name == "create":
                                found[operation.replace(".create", ".list")] = found[operation]
    return found


def request_of(call: Call) -> str:
    """What a call is in Stripe's documentation (`POST /v1/refunds`): the library is let make it, to nobody."""
    asked: list[str] = []

    class Nobody(stripe.RequestsClient):
        def request_with_retries(self, method: str, url: str, *_args: Any, **_more: Any) -> Any:
            asked.append(f"{method.upper()} {url.removeprefix('https://api.stripe.com').partition('?')[0]}")
            raise NobodyThereError

    client = stripe.StripeClient("sk_test_nobody", http_client=Nobody())
    make = attrgetter(call.operation)(client.v1)
    required = [name for name, each in inspect.signature(make).parameters.items() if each.default is each.empty]
    given: list[Any] = [{} if name == "params" else f"{{{name}}}" for name in required]
    with suppress(NobodyThereError):
        make(*given)
    return asked[0].replace("%7B", "{").replace("%7D", "}")


def fields_read() -> dict[str, set[str]]:
    """The paths that are read of each object of Stripe's."""
    document, notes = load(), dict[str, Notes]()

    def note(reader: Callable[[Any], object], kind: str) -> None:
        notes.setdefault(kind, Notes(document)).read(reader, kind)

    for module in gateway_modules():
        for name, reader in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("read_") and reader.__module__ == module.__name__:
                kind = OBJECTS.get(name.removeprefix("read_"), name.removeprefix("read_"))
                if kind in document.components:
                    note(reader, kind)
    note(IncomingEvent.read, "event")
    for kind in handlers.wanted_types():
        about = next((each for begin, each in ABOUT.items() if kind.startswith(begin)), kind.rpartition(".")[0])
        if about in document.components:
            note(lambda raw, kind=kind: handlers.find_handler(kind, raw), about)  # type: ignore[misc]
    return {kind: found.paths for kind, found in notes.items()}


def fields_read_directly() -> dict[str, set[str]]:
    """By module, the names that are read of an answer where it comes in, outside the readers of whole objects."""
    found: dict[str, set[str]] = {}
    for path in sorted((HERE / "bookwhen" / "payments").glob("*.py")):
        tree = ast.parse(path.read_text())
        if not any(isinstance(node, ast.Attribute) and node.attr in ASKS for node in ast.walk(tree)):
            continue
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and not function.name.startswith("read_"):
                found.setdefault(path.stem, set()).update(_names_read(function))
    return {module: names for module, names in found.items() if names}


def _names_read(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        match node:
            case ast.Subscript(slice=ast.Constant(value=str(name)), ctx=ast.Load()):
                yield name
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(name)), *_]):
                yield name


def render() -> str:
    """The whole document."""
    calls = sorted(CALLS, key=lambda call: call.operation)
    fields = fields_read()
    return INTRODUCTION.format(
        version=API_VERSION,
        permissions="\n".join(f"| {each.resource.label} | {each.level} | `{each.slug}` |" for each in needed()),
        calls="\n".join(f"| `{request_of(each)}` | {each.need or 'none of its own'} | {each.why} |" for each in calls),
        events="\n".join(f"- `{each}`" for each in handlers.wanted_types()),
        fields="\n\n".join(
            f"- **{kind}**: " + ", ".join(f"`{path}`" for path in sorted(paths))
            for kind, paths in sorted(fields.items())
        ),
        directly="\n".join(
            f"- `{module}`: " + ", ".join(f"`{name}`" for name in sorted(names))
            for module, names in fields_read_directly().items()
        ),
    )
