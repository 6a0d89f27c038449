"""Products and prices."""

from bookwhen.sandbox.stripe import pricing, views
from bookwhen.sandbox.stripe.errors import Json, invalid
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, given_fields, merged

PRODUCT = ("name", "active", "description", "url", "statement_descriptor", "unit_label")
PRICE = ("active", "nickname", "lookup_key")
TIER = ("up_to", "flat_amount", "flat_amount_decimal", "unit_amount", "unit_amount_decimal")


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
    recurring = given.get("recurring")
    made = world.new(
        "price",
        active=given.get("active", active),
        currency=given["currency"].lower(),
        custom_unit_amount=None,
        lookup_key=given.get("lookup_key"),
        metadata=merged({}, given.get("metadata")),
        nickname=given.get("nickname"),
        product=product,
        recurring=recurring and {"interval_count": 1, "usage_type": "licensed", "meter": None} | recurring,
        tax_behavior="unspecified",
        transform_quantity=None,
        type="recurring" if recurring else "one_time",
        **_amounts(given),
    )
    world.emit("price.created", made)
    return made


def _amounts(given: Json) -> Json:
    """Return what a price costs: an amount a piece, whole or with fractions, or tiers."""
    if given.get("billing_scheme") == "tiered":
        if "tiers" not in given or "tiers_mode" not in given or {"unit_amount", "unit_amount_decimal"} & set(given):
            message = "A tiered price has `tiers` and `tiers_mode`, and no `unit_amount`."
            raise invalid(message, "tiers")
        tiers = [_tier(each) for each in given["tiers"]]
        if any(each["up_to"] is None for each in tiers[:-1]) or tiers[-1]["up_to"] is not None:
            message = "The last of the tiers, and only the last, must have `up_to=inf`."
            raise invalid(message, "tiers")
        none = {"unit_amount": None, "unit_amount_decimal": None}
        return none | {"billing_scheme": "tiered", "tiers": tiers, "tiers_mode": given["tiers_mode"]}
    if ("unit_amount" in given) == ("unit_amount_decimal" in given):
        message = "You must specify one of `unit_amount` and `unit_amount_decimal`."
        raise invalid(message, "unit_amount", "parameter_missing")
    whole, decimal = pricing.decimal(str(given.get("unit_amount", given.get("unit_amount_decimal"))))
    return {
        "billing_scheme": "per_unit", "tiers_mode": None, "unit_amount": whole, "unit_amount_decimal": decimal,
    }  # fmt: skip


def _tier(given: Json) -> Json:
    told: Json = {"up_to": None if given["up_to"] == "inf" else int(given["up_to"])}
    for name in ("flat_amount", "unit_amount"):
        asked = given.get(name, given.get(f"{name}_decimal"))
        told[name], told[f"{name}_decimal"] = (None, None) if asked is None else pricing.decimal(str(asked))
    return told


@route(
    "POST /v1/prices", *PRICE, "product", "currency", "unit_amount", "unit_amount_decimal", "recurring.interval",
    "recurring.interval_count", "recurring.usage_type", "recurring.meter", "billing_scheme", "tiers_mode",
    *(f"tiers.[].{name}" for name in TIER),
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
