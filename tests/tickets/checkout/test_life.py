"""Whatever happens, in any order: the books are right after every step, and the money is where Stripe says it is."""

from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bookwhen.installation.models import SetAside
from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.shopper import DECLINED, PAYS
from tests.tickets.checkout.life import StudioLife
from tickets.consistency import check_books
from tickets.models import FindingKind, Presence

LIVES, STEPS = 8, 25
WAITING: Final = {FindingKind.WAITS, FindingKind.RELEASE}
"""What only says that a worker has not come by for an hour."""
NUMBER: Final = st.integers(0, 9)
TICKET: Final = st.sampled_from([0, 1, 1, 1, 3, 4])
"""Free, paid, and the exclusive ones of two groups."""
COUNT: Final = st.integers(1, 2)
CARD: Final = st.sampled_from([PAYS, PAYS, PAYS, DECLINED])
TROUBLE: Final = st.sampled_from(["", "", "", "error", "error_after"])


class Selling(RuleBasedStateMachine):
    """One studio's life."""

    sandbox: Sandbox

    def __init__(self) -> None:
        super().__init__()
        self.sandbox.reset()
        self.life = StudioLife(self.sandbox)
        self.life.is_calm()
        self.has = self.life.has()

    def customer(self, number: int) -> Any:
        return self.life.customers[number % len(self.life.customers)]

    def entry(self, number: int) -> Any:
        return self.life.entries[number % len(self.life.entries)]

    def fill(self, who: int, where: int, which: int, count: int, *, own: bool) -> None:
        entry = self.entry(where)
        self.life.fill(self.customer(who), entry, [self.life.tickets[entry.pk][which]] * count, own=own)

    @rule(who=NUMBER, where=NUMBER, which=TICKET, count=COUNT, own=st.booleans())
    def fills_a_basket(self, who: int, where: int, which: int, count: int, *, own: bool) -> None:
        self.fill(who, where, which, count, own=own)

    @rule(who=NUMBER, where=NUMBER, which=TICKET, count=COUNT, own=st.booleans(), card=CARD, returns=st.booleans())
    def buys(self, who: int, where: int, which: int, count: int, card: str, *, own: bool, returns: bool) -> None:
        self.fill(who, where, which, count, own=own)
        self.life.check_out(self.customer(who))
        self.life.pay(-1, card)
        if returns:
            self.life.return_page(-1)

    @initialize(who=NUMBER, where=NUMBER, count=COUNT)
    def it_begins(self, who: int, where: int, count: int) -> None:
        self.life.switch_absences()
        self.life.come_by(self.customer(1), self.entry(0), 3)
        self.buys(who, where, 1, count, PAYS, own=True, returns=True)

    @rule(where=NUMBER, count=COUNT, card=CARD)
    def a_member_buys(self, where: int, count: int, card: str) -> None:
        self.buys(1, where, 3, 1, card, own=True, returns=True)
        self.buys(1, where, 1, count, card, own=True, returns=True)

    @rule(who=st.integers(2, 3), where=NUMBER, card=CARD, returns=st.booleans())
    def buys_a_membership_and_what_it_opens(self, who: int, where: int, card: str, *, returns: bool) -> None:
        self.life.add_membership(self.customer(who))
        self.fill(who, where, 1, 1, own=True)
        self.buys(who, where, 4, 1, card, own=True, returns=returns)

    @rule(who=NUMBER)
    def adds_a_membership(self, who: int) -> None:
        self.life.add_membership(self.customer(who))

    @precondition(lambda self: "basket" in self.has)
    @rule(who=NUMBER, which=NUMBER)
    def removes_a_ticket(self, who: int, which: int) -> None:
        self.life.remove(self.customer(who), which)

    @rule(who=NUMBER, where=NUMBER, count=COUNT, which=NUMBER, card=CARD, buys=st.booleans())
    def uses_a_code(self, who: int, where: int, count: int, which: int, card: str, *, buys: bool) -> None:
        self.fill(who, where, 1, count, own=True)
        self.life.use_code(self.customer(who), which)
        if buys:
            self.life.check_out(self.customer(who))
            self.life.pay(-1, card)

    @precondition(lambda self: "basket" in self.has)
    @rule(who=NUMBER)
    def takes_the_code_out(self, who: int) -> None:
        self.life.leave_code(self.customer(who))

    @rule(which=NUMBER)
    def the_studio_switches_a_code(self, which: int) -> None:
        self.life.switch_code(which)

    @precondition(lambda self: "basket" in self.has)
    @rule(who=NUMBER)
    def removes_the_membership(self, who: int) -> None:
        self.life.remove_membership(self.customer(who))

    @precondition(lambda self: "basket" in self.has)
    @rule(who=NUMBER, trouble=TROUBLE)
    def goes_to_the_checkout(self, who: int, trouble: Any) -> None:
        if trouble:
            self.life.is_struck("POST /v1/checkout/sessions", trouble)
        self.life.check_out(self.customer(who))
        self.life.is_calm()

    @precondition(lambda self: self.life.urls)
    @rule(which=NUMBER, card=CARD, returns=st.booleans())
    def pays(self, which: int, card: str, *, returns: bool) -> None:
        self.life.pay(-1 - which, card)
        if returns:
            self.life.return_page(-1 - which)

    @precondition(lambda self: "payment" in self.has)
    @rule(which=NUMBER)
    def comes_back(self, which: int) -> None:
        self.life.return_page(which)

    @precondition(lambda self: "payment" in self.has)
    @rule(numbers=st.lists(st.integers(0, 99), min_size=1, max_size=4))
    def hears_of_it(self, numbers: list[int]) -> None:
        self.life.hear(numbers)

    @precondition(lambda self: "paying" in self.has)
    @rule(who=NUMBER)
    def takes_the_basket_back(self, who: int) -> None:
        self.life.reopen(self.customer(who))

    @rule(trouble=TROUBLE)
    def waits_too_long(self, trouble: Any) -> None:
        if trouble:
            self.life.is_struck("GET /v1/checkout/sessions", trouble, times=2)
        self.life.a_while_passes()
        self.life.is_calm()

    @precondition(lambda self: "seat" in self.has)
    @rule(which=NUMBER, count=st.integers(1, 3))
    def cancels_their_own(self, which: int, count: int) -> None:
        self.life.cancel_own(which, count)

    @rule(who=NUMBER, card=CARD)
    def subscribes(self, who: int, card: str) -> None:
        self.life.subscribe(self.customer(who), card)

    @precondition(lambda self: "seat" in self.has)
    @rule(which=NUMBER, refunds=st.booleans())
    def is_cancelled_by_the_studio(self, which: int, *, refunds: bool) -> None:
        self.life.operator_cancels(which, refunds=refunds)

    @precondition(lambda self: "seat" in self.has)
    @rule(which=NUMBER, where=NUMBER, ticket=TICKET, notes=st.booleans(), together=st.booleans())
    def is_moved_by_the_studio(self, which: int, where: int, ticket: int, *, notes: bool, together: bool) -> None:
        self.life.move_seat(which, self.entry(where), ticket, notes=notes, together=together)

    @rule(who=st.sampled_from([None, 0, 1, 1, 2]), which=TICKET)
    def comes_by_tonight(self, who: int | None, which: int) -> None:
        customer = None if who is None else self.customer(who)
        self.life.come_by(customer, self.entry(0), which)

    @precondition(lambda self: "tonight" in self.has)
    @rule(which=NUMBER, marks=st.lists(st.sampled_from(Presence), min_size=1, max_size=4))
    def is_marked(self, which: int, marks: list[Presence]) -> None:
        for presence in marks:
            self.life.mark(which, presence)

    @precondition(lambda self: "tonight" in self.has)
    @rule()
    def all_the_rest_came(self) -> None:
        self.life.mark_rest()

    @rule()
    def the_policy_for_absences_changes(self) -> None:
        self.life.switch_absences()

    @precondition(lambda self: "paid" in self.has)
    @rule(which=NUMBER, amount=st.sampled_from([1, 400, 901, 1001, 5000]), named=st.booleans())
    def is_refunded(self, which: int, amount: int, *, named: bool) -> None:
        self.life.operator_refunds(which, amount, named=named)

    @precondition(lambda self: "wanted" in self.has)
    @rule(trouble=TROUBLE)
    def refunds_are_sent(self, trouble: Any) -> None:
        if trouble:
            self.life.is_struck("POST /v1/refunds", trouble)
        self.life.send_refunds()
        self.life.is_calm()

    @precondition(lambda self: "seat" in self.has)
    @rule(where=NUMBER, days=st.sampled_from([0, 1, 30, 130]), hours=st.integers(-3, 30))
    def an_entry_moves(self, where: int, days: int, hours: int) -> None:
        self.life.move_entry(self.entry(where), timedelta(days=days, hours=hours))

    @precondition(lambda self: "seat" in self.has)
    @rule(where=NUMBER, sure=st.integers(0, 2))
    def an_entry_is_cancelled(self, where: int, sure: int) -> None:
        if not sure:
            self.life.cancel_entry(self.entry(where))

    @precondition(lambda self: "seat" in self.has)
    @rule(where=NUMBER, capacity=st.integers(1, 8))
    def an_entry_has_more_or_less_room(self, where: int, capacity: int) -> None:
        self.life.set_capacity(self.entry(where), capacity)

    @precondition(lambda self: "seat" in self.has)
    @rule(where=NUMBER, which=st.sampled_from([1, 3, 4]), price=st.sampled_from([0, 60, 1001, 2500]))
    def a_ticket_costs_something_else(self, where: int, which: int, price: int) -> None:
        self.life.set_price(self.life.tickets[self.entry(where).pk][which], price)

    @rule(who=NUMBER)
    def is_let_into_the_group(self, who: int) -> None:
        self.life.let_in(self.customer(who))

    @precondition(lambda self: "seat" in self.has)
    @rule(who=NUMBER, cancel=st.booleans())
    def is_put_out_of_the_group(self, who: int, *, cancel: bool) -> None:
        self.life.put_out(self.customer(who), cancel=cancel)

    @precondition(lambda self: "seat" in self.has)
    @rule(which=NUMBER)
    def an_offer_is_switched(self, which: int) -> None:
        self.life.switch_offer(which)

    @precondition(lambda self: "seat" in self.has)
    @rule(which=NUMBER, sure=st.integers(0, 3))
    def an_offer_is_deleted(self, which: int, sure: int) -> None:
        if not sure:
            self.life.delete_offer(which)

    @precondition(lambda self: "subscription" in self.has)
    @rule(which=NUMBER, at_once=st.booleans())
    def a_membership_ends(self, which: int, *, at_once: bool) -> None:
        self.life.end_subscription(which, at_once=at_once)

    @precondition(lambda self: "full" in self.has)
    @rule(who=NUMBER, where=NUMBER, which=NUMBER, people=st.integers(1, 2), at_once=st.booleans())
    def waits_for_space(self, who: int, where: int, which: int, people: int, *, at_once: bool) -> None:
        entry = self.entry(where)
        tickets = self.life.tickets[entry.pk]
        ticket = tickets[which % len(tickets)]
        self.life.wait(self.customer(who), entry, ticket, people=people, at_once=at_once)

    @precondition(lambda self: "waiting" in self.has)
    @rule()
    def what_is_free_is_offered(self) -> None:
        self.life.offer()

    @precondition(lambda self: "waiting" in self.has)
    @rule(which=NUMBER)
    def takes_what_is_offered(self, which: int) -> None:
        self.life.take_offer(which)

    @precondition(lambda self: "waiting" in self.has)
    @rule(which=NUMBER)
    def is_offered_out_of_turn(self, which: int) -> None:
        self.life.offer_out_of_turn(which)

    @precondition(lambda self: "waiting" in self.has)
    @rule(which=NUMBER)
    def waits_no_more(self, which: int) -> None:
        self.life.stop_waiting(which)

    @rule()
    def all_news_is_taken_in(self) -> None:
        self.life.take_in()
        assert self.life.taken_here() == self.life.taken_at_stripe()

    @invariant()
    def the_books_are_right(self) -> None:
        assert list(SetAside.objects.all()) == []
        found = check_books(account=self.life.account, now=self.life.now)
        assert [str(each) for each in found if each.kind not in WAITING] == []
        self.has = self.life.has()

    def teardown(self) -> None:
        self.life.is_calm()
        self.life.take_in()
        assert self.life.nobody_waits_beside_a_space()
        assert self.life.nothing_is_held()
        assert check_books(account=self.life.account, now=self.life.now) == []
        assert self.life.taken_here() == self.life.taken_at_stripe()


@pytest.mark.django_db
def test_the_books_are_right_whatever_happens(stripe_here: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    # A fault is to be met, not waited for until it is over.
    monkeypatch.setattr("bookwhen.payments.transport.RETRIES", 0)
    monkeypatch.setattr(Selling, "sandbox", stripe_here, raising=False)
    run_state_machine_as_test(
        Selling,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            # A life speaks to Stripe dozens of times: to shorten one that fails takes longer than to read it.
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
