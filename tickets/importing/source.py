"""Lists of bookings as a list import."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.imports.sources import ListSource
from tickets.importing import applying, judging, reading, undoing

NAME: Final = "bookings"
BOOKINGS: Final = ListSource(
    name=NAME,
    label=_("Import of bookings"),
    page="list_import",
    read=reading.read,
    judge=judging.judge,
    apply=applying.apply,
    undo=undoing.undo,
    clear=undoing.clear,
)
