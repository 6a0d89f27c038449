"""A discount code in a basket: what it makes cheaper, how often it is used, and when its use comes back."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.factories.codes import DiscountCodeFactory
from tests.factories.schedule import GroupFactory, OfferFactory, TicketFactory
from tests.sweeps import release_overdue_baskets
from tests.worlds.till import Till, person_of
from tickets.booking.cancel import cancel_by_studio
from tickets.checkout.basket import remove_tickets
from tickets.checkout.codes import apply_code, remove_code
from tickets.checkout.paying import BasketChangedError, check_out, reopen_basket
from tickets.checkout.settling import settle_overdue
from tickets.consistency import check_books
from tickets.models import Booking, BookingState, CodeCustomer, CodeUses, DiscountCode, TicketCost
from tickets.money.codes import CodeObstacle, CodeRefusedError

pytestmark = pytest.mark.django_db


def use(till: Till, basket: Booking, typed: str) -> DiscountCode:
    return apply_code(basket, typed, person_of(basket.customer), now=timezone.now())


def refused(till: Till, basket: Booking, typed: str) -> CodeObstacle:
    with pytest.raises(CodeRefusedError) as error:
        use(till, basket, typed)
    return error.value.obstacle


def used(code: DiscountCode) -> int:
    return CodeUses.objects.get(code=code).used


def amounts(basket: Booking) -> list[int]:
    return list(basket.seats.live().order_by("pk").values_list("amount", flat=True))


def books_balance() -> bool:
    return check_books(now=timezone.now()) == []


def test_ten_percent_off_each_ticket(till: Till) -> None:
    code, entry = DiscountCodeFactory.create(account=till.page.account, code="SPRING10"), till.entry()
    basket = till.fill(entry, till.ticket(entry, 1250), till.ticket(entry, 0))
    assert use(till, basket, " spring-1O ") == code  # a letter O for the nought
    assert amounts(basket) == [1125, 0]
    assert (used(code), books_balance()) == (1, True)
    payment = till.pay(basket)
    assert payment.amount == 1125
    assert (used(code), books_balance()) == (1, True)


def test_an_amount_off_each_ticket_is_never_more_than_its_price(till: Till) -> None:
    DiscountCodeFactory.create(account=till.page.account, code="FIVER", percent=None, amount_off=500)
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, 1250), till.ticket(entry, 300))
    use(till, basket, "fiver")
    assert amounts(basket) == [750, 0]


def test_a_basket_that_a_code_makes_free_never_meets_stripe(till: Till) -> None:
    code, entry = DiscountCodeFactory.create(account=till.page.account, code="GIFT", percent=100), till.entry()
    basket = till.fill(entry, till.ticket(entry))
    use(till, basket, "gift")
    assert till.check_out(basket) == ""
    basket.refresh_from_db()
    assert (basket.state, basket.payments.count(), used(code)) == (BookingState.BOOKED, 0, 1)
    assert books_balance()


def test_one_use_in_all(till: Till) -> None:
    code, entry = DiscountCodeFactory.create(account=till.page.account, code="ONCE", limit=1), till.entry()
    ticket = till.ticket(entry)
    mine, theirs = till.fill(entry, ticket), till.fill(entry, ticket)
    use(till, mine, "once")
    use(till, mine, "ONCE")
    assert (refused(till, theirs, "once"), used(code)) == (CodeObstacle.USED_UP, 1)
    remove_code(mine, person_of(mine.customer), now=timezone.now())
    assert (amounts(mine), used(code)) == ([1200], 0)
    use(till, theirs, "once")
    assert (amounts(theirs), used(code), books_balance()) == ([1080], 1, True)


def test_one_use_for_each_customer(till: Till) -> None:
    code = DiscountCodeFactory.create(account=till.page.account, code="WELCOME", customer_limit=1)
    entry = till.entry()
    ticket = till.ticket(entry)
    first = till.fill(entry, ticket)
    use(till, first, "welcome")
    till.pay(first)
    again = till.fill(entry, ticket, customer=first.customer)
    assert refused(till, again, "welcome") is CodeObstacle.USED_BY_CUSTOMER
    use(till, till.fill(entry, ticket, customer=till.seller.customer()), "welcome")
    assert (used(code), CodeCustomer.objects.count(), books_balance()) == (2, 2, True)


def test_its_dates_are_days_of_the_studio_and_both_included(till: Till) -> None:
    today = timezone.localdate(timezone=till.page.account.zone)
    code = DiscountCodeFactory.create(account=till.page.account, code="SUNDAY", starts_on=today, ends_on=today)
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry))
    use(till, basket, "sunday")
    remove_code(basket, person_of(basket.customer), now=timezone.now())
    day = timedelta(days=1)
    for starts_on, ends_on, obstacle in (
        (today + day, None, CodeObstacle.NOT_YET),
        (None, today - day, CodeObstacle.OVER),
    ):
        DiscountCode.objects.filter(pk=code.pk).update(starts_on=starts_on, ends_on=ends_on)
        assert refused(till, basket, "sunday") is obstacle


def test_what_is_switched_off_is_unknown(till: Till) -> None:
    DiscountCodeFactory.create(account=till.page.account, code="OFF", enabled=False)
    DiscountCodeFactory.create(code="THEIRS")
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry))
    for typed in ("off", "theirs", "", "   ", "💥", "x" * 500):
        assert refused(till, basket, typed) is CodeObstacle.UNKNOWN


def test_it_is_for_what_was_chosen(till: Till) -> None:
    entry, other = till.entry(), till.entry()
    ticket, theirs = till.ticket(entry), till.ticket(other)
    code = DiscountCodeFactory.create(account=till.page.account, code="PICKED", ticket=ticket)
    basket = till.fill(other, theirs)
    assert (refused(till, basket, "picked"), used(code)) == (CodeObstacle.NOT_FOR_THESE, 0)
    till.fill(entry, ticket, basket=basket)
    use(till, basket, "picked")
    assert amounts(basket) == [1200, 1080]


def test_an_exclusive_ticket_only_where_it_was_chosen(till: Till) -> None:
    account = till.page.account
    group, entry = GroupFactory.create(account=account), till.entry()
    exclusive = TicketFactory.create(entry=entry, group=group, cost=TicketCost.COST, price=1000)
    OfferFactory.create(group=group, page=till.page)
    basket = till.fill(entry, exclusive, customer=till.member(group))
    DiscountCodeFactory.create(account=account, code="EVERYTHING")
    DiscountCodeFactory.create(account=account, code="MEMBERS", ticket=exclusive)
    assert refused(till, basket, "everything") is CodeObstacle.NOT_FOR_THESE
    use(till, basket, "members")
    assert amounts(basket) == [900]


def test_the_better_of_code_and_members_discount_for_each_ticket(till: Till) -> None:
    account = till.page.account
    group, entry = GroupFactory.create(account=account), till.entry()
    customer = till.member(group)
    dear, cheap = till.ticket(entry, 2000), till.ticket(entry, 1000)
    till.discount(group, percent=20, ticket=dear)
    code = DiscountCodeFactory.create(account=account, code="TENTH")
    alone = till.fill(entry, dear, customer=customer, own=True)
    assert (refused(till, alone, "tenth"), used(code)) == (CodeObstacle.NOT_BETTER, 0)
    till.fill(entry, cheap, customer=customer, basket=alone)
    use(till, alone, "tenth")
    assert amounts(alone) == [1600, 900]
    assert [bool(each.discount_id) for each in alone.seats.order_by("pk")] == [True, False]
    assert books_balance()


def test_a_basket_that_expires_gives_its_use_back(till: Till) -> None:
    code, entry = DiscountCodeFactory.create(account=till.page.account, code="ONCE", limit=1), till.entry()
    basket = till.fill(entry, till.ticket(entry))
    use(till, basket, "once")
    release_overdue_baskets(now=timezone.now() + timedelta(minutes=16))
    basket.refresh_from_db()
    assert (basket.state, basket.discount_code, used(code)) == (BookingState.RELEASED, None, 0)
    assert (CodeCustomer.objects.get().used, books_balance()) == (0, True)


def test_a_checkout_that_is_not_paid_gives_its_use_back(till: Till) -> None:
    code, entry = DiscountCodeFactory.create(account=till.page.account, code="ONCE", limit=1), till.entry()
    basket = till.fill(entry, till.ticket(entry))
    use(till, basket, "once")
    till.check_out(basket)
    assert used(code) == 1
    settle_overdue(basket.pk, now=timezone.now() + timedelta(minutes=16))
    assert (used(code), books_balance()) == (0, True)


def test_a_reopened_basket_keeps_its_code(till: Till) -> None:
    code, entry = DiscountCodeFactory.create(account=till.page.account, code="KEPT"), till.entry()
    basket = till.fill(entry, till.ticket(entry))
    use(till, basket, "kept")
    till.check_out(basket)
    reopened = reopen_basket(basket, now=timezone.now())
    assert reopened is not None
    assert (reopened.discount_code, amounts(reopened), used(code)) == (code, [1080], 1)


def test_a_code_that_ends_before_paying_is_taken_out_and_said(till: Till) -> None:
    code, entry = DiscountCodeFactory.create(account=till.page.account, code="ENDS"), till.entry()
    basket = till.fill(entry, till.ticket(entry))
    use(till, basket, "ends")
    seen = till.refresh(basket).basket_version
    DiscountCode.objects.filter(pk=code.pk).update(ends_on=date(2020, 1, 1))
    with pytest.raises(BasketChangedError):
        check_out(basket, person_of(basket.customer), seen, now=timezone.now())
    assert (amounts(basket), used(code), books_balance()) == ([1200], 0, True)


def test_a_code_that_makes_nothing_cheaper_in_the_end_is_not_used(till: Till) -> None:
    entry = till.entry()
    dear, free = till.ticket(entry), till.ticket(entry, 0)
    code = DiscountCodeFactory.create(account=till.page.account, code="IDLE", limit=1)
    basket = till.fill(entry, dear, free)
    use(till, basket, "idle")
    paid = basket.seats.get(ticket=dear)
    remove_tickets(basket, [paid.pk], person_of(basket.customer), now=timezone.now())
    assert (till.refresh(basket).code, used(code)) == (code, 1)
    till.fill(entry, dear, basket=basket)
    assert amounts(till.refresh(basket).booking) == [0, 1080]
    remove_tickets(
        basket,
        list(basket.seats.live().filter(ticket=dear).values_list("pk", flat=True)),
        person_of(basket.customer),
        now=timezone.now(),
    )
    assert till.check_out(basket) == ""
    assert (used(code), books_balance()) == (0, True)


def test_the_studio_cancels_and_the_use_comes_back_with_the_last_space(till: Till) -> None:
    code, entry = DiscountCodeFactory.create(account=till.page.account, code="BACK", limit=1), till.entry()
    ticket = till.ticket(entry)
    basket = till.fill(entry, ticket, ticket)
    use(till, basket, "back")
    till.pay(basket)
    first, second = basket.seats.order_by("pk").values_list("pk", flat=True)
    cancel_by_studio([first], now=timezone.now())
    assert used(code) == 1
    cancel_by_studio([second], now=timezone.now())
    assert (used(code), books_balance()) == (0, True)
