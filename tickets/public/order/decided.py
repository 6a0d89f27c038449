"""What is decided of an order: what the rule says of each line, what it costs, and whether it can be booked so."""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.http import QueryDict

from accounts.models import PaysAtStudio
from offers.eligibility import Ask, Attendee, Reason, Verdict, judge, judge_order
from tickets.models import Ticket, TicketCost
from tickets.money.pricing import LineItem, Quote, quote_items
from tickets.public.entry.entry_context import EntryContext
from tickets.public.order.asked import AskedOrder, read_asked_order
from tickets.public.order.booked_before import BookedBefore, find_booked_before
from tickets.public.order.choice import Choice

LONGEST: Final = 10
"""No amount has more digits."""


@dataclass(frozen=True, kw_only=True)
class DecidedOrder:
    """An order as it was asked, the facts that it was judged by, and what came of it, line by line."""

    asked: AskedOrder
    seen: EntryContext
    verdicts: Sequence[Verdict]
    """What the rule says."""
    quotes: Sequence[Quote]
    """What each line costs; the discounts go to those that can be booked."""
    personal: AbstractSet[int]
    """The tickets (ids) that only the member themselves may take."""
    booked_before: BookedBefore | None = None
    """What they booked of the same lately."""

    @property
    def can_book(self) -> bool:
        """Whether all of it can be booked."""
        return all(verdict.allowed for verdict in self.verdicts)

    @property
    def stands(self) -> bool:
        """Whether all of it can be booked, on the terms that the customer saw."""
        return self.can_book and self.terms_version == self.asked.terms_seen

    @property
    def terms_version(self) -> str:
        """What would be charged, line by line, offers and amounts: when this changes, the customer is asked again."""
        lines = zip(self.asked.tickets, self.verdicts, self.quotes, strict=True)
        return ",".join(_charges(*line) for line in lines)

    @property
    def possible(self) -> Choice:
        """As much of the choice as can be booked."""
        return replace(possible_of(self.asked.tickets, self.verdicts), whose=self.asked.choice.whose)

    @property
    def costs(self) -> bool:
        """Whether any of it has a price, even if a discount leaves nothing of it: then it is bought in a basket."""
        return any(ticket.price for ticket in self.asked.tickets)

    @property
    def pays_now(self) -> bool:
        """Whether it goes straight on to payment: where it has a price and nothing else waits in the basket."""
        pays_online = self.seen.entry.account.takes_payments and self.studio_says != PaysAtStudio.ONLY
        return self.costs and not self.seen.basket_has_items and pays_online

    @property
    def studio_says(self) -> PaysAtStudio:
        """Whether the entry’s page lets customers pay at the studio."""
        return PaysAtStudio(self.seen.entry.page.pays_at_studio)

    @property
    def pays_at_studio(self) -> bool:
        """Whether it may be booked at once and paid at the studio: where it costs something, with nothing beside it."""
        return self.total > 0 and not self.seen.basket_has_items and self.studio_says != PaysAtStudio.OFF

    @property
    def needs_link(self) -> bool:
        """Whether it is booked only by a link that is sent to the address: the studio asks guests for it."""
        return self.seen.entry.account.confirms_free_bookings and not self.seen.who.proved and not self.costs

    @property
    def says_free(self) -> bool:
        """Whether it may be said that there is nothing to pay: not of tickets that say nothing of money."""
        return any(ticket.cost != TicketCost.NONE for ticket in self.asked.tickets)

    @property
    def needs_basket(self) -> bool:
        """Whether the membership in the basket opens any of it: on its own it cannot be booked."""
        offers = self.seen.facts.offers
        groups = {offers[each.offer].group_id for each in self.verdicts if each.offer in offers}
        return not groups.isdisjoint(self.seen.basket_facts.opened_groups)

    @property
    def charged(self) -> int:
        """How many of the tickets use up some of an allowance."""
        offers = self.seen.facts.offers
        uses = (offers[each.offer].limit is not None for each in self.verdicts if each.offer in offers)
        return sum(uses) + sum(each.discount is not None and each.discount.left is not None for each in self.quotes)

    @property
    def total(self) -> int:
        """What all of it costs, in minor units."""
        return sum(quote.amount for quote in self.quotes)

    @property
    def saved(self) -> int:
        """What the discounts save, in minor units."""
        return sum(quote.price - quote.amount for quote in self.quotes)

    def as_new_form(self) -> "DecidedOrder":
        """The same once more, for a customer who means to book it again."""
        return replace(self, asked=self.asked.as_new_form())


