"""Gathering the facts that the rule judges by, in a fixed number of queries, for pages and services alike."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.access import customer_for, is_proved
from accounts.models import Account, Customer, User
from groups.models import Standing
from groups.queries import ruling_standing
from offers.eligibility import Allowance, Event, Footing, Situation, TicketFacts, Visitor
from offers.models import Audience, Offer, UsagePeriod
from offers.periods import local_day
from offers.uses import period_of
from tickets.models import Entry, Seat, Ticket
from tickets.queries import tickets_of


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks: a visitor with or without a login, and the account's customer they are proved to be, if any."""

    customer: Customer | None
    logged_in: bool
    proved: bool
    address: str = ""
    name: str = ""
    """What they are called, as far as the account or their login knows."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The situation at an entry, and the rows it was read from."""

    situation: Situation
    tickets: Sequence[Ticket]
    offers: dict[int, Offer]

    @property
    def visible(self) -> list[Ticket]:
        """The tickets whose existence this person may know of."""
        groups = {group for group, footing in self.situation.visitor.footings.items() if footing.stands_now}
        return [ticket for ticket in self.tickets if is_shown(ticket, groups)]


STRANGER = Person(None, logged_in=False, proved=False)


def person(account: Account, user: User | AnonymousUser) -> Person:
    """Who a request's user is to an account."""
    if not isinstance(user, User):
        return STRANGER
    customer = customer_for(user, account)
    proved = customer is not None or is_proved(user)
    name = (customer.name if customer else "") or user.name
    return Person(customer, logged_in=True, proved=proved, address=user.email, name=name)


def known_customer(customer: Customer) -> Person:
    """The person a customer is once logged in with their address proved (*Check access*)."""
    return Person(customer, logged_in=True, proved=True, address=customer.email, name=customer.name)


def gather(entry: Entry, who: Person, *, now: datetime) -> Facts:
    """Read everything the rule needs about an entry (with its `places` and `account`) and a person."""
    tickets = list(tickets_of(entry))
    groups = {group for ticket in tickets if ticket.exclusive for group in _group_ids(ticket)}
    standings = _standings(entry, who.customer, groups, now=now)
    offers = _offers(entry, who.customer, {standing.member.group_id for standing in standings})
    visitor = _visitor(entry, who, standings, offers, now=now)
    return Facts(
        situation=Situation(
            event=Event(
                starts_at=entry.starts_at,
                places_left=max(entry.places.capacity - entry.places.taken, 0),
                per_booking=entry.per_booking,
                cancelled=entry.cancelled_at is not None,
            ),
            tickets={ticket.pk: _ticket_facts(entry, ticket, offers.values()) for ticket in tickets},
            visitor=visitor,
        ),
        tickets=tickets,
        offers=offers,
    )


def is_shown(ticket: Ticket, groups: AbstractSet[int]) -> bool:
    """Whether a ticket (with `group_ids`) may be shown, listed and counted to someone who stands in these groups.

    A hidden exclusive ticket only to those it is for; a hidden ordinary one to nobody (DESIGN.md, *Who may see what*).
    """
    return ticket.shown or (ticket.exclusive and not groups.isdisjoint(_group_ids(ticket)))


def _group_ids(ticket: Ticket) -> list[int]:
    found: list[int] = ticket.group_ids  # type: ignore[attr-defined]
    return found


def _standings(entry: Entry, customer: Customer | None, groups: set[int], *, now: datetime) -> list[Standing]:
    """The customer's standings in these groups, each with `party` and `attends` (what they have at this entry)."""
    if customer is None or not groups:
        return []
    charged = Seat.objects.filter(entry=entry, customer=customer, cancelled_at__isnull=True, use__isnull=False)
    return list(
        Standing.objects.filter(
            Q(until__isnull=True) | Q(until__gt=now), member__customer=customer, member__group__in=groups
        )
        .select_related("member")
        .annotate(party=_count(charged), attends=Exists(charged.filter(member__isnull=False)))
    )


