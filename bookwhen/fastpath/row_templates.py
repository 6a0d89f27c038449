"""Rows of tables: a row is drawn once in each of its shapes, and from then on only its texts are put in."""

import re
from collections.abc import Hashable, Iterable, Mapping
from secrets import token_hex
from typing import Any, Final, NoReturn, Self

from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from bookwhen.fastpath.known import Known

_MARK: Final = f"hole{token_hex(16)}"
"""What stands in a hole: nobody can know it, so nothing of a page is mistaken for it."""
_HOLES: Final = re.compile(rf"{_MARK}(\w+)\.")
MOST_SHAPES: Final = 200


class LookedAtError(TypeError):
    """A template does more with one of its texts than to write it."""


class RowTemplate:
    """A template of a row (or of a part of one), which is given its texts and its shape.

    The shape is all that the template decides by; it has few values. The texts (or whole numbers) are written, escaped:
    whatever else a template does with one (asks whether it is empty, compares it, filters it) is refused.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._drawn = Known[Hashable, str](MOST_SHAPES)

    def draw(self, texts: Mapping[str, object], **shape: Hashable) -> SafeString:
        """The row. Raises LookedAtError where the template looks at a text."""
        key = (get_language(), *texts, *shape.items())
        pattern = self._drawn.get(key)
        if pattern is None:
            pattern = self._drawn.put(key, self._draw_with_holes(texts, shape))
        return SafeString(pattern % {name: conditional_escape(str(text)) for name, text in texts.items()})

    def _draw_with_holes(self, texts: Mapping[str, object], shape: Mapping[str, Hashable]) -> str:
        looked_at: set[str] = set()
        holes = {name: _Hole(name, looked_at) for name in texts}
        html = render_to_string(self._name, {**shape, **holes})
        if looked_at:
            # Conditions of templates swallow what is raised within them.
            raise LookedAtError(self._name, *sorted(looked_at))
        return _HOLES.sub(r"%(\1)s", html.replace("%", "%%"))


def joined(rows: Iterable[SafeString]) -> SafeString:
    """Rows that were drawn, one after the other."""
    return SafeString("".join(rows))


class _Hole(SafeString):
    """Where a text goes: templates write it by `__html__`, and all else that they do asks something of it."""

    _name: str
    _looked_at: set[str]

    def __new__(cls, name: str, looked_at: set[str]) -> Self:
        made = super().__new__(cls, f"{_MARK}{name}.")
        made._name, made._looked_at = name, looked_at
        return made

    def __html__(self) -> SafeString:  # type: ignore[override] # all that a template may have of it
        return SafeString(f"{_MARK}{self._name}.")

    def _look(self, *_: Any, **_how: Any) -> NoReturn:  # noqa: ANN401 - whatever is asked
        self._looked_at.add(self._name)
        raise LookedAtError(self._name)

    __str__ = __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = _look
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _look
    __add__ = __radd__ = __mod__ = __mul__ = __format__ = _look
