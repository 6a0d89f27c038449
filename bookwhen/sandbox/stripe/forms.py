"""The form bodies and query strings of Stripe's API: `a[b][0][c]=1` becomes nested values of the schema's types."""

import re
from collections.abc import Callable, Iterable

from bookwhen.sandbox.stripe.errors import Json

Deref = Callable[[Json], Json]
KEYS = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")


def unflatten(pairs: Iterable[tuple[str, str]]) -> Json:
    """Nest flat pairs; lists come out as dictionaries with numbers for keys, which `coerce` turns into lists."""
    root: Json = {}
    for key, value in pairs:
        *path, last = KEYS.findall(key) or [key]
        place = root
        for part in path:
            inner = place.setdefault(part or str(len(place)), {})
            place = inner if isinstance(inner, dict) else {}
        place[last or str(len(place))] = value
    return root


def coerce(value: object, schema: Json, deref: Deref) -> object:
    """Turn texts into what the schema says they are; what does not fit is left for the checker to refuse."""
    schema = deref(schema)
    if "anyOf" in schema:
        return _first_that_fits(value, schema["anyOf"], deref)
    if isinstance(value, dict):
        return _coerce_nested(value, schema, deref)
    return _coerce_text(value, schema.get("type")) if isinstance(value, str) else value


def _first_that_fits(value: object, choices: list[Json], deref: Deref) -> object:
    for choice in map(deref, choices):
        result = coerce(value, choice, deref)
        if _fits(result, choice):
            return result
    return value


def _coerce_nested(value: Json, schema: Json, deref: Deref) -> object:
    if schema.get("type") == "array" and all(key.isdigit() for key in value):
        return [coerce(value[key], schema.get("items", {}), deref) for key in sorted(value, key=int)]
    if schema.get("type") != "object":
        return value
    known, other = schema.get("properties", {}), schema.get("additionalProperties")
    otherwise: Json = other if isinstance(other, dict) else {}
    return {key: coerce(item, known.get(key, otherwise), deref) for key, item in value.items()}


def _coerce_text(text: str, kind: object) -> object:
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text


def _fits(value: object, schema: Json) -> bool:
    if "enum" in schema and value not in schema["enum"]:
        return False
    match schema.get("type"):
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "integer" | "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
    return True


def paths(value: object, at: str = "") -> Iterable[str]:
    """Yield the path of every value given, lists as `[]`: `items.[].price`."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from paths(item, f"{at}.{key}" if at else key)
    elif isinstance(value, list) and value:
        for item in value:
            yield from paths(item, f"{at}.[]")
    elif at:
        yield at
