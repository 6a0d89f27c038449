"""Who reaches the pages of the schedule: the fetch is the permission."""

import pytest
from django.test import Client

from accounts.models import Account, Role
from groups.models import Group
from tests.browsing import open_browser
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.models import Entry, Seat, Ticket

EVERYONE = frozenset(Role)
SCHEDULE = frozenset({Role.OWNER, Role.SCHEDULE_MANAGER})
CUSTOMERS = frozenset({Role.OWNER, Role.BOOKINGS_ADMIN})

PAGES = [
    ("schedule", EVERYONE, False),
    ("entry", EVERYONE, True),
    ("attendees_csv", EVERYONE, True),
    ("entry_create", SCHEDULE, False),
    ("entry_edit", SCHEDULE, True),
    ("entry_extend", SCHEDULE, True),
    ("entry_cancel", SCHEDULE, True),
    ("entry_tickets", SCHEDULE, True),
    ("ticket_create", SCHEDULE, True),
    ("ticket_edit", SCHEDULE, True),
    ("ticket_remove", SCHEDULE, True),
    ("entry_book", CUSTOMERS, True),
    ("seats_cancel", CUSTOMERS, True),
]
NAMES = [name for name, _roles, _of_entry in PAGES]
OF_ENTRIES = [name for name, _roles, of_entry in PAGES if of_entry]


@pytest.fixture
def seat(entry: Entry, ticket: Ticket) -> Seat:
    return book_seat_manually(entry, ticket)


def address(dashboard: Dashboard, name: str, seat: Seat) -> str:
    kwargs: dict[str, object] = {}
    if name in OF_ENTRIES:
        kwargs["pk"] = seat.entry_id
    if name in {"ticket_edit", "ticket_remove"}:
        kwargs["ticket"] = seat.ticket_id
    return dashboard.url(name, **kwargs) + (f"?seat={seat.pk}" if name == "seats_cancel" else "")


@pytest.mark.parametrize(("name", "roles"), [(name, roles) for name, roles, _of_entry in PAGES])
@pytest.mark.parametrize("role", Role)
def test_each_role_reaches_what_it_is_for(
    name: str, roles: frozenset[Role], role: Role, studio: Account, seat: Seat
) -> None:
    at = open_dashboard(studio, role)

    assert at.client.get(address(at, name, seat)).status_code == (200 if role in roles else 404)


@pytest.mark.parametrize("name", NAMES)
def test_to_a_stranger_there_is_nothing(name: str, dashboard: Dashboard, seat: Seat) -> None:
    stranger = open_dashboard(EntryFactory.create().account)

    assert stranger.client.get(address(dashboard, name, seat)).status_code == 404
    assert stranger.client.post(address(dashboard, name, seat)).status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_who_is_not_logged_in_is_asked_to_and_comes_back(name: str, dashboard: Dashboard, seat: Seat) -> None:
    response = open_browser(None).get(address(dashboard, name, seat))

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/dashboard/river/schedule/")


@pytest.mark.parametrize("name", OF_ENTRIES)
def test_an_entry_of_another_account_is_not_found_at_ones_own_address(name: str, seat: Seat) -> None:
    stranger = open_dashboard(EntryFactory.create().account)

    assert stranger.client.get(address(stranger, name, seat)).status_code == 404
    assert stranger.client.post(address(stranger, name, seat), {"seat": seat.pk}).status_code == 404
    seat.refresh_from_db()
    assert (seat.cancelled_at, Entry.objects.get(pk=seat.entry_id).cancelled_at) == (None, None)


@pytest.mark.parametrize("name", ["ticket_edit", "ticket_remove"])
def test_a_ticket_of_another_entry_is_not_found(name: str, dashboard: Dashboard, entry: Entry) -> None:
    mine = TicketFactory.create(entry=EntryFactory.create(page=entry.page))
    theirs = TicketFactory.create(entry=EntryFactory.create())

    for ticket in (mine, theirs):
        assert dashboard.get(name, pk=entry.pk, ticket=ticket.pk).status_code == 404
        assert dashboard.post(name, pk=entry.pk, ticket=ticket.pk).status_code == 404
    assert list(Ticket.objects.filter(retired_at__isnull=False)) == []


@pytest.mark.parametrize("wanted", ["theirs", "other entry", "", "x", "999999999999999999999"])
def test_a_seat_that_is_not_of_this_entry_is_not_found(
    wanted: str, dashboard: Dashboard, entry: Entry, seat: Seat
) -> None:
    other, stranger = EntryFactory.create(page=entry.page), EntryFactory.create()
    seats = {
        "theirs": book_seat_manually(stranger, TicketFactory.create(entry=stranger)),
        "other entry": book_seat_manually(other, TicketFactory.create(entry=other)),
    }
    asked = (
        {"seat": [seat.pk, seats[wanted].pk if wanted in seats else wanted]} if wanted in seats else {"seat": wanted}
    )

    assert dashboard.get("seats_cancel", asked, pk=entry.pk).status_code == 404
    assert dashboard.post("seats_cancel", asked, pk=entry.pk).status_code == 404
    assert Seat.objects.filter(cancelled_at__isnull=False).count() == 0


def test_groups_of_another_account_are_not_offered(dashboard: Dashboard, entry: Entry) -> None:
    Group.objects.create(account=EntryFactory.create().account, name="Theirs")

    assert dashboard.get("ticket_create", pk=entry.pk).content.count(b"Theirs") == 0


def test_leaders_see_no_way_to_what_they_may_not_do(studio: Account, seat: Seat) -> None:
    leader = open_dashboard(studio, Role.LEADER)
    page = leader.get("entry", pk=seat.entry_id).content.decode()

    names = ("entry_edit", "entry_tickets", "entry_cancel", "entry_extend", "entry_book", "seats_cancel")
    assert [name for name in names if f'"{leader.url(name, pk=seat.entry_id)}' in page.replace("?seat", '"')] == []
    assert leader.url("entry_create") not in leader.get("schedule").content.decode()


def test_a_form_without_its_token_says_what_to_do(dashboard: Dashboard, entry: Entry) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = dashboard.client.cookies

    response = client.post(dashboard.url("entry_cancel", pk=entry.pk))

    assert response.status_code == 403
    assert response.content.decode().count("allow cookies for this site") == 1
    entry.refresh_from_db()
    assert entry.cancelled_at is None
