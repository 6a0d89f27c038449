"""allauth's forms of two-step login, in our words, and safe against whatever a browser sends as a passkey."""

import json
import struct
from typing import Any, Final

from allauth.account.forms import ReauthenticateForm as AllauthPasswordAgainForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.recovery_codes.forms import GenerateRecoveryCodesForm
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from bookwhen.forms import HouseStyle

CODE_LENGTH: Final = 20
"""Six or eight digits, and the spaces that people type between them."""
NAME_LENGTH: Final = 60
CREDENTIAL_LENGTH: Final = 20_000
"""A browser's answer has a few hundred characters; some keys add a certificate."""
UNREADABLE: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,  # nested too deep, or of a kind that is not supported
    TypeError,
    ValueError,
    struct.error,
)
"""What reading an answer raises that no browser made."""
STEP: Final = 30
"""The life of a code of an authenticator app, in seconds."""


def _adopt_code(form: forms.BaseForm) -> None:
    code = form.fields["code"]
    code.label, code.help_text = _("Code"), _("The 6 digits that your authenticator app shows, or a recovery code.")
    code.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": str(CODE_LENGTH)}
    code.error_messages["required"] = _("Enter the code")


def _refusal() -> forms.ValidationError:
    return get_adapter().validation_error("incorrect_code")


def _use_once(user_id: int, code: str) -> None:
    """Refuse a code that has just been used, for as long as it would be good again; allauth forgets it too early."""
    seconds = STEP * (2 * settings.MFA_TOTP_TOLERANCE + 1)
    if not cache.add(f"two-step-code:{user_id}:{''.join(code.split())}", 1, timeout=seconds):
        raise _refusal()


class OneTimeCodeForm(HouseStyle, base.BaseAuthenticateForm):
    """A code of the authenticator app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - allauth's
        super().__init__(*args, **kwargs)
        _adopt_code(self)

    def clean_code(self) -> str:
        """Take a code once."""
        code = super().clean_code()
        _use_once(self.user.pk, code)
        return code


class CodeForm(OneTimeCodeForm, base.AuthenticateForm):
    """The second step by a code."""


class CodeAgainForm(OneTimeCodeForm, base.ReauthenticateForm):
    """The same, from somebody who is logged in."""


class PasswordAgainForm(HouseStyle, AllauthPasswordAgainForm):
    """The password, from somebody who is logged in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - allauth's
        super().__init__(*args, **kwargs)
        password = self.fields["password"]
        password.widget.attrs.pop("placeholder", None)
        password.help_text = ""
        password.error_messages["required"] = _("Enter your password")

    def clean_password(self) -> str:
        """Ask for the password they log in with."""
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("Enter the password you log in with now"))
        return password


class AddAppForm(HouseStyle, totp.ActivateTOTPForm):
    """The first code of an authenticator app, which shows that it works."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - allauth's
        super().__init__(*args, **kwargs)
        _adopt_code(self)
        self.fields["code"].help_text = _("The 6 digits that the app shows once you’ve scanned the QR code.")

    def clean_code(self) -> str:
        """Take a code once: the one that adds the app does not log in as well."""
        code = super().clean_code()
        _use_once(self.user.pk, code)
        return code


class RemoveAppForm(HouseStyle, totp.DeactivateTOTPForm):
    """Removing the authenticator app."""


class MakeCodesForm(HouseStyle, GenerateRecoveryCodesForm):
    """New recovery codes."""


class CredentialField(forms.JSONField):
    """What a browser answers for a passkey: JSON, of a bearable length and depth. It is not shown again."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:  # noqa: ANN401 - whatever the JSON holds
        """Read it; raises ValidationError."""
        try:
            if not value or len(value) > CREDENTIAL_LENGTH:
                raise ValueError
            return json.loads(value)
        except UNREADABLE as error:
            raise _refusal() from error

    def bound_data(self, data: Any, initial: Any) -> Any:  # noqa: ANN401, ARG002 - Django's
        """Nothing: an answer is for one question."""
        return ""

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401, ARG002 - Django's
        """The same: the browser fills it in."""
        return ""


class UsePasskeyForm(HouseStyle, webauthn.AuthenticateWebAuthnForm):
    """The second step by a passkey or security key."""

    credential = CredentialField()

    def clean_credential(self) -> Any:  # noqa: ANN401 - allauth's
        """The key that answered; raises ValidationError for any other answer."""
        try:
            return super().clean_credential()
        except UNREADABLE as error:
            raise _refusal() from error


class PasskeyAgainForm(UsePasskeyForm):
    """The same, from somebody who is logged in."""

    reauthenticated = True


class PasskeyLoginForm(UsePasskeyForm):
    """Logging in by a passkey alone."""

    passwordless = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - allauth's
        super().__init__(*args, user=None, **kwargs)


class AddPasskeyForm(HouseStyle, webauthn.AddWebAuthnForm):
    """A new passkey or security key, and what its owner calls it."""

    credential = CredentialField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - allauth's
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label=_("Name"),
            max_length=NAME_LENGTH,
            required=False,
            help_text=_("So that you recognise it, such as “Work laptop”."),
        )
        passwordless = self.fields["passwordless"]
        passwordless.label = _("Log in with it alone, without a password")
        passwordless.help_text = _("Your device then asks for your fingerprint, face or PIN.")

    def clean(self) -> dict[str, Any]:
        """Read the browser's answer; raises ValidationError for one that no key made."""
        try:
            return super().clean()
        except UNREADABLE as error:
            raise _refusal() from error


class RenamePasskeyForm(HouseStyle, webauthn.EditWebAuthnForm):
    """What a passkey is called."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - allauth's
        super().__init__(*args, **kwargs)
        initial = self.initial.get("name", "")
        self.fields["name"] = forms.CharField(label=_("Name"), max_length=NAME_LENGTH, initial=initial)
