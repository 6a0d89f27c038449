"""Forms of the pages for groups."""

from datetime import date, datetime
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from bookwhen.dates import end_of_day
from bookwhen.email_address import drop_invisible
from bookwhen.forms import Form, IdempotentForm, ModelForm
from groups.models import Group

MOST_TEXT: Final = 12_000_000
"""How long a pasted text may be: a quarter of a million rows of a spreadsheet."""


class GroupForm(ModelForm[Group]):
    """A customer group (help article, *Create a new group*)."""

    class Meta:
        model = Group
        fields = ["name", "description"]
        labels = {"name": _("Group name"), "description": _("Group description")}
        help_texts = {"description": _("For you and your team.")}
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}


class NewGroupForm(GroupForm, IdempotentForm):
    """A group to be."""


class PastedField(forms.CharField):
    """A box to paste into: whatever it holds, none of it is refused as a whole."""

    widget = forms.Textarea
    takes_anything = True

    def to_python(self, value: object) -> str:
        """Leave out what nobody sees."""
        return drop_invisible(str(super().to_python(value))).strip()

    def validate(self, value: str) -> None:
        """Refuse more than is read at once; the box keeps it. No `maxlength`: a browser would cut it unasked."""
        super().validate(value)
        if len(value) > MOST_TEXT:
            raise forms.ValidationError(
                _("Paste at most %(most)s characters at a time: this is %(count)s. Add the list in parts."),
                params={"most": f"{MOST_TEXT:,}", "count": f"{len(value):,}"},
                code="too_much",
            )


class UntilForm(Form):
    """The last day in a group; none: without an end."""

    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("They’re in the group until the end of this day. Leave blank for no end."),
    )

    def __init__(self, *args: Any, account: Account, now: datetime, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        self.account, self.now = account, now

    def clean_last_day(self) -> date | None:
        """Refuse a day that is over."""
        day: date | None = self.cleaned_data["last_day"]
        if day and end_of_day(day, self.account.zone) <= self.now:
            raise forms.ValidationError(gettext("Choose today or a later day"), code="over")
        return day

    @property
    def until(self) -> datetime | None:
        """The instant at which it ends."""
        day: date | None = self.cleaned_data["last_day"]
        return end_of_day(day, self.account.zone) if day else None


class CustomersForm(UntilForm):
    """Addresses to add to a group (help article, *Add customers*)."""

    field_order = ("emails", "last_day", "tell")

    emails = PastedField(
        label=_("Customer emails"),
        help_text=_(
            "Put each one on a new line, or separate them with commas, semicolons or spaces. Names work too: “Ada "
            "Lovelace &lt;ada@example.org&gt;”, or rows from a spreadsheet."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )
    tell = forms.BooleanField(
        label=_("Email them how to log in"),
        required=False,
        help_text=_("Everyone you add gets an email explaining how to log in and where to book."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    """The idempotency key of a long list's job. A form from before an upgrade has none, and is as good."""


class RemoveForm(Form):
    """What becomes of the bookings of somebody who is removed."""

    KEEP, CANCEL = "keep", "cancel"

    bookings = forms.ChoiceField(
        label=_("Their bookings"),
        choices=[
            (KEEP, _("Keep their bookings")),
            (CANCEL, _("Cancel their bookings and email them")),
        ],
        initial=KEEP,
        widget=forms.RadioSelect,
        required=False,
    )


class StartDateForm(Form):
    """The local date from which a member's usage periods are counted."""

    anchor = forms.DateField(label=_("Start date"))
