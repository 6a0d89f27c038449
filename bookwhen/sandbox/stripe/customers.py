"""Customers and their cards."""

from bookwhen.sandbox.stripe import cards, subscriptions, views
from bookwhen.sandbox.stripe.errors import Json
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, customer_of, given_fields, merged

SIMPLE = ("email", "name", "phone", "description")
TAKEN = (*SIMPLE, "metadata.*", "preferred_locales.[]", "invoice_settings.default_payment_method", "balance")


def make(world: World, **fields: object) -> Json:
    """Make a customer and tell of it."""
    settings = {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None}
    plain: Json = dict.fromkeys((*SIMPLE, "address", "shipping", "currency", "default_source", "test_clock"))
    made = world.new(
        "customer",
        **plain
        | {"balance": 0, "delinquent": False, "discount": None, "invoice_settings": settings, "metadata": {}}
        | {"next_invoice_sequence": 1, "preferred_locales": [], "tax_exempt": "none"}
        | fields,
    )
    made["invoice_prefix"] = made["id"][-8:].upper()
    # A customer on a test clock is made at the clock's time.
    made["created"] = world.now(made["id"])
    world.emit("customer.created", made)
    return made


@route("POST /v1/customers", *TAKEN, "test_clock", "payment_method")
def create(world: World, given: Json) -> Json:
    """Create a customer."""
    fields = given_fields(given, (*SIMPLE, "test_clock", "preferred_locales", "balance"))
    if fields.get("test_clock"):
        world.get("test_helpers.test_clock", fields["test_clock"], "test_clock")
    made = make(world, **fields, metadata=merged({}, given.get("metadata")))
    card = None
    if "payment_method" in given:
        card = cards.attach(world, given["payment_method"], made["id"])["id"]
    _default_card(world, made, given, card)
    return made


@route("GET /v1/customers/{customer}")
def retrieve(world: World, _given: Json, key: str) -> Json:
    """Return a customer, or the stub of a deleted one."""
    return world.get("customer", key)


@route("POST /v1/customers/{customer}", *TAKEN)
def update(world: World, given: Json, key: str) -> Json:
    """Update a customer."""
    found = customer_of(world, key, "id")
    fields = given_fields(given, (*SIMPLE, "preferred_locales", "balance"))
    fields["metadata"] = merged(found["metadata"], given.get("metadata"))
    world.update("customer.updated", found, **fields)
    _default_card(world, found, given)
    return found


def _default_card(world: World, customer: Json, given: Json, made: str | None = None) -> None:
    settings = given.get("invoice_settings", {})
    if "default_payment_method" not in settings:
        return
    wanted = settings["default_payment_method"] or None
    # The same token in both places means the same card.
    wanted = made if made and wanted == given.get("payment_method") else wanted
    if wanted:
        cards.of_customer(world, wanted, customer["id"], "invoice_settings[default_payment_method]")
    changed = customer["invoice_settings"] | {"default_payment_method": wanted}
    world.update("customer.updated", customer, invoice_settings=changed)


@route("DELETE /v1/customers/{customer}")
def delete(world: World, _given: Json, key: str) -> Json:
    """Delete a customer: what they subscribed to ends at once."""
    found = customer_of(world, key, "id")
    for subscription in views.living(world, key):
        subscriptions.end(world, subscription)
    world.emit("customer.deleted", found)
    world.objects["customer"][key] = {"id": key, "object": "customer", "deleted": True}
    return world.objects["customer"][key]


@route("GET /v1/customers", *views.PAGING, *views.CREATED, "email", "test_clock")
def every(world: World, given: Json) -> Json:
    """List customers; those on a test clock only when it is named."""
    wanted = given_fields(given, ("email",)) | {"test_clock": given.get("test_clock")}
    # A stub has no test clock either.
    found = [each for each in world.of("customer", **wanted) if not each.get("deleted")]
    return views.page(found, given, "/v1/customers")
