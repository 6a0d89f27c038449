"""The HTML of the schedule's lines, drawn once for as long as they say the same.

Fifty lines are nine tenths of the public page's work, and hardly one has changed since the last visitor.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tickets.public.listing import Line
from tickets.public.metadata import entry_path

KEPT: Final = 5000
"""Lines of about a kilobyte, in each process."""


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that a line says: two with the same look have the same HTML. Instants are told in `zone`."""

    href: str
    title: str
    location: str
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    state: str
    members_only: bool
    opens_at: datetime | None
    few_left: int | None
    language: str | None


def draw(line: Line) -> SafeString:
    """The HTML of a line (its entry with `page` and the page's account), in the language of the moment."""
    entry = line.entry
    return _draw(
        Look(
            entry_path(entry),
            entry.title,
            entry.location,
            entry.starts_at,
            entry.ends_at,
            entry.page.account.zone,
            line.state,
            line.members_only,
            line.opens_at,
            line.few_left,
            get_language(),
        )
    )


@lru_cache(KEPT)
def _draw(look: Look) -> SafeString:
    with timezone.override(look.zone):
        return render_to_string("tickets/public/_line.html", {"line": look})
