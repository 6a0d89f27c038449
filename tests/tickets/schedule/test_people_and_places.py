"""Who leads entries, where they are and their tags: by names, for one date or from then on."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.history.acting import acting
from accounts.models import Account, AuditEntry, Letter, SchedulePage
from tests.factories.accounts import AccountFactory, SchedulePageFactory, StaffFactory
from tests.factories.schedule import NOW, EntryFactory, load_entry
from tests.tickets.schedule.test_entries import book_manually
from tickets.details import NOBODY, leaders_at
from tickets.models import Entry, EntryLeader, EntryTag, Leader, Location, Tag
from tickets.schedule.details import EntryDetails, Labels, entry_details
from tickets.schedule.entries import create_entries, edit_entries
from tickets.schedule.extending import extend_series
from tickets.schedule.labels import labels_of, set_leaders, set_tags
from tickets.schedule.names import (
    NameInUseError,
    NameTakenError,
    StaffTakenError,
    archive_named,
    delete_named,
    restore_named,
    save_named,
)
from tickets.schedule.overrides import Scope

pytestmark = pytest.mark.django_db

WEEKLY = EntryDetails(
    title="Yoga",
    starts=datetime(2030, 3, 5, 18, 30),  # noqa: DTZ001 - a wall-clock time
    duration=timedelta(hours=1),
    capacity=10,
    location="River Room",
    labels=Labels(("Ben", "Clara"), ("Yoga", "Beginners")),
)


@pytest.fixture
def page() -> SchedulePage:
    return SchedulePageFactory.create()


@pytest.fixture
def weekly(page: SchedulePage) -> list[Entry]:
    """Four of them."""
    return create_entries(page, WEEKLY, until=date(2030, 3, 26))


def edit(entry: Entry, *, scope: Scope = Scope.THIS, overwrite: bool = False, **changes: Any) -> None:
    entry = load_entry(entry)
    said = {name: changes.pop(name) for name in ("leaders", "tags") if name in changes}
    details = replace(entry_details(entry), labels=replace(labels_of(entry), **said), **changes)
    edit_entries(entry, details, scope=scope, overwrite=overwrite, now=NOW)


def led(entries: list[Entry]) -> list[str]:
    """Each as “those who lead/those who were to”."""
    found = leaders_at([entry.pk for entry in entries])
    told = [found.get(entry.pk, NOBODY) for entry in entries]
    return [" ".join(each.leaders) + (f"/{' '.join(each.instead_of)}" if each.instead_of else "") for each in told]


class TestNamesThatAreTyped:
    def test_are_made_where_they_are_not_there(self, page: SchedulePage, weekly: list[Entry]) -> None:
        assert led(weekly) == ["Ben Clara"] * 4
        assert {labels_of(entry) for entry in weekly} == {Labels(("Ben", "Clara"), ("Beginners", "Yoga"))}
        assert {entry.venue_id for entry in weekly} == {Location.objects.get(account=page.account).pk}
        for model, names in ((Leader, ["Ben", "Clara"]), (Location, ["River Room"]), (Tag, ["Beginners", "Yoga"])):
            assert [each.name for each in model.objects.filter(account=page.account)] == names

    @pytest.mark.usefixtures("weekly")
    def test_are_the_account_s_own_and_told_apart_without_case(self, page: SchedulePage) -> None:
        other = SchedulePageFactory.create()
        details = replace(WEEKLY, location="RIVER ROOM", labels=Labels(("ben", "BEN", "Dora"), ("YOGA",)))

        (here,), (there,) = create_entries(page, details), create_entries(other, details)

        assert led([here, there]) == ["Ben Dora", "ben Dora"]
        assert [(each.location, each.venue and each.venue.account_id) for each in (here, there)] == [
            ("River Room", page.account_id),
            ("RIVER ROOM", other.account_id),
        ]
        assert {row.leader.account_id == row.account_id for row in EntryLeader.objects.all()} == {True}
        assert labels_of(here).tags == ("Yoga",)
        assert Leader.objects.filter(account=page.account).count() == 3

    @pytest.mark.usefixtures("weekly")
    def test_come_back_where_they_were_archived(self, page: SchedulePage) -> None:
        ben = Leader.objects.get(account=page.account, name="Ben")
        archive_named(ben, now=NOW)

        create_entries(page, WEEKLY)

        ben.refresh_from_db()
        assert ben.archived_at is None

    def test_may_be_none(self, page: SchedulePage) -> None:
        (entry,) = create_entries(page, replace(WEEKLY, location="", labels=Labels()))

        assert (led([entry]), entry.venue, EntryTag.objects.count(), Location.objects.count()) == ([""], None, 0, 0)

    def test_leave_a_text_from_before_as_it_is(self, page: SchedulePage) -> None:
        entry = EntryFactory.create(page=page, location="By the lake", starts_at=NOW + timedelta(days=9))

        edit(entry, title="Yoga")
        assert (load_entry(entry).location, Location.objects.count()) == ("By the lake", 0)
        edit(entry, location="By the lake!")
        entry = load_entry(entry)
        assert (entry.location, entry.venue) == ("By the lake!", Location.objects.get())


class TestLeadersOfASeries:
    def test_change_from_a_date_on(self, weekly: list[Entry]) -> None:
        edit(weekly[1], scope=Scope.FOLLOWING, leaders=("Dora",))

        assert led(weekly) == ["Ben Clara", "Dora", "Dora", "Dora"]

    def test_are_kept_where_somebody_takes_over_for_a_date(self, weekly: list[Entry]) -> None:
        edit(weekly[1], leaders=("Dora", "Clara"))
        assert led(weekly) == ["Ben Clara", "Dora Clara/Ben", "Ben Clara", "Ben Clara"]

        edit(weekly[1], leaders=("Emil",))
        assert led(weekly)[1] == "Emil/Ben Clara"
        edit(weekly[1], leaders=())
        assert led(weekly)[1] == "/Ben Clara"
        edit(weekly[1], leaders=("Ben", "Clara"))
        assert led(weekly)[1] == "Ben Clara"

    def test_who_takes_over_for_a_date_still_does_when_the_series_changes(self, weekly: list[Entry]) -> None:
        edit(weekly[2], leaders=("Dora",))

        edit(weekly[0], scope=Scope.FOLLOWING, leaders=("Emil",), title="Flow")

        assert led(weekly) == ["Emil", "Emil", "Dora/Emil", "Emil"]
        edit(weekly[0], scope=Scope.FOLLOWING, leaders=("Dora",))
        assert led(weekly) == ["Dora"] * 4

    def test_are_the_same_on_every_date_where_the_operator_says_so(self, weekly: list[Entry]) -> None:
        edit(weekly[2], leaders=("Dora",))

        edit(weekly[1], scope=Scope.ALL, overwrite=True, leaders=("Emil",))

        assert led(weekly) == ["Emil"] * 4

    def test_and_tags_that_only_some_dates_have_stay_there(self, weekly: list[Entry]) -> None:
        set_leaders(weekly[2:3], ["Dora"], for_once=False)
        set_tags(weekly[2:3], ["Slow"])

        edit(weekly[0], scope=Scope.ALL, leaders=("Emil",), tags=("Quick",))

        assert led(weekly) == ["Emil", "Emil", "Dora", "Emil"]
        assert [labels_of(entry).tags for entry in weekly] == [("Quick",), ("Quick",), ("Slow",), ("Quick",)]

    def test_stay_where_something_else_changes(self, weekly: list[Entry]) -> None:
        edit(weekly[1], leaders=("Dora",))

        edit(weekly[0], scope=Scope.FOLLOWING, title="Flow", location="Lake Room", tags=("Flow",))

        assert led(weekly) == ["Ben Clara", "Dora/Ben Clara", "Ben Clara", "Ben Clara"]
        assert {load_entry(entry).location for entry in weekly} == {"Lake Room"}
        assert set(EntryTag.objects.values_list("tag__name", flat=True)) == {"Flow"}

    def test_go_on_with_it_and_not_who_takes_over_for_its_last_date(self, weekly: list[Entry]) -> None:
        edit(weekly[3], leaders=("Dora",))

        made = extend_series(weekly[0].series, until=date(2030, 4, 9))

        assert led([weekly[3], *made]) == ["Dora/Ben Clara", "Ben Clara", "Ben Clara"]

    def test_of_a_single_entry_nobody_takes_over(self, page: SchedulePage) -> None:
        (entry,) = create_entries(page, WEEKLY)

        edit(entry, leaders=("Dora",))

        assert led([entry]) == ["Dora"]

    def test_are_in_the_order_typed(self, weekly: list[Entry]) -> None:
        edit(weekly[0], scope=Scope.FOLLOWING, leaders=("Clara", "Ben"))

        assert led(weekly) == ["Clara Ben"] * 4


def test_another_place_is_a_move_that_those_booked_are_told_of(weekly: list[Entry]) -> None:
    book_manually(weekly[0], email="ada@example.org")
    Letter.objects.all().delete()

    edit(weekly[0], leaders=("Dora",))
    assert Letter.objects.count() == 0
    edit(weekly[0], location="Lake Room")

    letter = Letter.objects.get()
    assert (letter.recipient, "LOCATION:Lake Room" in letter.calendar) == ("ada@example.org", True)


class TestAName:
    @pytest.fixture
    def account(self, page: SchedulePage) -> Account:
        return page.account

    def test_of_a_place_is_what_entries_to_come_say(self, account: Account, weekly: list[Entry]) -> None:
        room = Location.objects.get(account=account)
        room.name = "River Hall"

        save_named(room, now=weekly[1].starts_at)

        said = [(entry.location, entry.venue_id) for entry in map(load_entry, weekly)]
        assert said == [("River Room", room.pk)] * 2 + [("River Hall", room.pk)] * 2

    @pytest.mark.usefixtures("weekly")
    def test_is_refused_where_another_has_it(self, account: Account) -> None:
        with pytest.raises(NameTakenError):
            save_named(Leader(account=account, name="BEN"), now=NOW)
        with pytest.raises(NameTakenError):
            save_named(Location(account=account, name="river room"), now=NOW)
        save_named(Tag(account=AccountFactory.create(), name="Yoga"), now=NOW)

    @pytest.mark.usefixtures("weekly")
    def test_of_a_team_member_is_one_leader_s(self, account: Account) -> None:
        staff = StaffFactory.create(account=account)
        ben, clara = Leader.objects.filter(account=account)
        ben.staff = clara.staff = staff
        save_named(ben, now=NOW)

        with pytest.raises(StaffTakenError):
            save_named(clara, now=NOW)

    @pytest.mark.parametrize("model", [Leader, Location, Tag])
    @pytest.mark.usefixtures("weekly")
    def test_is_deleted_only_where_no_entry_has_it(self, account: Account, model: type[Leader]) -> None:
        used, unused = model.objects.filter(account=account).first(), model(account=account, name="Unused")
        assert used
        save_named(unused, now=NOW)
        with pytest.raises(NameInUseError):
            delete_named(used)
        for _ in range(2):
            delete_named(unused)
        assert not model.objects.filter(name="Unused").exists()

    def test_s_history_is_written(self, account: Account) -> None:
        staff = StaffFactory.create(account=account)
        tag = Tag(account=account, name="Yoga")
        with acting(staff.user, at=NOW):
            save_named(tag, now=NOW)
            tag.name = "Hatha"
            save_named(tag, now=NOW)
            save_named(tag, now=NOW)
            for _ in range(2):
                archive_named(tag, now=NOW)
            for _ in range(2):
                restore_named(tag)
            delete_named(tag)

        told = [(each.action, each.label, each.changes) for each in AuditEntry.objects.order_by("pk")]
        assert told == [
            ("tag.created", "Yoga", []),
            ("tag.changed", "Hatha", [["Name", "Yoga", "Hatha"]]),
            ("tag.archived", "Hatha", []),
            ("tag.restored", "Hatha", []),
            ("tag.deleted", "Hatha", []),
        ]
