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

from memberships.public.shelf import Way
from offers.eligibility import Ask, Attendee, Reason, Verdict, decide, judge
from offers.messages import explain, uses_left
from offers.models import Offer
from tickets.booking import Wanted
from tickets.facts import Facts, Person
from tickets.models import Entry, Ticket
from tickets.public.choice import Choice
from tickets.public.doors import Doors, doors_of, is_owed
from tickets.public.forms import BookerForm, ConfirmForm, PlaceForm
from tickets.public.wording import after_period, terms

BY_PERSON: Final = frozenset(
    {Reason.ALREADY_BOOKED, Reason.PERSONAL_USE_ONLY, Reason.TOO_MANY_FOR_EVENT, Reason.LIMIT_REACHED}
)
"""Refusals that may depend on who the ticket is for."""


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
    """The choice at an entry by a person, judged at `now`, with what they typed so far.

    `data` is a form to check; `typed` only fills the fields again.
    """

    def __init__(
        self,
        entry: Entry,
        who: Person,
        facts: Facts,
        choice: Choice,
        *,
        now: datetime,
        data: QueryDict | None = None,
        typed: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.entry, self.who, self.facts, self.choice, self.now = entry, who, facts, choice, now
        self.key: UUID = uuid4()
        self.problem = ""
        self.refused: Sequence[Verdict] = ()
        self.confirm = ConfirmForm(data)
        known = {"email": who.address, "name": who.name}
        self.booker = BookerForm(data, who=who, prefix="booker", initial=_filled(known, typed, "booker"))
        self._tickets = [ticket for ticket in facts.visible for _ in range(choice.counts.get(ticket.pk, 0))]
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

    @property
    def charged(self) -> str:
        """The offers that would be charged, line by line: when this changes, the customer is asked again."""
        return ",".join(str(verdict.offer or "") for verdict in self.verdicts)

    @property
    def stands(self) -> bool:
        """Whether all of it can be booked, on the terms that the customer saw."""
        return self.can_book and self.charged == self.confirm.cleaned_data.get("charged", "")

    @property
    def can_book(self) -> bool:
        """Whether all of it can be booked."""
        return all(verdict.allowed for verdict in self.verdicts)

    @property
    def possible(self) -> Choice:
        """As much of the choice as can be booked."""
        pairs = zip(self._tickets, self.verdicts, strict=True)
        return Choice(Counter(ticket.pk for ticket, verdict in pairs if verdict.allowed))

    @property
    def wanted(self) -> list[Wanted]:
        """What a valid order asks to be booked."""
        return [
            Wanted(ticket=ask.ticket, name=name, email=email, attendee=ask.attendee)
            for ask, (name, email) in zip(self.asks, self._people(), strict=True)
        ]

    @property
    def places(self) -> list[Place]:
        """The lines, as the page shows them."""
        verdicts = _counting_down(self.refused or self.verdicts)
        numbers = Counter[int]()
        said = [(verdict.reason, verdict.offer) for verdict in verdicts]
        found = []
        for index, (ticket, form) in enumerate(zip(self._tickets, self.forms, strict=True)):
            numbers[ticket.pk] += 1
            first = said.index(said[index]) == index
            found.append(self._place(ticket, numbers[ticket.pk], form, verdicts[index], first=first))
        return found

    def _place(self, ticket: Ticket, number: int, form: PlaceForm, verdict: Verdict, *, first: bool) -> Place:
        ways = () if verdict.allowed else self.doors.of(ticket)
        zone, address = self.entry.account.zone, "" if is_owed(ways) else self.who.address
        return Place(
            ticket=ticket,
            number=number,
            of=self.choice.counts[ticket.pk],
            form=form,
            fixed=self._is_personal(ticket) and form.attendee is Attendee.SELF,
            verdict=verdict,
            sentence="" if verdict.allowed else explain(verdict, zone=zone, address=address),
            offer=self.facts.offers.get(verdict.offer) if verdict.allowed and verdict.offer else None,
            ways=ways if first else (),
            first=first,
        )

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
