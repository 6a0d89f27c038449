"""Pausing the collection of a subscription's bills, and going on at the time that was said.

Looked up: the status stays as it is, and a bill that is there already is collected all the same. An empty text in place
of `pause_collection` takes it off. Uncertain: that Stripe takes it off at `resumes_at`, and tells of it by
`customer.subscription.updated` (here it does both), and whether a time that is over is refused (here it is).
"""

from collections.abc import Callable, Iterator

from bookwhen.sandbox.stripe import invoices, subscriptions
from bookwhen.sandbox.stripe.errors import Json, invalid
from bookwhen.sandbox.stripe.world import World

PARAMS = ("pause_collection", "pause_collection.behavior", "pause_collection.resumes_at")


def change(world: World, found: Json, given: Json) -> None:
    """Pause a subscription, change its pause, or take it off, as a request asks."""
    if "pause_collection" not in given:
        return
    asked = given["pause_collection"] or None
    resumes_at = asked and asked.get("resumes_at")
    if resumes_at is not None and resumes_at <= world.now(found["customer"]):
        message = "`pause_collection[resumes_at]` must be in the future."
        raise invalid(message, "pause_collection[resumes_at]")
    paused = asked and {"behavior": asked["behavior"], "resumes_at": resumes_at}
    if paused != found["pause_collection"]:
        world.update(subscriptions.UPDATED, found, pause_collection=paused)


def due(world: World, found: Json) -> Iterator[tuple[int, Callable[[], None]]]:
    """Yield when a subscription's pause ends, and what is done then."""
    paused = found["pause_collection"]
    if paused and paused["resumes_at"]:
        yield paused["resumes_at"], lambda: world.update(subscriptions.UPDATED, found, pause_collection=None)


def withhold(world: World, found: Json, invoice: Json) -> None:
    """Do to a new invoice what the pause of its subscription says; nothing where there is none."""
    paused = found["pause_collection"]
    if not paused:
        return
    invoice |= {"auto_advance": False, "automatically_finalizes_at": None}
    if paused["behavior"] != "keep_as_draft":
        invoices.give_up(world, invoice, "void" if paused["behavior"] == "void" else "uncollectible")
