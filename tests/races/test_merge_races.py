"""Races about two who become one: two merges, a booking, a webhook, an import and a change of address meanwhile."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from accounts.addresses import add_address
from accounts.customers import find_customer, recognise_customer
from accounts.merging.services import CustomerGoneError, heir_of, merge_customers
from accounts.models import Customer, MergedCustomer
from groups.models import Group, Member, Standing
from groups.services import add_customers
from memberships.models import Membership, Price, Subscription, SubscriptionSource, SubscriptionStatus
from memberships.standing import sync_standing
from memberships.sync import lock_subscription
from offers.eligibility import Attendee
from offers.models import UsagePeriod
from tests.factories.accounts import CustomerFactory, SchedulePageFactory
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
from tests.races.crowd import meanwhile, run_at_once, wait_for_everyone
from tests.worlds.members_studio import booking_outcome
from tickets.availability.facts import ANONYMOUS, Person, load_facts, person_of_customer
from tickets.booking.book import book, book_as_seen
from tickets.booking.request import WantedTicket
from tickets.models import Booking, Entry, Seat, Ticket

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CROWD = 8
LIMIT = 3
LONG_AGO = timezone.now() - timedelta(days=1)


@pytest.fixture
def group() -> Group:
    page = SchedulePageFactory.create()
    made = GroupFactory.create(account=page.account)
    OfferFactory.create(group=made, page=page, limit=LIMIT)
    return made


@pytest.fixture
def ada(group: Group) -> Customer:
    return CustomerFactory.create(account=group.account, name="Ada")


@pytest.fixture
def other(group: Group) -> Customer:
    return create_customer_with_login(group.account, name="A. Lovelace")


def merge(survivor: Customer, gone: Customer) -> str:
    try:
        merged = merge_customers(survivor.account, survivor=survivor.pk, gone=gone.pk, now=NOW)
    except CustomerGoneError:
        return "gone"
    return "merged" if merged.is_new else "was merged"


def place(group: Group, *, exclusive: bool = True, days: int = 2) -> tuple[Entry, Ticket]:
    entry = EntryFactory.create(page=group.account.pages.get(), starts_at=NOW + timedelta(days=days))
    return entry, TicketFactory.create(entry=entry, group=group if exclusive else None)


def buy(at: tuple[Entry, Ticket], customer: Customer, who: Person) -> str:
    entry, ticket = at
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada")]
    if who.customer:
        wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
    return booking_outcome(lambda: book(load_entry(entry), customer, wanted, who=who, key=uuid4(), now=NOW).booking)


def test_control_who_looks_before_they_move_leaves_something_behind(
    group: Group, ada: Customer, other: Customer
) -> None:
    """Without the foreign key: a booking that was made after looking would be nobody's."""
    entry, _ticket = place(group, exclusive=False)
    everybody_looked = wait_for_everyone(2)

    def naive(number: int) -> int:
        with transaction.atomic():
            found = Booking.objects.filter(customer=other).count()
            everybody_looked()
            if number:
                facts = {"account": entry.account, "page": entry.page, "key": uuid4(), "channel": "customer"}
                Booking.objects.create(**facts, customer=other, created_at=NOW)
            else:
                Booking.objects.filter(pk__lt=0).update(customer=ada)
        return found

    assert run_at_once(2, naive) == [0, 0]
    assert Booking.objects.get().customer == other


def test_the_same_merge_sent_many_times_is_done_once(ada: Customer, other: Customer) -> None:
    outcomes = Counter(run_at_once(CROWD, lambda _number: merge(ada, other)))
    assert outcomes == {"merged": 1, "was merged": CROWD - 1}
    assert MergedCustomer.objects.get().customer == ada


def test_merges_each_way_round_leave_one(ada: Customer, other: Customer) -> None:
    pairs = [(ada, other), (other, ada)]
    outcomes = Counter(run_at_once(CROWD, lambda number: merge(*pairs[number % 2])))
    assert outcomes == {"merged": 1, "was merged": CROWD - 1}
    assert Customer.objects.count() == 1


