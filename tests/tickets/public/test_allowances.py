"""Discounts among what a customer's groups give them."""

import pytest
from pytest_django import DjangoAssertNumQueries

from offers.models import OfferKind
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
)
from tests.worlds.river import RiverStudio
from tickets.public.allowances import GroupAllowance, group_allowances

pytestmark = pytest.mark.django_db


def list_allowances(studio: RiverStudio) -> list[GroupAllowance]:
    """What a member of Gold is given now."""
    customer = create_customer_with_login(studio.account)
    add_member(studio.group, customer)
    assert customer.user
    return group_allowances(customer.user, now=NOW)


def test_a_discount_says_what_it_makes_cheaper_and_for_whom(personal: RiverStudio) -> None:
    OfferFactory.create(
        group=personal.group, kind=OfferKind.DISCOUNT, percent=10, page=personal.page, limit=5, ongoing=False
    )
    family = {"additional_attendees": 2, "amount_off": 250}
    entry = EntryFactory.create(page=personal.page)
    workshop = TicketFactory.create(entry=entry, name="Workshop")
    OfferFactory.create(group=personal.group, kind=OfferKind.DISCOUNT, ticket=workshop, **family)

    [belonging] = list_allowances(personal)

    assert [share.terms for share in belonging.offers[1:]] == [
        "10% off all tickets on “River Studio”, for you only, 5 tickets in total.",
        "£2.50 off “Workshop”, for up to 3 tickets at each event, as often as you like.",
    ]
    assert [share.pages for share in belonging.offers] == [[("River Studio", personal.page.slug)]] * 3


def test_hidden_and_retired_tickets_are_not_named(personal: RiverStudio) -> None:
    entry = EntryFactory.create(page=personal.page)
    others = GroupFactory.create(account=personal.account)
    hidden = TicketFactory.create(entry=entry, group=others, name="Secret", shown=False)
    retired = TicketFactory.create(entry=entry, name="Old", retired_at=NOW)
    for ticket in (hidden, retired):
        OfferFactory.create(group=personal.group, kind=OfferKind.DISCOUNT, percent=10, ticket=ticket)

    assert [share.offer.kind for share in list_allowances(personal)[0].offers] == [OfferKind.EXCLUSIVE]


@pytest.mark.parametrize("discounts", [1, 3])
def test_the_number_of_queries_is_fixed(
    discounts: int, personal: RiverStudio, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    customer = create_customer_with_login(personal.account)
    add_member(personal.group, customer)
    for _ in range(discounts):
        OfferFactory.create(group=personal.group, kind=OfferKind.DISCOUNT, amount_off=100, page=personal.page)
    assert customer.user

    with django_assert_num_queries(5):
        [belonging] = group_allowances(customer.user, now=NOW)
        told = [share.terms for share in belonging.offers]

    assert len(told) == discounts + 1
