"""The studio moves somebody up in line: who comes first is offered first, and everybody reads their place as it is."""

from datetime import datetime, timedelta

import pytest

from accounts.history.acting import acting
from accounts.models import AuditEntry
from tests.factories.accounts import StaffFactory
from tests.factories.schedule import NOW
from tests.worlds.waiting_studio import SOON, WaitingStudio
from tickets.models import WaitlistRequest, WaitState
from tickets.waiting.requests import leave, position
from tickets.waiting.turns import move_up

pytestmark = pytest.mark.django_db


def line_of(studio: WaitingStudio, *, joined: datetime | None = None) -> list[WaitlistRequest]:
    """Four members who joined a minute after one another, or all at one instant."""
    return [studio.join(number, now=joined or NOW + timedelta(minutes=number)) for number in range(1, 5)]


@pytest.fixture
def studio() -> WaitingStudio:
    return WaitingStudio(members=5)


def order(requests: list[WaitlistRequest]) -> list[int]:
    """The members in line, by their numbers, as each reads their place."""
    for request in requests:
        request.refresh_from_db()
    places = {position(request): number for number, request in enumerate(requests, 1)}
    in_line = [requests.index(request) + 1 for request in WaitlistRequest.objects.waiting().in_line()]
    assert in_line == [places[place] for place in sorted(places)]
    return in_line


@pytest.mark.parametrize("joined", [None, NOW])
def test_up_by_one_and_to_the_front(studio: WaitingStudio, joined: datetime | None) -> None:
    requests = line_of(studio, joined=joined)

    assert move_up(requests[2]) == 2
    assert order(requests) == [1, 3, 2, 4]
    assert move_up(requests[3], to_front=True) == 1
    assert order(requests) == [4, 1, 3, 2]
    assert move_up(requests[1]) == 3
    assert order(requests) == [4, 1, 2, 3]
    assert move_up(requests[3]) == 1
    assert move_up(requests[3], to_front=True) == 1
    assert order(requests) == [4, 1, 2, 3]
    assert [request.joined_at for request in requests] == [joined or NOW + timedelta(minutes=n) for n in range(1, 5)]


def test_who_joins_later_comes_last(studio: WaitingStudio) -> None:
    requests = line_of(studio, joined=NOW)[:3]
    move_up(requests[2], to_front=True)
    last = WaitlistRequest.objects.exclude(pk__in=[request.pk for request in requests]).get()

    assert position(last) == 4


def test_what_comes_free_is_theirs_who_were_moved_to_the_front(studio: WaitingStudio) -> None:
    requests = line_of(studio)
    move_up(requests[3], to_front=True)
    studio.cancel(now=NOW + timedelta(hours=1))

    studio.offer_free(now=NOW + timedelta(hours=1))

    assert order(requests[:3]) == [1, 2, 3]
    requests[3].refresh_from_db()
    assert requests[3].state == WaitState.OFFERED
    assert move_up(requests[3]) == 0


def test_who_waits_no_more_is_not_moved(studio: WaitingStudio) -> None:
    requests = line_of(studio)
    leave(requests[2], now=SOON)

    assert move_up(requests[2], to_front=True) == 0
    assert move_up(requests[3]) == 2
    assert order([requests[0], requests[1], requests[3]]) == [1, 3, 2]


def test_the_history_tells_it_once_it_was_done(studio: WaitingStudio) -> None:
    requests = line_of(studio)
    owner = StaffFactory.create(account=studio.account).user

    with acting(owner, at=SOON):
        move_up(requests[0])
        move_up(requests[2], to_front=True)

    [line] = AuditEntry.objects.all()
    assert (line.action, line.label, line.beside) == ("waitlist.moved_up", str(studio.customers[3]), studio.entry.title)
    assert line.changes == [["Place in line", "3", "1"]]