def test_a_chain_at_once_loses_nobody(group: Group, ada: Customer, other: Customer) -> None:
    third = CustomerFactory.create(account=group.account)
    entry, ticket = place(group, exclusive=False)
    buy((entry, ticket), third, ANONYMOUS)
    pairs = [(other, third), (ada, other)]
    outcomes = run_at_once(2, lambda number: merge(*pairs[number]))
    if outcomes == ["gone", "merged"]:
        merge(ada, third)
    assert Booking.objects.get().customer == ada
    assert heir_of(group.account, third.pk) == ada


def test_whoever_books_meanwhile_has_booked(group: Group, ada: Customer, other: Customer) -> None:
    """As a stranger, by a form that knew the one who goes: it is the other's booking then, at whatever instant."""
    for round_number in range(4):
        gone = CustomerFactory.create(account=group.account)
        places = [place(group, exclusive=False, days=2 + round_number) for _ in range(CROWD)]

        def act(number: int, gone: Customer = gone, places: list[tuple[Entry, Ticket]] = places) -> str:
            return buy(places[number], gone, ANONYMOUS) if number else merge(ada, gone)

        outcomes = run_at_once(CROWD, act)
        assert outcomes[0] == "merged"
        assert all(each.startswith("booked") for each in outcomes[1:]), outcomes
    assert set(Seat.objects.values_list("customer", flat=True)) == {ada.pk}
    assert Seat.objects.count() == 4 * (CROWD - 1)


def test_a_member_who_books_meanwhile_is_the_heir_and_within_the_limit(
    group: Group, ada: Customer, other: Customer
) -> None:
    add_member(group, ada)
    add_member(group, other)
    places = [place(group, days=2 + number) for number in range(CROWD)]
    buyers = [person_of_customer(other), person_of_customer(ada)]

    def act(number: int) -> str:
        who = buyers[number % 2]
        assert who.customer is not None
        return buy(places[number], who.customer, who) if number else merge(ada, other)

    outcomes = run_at_once(CROWD, act)
    assert outcomes[0] == "merged"
    assert {each.partition(" ")[0] for each in outcomes[1:]} <= {"booked", "limit_reached"}, outcomes
    period = UsagePeriod.objects.get()
    booked = sum(each.startswith("booked") for each in outcomes)
    # Each had the limit before; together they never get more than that.
    assert LIMIT <= booked == period.used <= 2 * LIMIT
    assert period.ceiling == max(LIMIT, period.used)


def test_a_booking_under_way_is_waited_for(group: Group, ada: Customer, other: Customer) -> None:
    add_member(group, other)
    entry, ticket = place(group)
    waited, outcome = meanwhile(
        lambda: buy((entry, ticket), other, person_of_customer(other)), lambda: merge(ada, other)
    )
    assert (waited, outcome) == (True, "merged")
    assert Seat.objects.get().customer == ada


def subscribe(group: Group, customer: Customer) -> Subscription:
    membership = Membership.objects.create(account=group.account, group=group, title="Gold", created_at=NOW)
    price = Price.objects.create(
        account=group.account, membership=membership, title="Monthly", amount=4000, currency="GBP", created_at=NOW
    )
    return Subscription.objects.create(
        account=group.account,
        customer=customer,
        membership=membership,
        price=price,
        source=SubscriptionSource.CHECKOUT,
        status=SubscriptionStatus.ACTIVE,
        stripe_id="sub_1",
        started_at=LONG_AGO,
        period_end=LONG_AGO + timedelta(days=30),
        billing_anchor=LONG_AGO,
        created_at=NOW,
    )


