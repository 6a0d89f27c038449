"""The form in which a studio words an email."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.dashboard.wording.catalogue import WordedLetter
from accounts.models.wording import PART_LENGTH, SUBJECT_LENGTH
from accounts.placeholders import has_odd_brackets, unknown_placeholders
from accounts.wording import Parts
from bookwhen.forms import Form


class WordingForm(Form):
    """A subject, an opening and a closing; each may be empty."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=SUBJECT_LENGTH, required=False)
    opening = forms.CharField(
        label=gettext_lazy("Opening"),
        max_length=PART_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    closing = forms.CharField(
        label=gettext_lazy("Closing"),
        max_length=PART_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("The last thing in the email. Nothing, if you leave it blank."),
    )
    conditional = frozenset({"subject", "opening", "closing"})

    def __init__(self, *args: Any, letter: WordedLetter, standard: str, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        self.letter = letter
        self.fields["subject"].help_text = _("If you leave it blank: %(standard)s") % {"standard": standard}
        self.fields["opening"].help_text = (
            _("Comes after the greeting. If you leave it blank: %(standard)s") % {"standard": letter.opening}
            if letter.opening
            else _("Comes after the greeting, before what has happened. Nothing, if you leave it blank.")
        )

    @property
    def parts(self) -> Parts:
        """What was typed, once valid."""
        return Parts(**{name: self.cleaned_data[name] for name in ("subject", "opening", "closing")})

    def clean_subject(self) -> str:
        """Refuse what no placeholder is."""
        return self._checked("subject")

    def clean_opening(self) -> str:
        """As above."""
        return self._checked("opening")

    def clean_closing(self) -> str:
        """As above."""
        return self._checked("closing")

    def _checked(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        allowed = self.letter.placeholders
        may = ", ".join(f"{{{each}}}" for each in allowed)
        if unknown := unknown_placeholders(text, allowed):
            words = _("We can’t replace %(unknown)s in this email. You can use %(allowed)s.")
            raise forms.ValidationError(words % {"unknown": ", ".join(unknown), "allowed": may})
        if has_odd_brackets(text):
            words = _("Put both curly brackets around each of these, and use them for nothing else: %(allowed)s")
            raise forms.ValidationError(words % {"allowed": may})
        return text
