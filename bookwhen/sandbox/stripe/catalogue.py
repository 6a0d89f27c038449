"""Products and prices."""

from bookwhen.sandbox.stripe import views
from bookwhen.sandbox.stripe.errors import Json, invalid
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, given_fields, merged

PRODUCT = ("name", "active", "description", "url", "statement_descriptor", "unit_label")
PRICE = ("active", "nickname", "lookup_key")


def make_product(world: World, given: Json) -> Json:
    """Make a product from what a request says of it."""
    key = given.get("id")
    if key in world.objects["product"]:
        message = f"Product already exists: {key}"
        raise invalid(message, "id", "resource_already_exists")
    now = world.platform.now()
    plain: Json = dict.fromkeys((*PRODUCT, "default_price", "package_dimensions", "shippable", "tax_code"))
    fields = given_fields(given, PRODUCT) | {"metadata": merged({}, given.get("metadata"))}
    made = world.shape("product", now, **plain | {"active": True, "images": [], "marketing_features": []} | fields)
    made |= {"updated": now, "id": key or made["id"]}
    world.objects["product"][made["id"]] = made
    world.emit("product.created", made)
    return made


@route("POST /v1/products", *PRODUCT, "id", "metadata.*")
def create_product(world: World, given: Json) -> Json:
    """Create a product."""
    return make_product(world, given)


@route("GET /v1/products/{id}")
def retrieve_product(world: World, _given: Json, key: str) -> Json:
    """Return a product."""
    return world.get("product", key)


@route("POST /v1/products/{id}", *PRODUCT, "default_price", "metadata.*")
def update_product(world: World, given: Json, key: str) -> Json:
    """Update a product."""
    found = world.get("product", key)
    fields = given_fields(given, (*PRODUCT, "default_price"))
    if fields.get("default_price"):
        world.get("price", fields["default_price"], "default_price")
    metadata = merged(found["metadata"], given.get("metadata"))
    world.update("product.updated", found, **fields, metadata=metadata, updated=world.platform.now())
    return found


@route("DELETE /v1/products/{id}")
def delete_product(world: World, _given: Json, key: str) -> Json:
    """Delete a product that has no prices."""
    found = world.get("product", key)
    if world.of("price", product=key):
        message = "This product cannot be deleted because it has one or more user-created prices."
        raise invalid(message)
    del world.objects["product"][key]
    world.emit("product.deleted", found)
    return {"id": key, "object": "product", "deleted": True}


@route("GET /v1/products", *views.PAGING, *views.CREATED, "active", "ids.[]")
def every_product(world: World, given: Json) -> Json:
    """List products."""
    found = world.of("product", **given_fields(given, ("active",)))
    return views.page([p for p in found if p["id"] in given.get("ids", [p["id"]])], given, "/v1/products")


def make_price(world: World, given: Json, product: str, *, active: bool = True) -> Json:
    """Make a price from what a request says of it."""
    if "unit_amount" not in given:
        message = "You must specify `unit_amount`."
        raise invalid(message, "unit_amount", "parameter_missing")
    recurring = given.get("recurring")
    made = world.new(
        "price",
        active=given.get("active", active),
        billing_scheme="per_unit",
        currency=given["currency"].lower(),
        custom_unit_amount=None,
        lookup_key=given.get("lookup_key"),
        metadata=merged({}, given.get("metadata")),
        nickname=given.get("nickname"),
        product=product,
        recurring=recurring and {"interval_count": 1, "usage_type": "licensed", "meter": None} | recurring,
        tax_behavior="unspecified",
        tiers_mode=None,
        transform_quantity=None,
        type="recurring" if recurring else "one_time",
        unit_amount=given["unit_amount"],
        unit_amount_decimal=str(given["unit_amount"]),
    )
    world.emit("price.created", made)
    return made


@route(
    "POST /v1/prices", *PRICE, "product", "currency", "unit_amount", "recurring.interval", "recurring.interval_count",
    "metadata.*", "product_data.name", "product_data.metadata.*", "product_data.id", "product_data.active",
    "transfer_lookup_key",
)  # fmt: skip
def create_price(world: World, given: Json) -> Json:
    """Create a price, and its product with it if that is described."""
    product = given.get("product") or make_product(world, given.get("product_data", {}))["id"]
    world.get("product", product, "product")
    _free_lookup_key(world, given)
    return make_price(world, given, product)


def _free_lookup_key(world: World, given: Json) -> None:
    wanted = given.get("lookup_key")
    for other in world.of("price", lookup_key=wanted) if wanted else []:
        if not given.get("transfer_lookup_key"):
            message = f"A price ({other['id']}) already uses that lookup key."
            raise invalid(message, "lookup_key")
        world.update("price.updated", other, lookup_key=None)


@route("GET /v1/prices/{price}")
def retrieve_price(world: World, _given: Json, key: str) -> Json:
    """Return a price."""
    return world.get("price", key)


@route("POST /v1/prices/{price}", *PRICE, "metadata.*", "transfer_lookup_key")
def update_price(world: World, given: Json, key: str) -> Json:
    """Update what may change of a price: never its amount."""
    found = world.get("price", key)
    if given.get("lookup_key") != found["lookup_key"]:
        _free_lookup_key(world, given)
    metadata = merged(found["metadata"], given.get("metadata"))
    world.update("price.updated", found, **given_fields(given, PRICE), metadata=metadata)
    return found


@route("GET /v1/prices", *views.PAGING, *views.CREATED, "active", "product", "type", "currency", "lookup_keys.[]")
def every_price(world: World, given: Json) -> Json:
    """List prices."""
    found = world.of("price", **given_fields(given, ("active", "product", "type", "currency")))
    keys = given.get("lookup_keys")
    return views.page([each for each in found if keys is None or each["lookup_key"] in keys], given, "/v1/prices")
