"""The forms of the review step: who books, who attends, and what the customer saw before they confirmed."""

from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from bookwhen.email_field import EmailField
from bookwhen.fastpath.kept_html import KeptHtml
from bookwhen.forms import Form, PersonNameField
from offers.eligibility import Attendee
from tickets.availability.facts import Person

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_stubs_ext import StrOrPromise

_FORMS: Final = KeptHtml[SafeString](2000)
_PREFIX: Final = f"prefix{token_hex(16)}"
_ME: Final = f"me{token_hex(16)}"
"""What stands in a form that is kept where another ticket's says something else: nobody can know it."""


def _name(label: "StrOrPromise", **kwargs: Any) -> PersonNameField:  # noqa: ANN401 - a field's own
    attrs = {"dir": "auto", **kwargs.pop("attrs", {})}
    return PersonNameField(label=label, widget=forms.TextInput(attrs=attrs), **kwargs)


@dataclass(frozen=True, slots=True)
class Alike:
    """A form to be drawn in place of others, of the prefix _PREFIX and for somebody who is called _ME.

    `says` is all that its HTML says besides these and its labels.
    """

    says: tuple[object, ...]
    make: "Callable[[], CachedForm]"


class CachedForm(Form):
    """A form whose HTML is kept while nobody has typed into it, and is the same at every ticket but for its names."""

    template_drawn = "django/forms/form.html"

    @property
    def drawn(self) -> SafeString:
        """Its fields as HTML."""
        alike = None if self.is_bound else self.alike
        if alike is None:
            return self.render(self.template_drawn)
        says = (type(self), tuple(self.fields), alike.says)
        html = _FORMS.get(says, lambda: alike.make().render(self.template_drawn))
        # Both as HTML: a prefix is letters, digits and hyphens.
        return mark_safe(html.replace(_PREFIX, self.prefix or "").replace(_ME, escape(self.me)))  # noqa: S308

    me = ""
    """What the visitor is called, where it says so."""

    @property
    def alike(self) -> "Alike | None":
        """The form that is drawn once for all like this one; None: it is drawn anew each time."""
        return None


class BookerForm(CachedForm):
    """Who books: asks only for what is not known of the person already."""

    name = _name(_("Your name"), attrs={"autocomplete": "name"}, error_messages={"required": _("Enter your name")})
    email = EmailField(
        label=_("Your email address"),
        help_text=_("We’ll send your confirmation here."),
        error_messages={"required": _("Enter your email address")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, who: Person, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        self.who = who
        if not who.asks_name:
            del self.fields["name"]
        if who.proved:
            del self.fields["email"]

    @property
    def alike(self) -> Alike | None:
        """An empty one, while it is empty."""
        if any(self.initial.get(name) for name in self.fields):
            return None
        return Alike((), lambda: BookerForm(prefix=_PREFIX, who=self.who))

    @property
    def booker(self) -> tuple[str, str]:
        """The name and the folded address of a valid form: what was known, or was typed."""
        known = self.who.customer
        return (
            self.cleaned_data.get("name") or self.who.name,
            self.cleaned_data.get("email") or (known.reached_at if known else self.who.address),
        )


class AttendeeForm(CachedForm):
    """Who takes one place: the customer themselves, or somebody else with a name and, if they like, an address."""

    template_drawn = "tickets/public/_who.html"
    conditional = frozenset({"name"})

    who = forms.ChoiceField(label=_("Who is it for?"), widget=forms.RadioSelect)
    name = _name(_("Their name"), required=False)
    email = EmailField(label=_("Their email address"), required=False)

    def __init__(self, *args: Any, me: str, by_another: bool = False, **kwargs: Any) -> None:  # noqa: ANN401
        """`me`: what the customer is called whom it is booked for, by themselves or `by_another`."""
        super().__init__(*args, **kwargs)
        self.me, self.by_another = me, by_another
        # Isolated: a name written from right to left must not turn the brackets round.
        mine = me if by_another else _("Me (%(name)s)") % {"name": f"\u2068{me}\u2069"} if me else _("Me")
        field = self.fields["who"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(Attendee.SELF.value, mine), (Attendee.GUEST.value, _("Someone else"))]

    @property
    def alike(self) -> Alike | None:
        """One in which the same is chosen, while nobody else is named."""
        if self.initial["name"] or self.initial["email"] or self.initial["who"] not in set(Attendee):
            return None
        me, initial, by_another = _ME if self.me else "", self.initial, self.by_another
        return Alike(
            (bool(me), by_another, initial["who"]),
            lambda: AttendeeForm(prefix=_PREFIX, me=me, by_another=by_another, initial=initial),
        )

    @property
    def attendee(self) -> Attendee:
        """For whom it is, as far as the form says so yet."""
        given = self["who"].value()
        return Attendee.GUEST if given == Attendee.GUEST else Attendee.SELF

    def clean(self) -> dict[str, Any]:
        """Ask for a guest's name."""
        data = self.cleaned_data
        if data.get("who") == Attendee.GUEST and "name" in data and not data["name"]:
            self.add_error("name", _("Enter the name of the person who’s coming"))
        return data


class ConfirmForm(Form):
    """What comes with *Confirm booking*: the idempotency key, and what the page said would be charged."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    terms_version = forms.CharField(widget=forms.HiddenInput, required=False)
