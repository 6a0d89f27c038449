"""Pages that are drawn once for all that differ only in what they say.

Two visitors who book two events see the same page but for some texts: titles, names, days, addresses. So what a page
shows is told as plain data, in which each text that is only to be said is marked as such (`said`). All the rest, and
where such texts stand, is the page's shape. A page of one shape is drawn once, with holes in place of its texts, and
from then on the texts are put into the holes.

The template can look at nothing else: there is no request. And it cannot look at what is only to be said, or change it
by a filter: then it is drawn each time, and the log says so.
"""

import html
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import randbits, token_hex
from typing import Any, Final, Self, TypeAlias
from uuid import UUID, uuid4

from django.template.loader import render_to_string
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from bookwhen.fastpath.known import Known

log = logging.getLogger(__name__)

OVERHEAD: Final = 2000
"""Bytes that what is known of a shape takes beside its HTML, about, with 100 for each hole."""
_POISON: Final = f"\ue000{token_hex(16)}\ue001"
"""What anything that looks at a hole finds."""

Shown: TypeAlias = Mapping[str, Any]
"""What a page shows: texts, numbers, bools, None, and what is `Said`, in dicts (by names), lists and tuples."""


class NotPlainError(TypeError):
    """What a page is to show is no plain data: its template could look at anything."""


class Said:
    """A text that the page says and does not look at: plain text, or HTML (SafeString). Never empty.

    `later`: it is a function that makes it, and is called only where the page says it.
    """

    __slots__ = ("_later", "_value")

    def __init__(self, value: Any, *, later: bool = False) -> None:  # noqa: ANN401 - as each kind says
        self._value, self._later = value, later

    @property
    def value(self) -> Any:  # noqa: ANN401 - as each kind says
        """What stands in place of the hole."""
        return self._value() if self._later else self._value

    @property
    def plain(self) -> Any:  # noqa: ANN401 - as each kind says
        """The same for a page that is drawn with it."""
        return SimpleLazyObject(self._value) if self._later else self._value

    def hole(self, looked: list[str]) -> "tuple[Any, str]":
        """What stands for it while the page is drawn, and how that is found in the HTML."""
        mark = f"\ue000{token_hex(16)}\ue002"
        return _Hole(mark, looked), mark


class SaidKey(Said):
    """A key that stands in addresses, and goes through filters and `{% url %}` as it is.

    A whole number, a UUID, or letters, digits, hyphens and underscores.
    """

    __slots__ = ()

    def hole(self, looked: list[str]) -> "tuple[Any, str]":  # noqa: ARG002 - it may be looked at
        """A key of the same type."""
        value = self._value
        mark: object = uuid4() if isinstance(value, UUID) else token_hex(16)
        if isinstance(value, int):
            mark = 10**18 + randbits(59)
        return mark, str(mark)


def said(text: str) -> Said | str:
    """Mark a text as one that is only said; whether there is one belongs to the shape."""
    return Said(text) if text else ""


class _Hole(str):
    """A text that can be shown, and shows itself as a mark. Whoever else looks at it finds something else."""

    __slots__ = ("_looked", "_mark")
    _looked: list[str]
    _mark: str

    def __new__(cls, mark: str, looked: list[str]) -> Self:
        made = super().__new__(cls, _POISON)
        made._mark, made._looked = mark, looked
        return made

    def __html__(self) -> str:
        return self._mark

    def __bool__(self) -> bool:
        return True  # it is never empty

    def _look(self, how: str) -> str:
        self._looked.append(how)
        return _POISON

    def __str__(self) -> str:
        return self._look("a filter")

    def __format__(self, layout: str) -> str:
        return self._look("a filter")

    def __add__(self, other: str) -> str:
        return self._look("a filter")

    def __getitem__(self, _: object) -> str:
        return self._look("a part of it")

    def __eq__(self, other: object) -> bool:
        return bool(self._look("==") == other)

    def __hash__(self) -> int:
        return hash(self._look("in"))

    def __contains__(self, other: object) -> bool:
        return other == self._look("in")

    def __len__(self) -> int:
        return len(self._look("its length"))


