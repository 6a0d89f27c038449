"""An account's balance: each movement of money with its fee, and when it may be paid out.

Looked up: a payment's money is available two days after it, begun days left out; a refund and a dispute are taken from
the balance at once, and the fee of what is refunded is not given back.
Left out: other currencies than that of the payment, and weekends.
"""

from bookwhen.sandbox.stripe import views
from bookwhen.sandbox.stripe.errors import Json, invalid
from bookwhen.sandbox.stripe.platform import DAY
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World

ROLLING = 2 * DAY
PER_MILLE, FIXED = 15, 20
"""What a payment costs: 1.5 % and 20."""
CATEGORIES = {"adjustment": "dispute", "payout_failure": "payout_reversal"}


def fee_of(amount: int) -> int:
    """Return what Stripe keeps of a payment."""
    return round(amount * PER_MILLE / 1000) + FIXED


def paid(world: World, charge: Json) -> None:
    """Record that a charge was paid: its money is there in two days."""
    now, amount = world.platform.now(), charge["amount"]
    available = (now // DAY) * DAY + ROLLING
    made = move(world, "charge", amount, charge, f"Payment {charge['id']}", fee=fee_of(amount), available=available)
    charge["balance_transaction"] = made["id"]


def move(
    world: World, kind: str, amount: int, source: Json, words: str, *, fee: int = 0, available: int | None = None
) -> Json:
    """Record a movement of money in the balance: above 0 it came."""
    now, currency = world.platform.now(), source["currency"]
    cost = {"amount": fee, "application": None, "currency": currency, "description": words, "type": "stripe_fee"}
    category = CATEGORIES.get(kind, kind)
    made = world.new(
        "balance_transaction",
        now,
        amount=amount,
        available_on=now if available is None else available,
        balance_type="payments",
        currency=currency,
        description=words,
        exchange_rate=None,
        fee=fee,
        fee_details=[cost] if fee else [],
        net=amount - fee,
        reporting_category=f"{category}_reversal" if kind == "adjustment" and amount > 0 else category,
        source=source["id"],
        status="available" if available is None else "pending",
        type=kind,
    )
    del made["livemode"]
    if kind != "payout":
        waiting(world).append(made["id"])
    return made


def waiting(world: World) -> list[str]:
    """Return the ids of what no payout holds, oldest first."""
    found: list[str] = world.note("balance").setdefault("waiting", [])
    return found


@route("GET /v1/balance_transactions", *views.PAGING, *views.CREATED, "payout", "type", "source")
def every(world: World, given: Json) -> Json:
    """List movements; those of an automatic payout with the payout's own, which takes them out of the balance."""
    found = world.of("balance_transaction", **{name: given[name] for name in ("type", "source") if name in given})
    if "payout" in given:
        payout = world.get("payout", given["payout"], "payout")
        if not payout["automatic"]:
            message = "Balance transaction history can only be filtered on automatic transfers, not manual."
            raise invalid(message, "payout")
        told = payout["reconciliation_status"] == "completed"
        held = set(world.note(payout["id"])["transactions"]) if told else set()
        found = [each for each in found if each["id"] in held]
    now = world.platform.now()
    for each in found:
        each["status"] = "available" if each["available_on"] <= now else "pending"
    return views.page(found, given, "/v1/balance_transactions")
