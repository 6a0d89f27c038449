"""What the operator is told of groups and the exclusive tickets that name them."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from bookwhen.counts import CappedCount
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory, TicketFactory
from tickets.models import Coverage, EntryPlaces, Ticket
from tickets.schedule.exclusive_tickets import (
    MOST_TICKETS,
    GroupTally,
    exclusive_tickets_with_entries,
    tally_group,
    tally_groups,
)

pytestmark = pytest.mark.django_db


def test_groups_are_counted_with_what_no_enabled_offer_covers(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    entry, elsewhere = EntryFactory.create(), EntryFactory.create()
    group, other = GroupFactory.create(account=entry.account), GroupFactory.create(account=entry.account)
    covered = TicketFactory.create(entry=entry, group=group)
    covered.groups.add(other)
    TicketFactory.create(entry=elsewhere, group=group)
    TicketFactory.create(entry=entry, group=group, retired_at=NOW)
    TicketFactory.create(entry=entry, group=group, exclusive=False)
    OfferFactory.create(group=group, page=entry.page)
    OfferFactory.create(group=other, page=entry.page, enabled=False)
    OfferFactory.create(group=other, page=entry.page, deleted_at=NOW)

    with django_assert_num_queries(1):
        tallies = tally_groups(entry.account, [group, other])

    assert tallies == {
        group.pk: GroupTally(1, CappedCount(2), CappedCount(1)),
        other.pk: GroupTally(1, CappedCount(1), CappedCount(1)),
    }


def test_the_newest_hundred_tickets_are_counted() -> None:
    entry = EntryFactory.create()
    group = GroupFactory.create(account=entry.account)
    old = TicketFactory.create(entry=entry, group=group)
    made = [
        Ticket(account=entry.account, series=entry.series, name="Place", exclusive=True) for _ in range(MOST_TICKETS)
    ]
    named = Ticket.groups.through
    named.objects.bulk_create(named(ticket=each, group=group) for each in Ticket.objects.bulk_create(made))
    OfferFactory.create(group=group, ticket=old)
    for each in made[:7]:
        Coverage.objects.create(account=entry.account, offer=group.offers.get(), ticket=each)

    assert (str(tally_group(group).tickets), tally_group(group).uncovered) == (
        "100+",
        CappedCount(MOST_TICKETS + 1 - 8),
    )
    old.delete()
    assert (str(tally_group(group).tickets), tally_group(group).uncovered) == ("100", CappedCount(MOST_TICKETS - 7))


def test_a_ticket_comes_with_the_entry_that_is_next_or_was_last() -> None:
    first = EntryFactory.create(title="Past", starts_at=NOW - timedelta(days=2))
    group = GroupFactory.create(account=first.account)
    TicketFactory.create(entry=first, group=group, name="A")
    later = EntryFactory.create(page=first.page, series=first.series, title="Next", starts_at=NOW + timedelta(days=2))
    EntryFactory.create(page=first.page, series=first.series, title="Then", starts_at=NOW + timedelta(days=9))
    EntryFactory.create(
        page=first.page, series=first.series, title="Off", starts_at=NOW + timedelta(days=1), cancelled_at=NOW
    )
    over = EntryFactory.create(page=first.page, title="Last", starts_at=NOW - timedelta(days=1))
    EntryFactory.create(page=first.page, series=over.series, title="Before", starts_at=NOW - timedelta(days=8))
    TicketFactory.create(entry=over, group=group, name="B")

    found: Any = exclusive_tickets_with_entries(group, now=NOW).order_by("name")

    assert list(found.values_list("name", "entry_id", "entry_title", "next_at")) == [
        ("A", later.pk, "Next", later.starts_at),
        ("B", over.pk, "Last", None),
    ]
    assert EntryPlaces.objects.count() == 6
