"""Two colleagues have the same entry open: what each of them changes is kept, and what both change is asked again."""

from typing import Any

import pytest

from accounts.models import Letter, SchedulePage
from tests.browsing import page_text, shown_messages
from tests.factories.schedule import load_entry
from tests.tickets.dashboard.booking import book_seat_manually
from tests.tickets.dashboard.test_entries import create_weekly, edit_form
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry, Location, Tag, Ticket
from tickets.schedule.labels import labels_of

pytestmark = pytest.mark.django_db

AGAIN = "Save again to have it as you typed it."


@pytest.fixture
def class_(yoga: SchedulePage) -> Entry:
    entry = create_weekly(yoga)[1]
    book_seat_manually(entry, Ticket.objects.get())
    return entry


def opened(dashboard: Dashboard, entry: Entry, page: str = "entry_edit", **at: Any) -> dict[str, str]:
    """The form as a page of an entry has it."""
    response = dashboard.get(page, pk=entry.pk, **at)
    form = response.context["form"]
    assert f'name="seen" value="{form.initial["seen"]}"' in response.content.decode()
    return {name: str(form[name].value() or "") for name in form.fields if name not in {"overwrite", "groups"}}


def save(dashboard: Dashboard, entry: Entry, form: dict[str, str], **changes: str) -> Any:
    return dashboard.post("entry_edit", {**form, **changes}, pk=entry.pk)


def as_it_is(entry: Entry) -> tuple[str, str, str]:
    found = load_entry(entry)
    return found.title, f"{found.starts_at:%H:%M}", found.description


def test_what_each_of_two_changes_is_kept(dashboard: Dashboard, class_: Entry) -> None:
    ada = opened(dashboard, class_)
    save(dashboard, class_, opened(dashboard, class_), start="19:00", end="20:15")

    done = save(dashboard, class_, ada, description="Bring a mat.")

    assert as_it_is(class_) == ("Yin", "19:00", "Bring a mat.")
    assert shown_messages(done)[-2:] == ["Entry saved", "Kept as a colleague has just changed it: Start, End"]
    assert Letter.objects.filter(kind="moved").count() == 1


def test_what_both_change_is_asked_again_and_then_counts(dashboard: Dashboard, class_: Entry) -> None:
    ada = opened(dashboard, class_)
    save(dashboard, class_, opened(dashboard, class_), title="Yang", start="19:00", end="20:00")

    asked = save(dashboard, class_, ada, title="Flow", end="20:30")

    assert asked.status_code == 422
    told = page_text(asked)
    for each in ("Yang", "19:00", "20:00"):
        assert f"A colleague has just changed this to “{each}”. {AGAIN}" in told
    assert as_it_is(class_) == ("Yang", "19:00", "Slow.")
    again = {name: str(asked.context["form"][name].value() or "") for name in ada}
    assert (again["title"], again["end"]) == ("Flow", "20:30")
    save(dashboard, class_, again)
    assert as_it_is(class_) == ("Flow", "18:30", "Slow.")


def test_what_both_change_alike_is_not_asked(dashboard: Dashboard, class_: Entry) -> None:
    ada = opened(dashboard, class_)
    save(dashboard, class_, opened(dashboard, class_), title="Yang")

    assert save(dashboard, class_, ada, title=" Yang ").status_code == 302
    assert as_it_is(class_)[0] == "Yang"


def test_on_the_page_of_consequences_too(dashboard: Dashboard, class_: Entry) -> None:
    checked = save(dashboard, class_, opened(dashboard, class_), title="Flow", scope="later").context["form"]
    sent = {name: str(checked[name].value() or "") for name in checked.fields} | {"confirmed": "1"}
    save(dashboard, class_, opened(dashboard, class_), description="Bring a mat.")

    save(dashboard, class_, sent)

    assert as_it_is(class_) == ("Flow", "18:30", "Bring a mat.")


@pytest.mark.parametrize("seen", ["", "nonsense", "title", "title=x start", "=" * 5000, "title=x " * 99])
def test_a_page_that_says_nothing_sensible_of_what_it_showed_is_answered(
    seen: str, dashboard: Dashboard, class_: Entry
) -> None:
    response = dashboard.post("entry_edit", edit_form(title="Flow", seen=seen), pk=class_.pk)

    assert response.status_code in {302, 422}


# Tickets, spaces and leaders


def test_a_ticket_keeps_the_price_that_a_colleague_gave_it(dashboard: Dashboard, class_: Entry) -> None:
    ticket = Ticket.objects.get()
    at = {"pk": class_.pk, "ticket": ticket.pk}
    ada, bob = (opened(dashboard, class_, "ticket_edit", ticket=ticket.pk) for _ in "ab")

    dashboard.post("ticket_edit", bob | {"cost": "cost", "price": "15", "restrict": "on", "closes": "2"}, **at)
    dashboard.post("ticket_edit", ada | {"name": "Drop-in", "shown": ""}, **at)

    ticket.refresh_from_db()
    assert (ticket.name, ticket.price, ticket.shown, ticket.closes_minutes_before) == ("Drop-in", 1500, False, 120)
    asked = dashboard.post("ticket_edit", ada | {"cost": "cost", "price": "9"}, **at)
    assert (asked.status_code, Ticket.objects.get().price) == (422, 1500)
    assert f"A colleague has just changed this to “15.00”. {AGAIN}" in page_text(asked)


def test_spaces_keep_what_a_colleague_made_of_them(dashboard: Dashboard, class_: Entry) -> None:
    ada, bob = (opened(dashboard, class_, "entry_tickets") for _ in "ab")

    dashboard.post("entry_tickets", bob | {"capacity": "20"}, pk=class_.pk)
    dashboard.post("entry_tickets", ada | {"per_booking": "1"}, pk=class_.pk)

    found = load_entry(class_)
    assert (found.places.capacity, found.per_booking) == (20, 1)
    asked = dashboard.post("entry_tickets", ada | {"capacity": "30"}, pk=class_.pk)
    assert f"A colleague has just changed this to “20”. {AGAIN}" in page_text(asked)


def test_leaders_whom_a_colleague_has_just_changed_are_asked_again(dashboard: Dashboard, class_: Entry) -> None:
    ada, bob = (opened(dashboard, class_, "entry_leaders") for _ in "ab")

    dashboard.post("entry_leaders", bob | {"leaders": "Bea"}, pk=class_.pk)
    asked = dashboard.post("entry_leaders", ada | {"leaders": "Cleo"}, pk=class_.pk)

    assert f"A colleague has just changed this to “Bea”. {AGAIN}" in page_text(asked)
    again = {name: str(asked.context["form"][name].value() or "") for name in ada}
    assert dashboard.post("entry_leaders", again, pk=class_.pk).status_code == 302
    assert labels_of(load_entry(class_)).leaders == ("Cleo",)


def test_more_space_between_words_makes_no_other_location_or_tag(dashboard: Dashboard, class_: Entry) -> None:
    save(dashboard, class_, opened(dashboard, class_), location="River Room", tags="For all")
    save(dashboard, class_, opened(dashboard, class_), location=" River  Room", tags="for  all")

    assert list(Location.objects.filter(name__startswith="River").values_list("name", flat=True)) == ["River Room"]
    assert list(Tag.objects.values_list("name", flat=True)) == ["For all"]
