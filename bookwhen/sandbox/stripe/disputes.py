"""Disputes: opened by a customer's bank, answered or accepted by the studio, and decided by the bank.

The bank acts by the panel (`panel_money`), or by the words that Stripe's test mode decides by.
"""

from typing import Literal

from bookwhen.sandbox.stripe import balance, views
from bookwhen.sandbox.stripe.errors import Json, invalid
from bookwhen.sandbox.stripe.platform import DAY
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, given_fields, merged

Outcome = Literal["won", "lost", "warning_closed"]
DAYS = 7
FEE = 2000
WINS, LOSES = "winning_evidence", "losing_evidence"
"""What decides a dispute in Stripe's test mode when it is submitted as evidence."""
TAKEN = frozenset({"needs_response", "under_review", "lost"})
INQUIRIES = frozenset({"warning_needs_response", "warning_under_review"})
OVER = frozenset({"won", "lost", "warning_closed", "prevented"})
EVENT = "charge.dispute"


def begin(
    world: World, charge: Json, *, amount: int | None = None, reason: str = "fraudulent", inquiry: bool = False
) -> Json:
    """Let the customer's bank dispute a charge, or only ask about it, which takes no money."""
    now = world.now(charge["customer"])
    details = {"due_by": now + DAYS * DAY, "enhanced_eligibility": {}, "has_evidence": False, "past_due": False}
    case: Json = {"brand": "visa", "case_type": "inquiry" if inquiry else "chargeback", "network_reason_code": "10.4"}
    made = world.new(
        "dispute",
        now,
        amount=charge["amount"] if amount is None else amount,
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={"enhanced_evidence": {}},
        evidence_details=details | {"submission_count": 0},
        is_charge_refundable=inquiry,
        metadata={},
        payment_intent=charge["payment_intent"],
        payment_method_details={"type": "card", "card": case},
        reason=reason,
        status="warning_needs_response" if inquiry else "needs_response",
    )
    charge["disputed"] = True
    world.emit(f"{EVENT}.created", made)
    if not inquiry:
        _withdraw(world, made)
    return made


def escalate(world: World, dispute: Json) -> None:
    """Let an inquiry become a dispute: the money is taken."""
    if dispute["status"] not in INQUIRIES:
        message = f"This dispute is {dispute['status']}, and no inquiry."
        raise invalid(message)
    world.update(f"{EVENT}.updated", dispute, status="needs_response", is_charge_refundable=False)
    _withdraw(world, dispute)


def decide(world: World, dispute: Json, outcome: Outcome) -> None:
    """Let the bank decide a dispute, or close its inquiry."""
    allowed: frozenset[str] = (
        INQUIRIES if outcome == "warning_closed" else frozenset({"needs_response", "under_review"})
    )
    if dispute["status"] not in allowed:
        message = f"This dispute is already {dispute['status']}."
        raise invalid(message)
    world.update(f"{EVENT}.closed", dispute, status=outcome)
    if outcome == "won":
        _move(world, dispute, dispute["amount"], "Chargeback reversal")
        world.emit(f"{EVENT}.funds_reinstated", dispute)


def refuses_refund(world: World, charge: Json) -> bool:
    """Say whether a dispute of a charge keeps it from being refunded: the bank gives the money back itself."""
    return any(each["status"] in TAKEN and not each["is_charge_refundable"] for each in _of(world, charge))


def close_inquiries(world: World, charge: Json) -> None:
    """Let the bank close its inquiries about a charge that is refunded in full."""
    for each in _of(world, charge):
        if each["status"] in INQUIRIES:
            decide(world, each, "warning_closed")


def _of(world: World, charge: Json) -> list[Json]:
    return world.of("dispute", charge=charge["id"])


def _withdraw(world: World, dispute: Json) -> None:
    _move(world, dispute, -dispute["amount"], "Chargeback withdrawal", fee=FEE)
    world.emit(f"{EVENT}.funds_withdrawn", dispute)


def _move(world: World, dispute: Json, amount: int, words: str, *, fee: int = 0) -> None:
    made = balance.move(world, "adjustment", amount, dispute, f"{words} for {dispute['charge']}", fee=fee)
    dispute["balance_transactions"] = [*dispute["balance_transactions"], made]


@route("GET /v1/disputes/{dispute}")
def retrieve(world: World, _given: Json, key: str) -> Json:
    """Return a dispute."""
    return world.get("dispute", key)


@route("GET /v1/disputes", *views.PAGING, *views.CREATED, "charge", "payment_intent")
def every(world: World, given: Json) -> Json:
    """List disputes."""
    return views.page(world.of("dispute", **given_fields(given, ("charge", "payment_intent"))), given, "/v1/disputes")


@route("POST /v1/disputes/{dispute}", "evidence.uncategorized_text", "submit", "metadata.*")
def update(world: World, given: Json, key: str) -> Json:
    """Answer a dispute; what is not submitted is only kept."""
    found = world.get("dispute", key)
    evidence: Json = given.get("evidence") or {}
    if evidence and found["status"] in OVER:
        message = "This dispute is already closed."
        raise invalid(message)
    changed: Json = {"metadata": merged(found["metadata"], given.get("metadata"))}
    details = found["evidence_details"]
    if evidence:
        changed |= {"evidence": found["evidence"] | evidence}
        changed |= {"evidence_details": details | {"has_evidence": True}}
    if evidence and given.get("submit", True):
        review = "warning_under_review" if found["status"] in INQUIRIES else "under_review"
        submitted = {"has_evidence": True, "submission_count": details["submission_count"] + 1}
        changed |= {"status": review, "evidence_details": details | submitted}
    world.update(f"{EVENT}.updated", found, **changed)
    words = evidence.get("uncategorized_text")
    if found["status"] == "under_review" and words in {WINS, LOSES}:
        decide(world, found, "won" if words == WINS else "lost")
    return found


@route("POST /v1/disputes/{dispute}/close")
def close(world: World, _given: Json, key: str) -> Json:
    """Accept a dispute: it is lost."""
    found = world.get("dispute", key)
    decide(world, found, "warning_closed" if found["status"] in INQUIRIES else "lost")
    return found
