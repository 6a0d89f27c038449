"""What tickets cost a member: discounts by themselves, for whom and how often they were promised."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Customer, SchedulePage
from groups.catalogue import archive_group
from groups.models import Group
from offers.models import Offer, OfferKind, OfferUse, UsagePeriod
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
)
from tests.worlds.till import Till, person_of
from tickets.availability.facts import ANONYMOUS
from tickets.checkout import basket as baskets
from tickets.consistency import check_books
from tickets.models import Entry, Ticket, TicketCost
from tickets.money.pricing import LineItem, quote_items

pytestmark = pytest.mark.django_db


class DiscountStudio:
    """A studio's page with a group of one member, where prices are asked for at NOW."""

    def __init__(self, **account: Any) -> None:
        self.page: SchedulePage = SchedulePageFactory.create(account=AccountFactory.create(**account))
        self.group: Group = GroupFactory.create(account=self.page.account)
        self.customer: Customer = create_customer_with_login(self.page.account)

    def join(self, group: Group | None = None, **standing: Any) -> None:
        add_member(group or self.group, self.customer, **standing)

    def entry(self, **fields: Any) -> Entry:
        made = EntryFactory.create(page=self.page, **fields)
        return Entry.objects.select_related("account").get(pk=made.pk)

    def ticket(self, entry: Entry, price: int = 1000, **fields: Any) -> Ticket:
        return TicketFactory.create(
            entry=entry, cost=TicketCost.COST if price else TicketCost.FREE, price=price, **fields
        )

    def discount(self, **fields: Any) -> Offer:
        """For all on the page, ten percent unless said otherwise."""
        terms = {} if {"percent", "amount_off"} & set(fields) else {"percent": 10}
        if "ticket" not in fields:
            fields.setdefault("page", self.page)
        return OfferFactory.create(**{"group": self.group, "kind": OfferKind.DISCOUNT, **terms, **fields})

    def pay(self, *wanted: tuple[Entry, Ticket, bool], who: Customer | None = None) -> list[int]:
        """What each ticket costs the customer, all together; with True they come themselves."""
        items = [LineItem(entry=entry, ticket=ticket, is_for_booker=own) for entry, ticket, own in wanted]
        return [each.amount for each in quote_items(items, who or self.customer, now=NOW)]


@pytest.fixture
def shop() -> DiscountStudio:
    made = DiscountStudio()
    made.join()
    return made


# For whom


def test_a_personal_one_is_for_the_members_own_place_at_each_event(shop: DiscountStudio) -> None:
    shop.discount()
    one, other = shop.entry(), shop.entry()
    here, there = shop.ticket(one), shop.ticket(other)

    wanted = [(one, here, True), (one, here, False), (other, there, True), (other, there, False)]
    assert shop.pay(*wanted) == [900, 1000, 900, 1000]


def test_with_additional_attendees_it_is_for_so_many_more_at_each_event(shop: DiscountStudio) -> None:
    shop.discount(additional_attendees=1)
    one, other = shop.entry(), shop.entry()
    here, there = shop.ticket(one), shop.ticket(other)

    wanted = [(one, here, False)] * 3 + [(other, there, True), (other, there, False)]
    assert sorted(shop.pay(*wanted)) == [900, 900, 900, 900, 1000]


def test_at_one_event_the_dearest_tickets_have_it(shop: DiscountStudio) -> None:
    shop.discount(additional_attendees=1)
    entry = shop.entry()
    prices = [500, 2000, 1000]

    assert shop.pay(*((entry, shop.ticket(entry, price), False) for price in prices)) == [500, 1800, 900]


def test_nobody_else_has_it(shop: DiscountStudio) -> None:
    shop.discount()
    entry = shop.entry()
    ticket = shop.ticket(entry)
    item = LineItem(entry=entry, ticket=ticket, is_for_booker=True)
    other = create_customer_with_login(shop.page.account)

    assert shop.pay((entry, ticket, True), who=other) == [1000]
    assert [each.amount for each in quote_items([item], None, now=NOW)] == [1000]


