"""How forms look and speak: the renderer, and the base classes every form of ours has.

The words follow one rule: an error says what to do ("Enter the group name"), never what is wrong with the reader.
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, TypeVar, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.forms.renderers import TemplatesSetting
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bookwhen import text
from bookwhen.dates import FIRST_YEAR, LAST_YEAR, is_sensible

Words = dict[str, str | Promise]
F = TypeVar("F", bound=forms.Field)
Kinds = type[forms.Field] | tuple[type[forms.Field], ...]

REQUIRED: Final = forms.Field.default_error_messages["required"]
"""Django's own sentence: a field that still has it gets ours."""

CHOICES: Final = (forms.ChoiceField, forms.ModelChoiceField)
DATES: Final = (forms.DateField, forms.DateTimeField)
MOMENTS: Final = (forms.DateField, forms.DateTimeField, forms.TimeField)
CLAUSES: Final = ("For ", "How ", "Or ", "What ")
"""How labels begin that are no noun: nobody is asked to "Enter the how many"."""
SEVERAL: Final = (forms.MultipleChoiceField, forms.ModelMultipleChoiceField)

PLAIN: Final = frozenset({"invalid", "null_characters_not_allowed", "line_break"})
"""The codes of errors that carry no values of their own."""

BY_CODE: Final[Words] = {
    "min_value": _("Enter %(limit_value)s or more for “%(label)s”"),
    "max_value": _("Enter %(limit_value)s or less for “%(label)s”"),
    "min_length": _("Use at least %(limit_value)d characters for “%(label)s”: you’ve used %(show_value)d"),
    "max_length": _("Use at most %(limit_value)d characters for “%(label)s”: you’ve used %(show_value)d"),
    "max_decimal_places": _("Use at most %(max)s digits after the decimal point for “%(label)s”"),
    "max_digits": _("Use at most %(max)s digits for “%(label)s”"),
    "null_characters_not_allowed": _("Type “%(label)s” again: it contains a character we can’t save"),
    "line_break": _("Type “%(label)s” on one line"),
}

TEXT_LENGTH: Final = 10_000
"""The most characters in a field that says no other bound: three printed pages."""
SHRINKS: Final = 4
"""How many times as long as the longest text what was typed may be, since it is composed when it is read."""
MOST_AROUND: Final = 1000
"""How many characters more, since spaces around are left out."""
NAME_LENGTH: Final = 100
"""The longest name of a person, in characters: twice what passports have room for."""

BY_FIELD: Final[tuple[tuple[Kinds, Words], ...]] = (
    (forms.EmailField, {"invalid": _("Enter an email address like name@example.com")}),
    (forms.URLField, {"invalid": _("Enter a web address like https://example.com")}),
    (forms.DateTimeField, {"invalid": _("Enter a date and a time like 2026-12-31 18:30 for “%(label)s”")}),
    (forms.DateField, {"invalid": _("Enter a date like 2026-12-31 for “%(label)s”")}),
    (forms.TimeField, {"invalid": _("Enter a time like 18:30 for “%(label)s”")}),
    # Before its base.
    (forms.DecimalField, {"invalid": _("Enter a number like 12.50 for “%(label)s”")}),
    (forms.IntegerField, {"invalid": _("Enter a whole number for “%(label)s”")}),
    (
        SEVERAL,
        {
            "invalid_choice": _("Choose from the list for “%(label)s”"),
            "invalid_pk_value": _("Choose from the list for “%(label)s”"),
        },
    ),
    (CHOICES, {"invalid_choice": _("Choose one from the list for “%(label)s”")}),
)


class Renderer(TemplatesSetting):
    """Renders forms with the project's templates (templates/django/forms/)."""

    form_template_name = "django/forms/form.html"
    field_template_name = "django/forms/field.html"


