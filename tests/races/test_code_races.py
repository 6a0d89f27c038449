"""Discount codes at one instant: the last use is one basket's, in two tabs too; and what ends gives it back."""

from collections import Counter
from contextlib import suppress
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.factories.codes import DiscountCodeFactory
from tests.factories.schedule import load_entry
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.worlds.till import Till, payment_of, person_of
from tickets.booking.hold import release_basket
from tickets.booking.refusals import BasketClosedError
from tickets.checkout.codes import apply_code, remove_code
from tickets.checkout.paying import BasketChangedError, check_out
from tickets.checkout.settling import release_unpaid, settle_payment
from tickets.models import Booking, BookingState, CodeRedemption, CodeUses, DiscountCode
from tickets.money.codes import CodeObstacle, CodeRefusedError
from tickets.schedule.codes import CodeUsedError, code_settings, delete_code, edit_code

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CLIENTS, ROUNDS = 50, 3


def use(basket: Booking, typed: str) -> str:
    """What a customer would read; anything else is an error page, and raised."""
    try:
        apply_code(basket, typed, person_of(basket.customer), now=timezone.now())
    except CodeRefusedError as refused:
        return str(refused.obstacle)
    except BasketClosedError:
        return "closed"
    return "used"


def baskets_of(till: Till, number: int, **same: object) -> list[Booking]:
    entry = till.entry(capacity=number)
    ticket, at = till.ticket(entry), load_entry(entry)
    return [till.fill(at, ticket, **same) for _ in range(number)]  # type: ignore[arg-type]


def test_the_last_use_and_fifty_customers(till: Till) -> None:
    code = DiscountCodeFactory.create(account=till.account, code="LAST", limit=1)
    baskets = baskets_of(till, CLIENTS)

    outcomes = run_at_once(CLIENTS, lambda number: use(baskets[number], "last"))

    assert Counter(outcomes) == {"used": 1, CodeObstacle.USED_UP: CLIENTS - 1}
    assert CodeUses.objects.get(code=code).used == CodeRedemption.objects.live().count() == 1
    assert Booking.objects.filter(discount_code=code).count() == 1


def test_control_who_looks_before_they_use_it_sells_the_last_use_to_all(till: Till) -> None:
    code = DiscountCodeFactory.create(account=till.account, code="LAST")  # its limit of 1 is only looked at
    baskets, wait = baskets_of(till, 4), wait_for_everyone(4)

    def look_then_use(number: int) -> str:
        is_left = CodeUses.objects.get(code=code).used < 1
        wait()
        return use(baskets[number], "last") if is_left else "too late"

    assert run_at_once(4, look_then_use) == ["used"] * 4


def test_control_the_constraint_is_what_refuses(till: Till) -> None:
    code = DiscountCodeFactory.create(account=till.account, code="LAST", limit=1)
    with pytest.raises(IntegrityError, match="code_uses_within_limit"), transaction.atomic():
        CodeUses.objects.filter(code=code).update(used=2)


def test_one_customer_in_two_tabs_has_one_use(till: Till) -> None:
    for number in range(ROUNDS):
        typed = f"WELCOME{number}X"
        DiscountCodeFactory.create(account=till.account, code=typed, customer_limit=1)
        baskets = baskets_of(till, 2, customer=till.seller.customer())

        outcomes = run_at_once(2, lambda tab, baskets=baskets, typed=typed: use(baskets[tab], typed))  # type: ignore[misc]

        assert Counter(outcomes) == {"used": 1, CodeObstacle.USED_BY_CUSTOMER: 1}


def test_one_basket_in_several_tabs_uses_it_once(till: Till) -> None:
    code = DiscountCodeFactory.create(account=till.account, code="TABS", limit=3)
    (basket,) = baskets_of(till, 1)

    assert run_at_once(4, lambda _tab: use(basket, "tabs")) == ["used"] * 4
    assert CodeUses.objects.get(code=code).used == 1


def test_two_codes_at_one_instant_leave_the_basket_with_one(till: Till) -> None:
    for code in ("FIRST", "SECOND"):
        DiscountCodeFactory.create(account=till.account, code=code)
    (basket,) = baskets_of(till, 1)

    assert run_at_once(2, lambda tab: use(basket, ("first", "second")[tab])) == ["used", "used"]
    assert sorted(CodeUses.objects.values_list("used", flat=True)) == [0, 1]


@pytest.mark.parametrize("at_stripe", [True, False])
def test_release_against_pay(till: Till, at_stripe: bool) -> None:  # noqa: FBT001 - a parameter
    """Paid and released at one instant: the use is the booking's, or it came back."""
    for number in range(ROUNDS):
        typed, percent = f"ONCE{number}X", 10 if at_stripe else 100
        code = DiscountCodeFactory.create(account=till.account, code=typed, percent=percent, limit=1)
        (basket,) = baskets_of(till, 1)
        use(basket, typed)
        seen, now = till.refresh(basket), timezone.now()
        if at_stripe:
            till.seller.sandbox.shopper.pay(till.check_out(basket))
            payment = payment_of(basket)
            acts = [partial(settle_payment, payment, now=now), partial(release_unpaid, payment, now=now)]
        else:
            buy = partial(check_out, seen.booking, person_of(basket.customer), seen.basket_version, now=now)
            acts = [buy, partial(release_basket, basket.pk, now=now)]

        def act(which: int, acts: list[partial[object]] = acts) -> None:  # type: ignore[assignment]
            with suppress(BasketClosedError, BasketChangedError):
                acts[which]()

        run_at_once(2, act)
        basket.refresh_from_db()
        assert CodeUses.objects.get(code=code).used == int(basket.state == BookingState.BOOKED)


def test_taking_it_out_while_the_basket_expires(till: Till) -> None:
    code = DiscountCodeFactory.create(account=till.account, code="OUT", limit=1)
    for _ in range(ROUNDS):
        (basket,) = baskets_of(till, 1)
        use(basket, "out")

        def act(number: int, basket: Booking = basket) -> None:
            try:
                if number:
                    release_basket(basket.pk, now=timezone.now())
                else:
                    remove_code(basket, person_of(basket.customer), now=timezone.now())
            except BasketClosedError:
                return

        run_at_once(2, act)
        assert CodeUses.objects.get(code=code).used == 0


def test_the_studio_changes_or_deletes_it_while_it_is_used_first(till: Till) -> None:
    for number in range(ROUNDS):
        code = DiscountCodeFactory.create(account=till.account, code=f"FRESH{number}X")
        (basket,) = baskets_of(till, 1)

        def act(who: int, basket: Booking = basket, code: DiscountCode = code) -> str:
            try:
                if who == 0:
                    return use(basket, code.code)
                if who == 1:
                    delete_code(code)
                    return "deleted"
                found = DiscountCode.objects.select_related("uses").get(pk=code.pk)
                edit_code(found, code_settings(found), None)
            except (CodeUsedError, CodeUses.DoesNotExist, DiscountCode.DoesNotExist):
                return "too late"
            return "changed"

        used, deleted, _changed = run_at_once(3, act)
        assert (used == "used") is (deleted == "too late")