@pytest.mark.parametrize("until", [NOW - timedelta(days=1), NOW + timedelta(days=1)])
def test_who_does_not_stand_at_the_event_has_none(until: datetime) -> None:
    shop = DiscountStudio()
    shop.join(until=until)
    shop.discount()
    entry, sooner = shop.entry(starts_at=NOW + timedelta(days=2)), shop.entry(starts_at=NOW + timedelta(hours=2))

    amounts = shop.pay((entry, shop.ticket(entry), True), (sooner, shop.ticket(sooner), True))

    assert amounts == [1000, 900 if until > NOW else 1000]


@pytest.mark.parametrize("rests", ["disabled", "deleted", "archived"])
def test_what_rests_makes_nothing_cheaper(rests: str, shop: DiscountStudio) -> None:
    shop.discount(enabled=rests != "disabled", deleted_at=NOW if rests == "deleted" else None)
    if rests == "archived":
        archive_group(shop.group, now=NOW)
    entry = shop.entry()

    assert shop.pay((entry, shop.ticket(entry), True)) == [1000]


# For what


def test_it_covers_pages_or_tickets_exclusive_or_not(shop: DiscountStudio) -> None:
    entry = shop.entry()
    elsewhere = EntryFactory.create(page=SchedulePageFactory.create(account=shop.page.account))
    far = Entry.objects.select_related("account").get(pk=elsewhere.pk)
    plain, exclusive, other = shop.ticket(entry), shop.ticket(entry, group=shop.group), shop.ticket(far)
    wanted = [(entry, plain, True), (entry, exclusive, False), (far, other, True)]
    page = shop.discount(additional_attendees=5)
    assert shop.pay(*wanted) == [900, 900, 1000]

    page.coverage.all().delete()
    shop.discount(additional_attendees=5, ticket=exclusive, percent=50)
    shop.discount(additional_attendees=5, ticket=other, percent=30)

    assert shop.pay(*wanted) == [1000, 500, 700]


def test_what_costs_nothing_is_asked_nothing(shop: DiscountStudio) -> None:
    shop.discount()
    entry = shop.entry()
    item = LineItem(entry=entry, ticket=shop.ticket(entry, 0), is_for_booker=True)

    with CaptureQueriesContext(connection) as asked:
        found = quote_items([item], shop.customer, now=NOW)

    assert ([each.amount for each in found], len(asked)) == ([0], 0)


# How much


def test_the_best_one_wins_and_they_do_not_add_up(shop: DiscountStudio) -> None:
    silver = GroupFactory.create(account=shop.page.account)
    shop.join(silver)
    shop.discount(percent=10)
    shop.discount(amount_off=250)
    shop.discount(percent=20, group=silver)
    entry, dear = shop.entry(), shop.entry()

    assert shop.pay((entry, shop.ticket(entry, 1000), True), (dear, shop.ticket(dear, 5000), True)) == [750, 4000]


def test_of_two_that_save_the_same_the_unlimited_one_is_used(shop: DiscountStudio) -> None:
    shop.discount(limit=5)
    unlimited = shop.discount()
    entry = shop.entry()

    [found] = quote_items(
        [LineItem(entry=entry, ticket=shop.ticket(entry), is_for_booker=True)], shop.customer, now=NOW
    )

    assert found.discount
    assert found.discount.offer.pk == unlimited.pk


@pytest.mark.parametrize(
    ("currency", "price", "terms", "amount"),
    [
        ("JPY", 999, {"percent": 10}, 899),  # 899.1
        ("JPY", 1000, {"amount_off": 300}, 700),
        ("KWD", 1230, {"percent": 10}, 1100),  # 1.107
        ("KWD", 1230, {"amount_off": 250}, 980),
        ("ISK", 125500, {"percent": 10}, 112900),  # 1129.50
        ("GBP", 1999, {"percent": 15}, 1699),  # 16.9915
        ("GBP", 400, {"amount_off": 500}, 0),
        ("GBP", 1000, {"percent": 100}, 0),
    ],
)
def test_it_is_rounded_in_favour_of_the_customer(currency: str, price: int, terms: dict[str, int], amount: int) -> None:
    shop = DiscountStudio(currency=currency)
    shop.join()
    shop.discount(**terms)
    entry = shop.entry()

    assert shop.pay((entry, shop.ticket(entry, price), True)) == [amount]


