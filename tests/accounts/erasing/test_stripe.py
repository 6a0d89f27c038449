"""What Stripe told of somebody who is erased, and what it tells afterwards."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.erasing.service import erase_customer
from bookwhen.payments.forgetting import forget_again, without_people
from bookwhen.payments.handlers import find_handler
from bookwhen.payments.inbox import receive_event
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import ErasedAtStripe, EventSource, StripeEvent
from tests.accounts.erasing.person import LATER, MAIN, NAME, NEEDLES, Person, event_about, tables_with

pytestmark = pytest.mark.django_db

NOWHERE = {"accounts_user": {"needlethread"}}


@pytest.fixture
def person() -> Person:
    return Person()


def tell(person: Person, about: dict[str, Any], kind: str = "customer.updated") -> StripeEvent:
    assert person.account.connection
    event = event_about("cus_zeb", kind)
    event["data"] = {"object": about}
    assert receive_event(
        person.account.connection.pk, IncomingEvent.read(event), EventSource.WEBHOOK, now=datetime.now(UTC)
    )
    return StripeEvent.objects.get(stripe_id=event["id"])


@pytest.mark.parametrize(
    "about",
    [
        {"id": "cus_zeb", "object": "customer", "name": NAME, "email": MAIN},
        {"id": "ch_new", "object": "charge", "customer": "cus_zeb", "billing_details": {"name": NAME}},
        {"id": "ch_new", "object": "charge", "customer": {"id": "cus_zeb", "email": MAIN}, "receipt_email": MAIN},
        {"id": "cs_zeb", "object": "checkout.session", "customer_details": {"email": MAIN, "name": NAME}},
        {
            "id": "in_new",
            "object": "invoice",
            "subscription": "sub_1",
            "customer_name": NAME,
            "lines": [{"text": MAIN}],
        },
    ],
)
def test_what_comes_later_is_kept_without_them(person: Person, about: dict[str, Any]) -> None:
    erase_customer(person.customer, now=LATER)

    event = tell(person, about)

    assert tables_with(*NEEDLES) == NOWHERE
    assert event.payload["data"]["object"]["id"] == about["id"]


def test_what_others_did_is_kept_as_it_came(person: Person) -> None:
    erase_customer(person.customer, now=LATER)

    event = tell(person, {"id": "cus_other", "object": "customer", "name": "Bea", "email": "bea@example.org"})

    assert event.payload["data"]["object"]["name"] == "Bea"


def test_an_event_is_still_found_by_what_it_is_about(person: Person) -> None:
    assert find_handler("customer.updated", person.event.payload["data"]["object"])
    erase_customer(person.customer, now=LATER)

    kept = StripeEvent.objects.get(pk=person.event.pk)
    found = find_handler("customer.updated", kept.payload["data"]["object"])

    assert found
    assert found[1] == "cus_zeb"


def test_what_came_in_at_that_very_instant_goes_the_next_night(person: Person) -> None:
    erase_customer(person.customer, now=LATER)
    StripeEvent.objects.filter(pk=person.event.pk).update(payload=event_about("cus_zeb"))
    ErasedAtStripe.objects.update(added_at=LATER)

    forget_again(now=LATER)

    assert tables_with(*NEEDLES) == NOWHERE


def test_numbers_and_states_stay() -> None:
    told = {
        "id": "ch_1", "amount": 400, "paid": True, "currency": "gbp", "status": "succeeded", "name": "Ada",
        "metadata": {"endpoint": "0b8e4a4c-6d0c-4a57-8e5e-6f4f4f4f4f4f", "note": "Ada"}, "evidence": {"x": "Ada"},
        "items": [{"price": "price_1", "nickname": "ada_lovelace"}],
    }  # fmt: skip

    assert without_people(told) == {
        "id": "ch_1", "amount": 400, "paid": True, "currency": "gbp", "status": "succeeded", "name": None,
        "metadata": {"endpoint": "0b8e4a4c-6d0c-4a57-8e5e-6f4f4f4f4f4f", "note": ""}, "evidence": None,
        "items": [{"price": "price_1", "nickname": ""}],
    }  # fmt: skip
