"""What a price costs for a quantity, in minor units.

Looked up: a fraction of a cent is rounded on each line, after the quantity was multiplied (0.05 times 30 is 2 cents),
halves up; graduated tiers add up what each tier holds, volume tiers price all by the tier that is reached.
Uncertain: halves of a credit are rounded away from zero here, and nothing used costs nothing, a flat fee or not.
"""

import math
from fractions import Fraction

from bookwhen.sandbox.stripe.errors import Json


def rounded(amount: Fraction) -> int:
    """Round to the nearest whole one, halves away from zero."""
    return int(math.copysign(math.floor(abs(amount) + Fraction(1, 2)), amount))


def exact(price: Json, quantity: int) -> Fraction:
    """Return what a quantity costs, with its fractions of a minor unit."""
    if price["billing_scheme"] == "per_unit":
        return Fraction(price["unit_amount_decimal"]) * quantity
    if quantity <= 0:
        return Fraction(0)
    if price["tiers_mode"] == "volume":
        reached = next(tier for tier in price["tiers"] if tier["up_to"] is None or quantity <= tier["up_to"])
        return _in_tier(reached, quantity)
    total, below = Fraction(0), 0
    for tier in price["tiers"]:
        if quantity <= below:
            break
        top = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        total += _in_tier(tier, top - below)
        below = top
    return total


def _in_tier(tier: Json, units: int) -> Fraction:
    return Fraction(tier["flat_amount_decimal"] or 0) + Fraction(tier["unit_amount_decimal"] or 0) * units


def amount_of(price: Json, quantity: int) -> int:
    """Return what a quantity costs on a line of an invoice."""
    return rounded(exact(price, quantity))


def is_metered(price: Json) -> bool:
    """Say whether what it costs depends on what will be used: the sandbox knows of no use."""
    return bool(price["recurring"]) and price["recurring"]["usage_type"] == "metered"


def decimal(text: str) -> tuple[int | None, str]:
    """Return an amount given as a decimal as Stripe tells it: whole where it is whole, and as a text."""
    amount = Fraction(text)
    whole = int(amount) if amount.denominator == 1 else None
    return whole, str(whole) if whole is not None else text.rstrip("0")
