"""Ways of paying of which Stripe says only days later whether they succeeded (its document *Payment methods*).

A checkout offers what the studio switched on in Stripe's dashboard, whatever that is by then, but for what is named
here (docs/decisions/0034).
"""

from typing import Final

BANK_DEBITS: Final = ("acss_debit", "au_becs_debit", "bacs_debit", "nz_bank_account", "sepa_debit", "us_bank_account")
"""The customer agrees once, and their bank pays, or refuses, some days later."""
TO_BE_PAID_BY_HAND: Final = ("boleto", "customer_balance", "konbini", "multibanco", "oxxo")
"""Vouchers and bank transfers: the customer has paid nothing yet, and may never: too little to hold a space by."""


def excluded_methods(*, accepts_bank_debits: bool) -> tuple[str, ...]:
    """What a checkout leaves out: all that takes days, or all of it but bank debits."""
    return TO_BE_PAID_BY_HAND if accepts_bank_debits else (*BANK_DEBITS, *TO_BE_PAID_BY_HAND)