# How often


def test_its_uses_go_where_they_save_most(shop: DiscountStudio) -> None:
    shop.discount(limit=2)
    entries = [shop.entry() for _ in range(4)]

    amounts = shop.pay(
        *(
            (entry, shop.ticket(entry, price), True)
            for entry, price in zip(entries, (500, 3000, 1000, 2000), strict=True)
        )
    )

    assert amounts == [500, 2700, 1000, 1800]


def test_a_period_is_counted_in_days_of_the_studio_when_the_clocks_change(shop: DiscountStudio) -> None:
    shop.discount(limit=1, period_unit="day")
    instants = {
        datetime(2030, 3, 31, 0, 30, tzinfo=UTC): 500,  # 31 March, 0.30 GMT
        datetime(2030, 3, 31, 22, 30, tzinfo=UTC): 900,  # 31 March, 23.30 BST
        datetime(2030, 3, 31, 23, 30, tzinfo=UTC): 450,  # 1 April, 0.30 BST
    }
    entries = [(shop.entry(starts_at=starts), amount) for starts, amount in instants.items()]

    assert shop.pay(
        (entries[0][0], shop.ticket(entries[0][0], 500), True),
        (entries[1][0], shop.ticket(entries[1][0], 1000), True),
        (entries[2][0], shop.ticket(entries[2][0], 500), True),
    ) == [amount for _entry, amount in entries]


def test_each_period_has_its_own(shop: DiscountStudio) -> None:
    shop.discount(limit=1)  # by months from the third
    entries = [shop.entry(starts_at=datetime(2030, 2, day, 12, tzinfo=UTC)) for day in (2, 3, 4)]

    assert shop.pay(*((entry, shop.ticket(entry), True) for entry in entries)) in ([900, 900, 1000], [900, 1000, 900])


