"""The schedule says to a member what is included for them, how many tickets are left, and what they have booked."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis.extra.django import TestCase
from time_machine import travel

from accounts.models import Account, Customer
from groups.models import Group, Standing
from offers.eligibility import Ask, Attendee, Reason, judge
from offers.models import Offer, OfferUse, UsagePeriod
from tests.browsing import open_browser
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory, TicketFactory, load_entry
from tests.tickets.public.test_kept_for_one import compare
from tests.tickets.public.test_kept_pages import clear
from tests.tickets.public.test_page_and_service import SITUATIONS, DrawnStudio, build
from tests.worlds.river import RiverStudio
from tickets.availability.ahead import read_ahead_at, read_ahead_on
from tickets.availability.facts import person_of_customer
from tickets.availability.roomy import with_plenty_of_space
from tickets.booking.book import book
from tickets.booking.request import WantedTicket
from tickets.checkout.basket import add_tickets
from tickets.models import Booking, Coverage, Entry, EntryPlaces, Seat, Ticket
from tickets.models.waiting import WaitlistRequest
from tickets.public.schedule.listing import entry_lines
from tickets.public.schedule.own import WayToWait, own_notes
from tickets.queries import tickets_at

pytestmark = pytest.mark.django_db

ROW = re.compile(r'<li class="entry".*?</li>', re.DOTALL)


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    clear()


def rows(browser: Client, path: str = "/river/") -> list[str]:
    """What stands at the end of each line: its price, or what there is to say to whom it is shown."""
    found = ROW.findall(browser.get(path).content.decode())
    texts = (re.sub(r"<[^>]+>", " ", row.partition('class="entry-state"')[2].partition(">")[2]) for row in found)
    return [" ".join(text.split()) for text in texts]


def book_for(customer: Customer, entry: Entry, ticket: Ticket, people: int = 1) -> None:
    attendees = [Attendee.SELF, *[Attendee.GUEST] * (people - 1)]
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=each) for each in attendees]
    book(load_entry(entry), customer, wanted, who=person_of_customer(customer), key=uuid4(), now=NOW)


def add_class(studio: RiverStudio, days: int, group: Group | None = None) -> tuple[Entry, Ticket]:
    entry = EntryFactory.create(page=studio.page, starts_at=NOW + timedelta(days=days))
    return entry, TicketFactory.create(entry=entry, group=group or studio.group)


class TestAMember:
    def test_reads_what_is_included_in_place_of_the_price(self, personal: RiverStudio, client: Client) -> None:
        Ticket.objects.filter(pk=personal.drop_in.pk).update(cost="cost", price=1200)
        add_class(personal, 3)

        assert rows(client) == ["£12.00", "Members only"]
        assert rows(open_browser(personal.member())) == ["Included 3 of 3 tickets left"] * 2

    def test_reads_tickets_and_spaces_apart(self, personal: RiverStudio) -> None:
        EntryPlaces.objects.filter(entry=personal.entry).update(taken=6)

        assert rows(open_browser(personal.member())) == ["Included 3 of 3 tickets left 4 spaces left"]

    def test_reads_no_number_where_there_is_no_limit(self, studio: RiverStudio) -> None:
        OfferFactory.create(group=studio.group, page=studio.page)

        assert rows(open_browser(studio.member())) == ["Included"]

    def test_reads_the_price_where_no_offer_covers_the_ticket(self, studio: RiverStudio) -> None:
        _, ticket = add_class(studio, 3)
        OfferFactory.create(group=studio.group, ticket=ticket)
        Ticket.objects.filter(pk=studio.drop_in.pk).update(cost="cost", price=1200)

        assert rows(open_browser(studio.member())) == ["£12.00", "Included"]

    def test_of_a_group_that_the_ticket_is_not_for_reads_what_everybody_does(self, personal: RiverStudio) -> None:
        other = GroupFactory.create(account=personal.account)
        OfferFactory.create(group=other, page=personal.page)
        add_class(personal, 3, other)

        assert rows(open_browser(personal.member())) == ["Included 3 of 3 tickets left", "Members only"]

    def test_whose_standing_ends_before_the_event_is_not_promised_it(self, personal: RiverStudio) -> None:
        add_class(personal, 5)
        member = personal.member()
        Standing.objects.filter(member__customer=member).update(until=NOW + timedelta(days=4))

        assert rows(open_browser(member)) == ["Included 3 of 3 tickets left", "Members only"]

    def test_sees_at_once_what_they_booked_and_what_is_left(self, personal: RiverStudio) -> None:
        entry, ticket = add_class(personal, 3)
        add_class(personal, 30)
        member, other = personal.member(), personal.member()
        browser, beside = open_browser(member), open_browser(other)
        assert rows(browser) == ["Included 3 of 3 tickets left"] * 3

        book_for(member, entry, ticket)

        # 30 days on is another month, counted from the 3rd.
        assert rows(browser) == ["Included 2 of 3 tickets left", "Booked", "Included 3 of 3 tickets left"]
        assert rows(beside) == ["Included 3 of 3 tickets left"] * 3
        compare(browser)

    def test_who_has_used_everything_reads_so_beside_the_price(self, personal: RiverStudio) -> None:
        Ticket.objects.filter(pk=personal.drop_in.pk).update(cost="cost", price=1200)
        member = personal.member()
        for days in (3, 4, 5):
            book_for(member, *add_class(personal, days))
        add_class(personal, 6)

        assert rows(open_browser(member)) == [
            "£12.00 0 of 3 tickets left",
            *["Booked"] * 3,
            "Members only 0 of 3 tickets left",
        ]

    def test_who_brings_guests_has_booked_where_one_of_them_has_a_place(self, family: RiverStudio) -> None:
        member = family.member()
        book_for(member, family.entry, family.gold, people=2)
        add_class(family, 3)

        assert rows(open_browser(member)) == ["Booked", "Included 1 of 3 tickets left"]

    def test_reads_what_waits_in_their_basket(self, personal: RiverStudio) -> None:
        member = personal.member()
        Ticket.objects.filter(pk=personal.drop_in.pk).update(cost="cost", price=1200)
        wanted = [WantedTicket(ticket=personal.gold.pk, name="Ada", attendee=Attendee.SELF)]
        entry, who = load_entry(personal.entry), person_of_customer(member)
        add_tickets(None, entry, member, wanted, who=who, key=uuid4(), now=NOW)

        assert rows(open_browser(member)) == ["In your basket"]

    def test_reads_that_it_is_full_or_not_on_sale_yet(self, personal: RiverStudio) -> None:
        EntryPlaces.objects.filter(entry=personal.entry).update(taken=10)
        _, ticket = add_class(personal, 3)
        Ticket.objects.filter(pk=ticket.pk).update(opens_minutes_before=60)

        assert rows(open_browser(personal.member())) == [
            "Full Join waiting list",
            "Members only On sale from 18 January, 11:00",
        ]

    @pytest.mark.parametrize(
        ("state", "said"), [("waiting", "Full You’re on the waiting list"), ("offered", "A space is held for you")]
    )
    def test_who_waits_reads_so(self, personal: RiverStudio, state: str, said: str) -> None:
        EntryPlaces.objects.filter(entry=personal.entry).update(taken=10)
        member, browser = personal.member(), open_browser(personal.member())
        assert rows(browser) == ["Full Join waiting list"]
        own = open_browser(member)
        before = compare(own)
        hold = Booking.objects.create(
            account=personal.account, page=personal.page, customer=member, state="basket", created_at=NOW,
            key=uuid4(), channel="customer", held_until=NOW + timedelta(hours=1), hold_limit=NOW + timedelta(hours=1),
        ) if state == "offered" else None  # fmt: skip
        until = NOW + timedelta(hours=1) if hold else None
        WaitlistRequest.objects.create(
            account=personal.account, entry=personal.entry, ticket=personal.gold, customer=member, names=["Ada"],
            state=state, joined_at=NOW, hold=hold, offered_at=NOW if hold else None, offered_until=until,
        )  # fmt: skip

        assert rows(own) == [said]
        assert compare(own) != before
        assert rows(browser) == ["Full Join waiting list"]

    def test_reads_of_no_waiting_list_where_there_is_none(self, personal: RiverStudio) -> None:
        EntryPlaces.objects.filter(entry=personal.entry).update(taken=10)
        Account.objects.update(waiting_list="off")

        assert rows(Client()) == rows(open_browser(personal.member())) == ["Full"]

    def test_sees_on_every_page_of_the_schedule_what_is_theirs(self, personal: RiverStudio) -> None:
        Entry.objects.filter(pk=personal.entry.pk).update(title="Morning yoga")
        for hour in range(60):
            EntryFactory.create(page=personal.page, starts_at=NOW + timedelta(hours=50 + hour), title="Other")
        entry, ticket = add_class(personal, 5)
        member = personal.member()
        book_for(member, entry, ticket)
        browser = open_browser(member)
        after = re.findall(r'href="\?(after=[^"]+)"', browser.get("/river/").content.decode())[0]
        back = re.findall(r'href="\?(before=[^"]+)"', browser.get(f"/river/?{after}").content.decode())[0]

        assert rows(browser, f"/river/?{after}")[-1] == "Booked"
        assert rows(browser, f"/river/?{back}")[0] == "Included 2 of 3 tickets left"
        assert rows(browser, "/river/?class=Morning+yoga") == ["Included 2 of 3 tickets left"]
        assert rows(browser, "/river/?from=2030-01-20")[-1] == "Booked"


def _change_offers(**fields: Any) -> Any:
    return lambda _: Offer.objects.update(**fields)


CHANGES: dict[str, Any] = {
    "no limit": _change_offers(limit=None),
    "a higher limit": _change_offers(limit=5),
    "disabled": _change_offers(enabled=False),
    "deleted": _change_offers(deleted_at=NOW),
    "shorter periods": _change_offers(period_unit="day"),
    "covers nothing": lambda _: Coverage.objects.all().delete(),
    "given back": lambda _: OfferUse.objects.update(ended_at=NOW),
    "cancelled": lambda _: Seat.objects.update(cancelled_at=NOW),
    "another anchor": lambda _: Standing.objects.update(anchor=NOW.date() + timedelta(days=3)),
    "out of the group": lambda _: Standing.objects.update(until=NOW),
    "archived": lambda studio: Group.objects.filter(pk=studio.group.pk).update(archived_at=NOW),
    "not exclusive": lambda studio: Ticket.objects.filter(pk=studio.gold.pk).update(exclusive=False),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_of_what_is_theirs_is_seen_at_once(personal: RiverStudio, change: Any) -> None:
    member = personal.member()
    book_for(member, *add_class(personal, 3))
    browser = open_browser(member)
    before = compare(browser)

    change(personal)

    assert compare(browser) != before


def test_a_standing_that_ends_by_the_passing_of_time_alone(personal: RiverStudio) -> None:
    member = personal.member()
    ends = NOW + timedelta(hours=1)
    Standing.objects.filter(member__customer=member).update(until=ends)
    Entry.objects.filter(pk=personal.entry.pk).update(starts_at=NOW + timedelta(minutes=30))
    for _ in range(2):
        assert rows(open_browser(member)) == ["Included 3 of 3 tickets left"]
    with travel(ends, tick=False):
        assert rows(open_browser(member)) == []


def test_what_is_read_does_not_grow_with_what_was(personal: RiverStudio) -> None:
    """Of a member's past nothing is read, however often they have come."""
    member = personal.member()
    book_for(member, *add_class(personal, 3))
    told = read_ahead_on(member, "river", NOW, 0, most=50, now=NOW).told
    with travel(NOW, tick=False):
        period = UsagePeriod.objects.get()
        period.pk, period.starts_on, period.ends_on, period.used = None, NOW.date().replace(2020), None, 0
        period.ends_on = period.starts_on + timedelta(days=31)
        period.save()
        OfferUse.objects.create(
            account=personal.account, period=period, seat=uuid4(), event_on=period.starts_on, created_at=NOW
        )

    assert read_ahead_on(member, "river", NOW, 0, most=50, now=NOW).told == told


