"""An order on its way to being confirmed: what was chosen and typed, and what the rule says to it now."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Final
from uuid import UUID, uuid4

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import Account
from offers.eligibility import Ask, Attendee, Reason, Verdict, judge, judge_order
from offers.messages import explain, uses_left
from offers.models import Offer
from tickets.booking.book import WantedTicket, seat_uuid
from tickets.models import Ticket, TicketCost
from tickets.money.pricing import LineItem, Quote, quote_items
from tickets.public.entry.entry_context import EntryContext
from tickets.public.entry.membership_options import (
    MembershipOption,
    MembershipOptions,
    is_payment_due,
    membership_options_for,
)
from tickets.public.order.choice import Choice
from tickets.public.order.forms import AttendeeForm, BookerForm, ConfirmForm
from tickets.public.phrases import next_period_query, offer_terms_text
from tickets.public.prices import SILENT, PriceTag, format_price, price_tags

BY_PERSON: Final = frozenset(
    {Reason.ALREADY_BOOKED, Reason.PERSONAL_USE_ONLY, Reason.TOO_MANY_FOR_EVENT, Reason.LIMIT_REACHED}
)
"""Refusals that may depend on who the ticket is for."""
LONGEST: Final = 10
"""No amount has more digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line of the order: a ticket, who takes it, and the verdict. `fixed`: only the member may take it."""

    ticket: Ticket
    number: int
    of: int
    form: AttendeeForm
    fixed: bool
    verdict: Verdict
    sentence: str
    offer: Offer | None
    membership_options: Sequence[MembershipOption]
    """The memberships that open it to them."""
    first: bool
    """Whether it is the first with this refusal, or with this offer: the others do not repeat what is said of it."""
    price_tag: PriceTag
    """What it costs."""
    first_off: bool
    """Whether it is the first with this discount."""
    changed: str
    """How that differs from what the customer saw; empty where it does not."""

    @property
    def terms(self) -> str:
        """The offer that is charged."""
        return offer_terms_text(self.offer) if self.offer else ""

    @property
    def next_period(self) -> str:
        """Where the schedule goes on with events of a new usage period."""
        return next_period_query(self.verdict)

    @property
    def asks_who(self) -> bool:
        """Whether who comes is still asked: not where no answer could open the ticket."""
        return self.verdict.allowed or self.verdict.reason in BY_PERSON

    @property
    def remains(self) -> str:
        """What that offer has left after this ticket."""
        return uses_left(self.verdict)


class Order:
    """The choice of a visitor at an entry, judged at `now`, with what they typed so far.

    `data` is a form to check; `typed` only fills the fields again.
    """

    def __init__(
        self,
        seen: EntryContext,
        *,
        now: datetime,
        data: QueryDict | None = None,
        typed: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.seen, self.now = seen, now
        self.entry, self.who, self.facts, self.choice = seen.entry, seen.who, seen.facts, seen.choice
        self.key: UUID = uuid4()
        self.problem = ""
        self.to_basket = False
        """Whether the way out of the problem is in the basket."""
        self.refused: Sequence[Verdict] = ()
        self.confirm = ConfirmForm(data)
        self.booker = BookerForm(data, who=self.who, prefix="booker", initial=_filled(seen.booker, typed, "booker"))
        self._tickets = [ticket for ticket in self.facts.visible for _ in range(self.choice.counts.get(ticket.pk, 0))]
        self.forms = list(self._forms(data, typed))
        if self.confirm.is_valid():
            self.key = self.confirm.cleaned_data["key"]

    def is_valid(self) -> bool:
        """Whether everything that was asked for was typed."""
        return all(form.is_valid() for form in (self.confirm, self.booker, *self.forms))

    @property
    def errors(self) -> bool:
        """Whether a form has something to say."""
        return any(form.errors for form in (self.booker, *self.forms))

    @property
    def asks(self) -> list[Ask]:
        """What the rule is asked; of ordinary tickets it need not know who comes, so that the last ones run out."""
        return [
            Ask(ticket.pk, form.attendee if ticket.exclusive else Attendee.GUEST)
            for ticket, form in zip(self._tickets, self.forms, strict=True)
        ]

    @cached_property
    def verdicts(self) -> Sequence[Verdict]:
        """What the rule says now."""
        return judge_order(self.facts.situation, self.asks, now=self.now)

    @cached_property
    def membership_options(self) -> MembershipOptions:
        """The memberships that open what cannot be booked."""
        return membership_options_for(self.facts, self.entry.page, self.who)

    @cached_property
    def quotes(self) -> Sequence[Quote]:
        """What each line costs; the discounts go to those that can be booked."""
        plain = [Quote(price=ticket.price, amount=ticket.price) for ticket in self._tickets]
        can = [index for index, verdict in enumerate(self.verdicts) if verdict.allowed]
        items = [
            LineItem(
                entry=self.entry, ticket=self._tickets[index], is_for_booker=self.forms[index].attendee is Attendee.SELF
            )
            for index in can
        ]
        if items:
            found = quote_items(items, self.who.customer, now=self.now, opens=self.seen.basket_facts.opened_groups)
            for index, each in zip(can, found, strict=True):
                plain[index] = each
        return plain

    @property
    def costs(self) -> bool:
        """Whether any of it has a price, even if a discount leaves nothing of it: then it is bought in a basket."""
        return any(ticket.price for ticket in self._tickets)

    @property
    def total(self) -> int:
        """What all of it costs, in minor units."""
        return sum(each.amount for each in self.quotes)

    @property
    def saved(self) -> int:
        """What the discounts save, in minor units."""
        return sum(each.price - each.amount for each in self.quotes)

    @property
    def says_free(self) -> bool:
        """Whether it may be said that there is nothing to pay: not of tickets that say nothing of money."""
        return any(ticket.cost != TicketCost.NONE for ticket in self._tickets)

    @property
    def needs_basket(self) -> bool:
        """Whether the membership in the basket opens any of it: on its own it cannot be booked."""
        groups = {self.facts.offers[each.offer].group_id for each in self.verdicts if each.offer in self.facts.offers}
        return not groups.isdisjoint(self.seen.basket_facts.opened_groups)

    @property
    def terms_version(self) -> str:
        """What would be charged, line by line, offers and amounts: when this changes, the customer is asked again."""
        return ",".join(_charges(*each) for each in zip(self._tickets, self.verdicts, self.quotes, strict=True))

    @property
    def stands(self) -> bool:
        """Whether all of it can be booked, on the terms that the customer saw."""
        return self.can_book and self.terms_version == self.confirm.cleaned_data.get("terms_version", "")

    @property
    def can_book(self) -> bool:
        """Whether all of it can be booked."""
        return all(verdict.allowed for verdict in self.verdicts)

    @property
    def seats(self) -> list[UUID]:
        """The uuids of the seats that this form makes."""
        return [seat_uuid(self.key, number) for number in range(len(self._tickets))]

    @property
    def possible(self) -> Choice:
        """As much of the choice as can be booked."""
        pairs = zip(self._tickets, self.verdicts, strict=True)
        return Choice(Counter(ticket.pk for ticket, verdict in pairs if verdict.allowed))

    @property
    def wanted(self) -> list[WantedTicket]:
        """What a valid order asks to be booked."""
        return [
            WantedTicket(
                ticket=ask.ticket,
                name=name,
                email=email,
                attendee=ask.attendee,
                is_for_booker=form.attendee is Attendee.SELF,
            )
            for ask, form, (name, email) in zip(self.asks, self.forms, self._people(), strict=True)
        ]

    @property
    def places(self) -> list[OrderLine]:
        """The lines, as the page shows them."""
        lines = _Lines(
            _counting_down(self.refused or self.verdicts), price_tags(self._tickets, self.quotes, self._account)
        )
        numbers = Counter[int]()
        found = []
        for index, ticket in enumerate(self._tickets):
            numbers[ticket.pk] += 1
            found.append(self._place(ticket, numbers[ticket.pk], index, lines))
        return found

    @property
    def _account(self) -> Account:
        return self.entry.account

    def _place(self, ticket: Ticket, number: int, index: int, lines: "_Lines") -> OrderLine:
        verdict, form, first = lines.verdicts[index], self.forms[index], lines.is_first(index)
        ways = () if verdict.allowed else self.membership_options.for_ticket(ticket)
        zone, address = self._account.zone, "" if is_payment_due(ways) else self.who.address
        said = explain(verdict, zone=zone, address=address, in_basket=self.seen.basket_quantity)
        return OrderLine(
            ticket=ticket,
            number=number,
            of=self.choice.counts[ticket.pk],
            form=form,
            fixed=self._is_personal(ticket) and form.attendee is Attendee.SELF,
            verdict=verdict,
            sentence="" if verdict.allowed else said,
            offer=self.facts.offers.get(verdict.offer) if verdict.allowed and verdict.offer else None,
            membership_options=ways if first else (),
            first=first,
            price_tag=lines.tags[index] if verdict.allowed else SILENT,
            first_off=lines.is_first_off(index),
            changed=self._changed(index),
        )

    def _changed(self, index: int) -> str:
        """What a line cost on the page that the form came from, where it costs something else now."""
        seen = self.confirm.data.get("terms_version", "").split(",") if self.confirm.is_bound else []
        if not self.verdicts[index].allowed or len(seen) != len(self._tickets):
            return ""
        before, now = _amount(seen[index]), self.quotes[index].amount
        if before is None or before == now:
            return ""
        known = {"now": format_price(now, self._account), "before": format_price(before, self._account)}
        if not now:
            return _("This is now free. It was %(before)s.") % known
        if not before:
            return _("This now costs %(now)s. It was free.") % known
        return _("This now costs %(now)s. It was %(before)s.") % known

    def _people(self) -> Iterator[tuple[str, str]]:
        """Name and address of whoever comes, place by place."""
        for form in self.forms:
            typed = form.cleaned_data
            yield self.booker.booker if form.attendee is Attendee.SELF else (typed["name"], typed["email"])

    def _is_personal(self, ticket: Ticket) -> bool:
        asked = judge(self.facts.situation, Ask(ticket.pk, Attendee.GUEST), now=self.now)
        return asked.reason is Reason.PERSONAL_USE_ONLY

    def _forms(self, data: QueryDict | None, typed: Mapping[str, str]) -> Iterator[AttendeeForm]:
        numbers = Counter[int]()
        attends = self.facts.situation.visitor.attends
        for ticket in self._tickets:
            numbers[ticket.pk] += 1
            mine = self._is_personal(ticket) or (ticket.exclusive >= self._has_exclusive and not attends)
            # The customer comes once, by default: with a member's ticket where there is one.
            attends = attends or mine
            prefix = f"t{ticket.pk}-{numbers[ticket.pk]}"
            usual = {"who": (Attendee.SELF if mine else Attendee.GUEST).value, "name": "", "email": ""}
            yield AttendeeForm(data, prefix=prefix, me=self.who.name, initial=_filled(usual, typed, prefix))

    @property
    def _has_exclusive(self) -> bool:
        return any(ticket.exclusive for ticket in self._tickets)


@dataclass(frozen=True, slots=True)
class _Lines:
    """What is said of an order's lines, from the top."""

    verdicts: Sequence[Verdict]
    tags: Sequence[PriceTag]

    def is_first(self, index: int) -> bool:
        said = [(verdict.reason, verdict.offer) for verdict in self.verdicts]
        return said.index(said[index]) == index

    def is_first_off(self, index: int) -> bool:
        off = [(each.group, each.off, each.whom) for each in self.tags]
        return off.index(off[index]) == index


