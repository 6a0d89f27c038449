"""A customer's own data as a file (Art. 15 of the GDPR): every app says what it keeps of a person.

An app registers its sections in its `ready()`. A worker writes them one after another, some rows at a time, so that
nobody's file is held as a whole. docs/decisions/0073.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from accounts.exports import KEPT, WRITE, begin_file, write_part
from accounts.models import Account, Customer, ExportFile, Operation, OperationState
from accounts.operations.kinds import Kind, Phase, Step
from accounts.parts import Parts
from bookwhen.keyset import rows_after

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

M = TypeVar("M", bound=Model)
ROWS: Final = 500
"""How many rows are read at a time."""
BY_CUSTOMER: Final = "by_customer"
"""In what was asked: the customer asked for it themselves."""
Said: TypeAlias = Mapping[str, Any]
"""What is said of one thing, under names that people read."""


@dataclass(frozen=True, slots=True)
class SomeSaid:
    """Some of what a section says, and up to where it was read; None: to its end."""

    rows: Sequence[Said]
    after: list[Any] | None = None


Read: TypeAlias = Callable[[Customer, list[Any] | None, int], SomeSaid]


@dataclass(frozen=True, slots=True)
class Section:
    """What an app keeps of a person: `title` is what it is called, and `read` gives some of it after a place.

    `covers` names the relations to customers (`app.Model.field`) that are told in it.
    """

    title: "StrOrPromise"
    read: Read
    covers: Sequence[str] = ()


HAND_OUT: Final[Parts[Sequence[Section]]] = Parts()
"""What each app hands out of a person."""


def each_row(found: "Callable[[Customer], QuerySet[M]]", said: "Callable[[M, Clock], Said]") -> Read:
    """How to read a section of rows of one table, in the order of their keys."""

    def read(customer: Customer, place: list[Any] | None, most: int) -> SomeSaid:
        rows, clock = list(rows_after(found(customer), ("pk",), place)[:most]), Clock(customer.account)
        return SomeSaid([said(row, clock) for row in rows], [rows[-1].pk] if len(rows) == most else None)

    return read


@dataclass(frozen=True, slots=True)
class Clock:
    """Instants as an account's wall clock showed them."""

    account: Account

    def __call__(self, at: datetime | None) -> str | None:
        """With its offset from UTC, so that it is said exactly."""
        return at.astimezone(self.account.zone).isoformat(timespec="minutes") if at else None


def begin_own_data(customer: Customer, *, who: str, key: UUID, is_asked_by_studio: bool, now: datetime) -> Operation:
    """Let a worker write what an account keeps of a customer; the same key again returns the job that it began."""
    account = customer.account
    asked = {"customer": customer.pk, "language": get_language(), "zone": account.time_zone, "at": now.isoformat()}
    asked |= {} if is_asked_by_studio else {BY_CUSTOMER: True}
    name = f"customer-{account.slug}-{customer.pk}.json"
    return begin_file(account, OWN_DATA.name, name=name, asked=asked, who=who, key=key, now=now, lane="")


def own_files(customers: Sequence[Customer], *, now: datetime) -> dict[int, ExportFile]:
    """The newest file that each customer asked for themselves and that is, or will be, there, by customer (id)."""
    found = ExportFile.objects.filter(
        account__in=[each.account_id for each in customers],
        operation__kind=OWN_DATA.name,
        asked__customer__in=[each.pk for each in customers],
        asked__has_key=BY_CUSTOMER,
        forgotten_at=None,
        created_at__gt=now - KEPT,
    )
    gone = (OperationState.CANCELLED, OperationState.FAILED)
    newest_last = found.exclude(operation__state__in=gone).select_related("operation").order_by("pk")
    return {file.asked["customer"]: file for file in newest_last}


def sections() -> list[Section]:
    """Every section, in the order of the apps."""
    return [section for part in HAND_OUT for section in part]


def _write(operation: Operation, _now: datetime) -> Step:
    """Write the next part of the file: some sections, or some rows of one."""
    file = ExportFile.objects.get(account=operation.account_id, operation=operation)
    account, asked, cursor = operation.account, file.asked, operation.cursor
    customer = Customer.objects.filter(account=account, pk=asked["customer"]).first()
    if file.forgotten_at or customer is None:
        return Step(None, 0)
    account.time_zone, customer.account = asked["zone"], account
    every, at, place, number = sections(), cursor.get("section", 0), cursor.get("after"), cursor.get("part", 0)
    with override(asked["language"]):
        text, read = _opening(account, asked) if not number else "", 0
        while at < len(every) and read < ROWS:
            some = every[at].read(customer, place, ROWS)
            text += _written(every[at], some, is_first=place is None)
            place, read = some.after, read + len(some.rows)
            at += place is None
    is_over = at == len(every)
    write_part(file, operation, number=number, data=(text + ("\n}\n" if is_over else "")).encode())
    return Step(None if is_over else {"section": at, "after": place, "part": number + 1}, at, len(every))


OWN_DATA: Final = Kind(
    "own_data",
    gettext_lazy("Make a file of a customer’s data"),
    "operation",
    {WRITE: Phase(gettext_lazy("Writing what is kept"), _write)},
    is_for_owners=True,
)


def _opening(account: Account, asked: Mapping[str, Any]) -> str:
    at = datetime.fromisoformat(asked["at"]).astimezone(account.zone)
    said = {_("Studio"): account.name, _("Asked for"): at.isoformat(timespec="minutes"), _("Time zone"): asked["zone"]}
    return "{" + ",".join(f"\n  {_json(name)}: {_json(value)}" for name, value in said.items())


def _written(section: Section, some: SomeSaid, *, is_first: bool) -> str:
    """Some of a section as it follows what stands before it: its name at first, and the end of its list at last."""
    rows = (f"\n    {_json(_without_nothing(row))}" for row in some.rows)
    begun = f",\n  {_json(str(section.title))}: [" if is_first else ("," if some.rows else "")
    return begun + ",".join(rows) + ("" if some.after else "\n  ]" if some.rows or not is_first else "]")


def _without_nothing(row: Said) -> Said:
    """What is said of something, without what there is nothing to say of."""
    return {str(name): value for name, value in row.items() if value not in (None, "", [])}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
