"""What the history tells of money at the studio."""

from django.utils.translation import gettext as _

from accounts.customers import about_customer
from accounts.history.recording import Change, is_recorded, record
from accounts.models import Deed
from bookwhen.money import money
from tickets.models import MoneyMethod, StudioPayment


def record_taken(made: StudioPayment) -> None:
    """Tell that money was taken (a payment with account and customer): how much, and how."""
    _record(Deed.MONEY_TAKEN, made, "", _told(made))


def record_given_back(made: StudioPayment) -> None:
    """Tell that money was given back: how much, and how."""
    _record(Deed.MONEY_GIVEN_BACK, made, "", _told(made))


def record_corrected(wrong: StudioPayment, instead: StudioPayment | None) -> None:
    """Tell that a payment was corrected: what it said, and what was written instead; none: it never was."""
    _record(Deed.MONEY_CORRECTED, wrong, _told(wrong), _told(instead) if instead else _("never happened"))


def _told(made: StudioPayment) -> str:
    amount = money(abs(made.amount), made.currency, made.account.locale)
    return f"{amount} ({MoneyMethod(made.method).label})"


def _record(deed: Deed, about: StudioPayment, was: str, now: str) -> None:
    if is_recorded():
        record(
            deed,
            about_customer(about.customer),
            account=about.account,
            changes=[Change(_("At the studio"), was, now)],
        )
