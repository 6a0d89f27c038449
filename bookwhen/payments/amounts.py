"""What Stripe takes at once: not too little, not too much."""

from bookwhen.money import MOST, least
from bookwhen.payments.gateway import DeclinedError


class AmountError(DeclinedError):
    """What Stripe would refuse, so that it isn’t asked: a total that is too small, or of more than eight digits."""

    def __init__(self, total: int, currency: str) -> None:
        super().__init__(f"Stripe takes from {least(currency)} to {MOST} {currency} at once, and this is {total}.")
        self.is_too_small = total < least(currency)


def require_chargeable(total: int, currency: str) -> None:
    """Let a total (minor units) be charged, or nothing; raises AmountError."""
    if total and not least(currency) <= total <= MOST:
        raise AmountError(total, currency)
