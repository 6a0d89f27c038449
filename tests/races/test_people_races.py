"""Races about people: two add one address, an extra use against a booking, an end against a booking."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from accounts.addresses import AddressTakenError, add_address
from accounts.customers import recognise_customer
from accounts.models import Customer, CustomerAddress
from groups.models import Member
from groups.services import set_end
from offers.eligibility import Attendee
from offers.extra import ExtraUsedError, Gift, give_extra_uses, take_back_extra_uses
from offers.models import ExtraUses, Offer, UsagePeriod
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
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.worlds.members_studio import booking_outcome
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.request import WantedTicket
from tickets.consistency import check_books
from tickets.models import Entry

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CROWD = 8
SHARED = "family@example.org"


def test_control_looking_first_gives_one_address_to_all() -> None:
    """Without the table's constraint, who looks before they write sees nobody."""
    account = CustomerFactory.create().account
    everybody_looked = wait_for_everyone(CROWD)

    def naive(_number: int) -> bool:
        with transaction.atomic():
            is_free = not CustomerAddress.objects.filter(account=account, email=SHARED).exists()
            everybody_looked()
        return is_free

    assert run_at_once(CROWD, naive) == [True] * CROWD


def test_one_address_added_to_many_is_one_customers() -> None:
    account = CustomerFactory.create().account
    customers = CustomerFactory.create_batch(CROWD, account=account)

    def add(number: int) -> str:
        try:
            add_address(customers[number], SHARED, now=NOW)
        except AddressTakenError:
            return "taken"
        return "added"

    assert Counter(run_at_once(CROWD, add)) == {"added": 1, "taken": CROWD - 1}
    [address] = CustomerAddress.objects.filter(email=SHARED)
    listed = list(Customer.objects.exclude(other_addresses="").values_list("pk", "other_addresses"))
    assert listed == [(address.customer_id, SHARED)]


def test_an_address_added_while_somebody_books_with_it_is_one_customers() -> None:
    customer = CustomerFactory.create()

    def meet(number: int) -> int:
        if number % 2:
            return recognise_customer(customer.account, SHARED, "Ada", confirmed=False).pk
        try:
            return add_address(customer, SHARED, now=NOW).customer_id
        except AddressTakenError as error:
            return error.owner.pk

    found = set(run_at_once(CROWD, meet))
    assert len(found) == 1
    assert CustomerAddress.objects.get(email=SHARED).customer_id in found


def test_addresses_added_at_once_to_one_customer_are_all_listed() -> None:
    customer = CustomerFactory.create()
    run_at_once(CROWD, lambda number: add_address(customer, f"a{number}@example.org", now=NOW))
    customer.refresh_from_db()
    assert sorted(customer.other_addresses.split()) == [f"a{number}@example.org" for number in range(CROWD)]


def entries_for(group_limit: int) -> tuple[list[tuple[Entry, int]], Customer, Member, Offer]:
    customer = create_customer_with_login(EntryFactory.create().account)
    group = GroupFactory.create(account=customer.account)
    member = add_member(group, customer)
    page = customer.account.pages.get()
    offer = OfferFactory.create(group=group, page=page, limit=group_limit)
    made = []
    for days in range(2, 2 + CROWD):
        entry = EntryFactory.create(page=page, starts_at=NOW + timedelta(days=days))
        made.append((entry, TicketFactory.create(entry=entry, group=group).pk))
    return made, customer, member, offer


def book_at(entry: Entry, ticket: int, customer: Customer) -> str:
    wanted = [WantedTicket(ticket=ticket, name="Ada", attendee=Attendee.SELF)]
    who = person_of_customer(customer)
    return booking_outcome(lambda: book(load_entry(entry), customer, wanted, who=who, key=uuid4(), now=NOW).booking)


def test_extra_uses_taken_back_while_they_are_booked_are_either() -> None:
    made, customer, member, offer = entries_for(1)
    extra = give_extra_uses(offer, member, Gift(count=2, reason="Ill", on=NOW.date(), key=uuid4()), now=NOW)

    def act(number: int) -> str:
        if number:
            return book_at(*made[number], customer)
        try:
            return "back" if take_back_extra_uses(extra, now=NOW) else "gone"
        except ExtraUsedError:
            return "used"

    outcomes = run_at_once(CROWD, act)
    period = UsagePeriod.objects.get()
    booked = sum(each.startswith("booked") for each in outcomes)
    assert (outcomes[0], booked, period.used) in {("back", 1, 1), ("used", 3, 3)}
    assert period.ceiling == 1 + period.extra
    assert list(check_books(now=NOW)) == []


def test_extra_uses_given_at_once_all_count() -> None:
    _made, _customer, member, offer = entries_for(1)

    def give(_number: int) -> None:
        give_extra_uses(offer, member, Gift(count=1, reason="Ill", on=NOW.date(), key=uuid4()), now=NOW)

    run_at_once(CROWD, give)
    period = UsagePeriod.objects.get()
    assert (period.extra, period.ceiling, ExtraUses.objects.count()) == (CROWD, 1 + CROWD, CROWD)


def test_an_end_set_while_they_book_shuts_what_comes_after_it() -> None:
    made, customer, member, _offer = entries_for(CROWD)
    until = NOW + timedelta(days=1)

    def act(number: int) -> str:
        if number:
            return book_at(*made[number], customer)
        set_end(member, until, now=NOW)
        return "set"

    run_at_once(CROWD, act)
    assert book_at(*made[0], customer) == "standing_ends_before"
    assert list(check_books(now=NOW)) == []
