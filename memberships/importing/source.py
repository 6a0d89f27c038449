"""*Import from Stripe* as a list import."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.imports.sources import ListSource
from memberships.importing import judging, reading, taking_over, undoing

NAME: Final = "stripe"
STRIPE: Final = ListSource(
    name=NAME,
    label=_("Import from Stripe"),
    page="stripe_import",
    read=reading.read,
    judge=judging.judge,
    apply=taking_over.apply,
    undo=undoing.undo,
    clear=undoing.clear,
)
