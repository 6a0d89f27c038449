"""*Customer memberships*: the lists, one of them, and the customer's page."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, PastDuePolicy
from memberships.models import (
    Invoice,
    Membership,
    Milestone,
    MilestoneKind,
    Subscription,
    SubscriptionSource,
    SubscriptionStatus,
)
from tests import dashboard_sentences as says
from tests.browsing import page_text
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW
from tests.memberships.dashboard.conftest import hold, membership_of
from tests.worlds.dashboard import Dashboard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]

CANCELLED = {"status": SubscriptionStatus.CANCELED, "ended_at": NOW - timedelta(days=1)}
UNRENEWED = {"ends_at": NOW + timedelta(days=20)}


def listed(response: Any) -> list[str]:
    return [row.subscription.customer.name for row in response.context["rows"]]


def called(account: Account, name: str) -> Any:
    return CustomerFactory.create(account=account, name=name, email=f"{name.lower()}@example.org")


@pytest.fixture
def everybody(account: Account, gold: Membership) -> list[Subscription]:
    """One customer in each state, and some who never began."""
    held = [
        hold(gold, called(account, "Ada")),
        hold(gold, called(account, "Bea"), status=SubscriptionStatus.TRIALING),
        hold(gold, called(account, "Cyd"), **UNRENEWED),
        hold(gold, called(account, "Dee"), status=SubscriptionStatus.PAST_DUE),
        hold(gold, called(account, "Eve"), **CANCELLED),
    ]
    for status in (SubscriptionStatus.PENDING, SubscriptionStatus.ABANDONED):
        hold(gold, status=status, stripe_id="", started_at=None)
    hold(gold, status=SubscriptionStatus.INCOMPLETE)
    return held


def test_nobody_yet(at: Dashboard, gold: Membership) -> None:
    assert says.NO_CUSTOMER_MEMBERSHIPS in page_text(at.get("subscriptions"))
    assert says.NO_CUSTOMER_MEMBERSHIPS in page_text(at.get("subscribers", pk=gold.pk))


@pytest.mark.usefixtures("everybody")
def test_all_that_ever_began_are_listed_newest_first_with_counts(at: Dashboard) -> None:
    response = at.get("subscriptions")

    assert listed(response) == ["Eve", "Dee", "Cyd", "Bea", "Ada"]
    assert "All 5 Active 2 Active - Unrenewed 1 Active - Unpaid 1 Cancelled 1" in page_text(response)
    assert "Ada ada@example.org Gold £40.00 every month Active 5 Jan 2030 Renews 4 Feb 2030" in page_text(response)
    assert "Cyd cyd@example.org Gold £40.00 every month Active - Unrenewed 5 Jan 2030 Ends 4 Feb 2030" in page_text(
        response
    )
    assert "Dee dee@example.org Gold £40.00 every month Active - Unpaid 5 Jan 2030 Renews 4 Feb 2030" in page_text(
        response
    )
    assert "Eve eve@example.org Gold £40.00 every month Cancelled 5 Jan 2030 Ended 14 Jan 2030" in page_text(response)


@pytest.mark.usefixtures("everybody")
@pytest.mark.parametrize(
    ("state", "names"),
    [
        ("active", ["Bea", "Ada"]),
        ("unrenewed", ["Cyd"]),
        ("unpaid", ["Dee"]),
        ("cancelled", ["Eve"]),
        ("rubbish", ["Eve", "Dee", "Cyd", "Bea", "Ada"]),
    ],
)
def test_they_are_filtered_by_state(at: Dashboard, state: str, names: list[str]) -> None:
    assert listed(at.get("subscriptions", {"state": state})) == names


@pytest.mark.usefixtures("everybody")
@pytest.mark.parametrize(
    ("asked", "names"),
    [({"q": "DA@exam"}, ["Ada"]), ({"q": "e", "state": "active"}, ["Bea", "Ada"]), ({"q": "x\x00"}, [*"EDCBA"])],
)
def test_they_are_searched_by_name_and_address(at: Dashboard, asked: dict[str, str], names: list[str]) -> None:
    found = listed(at.get("subscriptions", asked))

    assert [name[: len(wanted)] for name, wanted in zip(found, names, strict=True)] == names


@pytest.mark.usefixtures("everybody")
def test_the_counts_are_of_what_was_searched_for(at: Dashboard) -> None:
    page = page_text(at.get("subscriptions", {"q": "ada", "state": "unpaid"}))

    assert "All 1 Active 1 Active - Unrenewed 0 Active - Unpaid 0 Cancelled 0" in page
    assert "Nothing matches this filter." in page


def test_one_memberships_list_has_only_its_own(account: Account, at: Dashboard, gold: Membership) -> None:
    hold(gold, called(account, "Ada"))
    silver = membership_of(account, title="Silver")
    hold(silver, called(account, "Bea"))
    hold(membership_of(Account.objects.create(name="Theirs", slug="theirs")))

    assert listed(at.get("subscribers", pk=gold.pk)) == ["Ada"]
    assert listed(at.get("subscriptions")) == ["Bea", "Ada"]


def test_a_long_list_has_pages(account: Account, at: Dashboard, gold: Membership) -> None:
    for number in range(51):
        hold(gold, called(account, f"N{number:02}"))

    assert len(listed(at.get("subscriptions"))) == 50
    assert listed(at.get("subscriptions", {"page": "2"})) == ["N00"]
    assert "1–50 of 51" in page_text(at.get("subscriptions"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_for_three_as_for_one(at: Dashboard, gold: Membership, count: int) -> None:
    for _ in range(count):
        hold(gold)
    at.get("subscriptions")

    with CaptureQueriesContext(connection) as seen:
        at.get("subscriptions")

    assert len(seen) == 6


@pytest.mark.parametrize("count", [1, 3])
def test_one_takes_as_many_queries_for_three_invoices_as_for_one(at: Dashboard, gold: Membership, count: int) -> None:
    bought = hold(gold)
    for number in range(count):
        invoice(bought, stripe_id=f"in_{number}")
        note(bought, MilestoneKind.RENEWED)
    at.get("subscription", pk=bought.pk)

    with CaptureQueriesContext(connection) as seen:
        at.get("subscription", pk=bought.pk)

    assert len(seen) == 8


def invoice(subscription: Subscription, **fields: Any) -> Invoice:
    fields = {
        "stripe_id": "in_1",
        "number": "GOLD-1",
        "status": "paid",
        "amount_due": 4000,
        "amount_paid": 4000,
        "currency": "GBP",
        "created_at": NOW - timedelta(days=10),
        **fields,
    }
    return Invoice.objects.create(account=subscription.account, subscription=subscription, **fields)


def note(subscription: Subscription, kind: str, **fields: Any) -> None:
    Milestone.objects.create(account=subscription.account, subscription=subscription, kind=kind, at=NOW, **fields)


# One of them


def test_one_says_everything(account: Account, at: Dashboard, gold: Membership) -> None:
    bought = hold(gold, called(account, "Ada"), source=SubscriptionSource.STRIPE)
    invoice(bought, hosted_url="https://pay.example/1", pdf_url="https://pay.example/1.pdf")
    invoice(bought, stripe_id="in_2", number="", status="open", created_at=NOW)
    note(bought, MilestoneKind.STARTED)
    note(bought, MilestoneKind.ASKED_TO_END, who="Olive")
    note(bought, MilestoneKind.WILL_END, until=NOW + timedelta(days=20))

    response = at.get("subscription", pk=bought.pk)

    page, html = page_text(response), response.content.decode()
    assert "Customer Ada Membership Gold Cost £40.00 every month · Monthly" in page
    assert "Started 5 January 2030, 12:00 · Created via Stripe Renews at 4 February 2030, 12:00" in page
    assert "Customer group Gold Invoices" in page
    assert "in_2 15 Jan 2030 £40.00 Due – GOLD-1 5 Jan 2030 £40.00 Paid View GOLD-1 PDF GOLD-1" in page
    assert "Set to end at period end 4 Feb 2030, 12:00 – Tue 15 Jan 2030, 12:00" in page
    assert "Cancellation at period end requested Olive Tue 15 Jan 2030, 12:00" in page
    assert html.count('href="https://pay.example/1"') == 1
    assert html.count(f'href="https://dashboard.stripe.com/test/subscriptions/{bought.stripe_id}"') == 1
    assert html.count(f'href="{at.url("customer", pk=bought.customer_id)}"') == 1
    assert html.count(f'href="{at.url("group", pk=gold.group_id)}"') == 1


@pytest.mark.parametrize(
    ("fields", "said", "keep", "cancel"),
    [
        ({}, "Renews at 4 February 2030, 12:00", False, True),
        ({"status": SubscriptionStatus.TRIALING}, "Renews at 4 February 2030, 12:00 · end of the trial", False, True),
        (UNRENEWED, "This membership won’t renew. It’s been cancelled and ends on 4 February 2030, 12:00.", True, True),
        ({"status": SubscriptionStatus.PAST_DUE}, "They can still book while Stripe tries again.", False, True),
        (
            {"status": SubscriptionStatus.UNPAID},
            says.CANNOT_BOOK_UNTIL_PAID,
            False,
            True,
        ),
        (CANCELLED, "Ended at 14 January 2030, 12:00", False, False),
        (
            {**CANCELLED, "cancel_reason": "payment_failed"},
            "Ended at 14 January 2030, 12:00 · the payment never went through",
            False,
            False,
        ),
        ({**CANCELLED, "cancel_reason": "cancellation_requested"}, "12:00 · it was cancelled", False, False),
        ({**CANCELLED, "cancel_reason": "payment_disputed"}, "12:00 · a payment was disputed", False, False),
    ],
)
def test_its_state_says_what_can_be_done(
    at: Dashboard, gold: Membership, fields: dict[str, Any], said: str, *, keep: bool, cancel: bool
) -> None:
    page = page_text(at.get("subscription", pk=hold(gold, **fields).pk))

    assert (said in page, "Keep membership" in page, "Cancel membership" in page) == (True, keep, cancel)


def test_where_members_who_have_not_paid_may_not_book_that_is_said(at: Dashboard, gold: Membership) -> None:
    Account.objects.update(past_due_policy=PastDuePolicy.STOP)
    gold.account.refresh_from_db()
    bought = hold(gold, status=SubscriptionStatus.PAST_DUE)

    page = page_text(at.get("subscription", pk=bought.pk))

    assert says.CANNOT_BOOK_UNTIL_PAID in page
    assert "not in it through this membership" in page


@pytest.mark.parametrize(
    "status", [SubscriptionStatus.PENDING, SubscriptionStatus.ABANDONED, SubscriptionStatus.INCOMPLETE]
)
def test_what_never_began_has_no_page(at: Dashboard, gold: Membership, status: str) -> None:
    bought = hold(
        gold, status=status, stripe_id="sub_x" if status == SubscriptionStatus.INCOMPLETE else "", started_at=None
    )

    for name in ("subscription", "subscription_cancel"):
        assert at.get(name, pk=bought.pk).status_code == 404
    assert at.post("subscription_keep", pk=bought.pk).status_code == 404


def test_the_customers_page_lists_their_memberships(account: Account, at: Dashboard, gold: Membership) -> None:
    ada = called(account, "Ada")
    hold(membership_of(account, title="Silver"), ada, **CANCELLED)
    hold(gold, ada)
    hold(gold, called(account, "Bea"))

    page = page_text(at.get("customer", pk=ada.pk))

    assert "Silver £40.00 every month Cancelled Ended 14 Jan 2030" in page
    assert "Gold £40.00 every month Active Renews 4 Feb 2030" in page
    assert page.count("Gold £40.00") == 1
