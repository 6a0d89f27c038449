"""The customer portal: its configurations, its sessions, and what the customer does there."""

import copy

from bookwhen.sandbox.stripe import cards, schedules, subscriptions, views
from bookwhen.sandbox.stripe.cards import Card
from bookwhen.sandbox.stripe.errors import Json, invalid
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, customer_of, given_fields, merged

FEATURES: Json = {
    "customer_update": {"allowed_updates": [], "enabled": False},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True, "payment_method_configuration": None},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": False, "options": ["other"]},
        "enabled": True,
        "mode": "at_period_end",
        "proration_behavior": "none",
    },
    "subscription_update": {
        "billing_cycle_anchor": None,
        "default_allowed_updates": [],
        "enabled": False,
        "products": None,
        "proration_behavior": "none",
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}
MODELLED = (
    "features.invoice_history.enabled", "features.payment_method_update.enabled",
    "features.subscription_cancel.enabled", "features.subscription_cancel.mode",
    "business_profile.headline", "default_return_url", "name", "metadata.*",
)  # fmt: skip


def configure(world: World, given: Json, *, is_default: bool = False) -> Json:
    """Make a configuration; what it does not say is as in the default one, but switched off."""
    features = copy.deepcopy(FEATURES)
    for name, one in features.items():
        one["enabled"] = is_default and one["enabled"]
        one.update(given.get("features", {}).get(name, {}))
    now = world.platform.now()
    headline = given.get("business_profile", {}).get("headline") or None
    return world.new(
        "billing_portal.configuration",
        active=True,
        application=None,
        business_profile={"headline": headline, "privacy_policy_url": None, "terms_of_service_url": None},
        default_return_url=given.get("default_return_url") or None,
        features=features,
        is_default=is_default,
        login_page={"enabled": False, "url": None},
        metadata=merged({}, given.get("metadata")),
        name=given.get("name") or None,
        updated=now,
    )


@route("POST /v1/billing_portal/configurations", *MODELLED)
def create_configuration(world: World, given: Json) -> Json:
    """Make a configuration."""
    made = configure(world, given)
    world.emit("billing_portal.configuration.created", made)
    return made


@route("GET /v1/billing_portal/configurations/{configuration}")
def retrieve_configuration(world: World, _given: Json, key: str) -> Json:
    """Return a configuration."""
    return world.get("billing_portal.configuration", key)


@route("GET /v1/billing_portal/configurations", *views.PAGING, "active", "is_default")
def every_configuration(world: World, given: Json) -> Json:
    """List configurations."""
    found = world.of("billing_portal.configuration", **given_fields(given, ("active", "is_default")))
    return views.page(found, given, "/v1/billing_portal/configurations")


@route("POST /v1/billing_portal/sessions", "customer", "return_url", "configuration")
def create(world: World, given: Json) -> Json:
    """Let a customer in; without a configuration the default one holds."""
    customer = customer_of(world, given.get("customer"))
    default = world.of("billing_portal.configuration", is_default=True)[0]
    key = str(given.get("configuration", default["id"]))
    configuration = world.get("billing_portal.configuration", key, "configuration")
    if not configuration["active"]:
        message = "The portal configuration is not active."
        raise invalid(message, "configuration")
    made = world.new(
        "billing_portal.session",
        configuration=configuration["id"],
        customer=customer["id"],
        customer_account=None,
        flow=None,
        locale=None,
        on_behalf_of=None,
        return_url=given.get("return_url", configuration["default_return_url"]),
    )
    made["url"] = f"{world.pages}/portal/{made['id']}"
    world.emit("billing_portal.session.created", made)
    return made


def feature(world: World, session: Json, name: str) -> Json:
    """Return what the session's configuration says of a feature."""
    features: Json = world.get("billing_portal.configuration", session["configuration"])["features"]
    found: Json = features[name]
    return found


def _allowed(world: World, session: Json, name: str) -> Json:
    found = feature(world, session, name)
    if not found["enabled"]:
        message = f"This portal does not offer {name}."
        raise invalid(message)
    return found


def change_card(world: World, session: Json, card: Card) -> None:
    """Save a new card and let it pay for all that the customer has; 402 if it is refused."""
    _allowed(world, session, "payment_method_update")
    customer = customer_of(world, session["customer"])
    method = cards.save(world, card, customer["id"], email=customer["email"])["id"]
    settings = customer["invoice_settings"] | {"default_payment_method": method}
    world.update("customer.updated", customer, invoice_settings=settings)
    for subscription in views.living(world, customer["id"]):
        world.update(subscriptions.UPDATED, subscription, default_payment_method=method)


def _own(world: World, session: Json, key: str) -> Json:
    for subscription in views.living(world, session["customer"]):
        if subscription["id"] == key:
            return subscription
    message = f"No such subscription: '{key}'"
    raise invalid(message)


def cancel(world: World, session: Json, key: str) -> None:
    """Cancel as configured. With flexible billing only `cancel_at` is set, as Stripe's portal does."""
    mode = _allowed(world, session, "subscription_cancel")["mode"]
    found = _own(world, session, key)
    if found["schedule"]:
        # Who cancels in the portal gives up what was to come.
        schedules.release(world, world.get("subscription_schedule", found["schedule"]))
    if mode == "immediately":
        subscriptions.end(world, found)
        return
    classic = found["billing_mode"]["type"] == "classic"
    subscriptions.schedule_end(world, found, subscriptions.period_end(found), flag=classic)


def keep(world: World, session: Json, key: str) -> None:
    """Take a scheduled end back."""
    _allowed(world, session, "subscription_cancel")
    subscriptions.schedule_end(world, _own(world, session, key), None, flag=False)
