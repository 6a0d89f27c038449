"""What a membership gives, as customers read it: the offers of its group, and the classes that they open."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import SchedulePage
from groups.models import Group
from offers.messages import describe_discount, name_covered
from offers.models import Offer, OfferKind
from tickets.annotated import TicketAtEachEntry
from tickets.models import Coverage, Entry, Ticket
from tickets.public.phrases import offer_terms_text
from tickets.public.schedule.listing import EntryLine
from tickets.queries import exclusive_tickets_of, next_entries_on, tickets_at
from tickets.schedule.offers_summary import covered_by

MOST_AHEAD: Final = 3
MOST_NEXT: Final = 200
"""Among so many of the next entries those are looked for that an offer opens: however long a schedule is."""
LOOKED_AT: Final = 20
"""Among so many of the next entries those are looked for that have places left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """An enabled offer of a membership's group, and what it covers."""

    offer: Offer
    pages: Sequence[str]
    """Titles of pages."""
    tickets: Sequence[str]
    """Names of tickets, each once."""
    has_more: bool
    """Whether it covers so many tickets that only the newest were looked at for their names."""

    @property
    def terms(self) -> str:
        """How much of it, and for whom; of a discount also what it makes cheaper."""
        if self.is_discount:
            return describe_discount(
                self.offer, covered=name_covered(self.offer, self.pages, self.tickets, has_more=self.has_more)
            )
        return offer_terms_text(self.offer, pages=self.whole_pages)

    @property
    def whole_pages(self) -> Sequence[str]:
        """The titles of the pages where it is for every members' ticket; empty where it is for some alone."""
        return [] if self.tickets else self.pages

    @property
    def is_told(self) -> bool:
        """Whether its terms say where it is good already."""
        return self.is_discount or (self.offer.limit is None and bool(self.whole_pages))

    @property
    def is_discount(self) -> bool:
        """Whether it makes tickets cheaper, and opens none."""
        return self.offer.kind == OfferKind.DISCOUNT


def load_benefits(groups: Collection[int], *, member: bool = False) -> dict[int, list[Benefit]]:
    """What each of these groups (ids) of an account gives, in the order of their offers. Two statements.

    Anyone who is not a `member` does not learn of hidden tickets, nor of offers for nothing else.
    """
    offers = list(Offer.objects.enabled().filter(group__in=groups).select_related("account").order_by("pk"))
    covered = covered_by(offers[0].account, offers, hidden=member) if offers else {}
    found = defaultdict[int, list[Benefit]](list)
    for offer in offers:
        covers = covered[offer.pk]
        if covers.pages or covers.tickets:
            names = list(dict.fromkeys(covers.tickets))
            gift = Benefit(offer=offer, pages=covers.pages, tickets=names, has_more=covers.has_more)
            found[offer.group_id].append(gift)
    return found


def upcoming_entries(group: Group, page: SchedulePage, *, member: bool, now: datetime) -> list[Entry]:
    """The next entries of a page that an offer of the group opens, with places to be had now, soonest first.

    Anyone who is not a `member` does not learn of hidden tickets. Two statements.
    """
    opened = _opened_by(group) if member else _opened_by(group).filter(shown=True)
    following = next_entries_on(page.pk, MOST_NEXT, now=now, since=now, after=0)
    entries = list(following.filter(Exists(opened.filter(series=OuterRef("series"))))[:LOOKED_AT])
    tickets = defaultdict[int, list[TicketAtEachEntry]](list)
    for ticket in tickets_at(entries).filter(pk__in=opened.values("pk")):
        tickets[ticket.entry_id].append(ticket)
    lines = [EntryLine(entry=entry, tickets=tickets[entry.pk], now=now) for entry in entries]
    found = [line.entry for line in lines if line.state == "members"][:MOST_AHEAD]
    for entry in found:
        entry.page = page
    return found


def _opened_by(group: Group) -> QuerySet[Ticket]:
    covered = Coverage.objects.in_force().filter(offer__group=group, offer__kind=OfferKind.EXCLUSIVE)
    return exclusive_tickets_of(group).filter(
        Q(pk__in=covered.filter(ticket__isnull=False).values("ticket"))
        | Q(series__page__in=covered.filter(page__isnull=False).values("page"))
    )
