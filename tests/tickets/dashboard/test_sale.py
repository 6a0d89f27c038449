"""*Tickets & Costs*: places and tickets."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Plan, Role, SchedulePage
from bookwhen.picker import Option
from tests.browsing import page_text, shown_messages
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, TicketFactory, load_entry
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.models import Entry, Seat, Ticket
from tickets.schedule.catalogue import ticket_terms
from tickets.schedule.entries import cancel_entry


@pytest.fixture
def later(entry: Entry) -> Entry:
    """The next entry of the same series, a week later."""
    return EntryFactory.create(
        page=entry.page, series=entry.series, starts_at=entry.starts_at + timedelta(weeks=1), title=entry.title
    )


def ticket_form(**changes: Any) -> dict[str, Any]:
    """The ticket's form as somebody fills it in."""
    form = {
        "name": "Early bird",
        "description": "Cheaper.",
        "cost": "free",
        "price": "",
        "shown": "on",
        "capacity": "",
        "opens": "",
        "opens_unit": "days",
        "closes": "",
        "closes_unit": "hours",
    }
    return {**form, **changes}


def shown_values(response: Any, form: dict[str, Any]) -> dict[str, Any]:
    """What the fields of this form hold on the page now."""
    shown = response.context["form"]
    return {name: shown[name].value() for name in form}


# Places


def test_the_places_of_one_entry(dashboard: Dashboard, entry: Entry, later: Entry) -> None:
    response = dashboard.post("entry_tickets", {"capacity": "20", "per_booking": "3", "scope": "this"}, pk=entry.pk)

    assert (response["Location"], shown_messages(response)) == (
        dashboard.url("entry_tickets", pk=entry.pk),
        ["Spaces saved"],
    )
    assert (load_entry(entry).places.capacity, load_entry(entry).per_booking) == (20, 3)
    assert (load_entry(later).places.capacity, load_entry(later).per_booking) == (10, 6)


def test_the_places_of_all_later_ones_too(dashboard: Dashboard, entry: Entry, later: Entry) -> None:
    response = dashboard.post("entry_tickets", {"capacity": "20", "per_booking": "3", "scope": "later"}, pk=entry.pk)

    assert shown_messages(response) == ["2 entries saved"]
    assert [load_entry(each).places.capacity for each in (entry, later)] == [20, 20]


def test_fewer_places_than_are_booked_are_refused_naming_the_least(
    dashboard: Dashboard, entry: Entry, later: Entry, ticket: Ticket
) -> None:
    book_seat_manually(entry, ticket)
    book_seat_manually(later, ticket)
    book_seat_manually(later, ticket)

    form = {"capacity": "1", "per_booking": "3", "scope": "later"}
    response = dashboard.post("entry_tickets", form, pk=entry.pk)

    assert response.status_code == 422
    assert dict(response.context["form"].errors) == {
        "capacity": ["Enter 2 or more. 2 spaces are booked at one of these entries."]
    }
    assert shown_values(response, form) == form
    assert [load_entry(each).places.capacity for each in (entry, later)] == [10, 10]
    assert [load_entry(each).per_booking for each in (entry, later)] == [6, 6]


