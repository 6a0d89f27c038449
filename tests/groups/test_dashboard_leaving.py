"""Taking customers out of a group, and the date their periods count from."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from accounts.models import Account, Letter, Plan
from groups.models import BY_HAND, Group, Member, Standing
from offers.models import UsagePeriod
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import (
    NOW,
    GroupFactory,
    add_member,
    add_membership_standing,
    book_member_place,
    create_customer_with_login,
)
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.models import Seat

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


def test_before_removing_the_bookings_ahead_are_listed(group: Group, dashboard: Dashboard) -> None:
    customer = create_customer_with_login(group.account, name="Ada")
    member = add_member(group, customer)
    book_member_place(group, customer)

    page = page_text(dashboard.get("customer_remove", pk=group.pk, member=member.pk))

    assert "Remove Ada from the group?" in page
    assert (
        "They have 1 space booked with this group’s offers: Class in 2, Thu 17 Jan 2030, 12:00 · Member place" in page
    )
    assert "If you add them again, they keep the same start date" in page


@pytest.mark.parametrize(("choice", "cancelled"), [("keep", 0), ("cancel", 2), ("", 0), ("rubbish", 0)])
def test_removing_keeps_the_bookings_unless_told_to_cancel(
    group: Group, dashboard: Dashboard, choice: str, cancelled: int
) -> None:
    customer = create_customer_with_login(group.account, name="Ada")
    member = add_member(group, customer)
    book_member_place(group, customer, days=2)
    book_member_place(group, customer, days=4)

    response = dashboard.post("customer_remove", {"bookings": choice} if choice else {}, pk=group.pk, member=member.pk)

    assert Standing.objects.get().until == NOW
    assert Seat.objects.filter(cancelled_at=NOW).count() == cancelled
    assert UsagePeriod.objects.get().used == 2 - cancelled
    sentence = "Ada is no longer in the group." + (" 2 booked spaces were cancelled." if cancelled else "")
    assert shown_messages(dashboard.client.get(response["Location"])) == [sentence]
    assert Letter.objects.filter(kind="cancelled").count() == cancelled


def test_removing_twice_is_answered_calmly(group: Group, dashboard: Dashboard) -> None:
    member = add_member(group, CustomerFactory.create(account=group.account, name="Ada"))
    dashboard.post("customer_remove", pk=group.pk, member=member.pk)

    for again in (dashboard.post, dashboard.get):
        for name in ("customer_remove", "customer_start_date"):
            response = again(name, pk=group.pk, member=member.pk)
            assert response["Location"] == dashboard.url("group_customers", pk=group.pk)
            said = shown_messages(dashboard.client.get(response["Location"]))
            assert said[-1] == "Ada is no longer in the group. There’s nothing left to do."


def test_a_membership_that_still_keeps_them_in_is_named(group: Group, dashboard: Dashboard) -> None:
    member = add_member(group, CustomerFactory.create(account=group.account, name="Ada"))
    add_membership_standing(member)

    page = page_text(dashboard.get("customer_remove", pk=group.pk, member=member.pk))
    assert says.KEPT_BY_MEMBERSHIP in page
    response = dashboard.post("customer_remove", pk=group.pk, member=member.pk)

    assert shown_messages(dashboard.client.get(response["Location"])) == [
        "You removed Ada, but they’re still in the group through a membership."
    ]
    assert Standing.objects.get(ground=BY_HAND).until == NOW
    assert Standing.objects.exclude(ground=BY_HAND).get().until is None


def test_who_is_in_by_a_membership_only_is_not_removed(group: Group, dashboard: Dashboard) -> None:
    customer = CustomerFactory.create(account=group.account, name="Ada")
    member = Member.objects.create(account=group.account, group=group, customer=customer, created_at=NOW)
    add_membership_standing(member)

    page = page_text(dashboard.get("customer_remove", pk=group.pk, member=member.pk))
    assert "They’re in the group through a membership" in page
    response = dashboard.post("customer_remove", pk=group.pk, member=member.pk)

    assert Standing.objects.get().until is None
    assert shown_messages(dashboard.client.get(response["Location"])) == [
        "Ada is only in the group through a membership. To remove them, cancel their subscription."
    ]


def test_below_standard_customers_can_be_removed() -> None:
    group = GroupFactory.create(account=AccountFactory.create(plan=Plan.FREE))
    member = add_member(group, CustomerFactory.create(account=group.account))

    open_dashboard(group.account).post("customer_remove", pk=group.pk, member=member.pk)

    assert Standing.objects.get().until == NOW


def test_added_again_they_go_on_with_the_old_start_date_and_count(group: Group, dashboard: Dashboard) -> None:
    customer = create_customer_with_login(group.account, name="Ada")
    member = add_member(group, customer, anchor=date(2030, 1, 3))
    book_member_place(group, customer)
    dashboard.post("customer_remove", pk=group.pk, member=member.pk)

    dashboard.post("customers_add", {"emails": customer.email}, pk=group.pk)

    page = page_text(dashboard.get("group", pk=group.pk))
    assert "Since 15 Jan 2030 Allowance resets on the 3rd 1 of 3 used" in page


# The start date


def test_the_start_date_moves_and_uses_are_filed_again(group: Group, dashboard: Dashboard) -> None:
    customer = create_customer_with_login(group.account)
    member = add_member(group, customer, anchor=date(2030, 1, 3))
    book_member_place(group, customer, days=2)

    response = dashboard.post("customer_start_date", {"anchor": "2030-01-18"}, pk=group.pk, member=member.pk)

    assert shown_messages(dashboard.client.get(response["Location"])) == ["Start date changed"]
    assert Standing.objects.get().anchor == date(2030, 1, 18)
    period = UsagePeriod.objects.get()
    assert (period.starts_on, period.ends_on, period.used) == (date(2029, 12, 18), date(2030, 1, 18), 1)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Fill in “Start date”"),
        ("yesterday", "Enter a date like 2026-12-31 for “Start date”"),
        ("0020-01-01", "Enter a date between the years 1900 and 2200"),
        ("9999-12-31", "Enter a date between the years 1900 and 2200"),
    ],
)
def test_a_date_that_cannot_be_keeps_what_was_typed(
    group: Group, dashboard: Dashboard, typed: str, sentence: str
) -> None:
    member = add_member(group, CustomerFactory.create(account=group.account), anchor=date(2030, 1, 3))

    response = dashboard.post("customer_start_date", {"anchor": typed}, pk=group.pk, member=member.pk)

    assert (response.status_code, sentence in page_text(response)) == (422, True)
    assert Standing.objects.get().anchor == date(2030, 1, 3)


def test_while_a_membership_stands_the_date_waits_and_the_page_says_so(group: Group, dashboard: Dashboard) -> None:
    member = add_member(group, CustomerFactory.create(account=group.account), anchor=date(2030, 1, 3))
    add_membership_standing(member)

    page = page_text(dashboard.get("customer_start_date", pk=group.pk, member=member.pk))

    assert "their usage periods start from its billing date, 10 January 2030" in page


def test_the_start_date_is_the_day_in_the_studios_time_zone() -> None:
    """At 23:30 UTC it is tomorrow in Auckland: added then, they start tomorrow."""
    account: Account = AccountFactory.create(time_zone="Pacific/Auckland")
    group = GroupFactory.create(account=account)
    at = open_dashboard(account)

    with time_machine.travel(datetime(2030, 1, 15, 23, 30, tzinfo=UTC), tick=False):
        at.post("customers_add", {"emails": "ada@example.org"}, pk=group.pk)

    assert Standing.objects.get().anchor == date(2030, 1, 16)
