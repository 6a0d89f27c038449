"""A small stateful stand-in for Stripe's API on the loopback, for the demo and the tests.

Honest by construction: every request, answer and event is checked against Stripe's own OpenAPI document in closed mode,
and what is valid but not modelled is answered 400, naming it. Nothing here has been compared with live Stripe.
"""

from bookwhen.sandbox.stripe.running import Sandbox

__all__ = ["Sandbox"]
