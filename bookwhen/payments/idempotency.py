"""The keys by which Stripe knows that it was asked the same before: nothing that people type goes into a header."""

import hashlib
import json


def idempotency_key(purpose: str, *facts: object) -> str:
    """The key of a wish at Stripe: the same for the same facts (also what people typed), another for others.

    `purpose` is a constant of ours: what is wished for. ASCII, at most 255 characters.
    """
    return f"{purpose}-{_digest(*facts)}"


def idempotency_header(key: str, attempt: int = 0) -> str:
    """What is sent to Stripe for a key, however that was made: ASCII, 64 characters.

    Stripe keeps a failure under it for a day: the next `attempt` has another one.
    """
    return _digest(key, attempt)


def _digest(*facts: object) -> str:
    """The texts of facts, hashed so that no two lists of them are the same by how they are joined."""
    return hashlib.sha256(json.dumps([str(fact) for fact in facts]).encode()).hexdigest()
