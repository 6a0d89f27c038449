"""Forms of *Import a list*: the file, what its columns hold, what becomes of groups' names and of one row."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.db.models import TextChoices
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.imports.files import READ_AS, has_file
from accounts.imports.tables.faults import UnreadableFileError
from accounts.imports.tables.reading import MOST_BYTES, open_table
from accounts.models import Account, ListImport, ListImportRow
from bookwhen.email_field import EmailField
from bookwhen.forms import Form, IdempotentForm
from bookwhen.text import searchable
from groups.importing.columns import TITLES, PersonColumn
from groups.importing.judging import EMAIL
from groups.importing.people import COLUMNS, DAY_ORDER, FIXED_GROUP, GROUP_NAMES, GROUPS
from groups.importing.seconds import SECOND
from groups.importing.targets import LEAVE, NEW
from groups.importing.verdicts import PersonReason
from groups.queries import BY_NAME, groups_of
from tickets.dashboard.lists.reading_again import LETTERS, SHEET, ways_to_read
from tickets.importing.columns import TITLES as BOOKING_TITLES

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

IMPORT: Final = "import"
LEAVE_OUT: Final = "leave"
MOST_GROUPS: Final = 200
"""How many groups can be chosen from."""
MOST_NAMES: Final = 50
"""How many different names of groups a list may have: a column with more holds something else."""
OF_GROUPS: Final = frozenset({PersonColumn.GROUP, PersonColumn.SINCE, PersonColumn.UNTIL})

Choices = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class ColumnKind:
    """What the columns of a kind of list can hold, and what has to be among it (`missing` says what is not yet)."""

    choices: type[TextChoices]
    titles: Collection[str]
    """What columns are called, by which a heading is found."""
    missing: Callable[[set[str]], str]
    many: frozenset[str] = frozenset()
    """What several columns can hold."""
    of_groups: frozenset[str] = frozenset()
    """What only an account with groups is asked for."""
    has_group: bool = False
    """Whether everybody can be added to a group."""


def _no_address(chosen: set[str]) -> str:
    known = {PersonColumn.EMAIL, PersonColumn.CLIENT} & chosen
    return "" if known else _("Choose which column holds the email address")


PEOPLE_COLUMNS: Final = ColumnKind(
    PersonColumn,
    TITLES,
    _no_address,
    many=frozenset({PersonColumn.GROUP, PersonColumn.NOTE, PersonColumn.PHONE}),
    of_groups=OF_GROUPS,
    has_group=True,
)


LOOKED_FOR: Final = frozenset({*TITLES, *BOOKING_TITLES})
"""What columns of any kind of list are called."""


class ListFileForm(IdempotentForm):
    """The file that a list comes in as, and what it is a list of."""

    of = forms.ChoiceField(
        label=gettext_lazy("What does the list hold?"),
        choices=[
            ("people", gettext_lazy("Customers or members")),
            ("bookings", gettext_lazy("Bookings for events that are still to come")),
        ],
        initial="people",
        required=False,
        widget=forms.RadioSelect,
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("A CSV file or an Excel workbook (.xlsx) of up to 15 MB and 200,000 rows."),
        error_messages={
            "required": gettext_lazy("Choose a file"),
            "empty": gettext_lazy("This file is empty. Choose one that has a list in it."),
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv"}),
    )

    data_read: bytes

    def clean_of(self) -> str:
        """What it is of; customers, where a page of the release before did not ask."""
        return self.cleaned_data["of"] or "people"

    def clean_file(self) -> "UploadedFile[bytes] | None":
        """Look whether it can be read as a list, whatever it is called."""
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file is None:
            return None
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("Choose a file of up to 15 MB, or divide the list into several files"))
        self.data_read = file.read()
        try:
            open_table(self.data_read, LOOKED_FOR)
        except UnreadableFileError as error:
            raise forms.ValidationError(str(error)) from None
        return file


class ColumnsForm(Form):
    """What each column holds, in which order days stand, and a group for everybody."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, list_import: ListImport, kind: ColumnKind) -> None:
        super().__init__(data)
        found, before = list_import.found, list_import.mapping
        self.account, self.kind = list_import.account, kind
        self.names: Sequence[str] = found.get("columns", [])
        guessed: Sequence[str] = before.get(COLUMNS) or found.get("guessed", [])
        self.column_fields: list[str] = []
        self.found, self.before = found, before
        self.fields.update(ways_to_read(found) if has_file(list_import) else {})
        for number, name in enumerate(self.names):
            samples = found["samples"][number] if number < len(found["samples"]) else []
            if samples:
                self._add_column(number, name, samples, guessed[number] if number < len(guessed) else "")
        # A column that is left out is no field that somebody left empty.
        setattr(self, "conditional", frozenset({*self.column_fields, SHEET, LETTERS}))  # noqa: B010 - this form's own
        order = before.get(DAY_ORDER) or found.get("day_order", "dmy")
        self.fields["day_order"] = forms.ChoiceField(
            label=_("How are dates written?"),
            choices=[("dmy", _("Day first: 3/4/2026 is 3 April")), ("mdy", _("Month first: 3/4/2026 is March 4"))],
            initial=order,
            widget=forms.RadioSelect,
            help_text=self._order_text(found),
        )
        if self.kind.has_group and self.account.has_groups:
            self.fields["group"] = forms.ChoiceField(
                label=_("Add everyone to a customer group"),
                choices=[("", _("No group for everyone")), *group_choices(self.account)],
                initial=before.get(FIXED_GROUP, ""),
                required=False,
            )

    def _add_column(self, number: int, name: str, samples: Sequence[str], guessed: str) -> None:
        field = f"column_{number}"
        known = [each for each in self.kind.choices if self.account.has_groups or each not in self.kind.of_groups]
        self.fields[field] = forms.ChoiceField(
            label=name,
            choices=[("", _("Leave out")), *((each.value, each.label) for each in known)],
            initial=guessed,
            required=False,
            help_text=_("For example: %(values)s") % {"values": " · ".join(" ".join(each.split()) for each in samples)},
        )
        self.column_fields.append(field)

    @staticmethod
    def _order_text(found: Mapping[str, Any]) -> str:
        told = {order: sum(each.get(order, 0) for each in found.get("days", [])) for order in ("dmy", "mdy")}
        if told["dmy"] and told["mdy"]:
            return _("Some dates in the list can only be read day first, others only month first. Check them.")
        return _("As far as we can tell from the list.") if any(told.values()) else ""

    @property
    def file_rows(self) -> list[forms.BoundField]:
        """The fields that say how the file is read, where there is a choice."""
        return [self[name] for name in (SHEET, LETTERS) if name in self.fields]

    @property
    def column_rows(self) -> list[forms.BoundField]:
        """The fields of the columns."""
        return [self[name] for name in self.column_fields]

    def clean(self) -> dict[str, Any]:
        """Two columns cannot both be somebody's address; and what a row cannot do without has to be in one."""
        cleaned: dict[str, Any] = super().clean() or {}
        chosen: dict[str, str] = {}
        for name in self.column_fields:
            column = cleaned.get(name, "")
            if column and column in chosen and column not in self.kind.many:
                label = self.kind.choices(column).label
                self.add_error(name, _("Choose “%(what)s” for one column only") % {"what": label})
            chosen[column] = name
        if not self.errors and (missing := self.kind.missing(set(chosen))):
            self.add_error(None, missing)
        return cleaned

    def mapping(self) -> dict[str, Any]:
        """What was chosen, as an import keeps it."""
        columns = [self.cleaned_data.get(f"column_{number}", "") for number in range(len(self.names))]
        found = {COLUMNS: columns, DAY_ORDER: self.cleaned_data["day_order"]}
        return found | ({FIXED_GROUP: self.cleaned_data.get("group", "")} if self.kind.has_group else {})

    def read_as(self) -> dict[str, str]:
        """How to read the file, if that is otherwise than it was read."""
        chosen = {
            "sheet": self.cleaned_data.get(SHEET) or self.found.get("sheet", ""),
            "encoding": self.cleaned_data.get(LETTERS) or self.found.get("encoding", ""),
        }
        return chosen if any(self.found.get(name, "") != said for name, said in chosen.items()) else {}

    def mapping_for(self, read_as: Mapping[str, str]) -> dict[str, Any]:
        """What of the mapping holds when the file is read so: of another sheet not what its columns are."""
        kept = {name: said for name, said in self.before.items() if name not in {COLUMNS, DAY_ORDER}}
        kept |= {READ_AS: dict(read_as), FIXED_GROUP: self.cleaned_data.get("group", "")}
        columns = [self.cleaned_data.get(f"column_{number}", "") for number in range(len(self.names))]
        if read_as["sheet"] == self.found.get("sheet", "") and columns != self.found.get("guessed"):
            kept |= {COLUMNS: columns, DAY_ORDER: self.cleaned_data.get("day_order", "")}
        return kept


