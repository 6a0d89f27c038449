"""What a program, a mistake or an attacker may send where a form expects something else."""

from random import Random
from typing import Final

NUMBERS: Final = (
    "0", "-1", "1.5", "1e400", "1e5", "Infinity", "-Infinity", "NaN", "sNaN", "9" * 12, "9" * 19, str(2**31),
    str(2**63), str(-(2**63) - 1), "9" * 30, "9" * 5000, "0x10", "1_000", "٣", "²", "1,5", "12.50", "0.001",
    "9" * 30 + ".99", " 7 ", "+7", "--7", "1 2",
)  # fmt: skip
DATES: Final = (
    "0001-01-01", "9999-12-31", "9999-12-30", "1000-01-01", "2030-02-30", "2028-02-29", "0000-00-00", "10000-01-01",
    "-001-01-01", "2030-W01-1", "20300101", "2030-01-01T00:00", "9999-12-31T23:59", "25:61", "23:59:59.999999",
    "00:00", "2030-1-1", "31/12/2030",
)  # fmt: skip
TEXTS: Final = (
    "", " ", "\0", "a\0b", "a\nb", "a\r\n\r\nb", "\u2028", "a\u2029b", "\x85", "\x1b[31m", "\u202egnp.exe",
    "\u200b", "\ufeff", "\ud800", "\udfff\ud800", "\uffff", "\U0010ffff", "é" * 300, "👩\u200d🏫" * 60, "x" * 201,
    "x" * 10_001, "x" * 70_000, "<script>alert(1)</script>", "{{ 7*7 }}", "%s%(a)s%n", "'; DROP TABLE x; --", "\\",
    "../../etc/passwd", "//evil.example", "https://evil.example/", "javascript:alert(1)", "foo", "True", "null", "[]",
    '{"a": 1}', "a@b", "a@" + "b" * 300 + ".example", "a b@example.org", "Ada <ada@example.org>", "I\u0307",
)  # fmt: skip
KEYS: Final = (
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "{" + "0" * 32 + "}",
    "urn:uuid:" + "0" * 32, "0" * 33, "9" * 5000 + ":1:1", "1:1:1", ":", "1:" * 200, "1,2", "1.1", "a:b:c", "=1+1",
    "gold", "asc", "-pk", "__all__", "id__in",
)  # fmt: skip
ALL: Final = NUMBERS + DATES + TEXTS + KEYS

PATHS: Final[dict[str, tuple[str, ...]]] = {
    "int": ("0", str(2**31), str(2**63), "9" * 30, "9" * 4400),
    "slug": ("x", "-", "_", "9" * 30, "x" * 300, "dashboard"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    "str": ("x", "%00", "%0a", "%ff", "%ed%a0%80", "a:b:c", ":::", "x" * 3000, "%F0%9F%98%80", "..%2f", "%25s"),
    "path": ("x", "a/b", "%00", "%ff", "../x"),
}
"""What may stand in an address instead, by the name of the converter; one that is not here takes what `str` takes."""


ALWAYS: Final[dict[str, tuple[str, ...]]] = {
    "number": ("9" * 30, "NaN"),
    "decimal": ("9" * 30, "1e400"),
    "date": ("0001-01-01", "9999-12-31"),
    "time": ("23:59:59.999999",),
    "hidden": ("9" * 5000 + ":1:1", str(2**63)),
    "query": ("a\0b", "9999-12-31", "9" * 30),
}
"""What an input of an HTML type, or a parameter of a query, is given in any case; others get `USUALLY`."""
USUALLY: Final = ("a\nb", "\ud800")


def some(of: tuple[str, ...], count: int, seed: str) -> list[str]:
    """A few of the values, the same for the same seed; all of them for a count that is large enough."""
    return Random(seed).sample(of, min(count, len(of)))  # noqa: S311 - nothing secret


def some_for(kind: str, count: int, seed: str) -> list[str]:
    """A few values for an input of an HTML type: some of its own kind, which come further into the code."""
    own = {"number": NUMBERS, "decimal": NUMBERS, "date": DATES, "time": DATES, "hidden": KEYS + NUMBERS}.get(kind)
    if own is None:
        return some(ALL, count, seed)
    most = (count + 1) // 2
    return some(own, most, seed) + some(ALL, count - most, seed + "!")
