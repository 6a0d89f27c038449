"""What an app does about what it keeps of somebody who is erased; each registers its part in its `ready()`."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from accounts.models import Account, Customer
from accounts.parts import Parts
from bookwhen.payments.models import Connection

WORDS: Final = 2
"""Of how many words a name must be to be looked for within texts: a single one may be anything there."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that must be over before somebody is erased, in a sentence, and the page where that can be seen to."""

    text: str
    page: str = ""
    """The name of a page of the dashboard; empty: it is only waited for."""
    pk: int | None = None
    """Which one, where there are several of that kind."""


@dataclass(frozen=True, slots=True)
class Known:
    """By what somebody is recognised in texts: their folded addresses, and their names as they were written."""

    addresses: frozenset[str]
    names: frozenset[str]

    @property
    def exact(self) -> list[str]:
        """All of it, for columns that hold nothing else."""
        return sorted(self.addresses | self.names)

    @property
    def within(self) -> list[str]:
        """What is looked for within longer texts: no name that could as well be a word."""
        return sorted(self.addresses | {name for name in self.names if len(name.split()) >= WORDS})

    def out_of(self, text: str, instead: str) -> str:
        """A text in which they are nobody, however they are written in capitals."""
        # The longest first: an address may have another in it.
        found = "|".join(re.escape(each) for each in sorted(self.within, key=len, reverse=True))
        return re.sub(rf"(?<![\w@.+-])(?:{found})(?![\w@])", instead, text, flags=re.IGNORECASE) if found else text

    def out_of_json(self, value: Any, instead: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        """The same of whatever JSON holds: what is only their name or address, and texts that have it in them."""
        if isinstance(value, str):
            is_theirs = value.strip().lower() in {each.lower() for each in self.exact}
            return instead if is_theirs else self.out_of(value, instead)
        if isinstance(value, list):
            return [self.out_of_json(each, instead) for each in value]
        if isinstance(value, dict):
            return {key: self.out_of_json(each, instead) for key, each in value.items()}
        return value

    def texts(self, *columns: str) -> Q:
        """The condition that one of these columns may speak of them: what `out_of` then looks through."""
        found = Q(pk__in=[])
        for column in columns:
            for each in self.within:
                found |= Q((f"{column}__icontains", each))
        return found


@dataclass(frozen=True, slots=True)
class Erasing:
    """An erasure under way, in one transaction that holds the customer's row."""

    account: Account
    customer: Customer
    """Whose row is about to be deleted."""
    left: Customer
    """Nobody: has what stays."""
    known: Known
    now: datetime
    at_stripe: set[tuple[int, str]] = field(default_factory=set)
    """What is theirs at Stripe: connection (id) and Stripe's id. Parts add to it; the last one has it forgotten."""

    @property
    def name(self) -> str:
        """What stands where their name stood."""
        return self.left.name

    def note_at_stripe(self, connection: Connection | int | None, stripe_ids: Iterable[str]) -> None:
        """Note what of theirs is at Stripe, over a connection."""
        pk = connection.pk if isinstance(connection, Connection) else connection
        if pk is not None:
            self.at_stripe.update((pk, each) for each in stripe_ids if each)


def _no_obstacles(_customer: Customer, _now: datetime) -> Iterable[Obstacle]:
    return ()


def _no_names(_customer: Customer) -> Iterable[str]:
    return ()


def _hold_nothing(_customer: Customer, _now: datetime) -> None:
    """Nothing of it has to be held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePart:
    """One app's part. `erase` moves what stays to `left` and takes the person out of it; all else is deleted.

    `hold` locks, and ends, what must be held before the customer's own row is, in the house's order of locks.
    `obstacles` is asked before anything is shown, and again once all is held. `names` are more names of theirs.
    """

    erase: Callable[[Erasing], None]
    obstacles: Callable[[Customer, datetime], Iterable[Obstacle]] = _no_obstacles
    hold: Callable[[Customer, datetime], None] = _hold_nothing
    names: Callable[[Customer], Iterable[str]] = _no_names


ERASE: Final = Parts[ErasePart]()
"""The parts in which somebody is erased."""
