"""A copy of what belongs to one customer, on which a change can be tried: nothing of it is kept, told or paid."""

import copy
from typing import Final

from bookwhen.sandbox.stripe.errors import Json
from bookwhen.sandbox.stripe.world import PREFIXES, World

OWN: Final = ("subscription", "invoiceitem", "subscription_schedule", "discount")
"""What may change of a customer's; it says itself whose it is."""
READ: Final = ("price", "product", "payment_method")
"""What is only read: the objects are shared, so that a new one stays on the copy."""


class Scratch(World):
    """The copy. Its time is the customer's, and can be moved on."""

    previews = True

    def __init__(self, world: World, customer: str) -> None:
        super().__init__(world.platform, world.key)
        self._world = world
        self.at = world.now(customer)
        self.objects = {kind: {} for kind in PREFIXES}
        for kind in READ:
            self.objects[kind] = dict(world.objects[kind])
        for kind in OWN:
            self.objects[kind] = {each["id"]: copy.deepcopy(each) for each in world.of(kind, customer=customer)}
        self.objects["coupon"] = copy.deepcopy(world.objects["coupon"])
        self.objects["customer"] = {customer: copy.deepcopy(world.objects["customer"][customer])}

    def now(self, customer: str | None = None) -> int:
        """Return the time that it is on the copy."""
        del customer
        return self.at

    def note(self, key: str) -> Json:
        """Return the notes of an object, copied when first asked for."""
        if key not in self.notes:
            self.notes[key] = copy.deepcopy(self._world.notes.get(key, {}))
        return self.notes[key]

    def emit(self, kind: str, found: Json, previous: Json | None = None) -> Json:
        """Tell nobody."""
        del kind, previous
        return found
