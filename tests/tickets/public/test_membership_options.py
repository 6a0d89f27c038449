"""The memberships beneath exclusive tickets: for whoever is not in, what opens them and at what cost."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Plan
from groups.models import Group
from memberships.models import Membership, Price, Subscription, SubscriptionSource, SubscriptionStatus
from tests.browsing import open_browser, page_text, ticket_texts
from tests.factories.accounts import SchedulePageFactory, UserFactory
from tests.factories.payments import connect_without_webhook
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
)
from tests.sentences import MEMBERS_ONLY
from tests.worlds.river import RiverStudio
from tickets.models import Entry, Ticket

pytestmark = pytest.mark.django_db
DRAWN = "/river/?drawn=anew"
"""A schedule’s answer is not kept where its address says more than where it begins: only what is in it."""

JOIN = "Not a member yet? Join: Gold pass £40.00 every month"
ADD = "Add Gold pass to basket"


def put_on_sale(
    group: Group, title: str = "Gold pass", *, amounts: tuple[int, ...] = (4000,), **fields: Any
) -> Membership:
    """A membership on sale that lets one into a group, at these prices a month."""
    account = group.account
    if account.connection is None:
        connect_without_webhook(account, "sk_test_0123456789abcdef")
    made = Membership.objects.create(
        account=account, group=group, title=title, created_at=NOW, **{"published": True, **fields}
    )
    for amount in amounts:
        Price.objects.create(
            account=account, membership=made, title="Monthly", amount=amount, currency="GBP", created_at=NOW
        )
    return made


def open_eves_browser() -> Client:
    client = Client()
    client.force_login(UserFactory.create(email="eve@example.org"))
    return client


def gold_text(client: Client, studio: RiverStudio) -> str:
    """What Gold's ticket says."""
    return ticket_texts(client.get(studio.entry_path))[1]


