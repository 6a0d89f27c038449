"""Gathering the facts that the rule judges by, in a fixed number of queries, for pages and services alike."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.access import customer_for, is_proved
from accounts.backends import others_of
from accounts.models import Account, Customer, User
from groups.models import Member, Standing
from groups.queries import ruling_standing
from memberships.pauses import is_waiting
from memberships.queries import resting_by_group
from offers.carrying import counted_offers
from offers.eligibility import Allowance, Event, GroupStanding, Pause, Situation, TicketFacts, Visitor
from offers.models import Audience, ExtraUses, Offer, OfferUse
from offers.periods import BillingAnchor, Counting, Period, local_day
from offers.queries import counting_by
from offers.uses import period_of
from tickets.annotated import OfferAtEntry, TicketAtEntry
from tickets.availability.reading import FactRows, read_fact_rows
from tickets.availability.waiting import FreePlaces
from tickets.models import Entry


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks: a visitor with or without a login, and the account's customer they are proved to be, if any."""

    customer: Customer | None
    logged_in: bool
    proved: bool
    address: str = ""
    name: str = ""
    """What they are called, as far as the account or their login knows."""
    asks_name: bool = True
    """Whether they are still to say what they are called: nobody has, or only somebody who typed it into a booking."""
    user: int | None = None
    """Their login (id)."""
    others: tuple[Customer, ...] = ()
    """Whom they can book for besides themselves: those whose emails they get."""
    booked_by: Customer | None = None
    """Who books for the customer, and gets their emails; none where they do so themselves."""

    def is_customer(self, customer: Customer) -> bool:
        """Whether they have proved to be this customer of the account."""
        return self.customer is not None and self.customer.pk == customer.pk


@dataclass(frozen=True, slots=True)
class BasketFacts:
    """What a basket adds to the facts: groups (ids) that its membership opens, and its tickets by entry (id)."""

    opened_groups: AbstractSet[int] = frozenset()
    tickets: Mapping[int, int] = field(default_factory=dict)


EMPTY_BASKET: Final = BasketFacts()


@dataclass(frozen=True, slots=True)
class Facts:
    """The situation at an entry, and the rows it was read from."""

    situation: Situation
    tickets: Sequence[TicketAtEntry]
    offers: dict[int, OfferAtEntry]

    @property
    def visible(self) -> list[TicketAtEntry]:
        """The tickets whose existence this person may know of."""
        groups = {group for group, footing in self.situation.visitor.group_standings.items() if footing.stands_now}
        return [ticket for ticket in self.tickets if is_ticket_visible(ticket, groups)]

    @property
    def is_misfiled(self) -> bool:
        """Whether uses are filed by what does not rule any more: a known end has passed, or an offer was replaced."""
        return any(
            not _is_filed(self.offers[allowance.offer], allowance.period)
            for footing in self.situation.visitor.group_standings.values()
            for allowance in footing.allowances
        )


ANONYMOUS = Person(None, logged_in=False, proved=False)


def identify_person(account: Account, user: User | AnonymousUser) -> Person:
    """Who a request's user is to an account."""
    if not isinstance(user, User):
        return ANONYMOUS
    customer = customer_for(user, account)
    proved = customer is not None or is_proved(user)
    known = bool(customer and customer.confirmed_name)
    name = customer.name if customer and known else user.name or (customer.name if customer else "")
    return Person(
        customer,
        logged_in=True,
        proved=proved,
        address=user.email,
        name=name,
        user=user.pk,
        asks_name=not known,
        others=tuple(others_of(user, customer)) if customer else (),
    )


def on_behalf(who: Person, customer: int) -> Person:
    """The same person booking for one of those whom they can book for (id); themselves for anybody else.

    What the rule is asked is asked of that customer: their groups, their allowance.
    """
    chosen = next((each for each in who.others if each.pk == customer), None)
    if chosen is None:
        return who
    return replace(who, customer=chosen, name=chosen.name, asks_name=False, booked_by=who.customer)


def person_of_customer(customer: Customer) -> Person:
    """The person a customer is once logged in with their address proved (*Check access*)."""
    return Person(
        customer,
        logged_in=True,
        proved=True,
        address=customer.reached_at,
        name=customer.name,
        user=customer.user_id,
        asks_name=not customer.confirmed_name,
    )


