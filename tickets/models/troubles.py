"""Why Stripe did not make a refund, in our words: what happened, and what to do next."""

from typing import Final

from django.utils.translation import gettext_lazy as _

_CARD: Final = _(
    "The card has expired or was replaced, so the bank sent the money back to you. Refund the customer another way, "
    "then mark this as settled."
)
_BANK: Final = _(
    "The bank sent the money back to you without saying why. Try again, or refund the customer another way and mark "
    "this as settled."
)
_DISPUTED: Final = _(
    "The customer disputed this payment with their bank, so Stripe can’t refund it. If you win the dispute, try again. "
    "If you lose it, the customer has their money: mark this as settled."
)
_POOR: Final = _("There wasn’t enough money in your Stripe balance. Add some in Stripe, then try again.")
_CANCELLED: Final = _("The refund was cancelled in Stripe, so you still have the money.")
TROUBLES: Final = {
    "charge_disputed": _DISPUTED,
    "charge_for_pending_refund_disputed": _DISPUTED,
    "charge_already_refunded": _("This payment had already been refunded in Stripe."),
    "lost_or_stolen_card": _CARD,
    "expired_or_canceled_card": _CARD,
    "balance_insufficient": _POOR,
    "insufficient_funds": _POOR,
    "declined": _BANK,
    "unknown": _BANK,
    "failed": _BANK,
    "merchant_request": _CANCELLED,
    "canceled": _CANCELLED,
}
"""By Stripe’s own code, which is kept in `Refund.trouble`."""
