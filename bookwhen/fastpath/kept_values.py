"""Values that are kept for as long as nothing has changed of what they were made from."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.db import Error

from bookwhen.database.base import FORGOTTEN
from bookwhen.fastpath.fingerprint import Fingerprint, one_snapshot
from bookwhen.fastpath.known import Known

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made(Generic[V]):
    """A value as it was made at an instant.

    `given` is what its fingerprint is read with, where a value of None stands for the instant at which somebody asks;
    without it, the value is not kept. It stays until `until` (None: for good), as long as its fingerprint does.
    """

    value: V
    given: Mapping[str, object] | None
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept(Generic[V]):
    value: V
    fingerprint: bytes
    given: Mapping[str, object]
    at: datetime
    until: datetime | None


class KeptValues(Generic[V]):
    """Values by a key: whatever they depend on beside the database and the instant.

    A value is made and its fingerprint read in one snapshot of the database, so that what is kept under a fingerprint
    is what was there at that fingerprint. Nothing tells a process that something has changed: it asks for the
    fingerprint each time, and makes the value anew where that is another. `weigh` says how many bytes a value takes;
    `most` are kept at most.
    """

    def __init__(self, fingerprint: Fingerprint, most: int, weigh: Callable[[V], int]) -> None:
        self._fingerprint = fingerprint
        self._known = Known[Hashable, _Kept[V]](most, lambda kept: weigh(kept.value))

    def get(self, key: Hashable, make: Callable[[], Made[V]], *, now: datetime, **asks: object) -> V:
        """What `make` makes at `now`, or made before; `make` may look at nothing that the key leaves out.

        `asks` goes before what the value was made with, where the fingerprint depends on who asks.
        """
        kept = self._known.get(key)
        if kept is not None and self._holds(kept, now, asks):
            return kept.value
        try:
            with one_snapshot():
                made = make()
                if made.given is None:
                    return made.value
                fingerprint = self._read(made.given, now, asks)
        except Error as error:
            if not isinstance(error.__cause__, FORGOTTEN):
                raise
            # A migration has changed a table: outside of a transaction each statement can be prepared once more.
            return make().value
        kept = _Kept(value=made.value, fingerprint=fingerprint, given=made.given, at=now, until=made.until)
        return self._known.put(key, kept).value

    def _holds(self, kept: _Kept[V], now: datetime, asks: Mapping[str, object]) -> bool:
        is_time = kept.at <= now and (kept.until is None or now < kept.until)
        return is_time and self._read(kept.given, now, asks) == kept.fingerprint

    def _read(self, given: Mapping[str, object], now: datetime, asks: Mapping[str, object]) -> bytes:
        told = {name: now if value is None else value for name, value in given.items()}
        return self._fingerprint.read(**{"now": now, **told, **asks})
