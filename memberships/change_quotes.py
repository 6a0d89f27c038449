"""What a change was said to cost, as a form carries it: signed, and good for half an hour."""

from datetime import UTC, datetime
from typing import Final

from django.core import signing

from memberships.changing import ChangeQuote, SeenQuote
from memberships.models import Price, Subscription

SALT: Final = "memberships.change"
MAX_AGE_SECONDS: Final = 1800
"""What is charged is prorated at the instant of the quote: an old one would be another day's."""


def sign_quote(subscription: Subscription, quote: ChangeQuote) -> str:
    """A quote for a subscription as a form carries it."""
    facts = [str(subscription.uuid), str(quote.price.uuid), int(quote.at.timestamp()), quote.terms]
    return signing.dumps(facts, salt=SALT)


def read_quote(token: str, subscription: Subscription, price: Price) -> SeenQuote | None:
    """The quote that a form brought back; none where it is not ours, for something else, or too old."""
    try:
        facts = signing.loads(token, salt=SALT, max_age=MAX_AGE_SECONDS)
    except signing.BadSignature:
        return None
    if facts[:2] != [str(subscription.uuid), str(price.uuid)]:
        return None
    return SeenQuote(price=price, at=datetime.fromtimestamp(facts[2], UTC), terms=facts[3])
