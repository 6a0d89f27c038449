"""What studios word of their emails: a subject, an opening and a closing, with placeholders (docs/decisions/0084).

Text in, text or markup out; nothing is asked but what the letter's context knows already. What an operator typed is
data, as all that people type (`accounts.email_text`): it makes paragraphs and lines, and no other markup. Addresses on
the web stay as the operator typed them; what a placeholder stands for may be a stranger's words and never makes a link.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.template import Context, Variable, VariableDoesNotExist
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Account, LetterWording
from accounts.placeholders import PLACEHOLDER, placeholder_name

if TYPE_CHECKING:
    from datetime import datetime

NAME_LENGTH: Final = 60
"""How much of a person's name is said, in characters: strangers type names."""
PLACEHOLDERS: Final[Mapping[str, str | Promise]] = {
    "name": _("the customer’s first name"),
    "event": _("what they’ve booked, such as “Yoga for beginners”"),
    "date": _("when it starts, such as “Tuesday 5 May 2026, 18:30”"),
    "membership": _("the membership’s title"),
    "group": _("the customer group’s name"),
    "reference": _("the booking reference"),
    "studio": _("your account’s name"),
}
"""What may be in the words, in curly brackets, and what stands for it in the letter."""

_TITLE: Final = re.compile(r"<title>.*?</title>", re.DOTALL)
_AFTER_NOTHING: Final = re.compile(r"\A[ \t]*,?[ \t]*")
Known = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Own:
    """The parts of one letter that its studio worded, as markup; empty: as usual."""

    subject: SafeString
    opening: SafeString
    closing: SafeString

    def around(self, markup: str) -> str:
        """A letter's markup, in which its template has put the opening, with the subject and the closing."""
        if self.subject:
            title = f"<title>{self.subject}</title>"
            markup = _TITLE.sub(lambda _found: title, markup, count=1)
        return f"{markup}\n{self.closing}"


def word(wording: LetterWording, context: Known) -> Own:
    """What a wording says in a letter with this context; `account` is in it."""
    say = _Values(context)
    return Own(
        subject=_line(wording.subject, say),
        opening=_markup(wording.opening, say),
        closing=_markup(wording.closing, say),
    )


class _Values:
    """What stands for placeholders in a letter, found as each is asked for."""

    def __init__(self, context: Known) -> None:
        self._context = Context({**context})
        self._found: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        if name not in self._found:
            self._found[name] = VALUES[name](self)
        return self._found[name]

    def first(self, *paths: str) -> Any:  # noqa: ANN401 - whatever the context knows
        """The first of these that the context knows as anything, as its template would find it; else None."""
        for path in paths:
            try:
                if value := Variable(path).resolve(self._context):
                    return value
            except VariableDoesNotExist:
                continue
        return None

    def events(self) -> list[Any]:
        """The events that the letter is about, the first of them first."""
        if entry := self.first("entry"):
            return [entry]
        return [each[0] if isinstance(each, tuple) else each for each in self.first("places", "entries") or ()]


def _first_name(say: _Values) -> str:
    words = str(say.first("booking.greeting_name", "customer.greeting_name", "name") or "").split()
    return words[0][:NAME_LENGTH] if words else ""


def _event(say: _Values) -> str:
    events = say.events()
    if len(events) < 2:  # noqa: PLR2004 - several
        return events[0].title if events else ""
    more = ngettext("%(title)s and %(count)d more event", "%(title)s and %(count)d more events", len(events) - 1)
    return more % {"title": events[0].title, "count": len(events) - 1}


def _date(say: _Values) -> str:
    account: Account = say.first("account")
    starts: datetime | None = min((each.starts_at for each in say.events()), default=None)
    return date_format(starts.astimezone(account.zone), "l j F Y, H:i") if starts else ""


def _path(*paths: str) -> Callable[[_Values], str]:
    return lambda say: str(say.first(*paths) or "")


VALUES: Final[Mapping[str, Callable[[_Values], str]]] = {
    "name": _first_name,
    "event": _event,
    "date": _date,
    "membership": _path("membership.title"),
    "group": _path("group.name"),
    "reference": _path("booking.reference"),
    "studio": _path("account.name"),
}


def _parts(text: str, say: _Values) -> Iterable[tuple[str, bool]]:
    """The text piece by piece, and whether the operator typed it: what a placeholder stands for is the other.

    Where it stands for nothing, the comma before it goes too: “See you soon, {name}!”.
    """
    pieces = PLACEHOLDER.split(text)
    for at in range(1, len(pieces), 2):
        name = placeholder_name(pieces[at])
        pieces[at] = say(name) if name in VALUES else f"{{{pieces[at]}}}"
        if pieces[at]:
            continue
        # Not by a pattern: one that ends with the text begins at every space of a long row of them, for seconds.
        before = pieces[at - 1].rstrip(" \t").removesuffix(",").rstrip(" \t")
        if before.endswith("\n") or not (before or at > 1):
            following = _AFTER_NOTHING.sub("", pieces[at + 1])
            pieces[at + 1] = following[:1].upper() + following[1:]
        pieces[at - 1] = before
    for at, piece in enumerate(pieces):
        yield piece, not at % 2


def _marked(piece: str, is_typed: bool) -> str:  # noqa: FBT001 - as `_parts` says it
    if is_typed:
        return f"<address>{escape(piece)}</address>" if piece else ""
    return escape(" ".join(piece.split()))


def _line(text: str, say: _Values) -> SafeString:
    """One line, marked likewise; nothing where it says nothing."""
    parts = list(_parts(text, say))
    if not "".join(piece for piece, _is_typed in parts).strip():
        return SafeString()
    return mark_safe("".join(_marked(*part) for part in parts))  # noqa: S308 - as below


def _markup(text: str, say: _Values) -> SafeString:
    """Paragraphs, divided by empty lines, and lines; `<address>` marks what was typed by the operator alone."""
    parts = _parts(text.replace("\r\n", "\n").strip(), say)
    lines = "".join(
        "\n".join(_marked(line, is_typed) for line in (piece.split("\n") if is_typed else [piece]))
        for piece, is_typed in parts
    )
    paragraphs = [each.strip() for each in re.split(r"\n[ \t]*\n\s*", lines)]
    made = "\n".join(f"<p>{each.replace(chr(10), '<br>')}</p>" for each in paragraphs if each)
    return mark_safe(made)  # noqa: S308 - every piece of it is escaped
