"""Entries keep the wall times that were said (T2, T3, T4), also beside the release that knows none."""

import importlib
import pkgutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import SchedulePage
from accounts.zones import offered_zones
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import EntryFactory, load_entry
from tickets import migrations
from tickets.models import Entry
from tickets.schedule.details import EntryDetails, entry_details
from tickets.schedule.entries import create_entries, edit_entries
from tickets.schedule.extending import extend_series
from tickets.schedule.overrides import Scope

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)
[FILLED] = [each.name for each in pkgutil.iter_modules(migrations.__path__) if each.name.endswith("wall_times_filled")]


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def lasting(starts: str, duration: timedelta) -> EntryDetails:
    return EntryDetails(title="Night", starts=wall(starts), duration=duration, capacity=10)


def page_in(zone: str) -> SchedulePage:
    return SchedulePageFactory.create(account=AccountFactory.create(time_zone=zone))


def shown(entries: list[Entry]) -> list[str]:
    """What people read, on page, letter and .ics: the instants on the clocks of the zone."""
    found = [load_entry(entry) for entry in entries]
    ends = [
        (each.starts_at.astimezone(each.account.zone), each.ends_at.astimezone(each.account.zone)) for each in found
    ]
    return [f"{starts:%d %b %H:%M}–{end:%H:%M}" for starts, end in ends]


NIGHT = lasting("2026-10-17 22:00", timedelta(hours=8))


def test_t2_a_night_is_22_to_06_in_every_week() -> None:
    made = create_entries(page_in("Europe/London"), NIGHT, until=date(2026, 11, 1))

    assert shown(made) == ["17 Oct 22:00–06:00", "24 Oct 22:00–06:00", "31 Oct 22:00–06:00"]


def test_t2_whichever_night_it_was_made_first_on() -> None:
    long_night = replace(NIGHT, starts=wall("2026-10-24 22:00"))
    made = create_entries(page_in("Europe/London"), long_night)

    more = extend_series(made[0].series, until=date(2026, 11, 8))

    assert shown(made + more) == ["24 Oct 22:00–06:00", "31 Oct 22:00–06:00", "07 Nov 22:00–06:00"]


def test_t3_a_series_that_met_the_skipped_hour_goes_on_at_its_own() -> None:
    made = create_entries(
        page_in("Europe/London"), lasting("2026-03-22 01:30", timedelta(minutes=45)), until=date(2026, 3, 29)
    )

    more = extend_series(made[0].series, until=date(2026, 4, 12))

    assert shown(made) == ["22 Mar 01:30–02:15", "29 Mar 02:30–03:15"]
    assert shown(more) == ["05 Apr 01:30–02:15", "12 Apr 01:30–02:15"]


def test_t3_later_ones_keep_their_own_hour_when_the_one_in_the_skipped_hour_moves() -> None:
    made = create_entries(
        page_in("Europe/London"), lasting("2026-03-29 01:30", timedelta(minutes=45)), until=date(2026, 4, 5)
    )
    entry = load_entry(made[0])

    edit_entries(
        entry, replace(entry_details(entry), starts=wall("2026-03-29 03:00")), scope=Scope.FOLLOWING, now=LONG_AGO
    )

    assert shown(made) == ["29 Mar 03:00–03:45", "05 Apr 03:00–03:45"]


def test_t4_the_repeated_hour() -> None:
    made = create_entries(
        page_in("Europe/London"), lasting("2026-10-18 01:30", timedelta(minutes=45)), until=date(2026, 10, 25)
    )

    assert shown(made) == ["18 Oct 01:30–02:15", "25 Oct 01:30–02:15"]
    assert load_entry(made[1]).ends_at == datetime(2026, 10, 25, 2, 15, tzinfo=UTC)


def test_saving_an_entry_unchanged_moves_nothing() -> None:
    entry = load_entry(EntryFactory.create(starts_at=datetime(2030, 10, 27, 1, 30, tzinfo=UTC)))  # the second 01:30

    edit_entries(entry, replace(entry_details(entry), title="Yin"), scope=Scope.FOLLOWING, now=LONG_AGO)

    after = load_entry(entry)
    assert (after.title, after.starts_at, after.ends_at) == ("Yin", entry.starts_at, entry.ends_at)


# Any zone that we offer, any year


@st.composite
def series(draw: st.DrawFn) -> tuple[str, EntryDetails, int, int]:
    """A zone, the first entry, and how many weeks it is made and then goes on: often near a change of clocks."""
    zone = draw(st.sampled_from([*offered_zones(), "Europe/London", "America/Havana", "Australia/Lord_Howe"]))
    month, day = draw(st.sampled_from([(3, 8), (3, 22), (9, 22), (10, 18), (10, 25)]))
    starts = datetime(draw(st.integers(1990, 2100)), month, day) + timedelta(  # noqa: DTZ001
        days=draw(st.integers(0, 13)), minutes=15 * draw(st.integers(0, 95))
    )
    lasts = timedelta(minutes=15 * draw(st.integers(1, 120)))
    details = EntryDetails(title="Class", starts=starts, duration=lasts, capacity=10)
    return zone, details, draw(st.integers(0, 3)), draw(st.integers(1, 3))


SHIFT = st.integers(-2000, 2000).map(lambda minutes: timedelta(minutes=minutes))


