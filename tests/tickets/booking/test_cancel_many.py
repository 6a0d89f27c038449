"""A full class is cancelled in as many statements as a small one: places, uses, refunds and letters together."""

from typing import Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Letter
from tests.worlds.till import Till
from tickets.consistency import check_books
from tickets.models import EntryPlaces, Payment, Refund, RefundedSeat, RefundState
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.django_db

PRICE: Final = 1200


def cancel_full_class(till: Till, bookings: int) -> int:
    """Cancel an entry that so many paid for with a card each: how many statements that took."""
    entry = till.entry(capacity=bookings * 2)
    ticket = till.ticket(entry)
    for _ in range(bookings):
        till.pay(till.fill(entry, ticket, ticket))
    Letter.objects.all().delete()
    with CaptureQueriesContext(connection) as statements:
        gone = cancel_entry(entry, now=timezone.now())
    assert len(gone) == 2 * bookings
    assert EntryPlaces.objects.get(pk=entry.pk).taken == 0
    return len(statements)


def test_as_many_statements_for_a_full_class_as_for_a_small_one(till: Till) -> None:
    few = cancel_full_class(till, 2)
    many = cancel_full_class(till, 6)
    assert few == many
    assert many <= 31
    assert Letter.objects.filter(kind="cancelled").count() == 6
    assert all(letter.calendar for letter in Letter.objects.all())
    assert Refund.objects.filter(state=RefundState.QUEUED, amount=2 * PRICE).count() == Refund.objects.count() == 8
    assert RefundedSeat.objects.count() == 16
    assert not Payment.objects.exclude(refunded=2 * PRICE).exists()
    assert list(check_books(now=timezone.now())) == []
