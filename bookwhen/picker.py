"""Choosing some of any number: what is chosen is ticked, and everything is found by search, a page at a time.

A form sends what was ticked and what was shown (`…-shown`), so that what is known, and saved, is the difference to what
is chosen: `Picked`. Looking for more sends the form to itself, and nothing is saved (`is_looking`); what was ticked on
other pages is carried along. All of it works without a script.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from bookwhen.keyset import KeysetPage, keyset_page
from bookwhen.text import searchable

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SHOWN: Final = 50
MOST_CHANGED: Final = 200
"""How much can be changed before it is saved: a form has so many fields at most."""


@dataclass(frozen=True, slots=True)
class Picked:
    """What is to be chosen from now on, and what no longer (ids); true where anything is chosen then."""

    add: frozenset[int] = frozenset()
    drop: frozenset[int] = frozenset()
    keeps: bool = False

    def __bool__(self) -> bool:
        return self.keeps or bool(self.add)


@dataclass(frozen=True, slots=True)
class Source:
    """What there is to choose from, what of it is chosen, how it is searched for, and what each is called.

    `order` is as for `keyset_page`: newest first, where nothing else is said.
    """

    every: "QuerySet[Any]"
    chosen: "QuerySet[Any]"
    search: Callable[[str], Q]
    label: Callable[[Any], str]
    order: Sequence[str] = ("-pk",)

    def chosen_of(self, ids: Collection[int]) -> frozenset[int]:
        """Which of these are chosen now."""
        return frozenset(self.chosen.filter(pk__in=ids).order_by().values_list("pk", flat=True)) if ids else frozenset()

    def page(self, words: str, *, only: bool, after: str) -> "KeysetPage[Any]":
        """What is found, in its order."""
        found = self.chosen if only else self.every
        if words:
            found = found.filter(self.search(words))
        return keyset_page(found, self.order, {"after": after}, size=SHOWN)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sent of a picker."""

    ticked: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    words: str = ""
    only: bool = False
    after: str = ""
    is_look: bool = False

    def ids(self) -> tuple[frozenset[int], frozenset[int]]:
        """What was ticked and what was shown, as far as it can be an id."""
        return _ids(self.ticked), _ids(self.shown)


