"""Which function answers which call, and which of Stripe's parameters it knows."""

from collections.abc import Callable

from bookwhen.sandbox.stripe import forms
from bookwhen.sandbox.stripe.errors import Json, not_modelled
from bookwhen.sandbox.stripe.world import World

Handler = Callable[..., Json]
ROUTES: dict[str, tuple[Handler, frozenset[str]]] = {}


def route(operation: str, *params: str) -> Callable[[Handler], Handler]:
    """Register a function `(world, given, *ids)` for `METHOD /path` of the document, with the parameters it models.

    A parameter is a path (`items.[].price`); one ending in `.*` stands for any key (`metadata.*`).
    """

    def keep(handler: Handler) -> Handler:
        ROUTES[operation] = (handler, frozenset(params) | {"expand.[]"})
        return handler

    return keep


def call(world: World, operation: str, given: Json, ids: tuple[str, ...]) -> Json:
    """Answer a call whose parameters are right by the document; 400 for what is not modelled."""
    if operation not in ROUTES:
        raise not_modelled(operation)
    handler, known = ROUTES[operation]
    for path in forms.paths(given):
        parent = path.rpartition(".")[0]
        # An empty text in place of all metadata removes them.
        if not known & {path, f"{parent}.*", f"{path}.*"}:
            raise not_modelled(path.replace(".[]", ""))
    return handler(world, given, *ids)