class HouseStyle(forms.BaseForm):
    """Errors in our words, native date and time inputs, and no validation by the browser.

    Mix it in before a form that is not ours: `class LoginForm(HouseStyle, allauth.LoginForm)`.
    """

    base_fields: ClassVar[dict[str, forms.Field]]
    use_required_attribute = False
    conditional: ClassVar[frozenset[str]] = frozenset()
    """Fields that the form asks for only sometimes: they are not marked "(optional)"."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - what Django's forms take
        """Take what Django's forms take."""
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        declared, words = self.base_fields, _words_of(type(self), get_language())  # type: ignore[arg-type]
        for name, field in self.fields.items():
            _use_native_input(field.widget)
            known = name in declared and _is_as_declared(field, declared[name])
            field.error_messages.update(words[name] if known else _plain_words(field, name))

    def full_clean(self) -> None:
        """Clean as Django does, with every text and date held to the house's rules, no matter who wrote the form."""
        for field in self.fields.values():
            _read_as_text(field)
            if isinstance(field, DATES) and refuse_odd_year not in field.validators:
                field.validators.append(refuse_odd_year)
        super().full_clean()

    def field_as(self, name: str, kind: type[F]) -> F:
        """One of the form's fields, as the kind of field that its class declares."""
        field = self.fields[name]
        assert isinstance(field, kind)  # noqa: S101 - it is declared so
        return field


class PersonNameField(forms.CharField):
    """What somebody is called. It goes into emails to others, so that it holds no link or number to ring."""

    default_error_messages: ClassVar = {
        "link": _("Enter a name without a web or email address"),
        "phone": _("Enter a name without a phone number"),
        "no_name": _("Enter a name that has letters in it"),
    }

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - a field's own
        super().__init__(**{"max_length": NAME_LENGTH, **kwargs})

    def validate(self, value: str) -> None:
        """Refuse links, and punctuation alone."""
        super().validate(value)
        # What is too long for a name is refused for that.
        if value and (self.max_length is None or len(value) <= self.max_length):
            self.refuse_no_name(value)

    def refuse_no_name(self, value: str) -> None:
        """Raise ValidationError where one line is no name of a person."""
        for code, is_wrong in (
            ("link", text.holds_link(value)),
            ("phone", text.holds_phone_number(value)),
            ("no_name", not text.says_something(value)),
        ):
            if is_wrong:
                raise ValidationError(self.error_messages[code], code=code)


class Form(HouseStyle, forms.Form):
    """The base of our forms."""


class IdempotentForm(Form):
    """A form that does what it does once, however often it is sent: `key` says that it is the same one."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def renew_key(self) -> None:
        """Ask for the form to be sent again, with another key: this one was used for something else."""
        self.data = {**{name: self.data[name] for name in self.data}, "key": str(uuid4())}
        self.add_error(None, _("Send this form again. It was already used for something else."))


if TYPE_CHECKING:
    M = TypeVar("M", bound=models.Model)

    class ModelForm(HouseStyle, forms.ModelForm[M]):
        """The base of our forms of a model: `class GroupForm(ModelForm[Group])`."""

else:

    class ModelForm(HouseStyle, forms.ModelForm):
        """The base of our forms of a model: `class GroupForm(ModelForm[Group])`."""

        def __class_getitem__(cls, _model: type[models.Model]) -> "type[ModelForm]":
            """Return the class itself: only the type checker needs the model."""
            return cls


class _AffixedField(Protocol):
    """A field as its template reads it."""

    affix: dict[str, str | Promise]


def affix(field: forms.Field, *, before: str | Promise = "", after: str | Promise = "") -> None:
    """Show a unit beside a field's input: `affix(self.fields["cost"], before="£", after=_("a month"))`."""
    cast("_AffixedField", field).affix = {"before": before, "after": after}


def _use_native_input(widget: forms.Widget) -> None:
    """Turn Django's plain-text date and time inputs into the browser's own, which speak ISO 8601."""
    native = (
        (forms.DateTimeInput, "datetime-local", "%Y-%m-%dT%H:%M"),
        (forms.DateInput, "date", "%Y-%m-%d"),
        (forms.TimeInput, "time", "%H:%M"),
    )
    for part in getattr(widget, "widgets", [widget]):
        for kind, input_type, layout in native:
            if isinstance(part, kind) and part.input_type == "text":
                part.input_type, part.format = input_type, layout


def refuse_odd_year(day: date) -> None:
    """Raise ValidationError for a day that nobody can mean (`bookwhen.dates`)."""
    if not is_sensible(day):
        words = _("Enter a date between the years %(first)d and %(last)d")
        raise ValidationError(words, code="odd_year", params={"first": FIRST_YEAR, "last": LAST_YEAR})


