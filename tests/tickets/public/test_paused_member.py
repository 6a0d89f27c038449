"""What the page of an event says to a member whose membership is paused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Customer
from groups.services import add_customers
from memberships.models import Subscription, SubscriptionSource, SubscriptionStatus
from tests.browsing import open_browser, ticket_texts
from tests.factories.schedule import NOW
from tests.tickets.public.test_membership_options import put_on_sale
from tests.worlds.river import RiverStudio
from tickets.availability.facts import load_facts, person_of_customer

pytestmark = pytest.mark.django_db

UNTIL = datetime(2030, 5, 3, tzinfo=UTC)
DAY = timedelta(days=1)


def gold_text(client: Client, studio: RiverStudio) -> str:
    return ticket_texts(client.get(studio.entry_path))[1]


def pause_membership(studio: RiverStudio, customer: Customer, **fields: Any) -> Subscription:
    """A customer whose membership is paused, whose standing has ended."""
    membership = put_on_sale(studio.group)
    known = {"pause_behavior": "void", "paid_until": NOW - DAY, "period_end": NOW + 9 * DAY, "resumes_at": UNTIL}
    customer.group_members.get(group=studio.group).standings.update(until=NOW - timedelta(hours=1))
    return Subscription.objects.create(
        account=studio.account,
        customer=customer,
        membership=membership,
        price=membership.prices.get(),
        source=SubscriptionSource.CHECKOUT,
        status=SubscriptionStatus.ACTIVE,
        stripe_id="sub_1",
        started_at=NOW - 30 * DAY,
        billing_anchor=NOW,
        created_at=NOW,
        **known | fields,
    )


def test_p12_the_refusal_says_until_when_and_how_to_resume(personal: RiverStudio) -> None:
    ada = personal.member()
    pause_membership(personal, ada)

    text = gold_text(open_browser(ada), personal)

    assert text.endswith(
        "Your membership is paused until 3 May 2030. Resume it to book this ticket. Resume your membership"
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"resumes_at": None},
            "Your membership is paused. Resume it to book this ticket. Resume your membership",
        ),
        (
            {"pause_behavior": "", "resumes_at": None},
            (
                "Your membership was paused. You can book with it again from your next payment on 24 January 2030. "
                "See your membership"
            ),
        ),
    ],
)
def test_paused_until_somebody_resumes_it_and_resumed_before_it_is_paid(
    personal: RiverStudio, fields: dict[str, Any], sentence: str
) -> None:
    ada = personal.member()
    pause_membership(personal, ada, **fields)

    assert gold_text(open_browser(ada), personal).endswith(sentence)


def test_an_event_after_the_paid_period_is_shut_by_the_pause_too(personal: RiverStudio) -> None:
    ada = personal.member()
    pause_membership(personal, ada, paid_until=NOW + DAY, period_end=NOW + DAY)
    ada.group_members.get().standings.update(until=NOW + DAY)

    assert "Your membership is paused until 3 May 2030." in gold_text(open_browser(ada), personal)


def test_where_another_standing_lets_them_in_nothing_is_lost(personal: RiverStudio) -> None:
    ada = personal.member()
    pause_membership(personal, ada)
    add_customers(personal.group, {ada.email: ada.name}, now=NOW)

    assert "paused" not in gold_text(open_browser(ada), personal)


def test_who_was_let_in_meanwhile_is_not_told_of_the_pause(personal: RiverStudio) -> None:
    ada = personal.member()
    pause_membership(personal, ada, let_in_at=NOW)

    assert "paused" not in gold_text(open_browser(ada), personal)


def test_who_stands_costs_no_statement_more(
    personal: RiverStudio, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ada = personal.member()

    with django_assert_num_queries(1):
        load_facts(personal.entry, person_of_customer(ada), now=NOW)
