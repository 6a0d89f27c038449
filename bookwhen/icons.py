"""`{% load lucide %}`: the lucide icons, each drawn once.

The library copies and writes out an XML tree for every icon: half a millisecond, and a page of a list has a hundred.
"""

from functools import lru_cache

from django.template import Library
from lucide.templatetags.lucide import lucide as draw

register = Library()


@register.simple_tag
@lru_cache(2000)
def lucide(name: str, *, size: int | None = 24, **attributes: object) -> str:
    """The icon of that name as SVG, `size` pixels wide and high; other attributes are written into it."""
    icon: str = draw(name, size=size, **attributes)
    return icon
