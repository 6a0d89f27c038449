"""What falls due as time passes: renewals, trials' ends, scheduled ends, retries, sessions that expire."""

from collections.abc import Callable, Iterator
from functools import partial

from bookwhen.sandbox.stripe import (
    checkout,
    collecting,
    debits,
    discounting,
    invoice_items,
    invoices,
    issuing,
    pausing,
    payouts,
    pending_updates,
    schedules,
    subscriptions,
)
from bookwhen.sandbox.stripe.errors import Json
from bookwhen.sandbox.stripe.platform import DAY, Platform
from bookwhen.sandbox.stripe.world import World

Due = tuple[int, Callable[[], None]]
INCOMPLETE_LIVES = 23 * 3600
WARNING = 3 * DAY
GIVES_UP = 30 * DAY
"""How long after its due date a sent invoice is waited for, as Stripe's dashboard lets one set."""


def run(world: World, clock: str | None, until: int) -> None:
    """Do all that falls due up to a time, in order, for the customers on a test clock or for those on none."""
    while due := [each for each in _due(world, clock) if each[0] <= until]:
        # min() takes the first of equals: an end comes before a renewal at the same moment.
        when, act = min(due, key=lambda each: each[0])
        _set_time(world, clock, when)
        act()
        world.platform.touched.set()
    _set_time(world, clock, until)


def _set_time(world: World, clock: str | None, when: int) -> None:
    if clock is None:
        world.platform.moment = when
    else:
        found = world.objects["test_helpers.test_clock"][clock]
        found["frozen_time"] = max(when, found["frozen_time"])


def settle(platform: Platform) -> None:
    """Do what fell due in real time (and the time added to it) for all customers who are on no test clock."""
    now = platform.now()
    if now == platform.settled_at:
        return
    platform.settled_at = now
    for world in list(platform.worlds.values()):
        try:
            run(world, None, now)
        finally:
            platform.moment = None


def next_renewal(platform: Platform) -> int | None:
    """Return when the next period ends for anyone who is on no test clock."""
    ends = [
        subscriptions.period_end(each)
        for world in platform.worlds.values()
        for each in world.of("subscription", test_clock=None)
        if each["status"] not in subscriptions.ENDED | {"incomplete"}
    ]
    return min(ends, default=None)


def _due(world: World, clock: str | None) -> Iterator[Due]:
    for subscription in world.of("subscription", test_clock=clock):
        if subscription["status"] not in subscriptions.ENDED:
            yield from of_subscription(world, subscription)
    for invoice in world.of("invoice", test_clock=clock):
        if invoice["status"] in {"draft", "open"}:
            yield from _of_invoice(world, invoice)
    yield from debits.due(world, clock)
    yield from payouts.due(world, clock)
    # Sessions live by the real time, also those of a customer on a test clock.
    for session in world.of("checkout.session", status="open") if clock is None else []:
        yield _of_session(world, session)


def of_subscription(world: World, found: Json) -> Iterator[Due]:
    """Yield what falls due of a subscription that has not ended; of one moment, what comes first is done first."""
    if found["status"] == "incomplete" and debits.is_on_the_way(world, found):
        return
    if found["status"] == "incomplete":
        yield found["created"] + INCOMPLETE_LIVES, lambda: _expire(world, found)
        return
    yield from pausing.due(world, found)
    yield from pending_updates.due(world, found)
    yield from schedules.due(world, found)
    for each in discounting.held(world, found):
        if each["end"] is not None:
            yield each["end"], partial(discounting.drop, world, found, each["id"])
    if found["cancel_at"]:
        yield found["cancel_at"], lambda: _end(world, found)
    if found["status"] == "trialing" and not world.note(found["id"]).get("warned"):
        yield found["trial_end"] - WARNING, lambda: _warn(world, found)
    yield subscriptions.period_end(found), lambda: _renew(world, found)


def _of_invoice(world: World, invoice: Json) -> Iterator[Due]:
    if invoice["automatically_finalizes_at"] and invoice["auto_advance"]:
        yield invoice["automatically_finalizes_at"], lambda: _finalise(world, invoice)
    if invoice["status"] == "open" and invoice["next_payment_attempt"]:
        yield invoice["next_payment_attempt"], lambda: _retry(world, invoice)
    if invoice["status"] == "open" and invoice["due_date"] and (late := _late(world, invoice)):
        yield late


def _late(world: World, invoice: Json) -> Due | None:
    """Return what becomes of an invoice that was sent and is not paid: first overdue, then given up."""
    tried: list[str] = world.note(invoice["id"]).setdefault("late", [])
    if not tried:
        return invoice["due_date"], lambda: collecting.overdue(world, invoice, tried)
    if tried == ["overdue"]:
        return invoice["due_date"] + GIVES_UP, lambda: collecting.give_up_waiting(world, invoice, tried)
    return None


def _of_session(world: World, session: Json) -> Due:
    return session["expires_at"] + world.note(session["id"])["offset"], lambda: checkout.expire(world, session)


def _expire(world: World, found: Json) -> None:
    invoice = world.get("invoice", found["latest_invoice"])
    subscriptions.end(world, found, None, status="incomplete_expired")
    invoices.give_up(world, invoice, "void")


def _warn(world: World, found: Json) -> None:
    world.note(found["id"])["warned"] = True
    world.emit("customer.subscription.trial_will_end", found)


def _end(world: World, found: Json) -> None:
    """End it as was arranged: prorations that still wait are billed."""
    waiting = any(each["proration"] for each in invoice_items.pending(world, found))
    subscriptions.end(world, found)
    if waiting:
        issuing.issue(world, issuing.draft(world, found, [], "subscription_cycle"))


def _renew(world: World, found: Json) -> None:
    """Begin the next period with an invoice that stays a draft for an hour; its own period is the one that ended."""
    changes = {"status": "active"} if found["status"] == "trialing" else {}
    ended = subscriptions.item_of(found)
    subscriptions.roll(world, found, **changes)
    lines = subscriptions.own_lines(world, found)
    invoice = issuing.draft(world, found, lines, "subscription_cycle", waits=True)
    invoice |= {"period_start": ended["current_period_start"], "period_end": ended["current_period_end"]}
    if world.previews:
        return
    if found["status"] == "unpaid":
        invoice |= {"auto_advance": False, "automatically_finalizes_at": None}
    pausing.withhold(world, found, invoice)


def _finalise(world: World, invoice: Json) -> None:
    issuing.finalise(world, invoice)


def _retry(world: World, invoice: Json) -> None:
    collecting.attempt(world, invoice)
