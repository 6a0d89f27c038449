"""A group’s offers and the exclusive tickets it opens, as an operator reads them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Account
from bookwhen.counts import CappedCount
from groups.models import Group
from offers.messages import describe_offer, name_covered, offer_title
from offers.models import Offer, OfferKind
from offers.queries import offers_of
from tickets.annotated import TicketWithEntry
from tickets.models import Coverage
from tickets.schedule.exclusive_tickets import GroupTally, exclusive_tickets_with_entries, tally_group

LISTED: Final = 20
"""How many exclusive tickets the page of a group lists: the newest."""
READ: Final = 101
"""How many of an offer's tickets are looked at for the few that its sentence names: one more than are counted."""


@dataclass(frozen=True, slots=True)
class OfferCard:
    """An offer as the page lists it: its number there, and its terms as one sentence."""

    number: int
    offer: Offer
    sentence: str

    @property
    def title(self) -> str:
        """What it is called."""
        return offer_title(self.offer, self.number)


@dataclass(frozen=True, slots=True)
class ExclusiveTicketRow:
    """An exclusive ticket of the group, and what the offers that cover it are called: those enabled, those not."""

    ticket: TicketWithEntry
    enabled: Sequence[str]
    disabled: Sequence[str]


@dataclass(frozen=True, slots=True)
class Covered:
    """What an offer covers, as far as its sentence names it: titles of pages, names of tickets, whether there are more.

    Of the tickets only those that can still be booked are named; of exclusive ones, those that its group can book.
    """

    pages: Sequence[str] = ()
    tickets: Sequence[str] = ()
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class OffersSummary:
    """A group's offers, the newest of its exclusive tickets, and how many there are."""

    offers: Sequence[OfferCard]
    tickets: Sequence[ExclusiveTicketRow]
    tally: GroupTally

    @property
    def are_alternatives(self) -> bool:
        """Whether more than one offer may open the same ticket."""
        return sum(card.offer.kind == OfferKind.EXCLUSIVE for card in self.offers) > 1

    @property
    def has_discounts(self) -> bool:
        """Whether any offer makes tickets cheaper."""
        return any(card.offer.kind == OfferKind.DISCOUNT for card in self.offers)

    @property
    def uncovered(self) -> CappedCount:
        """How many exclusive tickets no enabled offer covers: nobody can book them through this group."""
        return self.tally.uncovered

    @property
    def looks_at_newest(self) -> bool:
        """Whether only the newest tickets were looked at for that."""
        return self.tally.tickets.is_more

    @property
    def has_more(self) -> bool:
        """Whether the group has more exclusive tickets than are listed."""
        return self.tally.tickets.counted > len(self.tickets)


def summarise_offers(group: Group, *, now: datetime) -> OffersSummary:
    """Read a group's offers and its newest exclusive tickets in a fixed number of queries."""
    offers = list(offers_of(group))
    for offer in offers:
        offer.account = group.account
    covered = covered_by(group.account, offers)
    cards = [
        OfferCard(number, offer, offer_sentence(offer, covered[offer.pk])) for number, offer in enumerate(offers, 1)
    ]
    newest = list(exclusive_tickets_with_entries(group, now=now)[:LISTED])
    return OffersSummary(cards, exclusive_ticket_rows(group, newest, offers), tally_group(group))


def exclusive_ticket_rows(
    group: Group, tickets: Sequence[TicketWithEntry], offers: Sequence[Offer]
) -> list[ExclusiveTicketRow]:
    """Some exclusive tickets of a group with the numbers of its offers (all, in their order) that cover each."""
    numbers = {offer.pk: number for number, offer in enumerate(offers, 1) if offer.kind == OfferKind.EXCLUSIVE}
    enabled = {number for number, offer in enumerate(offers, 1) if offer.enabled}
    rows = Coverage.objects.filter(account=group.account_id, offer__in=numbers).values_list("offer", "page", "ticket")
    on_pages = rows.filter(page__in={ticket.series.page_id for ticket in tickets})
    by_page, by_ticket = defaultdict[int | None, set[int]](set), defaultdict[int | None, set[int]](set)
    for offer, page, ticket in on_pages.union(rows.filter(ticket__in=tickets)) if tickets and numbers else ():
        by_page[page].add(numbers[offer])
        by_ticket[ticket].add(numbers[offer])
    covering = [(ticket, by_page[ticket.series.page_id] | by_ticket[ticket.pk]) for ticket in tickets]
    titles = [offer_title(offer, number) for number, offer in enumerate(offers, 1)]

    def called(some: set[int]) -> list[str]:
        return [titles[number - 1] for number in sorted(some)]

    return [ExclusiveTicketRow(ticket, called(found & enabled), called(found - enabled)) for ticket, found in covering]


# The newest of an offer's tickets are taken first, and each is then looked up, so that no more are read.
_COVERED: Final = """
    SELECT offer.id,
        ARRAY(
            SELECT page.title FROM accounts_schedulepage AS page
            WHERE page.account_id = %(account)s AND (
                SELECT true FROM tickets_coverage AS coverage
                WHERE coverage.offer_id = offer.id AND coverage.page_id = page.id LIMIT 1
            ) ORDER BY page.id
        ),
        ARRAY(
            SELECT ticket.name FROM unnest(newest.tickets) AS covered (id) CROSS JOIN LATERAL (
                SELECT ticket.name FROM tickets_ticket AS ticket
                WHERE ticket.id = covered.id AND ticket.retired_at IS NULL AND (ticket.shown OR %(hidden)s) AND (
                    offer.kind = 'discount' OR ticket.exclusive AND (
                        SELECT true FROM tickets_ticket_groups AS named
                        WHERE named.ticket_id = ticket.id AND named.group_id = offer.group_id LIMIT 1
                    )
                ) LIMIT 1
            ) AS ticket ORDER BY covered.id
        ),
        cardinality(newest.tickets)
    FROM offers_offer AS offer CROSS JOIN LATERAL (
        SELECT ARRAY(
            SELECT ticket_id FROM tickets_coverage
            WHERE offer_id = offer.id AND ticket_id IS NOT NULL ORDER BY ticket_id DESC LIMIT %(read)s
        ) AS tickets
    ) AS newest
    WHERE offer.account_id = %(account)s AND offer.id = ANY(%(offers)s)
"""


def covered_by(account: Account, offers: Iterable[Offer], *, hidden: bool = True) -> Mapping[int, Covered]:
    """What each of some offers of an account covers, by the offer's id; of tickets, the newest are looked at.

    Not `hidden`: without the tickets that only members may see.
    """
    with connection.cursor() as cursor:
        ids = [offer.pk for offer in offers]
        cursor.execute(_COVERED, {"account": account.pk, "offers": ids, "read": READ, "hidden": hidden})
        return {
            offer: Covered(pages, tickets, has_more=number == READ)
            for offer, pages, tickets, number in cursor.fetchall()
        }


def offer_sentence(offer: Offer, covered: Covered) -> str:
    """An offer (with its account) as one plain sentence."""
    if not covered.pages and not covered.tickets:
        if offer.kind == OfferKind.DISCOUNT:
            return _(
                "It doesn’t include any tickets yet. Edit the offer to choose which tickets members get a discount on."
            )
        return _(
            "It doesn’t include any tickets yet. Edit the offer to choose which exclusive tickets members can book."
        )
    named = name_covered(offer, covered.pages, covered.tickets, has_more=covered.has_more)
    return describe_offer(offer, covered=named)
