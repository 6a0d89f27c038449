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
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import count
from secrets import randbelow, token_hex
from sys import getsizeof
from typing import Any, Final, NoReturn, Self, TypeAlias
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from bookwhen.fastpath.known import Known

log = logging.getLogger(__name__)

OVERHEAD: Final = 2000
"""Bytes that what is known of a shape takes beside its HTML and its key, about."""
_TOKEN: Final = token_hex(16)
"""Nobody can know it, so nothing that a page says is mistaken for a hole."""
_SIGN: Final = _TOKEN[:12]
"""Enough of it to tell that something was made of a hole."""
_POISON: Final = f"\ue000{_TOKEN}\ue001"
"""What is found in a hole by what cannot be kept from looking."""
_DIGITS: Final = 6
"""Of the number of a text, with which a mark ends."""
_LETTERS: Final = "hO\ue000"
"""What a mark in a text begins with: so its case cannot be changed unseen."""
_UUID: Final = str(UUID(_TOKEN))[:-_DIGITS]
_NUMBER: Final = 10**12 + randbelow(8 * 10**12)
_MARKS: Final = re.compile(rf"(?:{_LETTERS}{_TOKEN}|{_TOKEN}|{_UUID}|{_NUMBER})(\d{{{_DIGITS}}})")
"""One pattern for all pages: `re` keeps hundreds of those that it is given."""
_LOOKED: Final = ContextVar[list[str]]("looked")
"""How a template that is being drawn has looked at what it is only to say."""

_NAMES: Final = frozenset({str})
Shown: TypeAlias = Mapping[str, Any]
"""What a page shows: texts, numbers, bools, None, and what is `Said`, in dicts (by names), lists and tuples."""


class NotPlainError(TypeError):
    """What a page is to show is no plain data: its template could look at anything."""


class LookedAtError(TypeError):
    """A template does more with one of its texts than to say it."""


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

    def hole(self, number: str) -> Any:  # noqa: ANN401 - as each kind says
        """What stands for it while the page is drawn; the `number` is how it is found in the HTML."""
        return _FilledHole(number)


class SaidOrNot(Said):
    """A text, or a number, that the page says and does not look at, not even for whether there is one."""

    __slots__ = ()

    def hole(self, number: str) -> Any:  # noqa: ANN401 - as each kind says
        """One of which nothing is known."""
        return _Hole(number)


class SaidKey(Said):
    """A key that stands in addresses, and goes through filters and `{% url %}` as it is. It is compared with nothing.

    A whole number, a UUID, or letters, digits, hyphens and underscores.
    """

    __slots__ = ()

    def hole(self, number: str) -> Any:  # noqa: ANN401 - as each kind says
        """A key of the same type. Django compares numbers, and what is made later, with what is none."""
        if self._later:
            return f"{_TOKEN}{number}"
        if isinstance(self._value, UUID):
            return _UuidHole(f"{_UUID}{number}")
        return int(f"{_NUMBER}{number}") if isinstance(self._value, int) else _KeyHole(f"{_TOKEN}{number}")


def said(text: str) -> Said | str:
    """Mark a text as one that is only said; whether there is one belongs to the shape."""
    return Said(text) if text else ""


def _looking(how: str) -> Callable[..., NoReturn]:
    def look(*_: object) -> NoReturn:
        # Conditions of templates swallow what is raised within them.
        _LOOKED.get().append(how)
        raise LookedAtError(how)

    return look


class _Hole(SafeString):
    """Where a text goes. Templates write it by `__html__`, and whatever else they do asks something of it.

    It is safe, as the texts of templates are, which would else not let it compare itself with them.
    """

    __slots__ = ("_mark",)
    _mark: str

    def __new__(cls, number: str) -> Self:
        made = super().__new__(cls, _POISON)
        made._mark = f"{_LETTERS}{_TOKEN}{number}"
        return made

    def __html__(self) -> SafeString:  # type: ignore[override] # all that a template may have of it
        return SafeString(self._mark)


class _FilledHole(_Hole):
    """One that is never empty, as may be known."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return True


class _KeyHole(SafeString):
    """Where a key goes, which is not compared with others."""

    __slots__ = ()


class _UuidHole(UUID):
    """The same for a UUID."""

    __slots__ = ()


_COMPARING: Final = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__")
_ALL: Final = (
    *_COMPARING,
    "__str__",
    "__repr__",
    "__format__",
    "__bool__",
    "__int__",
    "__float__",
    "__index__",
    "__radd__",
)
for _kind in (_KeyHole, _UuidHole):
    for _name in _COMPARING:
        setattr(_kind, _name, _looking(_name))
for _name in (*_ALL, *sorted({*dir(str)} - {*dir(object)})):
    setattr(_Hole, _name, _looking(_name))


@dataclass(frozen=True, slots=True)
class _Outline:
    """The HTML of a shape in pieces: every other one is a hole, and `numbers` says which of the texts stands there.

    Without pieces it cannot be kept.
    """

    pieces: list[str]
    numbers: list[int]
    used: list[int]
    weight: int

    def fill(self, texts: list[Said]) -> str:
        found = {number: _as_html(texts[number].value) for number in self.used}
        pieces = self.pieces.copy()
        pieces[1::2] = [found[number] for number in self.numbers]
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
        outline = self._known.get(key) or self._known.put(key, self._draw(shown, key))
        return outline.fill(texts) if outline.pieces else self.draw(shown)

    def draw(self, shown: Shown) -> str:
        """The same, drawn by its template."""
        return render_to_string(self._template, _replaced(shown, lambda each: each.plain))

    def _draw(self, shown: Shown, key: object) -> _Outline:
        looked, numbers, drawn = list[str](), count(), ""
        token = _LOOKED.set(looked)
        try:
            holes = _replaced(shown, lambda each: each.hole(f"{next(numbers):0{_DIGITS}}"))
            drawn = render_to_string(self._template, holes)
        except Exception as error:  # noqa: BLE001 - if it is the page’s own, drawing it each time raises it
            looked.append(repr(error))
        finally:
            _LOOKED.reset(token)
        pieces, weight = _MARKS.split(drawn), OVERHEAD + _size(key)
        if looked or any(map(_is_left_of_hole, pieces[::2])):
            log.error("%s looks at what it was only to say, so it is drawn each time: by %s", self._template, looked)
            return _Outline([], [], [], weight)
        places = [int(number) for number in pieces[1::2]]
        pieces[1::2] = [""] * len(places)
        return _Outline(pieces, places, sorted(set(places)), weight + _size([pieces, places]))


def _is_left_of_hole(piece: str) -> bool:
    """Whether HTML has something in it that was made of a hole."""
    return "\ue000" in piece or _SIGN in piece.lower().replace("-", "")


def _size(plain: object) -> int:
    """The bytes that lists and tuples take with what is in them, each counted once."""
    sizes, left = dict[int, int](), [plain]
    while left:
        each = left.pop()
        if id(each) not in sizes and not isinstance(each, type):
            sizes[id(each)] = getsizeof(each)
            left += each if isinstance(each, list | tuple) else ()
    return sum(sizes.values())


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
    if kind is dict and _NAMES.issuperset(map(type, value)):
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
