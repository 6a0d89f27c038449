"""Adding pasted addresses to a group, and telling those who are new how to get in."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final, TypedDict

from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groups.models import Group
from groups.pasted.reading import PastedAddresses, read_addresses
from groups.pasted.words import WHY
from groups.services import AddResult
from tickets.joining import add_and_tell

LISTED: Final = 20
"""How many unreadable pieces are explained, and how many customers shown, one by one."""

SESSION_READ: Final = "customers_read"
"""In the session, until the group's page shows it: what was made of the last paste."""


class ReadCustomer(TypedDict):
    """What was made of one address, for the page."""

    email: str
    name: str
    new: bool
    times: int
    """How often it was listed."""


class ReadCustomers(TypedDict):
    """The first of those who were read, and how many more there were."""

    group: int
    customers: list[ReadCustomer]
    more: int


@dataclass(frozen=True, slots=True)
class AddOutcome:
    """What was made of a pasted text."""

    group: Group
    pasted: PastedAddresses
    added: AddResult
    told: bool

    @property
    def new(self) -> int:
        """How many people are new in the group."""
        return len(self.added.new)

    @property
    def is_done(self) -> bool:
        """Whether every piece of the text was read, and named somebody."""
        return bool(self.pasted.names) and not self.pasted.left_over

    @property
    def read(self) -> ReadCustomers:
        """Who was read, in the order pasted, for the page to show."""
        names, entered = self.pasted.names, self.added.entered
        customers = [
            ReadCustomer(email=email, name=name, new=email in entered, times=1 + self.pasted.repeats.get(email, 0))
            for email, name in islice(names.items(), LISTED)
        ]
        return ReadCustomers(group=self.group.pk, customers=customers, more=max(len(names) - LISTED, 0))

    @property
    def sentence(self) -> str:
        """How many were new, in it already and repeated, and what is left to do."""
        already = self.added.already
        parts = [
            ngettext("%(count)d customer was added.", "%(count)d customers were added.", self.new) % {"count": self.new}
            if self.new
            else _("No new customers were added."),
            _counted(
                ngettext("%(count)d was already in the group.", "%(count)d were already in the group.", already),
                already,
            ),
            _counted(
                ngettext(
                    "%(count)d address was listed more than once.",
                    "%(count)d addresses were listed more than once.",
                    self.pasted.repeated,
                ),
                self.pasted.repeated,
            ),
            _("We’re emailing everyone you’ve just added.") if self.told and self.new else "",
            _("Correct what’s still in the box, then add it.") if self.pasted.unreadable else "",
        ]
        return " ".join(part for part in parts if part)

    @property
    def complaints(self) -> list[str]:
        """What could not be read and why; at most so many pieces one by one."""
        if not self.pasted.names and not self.pasted.left_over:
            return [_("We couldn’t find an email address in this. Paste at least one, like name@example.org")]
        pieces = [f"“{shorten(piece)}” {WHY[fault]}" for piece, fault in self.pasted.unreadable[:LISTED]]
        more = len(self.pasted.unreadable) - LISTED
        if more > 0:
            pieces.append(ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more})
        if self.pasted.rest:
            pieces.append(_("That’s as many as we can read at once. The rest is still in the box: add it next."))
        return pieces


def add_pasted(group: Group, text: str, *, tell: bool, now: datetime, until: datetime | None = None) -> AddOutcome:
    """Add whatever addresses a text holds to a group, perhaps `until` then; `tell` writes to those who are new.

    In the same transaction.
    """
    pasted = read_addresses(text)
    added = add_and_tell(group, pasted.names, tell=tell, now=now, until=until)
    return AddOutcome(group, pasted, added, told=tell)


def pop_read(session: SessionBase, group: Group) -> ReadCustomers | None:
    """What was made of a paste into this group just before: told once."""
    read: ReadCustomers | None = session.get(SESSION_READ)
    if read is None or read["group"] != group.pk:
        return None
    del session[SESSION_READ]
    return read


def shorten(piece: str) -> str:
    """A piece of text short enough for a message."""
    return piece if len(piece) <= 60 else f"{piece[:60]}…"  # noqa: PLR2004 - a line


def _counted(words: str, count: int) -> str:
    return words % {"count": count} if count else ""
