"""What Stripe's checkout refuses by number: too little to charge, too many lines."""

from bookwhen.sandbox.stripe.errors import Json, invalid

LEAST = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30,
    "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200,
    "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
"""The least that can be charged, in minor units, by Stripe's document *Currencies*."""
MOST = 99_999_999
ONCE, RECURRING, WITH_SUBSCRIPTION = 100, 20, 20


def check_lines(prices: list[Json], mode: str) -> None:
    """Refuse more lines than a session takes: 100, or 20 of each sort where it begins a subscription."""
    recurring = sum(bool(price["recurring"]) for price in prices)
    once = len(prices) - recurring
    if mode == "payment" and once > ONCE:
        message = f"The array `line_items` may have at most {ONCE} elements in `payment` mode."
        raise invalid(message, "line_items")
    if mode == "subscription" and (recurring > RECURRING or once > WITH_SUBSCRIPTION):
        message = f"You may have at most {RECURRING} recurring and {WITH_SUBSCRIPTION} one-time line items."
        raise invalid(message, "line_items")


def check_total(total: int, currency: str) -> None:
    """Refuse a total that no card can be charged with; nothing to pay is something else."""
    least = LEAST.get(currency, 1)
    if 0 < total < least:
        message = f"The Checkout Session's total amount due must add up to at least {least} {currency}."
        raise invalid(message, code="amount_too_small")
    if total > MOST:
        message = f"The Checkout Session's total amount due must be no more than {MOST} {currency}."
        raise invalid(message, code="amount_too_large")
