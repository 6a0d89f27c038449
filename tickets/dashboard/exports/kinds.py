"""What a list is that goes out as a file: its columns, its rows some at a time, and what may be asked of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from bookwhen.forms import Form
from tickets.dashboard.csv_export import Cell

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Place: TypeAlias = list[Any]
"""Up to where a list was read, as JSON keeps it."""
BOUNDS: Final = ("since", "until")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked to be in a file (a filter, as JSON keeps it), of whose account, and when."""

    account: Account
    given: Mapping[str, Any]
    now: datetime

    def within(self, column: str) -> Q:
        """The condition that an instant is on one of the days of the account that were asked for, both included."""
        zone, found = self.account.zone, Q()
        if since := self.given.get("since"):
            found &= Q((f"{column}__gte", datetime.combine(date.fromisoformat(since), time.min, zone)))
        if until := self.given.get("until"):
            end = date.fromisoformat(until) + timedelta(days=1)
            found &= Q((f"{column}__lt", datetime.combine(end, time.min, zone)))
        return found

    def moment(self, at: datetime | None) -> str:
        """An instant as the account's wall clock showed it; empty where there is none."""
        return f"{at.astimezone(self.account.zone):%Y-%m-%d %H:%M}" if at else ""

    def day(self, at: datetime | None) -> str:
        """The account's day of an instant; empty where there is none."""
        return f"{at.astimezone(self.account.zone):%Y-%m-%d}" if at else ""

    def zoned(self, head: str) -> str:
        """A column's name with the time zone of the whole file, which is said once."""
        return f"{head} ({self.account.time_zone})"


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a list, up to where they were read (None: to its end), and how many of what is counted they are."""

    rows: Sequence[Sequence[Cell]]
    after: Place | None
    read: int


class EverythingForm(Form):
    """A list of which nothing is asked."""


class DaysForm(Form):
    """Which days of the account's time zone (both included)."""

    conditional = frozenset(BOUNDS)

    since = forms.DateField(label=gettext_lazy("From"), required=False)
    until = forms.DateField(label=gettext_lazy("Until"), required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse days the wrong way round."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("Choose a day that isn’t before the first one"))
        return cleaned


@dataclass(frozen=True, slots=True)
class ExportList:
    """A list that goes out as a file; `name` is the kind of long job that writes it, and what addresses call it.

    `read` gives the rows after a place, about so many; `found` is what its progress is counted by. `label` is what the
    job is called, and `working` what it is doing; `title` and `says` are what people read before they ask for it.
    """

    name: str
    label: "StrOrPromise"
    working: "StrOrPromise"
    title: "StrOrPromise"
    says: "StrOrPromise"
    file: str
    """What the file is called, before the account's address."""
    head: Callable[[Asked], Sequence[str]]
    read: Callable[[Asked, Place | None, int], Batch]
    found: Callable[[Asked], "QuerySet[Any]"]
    form: type[Form] = EverythingForm
    is_for_owners: bool = False
    """Whether only owners of the account may have it."""

    @property
    def is_in_one_row(self) -> bool:
        """Whether what may be asked of it fits beside its button."""
        return issubclass(self.form, EverythingForm | DaysForm)

    def file_name(self, asked: Asked) -> str:
        """What the file is called where it is saved."""
        about = f"-{asked.given['group']}" if asked.given.get("group") else ""
        return f"{self.file}-{asked.account.slug}{about}.csv"


def kept(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What a form made of a filter, as JSON keeps it; what it could not read is passed over."""
    found: dict[str, Any] = {}
    for name, value in cleaned.items():
        if isinstance(value, date):
            found[name] = value.isoformat()
        elif hasattr(value, "pk"):
            found[name] = value.pk
        elif value:
            found[name] = value
    return found


def from_time(place: Place | None) -> Place | None:
    """A place that begins with an instant, as rows are compared with it."""
    return place and [datetime.fromisoformat(place[0]), *place[1:]]


def yes_or_no(value: bool) -> str:  # noqa: FBT001 - it is all there is to say
    """A yes or no in a cell."""
    return _("yes") if value else _("no")
