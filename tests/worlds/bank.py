"""A customer's bank, and somebody in Stripe's own dashboard: what they do about a payment, as the panel does it."""

from typing import Any

from bookwhen.sandbox.stripe import Sandbox, disputes, payouts, refunds
from bookwhen.sandbox.stripe.pages import find


class Bank:
    """Acts on the payments of one sandbox; every method answers with the ids of what it made or changed."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.platform = sandbox.platform

    def dispute(self, intent: str, amount: int | None = None, *, inquiry: bool = False, **more: Any) -> str:
        """A customer disputes a payment, or their bank only asks about it: the dispute's id."""
        with self.platform.lock:
            world, paid = find(self.platform, "payment_intent", intent)
            charge = world.get("charge", paid["latest_charge"])
            return str(disputes.begin(world, charge, amount=amount, inquiry=inquiry, **more)["id"])

    def escalates(self, dispute: str) -> None:
        with self.platform.lock:
            disputes.escalate(*find(self.platform, "dispute", dispute))

    def decides(self, dispute: str, outcome: disputes.Outcome) -> None:
        with self.platform.lock:
            disputes.decide(*find(self.platform, "dispute", dispute), outcome)

    def says(self, dispute: str, **fields: Any) -> None:
        """Stripe says something else of a dispute, as only Stripe can."""
        with self.platform.lock:
            world, found = find(self.platform, "dispute", dispute)
            world.update("charge.dispute.updated", found, **fields)

    def refund(self, intent: str, amount: int | None = None) -> str:
        """Somebody refunds a payment in Stripe's dashboard: the refund's id."""
        with self.platform.lock:
            world, _paid = find(self.platform, "payment_intent", intent)
            given: dict[str, Any] = {"payment_intent": intent} | ({} if amount is None else {"amount": amount})
            return str(refunds.create(world, given)["id"])

    def refund_becomes(self, refund: str, status: str, failure: str = "unknown") -> None:
        with self.platform.lock:
            world, found = find(self.platform, "refund", refund)
            refunds.become(world, found, status, failure)

    def payout_fails(self, payout: str) -> None:
        with self.platform.lock:
            payouts.fail(*find(self.platform, "payout", payout))

    def sums(self, intent: str) -> tuple[int, int]:
        """What of a payment was refunded, and what disputes have taken, as Stripe has it."""
        with self.platform.lock:
            world, paid = find(self.platform, "payment_intent", intent)
            charge = world.get("charge", paid["latest_charge"])
            rows = world.of("dispute", charge=charge["id"])
            taken = [-each["amount"] for row in rows for each in row["balance_transactions"]]
            return charge["amount_refunded"], sum(taken)