def test_fewer_places_at_one_entry(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    book_seat_manually(entry, ticket)
    book_seat_manually(entry, ticket)

    response = dashboard.post("entry_tickets", {"capacity": "1", "per_booking": "6"}, pk=entry.pk)

    assert dict(response.context["form"].errors) == {"capacity": ["Enter 2 or more. 2 spaces are booked."]}


def test_a_cancelled_entry_keeps_its_places_and_says_so(dashboard: Dashboard, entry: Entry) -> None:
    cancel_entry(entry, now=NOW)

    assert dashboard.get("entry_tickets", pk=entry.pk).content.count(b'name="capacity"') == 0
    response = dashboard.post("entry_tickets", {"capacity": "20", "per_booking": "3"}, pk=entry.pk)

    assert shown_messages(response) == ["This entry has been cancelled or has started, so you can’t change its spaces."]
    assert load_entry(entry).places.capacity == 10


# The list


@pytest.mark.parametrize("tickets", [1, 3])
def test_the_number_of_queries_is_fixed(
    tickets: int, dashboard: Dashboard, entry: Entry, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    group = GroupFactory.create(account=entry.account)
    TicketFactory.create_batch(tickets, entry=entry, group=group)
    dashboard.get("entry_tickets", pk=entry.pk)

    with django_assert_num_queries(11):
        response = dashboard.get("entry_tickets", pk=entry.pk)

    assert len(response.context["tickets"]) == tickets


def test_tickets_of_a_repeated_series_are_said_to_be_shared(dashboard: Dashboard, entry: Entry, later: Entry) -> None:
    words_of_it = "These tickets are shared by all 2 entries in the series, so your changes apply to all of them."

    assert words_of_it in page_text(dashboard.get("entry_tickets", pk=entry.pk))
    later.delete()
    assert "shared by all" not in page_text(dashboard.get("entry_tickets", pk=entry.pk))


# A ticket


def test_an_ordinary_ticket_is_added(dashboard: Dashboard, entry: Entry) -> None:
    response = dashboard.post(
        "ticket_create",
        ticket_form(restrict="on", opens="7", closes="90", closes_unit="minutes", capacity="4"),
        pk=entry.pk,
    )

    assert (response["Location"], shown_messages(response)) == (
        dashboard.url("entry_tickets", pk=entry.pk),
        ["Ticket added"],
    )
    ticket = Ticket.objects.get()
    assert (ticket.series, ticket.name, ticket.description, ticket.capacity) == (
        entry.series,
        "Early bird",
        "Cheaper.",
        4,
    )
    assert (ticket.exclusive, ticket.shown) == (False, True)
    assert (ticket.opens_minutes_before, ticket.closes_minutes_before) == (7 * 24 * 60, 90)


def test_an_exclusive_ticket_for_its_groups(dashboard: Dashboard, entry: Entry) -> None:
    gold, silver = GroupFactory.create_batch(2, account=entry.account)

    dashboard.post("ticket_create", ticket_form(exclusive="on", groups=[gold.pk], shown=""), pk=entry.pk)

    ticket = Ticket.objects.get()
    assert (ticket.exclusive, ticket.shown, list(ticket.groups.all())) == (True, False, [gold])
    assert silver not in ticket.groups.all()


def test_the_form_sent_twice_makes_one(dashboard: Dashboard, entry: Entry) -> None:
    for _ in range(2):
        assert dashboard.post("ticket_create", ticket_form(), pk=entry.pk).status_code == 302

    assert Ticket.objects.count() == 1


def test_windows_count_only_while_restricted(dashboard: Dashboard, entry: Entry) -> None:
    dashboard.post("ticket_create", ticket_form(opens="1", closes="2", closes_unit="days"), pk=entry.pk)

    ticket = Ticket.objects.get()
    assert (ticket.opens_minutes_before, ticket.closes_minutes_before) == (None, 0)


@pytest.mark.parametrize(
    ("change", "field", "words_of_it"),
    [
        ({"name": ""}, "name", "Enter the name"),
        ({"exclusive": "on"}, "groups", "Choose at least one customer group"),
        ({"capacity": "0"}, "capacity", "Enter 1 or more for “Number of tickets”"),
        (
            {"restrict": "on", "opens": "1", "closes": "24"},
            "opens",
            "Choose a longer time than “Until”. Sales have to start before they end.",
        ),
        ({"restrict": "on", "opens": "0"}, "opens", "Enter 1 or more for “From”"),
        ({"restrict": "on", "opens": "9999999999"}, "opens", "Enter 1000 or less for “From”"),
        ({"opens_unit": "years"}, "opens_unit", "Choose one from the list for “before the start”"),
    ],
)
def test_bad_input_says_what_to_do_and_keeps_what_was_typed(
    change: dict[str, str], field: str, words_of_it: str, dashboard: Dashboard, entry: Entry
) -> None:
    form = ticket_form(**change)

    response = dashboard.post("ticket_create", form, pk=entry.pk)

    assert (response.status_code, dict(response.context["form"].errors)) == (422, {field: [words_of_it]})
    assert shown_values(response, form) == {
        name: value == "on" if name in {"shown", "exclusive", "restrict"} else value for name, value in form.items()
    }
    assert Ticket.objects.count() == 0


def test_archived_groups_are_not_offered(dashboard: Dashboard, entry: Entry) -> None:
    archived = GroupFactory.create(account=entry.account, name="Founders", archived_at=NOW)
    GroupFactory.create(account=entry.account, name="Gold")

    assert "Founders" not in page_text(dashboard.get("ticket_create", pk=entry.pk))
    response = dashboard.post("ticket_create", ticket_form(exclusive="on", groups=[archived.pk]), pk=entry.pk)
    assert (response.status_code, Ticket.objects.count()) == (422, 0)


def test_without_a_group_it_leads_to_making_one(dashboard: Dashboard, entry: Entry) -> None:
    page = dashboard.get("ticket_create", pk=entry.pk)

    assert "You don’t have any customer groups yet. Create a new group" in page_text(page)
    assert page.content.decode().count(f'href="{dashboard.url("group_new")}"') == 1


def test_the_form_shows_the_ticket_as_it_is(dashboard: Dashboard, entry: Entry) -> None:
    group = GroupFactory.create(account=entry.account)
    ticket = TicketFactory.create(
        entry=entry, group=group, capacity=4, opens_minutes_before=36 * 60, closes_minutes_before=90, shown=False
    )

    form = dashboard.get("ticket_edit", pk=entry.pk, ticket=ticket.pk).context["form"]

    assert {name: form[name].value() for name in form.fields if name != "seen"} == {
        "name": ticket.name,
        "description": "",
        "cost": "free",
        "price": None,
        "exclusive": True,
        "groups": None,
        "shown": False,
        "capacity": 4,
        "restrict": True,
        "opens": 36,
        "opens_unit": "hours",
        "closes": 90,
        "closes_unit": "minutes",
    }
    picker = form.fields["groups"].widget.get_context("groups", None, {})["widget"]
    assert picker["shown"].options == [Option(group.pk, str(group), ticked=True)]


def test_saving_the_form_as_it_is_changes_nothing(dashboard: Dashboard, entry: Entry) -> None:
    group = GroupFactory.create(account=entry.account)
    ticket = TicketFactory.create(
        entry=entry, group=group, capacity=4, opens_minutes_before=36 * 60, closes_minutes_before=90
    )
    before = ticket_terms(ticket)
    form = dashboard.get("ticket_edit", pk=entry.pk, ticket=ticket.pk).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in sent.items() if value is not False and value is not None}

    response = dashboard.post("ticket_edit", sent, pk=entry.pk, ticket=ticket.pk)

    assert shown_messages(response) == ["Ticket saved"]
    assert ticket_terms(Ticket.objects.get()) == before


def test_an_ordinary_ticket_becomes_exclusive_and_its_seats_stand(
    dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    book_seat_manually(entry, ticket)
    group = GroupFactory.create(account=entry.account)

    dashboard.post("ticket_edit", ticket_form(exclusive="on", groups=[group.pk]), pk=entry.pk, ticket=ticket.pk)

    ticket.refresh_from_db()
    assert (ticket.exclusive, list(ticket.groups.all()), Seat.objects.get().cancelled_at) == (True, [group], None)


def test_fewer_tickets_than_are_booked_somewhere_are_refused_naming_the_least(
    dashboard: Dashboard, entry: Entry, later: Entry, ticket: Ticket
) -> None:
    book_seat_manually(entry, ticket)
    for _ in range(2):
        book_seat_manually(later, ticket)

    response = dashboard.post("ticket_edit", ticket_form(capacity="1", scope="all"), pk=entry.pk, ticket=ticket.pk)

    assert response.status_code == 422
    assert dict(response.context["form"].errors) == {
        "capacity": ["Enter 2 or more. 2 are booked at one of the entries."]
    }
    ticket.refresh_from_db()
    assert (ticket.name, ticket.capacity) == ("Drop-in", None)


def test_removing_a_ticket_says_what_stands(dashboard: Dashboard, entry: Entry, later: Entry, ticket: Ticket) -> None:
    book_seat_manually(entry, ticket)
    book_seat_manually(later, ticket)

    assert "2 spaces booked with it are kept." in page_text(
        dashboard.get("ticket_remove", pk=entry.pk, ticket=ticket.pk)
    )
    response = dashboard.post("ticket_remove", {"scope": "all"}, pk=entry.pk, ticket=ticket.pk)

    assert (response["Location"], shown_messages(response)) == (
        dashboard.url("entry_tickets", pk=entry.pk),
        ["Ticket removed"],
    )
    ticket.refresh_from_db()
    assert (ticket.retired_at, Seat.objects.live().count()) == (NOW, 2)
    assert dashboard.get("ticket_edit", pk=entry.pk, ticket=ticket.pk).status_code == 404


@pytest.mark.parametrize("name", ["Zoë’s 🎟️ <b>best</b>", "تذكرة"])
def test_any_name_is_shown_as_it_is(name: str, dashboard: Dashboard, entry: Entry) -> None:
    dashboard.post("ticket_create", ticket_form(name=name), pk=entry.pk)

    assert name in page_text(dashboard.get("entry_tickets", pk=entry.pk))


# Plans


@pytest.fixture
def free(studio: Account) -> None:
    studio.plan = Plan.FREE
    studio.save(update_fields=["plan"])


def test_below_standard_the_form_explains_and_shows_the_way_up(dashboard: Dashboard, entry: Entry, free: None) -> None:
    page = dashboard.get("ticket_create", pk=entry.pk)

    assert "exclusive" not in page.context["form"].fields
    assert "Exclusive tickets need the Standard plan." in page_text(page)
    assert page.content.decode().count(f'href="{dashboard.url("plan")}"') == 1
    manager = open_dashboard(entry.account, Role.SCHEDULE_MANAGER)
    assert "Ask an account owner to change the plan." in page_text(manager.get("ticket_create", pk=entry.pk))


def test_below_standard_an_exclusive_ticket_cannot_be_made(dashboard: Dashboard, entry: Entry, free: None) -> None:
    group = GroupFactory.create(account=entry.account)

    dashboard.post("ticket_create", ticket_form(exclusive="on", groups=[group.pk]), pk=entry.pk)

    ticket = Ticket.objects.get()
    assert (ticket.exclusive, list(ticket.groups.all())) == (False, [])


def test_after_a_downgrade_an_exclusive_ticket_stays_exclusive(
    dashboard: Dashboard, yoga: SchedulePage, free: None
) -> None:
    entry = EntryFactory.create(page=yoga)
    group = GroupFactory.create(account=entry.account)
    ticket = TicketFactory.create(entry=entry, group=group)

    dashboard.post("ticket_edit", ticket_form(exclusive="on", groups=[group.pk]), pk=entry.pk, ticket=ticket.pk)

    ticket.refresh_from_db()
    assert (ticket.name, ticket.exclusive, list(ticket.groups.all())) == ("Early bird", True, [group])
