"""What visitors see while PostgreSQL, the cache or the broker is away, slow, full or read-only; and afterwards."""

import time
from collections.abc import Generator
from pathlib import Path

import pytest
from django.db import connection

from tests.factories.schedule import EntryFactory, TicketFactory
from tests.faults.web import Booking, Web, serving
from tests.faults.wire import Break
from tickets.models import Booking as Booked
from tickets.models import Entry, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Generator[Web]:
    with serving(tmp_path_factory.mktemp("web")) as web:
        yield web


@pytest.fixture
def web(server: Web, transactional_db: None) -> Generator[Web]:
    yield server
    server.mend()


@pytest.fixture
def entry() -> Entry:
    return EntryFactory.create(capacity=50)


@pytest.fixture
def ticket(entry: Entry) -> Ticket:
    return TicketFactory.create(entry=entry)


@pytest.mark.parametrize("how", Break)
@pytest.mark.parametrize("which", ["cache", "broker"])
def test_a_booking_does_not_wait_for_cache_or_broker(
    web: Web, entry: Entry, ticket: Ticket, which: str, how: Break
) -> None:
    forms = [Booking(web.visitor(), entry, ticket) for _number in range(4)]
    getattr(web, which).break_(how)

    answers = [form.confirm() for form in forms]

    print([(a.status, round(a.seconds, 3)) for a in answers])
    assert [each.status for each in answers] == [302] * 4
    assert answers[0].seconds < 2
    assert max(each.seconds for each in answers[1:]) < 0.5
    assert Booked.objects.count() == 4
