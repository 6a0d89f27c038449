"""Addresses, extra uses, ends and bookings in any order: no allowance exceeds limit + extra, the books are right."""

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.addresses import AddressTakenError, MainAddressError, add_address, choose_main_address, remove_address
from accounts.customers import find_customer
from accounts.models import Customer, CustomerAddress
from groups.services import NotAMemberByHandError, add_customers, remove_by_hand, set_end
from offers.eligibility import Attendee
from offers.extra import CannotGiveError, ExtraUsedError, Gift, give_extra_uses, take_back_extra_uses
from offers.models import ExtraUses, Offer, UsagePeriod
from offers.services import move_anchor
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    load_entry,
)
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.refusals import BookingRefusedError
from tickets.booking.request import WantedTicket
from tickets.consistency import check_books
from tickets.models import Seat

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 2
DAYS = (1, 2, 8, 20, 40)
SPOKEN = (AddressTakenError, MainAddressError, NotAMemberByHandError, CannotGiveError, ExtraUsedError)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("book"), st.sampled_from(DAYS)),
        st.tuples(st.just("cancel"), st.integers(0, 3)),
        st.tuples(st.just("give"), st.sampled_from(DAYS)),
        st.tuples(st.just("take back"), st.integers(0, 3)),
        st.tuples(st.just("end"), st.sampled_from((0, *DAYS))),
        st.tuples(st.just("add again"), st.sampled_from((0, *DAYS))),
        st.tuples(st.just("remove"), st.just(0)),
        st.tuples(st.just("start"), st.integers(1, 28)),
        st.tuples(st.just("address"), st.integers(0, 2)),
        st.tuples(st.just("main"), st.integers(0, 2)),
        st.tuples(st.just("drop"), st.integers(0, 2)),
    ),
    min_size=3,
    max_size=10,
)


class _World:
    def __init__(self) -> None:
        first = EntryFactory.create()
        self.page, account = first.page, first.account
        self.customer = create_customer_with_login(account)
        self.other = CustomerFactory.create(account=account)
        self.group = GroupFactory.create(account=account)
        self.member = add_member(self.group, self.customer)
        self.offer: Offer = OfferFactory.create(group=self.group, page=self.page, limit=LIMIT)

    def act(self, what: str, number: int) -> None:
        until = NOW + timedelta(days=number) if number else None
        acts: dict[str, Callable[[], object]] = {
            "book": lambda: self.book(number),
            "cancel": lambda: self.cancel(number),
            "give": lambda: self.give(NOW.date() + timedelta(days=number)),
            "take back": lambda: self.take_back(number),
            "end": lambda: set_end(self.member, until, now=NOW),
            "add again": lambda: add_customers(self.group, {self.customer.email: ""}, now=NOW, until=until),
            "remove": lambda: remove_by_hand(self.member, now=NOW),
            "start": lambda: move_anchor(self.member, date(2030, 1, number), now=NOW),
        }
        acts.get(what, lambda: self.readdress(what, number))()

    def cancel(self, number: int) -> None:
        for seat in Seat.objects.live().order_by("pk")[number : number + 1]:
            cancel_by_studio([seat.pk], now=NOW)

    def give(self, on: date) -> None:
        give_extra_uses(self.offer, self.member, Gift(count=1, reason="Ill", on=on, key=uuid4()), now=NOW)

    def take_back(self, number: int) -> None:
        for extra in ExtraUses.objects.live().order_by("pk")[number : number + 1]:
            take_back_extra_uses(extra, now=NOW)

    def readdress(self, what: str, number: int) -> None:
        email = f"a{number}@example.org"
        known = CustomerAddress.objects.filter(customer=self.customer, email=email).first()
        if what == "address":
            add_address(self.customer if number else self.other, email, now=NOW)
        elif known and what == "main":
            choose_main_address(self.customer, known)
        elif known:
            remove_address(self.customer, known)
        self.customer.refresh_from_db()

    def book(self, days: int) -> None:
        entry = EntryFactory.create(page=self.page, starts_at=NOW + timedelta(days=days))
        ticket = TicketFactory.create(entry=entry, group=self.group)
        wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
        spare = {row.pk: (row.used, LIMIT + row.extra) for row in UsagePeriod.objects.all()}
        try:
            book(load_entry(entry), self.customer, wanted, who=person_of_customer(self.customer), key=uuid4(), now=NOW)
        except BookingRefusedError:
            return
        for row in UsagePeriod.objects.all():
            used, most = spare.get(row.pk, (0, LIMIT + row.extra))
            # What was moved into a period stays in it; nothing is booked beyond limit and extra.
            assert row.used <= used or row.used <= most


class PeopleInAnyOrderTest(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(acts=ACTS)
    def test_nothing_is_lost_or_doubled(self, acts: list[tuple[str, int]]) -> None:
        world = _World()
        for what, number in acts:
            try:
                world.act(what, number)
            except SPOKEN:
                continue
        assert list(check_books(now=NOW)) == []
        for row in UsagePeriod.objects.all():
            assert row.ceiling is not None
            assert row.used <= row.ceiling >= LIMIT + row.extra
        for customer in Customer.objects.all():
            addresses = set(customer.addresses.values_list("email", flat=True))
            assert {customer.email, *customer.other_addresses.split()} == addresses
            assert {find_customer(customer.account, email) for email in addresses} == {customer}
