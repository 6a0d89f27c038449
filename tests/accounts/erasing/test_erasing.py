"""Erasing: nothing of the person is left in any table, and the books are as they were."""

from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import Manager
from django.utils import timezone

from accounts.customers import recognise_customer
from accounts.erasing.parts import ERASE
from accounts.erasing.service import InTheWayError, erase_customer, erasure_of, obstacles_to_erasing
from accounts.history.acting import acting
from accounts.models import AuditEntry, Customer, Deed, Erasure, Letter
from groups.models import Standing
from memberships.models import Subscription
from offers.models import OfferUse, UsagePeriod
from tests.accounts.erasing.person import LATER, MAIN, NAME, NEEDLES, Person, tables_with
from tickets.consistency import check_books
from tickets.models import Booking, EntryPlaces, Payment, Refund, Seat, TicketPlaces, WaitlistRequest

pytestmark = pytest.mark.django_db

THEIRS = {"accounts_user": {"needlethread"}}
"""What a login is called is the person's own, in every studio: no studio erases it."""
BOOKS: list[tuple[Manager[Any], str]] = [
    (EntryPlaces.objects, "entry taken reserved"),
    (TicketPlaces.objects, "ticket taken reserved"),
    (UsagePeriod.objects, "member used ceiling extra"),
    (OfferUse.objects, "seat period ended_at"),
    (Seat.objects, "booking entry ticket uuid amount cancelled_at use"),
    (Booking.objects, "uuid state created_at"),
    (Payment.objects, "booking amount refunded state session intent paid_at"),
    (Refund.objects, "payment amount state"),
    (Subscription.objects, "uuid membership status stripe_id"),
]


@pytest.fixture
def person() -> Person:
    return Person()


def books() -> list[list[tuple[object, ...]]]:
    return [list(rows.order_by("pk").values_list(*columns.split())) for rows, columns in BOOKS]


def findings() -> list[str]:
    return sorted(str(each) for each in check_books(now=timezone.now()))


def test_no_table_has_anything_of_them_and_the_books_are_as_before(person: Person) -> None:
    before, wrong = books(), findings()
    assert len(tables_with(*NEEDLES)) > 15

    with acting(person.owner, at=LATER):
        erase_customer(person.customer, now=LATER)

    assert tables_with(*NEEDLES) == THEIRS
    assert books() == before
    assert findings() == wrong


def test_what_stays_is_nobody_s(person: Person) -> None:
    erasure = erase_customer(person.customer, now=LATER)

    left = erasure.left
    assert left
    assert (left.name, left.phone, left.note, left.user, left.erased_at) == ("Erased customer", "", "", None, LATER)
    assert not Customer.objects.filter(pk=person.customer.pk).exists()
    assert Booking.objects.get().customer == Seat.objects.get().customer == left
    assert Seat.objects.get().attendee_name == "Erased customer"
    assert WaitlistRequest.objects.get().names == ["Erased customer", "Erased customer"]
    assert not Standing.objects.not_ended(LATER).filter(member__customer=left).exists()
    assert list(Letter.objects.values_list("recipient", "subject")) == [
        ("owner@example.org", "Erased customer disputes a payment")
    ]


def test_it_is_told_who_erased_somebody_and_not_whom(person: Person) -> None:
    with acting(person.owner, at=LATER):
        erasure = erase_customer(person.customer, now=LATER)

    assert erasure.left_id
    line = AuditEntry.objects.get(action=Deed.CUSTOMER_ERASED)
    assert (line.actor, line.object_id, line.label) == (person.owner, erasure.left_id, "Erased customer")
    about_them = AuditEntry.objects.filter(concerns__kind="customer", concerns__object_id=erasure.left_id)
    assert {each.label for each in about_them} <= {"", "Erased customer"}


def test_erasing_twice_finds_the_first(person: Person) -> None:
    first = erase_customer(person.customer, now=LATER)

    assert erase_customer(person.customer, now=LATER) == first
    assert Erasure.objects.get() == first == erasure_of(person.account, first.left_id or 0)
    assert erasure_of(person.account, person.customer.pk or first.customer_number) == first


def test_what_is_ahead_or_goes_on_stands_in_the_way(person: Person) -> None:
    Subscription.objects.update(status="active", ended_at=None)
    now = Seat.objects.get().entry.starts_at

    with pytest.raises(InTheWayError) as refused:
        erase_customer(person.customer, now=now)

    assert [(each.page, each.pk) for each in refused.value.obstacles] == [
        ("subscription", Subscription.objects.get().pk),
        ("booking", Booking.objects.get().pk),
    ]
    assert obstacles_to_erasing(person.customer, now=now) == refused.value.obstacles
    assert Customer.objects.get(pk=person.customer.pk).name == NAME
    assert WaitlistRequest.objects.open().exists()


@pytest.mark.parametrize(
    "more",
    [{"phone": "+447700900123"}, {"note": "Knee"}, {"email": MAIN}, {"news_since": LATER, "news_source": "person"}],
)
def test_the_database_lets_nobody_be_somebody_again(person: Person, more: dict[str, object]) -> None:
    left = erase_customer(person.customer, now=LATER).left
    assert left

    with pytest.raises(IntegrityError, match="customer_erased_is_nobody"):
        Customer.objects.filter(pk=left.pk).update(**more)


def test_whoever_comes_back_is_new(person: Person) -> None:
    left = erase_customer(person.customer, now=LATER).left

    again = recognise_customer(person.account, MAIN, NAME, confirmed=False)

    assert left
    assert again.pk not in {left.pk, person.customer.pk}


def test_members_are_held_before_places_and_what_stripe_told_goes_last() -> None:
    names = ERASE.names

    assert names.index("members") < names.index("bookings")
    assert (names[0], names[-1]) == ("lists", "at_stripe")
