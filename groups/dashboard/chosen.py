"""Which customers of a group a page is about: those who were ticked, or all whom the list showed or went on to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.dashboard.query import as_id
from bookwhen.text import searchable
from groups.dashboard.members import members_found
from groups.models import Group, Member
from groups.queries import members_of

ALL: Final = "all"
"""What `who` says for all of them; else those with a `member` of their own."""


@dataclass(frozen=True, slots=True)
class ChosenMembers:
    """Who of a group was chosen: all whose name or address holds `words`, or some (ids)."""

    group: Group
    is_all: bool
    words: str
    ids: tuple[int, ...]

    def found(self, *, now: datetime) -> QuerySet[Member]:
        """Those of them who stand in the group."""
        if self.is_all:
            return members_found(self.group, self.words, now=now)
        return members_of(self.group, now=now).filter(pk__in=self.ids)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The same as fields of a form."""
        if self.is_all:
            return [("who", ALL), ("q", self.words)]
        return [("member", str(each)) for each in self.ids]

    @property
    def query(self) -> str:
        """The same as the query of an address."""
        return urlencode(self.fields)


def chosen_members(group: Group, sent: QueryDict) -> ChosenMembers:
    """Read who was chosen from an address or a form."""
    ids = {as_id(each) for each in sent.getlist("member")} - {0}
    return ChosenMembers(group, sent.get("who") == ALL, searchable(sent.get("q", "")), tuple(sorted(ids)))
