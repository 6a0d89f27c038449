"""What a restricted key may do: a right for each kind of object, as Stripe's dashboard gives them."""

from collections.abc import Iterable

from bookwhen.sandbox.stripe.errors import Refused
from bookwhen.sandbox.stripe.world import World

RESOURCES = {
    "account": "accounts_kyc_basic", "accounts": "connected_account", "balance": "balance",
    "balance_transactions": "balance",
    "billing_portal": "customer_portal", "charges": "charge", "checkout": "checkout_session", "coupons": "coupon",
    "credit_notes": "credit_note", "customers": "customer", "disputes": "dispute", "events": "event",
    "invoice_payments": "invoice", "invoiceitems": "invoice", "invoices": "invoice",
    "payment_intents": "payment_intent", "payment_methods": "payment_method", "payouts": "payout", "plans": "plan",
    "prices": "plan", "products": "product", "promotion_codes": "promotion_code", "refunds": "charge",
    "subscription_items": "subscription", "subscription_schedules": "subscription", "subscriptions": "subscription",
    "test_helpers": "billing_clock", "webhook_endpoints": "webhook",
}  # fmt: skip
"""The right by the first part of an address. Some have older names: prices were plans once."""
EXPANDED = {
    "charge": "charge", "customer": "customer", "invoice": "invoice", "latest_charge": "charge",
    "latest_invoice": "invoice", "payment_intent": "payment_intent", "payments": "invoice", "product": "product",
    "refunds": "charge", "schedule": "subscription", "source": "balance_transaction_source",
    "subscription": "subscription", "subscriptions": "subscription",
}  # fmt: skip
"""What is expanded has to be allowed, too."""
IMPLIED = {"balance_read": {"balance_transaction_source_read"}}
"""What else allows the same: to see what moved the balance is to see the balance."""


def check(world: World, key: str, method: str, path: str, expand: Iterable[str]) -> None:
    """Refuse a call that a key may not make, as Stripe does."""
    held = world.platform.restricted.get(key)
    if held is None:
        return
    first = path.split("/")[2]
    wanted = [f"{RESOURCES.get(first, first)}_{'read' if method == 'GET' else 'write'}"]
    wanted += [f"{EXPANDED[part]}_read" for each in expand for part in each.split(".") if part in EXPANDED]
    for right in wanted:
        if not held.allowed & {right, right.replace("_read", "_write"), *IMPLIED.get(right, ())}:
            message = f"The provided key '{key[:8]}****{key[-4:]}' does not have the required permissions for this"
            account, would = f" endpoint on account '{world.account}'.", "would allow this request to continue."
            told = f"{account} Having the 'rak_{right}' permission {would}" if held.says_why else " endpoint."
            raise Refused(403, message + told)
