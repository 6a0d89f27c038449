"""Querysets whose SQL is written once."""

from datetime import datetime, timedelta

import pytest
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries

from bookwhen.fastpath.compiled import IsOneOf, NotAParameterError, compiled_query
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import NOW, EntryFactory
from tickets.models import Entry

DAY = timedelta(days=1)


@compiled_query
def entries(page: int, after: datetime, keys: list[int]) -> QuerySet[Entry]:
    found = Entry.objects.filter(IsOneOf("pk", keys), page=page, starts_at__gt=after, cancelled_at__isnull=True)
    return found.select_related("page", "places").order_by("starts_at")


@compiled_query
def on_the_next_day(after: datetime) -> QuerySet[Entry]:
    return Entry.objects.filter(starts_at__gt=after + DAY)


@compiled_query
def anywhere(page: int) -> QuerySet[Entry]:
    return Entry.objects.filter(cancelled_at__isnull=True) if page else Entry.objects.none()


@pytest.mark.django_db
def test_reads_what_the_queryset_says() -> None:
    page = SchedulePageFactory.create()
    first, second, third = (EntryFactory.create(page=page, starts_at=NOW + number * DAY) for number in (1, 2, 3))
    elsewhere = EntryFactory.create(starts_at=NOW + DAY)
    keys = [second.pk, first.pk, elsewhere.pk]

    assert entries(page.pk, NOW, keys) == [first, second]
    assert entries(page.pk, first.starts_at, keys) == [second]
    assert entries(page.pk, NOW, [third.pk]) == [third]
    assert entries(page.pk, NOW, []) == []
    assert entries.models(entries.rows(page.pk, NOW, keys)) == [first, second]


@pytest.mark.django_db
def test_related_rows_come_along(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    entry = EntryFactory.create(starts_at=NOW + DAY)

    with django_assert_num_queries(1):
        [found] = entries(entry.page_id, NOW, [entry.pk])
        assert (found.page.title, found.places.capacity) == (entry.page.title, entry.places.capacity)


@pytest.mark.django_db
@pytest.mark.parametrize(("statement", "argument"), [(on_the_next_day, NOW), (anywhere, 1)])
def test_an_argument_that_is_no_parameter_is_refused(statement: object, argument: object) -> None:
    assert callable(statement)
    with pytest.raises(NotAParameterError):
        statement(argument)
