"""Which kinds of long jobs there are, and what their phases do: apps above register here from their `ready()`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from accounts.models import Operation

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch came to: where the next one begins (None: the phase is over), and how far the phase is.

    `total` is None where nobody knows it.
    """

    cursor: Mapping[str, Any] | None
    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a job: `label` says what is being done.

    `work` does one batch, from `operation.cursor` on; it holds no transaction while it speaks to others, and is safe to
    repeat: after a crash the same batch is done again. `then` names the phase that follows at once; `waits` says that
    somebody has to decide first. With neither, the job is done.
    """

    label: "StrOrPromise"
    work: Callable[[Operation, datetime], Step]
    then: str = ""
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the dashboard (its URL name and `pk`) with what a job is about; `label` is the link there."""

    label: "StrOrPromise"
    page: str
    pk: int


def _nowhere(_operation: Operation) -> Place | None:
    return None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of long job; `page` is the dashboard's page (its URL name, with the operation's `pk`) that shows it.

    `stays` says why it cannot be cancelled, where to stop would leave half of something. `leads_to` finds the page with
    what a job is about, also once it is over.
    """

    name: str
    label: "StrOrPromise"
    page: str
    phases: Mapping[str, Phase]
    stays: "StrOrPromise" = ""
    leads_to: Callable[[Operation], Place | None] = _nowhere
    is_for_owners: bool = False
    """Whether only owners of the account see it, and fetch what it wrote."""


_KINDS: Final[dict[str, Kind]] = {}


def register_kind(kind: Kind) -> None:
    """Let jobs of this kind be worked off from now on."""
    _KINDS[kind.name] = kind


def owners_kinds() -> list[str]:
    """The kinds (names) that only owners see."""
    return [kind.name for kind in _KINDS.values() if kind.is_for_owners]


def kind_of(operation: Operation) -> Kind | None:
    """The kind of an operation; None where nobody registered it (any more)."""
    return _KINDS.get(operation.kind)


def phase_of(operation: Operation) -> Phase | None:
    """The phase that an operation is in, or ended in."""
    kind = kind_of(operation)
    return kind.phases.get(operation.phase) if kind else None
