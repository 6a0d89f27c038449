"""Adding pasted addresses to a group, and telling those who are new how to get in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.email_queue import Envelope, queue_letters
from accounts.models import Customer
from groups.models import Group
from groups.pasted_addresses import PastedAddresses, read_addresses
from groups.services import add_customers
from tickets.queries import customers_who_booked

LISTED = 20
"""How many unreadable pieces are explained one by one."""


@dataclass(frozen=True, slots=True)
class AddOutcome:
    """What was made of a pasted text."""

    pasted: PastedAddresses
    new: int
    already: int
    told: bool

    @property
    def sentence(self) -> str:
        """How many were new, in it already and repeated."""
        parts = [
            ngettext("%(count)d customer was added.", "%(count)d customers were added.", self.new) % {"count": self.new}
            if self.new
            else _("No new customers were added."),
            _counted(
                ngettext("%(count)d was already in the group.", "%(count)d were already in the group.", self.already),
                self.already,
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
        ]
        return " ".join(part for part in parts if part)

    @property
    def complaints(self) -> list[str]:
        """What could not be read and why; at most so many pieces one by one."""
        pieces = [f"“{shorten(piece)}” {reason}" for piece, reason in self.pasted.unreadable[:LISTED]]
        more = len(self.pasted.unreadable) - LISTED
        if more > 0:
            pieces.append(ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more})
        return pieces

    @property
    def left_over(self) -> str:
        """The text that stays in the box: what could not be read, a piece a line."""
        return "\n".join(piece for piece, _reason in self.pasted.unreadable)


def add_pasted(group: Group, text: str, *, tell: bool, now: datetime) -> AddOutcome:
    """Add whatever addresses a text holds to a group; `tell` writes to those who are new, in the same transaction.

    The letter is the same for everybody: it must not show who has a login already (docs/design.md, *Who sees what*).
    """
    pasted = read_addresses(text)
    with transaction.atomic():
        added = add_customers(group, pasted.names, now=now)
        if tell:
            _send_how_to_get_in(group, added.new, now=now)
    return AddOutcome(pasted, new=len(added.new), already=added.already, told=tell)


def shorten(piece: str) -> str:
    """A piece of text short enough for a message."""
    return piece if len(piece) <= 60 else f"{piece[:60]}…"  # noqa: PLR2004 - a line


def _send_how_to_get_in(group: Group, customers: Iterable[Customer], *, now: datetime) -> None:
    # One context for all: it is the same letter, and is rendered once.
    context = {"page": group.account.pages.first()}
    today = now.astimezone(group.account.zone).date()
    customers = list(customers)
    booked = customers_who_booked(group.account, customers)
    envelopes = (
        Envelope(
            customer.email,
            context,
            # Somebody added, removed and added again on one day is told once.
            dedupe=f"added:{group.pk}:{customer.pk}:{today}",
            has_booked=customer.pk in booked,
        )
        for customer in customers
    )
    queue_letters(envelopes, kind="added", template="groups/letters/added", account=group.account, now=now)


def _counted(words: str, count: int) -> str:
    return words % {"count": count} if count else ""
