"""Leaders, locations and tags that a filter offers: as many as a list can show, with a way to name another one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from django.db.models import Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from bookwhen.folded import fold_name
from bookwhen.search import few_have
from bookwhen.text import compared_name
from tickets.models import Leader, Location, Tag

MOST: Final = 100
LAST: Final = "\U0010ffff"
"""It comes after every name."""
LOOKED_AT: Final = 500
"""So many of an account’s names are gone through for those that are used: each is looked up."""
NOBODY: Final = -1
"""What is chosen by a name that none of them has, or several."""

N = TypeVar("N", Leader, Location, Tag)


@dataclass(frozen=True, slots=True)
class Offered(Generic[N]):
    """What can be chosen (`rows`), whether there are more, and which was chosen (id; 0: none)."""

    rows: Sequence[N]
    is_cut: bool = False
    chosen: int = 0


def offer(found: QuerySet[N], chosen: int = 0, typed: str = "") -> Offered[N]:
    """The first of an account’s, in their order, and always the `chosen` one (id), or the one whose name was `typed`.

    A name may be typed in part, as long as only one has it. One statement; more where there are more than are offered.
    """
    rows: list[N] = list(found[: MOST + 1])
    if len(rows) <= MOST:
        return Offered(rows, chosen=chosen)
    del rows[MOST:]
    if typed.strip():
        named: N | None = named_in(found, typed)
        first: list[N] = [] if named is None else [named]
        rows = first + [each for each in rows if each != named]
        chosen = NOBODY if named is None else named.pk
    elif chosen and all(each.pk != chosen for each in rows):
        rows = list(found.filter(pk=chosen)) + rows
    return Offered(rows, is_cut=True, chosen=chosen)


def offer_used(names: QuerySet[N], used: Q, chosen: int = 0) -> Offered[N]:
    """The same of those of an account’s `names` that are used, and the `chosen` one (id).

    They are looked for among the first names; where there are more names than those, it is cut. One statement, and
    another for a chosen one that is further on.
    """
    beyond = Subquery(names.order_by("folded").values("folded")[LOOKED_AT : LOOKED_AT + 1])
    last = Coalesce(beyond, Value(LAST), output_field=TextField())
    # The first name beyond comes with them, used or not: it says that there are more.
    offered = offer(
        names.filter(used | Q(folded=beyond), folded__lte=last).annotate(is_beyond=Q(folded=beyond)), chosen
    )
    rows: list[N] = [each for each in offered.rows if not getattr(each, "is_beyond", False)]
    is_cut = offered.is_cut or len(rows) < len(offered.rows)
    if chosen and all(each.pk != chosen for each in rows):
        rows = list(names.filter(pk=chosen)) + rows
    return replace(offered, rows=rows, is_cut=is_cut)


def named_in(found: QuerySet[N], typed: str) -> N | None:
    """The one with this name, or else the only one that has it as a part of its own, whatever the accents.

    Two statements at most.
    """
    folded = fold_name(typed.strip())
    if exact := found.filter(folded=folded).first():
        return exact
    several = list(found.filter(few_have("name", typed))[:MOST])
    alike = [each for each in several if compared_name(each.name) == compared_name(typed.strip())] or several
    return alike[0] if len(alike) == 1 else None
