"""What the operator is told of groups and the exclusive tickets that name them."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from groups.models import Group
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory, TicketFactory
from tickets.models import EntryPlaces
from tickets.schedule.exclusive_tickets import exclusive_tickets_with_entries, with_counts

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
        found: Any = with_counts(Group.objects.order_by("pk"))
        counts = list(found.values_list("offer_count", "ticket_count", "uncovered_count"))

    assert counts == [(1, 2, 1), (1, 1, 1)]


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
