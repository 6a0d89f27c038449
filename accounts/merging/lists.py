"""Lists that one of the two came in by: taken back later, they take nothing that was the other one's."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from accounts.merging.parts import Pair
from accounts.models import Customer, CustomerAddress, ListImport, ListImportRow

_EMPTY: Final = {"name": "", "phone": "", "note": "", "news_since": None}
_TOGETHER: Final = {"name_confirmed": "name", "news_source": "news_since"}
"""What goes with another field."""


def rows_of_lists(pair: Pair) -> QuerySet[ListImportRow]:
    """The rows of lists, as far as they are kept, that name an address of either; by the lists' own index."""
    lists = ListImport.objects.filter(account=pair.account, forgotten_at=None).values("pk")
    addresses = CustomerAddress.objects.filter(account=pair.account, customer__in=pair.ids).values("email")
    rows = ListImportRow.objects.filter(~Q(person=""), account=pair.account, list_import__in=lists)
    return rows.filter(person__in=list(addresses.values_list("email", flat=True))).order_by("pk")


def follow_lists(pair: Pair, *, taken: Collection[str]) -> None:
    """Let the rows name who stays; of what the lists wrote of the one who goes, what was `taken` over is still theirs.

    Where somebody has a field of the other's to fall back on, that is what stood there before.
    """
    rows = [row for row in rows_of_lists(pair) if row.after.get("customer") in pair.ids]
    for row in rows:
        came_in = pair.gone if row.after["customer"] == pair.gone.pk else pair.survivor
        facts = dict(row.after.get("facts", {}))
        if came_in == pair.gone:
            facts = {name: value for name, value in facts.items() if name in taken and name != "note"}
        elif facts:
            row.before = {**row.before, "facts": row.before["facts"] | _of(pair.gone, facts)}
        row.after = {**row.after, "customer": pair.survivor.pk, "made": False}
        if "facts" in row.after:
            row.after["facts"] = facts
    ListImportRow.objects.bulk_update(rows, ["before", "after"], batch_size=500)


def _of(customer: Customer, names: Collection[str]) -> dict[str, Any]:
    """Those fields of a customer that say something, as a list keeps them."""
    said = {name for name, nothing in _EMPTY.items() if getattr(customer, name) != nothing}
    return {name: _kept(getattr(customer, name)) for name in names if _TOGETHER.get(name, name) in said}


def _kept(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
