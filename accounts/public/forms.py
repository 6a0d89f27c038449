"""Forms for logging in, proving an address, and opening a studio."""

from typing import Any, ClassVar, Final

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts import choices, slugs
from accounts.models import Plan, User
from accounts.models.accounts import slug_rule
from accounts.services import Studio
from bookwhen.email_field import EmailField
from bookwhen.forms import Form, HouseStyle, ModelForm, PersonNameField, affix

SHOWN_TO: Final = _("Shown to every studio that knows your email address.")
MOST: Final = 128
"""Longer passwords would only cost the server time."""


def _new_password() -> forms.CharField:
    return forms.CharField(
        label=_("New password"),
        help_text=_("At least 8 characters. Three words in a row are easy to remember and hard to guess."),
        strip=False,
        max_length=MOST,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class LoginForm(HouseStyle, AllauthLoginForm):
    """Logging in, by allauth, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - allauth's
        super().__init__(*args, **kwargs)
        self.fields["login"] = EmailField(
            label=_("Email address"),
            error_messages={"required": _("Enter your email address")},
            widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        )
        self.fields["password"].help_text = ""
        self.fields["password"].error_messages["required"] = _("Enter your password")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class AddressForm(Form):
    """An e-mail address to send a link to."""

    email = EmailField(
        label=_("Email address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class PasswordForm(Form):
    """A new password for the login of an address; a name too, where none is known."""

    name = PersonNameField(
        label=_("Your name"), help_text=SHOWN_TO, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = _new_password()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        self.user = user
        if user.name:
            del self.fields["name"]

    def clean_password(self) -> str:
        """Refuse what Django's validators find too easy."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password


class ChangePasswordForm(Form):
    """A new password from somebody who is logged in."""

    current = forms.CharField(
        label=_("Current password"),
        strip=False,
        max_length=MOST,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = _new_password()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_current(self) -> str:
        """Ask for the password they have."""
        current: str = self.cleaned_data["current"]
        if not self.user.check_password(current):
            raise forms.ValidationError(_("Enter the password you log in with now"))
        return current

    def clean_password(self) -> str:
        """Refuse what Django's validators find too easy."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password


class DetailsForm(ModelForm[User]):
    """What somebody is called."""

    class Meta:
        model = User
        fields = ["name"]
        field_classes: ClassVar = {"name": PersonNameField}
        labels = {"name": _("Your name")}
        help_texts = {"name": SHOWN_TO}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


class StudioForm(Form):
    """Opening an account."""

    name = forms.CharField(label=_("Name of your studio"), max_length=200)
    address = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=slugs.LENGTH,
        validators=[slug_rule],
        help_text=_("Where customers will find your page. Leave it blank and we’ll make one from the name."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=choices.time_zones,
        initial="Europe/London",
        help_text=_("Your days start at midnight here. You can’t change it after your first entry."),
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=choices.currencies, initial="GBP")
    plan = forms.ChoiceField(
        label=_("Plan"),
        choices=Plan,
        initial=Plan.FREE,
        widget=forms.RadioSelect,
        help_text=_("You can change it at any time."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        affix(self.fields["address"], before=f"{settings.SITE_URL.partition('://')[2]}/")

    def clean_address(self) -> str:
        """Refuse what is an address of ours."""
        address: str = self.cleaned_data["address"]
        if address in slugs.RESERVED:
            raise forms.ValidationError(_("Choose another address: this one is reserved"))
        return address

    def studio(self) -> Studio:
        """What was entered."""
        data = self.cleaned_data
        return Studio(data["name"], data["address"], data["time_zone"], data["currency"], Plan(data["plan"]))
