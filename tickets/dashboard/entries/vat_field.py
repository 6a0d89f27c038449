"""Which VAT a ticket's price includes: asked only where the studio charges any."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from tickets.models import Ticket
from tickets.money.receipts.business import receipt_settings_of
from tickets.money.receipts.rates import rates_in_use


class VatField(forms.TypedChoiceField):
    """The rate (id) of a ticket; None: the account's default."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - a field's own
        given: dict[str, Any] = {
            "label": gettext_lazy("VAT"),
            "coerce": int,
            "empty_value": None,
            "required": False,
            "help_text": gettext_lazy("The price includes it, and receipts say how much it is."),
        }
        super().__init__(**given | kwargs)

    def set_rates(self, account: Account, ticket: Ticket | None) -> bool:
        """Offer the rates in use, and the one that the ticket has; False where the account charges no VAT."""
        settings = receipt_settings_of(account)
        if not settings.charges_vat:
            return False
        rates = rates_in_use(account)
        if ticket and ticket.vat_rate and ticket.vat_rate not in rates:
            rates.append(ticket.vat_rate)
        default = _("No VAT")
        if settings.default_rate:
            default = _("Your default: %(rate)s") % {"rate": settings.default_rate}
        self.choices = [("", default), *((rate.pk, str(rate)) for rate in rates)]
        return True
