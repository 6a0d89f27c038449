"""Uses of the same offer are one member's; at an event that both had booked, one space is their own."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from accounts.merging.services import CannotMergeError, plan_merge
from accounts.models import Customer
from groups.models import BY_HAND, Group, Member, MemberChange, MemberChangeKind, MemberChangeRow, Standing
from groups.services import remove_by_hand
from offers.eligibility import Attendee
from offers.extra import Gift, give_extra_uses
from offers.merging import united_uses
from offers.models import ExtraUses, Offer, OfferKind, UsagePeriod
from tests.factories.accounts import CustomerFactory, SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    add_membership_standing,
    create_customer_with_login,
    load_entry,
)
from tests.tickets.merging.acts import book_place, findings, make_entry, merge
from tickets.availability.facts import person_of_customer
from tickets.availability.waiting import start_waiting
from tickets.booking.book import book
from tickets.booking.refusals import BookingRefusedError
from tickets.booking.request import WantedTicket
from tickets.checkout.basket import add_tickets
from tickets.member_changes import WantedChange, begin_change, undo_change
from tickets.models import Entry, Party, Seat, Ticket, TicketCost, WaitlistRequest, WaitState

pytestmark = pytest.mark.django_db

LIMIT = 10


@pytest.fixture
def group() -> Group:
    page = SchedulePageFactory.create()
    made = GroupFactory.create(account=page.account, name="Ten a month")
    OfferFactory.create(group=made, page=page, limit=LIMIT)
    return made


@pytest.fixture
def ada(group: Group) -> Customer:
    return CustomerFactory.create(account=group.account, email="ada@example.org", name="Ada")


@pytest.fixture
def other(group: Group) -> Customer:
    return CustomerFactory.create(account=group.account, email="old@example.org", name="A. L.")


def use(group: Group, customer: Customer, count: int, *, first: int = 2) -> None:
    for _number in range(count):
        entry, ticket = make_entry(group, days=first)
        book_place(entry, ticket, customer)


def periods() -> list[tuple[date, int, int, int | None]]:
    return list(UsagePeriod.objects.order_by("starts_on").values_list("starts_on", "used", "extra", "ceiling"))


def test_uses_add_up_and_none_is_left_below_zero(group: Group, ada: Customer, other: Customer) -> None:
    add_member(group, ada)
    add_member(group, other)
    use(group, ada, 7)
    use(group, other, 4)
    [before] = united_uses(plan_merge(ada, other, now=NOW).pair, now=NOW)
    assert (before.first, before.second, before.most, before.over) == (7, 4, 10, 1)

    merge(ada, other)

    assert periods() == [(date(2030, 1, 3), 11, 0, 11)]
    assert Member.objects.get().customer == ada
    assert findings() == []
    with pytest.raises(BookingRefusedError) as refused:
        use(group, ada, 1)
    assert refused.value.verdicts[0].uses_left in {0, None}
    assert Seat.objects.live().count() == 11


def test_nothing_doubles_an_allowance(group: Group, ada: Customer, other: Customer) -> None:
    add_member(group, ada)
    add_member(group, other)
    use(group, ada, 2)
    merge(ada, other)
    use(group, ada, LIMIT - 2)
    with pytest.raises(BookingRefusedError):
        use(group, ada, 1)
    assert periods() == [(date(2030, 1, 3), LIMIT, 0, LIMIT)]


def test_different_start_dates_count_from_the_earlier(group: Group, ada: Customer, other: Customer) -> None:
    add_member(group, ada, anchor=date(2030, 1, 10))
    add_member(group, other, anchor=date(2030, 1, 3))
    use(group, ada, 3)
    use(group, other, 2)
    merge(ada, other)
    standing = Standing.objects.get()
    assert (standing.anchor, standing.since, standing.until) == (date(2030, 1, 3), NOW - timedelta(days=60), None)
    assert periods() == [(date(2030, 1, 3), 5, 0, LIMIT)]
    assert findings() == []


def test_standings_that_overlap_are_one_and_others_stay_apart(group: Group, ada: Customer, other: Customer) -> None:
    first, second = add_member(group, ada, until=NOW + timedelta(days=5)), add_member(group, other)
    Standing.objects.filter(member=first).update(since=NOW - timedelta(days=30))
    old = {"account": group.account, "member": second, "source": "manual", "ground": BY_HAND}
    Standing.objects.create(
        **old, since=NOW - timedelta(days=200), until=NOW - timedelta(days=100), anchor=date(2029, 6, 1)
    )
    merge(ada, other)
    told = Standing.objects.order_by("since").values_list("since", "until", "anchor", "member")
    assert list(told) == [
        (NOW - timedelta(days=200), NOW - timedelta(days=100), date(2029, 6, 1), first.pk),
        (NOW - timedelta(days=60), None, date(2029, 6, 1), first.pk),
    ]
    assert findings() == []


def test_a_membership_and_a_hand_give_one_allowance(group: Group, ada: Customer, other: Customer) -> None:
    paid = add_membership_standing(
        Member.objects.create(account=group.account, group=group, customer=ada, created_at=NOW)
    )
    add_member(group, other)
    use(group, other, 2)
    merge(ada, other)
    assert set(Standing.objects.values_list("ground", flat=True)) == {paid.ground, BY_HAND}
    # The membership rules: its periods are counted from its billing date.
    assert periods() == [(date(2030, 1, 10), 2, 0, LIMIT)]


def test_extra_uses_come_along(group: Group, ada: Customer, other: Customer) -> None:
    offer = Offer.objects.get()
    for who in (ada, other):
        gift = Gift(count=2, reason="Ill", on=NOW.date(), key=uuid4())
        give_extra_uses(offer, add_member(group, who), gift, now=NOW)
    merge(ada, other)
    assert periods() == [(date(2030, 1, 3), 0, 4, LIMIT + 4)]
    assert set(ExtraUses.objects.values_list("member__customer", flat=True)) == {ada.pk}
    assert findings() == []


def test_who_was_in_another_group_is_in_it(group: Group, ada: Customer, other: Customer) -> None:
    add_member(group, other)
    use(group, other, 3)
    merge(ada, other)
    assert Member.objects.get().customer == ada
    assert periods() == [(date(2030, 1, 3), 3, 0, LIMIT)]


def test_at_a_shared_event_one_space_is_their_own(group: Group, ada: Customer, other: Customer) -> None:
    add_member(group, ada)
    add_member(group, other)
    entry, ticket = make_entry(group)
    first, second = book_place(entry, ticket, ada).seats.get(), book_place(entry, ticket, other).seats.get()
    assert [line.sentences[-1] for line in plan_merge(ada, other, now=NOW).lines if line.term == "Bookings"] == [
        "Both are booked for “Class in 2”. Both spaces are kept, and one of them counts as a guest’s."
    ]
    merge(ada, other)
    for seat in (first, second):
        seat.refresh_from_db()
    assert (first.self_attendee, first.is_for_booker) == (ada, True)
    assert (second.self_attendee, second.is_for_booker, second.customer) == (None, False, ada)
    party = Party.objects.get()
    assert (party.seats, party.allowed) == (2, 2)
    assert findings() == []


def test_discounted_tickets_are_numbered_anew(group: Group, ada: Customer, other: Customer) -> None:
    offer = OfferFactory.create(group=group, page=group.account.pages.get(), kind=OfferKind.DISCOUNT, percent=50)
    entry = EntryFactory.create(page=group.account.pages.get())
    ticket = TicketFactory.create(entry=entry, price=1000, cost=TicketCost.COST)
    for who in (ada, other):
        add_member(group, who)
        wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
        for _number in range(2):
            add_tickets(None, load_entry(entry), who, wanted, who=person_of_customer(who), key=uuid4(), now=NOW)
    before = Seat.objects.filter(discount=offer).order_by("pk").values_list("customer", "discount_index")
    assert list(before) == [(ada.pk, 0), (other.pk, 0)]
    merge(ada, other)
    assert list(before.all()) == [(ada.pk, 0), (ada.pk, 1)]
    assert findings() == []


def test_what_was_done_to_both_at_once_is_undone_once(group: Group, ada: Customer, other: Customer) -> None:
    members = [add_member(group, ada), add_member(group, other)]
    wanted = WantedChange(kind=MemberChangeKind.REMOVE)
    change = begin_change(
        group, Member.objects.filter(pk__in=[each.pk for each in members]), wanted, who="Eve", key=uuid4(), now=NOW
    )
    merge(ada, other)
    row = MemberChangeRow.objects.get()
    change = MemberChange.objects.select_related("account", "group", "target", "operation").get(pk=change.pk)
    assert (row.member, change.listed, change.done, change.changed) == (members[0], 1, 1, 1)
    undo_change(change, who="Eve", now=NOW)
    assert Standing.objects.get().until is None
    assert findings() == []


def test_who_waits_twice_keeps_the_better_place(group: Group, ada: Customer, other: Customer) -> None:
    entry = EntryFactory.create(page=group.account.pages.get(), capacity=1)
    ticket = TicketFactory.create(entry=entry)
    _wait(entry, ticket, ada, minutes=2)
    _wait(entry, ticket, other, minutes=1)
    merge(ada, other)
    told = WaitlistRequest.objects.order_by("pk").values_list("customer", "state", "email")
    assert list(told) == [(ada.pk, WaitState.LEFT, ""), (ada.pk, WaitState.WAITING, "old@example.org")]
    assert findings() == []


def _wait(entry: Entry, ticket: Ticket, customer: Customer, *, minutes: int) -> None:
    WaitlistRequest.objects.create(
        account=customer.account,
        entry=entry,
        ticket=ticket,
        customer=customer,
        names=[customer.name],
        joined_at=NOW + timedelta(minutes=minutes),
    )
    start_waiting(entry, [ticket])


# What stands in the way


def test_two_logins_are_refused_with_the_way_out(group: Group) -> None:
    first, second = create_customer_with_login(group.account), create_customer_with_login(group.account)
    with pytest.raises(CannotMergeError) as refused:
        merge(first, second)
    [obstacle] = refused.value.obstacles
    assert str(obstacle.text).startswith("Both can log in")
    assert [(each.page, each.pk) for each in obstacle.places] == [
        ("customer_addresses", first.pk),
        ("customer_addresses", second.pk),
    ]
    assert Customer.objects.count() == 2


def test_notes_that_are_too_long_together_are_refused(ada: Customer, other: Customer) -> None:
    Customer.objects.filter(pk=ada.pk).update(note="x" * 1500)
    Customer.objects.filter(pk=other.pk).update(note="y" * 1500)
    with pytest.raises(CannotMergeError):
        merge(ada, other)


def test_removed_members_stay_removed(group: Group, ada: Customer, other: Customer) -> None:
    remove_by_hand(add_member(group, ada), now=NOW)
    merge(other, ada)
    entry, ticket = make_entry(group)
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
    with pytest.raises(BookingRefusedError):
        book(load_entry(entry), other, wanted, who=person_of_customer(other), key=uuid4(), now=NOW)
