"""Why a piece of a pasted text names nobody, in words for people."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from bookwhen.email_address import Fault

WHY: Final[dict[Fault, str | Promise]] = {
    Fault.NO_AT: gettext_lazy("has no @"),
    Fault.TOO_LONG: gettext_lazy("is too long for an email address"),
    Fault.SPACE: gettext_lazy("has a space in it"),
    Fault.SEVERAL_AT: gettext_lazy("has more than one @"),
    Fault.NOT_ASCII: gettext_lazy("has letters before the @ that email addresses can’t have"),
    Fault.MALFORMED: gettext_lazy("doesn’t look like an email address, such as name@example.org"),
}