class TestOnTheEntrysPage:
    def test_a_stranger_is_told_what_opens_it(self, client: Client, personal: RiverStudio) -> None:
        made = put_on_sale(personal.group)

        assert gold_text(client, personal).endswith(f"Forgotten your password? {JOIN} {ADD}")
        assert f'href="/river/memberships/{made.pk}/"' in client.get(personal.entry_path).content.decode()

    def test_so_is_who_is_not_in_the_group(self, personal: RiverStudio) -> None:
        put_on_sale(personal.group)

        assert gold_text(open_eves_browser(), personal).endswith(f"Log in with a different address {JOIN} {ADD}")

    def test_so_is_who_has_not_proved_their_address(self, personal: RiverStudio) -> None:
        put_on_sale(personal.group)
        client = open_eves_browser()
        EmailAddress.objects.update(verified=False)

        assert gold_text(client, personal).endswith(f"Confirm your email address {JOIN}")

    def test_a_member_is_not(self, personal: RiverStudio) -> None:
        put_on_sale(personal.group)

        assert "Join" not in gold_text(open_browser(personal.member()), personal)

    def test_several_by_title_each_at_its_cheapest(self, client: Client, personal: RiverStudio) -> None:
        put_on_sale(personal.group, "Silver", amounts=(9000, 3000))
        put_on_sale(personal.group)

        assert gold_text(client, personal).endswith(f"{JOIN} Silver from £30.00 every month {ADD} Add Silver to basket")

    def test_only_what_is_on_sale_here(self, client: Client, personal: RiverStudio) -> None:
        put_on_sale(personal.group, "Draft", published=False)
        put_on_sale(personal.group, "Free of prices", amounts=())
        put_on_sale(personal.group, "Elsewhere").pages.add(SchedulePageFactory.create(account=personal.account))
        put_on_sale(GroupFactory.create(account=personal.account), "Another group")

        assert "Join" not in gold_text(client, personal)
        Price.objects.update(archived_at=NOW)
        put_on_sale(personal.group).pages.add(personal.page)
        assert gold_text(client, personal).endswith(f"{JOIN} {ADD}")

    def test_nothing_while_the_plan_or_stripe_does_not_allow_it(self, client: Client, personal: RiverStudio) -> None:
        put_on_sale(personal.group)
        Account.objects.update(plan=Plan.FREE)
        assert "Join" not in gold_text(client, personal)

        Account.objects.update(plan=Plan.STANDARD, connection=None)
        assert "Join" not in gold_text(client, personal)

    def test_hidden_tickets_give_nothing_away(self, client: Client, personal: RiverStudio) -> None:
        put_on_sale(personal.group)
        Ticket.objects.filter(pk=personal.gold.pk).update(shown=False)

        for address in (personal.entry_path, "/river/"):
            assert "Gold" not in page_text(client.get(address))

    def test_a_ticket_of_a_group_of_theirs_needs_no_other(self, personal: RiverStudio) -> None:
        silver = GroupFactory.create(account=personal.account)
        personal.gold.groups.add(silver)
        put_on_sale(silver, "Silver")

        assert "Join" not in gold_text(open_browser(personal.member()), personal)

    def test_the_review_step_tells_it_too(self, client: Client, personal: RiverStudio) -> None:
        put_on_sale(personal.group)

        assert JOIN in page_text(client.get(personal.review_path(gold=1)))
        assert "Join" not in page_text(open_browser(personal.member()).get(personal.review_path(gold=1)))

    def test_who_has_it_but_must_pay_is_led_to_their_own(self, personal: RiverStudio) -> None:
        """Their payment failed, and the studio lets nobody in until they have paid."""
        made = put_on_sale(personal.group)
        put_on_sale(personal.group, "Silver")
        customer = create_customer_with_login(personal.account)
        theirs = Subscription.objects.create(
            account=personal.account,
            customer=customer,
            membership=made,
            price=made.prices.get(),
            source=SubscriptionSource.CHECKOUT,
            status=SubscriptionStatus.UNPAID,
            stripe_id="sub_1",
            created_at=NOW,
        )
        client = open_browser(customer)

        told = gold_text(client, personal)
        assert told.endswith(f"{MEMBERS_ONLY} You can book this once your membership is paid: Gold pass Yours")
        review = page_text(client.get(personal.review_path(gold=1)))
        assert f"{MEMBERS_ONLY} You can book this once your membership is paid: Gold pass Yours" in review
        assert "another address" not in f"{told} {review}"
        assert f'href="/my/memberships/{theirs.uuid}/"' in client.get(personal.entry_path).content.decode()
        assert "members’ events Gold pass Yours Silver £40.00 every month Today" in page_text(client.get("/river/"))

    @pytest.mark.parametrize("count", [1, 3])
    def test_costs_one_statement(
        self, client: Client, personal: RiverStudio, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(count):
            put_on_sale(personal.group, f"Pass {number}", amounts=(1000, 2000))

        with django_assert_num_queries(2):
            response = client.get(personal.entry_path)

        assert page_text(response).count("from £10.00 every month") == count

    def test_costs_a_member_nothing(
        self, personal: RiverStudio, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        put_on_sale(personal.group)
        client = open_browser(personal.member())

        with django_assert_num_queries(3):
            client.get(personal.entry_path)


class TestOnTheSchedule:
    def test_lines_for_members_name_them_and_the_head_sells_them(self, client: Client, studio: RiverStudio) -> None:
        TicketFactory.create(entry=EntryFactory.create(page=studio.page, title="Reformer"), group=studio.group)
        put_on_sale(studio.group)
        put_on_sale(studio.group, "Silver", amounts=(3000, 9000))

        said = page_text(client.get("/river/"))

        assert said.startswith(
            "River Studio Become a member and book members’ events Gold pass £40.00 every month "
            "Silver from £30.00 every month Today"
        )
        assert said.endswith("Morning yoga Boat house Free 12:00 to 13:00 Reformer Members only with Gold pass, Silver")

    def test_not_to_members(self, studio: RiverStudio) -> None:
        TicketFactory.create(entry=EntryFactory.create(page=studio.page, title="Reformer"), group=studio.group)
        put_on_sale(studio.group)

        assert page_text(open_browser(studio.member()).get("/river/")).endswith("Reformer Members only")

    @pytest.mark.parametrize("count", [1, 3])
    def test_costs_one_statement(
        self, client: Client, studio: RiverStudio, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(count):
            put_on_sale(studio.group, f"Pass {number}")
        client.get(DRAWN)
        Entry.objects.update(title="Changed")

        # Whether anything has changed; the page, its entries, their tickets, leaders, tags and prices; of what that is.
        with django_assert_num_queries(8):
            response = client.get(DRAWN)

        assert page_text(response).count("every month") == count

    def test_costs_a_stranger_to_the_group_one_more_than_a_member(
        self, studio: RiverStudio, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        put_on_sale(studio.group)
        customer = studio.member()
        client = open_browser(customer)
        client.get("/river/")
        Entry.objects.update(title="Changed")

        with django_assert_num_queries(9):
            client.get("/river/")
        studio.gold.groups.set([GroupFactory.create(account=studio.account)])
        put_on_sale(studio.gold.groups.get())
        with django_assert_num_queries(10):
            client.get("/river/")

    def test_nothing_is_asked_where_nothing_is_for_members(
        self, client: Client, studio: RiverStudio, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        put_on_sale(studio.group)
        studio.gold.delete()
        client.get(DRAWN)
        Entry.objects.update(title="Changed")

        with django_assert_num_queries(7):
            client.get(DRAWN)


def test_who_cancelled_is_told_that_they_can_keep_it(personal: RiverStudio) -> None:
    put_on_sale(personal.group)
    customer = create_customer_with_login(personal.account)
    add_member(personal.group, customer, until=NOW + timedelta(days=1))

    assert gold_text(open_browser(customer), personal) == (
        "Gold place Members only Your membership ends on 16 January 2030, 12:00, before this event. "
        "Cancelled by mistake? You can still keep it until it ends. My memberships"
    )
