"""An import is taken back as a whole, but for what somebody booked by."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.imports.services import (
    can_be_undone,
)
from accounts.models import Customer
from bookwhen.payments.handlers import Outcome
from groups.models import Group, Member, Standing
from groups.services import add_customers
from memberships.models import Membership, Price, Subscription
from offers.eligibility import Attendee
from tests.factories.schedule import EntryFactory, OfferFactory, TicketFactory, load_entry
from tests.memberships.importing.steps import at_stripe, compare, look_at, people
from tests.worlds.elsewhere import Elsewhere
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.request import WantedTicket

pytestmark = pytest.mark.django_db


def test_an_import_is_undone_as_if_it_had_never_been(studio: Elsewhere) -> None:
    price = studio.price()
    ids = [studio.member(f"m{number}@example.org", price) for number in range(3)]
    known = Customer.objects.create(account=studio.account, email="m0@example.org", name="Mo")
    before = at_stripe(studio)
    done = studio.take_over(Gold="new")
    assert can_be_undone(done)

    undone = studio.undo(done)

    assert (undone.operation.state, undone.operation.phase) == ("done", "undo")
    assert [each.objects.count() for each in (Subscription, Standing, Member, Membership, Price, Group)] == [0] * 6
    assert list(Customer.objects.values_list("pk", flat=True)) == [known.pk]
    assert {look_at(studio, each) for each in ids} == {Outcome.IGNORED}
    assert compare(studio) == 0
    assert at_stripe(studio) == before
    assert not can_be_undone(undone)


def test_what_somebody_booked_with_is_kept_and_listed_and_the_rest_is_undone(studio: Elsewhere) -> None:
    price = studio.price()
    booked = studio.member("ada@example.org", price)
    studio.member("bea@example.org", price)
    done = studio.take_over(Gold="new")
    group = Group.objects.get()
    entry = EntryFactory.create(page=studio.page, account=studio.account, starts_at=timezone.now() + timedelta(days=2))
    ticket = TicketFactory.create(entry=entry, group=group)
    OfferFactory.create(group=group, page=studio.page)
    ada = Customer.objects.get(email="ada@example.org")
    wanted = [WantedTicket(ticket=ticket.pk, attendee=Attendee.SELF, name="Ada")]
    book(load_entry(entry), ada, wanted, who=person_of_customer(ada), key=uuid4(), now=timezone.now())

    undone = studio.undo(done)

    assert people() == ["ada@example.org"]
    kept = undone.rows.get(key=booked)
    assert (kept.state, kept.error) == ("kept", "They’ve booked with it.")
    assert list(Membership.objects.values_list("title", flat=True)) == ["Gold"]
    assert can_be_undone(undone)
    assert compare(studio) == 0


def test_who_is_in_by_hand_too_loses_nothing_by_undoing(studio: Elsewhere) -> None:
    group = Group.objects.create(account=studio.account, name="Members")
    add_customers(group, {"ada@example.org": "Ada"}, now=timezone.now())
    studio.member("ada@example.org", studio.price())
    done = studio.take_over(Gold=f"new:{group.pk}")
    assert Standing.objects.count() == 2

    studio.undo(done)

    assert [str(standing.source) for standing in Standing.objects.all()] == ["manual"]
    assert people() == []


def test_an_undone_import_can_be_done_again(studio: Elsewhere) -> None:
    studio.member("ada@example.org", studio.price())
    studio.undo(studio.take_over(Gold="new"))

    again = studio.take_over(Gold="new")

    assert again.operation.state == "done"
    assert people() == ["ada@example.org"]
    assert compare(studio) == 0
