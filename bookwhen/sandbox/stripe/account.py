"""What belongs to the account as such: itself, its webhook endpoints, its events, its test clocks."""

import secrets

from bookwhen.sandbox.stripe import billing, old_shapes, views
from bookwhen.sandbox.stripe.document import VERSION
from bookwhen.sandbox.stripe.errors import Json, invalid, not_modelled
from bookwhen.sandbox.stripe.platform import DAY
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, given_fields, merged

MOST_ENDPOINTS = 16
CLOCK = "/v1/test_helpers/test_clocks/{test_clock}"


@route("GET /v1/account")
def itself(world: World, _given: Json) -> Json:
    """Return the account of the key."""
    flags = {"charges_enabled": True, "details_submitted": True, "payouts_enabled": True}
    settings = {
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_payments": {"statement_descriptor_prefix": None},
        "dashboard": {"display_name": world.name, "timezone": "Europe/London"},
        "payments": {"statement_descriptor": None},
    }
    return {"id": world.account, "object": "account", "country": "GB", "default_currency": "gbp", **flags} | {
        "type": "standard", "email": None, "business_type": None, "created": 1_700_000_000, "metadata": {},
        "business_profile": {"name": world.name, "url": None}, "settings": settings,
    }  # fmt: skip


@route("GET /v1/balance")
def balance(_world: World, _given: Json) -> Json:
    """Return an empty balance, by which clients find out whether a key is a test key."""
    nothing = [{"amount": 0, "currency": "gbp", "source_types": {"card": 0}}]
    return {"object": "balance", "livemode": False, "available": nothing, "pending": nothing}


@route("POST /v1/webhook_endpoints", "url", "enabled_events.[]", "description", "metadata.*", "api_version", "connect")
def create_endpoint(world: World, given: Json) -> Json:
    """Make an endpoint; only this answer carries its secret."""
    if given.get("connect"):
        message = "connect"
        raise not_modelled(message)
    if given.get("api_version", VERSION) != VERSION:
        message = f"api_version={given['api_version']}"
        raise not_modelled(message)
    if not given["url"].startswith(("http://", "https://")):
        message = "Invalid URL: An explicit scheme (such as https) must be provided."
        raise invalid(message, "url", "url_invalid")
    if len(world.objects["webhook_endpoint"]) >= MOST_ENDPOINTS:
        message = f"You have reached the maximum of {MOST_ENDPOINTS} test webhook endpoints."
        raise invalid(message)
    made = world.new(
        "webhook_endpoint",
        api_version=given.get("api_version"),
        application=None,
        description=given.get("description") or None,
        enabled_events=given["enabled_events"],
        metadata=merged({}, given.get("metadata")),
        status="enabled",
        url=given["url"],
    )
    return made | {"secret": new_secret(world, made["id"], keep_old=False)}


def new_secret(world: World, key: str, *, keep_old: bool) -> str:
    """Give an endpoint a new secret; while the old one is kept, deliveries are signed with both."""
    secret = f"whsec_{secrets.token_hex(16)}"
    note = world.note(key)
    note["secrets"] = [secret, *(note["secrets"][:1] if keep_old else [])]
    return secret


@route("GET /v1/webhook_endpoints/{webhook_endpoint}")
def retrieve_endpoint(world: World, _given: Json, key: str) -> Json:
    """Return an endpoint."""
    return world.get("webhook_endpoint", key)


@route(
    "POST /v1/webhook_endpoints/{webhook_endpoint}", "url", "enabled_events.[]", "description", "disabled", "metadata.*"
)
def update_endpoint(world: World, given: Json, key: str) -> Json:
    """Change an endpoint, switch it off or on."""
    found = world.get("webhook_endpoint", key)
    found |= given_fields(given, ("url", "enabled_events", "description"))
    found["metadata"] = merged(found["metadata"], given.get("metadata"))
    if "disabled" in given:
        found["status"] = "disabled" if given["disabled"] else "enabled"
    return found


@route("DELETE /v1/webhook_endpoints/{webhook_endpoint}")
def delete_endpoint(world: World, _given: Json, key: str) -> Json:
    """Delete an endpoint."""
    world.get("webhook_endpoint", key)
    del world.objects["webhook_endpoint"][key]
    return {"id": key, "object": "webhook_endpoint", "deleted": True}


