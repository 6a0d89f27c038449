"""T1: which time zones can be chosen, and a name that nobody knows any more stops nobody else."""

import importlib
import pkgutil
from datetime import timedelta
from zoneinfo import available_timezones

import pytest
from django.apps import apps
from django.db import connection

from accounts import choices, migrations
from accounts.models import Account, User
from accounts.zones import current_name, find_zone, known_zones, offered_zones
from offers.models import UsagePeriod
from offers.period_closing import close_periods
from tests.browsing import open_browser, page_text
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
)
from tests.tickets.consistency.breaks import day
from tests.worlds.counted_studio import CountedStudio
from tests.zone_data import clocks_of
from tickets.consistency import check_books
from tickets.models import FindingKind

pytestmark = pytest.mark.django_db

[RENAMED] = [
    each.name for each in pkgutil.iter_modules(migrations.__path__) if each.name.endswith("current_time_zones")
]
MARS = {"Mars/Olympus": "Asia/Kolkata"}
"""A zone that Python knows and PostgreSQL does not."""
SETTINGS = "/dashboard/river/settings/"


def known_to_database() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        return {name for (name,) in cursor.fetchall()}


def test_t1_what_is_offered_is_known_to_python_and_to_the_database() -> None:
    offered = set(offered_zones())

    assert offered <= available_timezones()
    assert offered <= known_to_database()
    assert {"Europe/London", "Europe/Amsterdam", "Asia/Kolkata", "America/New_York", "UTC"} <= offered
    assert len(offered) > 400
    with clocks_of(**MARS):
        assert "Mars/Olympus" not in offered_zones()


def test_t1_older_names_are_not_offered() -> None:
    names = [name for _region, group in choices.time_zones() for name, _place in group]

    assert not {"Asia/Calcutta", "Europe/Kiev", "US/Eastern", "Etc/UTC", "Canada/Eastern", "Brazil/East"} & set(names)
    assert sorted(names) == offered_zones()
    assert [current_name(name) for name in names] == names


@pytest.mark.parametrize(
    ("older", "today"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("US/Eastern", "America/New_York"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("Asia/Kolkata", "Asia/Kolkata"),
        ("Europe/Amsterdam", "Europe/Amsterdam"),
        ("Mars/Olympus", "Mars/Olympus"),
        ("", ""),
    ],
)
def test_what_a_zone_is_called_today(older: str, today: str) -> None:
    assert current_name(older) == today


def test_every_name_with_a_place_is_called_something_that_is_offered() -> None:
    places = {name for name in available_timezones() if "/" in name and not name.startswith("Etc/")}

    assert {current_name(name) for name in places} <= set(offered_zones())


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "/etc/passwd", "../UTC", "Europe", "a\x00b", "x" * 64])
def test_a_name_that_nobody_knows_is_no_zone_and_no_error(name: str, caplog: pytest.LogCaptureFixture) -> None:
    assert find_zone(name) is None
    assert str(Account(time_zone=name).zone) == "UTC"
    assert set(known_zones([name, "Europe/London"])) == {"Europe/London"}
    assert "Nobody knows these time zones" in caplog.text


def test_stored_names_become_todays() -> None:
    names = ("Asia/Calcutta", "Asia/Kolkata", "US/Pacific", "Europe/London", "Mars/Olympus", "UTC")
    for name in names:
        AccountFactory.create(time_zone=name)

    importlib.import_module(f"accounts.migrations.{RENAMED}").rename(apps, None)

    assert list(Account.objects.order_by("pk").values_list("time_zone", flat=True)) == [
        "Asia/Kolkata",
        "Asia/Kolkata",
        "America/Los_Angeles",
        "Europe/London",
        "Mars/Olympus",
        "UTC",
    ]


def ended_period(zone: str) -> UsagePeriod:
    account = AccountFactory.create(time_zone=zone)
    offer = OfferFactory.create(group=GroupFactory.create(account=account), limit=10)
    member = add_member(offer.group, create_customer_with_login(account))
    days = {"starts_on": (NOW - timedelta(days=40)).date(), "ends_on": (NOW - timedelta(days=10)).date()}
    return UsagePeriod.objects.create(account=account, offer=offer, member=member, ceiling=10, used=1, **days)


