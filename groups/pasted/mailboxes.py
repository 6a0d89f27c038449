"""The addresses of a part of a text, each with the name that stands beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from bookwhen.email_address import Fault, find_fault, fold_email
from groups.pasted.names import guess_name, join_surname, pick_name, tidy_name
from groups.pasted.text import DIVIDERS, Paste, Span, cells_of, divider_of

_WORD: Final = re.compile(r"[^\s<>()\[\]{}\":;,\\“”„«»]+")
_TYPOGRAPHIC: Final = "\u2018\u2019\xb4\u2013\u2014\u2022\xb7\u25cf\u25aa\u2026"
_LEADING: Final = "*'`=!?" + _TYPOGRAPHIC
_TRAILING: Final = "!#$%&'*+-./=?^_`|~" + _TYPOGRAPHIC
_STRAY: Final = re.compile(r"(?:^|\s)[a-z]\s+$")
"""A small letter alone is no name, but the beginning of what a space was typed into."""
_ENDS_IN_WORD: Final = re.compile(r"\w\s+$")
_BEGINS_WITH_WORD: Final = re.compile(r"\s+\w")
_BEGINS_WITH_ENDING: Final = re.compile(r"\s+\.\w")
_UNREADABLE_ADDRESS: Final = re.compile(r"<\s*/o=[^<>]*>", re.IGNORECASE)
"""How Exchange writes somebody of its own house: a person, though no address stands there."""
_SHARED: Final = re.compile(r"[/|&]")
_OPENS: Final = re.compile(r"<\s*(?:mailto\s*:)?[\s/]*$", re.IGNORECASE)
_QUOTED_NAME: Final = re.compile(r"[\"'’”]\s*<\s*")
_MAILTO: Final = re.compile("mailto", re.IGNORECASE)
_LONGEST_LINK: Final = 20
"""How far an address and its link, or its name, are from each other."""
_LINKED: Final = re.compile(r"[\"'\s\]]*(?:[<(\[]\s*(?:mailto\s*:)?[\s/]*[\"']?|[\"']\s*>)\s*", re.IGNORECASE)


@dataclass(slots=True)
class Mailbox:
    """An address that was found, and whose it is."""

    address: str
    """Folded; with a fault, as far as it could be."""
    fault: Fault | None
    span: Span
    """What of the text it was read from."""
    name: str = ""
    follows_name: bool = False
    """Whether its name stood before it, in the same cell."""
    bracketed: bool = False


class MailboxReader:
    """Finds mailboxes in a text. The same word is looked up once."""

    def __init__(self, paste: Paste) -> None:
        self.paste = paste
        self._known: dict[str, tuple[str, Fault | None]] = {}

    def read(self, span: Span, dividers: str = DIVIDERS) -> list[Mailbox]:
        """The mailboxes in a part of the text; whatever holds an @ is one, with the fault that it has."""
        divider = divider_of(self.paste, span, dividers)
        if not divider:
            return self._read_undivided(span)
        cells = cells_of(self.paste, span, divider)
        rest = dividers[dividers.index(divider) + 1 :]
        found = [self.read(cell, rest) if self._has_at(cell) else self._unreadable(cell) for cell in cells]
        if divider == ",":
            self._join_surnames(cells, found)
        self._name_by_cells(cells, found)
        return [mailbox for mailboxes in found for mailbox in mailboxes]

    def _read_undivided(self, span: Span) -> list[Mailbox]:
        found = _drop_doubles(self._addresses(span), self.paste.plain)
        if not found:
            # An @ that stands alone.
            alone = self.paste.plain[slice(*span)].strip() == "@"
            return [Mailbox("", Fault.MALFORMED if alone else Fault.SPACE, span)]
        gaps = self._gaps(span, found)
        self._name_by_gaps(found, gaps)
        _set_sources(found, span)
        return found

    def _addresses(self, span: Span) -> list[Mailbox]:
        found = []
        for word in _WORD.finditer(self.paste.plain, *span):
            if "@" not in word[0] or word[0] == "@":
                continue
            start = word.start()
            for part in _parts(word[0]):
                end = start + len(part)
                address, fault = self._look_up(part)
                before = self.paste.plain[max(start - _LONGEST_LINK, span[0]) : start]
                after = self.paste.plain[end : min(end + _LONGEST_LINK, span[1])]
                if _is_torn(before, part, after):
                    fault = Fault.SPACE
                found.append(Mailbox(address, fault, (start, end), bracketed=bool(_OPENS.search(before))))
                start = end + 1
        return found

    def _look_up(self, word: str) -> tuple[str, Fault | None]:
        if word not in self._known:
            local, at, domain = word.lstrip(_LEADING).partition("@")
            address = fold_email(f"{local}{at}{domain.partition('?')[0].rstrip(_TRAILING)}")
            self._known[word] = address, find_fault(address)
        return self._known[word]

    def _gaps(self, span: Span, found: Sequence[Mailbox]) -> list[str]:
        """What stands before the first, between them and after the last."""
        edges = [span[0], *(edge for mailbox in found for edge in mailbox.span), span[1]]
        return [self.paste.plain[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]

    def _name_by_gaps(self, found: Sequence[Mailbox], gaps: Sequence[str]) -> None:
        before = [
            (tidy_name if mailbox.bracketed else guess_name)(gap) for mailbox, gap in zip(found, gaps, strict=False)
        ]
        after = [guess_name(gap) for gap in gaps[1:]]
        if before[0] or (any(mailbox.bracketed for mailbox in found) and any(before)):
            for mailbox, name in zip(found, before, strict=True):
                mailbox.name, mailbox.follows_name = name, bool(name)
        elif after[-1]:
            for mailbox, name in zip(found, after, strict=True):
                mailbox.name = name

    def _join_surnames(self, cells: Sequence[Span], found: Sequence[Sequence[Mailbox]]) -> None:
        """Read `Ray, Ann <ann@…>` as one name."""
        for index in range(1, len(cells)):
            first = found[index][0] if found[index] else None
            if first is None or not first.follows_name or found[index - 1]:
                continue
            surname = self.paste.plain[slice(*cells[index - 1])]
            if guess_name(surname) and (first.bracketed or " " not in first.name):
                first.name = tidy_name(join_surname(surname, first.name))
                first.span = (cells[index - 1][0], first.span[1])

    def _name_by_cells(self, cells: Sequence[Span], found: Sequence[Sequence[Mailbox]]) -> None:
        """Give those without a name what the cells beside them say: all what is before, or all what is after."""
        holders = [index for index, mailboxes in enumerate(found) if mailboxes]
        if all(found[index][0].name for index in holders):
            return
        beside = [cells[left + 1 : right] for left, right in pairwise([-1, *holders, len(cells)])]
        names: list[str] = []
        if self._pick(beside[0], "last"):
            names = [self._pick(side, "last") for side in beside[:-1]]
        elif self._pick(beside[-1], "first"):
            names = [self._pick(side, "first") for side in beside[1:]]
        for holder, name in zip(holders, names, strict=False):
            found[holder][0].name = found[holder][0].name or name

    def _pick(self, cells: Sequence[Span], nearest: Literal["first", "last"]) -> str:
        near = cells[:20] if nearest == "first" else cells[-20:]
        return pick_name([self.paste.plain[slice(*cell)] for cell in near], nearest)

    def _unreadable(self, cell: Span) -> list[Mailbox]:
        """Somebody who is named without an address that could be read."""
        found = _UNREADABLE_ADDRESS.search(self.paste.plain, *cell)
        return [Mailbox("", Fault.NO_AT, cell)] if found else []

    def _has_at(self, span: Span) -> bool:
        return self.paste.plain.find("@", *span) >= 0


def _is_torn(before: str, word: str, after: str) -> bool:
    """Whether a space was typed into this address: `ann @x.org`, `ann@ x.org`, `ann@x .org`, `a nn@x.org`."""
    return bool(
        (word[0] == "@" and _ENDS_IN_WORD.search(before))
        or (word[-1] == "@" and _BEGINS_WITH_WORD.match(after))
        or _BEGINS_WITH_ENDING.match(after)
        or _STRAY.search(before)
    )


def _parts(word: str) -> list[str]:
    """The addresses of `ann@x.org/bob@x.org`; a word that is not so divided is one."""
    if word.count("@") < 2:  # noqa: PLR2004 - two addresses
        return [word]
    parts = _SHARED.split(word)
    return parts if all(part.count("@") == 1 for part in parts) else [word]


def _drop_doubles(found: Sequence[Mailbox], plain: str) -> list[Mailbox]:
    """Leave out what is the name or the link of the address beside it: `ann@x.org <ann@x.org>`, `[a@b](mailto:a@b)`."""
    kept: list[Mailbox] = []
    for right in found:
        left = kept[-1] if kept else None
        between = (left.span[1], right.span[0]) if left else (0, 0)
        gap = plain[slice(*between)]
        if left is None or between[1] - between[0] > _LONGEST_LINK or any(map(str.isalnum, _MAILTO.sub("", gap))):
            kept.append(right)
        elif left.address == right.address and _LINKED.fullmatch(gap):
            left.span = (left.span[0], right.span[1])
        elif right.bracketed and right.fault is None and (left.fault or _QUOTED_NAME.match(gap)):
            right.span = (left.span[0], right.span[1])
            kept[-1] = right
        else:
            kept.append(right)
    return kept


def _set_sources(found: Sequence[Mailbox], span: Span) -> None:
    """Say of each what part of the text is its own: the whole, divided where one address ends and another begins."""
    trailing = len(found) > 1 and found[0].name and not found[0].follows_name
    starts = [mailbox.span[0] for mailbox in found]
    ends = [mailbox.span[1] for mailbox in found]
    for index, mailbox in enumerate(found):
        if trailing:
            start, end = starts[index], starts[index + 1] if index + 1 < len(found) else span[1]
        else:
            start, end = ends[index - 1] if index else span[0], ends[index] if index + 1 < len(found) else span[1]
        mailbox.span = (start, end)
