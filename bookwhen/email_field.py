"""The one form field for an email address."""

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bookwhen.email_address import EMAIL_LENGTH, Fault, find_fault, fold_email

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

WHAT_TO_DO: Final[dict[Fault, "StrOrPromise"]] = {
    Fault.SPACE: _("Take the space out of the email address"),
    Fault.SEVERAL_AT: _("Enter one email address, with a single @"),
    Fault.NOT_ASCII: _("Use only the letters a to z, without accents, before the @ of the email address"),
}
"""For other faults the form's own sentence is better: an address like …, or at most so many characters."""


def check_email(address: str) -> None:
    """Raise ValidationError with what to do about a folded address that is none; its length is checked elsewhere."""
    fault = find_fault(address)
    if fault is None or fault is Fault.TOO_LONG:
        return
    if fault in WHAT_TO_DO:
        raise ValidationError(WHAT_TO_DO[fault], code=fault.name.lower())
    raise ValidationError(_("Enter an email address like name@example.com"), code="invalid")


class EmailField(forms.EmailField):
    """An email address: its value is folded, so that it is found again however it was typed."""

    default_validators = [check_email]

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - what Django's field takes
        super().__init__(**{"max_length": EMAIL_LENGTH, **kwargs})

    def to_python(self, value: Any) -> str:  # noqa: ANN401 - Django's
        """Fold what was typed."""
        return fold_email(str(super().to_python(value)))
