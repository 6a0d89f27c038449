"""The forms of the review step: who books, who attends, and what the customer saw before they confirmed."""

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from bookwhen.email_field import EmailField
from bookwhen.fastpath.kept_html import KeptHtml
from bookwhen.forms import Form, PersonNameField
from offers.eligibility import Attendee
from tickets.availability.facts import Person

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_FORMS: Final = KeptHtml[SafeString](2000)


def _name(label: "StrOrPromise", **kwargs: Any) -> PersonNameField:  # noqa: ANN401 - a field's own
    attrs = {"dir": "auto", **kwargs.pop("attrs", {})}
    return PersonNameField(label=label, widget=forms.TextInput(attrs=attrs), **kwargs)


class CachedForm(Form):
    """A form whose HTML is kept for as long as nobody has typed into it: most visitors see no other."""

    template_drawn = "django/forms/form.html"

    @property
    def drawn(self) -> SafeString:
        """Its fields as HTML."""
        look = None if self.is_bound else self.look
        if look is None:
            return self.render(self.template_drawn)
        says = (type(self), self.prefix, tuple(self.fields), look)
        return _FORMS.get(says, lambda: self.render(self.template_drawn))

    @property
    def look(self) -> tuple[str, ...] | None:
        """All that its HTML says besides its labels; None, unless a form knows, and it is drawn anew each time."""
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
    def look(self) -> tuple[str, ...] | None:
        """Nothing more, while it is empty."""
        return None if any(self.initial.get(name) for name in self.fields) else ()

    @property
    def booker(self) -> tuple[str, str]:
        """The name and the folded address of a valid form: what was known, or was typed."""
        known = self.who.customer
        return (
            self.cleaned_data.get("name") or self.who.name,
            self.cleaned_data.get("email") or (known.email if known else self.who.address),
        )


class AttendeeForm(CachedForm):
    """Who takes one place: the customer themselves, or somebody else with a name and, if they like, an address."""

    template_drawn = "tickets/public/_who.html"
    conditional = frozenset({"name"})

    who = forms.ChoiceField(label=_("Who is it for?"), widget=forms.RadioSelect)
    name = _name(_("Their name"), required=False)
    email = EmailField(label=_("Their email address"), required=False)

    def __init__(self, *args: Any, me: str, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        self.me = me
        # Isolated: a name written from right to left must not turn the brackets round.
        mine = _("Me (%(name)s)") % {"name": f"\u2068{me}\u2069"} if me else _("Me")
        field = self.fields["who"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(Attendee.SELF.value, mine), (Attendee.GUEST.value, _("Someone else"))]

    @property
    def look(self) -> tuple[str, ...] | None:
        """What the customer is called and who is chosen, while nobody else is named."""
        typed = self.initial["name"] or self.initial["email"] or self.initial["who"] not in set(Attendee)
        return None if typed else (self.me, self.initial["who"])

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
