"""Letters that a worker writes, from what was so when they were posted (docs/decisions/0045).

The code that posts such a letter gives its facts, and a short form that says what happened and where to read more.
The short form is what lists show, and what goes out where a process knows nothing of facts.

A letter of what is still to come is the exception: its facts are keys, and its writer looks how things are by then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from accounts.email_text import LetterText, read_markup
from accounts.email_wording import word
from accounts.models import Letter, LetterKind, LetterWording

SUBJECT_LENGTH: Final = 250


class OverError(Exception):
    """What a letter was to say is not so any more: it is given up."""


Facts = dict[str, Any]
"""What a letter tells of, as JSON: names, times, amounts, links, and the `language` that it is written in."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter of some facts is made of: its template, what that is given, and the .ics files to attach."""

    template: str
    context: Mapping[str, object]
    calendar: str = ""


Writer = Callable[[Facts], Words]

_WRITERS: Final[dict[str, Writer]] = {}


def register_writer(kind: LetterKind, writer: Writer) -> None:
    """Let letters of this kind be posted as facts.

    `writer` asks no database, or the letter would tell of later; only one that is to tell of later does, and raises
    OverError where there is nothing to tell by then.
    """
    _WRITERS[kind] = writer


def write_out(letter: Letter) -> None:
    """Write a letter that was posted as facts: its subject, both its parts and its calendar. Nothing is saved.

    One that is written stays as it is. Raises OverError, and whatever its writer or its template raises.
    """
    if letter.facts is None:
        return
    words = _WRITERS[letter.kind](letter.facts)
    wording = letter.account.wordings.get(letter.kind) if letter.account else None
    written = render_letter(words.template, words.context, language=letter.facts["language"], wording=wording)
    letter.subject, letter.text, letter.html = written.subject[:SUBJECT_LENGTH], written.text, written.html
    letter.calendar, letter.facts = words.calendar, None


def render_letter(
    template: str, context: Mapping[str, object], *, language: str, wording: LetterWording | None = None
) -> LetterText:
    """The letter that `templates/<template>.html` is with this context, in which the studio worded some parts."""
    known = {"site_url": settings.SITE_URL, "site_name": settings.SITE_NAME, **context}
    with override(language):
        if wording is None:
            return read_markup(render_to_string(f"{template}.html", known))
        own = word(wording, known)
        return read_markup(own.around(render_to_string(f"{template}.html", {**known, "own": own})))