def test_t1_periods_are_closed_in_a_zone_that_the_database_does_not_know() -> None:
    periods = [ended_period("Mars/Olympus"), ended_period("Europe/London")]

    with clocks_of(**MARS):
        assert close_periods(now=NOW) == 2

    assert all(UsagePeriod.objects.get(pk=period.pk).closed_at == NOW for period in periods)


def test_t1_a_zone_that_nobody_knows_stops_no_other_accounts_periods() -> None:
    lost, london = ended_period("Mars/Olympus"), ended_period("Europe/London")

    assert close_periods(now=NOW) == 1

    assert [UsagePeriod.objects.get(pk=each.pk).closed_at for each in (lost, london)] == [None, NOW]


@pytest.mark.parametrize("known_to_python", [MARS, {}])
def test_t1_the_books_of_all_others_are_checked(known_to_python: dict[str, str]) -> None:
    lost, london = CountedStudio(), CountedStudio()
    Account.objects.filter(pk=lost.account.pk).update(time_zone="Mars/Olympus")
    wrong = [day(each)[:2] for each in (lost, london)]

    with clocks_of(**known_to_python):
        found = [(each.kind, each.row) for each in check_books(now=NOW)]

    # What day it is at the studio, nobody can tell, and so it is told.
    assert found == (wrong if known_to_python else [wrong[1], (FindingKind.UNCHECKED, lost.account.pk)])


# What the studio and its customers see meanwhile


@pytest.fixture
def lost(studio: Account) -> Account:
    """A studio with an entry, in a zone that nobody knows."""
    page = SchedulePageFactory.create(account=studio, slug="lost")
    TicketFactory.create(entry=EntryFactory.create(page=page))
    CustomerFactory.create(account=studio)
    Account.objects.filter(pk=studio.pk).update(time_zone="Mars/Olympus")
    studio.refresh_from_db()
    return studio


def test_its_settings_say_how_to_mend_it(lost: Account, alice: User) -> None:
    browser = open_browser(alice)

    page = page_text(browser.get(SETTINGS))
    assert "We don’t know “Mars/Olympus” any more, so times are shown in UTC. Choose the one your entries" in page
    given = {
        "name": "River",
        "contact_email": "",
        "time_zone": "",
        "locale": "en-gb",
        "hold_minutes": "15",
        "cutoff_hours": "24",
        "refund_percent": "100",
        "late_refund_percent": "0",
    }
    assert browser.post(SETTINGS, given).status_code == 422
    assert browser.post(SETTINGS, given | {"time_zone": "Asia/Kolkata"}).status_code == 302
    lost.refresh_from_db()
    assert lost.time_zone == "Asia/Kolkata"
    assert "You can’t change this now that you’ve created an entry" in page_text(browser.get(SETTINGS))
    assert browser.post(SETTINGS, given | {"time_zone": "UTC"}).status_code == 302
    lost.refresh_from_db()
    assert lost.time_zone == "Asia/Kolkata"


def test_an_older_name_is_kept_by_saving_something_else(studio: Account, alice: User) -> None:
    EntryFactory.create(page=studio.pages.get())
    Account.objects.filter(pk=studio.pk).update(time_zone="Asia/Calcutta")
    given = {"name": "New", "locale": "en-gb", "hold_minutes": "15", "cutoff_hours": "24", "refund_percent": "100"}

    assert open_browser(alice).post(SETTINGS, given | {"late_refund_percent": "0"}).status_code == 302

    studio.refresh_from_db()
    assert (studio.name, studio.time_zone) == ("New", "Asia/Calcutta")


@pytest.mark.parametrize("path", ["", "schedule/", "bookings/", "customers/", "payments/", "settings/"])
def test_its_dashboard_opens(lost: Account, alice: User, path: str) -> None:
    assert open_browser(alice).get(f"/dashboard/river/{path}").status_code == 200


@pytest.mark.parametrize("path", ["/lost/", "/lost/calendar.ics"])
def test_its_page_opens(lost: Account, path: str) -> None:
    assert open_browser(User.objects.create_user(email="x@y.example")).get(path).status_code == 200
