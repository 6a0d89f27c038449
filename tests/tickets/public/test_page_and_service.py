"""What the page shows is what the service decides: in any situation, for any order that the page can hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import UUIDField, Value
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Customer, User
from offers.eligibility import Attendee, Verdict
from offers.models import Offer, UsagePeriod
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
)
from tickets.availability.facts import EMPTY_BASKET, identify_person, load_facts
from tickets.booking.book import book
from tickets.booking.refusals import BookingRefusedError, TicketGoneError
from tickets.booking.request import WantedTicket
from tickets.details import with_names
from tickets.models import Entry, Seat, Ticket
from tickets.public.entry.cards import ticket_cards
from tickets.public.entry.entry_context import EntryContext
from tickets.public.order.choice import Choice
from tickets.public.order.decided import DecidedOrder, read_order

DAY = 24 * 60
NONE = Choice()

TICKETS = st.fixed_dictionaries(
    {
        "exclusive": st.sampled_from([True, True, False]),
        "shown": st.sampled_from([True, True, False]),
        "capacity": st.sampled_from([None, None, 1, 2]),
        "window": st.sampled_from([(None, 0), (None, 0), (None, 0), (60, 0), (None, 3 * DAY)]),
    }
)
OFFERS = st.fixed_dictionaries(
    {
        "enabled": st.sampled_from([True, True, True, False]),
        "limit": st.sampled_from([None, 1, 2, 3]),
        "additional_attendees": st.sampled_from([0, 0, 1, 2]),
        "ongoing": st.booleans(),
    }
)
SITUATIONS = st.fixed_dictionaries(
    {
        "entry": st.fixed_dictionaries(
            {
                "per_booking": st.integers(1, 4),
                "capacity": st.sampled_from([0, 1, 2, 3, 9, 9, 9]),
                "cancelled_at": st.sampled_from([None, None, None, None, NOW]),
                "starts_at": st.sampled_from([NOW + timedelta(days=2)] * 4 + [NOW]),
            }
        ),
        "tickets": st.lists(TICKETS, min_size=1, max_size=2),
        "offers": st.lists(OFFERS, max_size=2),
        "who": st.sampled_from(["stranger", "user", "customer", "ending", "member", "member", "member", "member"]),
        "before": st.lists(st.sampled_from(Attendee), max_size=2),
    }
)


@dataclass
class DrawnStudio:
    """A studio as it was drawn, and who visits it."""

    entry: Entry
    user: User | AnonymousUser

    def look(self, choice: Choice = NONE) -> EntryContext:
        """What a request finds."""
        found = with_names(Entry.objects.for_booking()).annotate(own_booking=Value(None, output_field=UUIDField()))
        entry = found.get(pk=self.entry.pk)
        who = identify_person(entry.account, self.user)
        return EntryContext(entry, who, None, EMPTY_BASKET, load_facts(entry, who, now=NOW), choice)

    def order(self, counts: dict[int, int], whos: Sequence[Attendee] = ()) -> DecidedOrder:
        """The review step for so many of each ticket, its radio buttons set so."""
        prefixes = [f"t{ticket}-{number + 1}" for ticket, count in counts.items() for number in range(count)]
        typed = QueryDict(mutable=True)
        typed.update({f"{prefix}-who": each.value for prefix, each in zip(prefixes, whos, strict=False)})
        return read_order(self.look(Choice(counts)), typed, sent=False, now=NOW)

    def book(self, wanted: Sequence[WantedTicket]) -> Sequence[Verdict] | None:
        """What the service says: none when it booked."""
        seen = self.look()
        customer = seen.who.customer or CustomerFactory.create(account=seen.entry.account)
        try:
            book(seen.entry, customer, wanted, who=seen.who, key=uuid4(), now=NOW)
        except BookingRefusedError as refusal:
            return refusal.verdicts
        return None


def build(drawn: dict[str, Any]) -> DrawnStudio:
    entry = EntryFactory.create(**drawn["entry"])
    group = GroupFactory.create(account=entry.account)
    for fields in drawn["tickets"]:
        opens, closes = fields["window"]
        TicketFactory.create(
            entry=entry,
            group=group if fields["exclusive"] else None,
            shown=fields["shown"],
            capacity=fields["capacity"],
            opens_minutes_before=opens,
            closes_minutes_before=closes,
        )
    for fields in drawn["offers"]:
        OfferFactory.create(group=group, page=entry.page, **fields)
    if drawn["who"] == "stranger":
        return DrawnStudio(entry, AnonymousUser())
    user = UserFactory.create()
    if drawn["who"] != "user":
        customer = CustomerFactory.create(account=entry.account, user=user, email=user.email)
        if drawn["who"] != "customer":
            add_member(group, customer, until=NOW + timedelta(days=1) if drawn["who"] == "ending" else None)
    world = DrawnStudio(entry, user)
    _book_before(world, drawn["before"])
    return world


def _book_before(world: DrawnStudio, attendees: Sequence[Attendee]) -> None:
    for ticket in [each for each in world.look().facts.visible if each.exclusive][:1]:
        for attendee in attendees:
            world.book([WantedTicket(ticket=ticket.pk, name="Before", attendee=attendee)])


class PageAndServiceTest(TestCase):
    """On the database, in a transaction for every example."""

    @settings(max_examples=30, deadline=None)
    @given(drawn=SITUATIONS, counts=st.lists(st.integers(0, 3), min_size=2, max_size=2), data=st.data())
    def test_what_the_review_step_says_is_what_booking_does(
        self, drawn: dict[str, Any], counts: list[int], data: st.DataObject
    ) -> None:
        world = build(drawn)
        visible = world.look().facts.visible
        chosen = {ticket.pk: count for ticket, count in zip(visible, counts, strict=False) if count}
        total = sum(chosen.values())
        order = world.order(chosen, data.draw(st.lists(st.sampled_from(Attendee), max_size=total)))
        if not total:
            return
        earlier = set(Seat.objects.values_list("pk", flat=True))

        refused = world.book(
            [WantedTicket(ticket=ask.ticket, name="Ada", attendee=ask.attendee) for ask in order.asked.asks]
        )

        if refused is not None:
            assert (order.can_book, refused, set(Seat.objects.values_list("pk", flat=True))) == (
                False,
                tuple(order.verdicts),
                earlier,
            )
            return
        seats = Seat.objects.exclude(pk__in=earlier).order_by("pk").values_list("ticket", "use__period__offer")
        assert (order.can_book, list(seats)) == (
            True,
            [(ask.ticket, verdict.offer) for ask, verdict in zip(order.asked.asks, order.verdicts, strict=True)],
        )
        for offer in Offer.objects.filter(limit__isnull=False):
            promised = [verdict.uses_left or 0 for verdict in order.verdicts if verdict.offer == offer.pk]
            if promised:
                period = UsagePeriod.objects.get(offer=offer)
                assert min(promised) == (offer.limit or 0) - period.used

    @settings(max_examples=15, deadline=None)
    @given(drawn=SITUATIONS)
    def test_the_number_on_an_entrys_page_can_be_booked_and_one_more_cannot(self, drawn: dict[str, Any]) -> None:
        world = build(drawn)
        seen = world.look()

        for card in ticket_cards(seen, now=NOW):
            for count in range(1, seen.entry.per_booking + 2):
                assert (count, world.order({card.ticket.pk: count}).can_book) == (count, count <= card.most)

    @settings(max_examples=10, deadline=None)
    @given(drawn=SITUATIONS)
    def test_what_is_not_shown_cannot_be_booked(self, drawn: dict[str, Any]) -> None:
        world = build(drawn)
        shown = {card.ticket.pk for card in ticket_cards(world.look(), now=NOW)}

        for ticket in Ticket.objects.exclude(pk__in=shown):
            with pytest.raises(TicketGoneError):
                world.book([WantedTicket(ticket=ticket.pk, name="Ada")])
        assert Customer.objects.filter(bookings__seats__ticket__in=Ticket.objects.exclude(pk__in=shown)).count() == 0