def read_order(seen: EntryContext, data: QueryDict, *, sent: bool, now: datetime) -> DecidedOrder:
    """The order that a visitor asks for, decided at an aware instant. `sent`: to be booked, and not only shown."""
    personal = _personal_tickets(seen, now=now)
    asked = read_asked_order(seen, data, usual=_usual_attendees(seen, personal), sent=sent)
    verdicts = judge_order(seen.facts.situation, asked.asks, now=now)
    quotes = _quote_lines(asked, seen, verdicts, now=now)
    before = find_booked_before(seen, asked, now=now)
    return DecidedOrder(
        asked=asked, seen=seen, verdicts=verdicts, quotes=quotes, personal=personal, booked_before=before
    )


def possible_of(tickets: Sequence[Ticket], verdicts: Sequence[Verdict]) -> Choice:
    """As much of the chosen tickets as can be booked."""
    pairs = zip(tickets, verdicts, strict=True)
    return Choice(Counter(ticket.pk for ticket, verdict in pairs if verdict.allowed))


def charged_amounts(terms_version: str) -> list[int | None]:
    """The amounts that a `terms_version` says, line by line; none where it says whatever a browser sent instead."""
    return [_amount(charges) for charges in terms_version.split(",")]


def _personal_tickets(seen: EntryContext, *, now: datetime) -> set[int]:
    return {
        ticket
        for ticket in {each.pk for each in seen.chosen_tickets}
        if judge(seen.facts.situation, Ask(ticket, Attendee.GUEST), now=now).reason is Reason.PERSONAL_USE_ONLY
    }


def _usual_attendees(seen: EntryContext, personal: AbstractSet[int]) -> list[Attendee]:
    """The customer comes once, by default: with a member's ticket where there is one."""
    tickets = seen.chosen_tickets
    has_exclusive = any(ticket.exclusive for ticket in tickets)
    attends = seen.facts.situation.visitor.attends
    found = []
    for ticket in tickets:
        mine = ticket.pk in personal or (ticket.exclusive >= has_exclusive and not attends)
        attends = attends or mine
        found.append(Attendee.SELF if mine else Attendee.GUEST)
    return found


def _quote_lines(
    asked: AskedOrder, seen: EntryContext, verdicts: Sequence[Verdict], *, now: datetime
) -> Sequence[Quote]:
    quotes = [Quote(price=ticket.price, amount=ticket.price) for ticket in asked.tickets]
    can = [index for index, verdict in enumerate(verdicts) if verdict.allowed]
    if can:
        items = [
            LineItem(
                entry=seen.entry,
                ticket=asked.tickets[index],
                is_for_booker=asked.attendees[index].attendee is Attendee.SELF,
            )
            for index in can
        ]
        found = quote_items(items, seen.who.customer, now=now, opens=seen.basket_facts.opened_groups)
        for index, quote in zip(can, found, strict=True):
            quotes[index] = quote
    return quotes


def _charges(ticket: Ticket, verdict: Verdict, quote: Quote) -> str:
    """What is charged for one line: the offer of an exclusive ticket, and of a price the amount and its discount."""
    offer = str(verdict.offer or "")
    return f"{offer}:{quote.amount}:{quote.discount.offer.pk if quote.discount else ''}" if ticket.price else offer


def _amount(charges: str) -> int | None:
    """The amount in what `_charges` wrote."""
    _offer, *rest = charges.split(":")
    if not rest:
        return 0
    return int(rest[0]) if rest[0].isascii() and rest[0].isdecimal() and len(rest[0]) <= LONGEST else None
