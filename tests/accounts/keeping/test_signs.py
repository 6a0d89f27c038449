"""Each sign of a customer, alone, keeps them from being erased; and every relation to customers is one or none."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest
from django.apps import apps

from accounts.keeping.seen import SEEN, idle_since
from accounts.models import Customer, Staff
from groups.models import JoinRequest, Standing
from memberships.models import Invoice, Subscription
from tests.accounts.erasing.person import Person
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW
from tickets.models import Booking, Entry, Payment, Refund, Seat, WaitlistRequest

pytestmark = pytest.mark.django_db

BEFORE: Final = NOW + timedelta(days=400)
"""All that the person did was before."""
AFTER: Final = BEFORE + timedelta(days=1)


@pytest.fixture
def person() -> Person:
    """Somebody who did everything there is, and all of it is over."""
    made = Person()
    Customer.objects.update(created_at=NOW)
    Customer.objects.filter(pk=made.customer.pk).update(seen_at=NOW)
    Standing.objects.update(until=NOW)
    JoinRequest.objects.update(state="declined", decided_at=NOW)
    Refund.objects.update(state="done", done_at=NOW)
    WaitlistRequest.objects.update(state="left", ended_at=NOW)
    return made


def is_idle(person: Person) -> bool:
    return idle_since(BEFORE).filter(pk=person.customer.pk).exists()


def change(rows: Any, **facts: object) -> Callable[[Person], object]:
    return lambda _person: rows.update(**facts)


def of_them(**facts: object) -> Callable[[Person], object]:
    return lambda person: Customer.objects.filter(pk=person.customer.pk).update(**facts)


def self_attendee(person: Person) -> None:
    """Somebody else booked for them."""
    other = CustomerFactory.create(account=person.account)
    Entry.objects.update(starts_at=AFTER, ends_at=AFTER + timedelta(hours=1))
    Seat.objects.update(customer=other)


def on_the_team(person: Person) -> None:
    assert person.customer.user
    Staff.objects.create(account=person.account, user=person.customer.user, role="leader")


SIGNS: dict[str, Callable[[Person], object]] = {
    "made": of_them(created_at=BEFORE),
    "logged in": of_them(seen_at=BEFORE),
    "invited": of_them(invited_at=BEFORE),
    "wants news": of_them(news_since=BEFORE),
    "contact": lambda person: CustomerFactory.create(
        account=person.account, email="", contact=person.customer, name="Bea"
    ),
    "team": on_the_team,
    "in a group": change(Standing.objects, until=None),
    "was in a group": change(Standing.objects, until=BEFORE),
    "asks to join": change(JoinRequest.objects, state="waiting", decided_at=None),
    "asked to join": change(JoinRequest.objects, asked_at=BEFORE),
    "member": change(Subscription.objects, status="active"),
    "pays": change(Subscription.objects, status="incomplete"),
    "bought": change(Subscription.objects, created_at=BEFORE),
    "membership ended": change(Subscription.objects, ended_at=BEFORE),
    "paid until": change(Subscription.objects, period_end=BEFORE),
    "billed": change(Invoice.objects, created_at=BEFORE),
    "booked": change(Booking.objects, created_at=BEFORE),
    "comes": change(Entry.objects, starts_at=AFTER, ends_at=AFTER + timedelta(hours=1)),
    "comes, booked by another": self_attendee,
    "owes": change(Seat.objects, owed=100),
    "has a credit": change(Seat.objects, owed=-100),
    "paid": change(Payment.objects, paid_at=BEFORE),
    "paying": change(Payment.objects, state="open", paid_at=None, refunded=0),
    "was refunded": change(Refund.objects, created_at=BEFORE),
    "is being refunded": change(Refund.objects, state="queued", done_at=None),
    "waits": change(WaitlistRequest.objects, state="waiting", ended_at=None),
    "waited": change(WaitlistRequest.objects, joined_at=BEFORE, ended_at=BEFORE),
}


def test_who_did_everything_long_ago_is_idle(person: Person) -> None:
    assert is_idle(person)


@pytest.mark.parametrize("sign", SIGNS)
def test_each_sign_keeps_them(person: Person, sign: str) -> None:
    SIGNS[sign](person)

    assert not is_idle(person)


def test_every_relation_to_customers_is_a_sign_or_says_nothing() -> None:
    relations = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is Customer
    ]

    told = [name for part in SEEN for name in [*part.covers, *part.ignores]]
    assert sorted(told) == sorted(relations)
