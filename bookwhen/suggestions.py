"""A text that may be anything, with what there is already suggested while one types: the browser's own `<datalist>`."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from bookwhen.folded import fold_name

MOST: Final = 200
"""How many are suggested: more make a page long, and nobody looks through them."""


class SuggestingInput(forms.TextInput):
    """A line of text with suggestions."""

    template_name = "forms/suggesting.html"
    suggestions: Sequence[str] = ()

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """What the template draws."""
        context = super().get_context(name, value, attrs)
        if self.suggestions:
            context["widget"]["attrs"]["list"] = f"{context['widget']['attrs'].get('id', name)}-known"
        context["widget"]["suggestions"] = self.suggestions
        return context


class NamesField(forms.CharField):
    """Several names with commas between them, each once whatever its case; read as a tuple."""

    widget = SuggestingInput
    default_error_messages: ClassVar = {
        "too_many": _("Enter at most %(most)d names"),
        "too_long": _("Use at most %(longest)d characters for each name"),
    }

    def __init__(self, *, most: int, longest: int, **kwargs: Any) -> None:  # noqa: ANN401 - a field's own
        super().__init__(max_length=most * (longest + 2), **kwargs)
        self.most, self.longest = most, longest

    def prepare_value(self, value: object) -> object:
        """Show a tuple as it is typed."""
        return ", ".join(value) if isinstance(value, tuple) else value

    def has_changed(self, initial: object, data: object) -> bool:
        """Whether other names are typed than there were, however they were written."""
        try:
            return bool(self.clean(self.prepare_value(initial) or "") != self.clean(data))
        except forms.ValidationError:
            return True

    def clean(self, value: object) -> Any:  # noqa: ANN401 - a tuple, where Django has a text
        """The names; raises ValidationError where they are too many, or one is too long."""
        told = {
            fold_name(each): each
            for name in reversed(super().clean(value).split(","))
            if (each := " ".join(name.split()))
        }
        names = tuple(reversed(told.values()))
        if len(names) > self.most:
            raise forms.ValidationError(self.error_messages["too_many"], "too_many", {"most": self.most})
        if any(len(name) > self.longest for name in names):
            raise forms.ValidationError(self.error_messages["too_long"], "too_long", {"longest": self.longest})
        return names


def suggest(field: forms.Field, known: Sequence[str]) -> None:
    """Suggest these in a field with such an input."""
    assert isinstance(field.widget, SuggestingInput)  # noqa: S101 - it is declared so
    field.widget.suggestions = known
