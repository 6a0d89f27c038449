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
LOGIN: Final = "login"
NOT_YET: Final = "not_yet"
"""What `login` says where it is about those who haven't logged in yet."""


@dataclass(frozen=True, slots=True)
class ChosenMembers:
    """Who of a group was chosen: all whose name or address holds `words`, or some (ids).

    `unseen`: of all, those who haven't logged in yet.
    """

    group: Group
    is_all: bool
    words: str
    ids: tuple[int, ...]
    unseen: bool = False

    def found(self, *, now: datetime) -> QuerySet[Member]:
        """Those of them who stand in the group."""
        if self.is_all:
            return members_found(self.group, self.words, unseen=self.unseen, now=now)
        return members_of(self.group, now=now).filter(pk__in=self.ids)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The same as fields of a form."""
        if self.is_all:
            return [("who", ALL), ("q", self.words), *([(LOGIN, NOT_YET)] if self.unseen else [])]
        return [("member", str(each)) for each in self.ids]

    @property
    def query(self) -> str:
        """The same as the query of an address."""
        return urlencode(self.fields)


def chosen_members(group: Group, sent: QueryDict) -> ChosenMembers:
    """Read who was chosen from an address or a form."""
    ids = {as_id(each) for each in sent.getlist("member")} - {0}
    words, is_all = searchable(sent.get("q", "")), sent.get("who") == ALL
    return ChosenMembers(group, is_all, words, tuple(sorted(ids)), unseen=is_unseen(sent))


def is_unseen(sent: QueryDict) -> bool:
    """Whether an address or a form is about those alone who haven't logged in yet."""
    return sent.get(LOGIN) == NOT_YET
