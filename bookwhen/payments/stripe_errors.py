"""What Stripe may do instead of what we asked for, as ours. The texts are for people."""

from bookwhen.payments.permissions import Need


class StripeError(Exception):
    """Stripe did not do what we asked; the text is for people.

    `code` and `param` are Stripe's own words for why, and for what was wrong; empty where it gave none. `is_kept` says
    that Stripe keeps this answer under the idempotency key: the same call under the same key has it again for a day.
    """

    def __init__(self, text: str = "", *, code: str = "", param: str = "", is_kept: bool = False) -> None:
        super().__init__(text)
        self.code, self.param, self.is_kept = code, param, is_kept


class StripeDownError(StripeError):
    """Stripe could not be reached, or failed: the same call may work later."""


class RateLimitedError(StripeDownError):
    """Stripe was asked too much at once, by us or by others with keys of the account."""


class QuietError(StripeDownError):
    """We didn't ask: this is a quiet copy of another site (`bookwhen.installation.copies`)."""


class KeyRefusedError(StripeError):
    """Stripe does not take the key (any more), or the key may not do this."""


class PermissionMissingError(KeyRefusedError):
    """The key is restricted, and may not do this: it lacks what is `needed`.

    `account` is the Stripe account that the key belongs to, where Stripe named it.
    """

    def __init__(self, text: str, *, needed: Need | None, account: str = "") -> None:
        super().__init__(text)
        self.needed, self.account = needed, account


class GoneError(StripeError):
    """Stripe has no such object, at least not in this account."""


class DeclinedError(StripeError):
    """Stripe understood and refused: what is asked for cannot be done as things are."""


class KeyReusedError(StripeDownError):
    """Something else was asked for under the same idempotency key: the next attempt has another one."""