def _charges(ticket: Ticket, verdict: Verdict, quote: Quote) -> str:
    """What is charged for one line: the offer of an exclusive ticket, and of a price the amount and its discount."""
    offer = str(verdict.offer or "")
    return f"{offer}:{quote.amount}:{quote.discount.offer.pk if quote.discount else ''}" if ticket.price else offer


def _amount(charges: str) -> int | None:
    """The amount in what `_charges` wrote, or whatever a browser sent instead."""
    _offer, *rest = charges.split(":")
    if not rest:
        return 0
    return int(rest[0]) if rest[0].isascii() and rest[0].isdecimal() and len(rest[0]) <= LONGEST else None


def _counting_down(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts with the uses left as somebody counts who reads from the top; the rule looks at guests first."""
    left = defaultdict[int | None, list[int]](list)
    for verdict in verdicts:
        if verdict.allowed and verdict.uses_left is not None:
            left[verdict.offer].append(verdict.uses_left)
    for each in left.values():
        each.sort()
    return [
        replace(verdict, uses_left=left[verdict.offer].pop())
        if verdict.allowed and verdict.uses_left is not None
        else verdict
        for verdict in verdicts
    ]


def _filled(usual: Mapping[str, str], typed: Mapping[str, str], prefix: str) -> dict[str, str]:
    """What a form begins with: what was typed into it before, else the usual."""
    return {name: typed.get(f"{prefix}-{name}", value) for name, value in usual.items()}
