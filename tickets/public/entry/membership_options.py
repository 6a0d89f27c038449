"""The memberships on sale that open exclusive tickets, shown beneath them to anyone who is not in."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from accounts.models import Customer, SchedulePage
from bookwhen.fastpath.kept_html import KeptHtml
from memberships.opening import OpeningMembership, OpeningRows, memberships_opening, opening_rows
from memberships.phrases import price_text
from tickets.annotated import TicketAtEntry
from tickets.availability.facts import Facts, Person
from tickets.public.schedule.listing import EntryLine


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipOption:
    """A membership that opens a ticket: its title, its page, what it costs at least, and whether it may cost more.

    `price` is the uuid of the cheapest. `theirs`: the visitor has it, though it lets them in only once it is paid; its
    page is then their own.
    """

    title: str
    url: str
    cost: str
    several: bool
    theirs: bool
    price: str


_OPTIONS: Final = KeptHtml[Mapping[int, Sequence[MembershipOption]]](1000)


@dataclass(frozen=True, slots=True)
class MembershipOptions:
    """What opens tickets to a visitor who stands in the groups `standing`, by group (id)."""

    standing: AbstractSet[int]
    by_group: Mapping[int, Sequence[MembershipOption]]

    @property
    def all(self) -> tuple[MembershipOption, ...]:
        """All of it, by title."""
        return _ordered(self.by_group.values())

    def for_ticket(self, ticket: TicketAtEntry) -> tuple[MembershipOption, ...]:
        """What opens a ticket (with `group_ids`), by title: nothing where it is for everybody or they are in.

        Where they have a membership that would, nothing else.
        """
        if not ticket.exclusive or not self.standing.isdisjoint(ticket.group_ids):
            return ()
        found = _ordered(self.by_group.get(group, ()) for group in ticket.group_ids)
        return tuple(each for each in found if each.theirs) or found

    def for_line(self, line: EntryLine) -> tuple[MembershipOption, ...]:
        """What opens an entry that is for members only: nothing where any of its tickets is open to them."""
        if not line.members_only or any(not self.standing.isdisjoint(ticket.group_ids) for ticket in line.tickets):
            return ()
        return _ordered(self.for_ticket(ticket) for ticket in line.tickets)


def load_membership_options(
    tickets: Iterable[TicketAtEntry], standing: AbstractSet[int], page: SchedulePage, customer: Customer | None
) -> MembershipOptions:
    """What a page (with its account and connection) sells that opens tickets which a visitor may know of.

    One statement; none where they may have all of them or the page can sell nothing.
    """
    shut = [ticket.group_ids for ticket in tickets if ticket.exclusive]
    groups = {group for group_ids in shut if standing.isdisjoint(group_ids) for group in group_ids}
    rows = opening_rows(groups, page, customer)
    if not rows:
        return MembershipOptions(standing, {})
    # All that is told of them.
    says = (rows, page.slug, page.account.locale)
    return MembershipOptions(standing, _OPTIONS.get(says, lambda: _tell(rows, page)))


def _tell(rows: OpeningRows, page: SchedulePage) -> Mapping[int, Sequence[MembershipOption]]:
    found = memberships_opening(rows)
    return {group: [membership_option(each, page) for each in sold] for group, sold in found.items()}


def membership_option(found: OpeningMembership, page: SchedulePage) -> MembershipOption:
    """How a membership is told of beneath a ticket that it opens."""
    membership, prices = found.membership, found.prices
    own = found.subscription and reverse("my_membership", kwargs={"subscription": found.subscription})
    return MembershipOption(
        title=membership.title,
        url=own or reverse("public:membership", kwargs={"page": page.slug, "pk": membership.pk}),
        cost=price_text(prices[0], page.account.locale),
        several=len(prices) > 1,
        theirs=found.subscription is not None,
        price=str(prices[0].uuid),
    )


def is_payment_due(ways: Sequence[MembershipOption]) -> bool:
    """Whether what opens it is a membership that the visitor has, and that waits for a payment."""
    return any(way.theirs for way in ways)


def membership_options_for(facts: Facts, page: SchedulePage, who: Person) -> MembershipOptions:
    """The same from the facts of an entry and a person; nothing for who books for another: it would be their own."""
    if who.booked_by is not None:
        return MembershipOptions(frozenset(), {})
    group_standings = facts.situation.visitor.group_standings
    standing = {group for group, found in group_standings.items() if found.stands_now}
    return load_membership_options(facts.visible, standing, page, who.customer)


def options_to_add(found: Iterable[Sequence[MembershipOption]]) -> list[MembershipOption]:
    """Of what opens the tickets of a page, what can be put into a basket at once: each once, at its only price."""
    return list({way.price: way for ways in found for way in ways if not way.theirs and not way.several}.values())


def _ordered(ways: Iterable[Sequence[MembershipOption]]) -> tuple[MembershipOption, ...]:
    return tuple(sorted({each for found in ways for each in found}, key=lambda each: (each.title, each.url)))