@pytest.mark.parametrize("status", [SubscriptionStatus.ACTIVE, SubscriptionStatus.CANCELED])
def test_what_stripe_says_meanwhile_is_the_survivor_s(
    group: Group, ada: Customer, other: Customer, status: str
) -> None:
    """`ada` is billed, so she stays; the webhook reads her subscription while the other becomes part of her."""
    bought = subscribe(group, ada)
    add_member(group, other)
    if status == SubscriptionStatus.CANCELED:
        with transaction.atomic():
            sync_standing(lock_subscription(bought), now=timezone.now())
        Subscription.objects.filter(pk=bought.pk).update(status=status, ended_at=timezone.now())

    def act(number: int) -> str:
        if not number:
            return merge(ada, other)
        with transaction.atomic():
            sync_standing(lock_subscription(bought), now=timezone.now())
        return "told"

    assert sorted(run_at_once(4, act)) == ["merged", "told", "told", "told"]
    member = Member.objects.get()
    assert member.customer == ada
    open_now = Standing.objects.at(timezone.now()).filter(member=member).values_list("ground", flat=True)
    assert (bought.uuid in set(open_now)) == (status == SubscriptionStatus.ACTIVE)


def test_an_ended_membership_that_moves_is_found_by_who_waits_for_it(
    group: Group, ada: Customer, other: Customer
) -> None:
    bought = subscribe(group, other)
    Subscription.objects.filter(pk=bought.pk).update(status=SubscriptionStatus.CANCELED, ended_at=timezone.now())

    def theirs() -> int:
        with transaction.atomic():
            return lock_subscription(bought).customer_id

    waited, customer = meanwhile(lambda: merge(ada, other), theirs)
    assert (waited, customer) == (True, ada.pk)


def test_a_list_that_comes_in_meanwhile_adds_the_survivor(group: Group, ada: Customer, other: Customer) -> None:
    def act(number: int) -> str:
        if not number:
            return merge(ada, other)
        add_customers(group, {other.email: "", f"new{number}@example.org": ""}, now=NOW)
        return "added"

    outcomes = run_at_once(4, retried(act))
    assert Counter(outcomes) == {"merged": 1, "added": 3}
    assert find_customer(group.account, other.email) == ada
    assert Member.objects.filter(customer=ada).count() == 1


def retried(act: Callable[[int], str]) -> Callable[[int], str]:
    """As a worker does: what failed is tried again."""

    def run(number: int) -> str:
        for _attempt in range(3):
            try:
                return act(number)
            except (IntegrityError, OperationalError, Customer.DoesNotExist):
                continue
        return act(number)

    return run


def test_an_address_added_meanwhile_is_the_survivor_s(ada: Customer, other: Customer) -> None:
    def act(number: int) -> str:
        if not number:
            return merge(ada, other)
        try:
            add_address(other, f"a{number}@example.org", now=NOW)
        except Customer.DoesNotExist:
            return "gone"
        return "added"

    outcomes = run_at_once(4, act)
    ada.refresh_from_db()
    added = [f"a{number}@example.org" for number in range(1, 4) if outcomes[number] == "added"]
    assert sorted(ada.other_addresses.split()) == sorted([other.email, *added])


def test_whoever_is_recognised_meanwhile_is_the_survivor(ada: Customer, other: Customer) -> None:
    def act(number: int) -> str:
        if not number:
            return merge(ada, other)
        return str(recognise_customer(ada.account, other.email, "", confirmed=False).pk)

    found = set(run_at_once(4, act)) - {"merged"}
    assert found <= {str(ada.pk), str(other.pk)}
    assert find_customer(ada.account, other.email) == ada


def test_a_stranger_s_one_statement_is_told_the_customer_is_gone(group: Group, ada: Customer, other: Customer) -> None:
    """The fast path: the customer it was given is gone when it commits, and the booking is the heir's."""
    entry, ticket = place(group, exclusive=False)
    fresh = load_entry(entry)
    facts = load_facts(fresh, ANONYMOUS, now=NOW)
    merge(ada, other)
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada")]
    booked = book_as_seen(fresh, other, wanted, facts=facts, key=uuid4(), now=NOW)
    assert (booked.booking.customer, booked.booking.address) == (ada, other.email)
