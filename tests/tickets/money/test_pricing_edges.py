"""Where a price turns: the instant of a standing, the next use, the next ticket at an event."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import SchedulePage
from bookwhen.sandbox.stripe import Sandbox
from groups.models import Group, Member
from offers.models import Offer, OfferKind, OfferUse, UsagePeriod
from offers.periods import local_day
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    add_membership_standing,
    create_customer_with_login,
)
from tests.worlds.till import Till, open_till, person_of
from tickets.availability.facts import BasketFacts
from tickets.checkout import basket as baskets
from tickets.consistency import check_books
from tickets.models import Booking, Entry, Seat, Ticket, TicketCost
from tickets.money.pricing import LineItem, Quote, basket_facts, quote_items

pytestmark = pytest.mark.django_db

STARTS = NOW + timedelta(days=2)


@pytest.fixture
def group() -> Group:
    """A group whose members have ten percent off everything on a page."""
    page = SchedulePageFactory.create()
    made = GroupFactory.create(account=page.account)
    OfferFactory.create(group=made, kind=OfferKind.DISCOUNT, percent=10, page=page)
    return made


@pytest.fixture
def member(group: Group) -> Member:
    return add_member(group, create_customer_with_login(group.account))


@pytest.fixture
def till(stripe_here: Sandbox) -> Till:
    return open_till(stripe_here)


def item(page: SchedulePage, price: int = 1000, *, starts_at: datetime = STARTS) -> LineItem:
    made = EntryFactory.create(page=page, starts_at=starts_at)
    ticket = TicketFactory.create(entry=made, price=price, cost=TicketCost.COST if price else TicketCost.FREE)
    return LineItem(entry=Entry.objects.select_related("account").get(pk=made.pk), ticket=ticket, is_for_booker=True)


def quoted(member: Member, *prices: int, starts_at: datetime = STARTS) -> list[Quote]:
    page = member.account.pages.get()
    return quote_items([item(page, price, starts_at=starts_at) for price in prices], member.customer, now=NOW)


def amounts(quotes: list[Quote]) -> list[int]:
    return [each.amount for each in quotes]


def places(basket: Booking) -> list[int | None]:
    live = Seat.objects.filter(booking=basket, cancelled_at=None).order_by("pk")
    return list(live.values_list("discount_index", flat=True))


@pytest.mark.parametrize(("later", "amount"), [(timedelta(0), 1000), (timedelta(microseconds=1), 900)])
def test_a_standing_that_ends_as_the_event_starts_has_ended(later: timedelta, amount: int, group: Group) -> None:
    member = add_member(group, create_customer_with_login(group.account), until=STARTS + later)

    assert amounts(quoted(member, 1000)) == [amount]


@pytest.mark.parametrize(("later", "amount"), [(timedelta(0), 900), (timedelta(microseconds=1), 1000)])
def test_a_standing_that_begins_as_the_event_starts_has_begun(later: timedelta, amount: int, group: Group) -> None:
    """While another ends before it."""
    member = add_member(group, create_customer_with_login(group.account), until=STARTS - timedelta(days=1))
    following = add_membership_standing(member)
    following.since = STARTS + later
    following.save()

    assert amounts(quoted(member, 1000)) == [amount]


def test_a_free_ticket_beside_it_takes_nothing_from_a_discount(member: Member) -> None:
    free, paid = quoted(member, 0, 1000)

    assert (free, paid.amount) == (Quote(price=0, amount=0), 900)


def test_a_personal_one_does_not_go_to_a_guest_whose_ticket_is_dearer(member: Member) -> None:
    own = item(member.account.pages.get())
    dearer = TicketFactory.create(entry=own.entry, price=2000, cost=TicketCost.COST)
    guest = LineItem(entry=own.entry, ticket=dearer, is_for_booker=False)

    assert amounts(quote_items([guest], member.customer, now=NOW)) == [2000]
    assert amounts(quote_items([own, guest], member.customer, now=NOW)) == [900, 2000]


def test_of_two_that_save_the_same_what_would_be_lost_soonest_is_used(member: Member) -> None:
    page = member.account.pages.get()
    Offer.objects.update(limit=1, ongoing=False)
    for unit in ("year", "month", "week"):
        OfferFactory.create(
            group=member.group, kind=OfferKind.DISCOUNT, percent=10, page=page, limit=1, period_unit=unit
        )

    found = quoted(member, 1000, 1000, 1000, 1000)

    ends = [each.discount and each.discount.period.ends_on for each in found]
    assert sorted(ends, key=lambda day: day or date.max) == [
        date(2030, 1, 24),
        date(2030, 2, 3),
        date(2031, 1, 3),
        None,
    ]
    [only] = quoted(member, 1000)
    assert only.discount
    assert only.discount.period.ends_on == date(2030, 1, 24)


# In baskets


def test_what_a_basket_holds_is_counted_by_entry(till: Till) -> None:
    customer, entry, other = till.customer_with_login(), till.entry(), till.entry()
    ticket = till.ticket(entry)
    basket = till.fill(entry, ticket, ticket, customer=customer)
    till.fill(other, till.ticket(other), basket=basket)
    assert basket_facts(basket) == BasketFacts(frozenset(), {entry.pk: 2, other.pk: 1})

    first = Seat.objects.order_by("pk")[0]
    baskets.remove_tickets(basket, [first.pk], person_of(customer), now=timezone.now())
    who = person_of(customer)
    basket = baskets.add_membership(basket, till.seller.price, customer, till.page, who=who, now=timezone.now())

    assert basket_facts(basket) == BasketFacts(frozenset({till.seller.membership.group_id}), {entry.pk: 1, other.pk: 1})


def test_what_somebody_else_may_have_is_not_had_by_looking(till: Till) -> None:
    offer = till.discount()
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, 1000), customer=till.customer_with_login(), own=True)

    seen = baskets.refresh_basket(basket, person_of(till.member(offer.group)), now=timezone.now())

    assert [seat.amount for seat in seen.seats] == [1000]


def test_a_ticket_keeps_its_number_at_an_event(till: Till) -> None:
    offer = till.discount(additional_attendees=2)
    customer = till.member(offer.group)
    entry = till.entry()
    ticket = till.ticket(entry)
    basket = till.fill(entry, ticket, ticket, customer=customer)
    assert places(basket) == [0, 1]

    first = Seat.objects.order_by("pk")[0]
    baskets.remove_tickets(basket, [first.pk], person_of(customer), now=timezone.now())
    assert places(basket) == [1]
    till.fill(entry, ticket, ticket, basket=basket)

    assert places(basket) == [1, 0, 2]


def test_an_earlier_ticket_that_becomes_cheaper_too_takes_a_number_that_is_free(till: Till) -> None:
    entry = till.entry()
    plain, dear = till.ticket(entry, 1000), till.ticket(entry, 2000)
    offer = till.discount(ticket=dear, additional_attendees=1)
    basket = till.fill(entry, plain, dear, customer=till.member(offer.group))
    assert places(basket) == [None, 0]

    offer.coverage.create(account=till.account, ticket=plain)

    assert [seat.amount for seat in till.refresh(basket).seats] == [900, 1800]
    assert places(basket) == [0, 1]
    assert UsagePeriod.objects.get().used == 2
    assert check_books(now=timezone.now()) == []


def test_a_new_price_leaves_the_use_where_it_is(till: Till) -> None:
    offer = till.discount(limit=1)
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, 1000), customer=till.member(offer.group), own=True)
    use = OfferUse.objects.get()

    Ticket.objects.update(price=2000)

    assert [seat.amount for seat in till.refresh(basket).seats] == [1800]
    assert [(each.pk, each.ended_at) for each in OfferUse.objects.all()] == [(use.pk, None)]
    assert UsagePeriod.objects.get().used == 1
    assert check_books(now=timezone.now()) == []


def test_uses_are_charged_in_the_order_in_which_everybody_charges_them(till: Till) -> None:
    """By member, offer and day, so that two baskets never wait for each other."""
    group = GroupFactory.create(account=till.account)
    customer = till.member(group)
    starts = timezone.now() + timedelta(days=3)
    entries = [till.entry(starts_at=starts + timedelta(days=days)) for days in (100, 0, 0)]
    tickets = [till.ticket(entry, 1000) for entry in entries]
    basket = None
    for entry, ticket in zip(entries, tickets, strict=True):
        basket = till.fill(entry, ticket, customer=customer, basket=basket, own=True)
    assert basket

    first = till.discount(group, percent=10, limit=5, ticket=tickets[2])
    second = till.discount(group, percent=20, limit=5, ticket=tickets[1])
    second.coverage.create(account=till.account, ticket=tickets[0])

    assert sum(seat.amount for seat in till.refresh(basket).seats) == 2500
    charged = [(line.period.offer, line.event_on) for line in OfferUse.objects.order_by("pk")]
    days = [local_day(entry.starts_at, till.account.zone) for entry in entries]
    assert charged == [(first, days[2]), (second, days[1]), (second, days[0])]
