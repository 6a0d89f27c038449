"""Stripe learns of another main address, whoever changed it; and of none twice."""

from datetime import UTC, datetime

import pytest

from accounts.addresses import add_address, choose_main_address
from accounts.models import Customer, StripeCustomer
from accounts.stripe_connection import ensure_stripe_customer
from accounts.tasks import send_stripe_addresses
from bookwhen.installation.models import SetAside
from tests.worlds.seller import Seller

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
OLD, NEW = "ada@example.org", "ada.new@example.org"


@pytest.fixture
def ada(seller: Seller) -> Customer:
    customer = seller.customer(email=OLD, name="Ada")
    ensure_stripe_customer(seller.account, customer, seller.gateway, metadata={})
    choose_main_address(customer, add_address(customer, NEW, now=NOW))
    return customer


def at_stripe(seller: Seller, customer: Customer) -> str:
    found: str = seller.stripe.customers.retrieve(StripeCustomer.objects.get(customer=customer).stripe_id).email
    return found


def is_due(customer: Customer) -> bool:
    return StripeCustomer.objects.get(customer=customer).email_due_at is not None


def test_stripe_writes_to_the_new_address_once_the_worker_was_there(seller: Seller, ada: Customer) -> None:
    assert (at_stripe(seller, ada), is_due(ada)) == (OLD, True)
    send_stripe_addresses()
    assert (at_stripe(seller, ada), is_due(ada)) == (NEW, False)


def test_an_address_that_is_merely_added_is_none_of_stripes_business(seller: Seller, ada: Customer) -> None:
    send_stripe_addresses()
    add_address(ada, "third@example.org", now=NOW)
    assert not is_due(ada)


def test_a_call_that_fails_is_made_again(seller: Seller, ada: Customer) -> None:
    seller.sandbox.arm("error", "POST /v1/customers/", times=10)
    send_stripe_addresses()
    assert (at_stripe(seller, ada), is_due(ada), SetAside.objects.count()) == (OLD, True, 1)
    seller.sandbox.platform.faults.clear()
    SetAside.objects.all().delete()
    send_stripe_addresses()
    assert (at_stripe(seller, ada), is_due(ada)) == (NEW, False)


def test_a_customer_who_was_deleted_at_stripe_is_left_alone(seller: Seller, ada: Customer) -> None:
    seller.stripe.customers.delete(StripeCustomer.objects.get(customer=ada).stripe_id)
    send_stripe_addresses()
    assert not is_due(ada)
