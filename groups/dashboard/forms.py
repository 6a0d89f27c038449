"""Forms of the pages for groups."""

from django import forms
from django.utils.translation import gettext_lazy as _

from bookwhen.forms import Form, IdempotentForm, ModelForm
from groups.models import Group


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
        """Leave out what a database cannot keep."""
        return str(super().to_python(value)).replace("\x00", "")


class CustomersForm(Form):
    """Addresses to add to a group (help article, *Add customers*)."""

    emails = PastedField(
        label=_("Customer emails"),
        help_text=_(
            "Put each one on a new line, or separate them with commas, semicolons or spaces. “Ada Lovelace "
            "&lt;ada@example.org&gt;” works too."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )
    tell = forms.BooleanField(
        label=_("Email them how to log in"),
        required=False,
        help_text=_("Everyone you add gets an email explaining how to log in and where to book."),
    )


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