class RowsAndServiceTest(TestCase):
    """On the database, in a transaction for every example."""

    @settings(max_examples=30, deadline=None)
    @given(drawn=SITUATIONS)
    def test_a_line_says_what_the_rule_says(self, drawn: dict[str, Any]) -> None:
        world = build(drawn)
        looked = world.look()
        customer = looked.who.customer
        if customer is None:
            return
        groups = {group for group, each in looked.facts.situation.visitor.group_standings.items() if each.stands_now}
        for ahead in (
            read_ahead_at(customer, [world.entry.pk], now=NOW),
            read_ahead_on(customer, looked.entry.page.slug, NOW, 0, most=50, now=NOW),
        ):
            assert ahead.groups_now(NOW) >= groups
            tickets = [ticket for ticket in looked.facts.tickets if ticket.exclusive]
            told = [(each.reason, each.uses_left, each.limit) for each in ahead.judge(looked.entry, tickets, now=NOW)]
            plain = [judge(looked.facts.situation, Ask(each.pk), now=NOW) for each in tickets]
            assert told == [(each.reason, each.uses_left, each.limit) for each in plain]
            self._compare_note(world, ahead, groups)

    def _compare_note(self, world: DrawnStudio, ahead: Any, groups: set[int]) -> None:
        looked = world.look()
        [line] = entry_lines([looked.entry], tickets_at([looked.entry]), groups, now=NOW)
        note = own_notes([line], ahead, now=NOW).get(looked.entry.pk)
        verdicts = [
            judge(looked.facts.situation, Ask(each.pk), now=NOW) for each in looked.facts.visible if each.exclusive
        ]
        booked = Seat.objects.live().filter(entry=looked.entry).exists()
        is_included = not booked and any(each.allowed for each in verdicts)
        assert bool(note and note.state == "included") == (is_included and looked.entry.cancelled_at is None)
        assert bool(note and note.state == "booked") == booked
        is_used_up = not is_included and any(each.reason is Reason.LIMIT_REACHED for each in verdicts)
        if note and not note.state and line.state == "full":
            roomy = with_plenty_of_space(looked.facts.situation)
            waits = any(judge(roomy, Ask(each.pk), now=NOW).allowed for each in line.open_now)
            assert (note.wait == WayToWait.JOIN) == waits
        elif note and not note.state:
            assert is_used_up
