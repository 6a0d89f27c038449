"""What somebody says who joins a waiting list: who else comes, by which other tickets, whether to be booked at once."""

from collections.abc import Sequence
from typing import Any, Final, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from bookwhen.forms import Form, PersonNameField

MOST_OTHERS: Final = 3
"""How many others somebody can wait with: more than a table of four rarely comes free at once."""


def _other(number: int) -> PersonNameField:
    label = _("Second person’s name") if number == 1 else _("Third person’s name")
    return PersonNameField(
        label=label if number < MOST_OTHERS else _("Fourth person’s name"),
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )


class WaitForm(Form):
    """Besides who they are: those who come along, as many as may, and what to do once there is space."""

    also = forms.TypedMultipleChoiceField(
        label=_("Which other tickets would you take?"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("We’ll hold whichever comes free first, the cheapest if several do."),
    )
    books_at_once = forms.BooleanField(
        label=_("Book it for me straight away, without asking"),
        required=False,
        help_text=_("Until the time for cancelling free of charge has passed. After that, we ask you first."),
    )
    other_1, other_2, other_3 = _other(1), _other(2), _other(3)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - the form's own
        others: int,
        may_book: bool,
        tickets: Sequence[tuple[int, str]],
        **kwargs: Any,  # noqa: ANN401 - the form's own
    ) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.TypedMultipleChoiceField", self.fields["also"]).choices = tickets
        if not tickets:
            del self.fields["also"]
        for number in range(others + 1, MOST_OTHERS + 1):
            del self.fields[f"other_{number}"]
        if not may_book:
            del self.fields["books_at_once"]

    @property
    def tickets(self) -> list[int]:
        """The other tickets (ids) that they would take, of a valid form."""
        found: list[int] = self.cleaned_data.get("also", [])
        return found

    @property
    def names(self) -> list[str]:
        """Who comes along, of a valid form."""
        typed = (self.cleaned_data.get(f"other_{number}", "") for number in range(1, MOST_OTHERS + 1))
        return [name for name in typed if name]