def load_facts(
    entry: Entry,
    who: Person,
    *,
    now: datetime,
    basket: BasketFacts = EMPTY_BASKET,
    sold: Sequence[dict[str, Any]] | None = None,
    offering: FreePlaces | None = None,
) -> Facts:
    """Read everything the rule needs about an entry (with its `places` and `account`), a person and their basket.

    `sold`: its tickets as JSON, where they were read along with it just now. `offering`: what is free, reserved or not,
    where it is to be offered to somebody who waits.
    """
    found = read_fact_rows(entry, who.customer, now=now, sold=sold)
    # Whose membership is in the basket is as good as in the group (docs/design.md, *Selling*).
    opened = [member for member in found.members if member.group_id in basket.opened_groups]
    offers = found.offers_of({member.group_id for member in (*opened, *_members(found.standings))})
    visitor = _visitor(entry, who, found.standings, offers, opened, now=now)
    if who.customer and (shut := _groups_shut_to(visitor, found.members)):
        visitor = replace(visitor, pauses=_pauses(who.customer, shut))
    return Facts(
        situation=_situation(
            entry, found.tickets, offers, visitor, in_booking=basket.tickets.get(entry.pk, 0), offering=offering
        ),
        tickets=found.tickets,
        offers=offers,
    )


def situation_of(entry: Entry, who: Person, found: FactRows, count: "CountUses", *, now: datetime) -> Situation:
    """The same from rows that were read for many entries at once; `count` says how much of an offer was used.

    Of pauses it knows nothing: they tell why a ticket is refused, and change no yes into a no.
    """
    offers = found.offers_of({member.group_id for member in _members(found.standings)})
    visitor = _visitor(entry, who, found.standings, offers, (), now=now, count=count)
    return _situation(entry, found.tickets, offers, visitor)


def _situation(
    entry: Entry,
    tickets: Iterable[TicketAtEntry],
    offers: Mapping[int, OfferAtEntry],
    visitor: Visitor,
    *,
    in_booking: int = 0,
    offering: FreePlaces | None = None,
) -> Situation:
    return Situation(
        event=Event(
            starts_at=entry.starts_at,
            places_left=entry.places.free if offering is None else offering.entry,
            per_booking=entry.per_booking,
            in_booking=in_booking,
            cancelled=entry.cancelled_at is not None,
        ),
        tickets={ticket.pk: _ticket_facts(entry, ticket, offers.values(), offering) for ticket in tickets},
        visitor=visitor,
    )


def is_ticket_visible(ticket: TicketAtEntry, groups: AbstractSet[int]) -> bool:
    """Whether a ticket (with `group_ids`) may be shown, listed and counted to someone who stands in these groups.

    A hidden exclusive ticket only to those it is for; a hidden ordinary one to nobody: docs/design.md, *Who sees what*.
    """
    return ticket.shown or (ticket.exclusive and not groups.isdisjoint(ticket.group_ids))


def provisional_members(customer: Customer | None, groups: AbstractSet[int]) -> list[Member]:
    """A customer as a member, with the group, of groups (ids) that their basket opens."""
    if customer is None or not groups:
        return []
    found = Member.objects.filter(customer=customer, group__in=groups, group__archived_at__isnull=True)
    return list(found.select_related("group"))


def provisional_counting(now: datetime, zone: ZoneInfo) -> Counting:
    """What uses are counted by until the membership in a basket is paid: as if it were paid now (docs/design.md)."""
    return Counting(BillingAnchor(now, zone), local_day(now, zone))


def _members(standings: Iterable[Standing]) -> list[Member]:
    return [standing.member for standing in standings]


def _ticket_facts(
    entry: Entry, ticket: TicketAtEntry, offers: Iterable[OfferAtEntry], offering: FreePlaces | None
) -> TicketFacts:
    opens = ticket.opens_minutes_before
    left = None if ticket.capacity is None else max(ticket.capacity - (ticket.taken or 0), 0)
    return TicketFacts(
        exclusive=ticket.exclusive,
        opens_at=None if opens is None else entry.starts_at - timedelta(minutes=opens),
        closes_at=entry.starts_at - timedelta(minutes=ticket.closes_minutes_before),
        places_left=left if offering is None else offering.tickets.get(ticket.pk, left),
        groups=frozenset(ticket.group_ids),
        offers=frozenset(
            offer.pk
            for offer in offers
            if offer.group_id in ticket.group_ids and (entry.page_id in offer.page_ids or ticket.pk in offer.ticket_ids)
        ),
    )


