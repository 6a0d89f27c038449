"""Forms of *Import a list*: the file, what its columns hold, what becomes of groups' names and of one row."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.imports.tables.faults import UnreadableFileError
from accounts.imports.tables.reading import MOST_BYTES, open_table
from accounts.models import Account, ListImport, ListImportRow
from bookwhen.email_field import EmailField
from bookwhen.forms import Form, IdempotentForm
from groups.importing.columns import TITLES, PersonColumn
from groups.importing.people import COLUMNS, DAY_ORDER, FIXED_GROUP, GROUP_NAMES, GROUPS
from groups.importing.seconds import SECOND
from groups.importing.targets import LEAVE, NEW
from groups.importing.verdicts import PersonReason
from groups.queries import BY_NAME, groups_of

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

IMPORT: Final = "import"
MOST_GROUPS: Final = 200
"""How many groups can be chosen from."""
MOST_NAMES: Final = 50
"""How many different names of groups a list may have: a column with more holds something else."""
MANY: Final = frozenset({PersonColumn.GROUP, PersonColumn.NOTE})
"""What several columns can hold."""
OF_GROUPS: Final = frozenset({PersonColumn.GROUP, PersonColumn.SINCE, PersonColumn.UNTIL})

Choices = list[tuple[str, Any]]


class ListFileForm(IdempotentForm):
    """The file that a list comes in as."""

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

    def clean_file(self) -> "UploadedFile[bytes] | None":
        """Look whether it can be read as a list, whatever it is called."""
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file is None:
            return None
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("Choose a file of up to 15 MB, or divide the list into several files"))
        self.data_read = file.read()
        try:
            open_table(self.data_read, TITLES)
        except UnreadableFileError as error:
            raise forms.ValidationError(str(error)) from None
        return file


class ColumnsForm(Form):
    """What each column holds, in which order days stand, and a group for everybody."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, list_import: ListImport) -> None:
        super().__init__(data)
        found, before = list_import.found, list_import.mapping
        self.account = list_import.account
        self.names: Sequence[str] = found.get("columns", [])
        guessed: Sequence[str] = before.get(COLUMNS) or found.get("guessed", [])
        self.column_fields: list[str] = []
        for number, name in enumerate(self.names):
            samples = found["samples"][number] if number < len(found["samples"]) else []
            if samples:
                self._add_column(number, name, samples, guessed[number] if number < len(guessed) else "")
        # A column that is left out is no field that somebody left empty.
        setattr(self, "conditional", frozenset(self.column_fields))  # noqa: B010 - this form's own
        order = before.get(DAY_ORDER) or found.get("day_order", "dmy")
        self.fields["day_order"] = forms.ChoiceField(
            label=_("How are dates written?"),
            choices=[("dmy", _("Day first: 3/4/2026 is 3 April")), ("mdy", _("Month first: 3/4/2026 is March 4"))],
            initial=order,
            widget=forms.RadioSelect,
            help_text=self._order_text(found),
        )
        if self.account.has_groups:
            self.fields["group"] = forms.ChoiceField(
                label=_("Add everyone to a customer group"),
                choices=[("", _("No group for everyone")), *group_choices(self.account)],
                initial=before.get(FIXED_GROUP, ""),
                required=False,
            )

    def _add_column(self, number: int, name: str, samples: Sequence[str], guessed: str) -> None:
        field = f"column_{number}"
        known = [each for each in PersonColumn if self.account.has_groups or each not in OF_GROUPS]
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
    def column_rows(self) -> list[forms.BoundField]:
        """The fields of the columns."""
        return [self[name] for name in self.column_fields]

    def clean(self) -> dict[str, Any]:
        """Somebody is known by their address; and two columns cannot both be it."""
        cleaned: dict[str, Any] = super().clean() or {}
        chosen: dict[str, str] = {}
        for name in self.column_fields:
            column = cleaned.get(name, "")
            if column and column in chosen and column not in MANY:
                label = PersonColumn(column).label
                self.add_error(name, _("Choose “%(what)s” for one column only") % {"what": label})
            chosen[column] = name
        if not {PersonColumn.EMAIL, PersonColumn.CLIENT} & set(chosen) and not self.errors:
            self.add_error(None, _("Choose which column holds the email address"))
        return cleaned

    def mapping(self) -> dict[str, Any]:
        """What was chosen, as an import keeps it."""
        columns = [self.cleaned_data.get(f"column_{number}", "") for number in range(len(self.names))]
        group = self.cleaned_data.get("group", "")
        return {COLUMNS: columns, DAY_ORDER: self.cleaned_data["day_order"], FIXED_GROUP: group}


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

    email = EmailField(label=gettext_lazy("Email address"), required=False)
    choice = forms.ChoiceField(
        label=gettext_lazy("What should happen?"),
        choices=[(IMPORT, gettext_lazy("Import it")), (LEAVE, gettext_lazy("Leave it out"))],
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, row: ListImportRow) -> None:
        taken = SECOND if row.decided.get(SECOND) else IMPORT
        initial = {"email": row.decided.get("email", ""), "choice": LEAVE if row.chosen is False else taken}
        super().__init__(data, initial=initial)
        self.row = row
        if row.why in TWO_NAMES:
            self.field_as("choice", forms.ChoiceField).choices = [
                (IMPORT, _("Import it: it’s another name of the same person")),
                (SECOND, _("Import it: it’s a second person at this address")),
                (LEAVE, _("Leave it out")),
            ]

    def clean(self) -> dict[str, Any]:
        """Nobody is imported without an address."""
        cleaned: dict[str, Any] = super().clean() or {}
        needs = self.row.why in {PersonReason.NO_ADDRESS, PersonReason.BAD_ADDRESS}
        wants = cleaned.get("choice") == IMPORT
        if needs and wants and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", _("Enter their email address, or leave the row out"))
        return cleaned


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
