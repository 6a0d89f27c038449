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
from memberships.public.membership_cards import Way
from offers.eligibility import Ask, Attendee, Reason, Verdict, decide, judge
from offers.messages import explain, uses_left
from offers.models import Offer
from tickets.booking.book import Wanted, seat_of_form
from tickets.models import Cost, Ticket
from tickets.money.pricing import Item, Quote, quote
from tickets.public.entry.entry_context import AtEntry
from tickets.public.entry.membership_options import Doors, doors_of, is_owed
from tickets.public.order.choice import Choice
from tickets.public.order.forms import BookerForm, ConfirmForm, PlaceForm
from tickets.public.phrases import after_period, terms
from tickets.public.prices import SILENT, PriceTag, priced, tags

BY_PERSON: Final = frozenset(
    {Reason.ALREADY_BOOKED, Reason.PERSONAL_USE_ONLY, Reason.TOO_MANY_FOR_EVENT, Reason.LIMIT_REACHED}
)
"""Refusals that may depend on who the ticket is for."""
LONGEST: Final = 10
"""No amount has more digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One line of the order: a ticket, who takes it, and the verdict. `fixed`: only the member may take it."""

    ticket: Ticket
    number: int
    of: int
    form: PlaceForm
    fixed: bool
    verdict: Verdict
    sentence: str
    offer: Offer | None
    ways: Sequence[Way]
    """The memberships that open it to them."""
    first: bool
    """Whether it is the first with this refusal, or with this offer: the others do not repeat what is said of it."""
    tag: PriceTag
    """What it costs."""
    first_off: bool
    """Whether it is the first with this discount."""
    changed: str
    """How that differs from what the customer saw; empty where it does not."""

    @property
    def terms(self) -> str:
        """The offer that is charged."""
        return terms(self.offer) if self.offer else ""

    @property
    def afresh(self) -> str:
        """Where the schedule goes on with events of a new usage period."""
        return after_period(self.verdict)

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
        seen: AtEntry,
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
        return decide(self.facts.situation, self.asks, now=self.now)

    @cached_property
    def doors(self) -> Doors:
        """The memberships that open what cannot be booked."""
        return doors_of(self.facts, self.entry.page, self.who)

    @cached_property
    def quotes(self) -> Sequence[Quote]:
        """What each line costs; the discounts go to those that can be booked."""
        plain = [Quote(price=ticket.price, amount=ticket.price) for ticket in self._tickets]
        can = [index for index, verdict in enumerate(self.verdicts) if verdict.allowed]
        items = [
            Item(entry=self.entry, ticket=self._tickets[index], own=self.forms[index].attendee is Attendee.SELF)
            for index in can
        ]
        if items:
            found = quote(items, self.who.customer, now=self.now, opens=self.seen.held.opens)
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
        return any(ticket.cost != Cost.NONE for ticket in self._tickets)

    @property
    def needs_basket(self) -> bool:
        """Whether the membership in the basket opens any of it: on its own it cannot be booked."""
        groups = {self.facts.offers[each.offer].group_id for each in self.verdicts if each.offer in self.facts.offers}
        return not groups.isdisjoint(self.seen.held.opens)

    @property
    def charged(self) -> str:
        """What would be charged, line by line, offers and amounts: when this changes, the customer is asked again."""
        return ",".join(_charges(*each) for each in zip(self._tickets, self.verdicts, self.quotes, strict=True))

    @property
    def stands(self) -> bool:
        """Whether all of it can be booked, on the terms that the customer saw."""
        return self.can_book and self.charged == self.confirm.cleaned_data.get("charged", "")

    @property
    def can_book(self) -> bool:
        """Whether all of it can be booked."""
        return all(verdict.allowed for verdict in self.verdicts)

    @property
    def seats(self) -> list[UUID]:
        """The uuids of the seats that this form makes."""
        return [seat_of_form(self.key, number) for number in range(len(self._tickets))]

    @property
    def possible(self) -> Choice:
        """As much of the choice as can be booked."""
        pairs = zip(self._tickets, self.verdicts, strict=True)
        return Choice(Counter(ticket.pk for ticket, verdict in pairs if verdict.allowed))

    @property
    def wanted(self) -> list[Wanted]:
        """What a valid order asks to be booked."""
        return [
            Wanted(ticket=ask.ticket, name=name, email=email, attendee=ask.attendee, own=form.attendee is Attendee.SELF)
            for ask, form, (name, email) in zip(self.asks, self.forms, self._people(), strict=True)
        ]

    @property
    def places(self) -> list[Place]:
        """The lines, as the page shows them."""
        lines = _Lines(_counting_down(self.refused or self.verdicts), tags(self._tickets, self.quotes, self._account))
        numbers = Counter[int]()
        found = []
        for index, ticket in enumerate(self._tickets):
            numbers[ticket.pk] += 1
            found.append(self._place(ticket, numbers[ticket.pk], index, lines))
        return found

    @property
    def _account(self) -> Account:
        return self.entry.account

    def _place(self, ticket: Ticket, number: int, index: int, lines: "_Lines") -> Place:
        verdict, form, first = lines.verdicts[index], self.forms[index], lines.is_first(index)
        ways = () if verdict.allowed else self.doors.of(ticket)
        zone, address = self._account.zone, "" if is_owed(ways) else self.who.address
        said = explain(verdict, zone=zone, address=address, in_basket=self.seen.here)
        return Place(
            ticket=ticket,
            number=number,
            of=self.choice.counts[ticket.pk],
            form=form,
            fixed=self._is_personal(ticket) and form.attendee is Attendee.SELF,
            verdict=verdict,
            sentence="" if verdict.allowed else said,
            offer=self.facts.offers.get(verdict.offer) if verdict.allowed and verdict.offer else None,
            ways=ways if first else (),
            first=first,
            tag=lines.tags[index] if verdict.allowed else SILENT,
            first_off=lines.is_first_off(index),
            changed=self._changed(index),
        )

    def _changed(self, index: int) -> str:
        """What a line cost on the page that the form came from, where it costs something else now."""
        seen = self.confirm.data.get("charged", "").split(",") if self.confirm.is_bound else []
        if not self.verdicts[index].allowed or len(seen) != len(self._tickets):
            return ""
        before, now = _amount(seen[index]), self.quotes[index].amount
        if before is None or before == now:
            return ""
        known = {"now": priced(now, self._account), "before": priced(before, self._account)}
        if not now:
            return _("It is free now. Before it was %(before)s.") % known
        if not before:
            return _("It costs %(now)s now. Before it was free.") % known
        return _("It costs %(now)s now. Before it was %(before)s.") % known

    def _people(self) -> Iterator[tuple[str, str]]:
        """Name and address of whoever comes, place by place."""
        for form in self.forms:
            typed = form.cleaned_data
            yield self.booker.booker if form.attendee is Attendee.SELF else (typed["name"], typed["email"])

    def _is_personal(self, ticket: Ticket) -> bool:
        asked = judge(self.facts.situation, Ask(ticket.pk, Attendee.GUEST), now=self.now)
        return asked.reason is Reason.PERSONAL_USE_ONLY

    def _forms(self, data: QueryDict | None, typed: Mapping[str, str]) -> Iterator[PlaceForm]:
        numbers = Counter[int]()
        attends = self.facts.situation.visitor.attends
        for ticket in self._tickets:
            numbers[ticket.pk] += 1
            mine = self._is_personal(ticket) or (ticket.exclusive >= self._has_exclusive and not attends)
            # The customer comes once, by default: with a member's ticket where there is one.
            attends = attends or mine
            prefix = f"t{ticket.pk}-{numbers[ticket.pk]}"
            usual = {"who": (Attendee.SELF if mine else Attendee.GUEST).value, "name": "", "email": ""}
            yield PlaceForm(data, prefix=prefix, me=self.who.name, initial=_filled(usual, typed, prefix))

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