def _visitor(
    entry: Entry,
    who: Person,
    standings: Sequence[Standing],
    offers: dict[int, OfferAtEntry],
    opened: Iterable[Member],
    *,
    now: datetime,
    count: "CountUses | None" = None,
) -> Visitor:
    by_group = defaultdict[int, list[Standing]](list)
    for standing in standings:
        by_group[standing.member.group_id].append(standing)
    group_standings = {
        group: _group_standing(entry, found, offers.values(), now=now, count=count or _count_uses)
        for group, found in by_group.items()
    }
    for member in opened:
        found = group_standings.get(member.group_id)
        if found is None or not found.stands_now:
            group_standings[member.group_id] = _provisional_standing(entry, member, offers.values(), now=now)
    return Visitor(
        logged_in=who.logged_in,
        proved=who.proved,
        attends=any(offer.attends for offer in offers.values()),
        party=max((offer.party for offer in offers.values()), default=0),
        group_standings=group_standings,
    )


def _groups_shut_to(visitor: Visitor, members: Iterable[Member]) -> set[int]:
    """The groups (ids) that a visitor is or was in, but not now, or not when the event starts."""
    known = visitor.group_standings
    return {
        member.group_id
        for member in members
        if (found := known.get(member.group_id)) is None or not (found.stands_now and found.stands_then)
    }


def _pauses(customer: Customer, groups: AbstractSet[int]) -> dict[int, Pause]:
    """Which of these groups (ids) a pause of the customer's own membership keeps shut, and until when."""
    return {
        group: Pause(until=found.period_end, resumed=True) if is_waiting(found) else Pause(until=found.resumes_at)
        for group, found in resting_by_group(customer, groups).items()
    }


def _provisional_standing(
    entry: Entry, member: Member, offers: Iterable[OfferAtEntry], *, now: datetime
) -> GroupStanding:
    zone = entry.account.zone
    counting, day = provisional_counting(now, zone), local_day(entry.starts_at, zone)
    return GroupStanding(
        stands_now=True,
        stands_then=True,
        allowances=tuple(
            _allowance(offer, member, period_of(offer, counting=counting, day=day), _count_uses)
            for offer in offers
            if offer.group_id == member.group_id
        ),
    )


def _group_standing(
    entry: Entry,
    standings: list[Standing],
    offers: Iterable[OfferAtEntry],
    *,
    now: datetime,
    count: "CountUses",
) -> GroupStanding:
    ruling = ruling_standing(standings, now=now)
    counting = counting_by(ruling, entry.account.zone) if ruling else None
    member = standings[0].member
    day = local_day(entry.starts_at, entry.account.zone)
    ends = [standing.until for standing in standings]
    return GroupStanding(
        stands_now=ruling is not None,
        stands_then=any(_holds_at(standing, entry.starts_at) for standing in standings),
        until=None if None in ends else max(end for end in ends if end),
        allowances=tuple(
            _allowance(offer, member, period_of(offer, counting=counting, day=day), count)
            for offer in offers
            if counting is not None and offer.group_id == member.group_id
        ),
    )


def _allowance(offer: OfferAtEntry, member: Member, period: Period, count: "CountUses") -> Allowance:
    spent = count(offer, member, period)
    return Allowance(
        offer=offer.pk,
        member=member.pk,
        personal=offer.audience == Audience.PERSONAL,
        party=offer.additional_attendees + 1,
        limit=None if offer.limit is None else offer.limit + spent.extra,
        period=period,
        used=spent.used,
        here=offer.here,
    )


@dataclass(frozen=True, slots=True)
class Spent:
    """How many tickets of an offer a member has used in a period, and how many `extra` the studio gave them there."""

    used: int
    extra: int


CountUses = Callable[[OfferAtEntry, Member, Period], Spent]


def _count_uses(offer: OfferAtEntry, member: Member, period: Period) -> Spent:
    return Spent(offer.used, offer.extra) if _is_filed(offer, period) else _count_lines(offer, member, period)


def _is_filed(offer: OfferAtEntry, period: Period) -> bool:
    """Whether an offer's row (as `tickets.availability.reading` reads it), if there is one, is that of the period.

    Not while uses of the offer that it replaces are still to be carried over.
    """
    filed = (offer.filed_from, offer.filed_until)
    return not offer.uncarried and filed in ((None, None), (period.starts_on, period.ends_on))


def _count_lines(offer: Offer, member: Member, period: Period) -> Spent:
    """A member's live uses of an offer for events in a period, and extra ones for its days, wherever they are filed."""
    theirs = Q(period__offer__in=counted_offers(offer), period__member=member)
    lines = OfferUse.objects.live().filter(theirs, event_on__gte=period.starts_on)
    used = lines.exclude(event_on__gte=period.ends_on or date.max).count()
    extras = ExtraUses.objects.live().filter(theirs, account=offer.account_id)
    return Spent(used, sum(count for on, count in extras.values_list("on", "count") if on in period))


def _holds_at(standing: Standing, instant: datetime) -> bool:
    return standing.since <= instant and (standing.until is None or instant < standing.until)
