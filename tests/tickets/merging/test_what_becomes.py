"""Merging gives everything of one customer to another, names who booked as they were, and leaves the books right."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.addresses import add_address
from accounts.customers import find_customer
from accounts.history.acting import acting
from accounts.merging.services import CannotMergeError, CustomerGoneError, heir_of
from accounts.models import (
    AuditObject,
    Customer,
    CustomerAddress,
    Deed,
    FormerStripeCustomer,
    Letter,
    MergedCustomer,
    NewsSource,
    StripeCustomer,
    Thing,
)
from tests.accounts.letters import create_letter
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory, StaffFactory, UserFactory
from tests.factories.codes import DiscountCodeFactory
from tests.factories.payments import ConnectionFactory
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
from tests.tickets.merging.acts import book_for, book_place, findings, make_entry, merge
from tickets.availability.facts import ANONYMOUS
from tickets.booking.request import WantedTicket
from tickets.checkout.basket import add_tickets
from tickets.checkout.codes import apply_code
from tickets.models import Attendance, Booking, CodeCustomer, CodeRedemption, Party, Presence, Seat, TicketCost

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Customer:
    page = SchedulePageFactory.create()
    return CustomerFactory.create(account=page.account, email="ada@example.org", name="Ada")


@pytest.fixture
def other(ada: Customer) -> Customer:
    return CustomerFactory.create(account=ada.account, email="ada@old.example", name="A. Lovelace")


def test_everything_moves_not_just_the_address(ada: Customer, other: Customer) -> None:
    """The merge of others moved the address alone, and orphaned the rest (others-mistakes, *merge*)."""
    group = GroupFactory.create(account=ada.account)
    OfferFactory.create(group=group, page=ada.account.pages.get(), limit=3)
    member = add_member(group, other)
    entry, ticket = make_entry(group)
    booking = book_place(entry, ticket, other)
    seat = booking.seats.get()
    Attendance.objects.create(account=ada.account, seat=seat, presence=Presence.PRESENT, marked_at=NOW)
    add_address(other, "ada@work.example", now=NOW)

    merged = merge(ada, other)

    assert (merged.customer, merged.is_new) == (ada, True)
    booking.refresh_from_db()
    seat.refresh_from_db()
    member.refresh_from_db()
    assert (booking.customer, seat.customer, seat.self_attendee, member.customer) == (ada, ada, ada, ada)
    assert Party.objects.get().customer == ada
    assert seat.attendance.presence == Presence.PRESENT
    for email in ("ada@example.org", "ada@old.example", "ada@work.example"):
        assert find_customer(ada.account, email) == ada
    ada.refresh_from_db()
    assert (ada.email, ada.other_addresses) == ("ada@example.org", "ada@old.example ada@work.example")
    assert list(Customer.objects.all()) == [ada]
    assert findings() == []


def test_what_was_issued_keeps_its_names_and_addresses(ada: Customer, other: Customer) -> None:
    entry = EntryFactory.create(page=ada.account.pages.get())
    booking = book_for(entry, TicketFactory.create(entry=entry), other)
    booked = Letter.objects.get()
    before = (booked.recipient, booked.subject, booked.facts)
    create_letter(account=ada.account, recipient=other.email, subject="Receipt 12 for A. Lovelace")

    merge(ada, other)

    booked.refresh_from_db()
    assert (booked.recipient, booked.subject, booked.facts) == before
    assert Letter.objects.get(subject="Receipt 12 for A. Lovelace").recipient == "ada@old.example"
    booking.refresh_from_db()
    # What is written about it later goes where it was booked from, and its page names that address alone.
    assert (booking.address, booking.seats.get().attendee_name) == ("ada@old.example", "A. Lovelace")


def test_sent_twice_it_is_done_once(ada: Customer, other: Customer) -> None:
    merge(ada, other)
    again = merge(ada, other)
    turned = merge(other, ada)
    assert [(each.customer, each.is_new) for each in (again, turned)] == [(ada, False)] * 2


def test_a_chain_leads_to_its_end(ada: Customer, other: Customer) -> None:
    third = CustomerFactory.create(account=ada.account)
    merge(other, third)
    merge(ada, other)
    assert heir_of(ada.account, third.pk) == heir_of(ada.account, other.pk) == ada
    assert MergedCustomer.objects.count() == 2
    assert not merge(ada, third).is_new
    stranger = CustomerFactory.create(account=ada.account)
    with pytest.raises(CustomerGoneError) as gone:
        merge(stranger, third)
    assert gone.value.customer == ada


def test_nobody_is_merged_with_themselves_or_with_another_account_s(ada: Customer) -> None:
    for odd in (ada, CustomerFactory.create()):
        with pytest.raises(CustomerGoneError):
            merge(ada, odd)


def test_the_login_comes_along(ada: Customer) -> None:
    user = UserFactory.create(email="login@example.org")
    other = CustomerFactory.create(account=ada.account, email="login@example.org", user=user)
    merge(ada, other)
    ada.refresh_from_db()
    assert (ada.user, ada.seen_at) == (user, other.seen_at)


@pytest.mark.parametrize(
    ("mine", "theirs", "united"),
    [
        (("Ada", True), ("A.", True), ("Ada", True)),
        (("Ada", False), ("A. Lovelace", True), ("A. Lovelace", True)),
        (("", True), ("Typed", False), ("Typed", False)),
        (("Ada", False), ("Typed", False), ("Ada", False)),
    ],
)
def test_whose_name_is_kept(
    ada: Customer, other: Customer, mine: tuple[str, bool], theirs: tuple[str, bool], united: tuple[str, bool]
) -> None:
    for who, (name, confirmed) in ((ada, mine), (other, theirs)):
        Customer.objects.filter(pk=who.pk).update(name=name, name_confirmed=confirmed)
    merge(ada, other)
    ada.refresh_from_db()
    assert (ada.name, ada.name_confirmed) == united


def test_phone_and_notes_are_united(ada: Customer, other: Customer) -> None:
    Customer.objects.filter(pk=ada.pk).update(note="Bad knee")
    Customer.objects.filter(pk=other.pk).update(note="Likes the window", phone="+442079460018")
    merge(ada, other)
    ada.refresh_from_db()
    assert (ada.note, ada.phone) == ("Bad knee\nLikes the window", "+442079460018")


@pytest.mark.parametrize(
    ("mine", "theirs", "wants"),
    [
        ((1, None), (2, None), 1),
        ((2, None), (1, None), 1),
        ((None, None), (2, None), 2),
        ((1, None), (None, 2), None),
        ((None, 2), (1, None), None),
        ((None, 1), (2, None), 2),
        ((None, None), (None, None), None),
    ],
)
def test_what_was_said_last_about_news_holds(
    ada: Customer,
    other: Customer,
    mine: tuple[int | None, int | None],
    theirs: tuple[int | None, int | None],
    wants: int | None,
) -> None:
    def on(day: int | None) -> object:
        return None if day is None else NOW + timedelta(days=day)

    for who, (since, ended) in ((ada, mine), (other, theirs)):
        source = NewsSource.PERSON if since else ""
        Customer.objects.filter(pk=who.pk).update(news_since=on(since), news_ended_at=on(ended), news_source=source)
    merge(ada, other)
    ada.refresh_from_db()
    assert ada.news_since == on(wants)


def test_stripe_s_names_of_both_are_known(ada: Customer, other: Customer) -> None:
    first, second = ConnectionFactory.create(), ConnectionFactory.create()
    for who, where, name in ((ada, first, "cus_1"), (other, first, "cus_2"), (other, second, "cus_3")):
        StripeCustomer.objects.create(account=ada.account, customer=who, connection=where, stripe_id=name)
    merge(ada, other)
    bought_by = set(StripeCustomer.objects.filter(customer=ada).values_list("stripe_id", flat=True))
    assert bought_by == {"cus_1", "cus_3"}
    assert FormerStripeCustomer.objects.get(customer=ada).stripe_id == "cus_2"
    third = CustomerFactory.create(account=ada.account)
    merge(third, ada)
    assert FormerStripeCustomer.objects.get(customer=third).stripe_id == "cus_2"


def test_the_history_of_both_is_on_one_page(ada: Customer, other: Customer) -> None:
    owner = StaffFactory.create(account=ada.account).user
    with acting(owner, at=NOW):
        add_address(other, "ada@work.example", now=NOW)
        merge(ada, other)
    told = AuditObject.objects.filter(kind=Thing.CUSTOMER, object_id=ada.pk).order_by("entry")
    assert list(told.values_list("entry__action", flat=True)) == [Deed.ADDRESS_ADDED, Deed.CUSTOMERS_MERGED]
    line = told.last()
    assert line is not None
    assert line.entry.changes[0][1] == "A. Lovelace"
    # The same line is where the one who is gone would be looked for.
    assert AuditObject.objects.filter(entry=line.entry, object_id=other.pk).exists()


def test_it_takes_as_many_statements_for_fifty_bookings_as_for_two(ada: Customer, other: Customer) -> None:
    page = ada.account.pages.get()

    def count(bookings: int) -> int:
        gone = CustomerFactory.create(account=ada.account)
        for number in range(bookings):
            entry = EntryFactory.create(page=page, starts_at=NOW + timedelta(days=number + 1))
            book_for(entry, TicketFactory.create(entry=entry), gone)
        with CaptureQueriesContext(connection) as asked:
            merge(ada, gone)
        return len(asked)

    assert count(2) == count(50) <= 60
    assert Booking.objects.filter(customer=ada).count() == Seat.objects.filter(customer=ada).count() == 52


def test_a_customer_of_another_account_with_the_address_stays(ada: Customer, other: Customer) -> None:
    elsewhere = CustomerFactory.create(account=AccountFactory.create(), email=other.email)
    merge(ada, other)
    assert CustomerAddress.objects.get(customer=elsewhere).email == other.email
    assert create_customer_with_login(ada.account).pk


def test_somebody_without_an_address_becomes_part_of_who_has_one(ada: Customer, other: Customer) -> None:
    child = Customer.objects.create(account=ada.account, name="Ada", contact=other)
    with pytest.raises(CannotMergeError):
        merge(child, ada)
    merge(ada, child)
    second = Customer.objects.create(account=ada.account, name="Byron", contact=other)
    merge(ada, other)
    second.refresh_from_db()
    assert (second.contact, second.contact_email) == (ada, ada.email)
    assert findings() == []


def test_what_both_used_a_code_for_is_one_customers(ada: Customer, other: Customer) -> None:
    """Each used it once, as often as one customer may: both bookings keep it, and it cannot be used a third time."""
    page = ada.account.pages.get()
    code = DiscountCodeFactory.create(account=ada.account, customer_limit=1)
    entry = EntryFactory.create(page=page)
    ticket = TicketFactory.create(entry=entry, cost=TicketCost.COST, price=1000)
    for customer in (ada, other):
        wanted = [WantedTicket(ticket=ticket.pk, name=customer.name)]
        basket = add_tickets(None, load_entry(entry), customer, wanted, who=ANONYMOUS, key=uuid4(), now=NOW)
        apply_code(basket, code.code, ANONYMOUS, now=NOW)

    merge(ada, other)

    theirs = CodeCustomer.objects.get()
    assert (theirs.customer, theirs.used, theirs.allowed) == (ada, 2, 2)
    assert set(CodeRedemption.objects.values_list("customer", flat=True)) == {ada.pk}
    assert findings() == []
