"""Changes that wait for what they cost to be paid (`payment_behavior=pending_if_incomplete`), and what becomes of them.

Looked up: the bill is made and open, the subscription stays as it is and says what it will be (`pending_update`), until
the trial or the period ends, at most for 23 hours; then the bill is voided. Once it is paid the change is applied.
Voiding the bill discards the change.
Uncertain: in which order the events come.
"""

from collections.abc import Callable, Iterator
from functools import partial

from bookwhen.sandbox.stripe import invoices, items, subscriptions
from bookwhen.sandbox.stripe.errors import Json
from bookwhen.sandbox.stripe.world import World


def is_waiting(world: World, found: Json, invoice: Json) -> bool:
    """Say whether a change of a subscription waits for this bill."""
    waiting = world.note(found["id"]).get("waiting")
    return bool(found["pending_update"] and waiting and waiting["invoice"] == invoice["id"])


def paid(world: World, found: Json, invoice: Json) -> None:
    """Apply the change that waited for this bill, if one did."""
    if not is_waiting(world, found, invoice):
        return
    waiting = world.note(found["id"]).pop("waiting")
    now, restarts = world.now(found["customer"]), found["pending_update"]["billing_cycle_anchor"] is not None
    new = items.wanted(world, found, waiting["asked"], now)
    for key, debits in waiting["debits"].items():
        world.note(key)["debits"] = debits
    found["pending_update"] = None
    if restarts:
        subscriptions.restart(world, found, now, new, trial_end=None)
    else:
        world.update(subscriptions.UPDATED, found, items=found["items"] | {"data": new})
    world.emit("customer.subscription.pending_update_applied", found)


def discard(world: World, found: Json) -> None:
    """Let a change that waits be forgotten: its bill is voided."""
    waiting = world.note(found["id"]).pop("waiting", None)
    if not found["pending_update"] or not waiting:
        return
    invoice = world.objects["invoice"].get(waiting["invoice"])  # a copy on which time is tried has no bills
    if invoice and invoice["status"] == "open":
        invoices.give_up(world, invoice, "void")
    world.update(subscriptions.UPDATED, found, pending_update=None)
    world.emit("customer.subscription.pending_update_expired", found)


def due(world: World, found: Json) -> Iterator[tuple[int, Callable[[], None]]]:
    """Yield when a change that waits is forgotten."""
    if found["pending_update"]:
        yield found["pending_update"]["expires_at"], partial(discard, world, found)
