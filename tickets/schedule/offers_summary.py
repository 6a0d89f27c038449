"""A group’s offers and the exclusive tickets it opens, as an operator reads them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from groups.models import Group
from offers.messages import describe_offer, name_covered
from offers.models import Offer, OfferKind
from offers.queries import offers_of
from tickets.models import Coverage, Ticket
from tickets.schedule.exclusive_tickets import exclusive_tickets_with_entries


@dataclass(frozen=True, slots=True)
class OfferCard:
    """An offer as the page lists it: its number there, and its terms as one sentence."""

    number: int
    offer: Offer
    sentence: str


@dataclass(frozen=True, slots=True)
class ExclusiveTicketRow:
    """An exclusive ticket of the group, and the offers (their numbers) that cover it: those enabled, those not."""

    ticket: Ticket
    enabled: Sequence[int]
    disabled: Sequence[int]


@dataclass(frozen=True, slots=True)
class OffersSummary:
    """A group's offers and exclusive tickets."""

    offers: Sequence[OfferCard]
    tickets: Sequence[ExclusiveTicketRow]

    @property
    def are_alternatives(self) -> bool:
        """Whether more than one offer may open the same ticket."""
        return sum(card.offer.kind == OfferKind.EXCLUSIVE for card in self.offers) > 1

    @property
    def has_discounts(self) -> bool:
        """Whether any offer makes tickets cheaper."""
        return any(card.offer.kind == OfferKind.DISCOUNT for card in self.offers)

    @property
    def uncovered(self) -> int:
        """How many exclusive tickets no enabled offer covers: nobody can book them through this group."""
        return sum(not opened.enabled for opened in self.tickets)


def summarise_offers(group: Group, *, now: datetime) -> OffersSummary:
    """Read a group's offers and exclusive tickets in a fixed number of queries."""
    coverage = Prefetch("coverage", Coverage.objects.select_related("ticket").order_by("pk"))
    offers = list(offers_of(group).prefetch_related(coverage))
    for offer in offers:
        offer.account = group.account
    tickets = list(exclusive_tickets_with_entries(group, now=now))
    pages = {page.pk: page.title for page in group.account.pages.all()}
    named = {ticket.pk: ticket.name for ticket in tickets}
    cards = [
        OfferCard(
            number, offer, offer_sentence(offer, offer.coverage.all(), pages=pages, tickets=named | _named(offer))
        )
        for number, offer in enumerate(offers, start=1)
    ]
    return OffersSummary(cards, [_opened(ticket, cards) for ticket in tickets])


def offer_sentence(
    offer: Offer, coverage: Iterable[Coverage], *, pages: Mapping[int, str], tickets: Mapping[int, str]
) -> str:
    """An offer as one plain sentence; `pages` and `tickets` give the titles of what it may cover."""
    rows = list(coverage)
    on_pages = [pages[row.page_id] for row in rows if row.page_id and row.page_id in pages]
    selected = [tickets[row.ticket_id] for row in rows if row.ticket_id and row.ticket_id in tickets]
    if not on_pages and not selected:
        if offer.kind == OfferKind.DISCOUNT:
            return _(
                "It doesn’t include any tickets yet. Edit the offer to choose which tickets members get a discount on."
            )
        return _(
            "It doesn’t include any tickets yet. Edit the offer to choose which exclusive tickets members can book."
        )
    return describe_offer(offer, covered=name_covered(offer, on_pages, selected))


def _named(offer: Offer) -> dict[int, str]:
    """The tickets that a discount was given for, as far as they are still on sale."""
    if offer.kind != OfferKind.DISCOUNT:
        return {}
    tickets = [row.ticket for row in offer.coverage.all() if row.ticket]
    return {ticket.pk: ticket.name for ticket in tickets if ticket.retired_at is None}


def _opened(ticket: Ticket, cards: Sequence[OfferCard]) -> ExclusiveTicketRow:
    covering = [
        card
        for card in cards
        if card.offer.kind == OfferKind.EXCLUSIVE
        and any(row.ticket_id == ticket.pk or row.page_id == ticket.series.page_id for row in card.offer.coverage.all())
    ]
    return ExclusiveTicketRow(
        ticket,
        enabled=[card.number for card in covering if card.offer.enabled],
        disabled=[card.number for card in covering if not card.offer.enabled],
    )
