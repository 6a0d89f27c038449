"""A studio's page: who sees what, in how many statements, and what never leaks."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries

from tests.browsing import calendar_events, open_browser, page_text
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.worlds.river import RiverStudio
from tickets.models import Entry, EntryPlaces, Ticket
from tickets.schedule.entries import cancel_entry

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db


def add_entries(like: Entry, number: int, since_now: str) -> None:
    """Many entries like one, an hour each; when each starts is SQL of its `number`, which is also its title."""
    columns = "account_id, page_id, series_id, description, location, per_booking, created_at"
    made = f"""
        WITH made AS (
            INSERT INTO tickets_entry ({columns}, uuid, title, starts_at, ends_at)
            SELECT {columns}, gen_random_uuid(), number::text, start, start + interval '1 hour'
            FROM tickets_entry, generate_series(1, %s) AS number, LATERAL (SELECT %s + {since_now} AS start) AS times
            WHERE id = %s RETURNING id, account_id
        )
        INSERT INTO tickets_entryplaces (entry_id, account_id, capacity, taken, revision)
        SELECT id, account_id, 10, 0, 0 FROM made
    """  # noqa: S608 - words of the tests
    with connection.cursor() as cursor:
        cursor.execute(made, [number, NOW, like.pk])


def events_text(response: "Answer") -> str:
    """What stands below the days to choose from and the filters."""
    return page_text(response).partition(" Go Filter ")[2]


def structured(response: "Answer") -> Any:
    data = response.content.decode().partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    return json.loads(data)


def test_everybody_sees_what_is_coming_up_by_local_day(client: Client) -> None:
    account = AccountFactory.create(name="Kiwi Dance", time_zone="Pacific/Auckland")
    page = SchedulePageFactory.create(account=account, slug="kiwi", title="Kiwi Dance", description="Barefoot.")
    late = EntryFactory.create(
        page=page, title="Salsa", location="Hall", starts_at=datetime(2030, 1, 17, 9, tzinfo=UTC)
    )
    TicketFactory.create(entry=late)
    early = EntryFactory.create(page=page, title="Tango", starts_at=datetime(2030, 1, 17, 12, tzinfo=UTC))
    TicketFactory.create(entry=early)
    EntryFactory.create(page=page, title="Begun", starts_at=NOW)
    EntryFactory.create(page=page, title="Called off", cancelled_at=NOW)
    EntryFactory.create(title="On another page")

    response = client.get("/kiwi/")

    assert page_text(response) == (
        "Kiwi Dance Barefoot. Today 16 Jan Thu 17 Jan Fri 18 Jan Sat 19 Jan Sun 20 Jan Mon 21 Jan Tue 22 Jan Next week "
        "From this date Go Filter Thursday 17 January 2030 22:00 to 23:00 Salsa Hall Free "
        "Friday 18 January 2030 01:00 to 02:00 Tango Free"
    )
    assert "All times are in the Pacific/Auckland time zone." in response.content.decode()
    assert '<time datetime="2030-01-17T22:00:00+13:00">22:00</time>' in response.content.decode()


def test_an_entry_says_what_can_be_had(client: Client) -> None:
    page = SchedulePageFactory.create(slug="signs", title="Signs")

    def entry(hour: int, title: str, **ticket: Any) -> None:
        made = EntryFactory.create(
            page=page, title=title, starts_at=datetime(2030, 1, 17, hour, tzinfo=UTC), capacity=ticket.pop("places", 10)
        )
        taken = ticket.pop("taken", 0)
        EntryPlaces.objects.filter(entry=made).update(taken=taken)
        TicketFactory.create(entry=made, **ticket)

    entry(8, "Roomy", places=10, taken=4)
    entry(9, "Nearly full", places=10, taken=5)
    entry(10, "Last place", places=10, taken=9)
    entry(11, "Full", places=10, taken=10)
    entry(12, "Ticket full", capacity=0)
    entry(13, "Ticket nearly full", capacity=2)
    entry(14, "Members", exclusive=True)
    entry(15, "Soon", opens_minutes_before=60)
    entry(16, "Closed", closes_minutes_before=3 * 24 * 60)
    EntryFactory.create(page=page, title="No tickets", starts_at=datetime(2030, 1, 17, 17, tzinfo=UTC))

    assert events_text(client.get("/signs/")) == (
        "Thursday 17 January 2030 08:00 to 09:00 Roomy Free 09:00 to 10:00 Nearly full Free 5 spaces left "
        "10:00 to 11:00 Last place Free 1 space left 11:00 to 12:00 Full Full Join waiting list "
        "12:00 to 13:00 Ticket full Full Join waiting list "
        "13:00 to 14:00 Ticket nearly full Free 2 spaces left 14:00 to 15:00 Members Members only "
        "15:00 to 16:00 Soon Free On sale from 17 January, 14:00 16:00 to 17:00 Closed Booking closed "
        "17:00 to 18:00 No tickets"
    )


def test_an_event_of_several_days_says_on_which_it_ends(client: Client) -> None:
    page = SchedulePageFactory.create(slug="retreats")
    starts = datetime(2030, 1, 18, 18, tzinfo=UTC)
    for title, hours in (("Retreat", 45), ("Late", 8), ("Until midnight", 6)):
        EntryFactory.create(page=page, title=title, starts_at=starts, ends_at=starts + timedelta(hours=hours))

    assert events_text(client.get("/retreats/")) == (
        "Friday 18 January 2030 18:00 to 15:00 Sun 20 Jan Retreat "
        "18:00 to 02:00 Sat 19 Jan Late 18:00 to 00:00 Until midnight"
    )


def test_a_hidden_ticket_is_not_shown_listed_counted_or_leaked(client: Client, studio: RiverStudio) -> None:
    Ticket.objects.filter(pk=studio.gold.pk).update(shown=False, capacity=3)
    studio.drop_in.delete()

    strangers = client.get("/river/")

    assert events_text(strangers) == "Thursday 17 January 2030 12:00 to 13:00 Morning yoga Boat house"
    assert events_text(open_browser(studio.member()).get("/river/")) == (
        "Thursday 17 January 2030 12:00 to 13:00 Morning yoga Boat house Members only 3 spaces left"
    )
    for path in ("/river/", studio.entry_path, "/river/calendar.ics"):
        assert "Gold" not in client.get(path).content.decode()
    assert [sorted(event) for event in structured(strangers)] == [
        [
            "@context",
            "@type",
            "endDate",
            "eventAttendanceMode",
            "eventStatus",
            "location",
            "name",
            "organizer",
            "startDate",
            "url",
        ]
    ]


def test_a_hidden_ordinary_ticket_is_shown_to_no_customer(studio: RiverStudio) -> None:
    Ticket.objects.filter(pk=studio.drop_in.pk).update(shown=False)
    client = open_browser(studio.member())

    for path in ("/river/", studio.entry_path):
        assert "Drop-in" not in client.get(path).content.decode()


def test_search_engines_are_told_of_each_event_but_never_of_a_members_price(
    client: Client, studio: RiverStudio
) -> None:
    studio.entry.title = "</script><b>Yoga & tea"
    studio.entry.save()

    response = client.get("/river/")

    url = f"http://testserver{studio.entry_path}"
    assert structured(response) == [
        {
            "@context": "https://schema.org",
            "@type": "Event",
            "name": "</script><b>Yoga & tea",
            "startDate": "2030-01-17T12:00:00+00:00",
            "endDate": "2030-01-17T13:00:00+00:00",
            "eventStatus": "https://schema.org/EventScheduled",
            "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
            "location": {"@type": "Place", "name": "Boat house", "address": "Boat house"},
            "organizer": {"@type": "Organization", "name": "River Studio"},
            "url": url,
            "offers": [
                {
                    "@type": "Offer",
                    "name": "Drop-in",
                    "price": "0",
                    "priceCurrency": "GBP",
                    "availability": "https://schema.org/InStock",
                    "url": url,
                }
            ],
        }
    ]
    assert response.content.decode().count("</script>") == 2  # the other one hides the time zone
    assert '<link rel="canonical" href="http://testserver/river/">' in response.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_strangers_cost_seven_statements_where_something_has_changed(
    client: Client, studio: RiverStudio, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count - 1):
        TicketFactory.create(entry=EntryFactory.create(page=studio.page), group=studio.group)
    client.get("/river/")
    Entry.objects.update(title="Changed")

    # Whether it has; the page, its entries, their tickets, leaders and tags; and of what that is the page.
    with django_assert_num_queries(7):
        response = client.get("/river/")

    assert response.content.decode().count('class="entry"') == count


@pytest.mark.parametrize("count", [1, 3])
def test_members_cost_nine_statements_where_something_has_changed(
    studio: RiverStudio, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count - 1):
        TicketFactory.create(entry=EntryFactory.create(page=studio.page), group=studio.group)
    client = open_browser(studio.member())
    client.get("/river/")
    Entry.objects.update(title="Changed")

    # Who it is, what is theirs; whether anything has; the page, its entries, tickets, leaders, tags; of what that is.
    with django_assert_num_queries(9):
        response = client.get("/river/")

    assert response.content.decode().count('class="entry"') == count


def links(response: "Answer") -> dict[str, str]:
    """Where the pages beside this one are, and its own one address."""
    tags = re.findall(r"<(?:a|link) [^>]*>", response.content.decode())
    named = {rel: tag for tag in tags for rel in re.findall(r'rel="(prev|next|canonical)"', tag)}
    return {rel: unescape(tag.partition('href="')[2].partition('"')[0]) for rel, tag in named.items()}


def test_fifty_entries_a_page(client: Client) -> None:
    page = SchedulePageFactory.create(slug="busy")
    for hour in range(101):
        EntryFactory.create(page=page, starts_at=NOW + timedelta(hours=hour // 4 + 1), title=f"Hour {hour}")

    first = client.get("/busy/")
    second = client.get(f"/busy/{links(first)['next']}")
    third = client.get(f"/busy/{links(second)['next']}")
    back = client.get(f"/busy/{links(third)['prev']}")

    pages = [re.findall(r">Hour (\d+)<", each.content.decode()) for each in (first, second, third, back)]
    assert pages == [[str(each) for each in found] for found in (range(50), range(50, 100), [100], range(50, 100))]
    assert [sorted(links(each)) for each in (first, second, third, back)] == [
        ["canonical", "next"],
        ["canonical", "next", "prev"],
        ["canonical", "prev"],
        ["canonical", "next", "prev"],
    ]
    assert links(first)["canonical"] == "http://testserver/busy/"
    for here, shown in ((f"/busy/{links(first)['next']}", second), (f"/busy/{links(third)['prev']}", back)):
        assert links(shown)["canonical"] == f"http://testserver{here}"


@pytest.mark.parametrize("address", ["?page=2", "?page=x", "?after=nowhere", "?before=", "?after=WyIyMDMwIl0"])
def test_an_address_that_leads_nowhere_shows_the_first_page(client: Client, studio: RiverStudio, address: str) -> None:
    shown = client.get(f"/river/{address}")

    assert page_text(shown) == page_text(client.get("/river/"))
    assert links(shown) == {"canonical": "http://testserver/river/"}


def test_a_page_that_is_over_shows_the_first(client: Client, studio: RiverStudio) -> None:
    add_entries(studio.entry, 60, "interval '1 hour' * number")
    after = links(client.get("/river/"))["next"]
    Entry.objects.filter(starts_at__gt=NOW + timedelta(hours=49)).update(cancelled_at=NOW)

    shown = [client.get(f"/river/{after}") for _ in range(2)]

    assert [page_text(each) for each in shown] == [page_text(client.get("/river/"))] * 2
    Entry.objects.update(cancelled_at=None)
    assert re.findall(r'dir="auto">(\d+)<', client.get(f"/river/{after}").content.decode())[0] == "50"


def test_the_schedule_can_begin_later(client: Client, studio: RiverStudio) -> None:
    later = EntryFactory.create(page=studio.page, title="Later", starts_at=datetime(2030, 2, 3, 9, tzinfo=UTC))
    TicketFactory.create(entry=later)

    assert events_text(client.get("/river/?from=2030-02-03")) == "Sunday 3 February 2030 09:00 to 10:00 Later Free"
    assert events_text(client.get("/river/?from=2030-02-04")) == (
        "No events have been announced for then yet. Back to today"
    )


@pytest.mark.parametrize("since", ["", "soon", "2030-02-31", "0001-01-01", "\0", "2030-01-15"])
def test_what_is_no_later_date_is_passed_over(client: Client, studio: RiverStudio, since: str) -> None:
    assert page_text(client.get("/river/", {"from": since, "page": "x"})) == page_text(client.get("/river/"))


def test_the_last_date_there_is(client: Client, studio: RiverStudio) -> None:
    assert client.get("/river/?from=9999-12-31").status_code == 200
    assert page_text(client.get("/river/?from=9999-12-31")) == page_text(client.get("/river/"))


def test_nothing_coming_up(client: Client) -> None:
    SchedulePageFactory.create(slug="quiet", title="Quiet", account=AccountFactory.create(name="Quiet"))

    assert page_text(client.get("/quiet/")) == (
        "Quiet Nothing coming up yet New events at Quiet will appear here as soon as they’re announced. Subscribe to "
        "see them in your calendar automatically. Subscribe"
    )


def test_a_page_that_is_not_there(client: Client, db: None) -> None:
    assert [client.get(path).status_code for path in ("/nobody/", "/nobody/calendar.ics")] == [404, 404]


def test_the_feed_holds_what_is_coming_up_for_everybody(client: Client, studio: RiverStudio) -> None:
    EntryFactory.create(starts_at=NOW)

    response = client.get("/river/calendar.ics")

    feed = Calendar.from_ical(response.content.decode())
    assert (response["Content-Type"], feed["X-WR-CALNAME"], feed["METHOD"]) == (
        "text/calendar; charset=utf-8",
        "River Studio",
        "PUBLISH",
    )
    assert [
        (event["UID"], event["SUMMARY"], event["DTSTART"].dt, event["URL"])
        for event in calendar_events(response.content.decode())
    ] == [
        (
            f"{studio.entry.uuid}@testserver",
            "Morning yoga",
            studio.entry.starts_at,
            f"http://testserver{studio.entry_path}",
        )
    ]
    page = client.get("/river/").content.decode()
    assert 'href="webcal://testserver/river/calendar.ics"' in page
    assert 'href="http://testserver/river/calendar.ics"' in page


def test_t7_the_feed_keeps_what_runs_and_what_is_over_for_four_weeks(client: Client, studio: RiverStudio) -> None:
    ended = {"Just gone": timedelta(hours=1), "Four weeks": timedelta(weeks=4), "Longer": timedelta(weeks=4, minutes=1)}
    for title, ago in ended.items():
        EntryFactory.create(
            page=studio.page, title=title, ends_at=NOW - ago + timedelta(seconds=1), starts_at=NOW - ago
        )
    EntryFactory.create(page=studio.page, title="Runs", starts_at=NOW - timedelta(minutes=5))

    events = calendar_events(client.get("/river/calendar.ics").content.decode())

    assert [str(event["SUMMARY"]) for event in events] == ["Four weeks", "Just gone", "Runs", "Morning yoga"]


def test_t7_a_cancelled_class_says_so_in_the_feed_until_it_is_past(client: Client, studio: RiverStudio) -> None:
    cancelled = EntryFactory.create(page=studio.page, title="Off", starts_at=NOW + timedelta(hours=1))
    before = calendar_events(client.get("/river/calendar.ics").content.decode())[0]
    cancel_entry(load_entry(cancelled), now=NOW)
    EntryFactory.create(page=studio.page, title="Was off", starts_at=NOW - timedelta(hours=2), cancelled_at=NOW)

    events = calendar_events(client.get("/river/calendar.ics").content.decode())

    assert [(str(event["SUMMARY"]), str(event["STATUS"])) for event in events] == [
        ("Off", "CANCELLED"),
        ("Morning yoga", "CONFIRMED"),
    ]
    assert (events[0]["UID"], events[0]["SEQUENCE"] > before["SEQUENCE"]) == (before["UID"], True)


def test_t7_the_feed_is_bounded_and_what_is_to_come_is_never_left_out_for_what_is_over(
    client: Client, studio: RiverStudio
) -> None:
    add_entries(studio.entry, 1002, "interval '1 minute' * number")
    add_entries(studio.entry, 502, "interval '-1 day' - interval '1 minute' * number")

    text = client.get("/river/calendar.ics").content.decode()

    assert text.count("BEGIN:VEVENT") == 1500
    assert [f"SUMMARY:{number}\r\n" in text for number in (500, 501, 1000, 1001)] == [True, True, True, False]
    assert text.count("SUMMARY:500\r\n") == 2
    assert text.count("SUMMARY:501\r\n") == 1