@dataclass(frozen=True, slots=True)
class Option:
    """One line: an id (none: none of them), what it is called, whether it is ticked."""

    pk: int | None
    label: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What a picker shows, and what it carries along from other pages."""

    options: list[Option]
    page: "KeysetPage[Any]"
    carried_ticks: list[int] = field(default_factory=list)
    carried_shown: list[int] = field(default_factory=list)


class PickerWidget(forms.CheckboxSelectMultiple):
    """Ticks for a page of what there is, and a search for the rest."""

    template_name = "forms/picker.html"
    source: Source
    is_one = False

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> Sent:  # noqa: ARG002 - Django's
        """Read what was sent."""
        several: Callable[[str], Sequence[str]] = getattr(data, "getlist", partial(_several, data))
        words, only = searchable(data.get(f"{name}-find", "")), bool(data.get(f"{name}-only"))
        turned = data.get(f"{name}-turn", "")
        looks = bool(turned or data.get(f"{name}-look"))
        was = data.get(f"{name}-was")
        other = was is not None and was != _was(words, only=only)
        after = turned if turned and not other else ""
        return Sent(tuple(several(name)), tuple(several(f"{name}-shown")), words, only, after, looks or other)

    def value_omitted_from_data(self, data: object, files: object, name: str) -> bool:  # noqa: ARG002 - Django's
        """Ticks that are not sent are no ticks."""
        return False

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """What the template draws."""
        sent = value if isinstance(value, Sent) else Sent()
        is_locked = bool(self.attrs.get("disabled") or (attrs or {}).get("disabled"))
        shown = self._shown(sent, only=sent.only or is_locked)
        is_long = not shown.page.is_all or bool(sent.words or sent.only or sent.after)
        widget = {
            "name": name,
            "id": (attrs or {}).get("id", name),
            "described": (attrs or {}).get("aria-describedby", ""),
            "disabled": is_locked,
            "is_one": self.is_one,
            "sent": sent,
            "was": _was(sent.words, only=sent.only),
            "shown": shown,
            "is_long": is_long,
        }
        return {"widget": widget}

    def _shown(self, sent: Sent, *, only: bool) -> Shown:
        page = self.source.page(sent.words, only=only, after=sent.after)
        ticked, shown = sent.ids()
        here = {each.pk for each in page}
        chosen = self.source.chosen_of(here | ticked | shown)
        now = (chosen - (shown - ticked)) | ticked
        return Shown(
            [Option(each.pk, self.source.label(each), each.pk in now) for each in page],
            page,
            carried_ticks=sorted((ticked - chosen) - here),
            carried_shown=sorted(((shown - ticked) & chosen) - here),
        )


class OneWidget(PickerWidget):
    """One of a page of what there is, or none, and a search for the rest."""

    is_one = True
    none: "StrOrPromise" = ""
    """What it is called to choose none; nothing: one has to be chosen."""

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """What the template draws; a form may begin with the id of one."""
        sent = Sent(ticked=(str(value),)) if isinstance(value, int) else value
        return super().get_context(name, sent, attrs)

    def _shown(self, sent: Sent, *, only: bool) -> Shown:
        page = self.source.page(sent.words, only=only, after=sent.after)
        ticked, _shown = sent.ids()
        elsewhere = self.source.every.filter(pk__in=ticked - {each.pk for each in page})[:1] if ticked else ()
        found = [Option(each.pk, self.source.label(each), each.pk in ticked) for each in (*elsewhere, *page)]
        nothing = [Option(None, str(self.none), not any(each.ticked for each in found))] if self.none else []
        return Shown([*nothing, *found], page)


class PickerField(forms.Field):
    """What was chosen of any number: `Picked`. Give it its `source` before it is used."""

    widget = PickerWidget
    default_error_messages: ClassVar = {
        "invalid_choice": _("Choose from the list for “%(label)s”"),
        "too_many": ngettext_lazy(
            "Select fewer at a time: you can change %(most)d before you save.",
            "Select fewer at a time: you can change %(most)d before you save.",
            "most",
        ),
    }

    def set_source(self, source: Source) -> None:
        """Say what there is to choose from."""
        self.source = self.widget.source = source

    def clean(self, value: object) -> Picked:
        """The difference to what is chosen; raises ValidationError where something is not there to be chosen."""
        sent = value if isinstance(value, Sent) else Sent()
        if any(not _is_id(each) for each in (*sent.ticked, *sent.shown)):
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"label": self.label})
        ticked, shown = sent.ids()
        chosen = self.source.chosen_of(ticked | shown)
        add, drop = ticked - chosen, (shown - ticked) & chosen
        if len(add | drop) > MOST_CHANGED:
            raise ValidationError(self.error_messages["too_many"], "too_many", {"most": MOST_CHANGED})
        if add and self.source.every.filter(pk__in=add).order_by().values("pk").distinct().count() < len(add):
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"label": self.label})
        return Picked(add, drop, keeps=self.source.chosen.exclude(pk__in=drop).exists())

    def all_of(self, picked: Picked) -> frozenset[int]:
        """Everything that is chosen from now on, where that is few."""
        return (frozenset(self.source.chosen.values_list("pk", flat=True)) - picked.drop) | picked.add


class OneField(PickerField):
    """Which one was chosen of any number; None: none of them, where `none` says what that is called."""

    widget = OneWidget
    default_error_messages: ClassVar = {
        "required": _("Choose one for “%(label)s”"),
        "invalid_choice": _("Choose one from the list for “%(label)s”"),
    }

    def __init__(self, *, none: "StrOrPromise" = "", **kwargs: Any) -> None:  # noqa: ANN401 - a field's own
        super().__init__(required=not none, **kwargs)
        self.widget.none = none

    def clean(self, value: object) -> Any:  # noqa: ANN401 - a row of the source
        """The one that was chosen; raises ValidationError where it is not there to be chosen."""
        ticked = [each for each in value.ticked if each] if isinstance(value, Sent) else []
        if not ticked and self.required:
            raise ValidationError(self.error_messages["required"], "required", {"label": self.label})
        if not ticked:
            return None
        found = self.source.every.filter(pk=ticked[0]).first() if len(ticked) == 1 and _is_id(ticked[0]) else None
        if found is None:
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"label": self.label})
        return found


def is_looking(form: forms.BaseForm) -> bool:
    """Whether a form was sent to look for more in one of its pickers, and not to be saved."""
    if not form.is_bound:
        return False
    pickers = [name for name, each in form.fields.items() if isinstance(each, PickerField) and not each.disabled]
    if not any(form[name].data.is_look for name in pickers):
        return False
    # What else is in it is not finished, and so it is not complained of; but too much at a time is.
    form.full_clean()
    for name in [name for name in form.errors if name not in pickers or not form.has_error(name, "too_many")]:
        del form.errors[name]
    return True


def _was(words: str, *, only: bool) -> str:
    return f"{int(only)}{words}"


def _several(data: Mapping[str, Any], name: str) -> Sequence[str]:
    value = data.get(name, [])
    return [value] if isinstance(value, str) else value


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < len(str(2**63))


def _ids(values: Collection[str]) -> frozenset[int]:
    return frozenset(int(value) for value in values if _is_id(value))