@settings(max_examples=25)
@given(series(), SHIFT, SHIFT)
def test_every_entry_of_any_series_has_its_wall_times(
    drawn: tuple[str, EntryDetails, int, int], shift: timedelta, longer: timedelta
) -> None:
    zone, details, weeks, more = drawn
    starts = [details.starts + timedelta(weeks=week) for week in range(weeks + more + 1)]
    made = create_entries(page_in(zone), details, until=starts[weeks].date())
    made += extend_series(made[0].series, until=starts[-1].date())
    hold(made, starts, details.duration)
    first, lasts = load_entry(made[0]), max(details.duration + longer, timedelta(minutes=1))

    edit_entries(
        first, replace(details, starts=details.starts + shift, duration=lasts), scope=Scope.FOLLOWING, now=LONG_AGO
    )

    hold(made, [start + shift for start in starts], lasts)


def hold(entries: list[Entry], starts: list[datetime], lasts: timedelta) -> None:
    """Each entry was said to start then, is read so again, and is shown so where its zone has that hour."""
    for entry, local in zip([load_entry(each) for each in entries], starts, strict=True):
        assert entry.ends_at > entry.starts_at
        assert (entry.local_start, entry.local_end) == (local, local + lasts)
        details, zone = entry_details(entry), entry.account.zone
        assert (details.starts, details.duration) == (local, lasts)
        again = Entry()
        again.set_times(entry.wall_times(zone), zone)
        assert (again.starts_at, again.ends_at) == (entry.starts_at, entry.ends_at)
        if exists(local, zone):
            assert entry.starts_at.astimezone(zone).replace(tzinfo=None) == local
            if exists(local + lasts, zone):
                assert entry.ends_at.astimezone(zone).replace(tzinfo=None) == local + lasts


def exists(local: datetime, zone: ZoneInfo) -> bool:
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local


# Beside the release before, which knows only instants


def insert_as_before(page: SchedulePage, starts_at: datetime) -> Entry:
    """What the release before this one writes: every column that it knows, and no other."""
    twin = EntryFactory.create(page=page)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_entry (account_id, page_id, series_id, uuid, title, description, location, starts_at,"
            " ends_at, per_booking, created_at) SELECT account_id, page_id, series_id, gen_random_uuid(), 'Before', '',"
            " '', %s, %s, 6, now() FROM tickets_entry WHERE id = %s RETURNING id",
            [starts_at, starts_at + timedelta(hours=1), twin.pk],
        )
        pk = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO tickets_entryplaces (entry_id, account_id, capacity, taken, revision)"
            " VALUES (%s, %s, 10, 0, 0)",
            [pk, twin.account_id],
        )
    return Entry.objects.for_booking().get(pk=pk)


def test_an_entry_that_the_release_before_made_is_read_from_its_instants() -> None:
    entry = insert_as_before(page_in("Europe/London"), datetime(2030, 7, 1, 17, tzinfo=UTC))

    assert (entry.local_start, entry.keeps_wall_times) == (None, False)
    assert (entry_details(entry).starts, entry_details(entry).duration) == (
        wall("2030-07-01 18:00"),
        timedelta(hours=1),
    )
    assert shown(extend_series(entry.series, until=date(2030, 11, 4)))[-1] == "04 Nov 18:00–19:00"


def test_an_entry_that_the_release_before_moved_is_read_from_its_instants() -> None:
    [entry] = create_entries(page_in("Europe/London"), NIGHT)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tickets_entry SET starts_at = starts_at + interval '2h', ends_at = ends_at + interval '2h'"
        )
    moved = load_entry(entry)

    assert (moved.local_start, moved.keeps_wall_times) == (wall("2026-10-17 22:00"), False)
    assert entry_details(moved).starts == wall("2026-10-18 00:00")
    edit_entries(moved, replace(entry_details(moved), duration=timedelta(hours=1)), now=LONG_AGO)
    assert shown([entry]) == ["18 Oct 00:00–01:00"]
    assert load_entry(entry).keeps_wall_times


def test_entries_from_before_keep_what_the_clocks_show_at_them() -> None:
    pages = [page_in(zone) for zone in ("Europe/London", "Asia/Calcutta", "Mars/Olympus", "Asia/Kathmandu")]
    entries = [insert_as_before(page, datetime(2030, 7, 1, 17, tzinfo=UTC)) for page in pages]
    second = insert_as_before(pages[0], datetime(2030, 10, 27, 1, 30, tzinfo=UTC))

    for _ in range(2):
        with connection.schema_editor() as editor:
            importlib.import_module(f"tickets.migrations.{FILLED}").fill(apps, editor)

    assert [load_entry(each).local_start for each in entries] == [
        wall("2030-07-01 18:00"),
        wall("2030-07-01 22:30"),
        None,
        wall("2030-07-01 22:45"),
    ]
    assert [load_entry(each).keeps_wall_times for each in entries] == [True, True, False, True]
    kept = load_entry(second).wall_times(ZoneInfo("Europe/London"))
    assert (kept.starts, kept.starts.fold, kept.ends) == (wall("2030-10-27 01:30"), 1, wall("2030-10-27 02:30"))


@pytest.mark.parametrize(
    "change",
    [{"local_start": None}, {"local_end": None}, {"start_offset": None}, {"end_offset": None}, {"local_end": "22:00"}],
)
def test_wall_times_are_whole_or_there_are_none(change: dict[str, object]) -> None:
    [entry] = create_entries(page_in("Europe/London"), NIGHT)
    if "22:00" in change.values():
        change = {"local_end": wall("2026-10-17 22:00")}

    with pytest.raises(IntegrityError, match="entry_wall_times_whole"), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(**change)

    Entry.objects.filter(pk=entry.pk).update(local_start=None, local_end=None, start_offset=None, end_offset=None)
