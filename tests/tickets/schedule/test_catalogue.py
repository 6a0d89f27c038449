"""Tickets made, changed and retired: who they are for, how many there are, what stands."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Plan
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory, TicketFactory, load_entry
from tickets.availability.places import FullError
from tickets.booking.book import book_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import Entry, EntryPlaces, Seat, Series, Ticket, TicketPlaces
from tickets.queries import tickets_of
from tickets.schedule.catalogue import (
    NeedsStandardError,
    NoGroupError,
    TicketTerms,
    create_ticket,
    edit_ticket,
    groups_without_offer,
    retire_ticket,
    ticket_terms,
)
from tickets.schedule.entries import BelowBookedError

pytestmark = pytest.mark.django_db

DROP_IN = TicketTerms(name="Drop-in", description="One class", capacity=8, opens_minutes_before=600)


def book_manually(entry: Entry, ticket: Ticket, people: int = 1) -> None:
    customer = CustomerFactory.create(account=entry.account)
    entry = load_entry(entry)
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada")] * people
    book_by_studio(entry, customer, wanted, key=uuid4(), now=NOW)


def test_an_ordinary_ticket() -> None:
    series = EntryFactory.create().series

    ticket = create_ticket(series, DROP_IN)

    assert (ticket.account_id, ticket.series, ticket.position) == (series.account_id, series, 0)
    assert ticket_terms(ticket) == DROP_IN


def test_tickets_stand_in_the_order_they_were_made() -> None:
    series = EntryFactory.create().series

    made = [create_ticket(series, replace(DROP_IN, name=name)) for name in ("Zoe", "Ada", "Mia")]

    assert list(series.tickets.all()) == made


def test_the_same_form_sent_twice_makes_one() -> None:
    series = EntryFactory.create().series
    group = GroupFactory.create(account=series.account)
    terms = replace(DROP_IN, exclusive=True, groups=frozenset({group.pk}))

    assert create_ticket(series, terms) == create_ticket(series, terms)
    assert Ticket.objects.count() == 1


def test_an_exclusive_ticket_names_its_groups() -> None:
    series = EntryFactory.create().series
    gold, silver = GroupFactory.create_batch(2, account=series.account)
    GroupFactory.create(account=series.account)

    ticket = create_ticket(series, replace(DROP_IN, exclusive=True, groups=frozenset({gold.pk, silver.pk})))

    assert (ticket.exclusive, set(ticket.groups.all())) == (True, {gold, silver})


def test_an_exclusive_ticket_must_name_a_group() -> None:
    series = EntryFactory.create().series

    with pytest.raises(NoGroupError):
        create_ticket(series, replace(DROP_IN, exclusive=True))

    assert Ticket.objects.count() == 0


def test_groups_of_others_and_archived_ones_do_not_count() -> None:
    series = EntryFactory.create().series
    theirs = GroupFactory.create()
    archived = GroupFactory.create(account=series.account, archived_at=NOW)

    with pytest.raises(NoGroupError):
        create_ticket(series, replace(DROP_IN, exclusive=True, groups=frozenset({theirs.pk, archived.pk})))

    assert Ticket.objects.count() == 0


def test_an_ordinary_ticket_is_for_no_group() -> None:
    series = EntryFactory.create().series
    group = GroupFactory.create(account=series.account)

    assert list(create_ticket(series, replace(DROP_IN, groups=frozenset({group.pk}))).groups.all()) == []


def test_exclusive_tickets_need_standard() -> None:
    series = EntryFactory.create(page__account__plan=Plan.FREE).series
    group = GroupFactory.create(account=series.account)
    terms = replace(DROP_IN, exclusive=True, groups=frozenset({group.pk}))
    ticket = create_ticket(series, DROP_IN)

    with pytest.raises(NeedsStandardError):
        create_ticket(series, terms)
    with pytest.raises(NeedsStandardError):
        edit_ticket(ticket, terms, now=NOW)

    assert Ticket.objects.get().exclusive is False


def test_after_a_downgrade_an_exclusive_ticket_stays_exclusive_and_can_be_changed() -> None:
    entry = EntryFactory.create(page__account__plan=Plan.FREE)
    group = GroupFactory.create(account=entry.account)
    ticket = TicketFactory.create(entry=entry, group=group)

    edit_ticket(ticket, replace(ticket_terms(ticket), name="Members"), now=NOW)

    ticket.refresh_from_db()
    assert (ticket.name, ticket.exclusive, list(ticket.groups.all())) == ("Members", True, [group])


def test_changing_everything() -> None:
    entry = EntryFactory.create()
    group = GroupFactory.create(account=entry.account)
    ticket = create_ticket(entry.series, DROP_IN)
    terms = TicketTerms(
        name="Members",
        description="For you",
        exclusive=True,
        groups=frozenset({group.pk}),
        shown=False,
        capacity=None,
        opens_minutes_before=None,
        closes_minutes_before=30,
    )

    edit_ticket(ticket, terms, now=NOW)

    assert ticket_terms(Ticket.objects.get()) == terms


def test_seats_stand_when_an_ordinary_ticket_becomes_exclusive() -> None:
    entry = EntryFactory.create()
    group = GroupFactory.create(account=entry.account)
    ticket = TicketFactory.create(entry=entry)
    book_manually(entry, ticket)

    edit_ticket(ticket, replace(ticket_terms(ticket), exclusive=True, groups=frozenset({group.pk})), now=NOW)

    assert Seat.objects.get().cancelled_at is None
    assert EntryPlaces.objects.get().taken == 1


def test_an_archived_group_stays_named_so_that_bringing_it_back_opens_the_ticket_again() -> None:
    entry = EntryFactory.create()
    gold, silver = GroupFactory.create_batch(2, account=entry.account)
    ticket = TicketFactory.create(entry=entry, group=gold)
    gold.archived_at = timezone.now()
    gold.save(update_fields=["archived_at"])

    edit_ticket(ticket, replace(ticket_terms(ticket), groups=frozenset({silver.pk})), now=NOW)

    assert set(ticket.groups.all()) == {gold, silver}


def test_a_number_below_what_is_booked_is_refused_and_changes_nothing() -> None:
    page = SchedulePageFactory.create()
    series = Series.objects.create(account=page.account, page=page)
    quiet, busy = (EntryFactory.create(page=page, series=series) for _ in range(2))
    ticket = TicketFactory.create(entry=quiet, capacity=5)
    book_manually(quiet, ticket)
    book_manually(busy, ticket, people=3)
    before = ticket_terms(ticket)

    with pytest.raises(BelowBookedError) as refused:
        edit_ticket(ticket, replace(ticket_terms(ticket), name="New", capacity=2), now=NOW)

    assert refused.value.minimum == 3
    ticket.refresh_from_db()
    assert ticket_terms(ticket) == before
    assert list(TicketPlaces.objects.order_by("entry").values_list("capacity", "taken")) == [(5, 1), (5, 3)]


def test_a_lower_number_holds_at_every_entry_to_come() -> None:
    page = SchedulePageFactory.create()
    series = Series.objects.create(account=page.account, page=page)
    past = EntryFactory.create(page=page, series=series, starts_at=NOW - timedelta(days=2))
    booked, empty = (EntryFactory.create(page=page, series=series) for _ in range(2))
    ticket = TicketFactory.create(entry=booked, capacity=5)
    book_manually(past, ticket, people=5)
    book_manually(booked, ticket, people=2)

    edit_ticket(ticket, replace(ticket_terms(ticket), capacity=2), now=NOW)

    assert list(TicketPlaces.objects.order_by("entry").values_list("entry", "capacity", "taken")) == [
        (past.pk, 5, 5),
        (booked.pk, 2, 2),
        (empty.pk, 2, 0),
    ]
    with pytest.raises(FullError):
        book_manually(booked, ticket)


def test_a_booking_that_has_read_the_old_number_meets_the_new_one() -> None:
    entry = EntryFactory.create()
    ticket = TicketFactory.create(entry=entry, capacity=5)
    edit_ticket(ticket, replace(ticket_terms(ticket), capacity=1), now=NOW)

    book_manually(entry, ticket)
    with pytest.raises(FullError):
        book_manually(entry, ticket)


def test_without_a_number_there_are_as_many_as_places() -> None:
    entry = EntryFactory.create(capacity=10)
    ticket = TicketFactory.create(entry=entry, capacity=1)
    book_manually(entry, ticket)

    edit_ticket(ticket, replace(ticket_terms(ticket), capacity=None), now=NOW)
    book_manually(entry, ticket, people=9)

    assert list(TicketPlaces.objects.values_list("capacity", "taken")) == [(None, 10)]


def test_a_retired_ticket_is_off_sale_and_its_seats_stand() -> None:
    entry = EntryFactory.create()
    ticket = TicketFactory.create(entry=entry)
    book_manually(entry, ticket)

    retire_ticket(ticket, now=NOW)
    retire_ticket(ticket, now=NOW + timedelta(days=1))

    assert list(tickets_of(entry)) == []
    assert (Ticket.objects.get().retired_at, Seat.objects.get().cancelled_at) == (NOW, None)


def test_the_groups_whose_members_cannot_book_a_ticket() -> None:
    entry = EntryFactory.create()
    account = entry.account
    by_page, by_ticket, by_nothing, disabled, archived = GroupFactory.create_batch(5, account=account)
    ticket = TicketFactory.create(entry=entry, exclusive=True)
    other = TicketFactory.create(entry=entry, exclusive=True)
    ticket.groups.set([by_page, by_ticket, by_nothing, disabled, archived])
    other.groups.set([by_ticket])
    ordinary = TicketFactory.create(entry=entry)
    archived.archived_at = NOW
    archived.save(update_fields=["archived_at"])
    OfferFactory.create(group=by_page, page=entry.page)
    OfferFactory.create(group=by_ticket, ticket=ticket)
    OfferFactory.create(group=disabled, page=entry.page, enabled=False)
    OfferFactory.create(group=by_nothing, page=SchedulePageFactory.create(account=account))
    OfferFactory.create(group=by_nothing, page=entry.page, deleted_at=NOW)
    OfferFactory.create(group=GroupFactory.create(account=AccountFactory.create()), page=entry.page)

    assert groups_without_offer([ticket, other, ordinary]) == {
        ticket.pk: [by_nothing, disabled],
        other.pk: [by_ticket],
    }
