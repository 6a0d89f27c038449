"""A location has another address or link: everybody booked there is told, once for each person and change."""

from datetime import timedelta
from uuid import uuid4

import pytest
from time_machine import travel

from accounts.models import Account, AuditEntry, Letter, Operation, Staff
from tests.browsing import calendar_events, open_browser, page_text, shown_messages
from tests.factories.accounts import SchedulePageFactory, StaffFactory
from tests.factories.schedule import NOW, load_entry
from tests.tickets.schedule.test_entries import book_manually
from tests.tickets.schedule.test_people_and_places import WEEKLY
from tests.worlds.replacing import carry_all as work_off
from tickets.booking.book import book_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import Entry, Location
from tickets.schedule import leading, moving, relocating
from tickets.schedule.entries import cancel_entry, create_entries
from tickets.schedule.leading import change_leaders
from tickets.schedule.overrides import Scope
from tickets.schedule.recurrence import Repeat

pytestmark = pytest.mark.django_db


class Hall:
    """A class of three Tuesdays at a location, where Ada has two of them, in two bookings, and Bea one."""

    def __init__(self) -> None:
        self.staff: Staff = StaffFactory.create(account__slug="river")
        self.account: Account = self.staff.account
        self.entries = create_entries(SchedulePageFactory.create(account=self.account), WEEKLY, repeat=Repeat(count=3))
        ada = book_manually(load_entry(self.entries[0]), email="ada@example.org").customer
        book_manually(load_entry(self.entries[1]), email="bea@example.org")
        wanted = [WantedTicket(ticket=self.entries[0].series.tickets.get().pk, name="Ada")]
        book_by_studio(load_entry(self.entries[2]), ada, wanted, key=uuid4(), now=NOW)
        Letter.objects.all().delete()
        AuditEntry.objects.all().delete()
        self.location = Location.objects.get()
        self.browser = open_browser(self.staff.user)
        self.path = f"/dashboard/river/schedule/locations/{self.location.pk}/"

    def say(self, *, tell: bool = True, **changes: str) -> str:
        sent = {"name": "River Room", "address": "", "map_link": "", "link": "", **changes}
        with travel(NOW, tick=False):
            response = self.browser.post(self.path, {**sent, **({"tell": "on"} if tell else {})})
        assert response.status_code == 302
        return shown_messages(response)[-1]


@pytest.fixture
def hall() -> Hall:
    return Hall()


def letters() -> dict[str, Letter]:
    return {each.recipient: each for each in Letter.objects.filter(kind="location_changed")}


def test_each_person_is_told_once_with_all_their_dates_in_their_calendar(hall: Hall) -> None:
    before = {each.uuid: load_entry(each).places.revision for each in hall.entries}

    said = hall.say(address="2 Quay Street", map_link="https://maps.example/quay")

    assert said == "Saved. We’re emailing 2 customers."
    told = letters()
    assert set(told) == {"ada@example.org", "bea@example.org"}
    text = told["ada@example.org"].text
    assert "River Room, 2 Quay Street" in text
    assert "https://maps.example/quay" in told["ada@example.org"].html
    assert ("5 March 2030" in text, "12 March 2030" in text, "19 March 2030" in text) == (True, False, True)
    events = calendar_events(told["ada@example.org"].calendar)
    assert [str(each["location"]) for each in events] == ["River Room, 2 Quay Street"] * 2
    assert len({str(each["uid"]) for each in events}) == 2
    assert all(int(each["sequence"]) > min(before.values()) for each in events)
    line = AuditEntry.objects.get(action="location.changed")
    assert line.changes == [
        ["Address", "–", "2 Quay Street"],
        ["Link to a map", "–", "https://maps.example/quay"],
        ["Customers emailed", "", "2"],
    ]


def test_the_link_to_join_is_told_to_those_booked(hall: Hall) -> None:
    hall.say(online="on", link="https://meet.example/river")

    assert "https://meet.example/river" in letters()["bea@example.org"].html


def test_another_name_is_told_too_and_entries_say_it(hall: Hall) -> None:
    hall.say(name="Quay Room")

    assert load_entry(hall.entries[0]).location == "Quay Room"
    assert "Quay Room" in letters()["bea@example.org"].text


def test_the_same_form_again_and_a_form_that_changes_nothing_tell_nobody(hall: Hall) -> None:
    hall.say(address="2 Quay Street")
    Letter.objects.all().delete()

    assert hall.say(address="2 Quay Street") == "Saved"

    assert letters() == {}
    assert AuditEntry.objects.filter(action="location.changed").count() == 1


def test_nobody_is_told_where_the_studio_does_not_want_it(hall: Hall) -> None:
    assert hall.say(tell=False, address="2 Quay Street") == "Saved"

    assert letters() == {}
    assert AuditEntry.objects.get(action="location.changed").changes == [["Address", "–", "2 Quay Street"]]


def test_only_who_still_comes_to_what_still_takes_place_is_told(hall: Hall) -> None:
    cancel_entry(load_entry(hall.entries[1]), now=NOW)
    elsewhere = create_entries(hall.entries[0].page, WEEKLY)[0]
    Entry.objects.filter(pk=elsewhere.pk).update(venue=None, location="Park")
    book_manually(load_entry(elsewhere), email="cas@example.org")

    hall.say(address="2 Quay Street")

    assert set(letters()) == {"ada@example.org"}


def test_where_they_are_many_workers_tell_them_once(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relocating, "MANY", 1)
    assert moving.MANY == 500

    hall.say(address="2 Quay Street")

    job = Operation.objects.get()
    later = book_manually(load_entry(hall.entries[0]), email="later@example.org")
    later.seats.update(created_at=NOW + timedelta(minutes=1))
    for _ in range(2):
        work_off(job)
    job.refresh_from_db()
    assert (job.kind, job.state, set(letters())) == ("locate", "done", {"ada@example.org", "bea@example.org"})
    page = page_text(hall.browser.get(f"/dashboard/river/operations/{job.pk}/"))
    assert "Open the location" in page


def test_where_they_are_many_workers_tell_who_leads_too(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leading, "MANY", 1)

    change_leaders(load_entry(hall.entries[0]), ["Dora"], scope=Scope.ALL, tell=True, now=NOW)

    job = Operation.objects.get()
    work_off(job)
    job.refresh_from_db()
    assert (job.kind, job.state) == ("lead_entry", "done")
    assert sorted(Letter.objects.filter(kind="leader_changed").values_list("recipient", flat=True)) == [
        "ada@example.org",
        "bea@example.org",
    ]


def test_a_new_location_asks_nothing(hall: Hall) -> None:
    assert "Email everyone" not in page_text(hall.browser.get("/dashboard/river/schedule/locations/new/"))
    assert "Email everyone who has booked there" in page_text(hall.browser.get(hall.path))
