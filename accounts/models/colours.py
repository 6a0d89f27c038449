"""The colours that pages and emails may have: some that we name, and any that a studio has of its own."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Accent(models.TextChoices):
    """The colours that we name."""

    TEAL = "teal", _("Teal")
    BLUE = "blue", _("Blue")
    VIOLET = "violet", _("Violet")
    PINK = "pink", _("Pink")
    RED = "red", _("Red")
    ORANGE = "orange", _("Orange")
    GREEN = "green", _("Green")
    SLATE = "slate", _("Slate")


OWN_COLOUR: Final = r"#[0-9a-f]{6}"
"""A colour of a studio's own, as it is kept."""
ANY_COLOUR: Final = rf"^({'|'.join(Accent.values)}|{OWN_COLOUR})$"
"""For PostgreSQL: what a colour may be."""


def colour_name(colour: str) -> str:
    """What people call a colour: its name, or what it is made of."""
    return str(Accent(colour).label) if colour in Accent.values else colour
