"""The books of discount codes: a counter that is not what its uses come to is found, and a space without a use."""

import pytest
from django.utils import timezone

from tests.factories.codes import DiscountCodeFactory
from tests.worlds.till import Till, person_of
from tickets.checkout.codes import apply_code
from tickets.consistency import check_books
from tickets.models import Booking, CodeCustomer, CodeRedemption, CodeUses, DiscountCode

pytestmark = pytest.mark.django_db


@pytest.fixture
def code(till: Till) -> DiscountCode:
    return DiscountCodeFactory.create(account=till.account, code="SPRING10")


@pytest.fixture
def basket(till: Till, code: DiscountCode) -> Booking:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry), till.ticket(entry, 800))
    apply_code(basket, code.code, person_of(basket.customer), now=timezone.now())
    return basket


def found(till: Till) -> list[tuple[str, int, str, str]]:
    books = check_books(account=till.account, now=timezone.now())
    return [(each.kind, each.row, each.counted, each.should_be) for each in books]


def test_where_all_is_right_nothing_is_found(till: Till, basket: Booking) -> None:
    assert found(till) == []


def test_a_counter_that_is_wrong_or_lost(till: Till, code: DiscountCode, basket: Booking) -> None:
    CodeUses.objects.filter(code=code).update(used=2)
    assert found(till) == [("code", code.pk, "2", "1")]
    CodeUses.objects.filter(code=code).delete()
    assert found(till) == [("code", code.pk, "-1", "1")]


def test_a_customers_counter_that_is_wrong(till: Till, code: DiscountCode, basket: Booking) -> None:
    CodeCustomer.objects.filter(code=code).update(used=3)
    assert found(till) == [("code_customer", code.pk, "3", "1")]
    CodeCustomer.objects.filter(code=code).delete()
    assert found(till) == [("code_customer", code.pk, "0", "1")]


def test_a_space_that_is_cheaper_without_a_use(till: Till, code: DiscountCode, basket: Booking) -> None:
    CodeRedemption.objects.filter(code=code).update(ended_at=timezone.now())
    CodeUses.objects.filter(code=code).update(used=0)
    CodeCustomer.objects.filter(code=code).update(used=0)
    assert found(till) == [("code_seat", basket.pk, "2", "0")]
