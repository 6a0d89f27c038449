"""A form of something that a colleague may change while it is open: what somebody left as they saw it stays as it is.

What only one of two changed is kept of both; what both changed otherwise is asked again. Else the one who saves last
would put everything back to how it was when they opened the page, and email everyone that the entry is moved back.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from hashlib import sha256
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookwhen.forms import Form

SEEN: Final = "seen"
_LONGEST: Final = 60
"""Characters of what a field holds now that are told."""


class _SeenField(forms.CharField):
    """What a page showed: said by the page, and never a change."""

    widget = forms.HiddenInput

    def has_changed(self, initial: object, data: object) -> bool:  # noqa: ARG002 - a field's own
        """No."""
        return False


class SharedForm(Form):
    """A form that brings along, of each of some fields, what its page showed. Fields of one group go together.

    A subclass calls `keep_theirs` once its fields know what they show.
    """

    together: ClassVar[Sequence[Sequence[str]]] = ()

    seen = _SeenField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        self.theirs: list[str] = []
        """The fields that a colleague changed, and this page did not: they stay so."""
        self._both: list[str] = []

    def keep_theirs(self) -> None:
        """Say what the page shows; of what was sent, take what was left as its page showed it as it is now."""
        now_is = {name: self._shown(name) for group in self.together for name in group if name in self.fields}
        digests = {name: self._digest(name, value) for name, value in now_is.items()}
        self.initial[SEEN] = _written(digests)
        if not (self.is_bound and self.data.get(SEEN)):
            return
        seen = dict(each.split("=", 1) for each in str(self.data[SEEN]).split() if "=" in each)
        # A page's data are not to be changed, and may have several values of a name.
        sent: Any = self.data
        self.data = sent = sent.copy()
        for name, value in self._as_they_are(seen, now_is):
            sent[name] = value
        sent[SEEN] = _written(digests | {name: seen[name] for name in self._both})

    def clean(self) -> None:
        """Ask again for what both have changed: sent once more from there, what was typed counts."""
        super().clean()
        for name in self._both:
            held = self._told(name)
            words = _("A colleague has just changed this. Save again to have it as you typed it.")
            if held and len(held) <= _LONGEST:
                words = _("A colleague has just changed this to “%(held)s”. Save again to have it as you typed it.")
            self.add_error(name, words % {"held": held})
        if self._both:
            sent: Any = self.data
            sent[SEEN] = self.initial[SEEN]

    def _as_they_are(self, seen: Mapping[str, str], now_is: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """The fields that are taken as they are now, with their values; what both have changed is noted."""
        for group in self.together:
            known = {name: seen[name] for name in group if name in seen and name in now_is}
            changed = [name for name, digest in known.items() if self._digest(name, now_is[name]) != digest]
            if not changed:
                continue
            typed = {name: str(self.data.get(name, "")) for name in known}
            if all(self._digest(name, typed[name]) == digest for name, digest in known.items()):
                self.theirs += changed
                yield from ((name, now_is[name]) for name in known)
            else:
                self._both += [
                    name for name in changed if self._digest(name, typed[name]) != self._digest(name, now_is[name])
                ]

    def _shown(self, name: str) -> str:
        """What a field that shows how it is now would send."""
        field = self.fields[name]
        value = field.prepare_value(self.get_initial_for_field(field, name))
        if isinstance(value, bool):
            return "on" if value else ""
        if isinstance(value, date | time):
            value = field.widget.format_value(value)
        return "" if value is None else str(value)

    def _told(self, name: str) -> str:
        """The same for people; nothing where it would say little."""
        field = self.fields[name]
        value = self.get_initial_for_field(field, name)
        if isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            return str(dict(choices).get(value, ""))
        if isinstance(value, time):
            return f"{value:%H:%M}"
        if isinstance(value, bool):
            return ""
        return date_format(value, "j F Y") if isinstance(value, date) else self._shown(name)

    def _digest(self, name: str, text: str) -> str:
        """A short word for what a text says in a field, however it is written there."""
        try:
            value = self.fields[name].to_python(text)
        except ValidationError:
            value = text
        said = " ".join(value.split()) if isinstance(value, str) else repr(value)
        return sha256(said.encode(errors="replace")).hexdigest()[:12]


def _written(digests: Mapping[str, str]) -> str:
    return " ".join(f"{name}={digest}" for name, digest in digests.items())