class GroupNamesForm(Form):
    """What becomes of each name in the column of groups."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        account: Account,
        names: Mapping[str, str],
        chosen: Mapping[str, str],
    ) -> None:
        super().__init__(data)
        self.keys: dict[str, str] = {}
        self.names = names
        there = group_choices(account)
        for number, (key, name) in enumerate(names.items()):
            field = f"name_{number}"
            self.keys[field] = key
            choices: Choices = [(NEW, _("New group “%(name)s”") % {"name": name}), (LEAVE, _("No group")), *there]
            self.fields[field] = forms.ChoiceField(label=name, choices=choices, initial=chosen.get(key, NEW))

    def mapping(self) -> dict[str, Any]:
        """What was chosen, as an import keeps it."""
        return {
            GROUPS: {key: self.cleaned_data[field] for field, key in self.keys.items()},
            GROUP_NAMES: dict(self.names),
        }


class ConfirmListForm(Form):
    """What is asked before anybody is imported."""

    letter = forms.BooleanField(
        label=gettext_lazy("Email everyone who’s new in a group how to log in"),
        required=False,
        help_text=gettext_lazy("Otherwise nobody is emailed."),
    )


TWO_NAMES: Final = frozenset({PersonReason.SHARED_ADDRESS, PersonReason.OTHER_NAME, PersonReason.SECOND_PERSON})
"""Rows of these reasons have another name than who has their address."""


class ListRowForm(Form):
    """What becomes of one row: the address it goes by, whether it is imported, and as whom."""

    conditional: ClassVar[frozenset[str]] = frozenset({"email"})
    fixable: ClassVar[frozenset[str]] = frozenset({PersonReason.NO_ADDRESS, PersonReason.BAD_ADDRESS})
    """The reasons that need an address before the row can be imported."""

    email = EmailField(label=gettext_lazy("Email address"), required=False)
    choice = forms.ChoiceField(
        label=gettext_lazy("What should happen?"),
        choices=[(IMPORT, gettext_lazy("Import it")), (LEAVE_OUT, gettext_lazy("Leave it out"))],
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, row: ListImportRow, list_import: ListImport) -> None:
        taken = SECOND if row.decided.get(SECOND) else IMPORT
        initial = {"email": row.decided.get("email", ""), "choice": LEAVE_OUT if row.chosen is False else taken}
        super().__init__(data, initial=initial)
        self.row, self.list_import = row, list_import
        if row.why in TWO_NAMES:
            self.field_as("choice", forms.ChoiceField).choices = [
                (IMPORT, _("Import it: it’s another name of the same person")),
                (SECOND, _("Import it: it’s a second person at this address")),
                (LEAVE_OUT, _("Leave it out")),
            ]

    def clean(self) -> dict[str, Any]:
        """Nobody is imported without an address."""
        cleaned: dict[str, Any] = super().clean() or {}
        wants = cleaned.get("choice") == IMPORT
        if self.row.why in self.fixable and wants and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", _("Enter their email address, or leave the row out"))
        return cleaned

    def decided(self) -> dict[str, Any]:
        """What is said about the row alone, as it is kept."""
        email = searchable(self.cleaned_data["email"])
        said: dict[str, Any] = {EMAIL: email} if email else {}
        return said | ({SECOND: True} if self.cleaned_data["choice"] == SECOND else {})


def group_choices(account: Account) -> Choices:
    """The groups that can be chosen from."""
    groups = groups_of(account).annotate(lower_name=Lower("name")).order_by(*BY_NAME)
    return [(str(group.pk), group.name) for group in groups[:MOST_GROUPS]]


def too_many_names(count: int) -> str:
    """What to do about a column that has too many different values to name groups."""
    return ngettext(
        "The column you chose for customer groups has more than %(count)d different value. Choose another column.",
        "The column you chose for customer groups has more than %(count)d different values. Choose another column.",
        count,
    ) % {"count": count}