def _read_as_text(field: forms.Field) -> None:
    """Let a field of text read what was typed as one line, or as lines where it shows several; never without end.

    Not an email address, which has a stricter form of its own, nor JSON, nor a box that takes anything.
    """
    if isinstance(field, forms.EmailField | forms.JSONField) or getattr(field, "takes_anything", False):
        return
    if isinstance(field, forms.CharField):
        if field.max_length is None and not isinstance(field, forms.UUIDField):
            field.max_length = TEXT_LENGTH
            field.validators.append(MaxLengthValidator(TEXT_LENGTH))
        # On the field itself, which is this form's own: a class of ours would not reach what allauth and models make.
        setattr(field, "to_python", partial(_typed_text, field, type(field).to_python))  # noqa: B010 - a method, to mypy


def _typed_text(field: forms.CharField, to_python: Callable[[forms.CharField, Any], Any], value: object) -> object:
    """What was typed, mended; raises ValidationError with what to do about the rest."""
    if not isinstance(value, str):
        return to_python(field, value)
    if field.max_length is not None and len(value) > SHRINKS * field.max_length + MOST_AROUND:
        # Neither read nor matched: composing marks, and patterns, take more than as much time as there is text.
        told = {"limit_value": field.max_length, "show_value": len(value)}
        raise ValidationError(field.error_messages["max_length"], code="max_length", params=told)
    try:
        if isinstance(field.widget, forms.PasswordInput):
            # A secret is taken letter by letter.
            text.refuse_unstorable(value)
        elif isinstance(field.widget, forms.Textarea):
            value = text.lines(value)
        else:
            value = text.one_line(value)
    except text.LineBreakError:
        raise ValidationError(field.error_messages["line_break"], code="line_break") from None
    except text.UnstorableError:
        code = "null_characters_not_allowed"
        raise ValidationError(field.error_messages[code], code=code) from None
    return to_python(field, value)


@lru_cache(500)
def _words_of(form: type[HouseStyle], _language: str | None) -> dict[str, dict[str, str]]:
    """The error messages that a form's fields have instead of Django's, in the language of the moment."""
    return {name: _plain_words(field, name) for name, field in form.base_fields.items()}


def _is_as_declared(field: forms.Field, declared: forms.Field) -> bool:
    """Whether what a field says is what its form's class says: forms that are not ours change it when they are made."""
    same = type(field) is type(declared) and field.label is declared.label
    return same and field.error_messages == declared.error_messages


def _plain_words(field: forms.Field, name: str) -> dict[str, str]:
    """Error messages instead of Django's; those a form chose itself stay."""
    label = str(field.label or name.replace("_", " "))
    # A file field's messages take other values, under the same codes.
    ours: Words = {} if isinstance(field, forms.FileField) else {**BY_CODE}
    for kind, words in reversed(BY_FIELD):
        if isinstance(field, kind):
            ours |= words
    found = {}
    for code, words_for_code in ours.items():
        given = field.error_messages.get(code)
        if given is None or given == type(field).default_error_messages.get(code):
            # Where Django fills in the error's own values, a percent sign in the label must survive that.
            shown = label if code in PLAIN else label.replace("%", "%%")
            found[code] = str(words_for_code).replace("%(label)s", shown)
    if field.error_messages.get("required") == REQUIRED:
        found["required"] = _required(field, label)
    return found


def _required(field: forms.Field, label: str) -> str:
    """Return what to do about an empty field, from its label: "Enter the group name"."""
    if isinstance(field, forms.BooleanField):
        return _("Tick “%(label)s” to continue") % {"label": label}
    if label.endswith("?"):
        return _("Answer “%(label)s”") % {"label": label}
    if isinstance(field, SEVERAL):
        return _("Choose at least one for “%(label)s”") % {"label": label}
    if isinstance(field, CHOICES):
        return _("Choose one for “%(label)s”") % {"label": label}
    if isinstance(field, MOMENTS) or label.startswith(CLAUSES):
        return _("Fill in “%(label)s”") % {"label": label}
    name = label if label[1:2].isupper() else label[:1].lower() + label[1:]
    if name.startswith("your "):
        return _("Enter %(name)s") % {"name": name}
    return _("Enter the %(name)s") % {"name": name}
