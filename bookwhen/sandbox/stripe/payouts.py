"""Payouts: what is available goes to the studio's bank, every day at midnight.

Looked up: a payout is pending, then on its way, and paid on its arrival date; it may fail even days after it was paid,
which puts its money back in the balance, and the next one holds that; which movements an automatic one holds is told
only once it is reconciled, some hours later; of one made by hand never.
Accounts pay out by hand, unless the platform pays out (`Platform.pays_out`): then the first is made two days on.
"""

from collections.abc import Iterator
from functools import partial

from bookwhen.sandbox.stripe import balance, views
from bookwhen.sandbox.stripe.errors import Json, invalid
from bookwhen.sandbox.stripe.platform import DAY
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, given_fields

Due = tuple[int, partial[None]]
HOUR = 3600
SENT_AFTER, LISTED_AFTER, ARRIVES_AFTER = HOUR, 6 * HOUR, 2 * DAY
FAILURES = {
    "account_closed": "The bank account has been closed.",
    "could_not_process": "The bank could not process this transfer.",
    "no_account": "The bank account could not be found.",
}


def due(world: World, clock: str | None) -> Iterator[Due]:
    """Yield what falls due of payouts; they know no test clocks."""
    if clock is not None:
        return
    for payout in [world.get("payout", each) for each in _moving(world)]:
        if payout["status"] == "pending":
            yield payout["created"] + SENT_AFTER, partial(_send, world, payout)
        elif payout["status"] == "in_transit":
            yield payout["arrival_date"], partial(_arrive, world, payout)
        if payout["reconciliation_status"] == "in_progress":
            yield payout["created"] + LISTED_AFTER, partial(_reconcile, world, payout)
    if world.platform.pays_out and (when := _next(world)) is not None:
        yield when, partial(pay_out, world)


def _moving(world: World) -> list[str]:
    found: list[str] = world.note("balance").setdefault("moving", [])
    return found


def _next(world: World) -> int | None:
    """Return the first midnight at which there is something that was not there at the last one."""
    seen = world.note("balance").get("seen", -1)
    available = (world.objects["balance_transaction"][each]["available_on"] for each in balance.waiting(world))
    first = min((each for each in available if each > seen), default=None)
    return None if first is None else -(-first // DAY) * DAY


def pay_out(world: World) -> None:
    """Pay out all that is available, in each currency; where that is nothing or less, it waits."""
    now, moved = world.platform.now(), world.objects["balance_transaction"]
    world.note("balance")["seen"] = now
    ready = [moved[each] for each in balance.waiting(world) if moved[each]["available_on"] <= now]
    for currency in sorted({each["currency"] for each in ready}):
        held = [each for each in ready if each["currency"] == currency]
        if (amount := sum(each["net"] for each in held)) > 0:
            _begin(world, held, amount, currency)


def by_hand(world: World, amount: int, currency: str) -> Json:
    """Make a payout as somebody does in Stripe's dashboard: nobody can say what it holds."""
    return _new(world, amount, currency, automatic=False)


def _begin(world: World, held: list[Json], amount: int, currency: str) -> None:
    made = _new(world, amount, currency, automatic=True)
    keys = [each["id"] for each in held]
    world.note(made["id"])["transactions"] = [*keys, made["balance_transaction"]]
    world.note("balance")["waiting"] = [each for each in balance.waiting(world) if each not in set(keys)]


def _new(world: World, amount: int, currency: str, *, automatic: bool) -> Json:
    now = world.platform.now()
    plain: Json = dict.fromkeys((
        "application_fee", "application_fee_amount", "balance_transaction", "destination",
        "failure_balance_transaction", "failure_code", "failure_message", "original_payout", "payout_method",
        "reversed_by", "statement_descriptor", "trace_id",
    ))  # fmt: skip
    made = world.new(
        "payout",
        now,
        **plain
        | {"amount": amount, "arrival_date": (now // DAY) * DAY + ARRIVES_AFTER, "automatic": automatic}
        | {"currency": currency, "description": "STRIPE PAYOUT", "metadata": {}, "method": "standard"}
        | {"reconciliation_status": "in_progress" if automatic else "not_applicable", "source_type": "card"}
        | {"status": "pending", "type": "bank_account"},
    )
    made["balance_transaction"] = balance.move(world, "payout", -amount, made, "STRIPE PAYOUT")["id"]
    _moving(world).append(made["id"])
    world.emit("payout.created", made)
    return made


def _send(world: World, payout: Json) -> None:
    world.update("payout.updated", payout, status="in_transit")


def _arrive(world: World, payout: Json) -> None:
    world.update("payout.paid", payout, status="paid")
    _stop(world, payout)


def _reconcile(world: World, payout: Json) -> None:
    payout["reconciliation_status"] = "completed"
    world.emit("payout.reconciliation_completed", payout)
    _stop(world, payout)


def _stop(world: World, payout: Json) -> None:
    """Look no more after one of which nothing is to come."""
    over = payout["status"] not in {"pending", "in_transit"} and payout["reconciliation_status"] != "in_progress"
    if over and payout["id"] in _moving(world):
        _moving(world).remove(payout["id"])


def fail(world: World, payout: Json, code: str = "could_not_process") -> None:
    """Let the bank refuse a payout, also one that was paid: its money is in the balance again."""
    if payout["status"] in {"failed", "canceled"}:
        message = f"This payout is already {payout['status']}."
        raise invalid(message)
    back = balance.move(world, "payout_failure", payout["amount"], payout, "Payout failure")
    changed = {"failure_code": code, "failure_message": FAILURES.get(code, FAILURES["could_not_process"])}
    world.update("payout.failed", payout, status="failed", failure_balance_transaction=back["id"], **changed)
    _stop(world, payout)


@route("GET /v1/payouts/{payout}")
def retrieve(world: World, _given: Json, key: str) -> Json:
    """Return a payout."""
    return world.get("payout", key)


@route("GET /v1/payouts", *views.PAGING, *views.CREATED, "status")
def every(world: World, given: Json) -> Json:
    """List payouts."""
    return views.page(world.of("payout", **given_fields(given, ("status",))), given, "/v1/payouts")
