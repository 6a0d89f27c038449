"""What each app does when two customers become one: registered here from its `ready()`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from accounts.models import Account, Customer
from accounts.operations.kinds import Place
from accounts.parts import Parts

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Pair:
    """Two customers of one account (each with it): who stays, and who is gone once they are one."""

    survivor: Customer
    gone: Customer

    @property
    def account(self) -> Account:
        """The account that knows both."""
        return self.survivor.account

    @property
    def ids(self) -> list[int]:
        """Both, in the order in which rows are held."""
        return sorted((self.survivor.pk, self.gone.pk))

    @property
    def moving_addresses(self) -> list[str]:
        """All addresses of the one who goes; none where they have a contact instead (docs/decisions/0072)."""
        return [each for each in (self.gone.email, *self.gone.other_addresses.split()) if each]

    def turned(self) -> "Pair":
        """The same two, with the other one staying."""
        return Pair(self.gone, self.survivor)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why two cannot be merged (this way round), for people, and where to do something about it."""

    text: "StrOrPromise"
    places: tuple[Place, ...] = ()
    turns: bool = False
    """Whether they can be merged with the other one staying, as far as this is concerned."""


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one kind of thing, for people: what it is, and a sentence or several."""

    term: "StrOrPromise"
    sentences: tuple[str, ...]


def _nothing(_pair: Pair) -> Iterable[Obstacle]:
    return ()


def _no_lines(_pair: Pair, _now: datetime) -> Iterable[Line]:
    return ()


def _hold_nothing(_pair: Pair) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePart:
    """What an app does.

    `hold` holds its rows, in the house's order; `obstacles` says why not; `lines`, what becomes of what; `move` gives
    everything of the one who goes to the one who stays, in the transaction that holds both.
    """

    move: Callable[[Pair, datetime], None]
    hold: Callable[[Pair], None] = _hold_nothing
    obstacles: Callable[[Pair], Iterable[Obstacle]] = _nothing
    lines: Callable[[Pair, datetime], Iterable[Line]] = _no_lines


MERGE: Final = Parts[MergePart]()
"""In the order in which rows are held and moved: subscriptions, the customers, members, uses, bookings."""