@route("GET /v1/webhook_endpoints", *views.PAGING)
def every_endpoint(world: World, given: Json) -> Json:
    """List endpoints."""
    return views.page(world.of("webhook_endpoint"), given, "/v1/webhook_endpoints")


@route("GET /v1/events/{id}")
def retrieve_event(world: World, _given: Json, key: str) -> Json:
    """Return an event."""
    return old_shapes.as_listed(world.get("event", key))


@route("GET /v1/events", *views.PAGING, *views.CREATED, "type", "types.[]", "delivery_success")
def every_event(world: World, given: Json) -> Json:
    """List events, newest first."""
    if "type" in given and "types" in given:
        message = "You may only specify one of these parameters: type, types."
        raise invalid(message, "types")
    types = given.get("types", [given["type"]] if "type" in given else None)
    delivered = given.get("delivery_success")
    found = [
        each
        for each in world.of("event")
        if _is_of(each["type"], types) and delivered in {None, each["pending_webhooks"] == 0}
    ]
    page = views.page(found, given, "/v1/events")
    return page | {"data": [old_shapes.as_listed(each) for each in page["data"]]}


def _is_of(kind: str, types: list[str] | None) -> bool:
    """Say whether a type is among those wanted; `invoice.*` stands for all that begin so."""
    return types is None or any(
        kind == wanted or (wanted.endswith("*") and kind.startswith(wanted[:-1])) for wanted in types
    )


@route("POST /v1/test_helpers/test_clocks", "frozen_time", "name")
def create_clock(world: World, given: Json) -> Json:
    """Make a test clock."""
    made = world.new(
        "test_helpers.test_clock",
        deletes_after=world.platform.now() + 30 * DAY,
        frozen_time=given["frozen_time"],
        name=given.get("name"),
        status="ready",
        status_details={},
    )
    world.emit("test_helpers.test_clock.created", made)
    return made


@route(f"GET {CLOCK}")
def retrieve_clock(world: World, _given: Json, key: str) -> Json:
    """Return a test clock."""
    return world.get("test_helpers.test_clock", key)


@route("GET /v1/test_helpers/test_clocks", *views.PAGING)
def every_clock(world: World, given: Json) -> Json:
    """List test clocks."""
    return views.page(world.of("test_helpers.test_clock"), given, "/v1/test_helpers/test_clocks")


@route(f"POST {CLOCK}/advance", "frozen_time")
def advance_clock(world: World, given: Json, key: str) -> Json:
    """Advance a test clock and do all that falls due on the way."""
    found = world.get("test_helpers.test_clock", key)
    if given["frozen_time"] <= found["frozen_time"]:
        message = "Test clocks can only be advanced forward."
        raise invalid(message, "frozen_time")
    found["status"] = "advancing"
    found["status_details"] = {"advancing": {"target_frozen_time": given["frozen_time"]}}
    world.emit("test_helpers.test_clock.advancing", found)
    # Stripe takes its time and answers `advancing`; the next look at this clock says `ready`.
    answer = dict(found)
    billing.run(world, key, given["frozen_time"])
    found |= {"status": "ready", "status_details": {}}
    world.emit("test_helpers.test_clock.ready", found)
    return answer


@route(f"DELETE {CLOCK}")
def delete_clock(world: World, _given: Json, key: str) -> Json:
    """Delete a test clock with its customers and all they have."""
    found = world.get("test_helpers.test_clock", key)
    customers = {each["id"] for each in world.of("customer", test_clock=key)}
    for kind in world.objects:
        gone = [each["id"] for each in world.of(kind) if kind != "event" and each.get("customer") in customers]
        for each in gone:
            del world.objects[kind][each]
    for customer in customers:
        world.objects["customer"][customer] = {"id": customer, "object": "customer", "deleted": True}
    del world.objects["test_helpers.test_clock"][key]
    world.emit("test_helpers.test_clock.deleted", found)
    return {"id": key, "object": "test_helpers.test_clock", "deleted": True}