def _offers(entry: Entry, customer: Customer | None, groups: set[int]) -> dict[int, Offer]:
    """These groups' offers, each with what it covers, `used` in the entry's period and `here`, at this entry."""
    if customer is None or not groups:
        return {}
    day = local_day(entry.starts_at, entry.account.zone)
    period = UsagePeriod.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=day),
        offer=OuterRef("pk"),
        member__customer=customer,
        starts_on__lte=day,
    )
    charged = Seat.objects.filter(
        entry=entry, customer=customer, cancelled_at__isnull=True, use__period__offer=OuterRef("pk")
    )
    offers = (
        Offer.objects.filter(group__in=groups, enabled=True, deleted_at__isnull=True)
        .select_related("group")
        .annotate(
            page_ids=ArrayAgg("coverage__page", filter=Q(coverage__page__isnull=False), default=[]),
            ticket_ids=ArrayAgg("coverage__ticket", filter=Q(coverage__ticket__isnull=False), default=[]),
            used=Coalesce(Subquery(period.values("used")[:1]), 0),
            here=_count(charged),
        )
    )
    return {offer.pk: offer for offer in offers}


def _count(seats: QuerySet[Seat]) -> Coalesce:
    return Coalesce(Subquery(seats.order_by().values("entry").annotate(count=Count("pk")).values("count")), 0)


def _ticket_facts(entry: Entry, ticket: Ticket, offers: Iterable[Offer]) -> TicketFacts:
    opens = ticket.opens_minutes_before
    taken: int = ticket.taken or 0  # type: ignore[attr-defined]
    return TicketFacts(
        exclusive=ticket.exclusive,
        opens_at=None if opens is None else entry.starts_at - timedelta(minutes=opens),
        closes_at=entry.starts_at - timedelta(minutes=ticket.closes_minutes_before),
        places_left=None if ticket.capacity is None else max(ticket.capacity - taken, 0),
        groups=frozenset(_group_ids(ticket)),
        offers=frozenset(
            offer.pk
            for offer in offers
            if offer.group_id in _group_ids(ticket)
            and (entry.page_id in offer.page_ids or ticket.pk in offer.ticket_ids)  # type: ignore[attr-defined]
        ),
    )


def _visitor(
    entry: Entry, who: Person, standings: list[Standing], offers: dict[int, Offer], *, now: datetime
) -> Visitor:
    by_group = defaultdict[int, list[Standing]](list)
    for standing in standings:
        by_group[standing.member.group_id].append(standing)
    return Visitor(
        logged_in=who.logged_in,
        proved=who.proved,
        attends=any(standing.attends for standing in standings),  # type: ignore[attr-defined]
        party=max((standing.party for standing in standings), default=0),  # type: ignore[attr-defined]
        footings={group: _footing(entry, found, offers.values(), now=now) for group, found in by_group.items()},
    )


def _footing(
    entry: Entry,
    standings: list[Standing],
    offers: Iterable[Offer],
    *,
    now: datetime,
) -> Footing:
    ruling = ruling_standing(standings, now=now)
    member = standings[0].member
    day = local_day(entry.starts_at, entry.account.zone)
    ends = [standing.until for standing in standings]
    return Footing(
        stands_now=ruling is not None,
        stands_then=any(_holds(standing, entry.starts_at) for standing in standings),
        until=None if None in ends else max(end for end in ends if end),
        allowances=tuple(
            Allowance(
                offer=offer.pk,
                member=member.pk,
                personal=offer.audience == Audience.PERSONAL,
                party=offer.additional_attendees + 1,
                limit=offer.limit,
                period=period_of(offer, anchor=ruling.anchor, day=day),
                used=offer.used,  # type: ignore[attr-defined]
                here=offer.here,  # type: ignore[attr-defined]
            )
            for offer in offers
            if ruling is not None and offer.group_id == member.group_id
        ),
    )


def _holds(standing: Standing, instant: datetime) -> bool:
    return standing.since <= instant and (standing.until is None or instant < standing.until)
