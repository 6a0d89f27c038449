"""Merges, addresses, lists and their undoing, extra uses and bookings in any order: nothing is lost or doubled."""

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.addresses import AddressTakenError, add_address
from accounts.customers import find_customer
from accounts.merging.services import CannotMergeError, CustomerGoneError
from accounts.models import Customer, ListImport, ListImportRow, Operation, RowState
from groups.importing.facts import snapshot
from groups.importing.undoing import undo
from groups.models import Member, Standing
from groups.services import add_customers
from offers.extra import CannotGiveError, Gift, give_extra_uses
from offers.models import ExtraUses, OfferUse, UsagePeriod
from tests.factories.accounts import CustomerFactory, SchedulePageFactory
from tests.factories.schedule import NOW, GroupFactory, OfferFactory, add_member
from tests.tickets.merging.acts import book_place, findings, make_entry, merge
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.refusals import BookingRefusedError
from tickets.models import Seat

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 2
PEOPLE = 3
DAYS = (1, 2, 8, 20, 40)
SPOKEN = (AddressTakenError, BookingRefusedError, CannotGiveError, CannotMergeError, CustomerGoneError)
WHO = st.integers(0, PEOPLE - 1)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("book"), WHO, st.sampled_from(DAYS)),
        st.tuples(st.just("book"), WHO, st.sampled_from(DAYS)),
        st.tuples(st.just("merge"), WHO, WHO),
        st.tuples(st.just("cancel"), WHO, st.integers(0, 3)),
        st.tuples(st.just("give"), WHO, st.sampled_from(DAYS)),
        st.tuples(st.just("address"), WHO, st.integers(0, 2)),
        st.tuples(st.just("list"), WHO, st.integers(0, 2)),
        st.tuples(st.just("take back"), WHO, st.integers(0, 2)),
    ),
    min_size=4,
    max_size=12,
)


class _World:
    def __init__(self) -> None:
        page = SchedulePageFactory.create()
        self.account = page.account
        self.group = GroupFactory.create(account=page.account)
        self.offer = OfferFactory.create(group=self.group, page=page, limit=LIMIT)
        self.known = [f"p{number}@example.org" for number in range(PEOPLE)]
        for number, email in enumerate(self.known):
            customer = CustomerFactory.create(account=page.account, email=email, name=f"Person {number}")
            if number:
                add_member(self.group, customer, anchor=NOW.date() - timedelta(days=3 * number))
        self.booked: set[int] = set()

    def person(self, who: int) -> Customer:
        found = find_customer(self.account, self.known[who])
        assert found is not None, "an address was lost"
        found.account = self.account
        return found

    def act(self, what: str, who: int, number: int) -> None:
        customer = self.person(who)
        acts: dict[str, Callable[[], object]] = {
            "book": lambda: self.book(customer, number),
            "merge": lambda: merge(customer, self.person(number)),
            "cancel": lambda: self.cancel(customer, number),
            "give": lambda: self.give(customer, NOW.date() + timedelta(days=number)),
            "address": lambda: add_address(customer, f"more{number}@example.org", now=NOW),
            "list": lambda: self.take_in(customer, number),
            "take back": lambda: self.take_back(number),
        }
        acts[what]()

    def book(self, customer: Customer, days: int) -> None:
        entry, ticket = make_entry(self.group, days=days)
        self.booked.add(book_place(entry, ticket, customer).seats.get().pk)

    def cancel(self, customer: Customer, number: int) -> None:
        for seat in Seat.objects.live().filter(customer=customer).order_by("pk")[number : number + 1]:
            cancel_by_studio([seat.pk], now=NOW)
            self.booked.discard(seat.pk)

    def give(self, customer: Customer, day: date) -> None:
        for member in Member.objects.filter(customer=customer):
            give_extra_uses(self.offer, member, Gift(count=1, reason="Ill", on=day, key=uuid4()), now=NOW)

    def take_back(self, number: int) -> None:
        for row in ListImportRow.objects.filter(state=RowState.APPLIED).order_by("pk")[number : number + 1]:
            kept = undo(row.list_import, row, NOW)
            ListImportRow.objects.filter(pk=row.pk).update(state=RowState.KEPT if kept else RowState.UNDONE)

    def take_in(self, customer: Customer, number: int) -> None:
        """What a list does: it gives a phone number where there is none, and a place in the group."""
        times = {"due_at": NOW, "created_at": NOW, "changed_at": NOW}
        job = Operation.objects.create(
            account=self.account, kind="people", phase="apply", state="done", ended_at=NOW, **times
        )
        listed = ListImport.objects.create(account=self.account, operation=job, source="people", created_at=NOW)
        facts = {} if customer.phone else {"phone": f"+4420794600{number}0"}
        before = snapshot(customer, facts)
        Customer.objects.filter(pk=customer.pk).update(**facts)
        new = add_customers(self.group, {customer.email: ""}, now=NOW).new
        opened = Standing.objects.filter(member__customer__in=new, since=NOW).values_list("pk", flat=True)
        standings = [{"id": pk, "since": None, "until": None, "anchor": None} for pk in opened]
        after = {"customer": customer.pk, "made": False, "standings": standings, "facts": facts}
        ListImportRow.objects.create(
            account=self.account,
            list_import=listed,
            number=1,
            key="1",
            raw={},
            person=customer.email,
            state=RowState.APPLIED,
            before={"facts": before},
            after=after,
        )


class MergingInAnyOrderTest(TestCase):
    @settings(max_examples=15, deadline=None)
    @given(acts=ACTS)
    def test_nothing_is_lost_or_doubled(self, acts: list[tuple[str, int, int]]) -> None:
        world = _World()
        for what, who, number in acts:
            given_before = sum(ExtraUses.objects.live().values_list("count", flat=True))
            used_before = dict(UsagePeriod.objects.values_list("pk", "used"))
            try:
                world.act(what, who, number)
            except SPOKEN:
                continue
            finally:
                if what != "give":
                    assert sum(ExtraUses.objects.live().values_list("count", flat=True)) == given_before
            for row in UsagePeriod.objects.all():
                # A merge may leave more in a period than it has; nobody books beyond limit and extra.
                assert what != "book" or row.used <= max(LIMIT + row.extra, used_before.get(row.pk, 0))
                assert row.ceiling == max(LIMIT + row.extra, row.used)
        assert findings() == []
        assert set(Seat.objects.live().values_list("pk", flat=True)) == world.booked
        assert OfferUse.objects.live().count() == len(world.booked)
        for who in range(PEOPLE):
            assert world.person(who).account == world.account
