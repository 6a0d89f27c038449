"""What customers read on many pages: days and moments, and what to do when Stripe does not answer."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Account
from bookwhen.payments.gateway import QuietError, StripeDownError, StripeError


def format_day(instant: datetime | None, account: Account) -> str:
    """The local day of an aware instant; empty where there is none."""
    return date_format(instant.astimezone(account.zone), "j F Y") if instant else ""


def format_moment(instant: datetime | None, account: Account) -> str:
    """The local day and time of an aware instant; empty where there is none."""
    return date_format(instant.astimezone(account.zone), "l j F Y, H:i") if instant else ""


def stripe_error_text(error: StripeError, account: Account) -> str:
    """What to tell a customer when Stripe did not do what they asked for: whether it helps to try again."""
    if isinstance(error, QuietError):
        return f"{error} " + _("Nothing can be paid here, and nothing has been changed or charged.")
    if isinstance(error, StripeDownError):
        return _(
            "We can’t reach Stripe, which handles payments, at the moment. Nothing has been changed or charged."
        ) + (" " + _("Try again in a minute."))
    return _("Stripe doesn’t allow this at the moment. Nothing has been changed or charged. Contact %(name)s.") % {
        "name": contact_text(account)
    }


def contact_text(account: Account) -> str:
    """Whom to contact, and where: *River Studio (hello@river.example)*."""
    return f"{account.name} ({account.contact})" if account.contact else account.name
