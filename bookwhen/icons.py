"""`{% load lucide %}`: the lucide icons, each drawn once.

The library copies and writes out an XML tree for every icon: half a millisecond, and a page of a list has a hundred.

Rows of long lists, each with ten icons, say `lucide_use`: what they look like stands once in the page, where it says
`lucide_symbols` with their names.
"""

import re
from functools import lru_cache

from django.template import Library
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide as draw

register = Library()

_INNER = re.compile(r"^<svg[^>]*>|</svg>$|\n *")


@register.simple_tag
@lru_cache(2000)
def lucide(name: str, *, size: int | None = 24, **attributes: object) -> str:
    """The icon of that name as SVG, `size` pixels wide and high; other attributes are written into it."""
    icon: str = draw(name, size=size, **attributes)
    return icon


@register.simple_tag
@lru_cache(2000)
def lucide_use(name: str, *, size: int = 24) -> SafeString:
    """The icon of that name, where the page has its symbol."""
    return format_html('<svg class="icon" width="{0}" height="{0}"><use href="#icon-{1}"/></svg>', size, name)


@register.simple_tag
@lru_cache(100)
def lucide_symbols(*names: str) -> SafeString:
    """What these icons look like, for `lucide_use`; it takes no room."""
    drawn = ((name, mark_safe(_INNER.sub("", lucide(name)).strip())) for name in names)  # noqa: S308 - the library's
    symbols = format_html_join("", '<symbol id="icon-{}" viewBox="0 0 24 24">{}</symbol>', drawn)
    return format_html('<svg class="icons" aria-hidden="true">{}</svg>', symbols)
