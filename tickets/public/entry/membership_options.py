"""The memberships on sale that open exclusive tickets, told beneath them to whoever is not in."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from accounts.models import Customer, SchedulePage
from memberships.public.membership_cards import Way, way
from memberships.queries import opening
from tickets.availability.facts import Facts, Person
from tickets.models import Ticket
from tickets.public.schedule.listing import Line


@dataclass(frozen=True, slots=True)
class Doors:
    """What opens tickets to a visitor who stands in the groups `standing`, by group (id)."""

    standing: AbstractSet[int]
    ways: Mapping[int, Sequence[Way]]

    @property
    def all(self) -> tuple[Way, ...]:
        """All of it, by title."""
        return _ordered(self.ways.values())

    def of(self, ticket: Ticket) -> tuple[Way, ...]:
        """What opens a ticket (with `group_ids`), by title: nothing where it is for everybody or they are in.

        Where they have a membership that would, nothing else.
        """
        if not ticket.exclusive or not self.standing.isdisjoint(_group_ids(ticket)):
            return ()
        found = _ordered(self.ways.get(group, ()) for group in _group_ids(ticket))
        return tuple(each for each in found if each.theirs) or found

    def of_line(self, line: Line) -> tuple[Way, ...]:
        """What opens an entry that is for members only: nothing where any of its tickets is open to them."""
        if not line.members_only or any(not self.standing.isdisjoint(_group_ids(ticket)) for ticket in line.tickets):
            return ()
        return _ordered(self.of(ticket) for ticket in line.tickets)


def doors(
    tickets: Iterable[Ticket], standing: AbstractSet[int], page: SchedulePage, customer: Customer | None
) -> Doors:
    """What a page (with its account and connection) sells that opens tickets which a visitor may know of.

    One statement; none where they may have all of them or the page can sell nothing.
    """
    shut = [_group_ids(ticket) for ticket in tickets if ticket.exclusive]
    groups = {group for group_ids in shut if standing.isdisjoint(group_ids) for group in group_ids}
    found = opening(groups, page, customer)
    return Doors(standing, {group: [way(each, page) for each in sold] for group, sold in found.items()})


def is_owed(ways: Sequence[Way]) -> bool:
    """Whether what opens it is a membership that the visitor has, and that waits for a payment."""
    return any(way.theirs for way in ways)


def doors_of(facts: Facts, page: SchedulePage, who: Person) -> Doors:
    """The same from the facts of an entry and a person."""
    footings = facts.situation.visitor.footings
    standing = {group for group, footing in footings.items() if footing.stands_now}
    return doors(facts.visible, standing, page, who.customer)


def to_add(found: Iterable[Sequence[Way]]) -> list[Way]:
    """Of what opens the tickets of a page, what can be put into a basket at once: each once, at its only price."""
    return list({way.price: way for ways in found for way in ways if not way.theirs and not way.several}.values())


def _ordered(ways: Iterable[Sequence[Way]]) -> tuple[Way, ...]:
    return tuple(sorted({each for found in ways for each in found}, key=lambda each: (each.title, each.url)))


def _group_ids(ticket: Ticket) -> list[int]:
    found: list[int] = ticket.group_ids  # type: ignore[attr-defined]
    return found
