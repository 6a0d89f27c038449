"""Lines that say what others are: headings of tables, headers of emails, the fields of a vCard."""

import re
from enum import Enum, auto
from typing import Final

_MOST_COLUMNS: Final = 60
_LONGEST_TITLE: Final = 40

_TITLES: Final = {
    "FULL": "name|full name|fullname|customer|customer name|member|member name|client|client name|contact|contact name|"
    "student|student name|attendee|display name|guest|guest name|person|participant|booked by|names",
    "FIRST": "first|first name|firstname|given name|given names|givenname|forename|forenames|christian name|fname",
    "LAST": "last|last name|lastname|surname|family name|familyname|second name|lname|surnames",
    "EMAIL": "email|emails|e mail|e mails|mail|email address|email addresses|e mail address|e mail addresses|"
    "emailaddress|address email|your email|customer email|customer emails|member email|primary email|contact email|"
    "email value|e mail value|email home|email list",
}


class Column(Enum):
    """What a column of a table holds, as far as it is asked."""

    FULL = auto()
    FIRST = auto()
    LAST = auto()
    EMAIL = auto()
    OTHER = auto()


_COLUMNS: Final = {title: Column[name] for name, titles in _TITLES.items() for title in titles.split("|")}

_HEADER: Final = re.compile(
    r"(?:subject|date|sent|message-id|in-reply-to|references|mime-version|content-[a-z-]+|received|return-path|"
    r"importance|priority|attachments|dkim-signature|authentication-results|user-agent|thread-[a-z]+|list-[a-z-]+|"
    r"x-[a-z-]+)\s*:",
    re.IGNORECASE,
)
_IDENTIFIER: Final = re.compile(r"(?:message-id|in-reply-to|references)\s*:\s*<[^<>]*>", re.IGNORECASE)
_NAME_LINE: Final = re.compile(r"(?:(?:full |display |customer )?name|fn(?:;[^:]*)?)\s*[:=]\s*(.+)", re.IGNORECASE)
_CARD_BEGINS: Final = re.compile(r"begin\s*:\s*vcard\b", re.IGNORECASE)
_CARD_ENDS: Final = re.compile(r"end\s*:\s*vcard\b", re.IGNORECASE)
_CARD_EMAIL: Final = re.compile(r"(?:item\d+\.)?email\b[^:@]*:", re.IGNORECASE)
_CARD_FIELD: Final = re.compile(r"(?:item\d+\.)?[a-z-]+[;:]", re.IGNORECASE)


def read_columns(cells: list[str]) -> list[Column]:
    """What the columns under a table's heading hold; empty where this line is no heading."""
    if len(cells) > _MOST_COLUMNS:
        return []
    columns = [_column_of(cell) for cell in cells]
    known = [column for column in columns if column is not Column.OTHER]
    if len(known) > 1 or Column.EMAIL in known or (known == [Column.FULL] and sum(map(bool, cells)) == 1):
        return columns
    return []


def is_header_line(line: str) -> bool:
    """Whether this is a line that can name nobody: of an email's header, or what a CSV file says of its cells."""
    line = line.strip()
    return line.startswith("sep=") or bool(_IDENTIFIER.match(line)) or (bool(_HEADER.match(line)) and "@" not in line)


def name_of_line(line: str) -> str:
    """The name in a line such as `Name: Ann Ray` or a vCard's `FN:Ann Ray`; empty in any other."""
    found = _NAME_LINE.fullmatch(line.strip()) if "@" not in line else None
    return found[1] if found else ""


def begins_card(line: str) -> bool:
    """Whether a vCard begins here."""
    return bool(_CARD_BEGINS.match(line.strip()))


def ends_card(line: str) -> bool:
    """Whether a vCard ends here."""
    return bool(_CARD_ENDS.match(line.strip()))


def start_of_card_email(line: str) -> int:
    """Where in a vCard's line its address begins; 0 where it is no field for one."""
    found = _CARD_EMAIL.match(line)
    return found.end() if found else 0


def is_card_field(line: str) -> bool:
    """Whether this is a field of a vCard without an address, or goes on with one."""
    return "@" not in line and (line[:1].isspace() or bool(_CARD_FIELD.match(line)))


def _column_of(cell: str) -> Column:
    if len(cell) > _LONGEST_TITLE:
        return Column.OTHER
    return _COLUMNS.get(" ".join(re.findall(r"[a-z]+", cell.lower())), Column.OTHER)
