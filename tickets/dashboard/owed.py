"""`{% load owed %}`: what somebody still has to pay at the studio for a seat, or has to their credit, in words."""

from django.template import Library
from django.utils.translation import gettext as _

from accounts.models import Account
from bookwhen.money import money

register = Library()


@register.simple_tag
def owed_text(amount: int, account: Account) -> str:
    """What is noted of an amount (minor units): still to pay, or below 0 a credit; empty where it is nothing."""
    if not amount:
        return ""
    words = {"amount": money(abs(amount), account.currency, account.locale)}
    return _("%(amount)s to pay") % words if amount > 0 else _("%(amount)s credit") % words
