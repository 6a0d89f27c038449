"""What becomes of bookings when a customer is taken out of a group."""

from datetime import timedelta
from uuid import uuid4

import pytest

from groups.models import Member, Standing
from groups.services import NotAMemberByHandError
from offers.eligibility import Attendee
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    load_entry,
)
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book, book_by_studio
from tickets.booking.remove import remove_from_group
from tickets.booking.request import WantedTicket
from tickets.models import Seat

pytestmark = pytest.mark.django_db


def member_with_bookings() -> Member:
    """Booked by the group's offer, by another group's offer, by the studio, and at an event that is over."""
    first = EntryFactory.create()
    mine, other = GroupFactory.create(account=first.account), GroupFactory.create(account=first.account)
    customer = create_customer_with_login(first.account)
    member = add_member(mine, customer)
    add_member(other, customer)
    for group, days in ((mine, 3), (other, 4), (mine, -1)):
        made = EntryFactory.create(page=first.page, starts_at=NOW + timedelta(days=days))
        ticket = TicketFactory.create(entry=made, group=group)
        OfferFactory.create(group=group, ticket=ticket)
        entry = load_entry(made)
        wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
        book(entry, customer, wanted, who=person_of_customer(customer), key=uuid4(), now=NOW - timedelta(days=10))
    by_hand = WantedTicket(ticket=TicketFactory.create(entry=first, group=mine).pk, name="Ada")
    book_by_studio(
        load_entry(first),
        customer,
        [by_hand],
        key=uuid4(),
        now=NOW,
    )
    return member


def test_only_what_this_groups_offers_paid_for_ahead_is_cancelled() -> None:
    member = member_with_bookings()

    left = remove_from_group(member, cancel=True, now=NOW)

    assert (left.still_in_group, [seat.entry.starts_at for seat in left.cancelled]) == (
        False,
        [NOW + timedelta(days=3)],
    )
    assert Seat.objects.live().count() == 3
    assert Standing.objects.get(member=member).until == NOW


def test_bookings_are_kept_unless_asked() -> None:
    member = member_with_bookings()

    left = remove_from_group(member, cancel=False, now=NOW)

    assert (left.cancelled, Seat.objects.filter(cancelled_at__isnull=False).count()) == ([], 0)


def test_nothing_is_cancelled_for_who_was_removed_before() -> None:
    member = member_with_bookings()
    remove_from_group(member, cancel=False, now=NOW)

    with pytest.raises(NotAMemberByHandError):
        remove_from_group(member, cancel=True, now=NOW)

    assert Seat.objects.filter(cancelled_at__isnull=False).count() == 0
