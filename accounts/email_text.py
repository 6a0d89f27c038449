"""What a letter is made of: its template's markup, read into a subject, a text part and an HTML part.

A letter has one template, in HTML with these elements only, and both parts are written from what it marks:

    <title>             the subject
    <p>, <br>           a paragraph and its lines
    <ul><li>            a list
    <a class="button">  a button, outside any paragraph; `Words: https://…` in the text part
    <a>                 a link in a sentence
    <blockquote>        what an operator wrote to this customer, line by line (`|linebreaksbr`)
    <address>           an address, of a place or for email, as it was typed

What people typed is data and stays data. The template escapes it, so that it holds no element; what could look like
structure to a mail program is taken out: line breaks, invisible characters, and outside the last three elements
whatever would be made a link (docs/decisions/0020).
"""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from django.utils.html import escape

TOP: Final = frozenset({"title", "p", "ul", "blockquote", "a"})
INLINE: Final = frozenset({"br", "a", "address"})
AS_TYPED: Final = frozenset({"a", "blockquote", "address"})
"""Elements in which an address may be one that mail programs make a link."""
SCHEMES: Final = ("https://", "http://", "mailto:")

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffc]"
)
"""Controls, and characters that turn the direction of writing or cannot be seen; joiners stay, which scripts need."""
_SPACES: Final = re.compile(r"[^\S\xa0\u202f]+")
_LINKED: Final = re.compile(r"(?<=:)(?=//)|(?<=\w[.\u3002\uff0e\uff61])(?=[^\W\d_]{2})")
"""Where mail programs see a link: `https://`, and a dot between a word and two letters (`evil.example`)."""


class LetterMarkupError(Exception):
    """A letter's template holds something that is no markup of a letter."""


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter's subject (one line), its text part, and the body of its HTML part."""

    subject: str
    text: str
    html: str


def read_markup(markup: str) -> LetterText:
    """The letter that a rendered template is. Raises LetterMarkupError, which only the template can cause."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return LetterText(reader.subject, "\n\n".join(reader.texts) + "\n", "\n".join(reader.blocks))


def one_line(words: str) -> str:
    """What was typed, as one line without characters that cannot be seen: for headers and calendar files."""
    return _SPACES.sub(" ", _UNSEEN.sub("", words)).strip()


def unlinked(words: str) -> str:
    """Words with a space wherever a mail program would make a link of them: `evil. example`, `https: //`."""
    return _LINKED.sub(" ", words)


class _Reader(HTMLParser):
    """Writes both parts of a letter while it reads the markup."""

    def __init__(self) -> None:
        super().__init__()
        self.subject = ""
        self.texts: list[str] = []
        self.blocks: list[str] = []
        self._open: list[str] = []
        self._items: list[tuple[str, str]] = []
        self._href = self._text = self._html = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self._children():
            raise LetterMarkupError(tag)
        if tag == "br":
            self._text, self._html = f"{self._text}\n", f"{self._html}<br>"
            return
        if tag == "a":
            self._href = _checked(dict(attrs).get("href"))
        if not self._open or tag == "li":
            self._text = self._html = ""
        elif tag == "a":
            self._html += f'<a href="{escape(self._href)}">'
        self._open.append(tag if self._open or tag != "a" else "button")

    def handle_data(self, data: str) -> None:
        words = _SPACES.sub(" ", _UNSEEN.sub("", data))
        if self._open in ([], ["ul"]):
            if words.strip():
                raise LetterMarkupError(words)
            return
        if not AS_TYPED.intersection(self._open):
            words = unlinked(words)
        self._text, self._html = self._text + words, self._html + escape(words)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or tag != self._open[-1].replace("button", "a"):
            raise LetterMarkupError(tag)
        element = self._open.pop()
        if element == "a":
            self._html += "</a>"
        elif element != "address":
            self._close(element, [line.strip() for line in self._text.strip().split("\n")], self._html.strip())

    def _children(self) -> frozenset[str]:
        if not self._open:
            return TOP
        return frozenset({"li"}) if self._open == ["ul"] else INLINE

    def _close(self, element: str, lines: list[str], html: str) -> None:
        text = "\n".join(lines)
        if element == "title":
            self.subject = " ".join(lines)
        elif element == "li":
            self._items.append((f"- {' '.join(lines)}", f"<li>{html}</li>"))
        elif element == "ul" and self._items:
            items, self._items = self._items, []
            self._add("\n".join(each for each, _ in items), f"<ul>{''.join(each for _, each in items)}</ul>")
        elif element == "p" and text:
            self._add(text, f"<p>{html}</p>")
        elif element == "blockquote" and text:
            self._add("\n".join(f"> {line}".rstrip() for line in lines), f"<blockquote>{html}</blockquote>")
        elif element == "button" and self._href:
            self._add(f"{text}: {self._href}", f'<p><a class="button" href="{escape(self._href)}">{html}</a></p>')

    def _add(self, text: str, html: str) -> None:
        self.texts.append(text)
        self.blocks.append(html)


def _checked(href: str | None) -> str:
    """The address of a link; nothing, which makes no button, where it is not one."""
    href = href or ""
    return href if href.startswith(SCHEMES) and not _SPACES.search(href) and not _UNSEEN.search(href) else ""
