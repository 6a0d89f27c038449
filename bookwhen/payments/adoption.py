"""What becomes of connections to Stripe when a copy of the database becomes a site of its own."""

from bookwhen.installation.adoption import Adoption, Story, Waiting
from bookwhen.payments.connections import forget_key
from bookwhen.payments.models import Connection, EventState, StripeEvent


def count_waiting(**_about: object) -> list[Waiting]:
    """The connections that rest, and the events that nobody looks at meanwhile."""
    return [
        Waiting("connections to Stripe", Connection.objects.filter(disconnected_at=None).count()),
        Waiting("updates from Stripe", StripeEvent.objects.filter(state=EventState.RECEIVED).count()),
    ]


def leave_stripe(*, adoption: Adoption, **_about: object) -> None:
    """Let go of every Stripe account here alone: they are the other site's."""
    if adoption.story is Story.SEPARATE:
        for connection in Connection.objects.filter(disconnected_at=None):
            forget_key(connection, now=adoption.now)
