"""Bank debits that are on their way: paid or refused when their time has come, or when the panel says so."""

from collections.abc import Callable, Iterator
from functools import partial

from bookwhen.sandbox.stripe import bank_accounts, collecting, invoices, payments
from bookwhen.sandbox.stripe.errors import Json, invalid
from bookwhen.sandbox.stripe.world import World


def is_on_the_way(world: World, subscription: Json) -> bool:
    """Whether the first payment of an incomplete subscription is a debit: until it has ended nothing expires."""
    invoice = world.objects["invoice"].get(subscription["latest_invoice"] or "")
    intent = invoices.intent_of(world, invoice) if invoice else None
    return bool(intent and intent["status"] == "processing")


def due(world: World, clock: str | None) -> Iterator[tuple[int, Callable[[], None]]]:
    """Return when each debit on its way ends, for the customers on a test clock or for those on none."""
    for intent in world.of("payment_intent", status="processing"):
        if world.clock_of(intent["customer"]) == clock:
            yield world.note(intent["id"])["due"], partial(_settle_as_due, world, intent)


def settle(world: World, intent: Json, *, paid: bool) -> None:
    """Let a debit on its way be paid or refused, and all that follows from it: its bill, its checkout."""
    if intent["status"] != "processing":
        message = f"This payment is not on its way: it is {intent['status']}."
        raise invalid(message)
    invoice = collecting.invoice_of(world, intent)
    if paid:
        payments.arrive(world, intent)
    else:
        payments.bounce(world, intent)
    if invoice:
        collecting.follow(world, invoice, paid=paid)
    for session in _sessions_of(world, intent, invoice):
        if paid:
            session["payment_status"] = "paid"
        world.emit(f"checkout.session.async_payment_{'succeeded' if paid else 'failed'}", session)


def _settle_as_due(world: World, intent: Json) -> None:
    account = bank_accounts.account_of(world, intent["payment_method"])
    settle(world, intent, paid=account is None or account.pays)


def _sessions_of(world: World, intent: Json, invoice: Json | None) -> list[Json]:
    unpaid = world.of("checkout.session", status="complete", payment_status="unpaid")
    return [
        each
        for each in unpaid
        if each["payment_intent"] == intent["id"] or (invoice and each["invoice"] == invoice["id"])
    ]