@pytest.mark.parametrize("lines", [1, 200])
def test_two_hundred_lines_take_as_many_statements_as_one(lines: int, shop: DiscountStudio) -> None:
    shop.discount(limit=7)
    shop.discount(amount_off=50, additional_attendees=3)
    entries = [shop.entry(starts_at=NOW + timedelta(days=number + 1)) for number in range(min(lines, 20))]
    tickets = {entry.pk: shop.ticket(entry) for entry in entries}
    items = [
        LineItem(entry=entry, ticket=tickets[entry.pk], is_for_booker=True) for entry in entries * max(lines // 20, 1)
    ]

    with CaptureQueriesContext(connection) as asked:
        found = quote_items(items, shop.customer, now=NOW)

    assert (len(found), len(asked)) == (lines, 4)


# In baskets


def amounts(till: Till, basket: Any) -> list[int]:
    return [seat.amount for seat in till.refresh(basket).seats]


def test_a_use_in_another_basket_is_gone_and_comes_back_when_removed(till: Till) -> None:
    offer = till.discount(limit=1)
    customer = till.member(offer.group)
    one, other = till.entry(), till.entry()
    first = till.fill(one, till.ticket(one, 1000), customer=customer, own=True)
    second = till.fill(other, till.ticket(other, 5000), customer=customer, own=True)
    assert (amounts(till, first), amounts(till, second)) == ([900], [5000])

    seats = [seat.pk for seat in till.refresh(first).seats]
    baskets.remove_tickets(first, seats, person_of(customer), now=timezone.now())

    assert amounts(till, second) == [4500]
    assert UsagePeriod.objects.get().used == 1
    assert check_books(now=timezone.now()) == []


def test_a_use_moves_to_the_ticket_that_it_saves_more_on(till: Till) -> None:
    offer = till.discount(limit=1)
    customer = till.member(offer.group)
    one, other = till.entry(), till.entry()
    basket = till.fill(one, till.ticket(one, 1000), customer=customer, own=True)
    till.fill(other, till.ticket(other, 5000), basket=basket, own=True)

    assert amounts(till, basket) == [1000, 4500]
    assert OfferUse.objects.filter(ended_at=None, kind=OfferKind.DISCOUNT).count() == 1


def test_places_at_an_event_are_counted_over_all_bookings(till: Till) -> None:
    offer = till.discount(additional_attendees=1)
    customer = till.member(offer.group)
    entry = till.entry()
    ticket = till.ticket(entry, 1000)
    till.pay(till.fill(entry, ticket, customer=customer, own=True))

    basket = till.fill(entry, ticket, ticket, customer=customer)

    assert sorted(amounts(till, basket)) == [900, 1000]


def test_a_guest_who_types_a_members_address_has_none(till: Till) -> None:
    offer = till.discount()
    customer = till.member(offer.group)
    entry = till.entry()

    basket = till.fill(entry, till.ticket(entry, 1000), customer=customer, who=ANONYMOUS, own=True)

    seen = baskets.refresh_basket(basket, ANONYMOUS, now=timezone.now())
    assert [(seat.amount, seat.discount) for seat in seen.seats] == [(1000, None)]
    assert UsagePeriod.objects.count() == 0


def test_an_exclusive_ticket_has_its_price_and_its_discount(till: Till) -> None:
    offer = till.discount(percent=50)
    customer = till.member(offer.group)
    OfferFactory.create(group=offer.group, page=till.page, limit=3)
    entry = till.entry()

    basket = till.fill(entry, till.ticket(entry, 800, group=offer.group), customer=customer, own=True)

    assert amounts(till, basket) == [400]
    assert sorted(OfferUse.objects.values_list("kind", flat=True)) == [OfferKind.DISCOUNT, OfferKind.EXCLUSIVE]


def test_a_new_price_and_an_offer_that_ends_count_at_once_until_it_is_booked(till: Till) -> None:
    offer = till.discount()
    customer = till.member(offer.group)
    entry = till.entry()
    ticket = till.ticket(entry, 1000)
    booked = till.fill(entry, ticket, customer=customer, own=True)
    till.pay(booked)
    other = till.entry()
    basket = till.fill(other, till.ticket(other, 1000), customer=customer, own=True)

    Ticket.objects.update(price=2000)
    assert amounts(till, basket) == [1800]
    Offer.objects.update(enabled=False)

    assert amounts(till, basket) == [2000]
    assert list(booked.seats.values_list("price", "amount", "discount")) == [(1000, 900, offer.pk)]
    assert UsagePeriod.objects.get().used == 1


def test_a_membership_in_the_basket_gives_its_discounts(till: Till) -> None:
    till.discount(till.seller.membership.group)
    customer = till.customer_with_login()
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, 1000), customer=customer, own=True)
    assert amounts(till, basket) == [1000]

    who = person_of(customer)
    basket = baskets.add_membership(basket, till.seller.price, customer, till.page, who=who, now=timezone.now())

    assert amounts(till, basket) == [900]


@pytest.mark.parametrize("entries", [1, 20])
def test_looking_at_a_basket_of_two_hundred_takes_as_many_statements(entries: int, till: Till) -> None:
    offer = till.discount(additional_attendees=4)
    customer = till.member(offer.group)
    basket = None
    for number in range(entries):
        entry = till.entry(starts_at=timezone.now() + timedelta(days=number + 1), capacity=10, per_booking=10)
        basket = till.fill(entry, *[till.ticket(entry, 1000)] * 10, customer=customer, basket=basket)
    assert basket
    till.refresh(basket)

    with CaptureQueriesContext(connection) as asked:
        seen = till.refresh(basket)

    assert (len(seen.seats), seen.total, len(asked)) == (entries * 10, entries * 9500, 14)
