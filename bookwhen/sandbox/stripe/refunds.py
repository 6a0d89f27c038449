"""Refunds: of all that was paid or of a part, never of more, nor of what the bank has taken back; some fail later."""

from bookwhen.sandbox.stripe import balance, disputes, views
from bookwhen.sandbox.stripe.errors import Json, invalid
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, given_fields, merged

NOT_MADE = frozenset({"failed", "canceled"})
BECOMES = {
    "pending": frozenset({"succeeded", "failed", "requires_action"}),
    "requires_action": frozenset({"succeeded", "failed", "canceled", "pending"}),
    "succeeded": frozenset({"failed", "pending", "requires_action"}),
}
"""What a refund may become. The last line is Stripe's only for `failed`; the panel sets back what it made at once."""


def _charge(world: World, given: Json) -> Json:
    if "charge" in given:
        return world.get("charge", given["charge"], "charge")
    if "payment_intent" not in given:
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise invalid(message)
    intent = world.get("payment_intent", given["payment_intent"], "payment_intent")
    if intent["status"] != "succeeded":
        message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise invalid(message, "payment_intent")
    return world.get("charge", intent["latest_charge"])


@route("POST /v1/refunds", "payment_intent", "charge", "amount", "reason", "metadata.*")
def create(world: World, given: Json) -> Json:
    """Refund a charge."""
    charge = _charge(world, given)
    if disputes.refuses_refund(world, charge):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise invalid(message, code="charge_disputed")
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise invalid(message, code="charge_already_refunded")
    amount = given.get("amount", left)
    if not 0 < amount <= left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise invalid(message if amount > 0 else "Invalid positive integer", "amount")
    plain: Json = dict.fromkeys(
        ("balance_transaction", "receipt_number", "source_transfer_reversal", "transfer_reversal"),
    )
    made = world.new(
        "refund",
        world.now(charge["customer"]),
        **plain,
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        destination_details={"type": "card", "card": {"type": "refund"}},
        metadata=merged({}, given.get("metadata")),
        payment_intent=charge["payment_intent"],
        reason=given.get("reason"),
        status="succeeded",
    )
    made["balance_transaction"] = balance.move(world, "refund", -amount, made, "REFUND FOR PAYMENT")["id"]
    world.emit("refund.created", made)
    refunded = charge["amount_refunded"] + amount
    world.update("charge.refunded", charge, amount_refunded=refunded, refunded=refunded == charge["amount_captured"])
    if charge["refunded"]:
        disputes.close_inquiries(world, charge)
    return made


def become(world: World, refund: Json, status: str, failure: str = "unknown") -> None:
    """Let a refund go another way than at once; where it is not made, the money is the studio's again."""
    if status not in BECOMES.get(refund["status"], ()):
        message = f"A refund that is {refund['status']} cannot be {status}."
        raise invalid(message)
    changed: Json = {"status": status}
    if status == "failed":
        changed["failure_reason"] = failure
    if status in NOT_MADE:
        charge = world.get("charge", refund["charge"])
        charge |= {"amount_refunded": charge["amount_refunded"] - refund["amount"], "refunded": False}
        changed["failure_balance_transaction"] = _give_back(world, refund)
    world.update("refund.updated", refund, **changed)
    world.emit("charge.refund.updated", refund)
    if status == "failed":
        world.emit("refund.failed", refund)


def _give_back(world: World, refund: Json) -> str:
    back = balance.move(world, "refund_failure", refund["amount"], refund, "REFUND FAILURE")
    return str(back["id"])


@route("GET /v1/refunds/{refund}")
def retrieve(world: World, _given: Json, key: str) -> Json:
    """Return a refund."""
    return world.get("refund", key)


@route("POST /v1/refunds/{refund}", "metadata.*")
def update(world: World, given: Json, key: str) -> Json:
    """Change the metadata of a refund."""
    found = world.get("refund", key)
    world.update("refund.updated", found, metadata=merged(found["metadata"], given.get("metadata")))
    return found


@route("POST /v1/refunds/{refund}/cancel")
def cancel(world: World, _given: Json, key: str) -> Json:
    """Cancel a refund that waits for the customer."""
    found = world.get("refund", key)
    if found["status"] != "requires_action":
        message = f"A refund that is {found['status']} cannot be canceled."
        raise invalid(message)
    become(world, found, "canceled")
    return found


@route("GET /v1/refunds", *views.PAGING, *views.CREATED, "charge", "payment_intent")
def every(world: World, given: Json) -> Json:
    """List refunds."""
    return views.page(world.of("refund", **given_fields(given, ("charge", "payment_intent"))), given, "/v1/refunds")
