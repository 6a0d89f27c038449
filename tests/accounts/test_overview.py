"""The overview, the customers, and one customer."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from accounts.models import Account, Customer, Role, User
from offers.periods import local_day
from tests.browsing import next_page, open_browser, page_text
from tests.factories.accounts import CustomerFactory, StaffFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, TicketFactory, add_member
from tests.tickets.dashboard.booking import book_seat_manually
from tickets.models import Attendance, Booking, Channel, EntryPlaces, Presence, Seat
from tickets.queries import DayPlaces, places_on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


OVERVIEW = "/dashboard/river/"
CUSTOMERS = "/dashboard/river/customers/"
ROW = '<th scope="row">'
LINK = re.compile(r'href="(/dashboard/river/[^"#]*)"')


def booked(studio: Account, customer: Customer) -> Booking:
    now = NOW
    entry = EntryFactory.create(page=studio.pages.get(), title="Slow Flow", starts_at=now + timedelta(days=2))
    booking = Booking.objects.create(
        account=studio, page=entry.page, customer=customer, key=uuid4(), channel=Channel.CUSTOMER, created_at=now
    )
    Seat.objects.create(
        account=studio,
        booking=booking,
        entry=entry,
        ticket=TicketFactory.create(entry=entry),
        customer=customer,
        attendee_name="Ada",
        created_at=now,
    )
    return booking


def test_a_new_account_is_shown_its_first_steps(alice: User) -> None:
    page = open_browser(alice).get(OVERVIEW).content.decode()
    assert ("First steps" in page, "data-done" in page, "Add an entry" in page) == (True, False, True)


def test_done_steps_are_ticked_and_go_when_all_are_done(studio: Account, alice: User) -> None:
    EntryFactory.create(page=studio.pages.get(), starts_at=NOW - timedelta(days=9))
    assert open_browser(alice).get(OVERVIEW).content.decode().count("data-done") == 1
    GroupFactory.create(account=studio)
    CustomerFactory.create(account=studio)
    assert "First steps" not in open_browser(alice).get(OVERVIEW).content.decode()


def test_the_next_entries_are_this_accounts_and_to_come(studio: Account, alice: User) -> None:
    now, page = NOW, studio.pages.get()
    EntryFactory.create(page=page, title="Runs now", starts_at=now - timedelta(minutes=5), capacity=7)
    EntryFactory.create(page=page, title="Was on", starts_at=now - timedelta(hours=2))
    EntryFactory.create(page=page, title="Called off", starts_at=now + timedelta(hours=2), cancelled_at=now)
    EntryFactory.create(title="Elsewhere", starts_at=now + timedelta(hours=2))
    shown = open_browser(alice).get(OVERVIEW).content.decode()
    titles = ("Runs now", "Was on", "Called off", "Elsewhere")
    assert [f">{title}</" in shown for title in titles] == [True, True, False, False]
    assert "0 / 7" in shown


def test_today_is_told_in_numbers(studio: Account, alice: User) -> None:
    """All that take place; and the spaces of those that have not begun, as nobody books the others any more."""
    page, midnight = studio.pages.get(), NOW.astimezone(studio.zone).replace(hour=0, minute=0)
    for start, taken in ((midnight, 5), (NOW, 4), (NOW + timedelta(minutes=1), 2), (midnight + timedelta(hours=23), 1)):
        entry = EntryFactory.create(page=page, starts_at=start, capacity=7)
        EntryPlaces.objects.filter(entry=entry).update(taken=taken)
    EntryFactory.create(page=page, starts_at=midnight + timedelta(hours=20), cancelled_at=NOW)
    EntryFactory.create(page=page, starts_at=midnight - timedelta(minutes=1))
    EntryFactory.create(page=page, starts_at=midnight + timedelta(days=1))
    EntryFactory.create(starts_at=midnight)
    day = local_day(NOW, studio.zone)
    assert places_on(studio, day, now=NOW) == DayPlaces(entries=4, taken=3, capacity=14)
    assert "Entries today 4 Spaces left today 11 3 of 14 taken" in page_text(open_browser(alice).get(OVERVIEW))
    late = midnight + timedelta(hours=23, minutes=30)
    assert places_on(studio, day, now=late) == DayPlaces(entries=4, taken=0, capacity=0)


def test_today_leads_with_who_waits_and_who_is_not_marked(studio: Account, alice: User) -> None:
    page = studio.pages.get()
    begun = EntryFactory.create(page=page, title="Vinyasa", starts_at=NOW - timedelta(minutes=5), capacity=7)
    over = EntryFactory.create(page=page, title="Early", starts_at=NOW - timedelta(hours=2))
    EntryFactory.create(page=page, title="Empty", starts_at=NOW - timedelta(hours=3))
    later = EntryFactory.create(page=page, title="Tonight", starts_at=NOW + timedelta(hours=3))
    EntryFactory.create(page=page, title="Tomorrow", starts_at=NOW + timedelta(days=1))
    for entry, names in ((begun, ("Ada", "Ben", "Cleo", "Dora", "Emil")), (over, ("Fay", "Gus")), (later, ("Hana",))):
        ticket = TicketFactory.create(entry=entry)
        for name in names:
            book_seat_manually(entry, ticket, name=name)
    seats = {seat.attendee_name: seat for seat in Seat.objects.all()}
    for name, presence in (("Ada", Presence.PRESENT), ("Fay", Presence.ABSENT), ("Gus", Presence.UNSAID)):
        Attendance.objects.create(account=studio, seat=seats[name], presence=presence, marked_at=NOW)
    EntryPlaces.objects.filter(entry=later).update(waiting=2)

    shown = page_text(open_browser(alice).get(OVERVIEW))

    today, next_up = shown.partition("Upcoming entries")[::2]
    assert "Not marked yet: Ben, Cleo, Dora and 1 more 5 / 7 Register" in today
    assert "Not marked yet: Gus 2 /" in today
    assert "2 waiting 1 /" in today
    assert "Over Empty" in today
    assert "Tomorrow" not in today
    assert ("Tomorrow" in next_up, "Tonight" in next_up) == (True, False)


@pytest.mark.parametrize(
    ("after_end", "told"),
    [
        (timedelta(), "today"),
        (timedelta(hours=2, minutes=59), "today"),
        (timedelta(hours=3), "yesterday"),
        (timedelta(hours=11, minutes=59), "yesterday"),
        (timedelta(hours=12), ""),
    ],
)
def test_a_class_stays_until_midnight_and_is_spoken_of_next_morning_while_somebody_is_not_marked(
    studio: Account, alice: User, after_end: timedelta, told: str
) -> None:
    page, midnight = studio.pages.get(), NOW.astimezone(studio.zone).replace(hour=0, minute=0)
    ends = midnight + timedelta(hours=21)
    for title in ("Unmarked", "Marked"):
        entry = EntryFactory.create(page=page, title=title, starts_at=ends - timedelta(hours=1), ends_at=ends)
        seat = book_seat_manually(entry, TicketFactory.create(entry=entry), name="Ada")
    Attendance.objects.create(account=studio, seat=seat, presence=Presence.PRESENT, marked_at=NOW)

    with travel(ends + after_end, tick=False):
        shown = page_text(open_browser(alice).get(OVERVIEW))

    today = told == "today"
    assert ("Over Unmarked Not marked yet: Ada 1 /" in shown, "Over Marked 1 /" in shown) == (today, today)
    assert ("Yesterday, not marked yet: Unmarked (1)" in shown) is (told == "yesterday")


def test_of_a_full_day_what_is_done_goes_first(studio: Account, alice: User) -> None:
    for number in range(13):
        EntryFactory.create(page=studio.pages.get(), title=f"Done {number}", starts_at=NOW - timedelta(hours=3))
        if number < 3:
            entry = EntryFactory.create(page=studio.pages.get(), title="Left", starts_at=NOW - timedelta(hours=4))
            book_seat_manually(entry, TicketFactory.create(entry=entry), name="Ada")
            EntryFactory.create(page=studio.pages.get(), title="Ahead", starts_at=NOW + timedelta(hours=2))

    page = open_browser(alice).get(OVERVIEW).content.decode()

    assert [page.count(f">{each}") for each in ("Left</a>", "Done", "Ahead</a>")] == [3, 6, 3]


def test_of_a_full_day_the_overview_shows_some_and_leads_to_all(studio: Account, alice: User) -> None:
    for number in range(14):
        EntryFactory.create(page=studio.pages.get(), starts_at=NOW + timedelta(minutes=number + 1))

    page = open_browser(alice).get(OVERVIEW)

    assert page.content.decode().count(ROW) == 12
    assert "See all of today’s entries" in page_text(page)


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (Role.OWNER, (True, True)),
        (Role.SCHEDULE_MANAGER, (True, False)),
        (Role.BOOKINGS_ADMIN, (False, True)),
        (Role.LEADER, (False, False)),
    ],
)
def test_the_overview_offers_what_the_role_may_do(studio: Account, role: str, offered: tuple[bool, bool]) -> None:
    GroupFactory.create(account=studio)
    page = open_browser(StaffFactory.create(account=studio, role=role).user).get(OVERVIEW).content.decode()
    assert (">Create entry</a>" in page, ">Add customers</a>" in page) == offered


@pytest.mark.parametrize("role", Role)
def test_the_overview_leads_nobody_to_a_page_that_they_may_not_see(studio: Account, role: Role) -> None:
    """Neither in a new account, nor once there is something to count."""
    client = open_browser(StaffFactory.create(account=studio, role=role).user)

    def lost() -> list[str]:
        main = client.get(OVERVIEW).content.decode().partition("<main")[2]
        return [path for path in LINK.findall(main) if client.get(path).status_code == 404]

    new = lost()
    EntryFactory.create(page=studio.pages.get(), starts_at=NOW + timedelta(hours=2))
    GroupFactory.create(account=studio)
    CustomerFactory.create(account=studio)
    assert (new, lost()) == ([], [])


@pytest.mark.parametrize("rows", [1, 3])
def test_the_overview_takes_the_same_queries_however_much_there_is(
    studio: Account, alice: User, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _number in range(rows):
        EntryFactory.create(page=studio.pages.get(), starts_at=NOW + timedelta(hours=2))
        CustomerFactory.create(account=studio)
        GroupFactory.create(account=studio)
    client = open_browser(alice)
    client.get(OVERVIEW)
    with django_assert_num_queries(16):
        page = client.get(OVERVIEW)
    assert page.content.decode().count(ROW) == rows


def test_without_customers_the_page_says_where_they_come_from(alice: User) -> None:
    page = open_browser(alice).get(CUSTOMERS).content.decode()
    assert ("Meet your first customers" in page, 'name="q"' in page) == (True, False)


def test_customers_show_their_groups_of_now_and_their_bookings(studio: Account, alice: User) -> None:
    now = NOW
    ada = CustomerFactory.create(account=studio, name="Ada")
    booked(studio, ada)
    add_member(GroupFactory.create(account=studio, name="Gold"), ada)
    add_member(GroupFactory.create(account=studio, name="Left"), ada, until=now)
    add_member(GroupFactory.create(account=studio, name="Resting", archived_at=now), ada)
    CustomerFactory.create(name="Elsewhere")

    page = open_browser(alice).get(CUSTOMERS).content.decode()

    assert [name in page for name in ("Ada", "Gold", "Left", "Resting", "Elsewhere")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert '<td class="number" data-label="Bookings">1</td>' in page


@pytest.mark.parametrize(
    ("words", "found"),
    [("LOVE", ["Ada Lovelace"]), ("bob@", ["Bob"]), ("  ", ["Ada Lovelace", "Bob"]), ("%", []), ("nobody", [])],
)
def test_customers_are_found_by_name_and_address(studio: Account, alice: User, words: str, found: list[str]) -> None:
    CustomerFactory.create(account=studio, name="Ada Lovelace", email="ada@example.org")
    CustomerFactory.create(account=studio, name="Bob", email="bob@example.org")
    page = open_browser(alice).get(CUSTOMERS, {"q": words}).content.decode()
    assert [name for name in ("Ada Lovelace", "Bob") if f">{name}</a>" in page] == found
    assert ("No customers match" in page) is (not found)


def test_customers_come_in_pages_of_fifty_by_name(studio: Account, alice: User) -> None:
    for number in range(51):
        CustomerFactory.create(account=studio, name=f"Customer {number:02}")
    client = open_browser(alice)
    first = client.get(CUSTOMERS, {"q": "customer"})
    second = client.get(CUSTOMERS, next_page(first)).content.decode()
    assert (client.get(CUSTOMERS).content.decode().count(ROW), second.count(ROW)) == (50, 1)
    assert ("Customer 50" in second, next_page(first)["q"]) == (True, "customer")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_however_long(
    studio: Account, alice: User, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    group = GroupFactory.create(account=studio)
    for _number in range(rows):
        customer = CustomerFactory.create(account=studio)
        add_member(group, customer)
        booked(studio, customer)
    client = open_browser(alice)
    client.get(CUSTOMERS)
    with django_assert_num_queries(5):
        page = client.get(CUSTOMERS)
    assert page.content.decode().count(ROW) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_one_customer_takes_the_same_queries_however_often_they_booked(
    studio: Account, alice: User, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    customer = CustomerFactory.create(account=studio, name="Ada")
    for _number in range(rows):
        booked(studio, customer)
        add_member(GroupFactory.create(account=studio), customer)
    client = open_browser(alice)
    client.get(CUSTOMERS)
    with django_assert_num_queries(26):
        page = client.get(f"{CUSTOMERS}{customer.pk}/")
    # Their groups, their spaces and their bookings: so many rows of each.
    assert page.content.decode().count(ROW) == 3 * rows
    assert page.content.decode().count("Slow Flow") == 3 * rows