@dataclass(frozen=True, slots=True)
class _Outline:
    """The HTML of a shape, in pieces; and of each hole, which piece it is, and which of the texts stands there.

    Without pieces it cannot be kept.
    """

    pieces: list[str]
    holes: list[tuple[int, int]]

    @property
    def weight(self) -> int:
        return OVERHEAD + sum(map(len, self.pieces)) + 100 * len(self.holes)

    def fill(self, texts: list[Said]) -> str:
        pieces = self.pieces.copy()
        known: dict[int, str] = {}
        for place, number in self.holes:
            text = known.get(number)
            if text is None:
                text = known[number] = _as_html(texts[number].value)
            pieces[place] = text
        return "".join(pieces)


def _as_html(value: object) -> str:
    """What `conditional_escape` gives, which takes most of its time to find out that nothing is lazy."""
    made = getattr(value, "__html__", None)
    return str(made()) if made else html.escape(str(value))


class Outlines:
    """The outlines of the pages of a template; `most` bytes of them are kept, about."""

    def __init__(self, template: str, most: int) -> None:
        self._template = template
        self._known = Known[object, _Outline](most, lambda outline: outline.weight)

    def render(self, shown: Shown) -> str:
        """The page that shows this, in the language of the moment."""
        texts: list[Said] = []
        key = (_shape(shown, texts), get_language())
        outline = self._known.get(key) or self._known.put(key, self._draw(shown))
        return outline.fill(texts) if outline.pieces else self.draw(shown)

    def draw(self, shown: Shown) -> str:
        """The same, drawn by its template."""
        return render_to_string(self._template, _replaced(shown, lambda each: each.plain))

    def _draw(self, shown: Shown) -> _Outline:
        looked: list[str] = []
        marks: list[str] = []

        def hole(each: Said) -> Any:  # noqa: ANN401 - as each kind says
            value, mark = each.hole(looked)
            marks.append(mark)
            return value

        context, drawn = _replaced(shown, hole), ""
        try:
            drawn = render_to_string(self._template, context)
        except Exception as error:  # noqa: BLE001 - if it is the page’s own, drawing it each time raises it
            looked.append(repr(error))
        numbers = {mark: number for number, mark in enumerate(marks)}
        pieces: list[str] = re.split(f"({'|'.join(marks)})", drawn) if marks else [drawn]
        holes = [(place, numbers[piece]) for place, piece in enumerate(pieces) if place % 2]
        if looked or any("\ue000" in piece for piece in pieces[::2]):
            log.error("%s looks at what it was only to say, so it is drawn each time: by %s", self._template, looked)
            return _Outline([], [])
        return _Outline(pieces, holes)


def _shape(value: Any, texts: list[Said]) -> object:  # noqa: ANN401 - plain data
    """What a page's HTML depends on but for its texts, which are put to `texts`. Raises NotPlainError."""
    kind = type(value)
    if kind is str or kind is int or value is None:
        return value
    if isinstance(value, Said):
        texts.append(value)
        return kind
    if kind is bool:
        return (value,)  # for True is 1
    if kind is dict:
        return (*value, dict, *[_shape(each, texts) for each in value.values()])
    if kind is list or kind is tuple:
        return (list, *[_shape(each, texts) for each in value])
    message = f"{value!r:.80} ({kind.__qualname__})"
    raise NotPlainError(message)


def _replaced(value: Any, replace: Callable[[Said], Any]) -> Any:  # noqa: ANN401 - plain data
    """The same with something in place of each text that is said, in the same order."""
    if isinstance(value, Said):
        return replace(value)
    if isinstance(value, dict):
        return {name: _replaced(each, replace) for name, each in value.items()}
    return [_replaced(each, replace) for each in value] if isinstance(value, list | tuple) else value
