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
from tests.browsing import next_page, page_text
from tests.factories.accounts import CustomerFactory
from tests.factories.payments import ConnectionFactory
from tests.factories.schedule import NOW
from tests.memberships.dashboard.conftest import store_membership, store_subscription
from tests.worlds.dashboard import Dashboard
from tickets.models import Dispute, InvoiceRefund

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]

CANCELLED = {"status": SubscriptionStatus.CANCELED, "ended_at": NOW - timedelta(days=1)}
UNRENEWED = {"ends_at": NOW + timedelta(days=20)}


def listed(response: Any) -> list[str]:
    return [row.subscription.customer.name for row in response.context["rows"]]


def create_customer(account: Account, name: str) -> Any:
    return CustomerFactory.create(account=account, name=name, email=f"{name.lower()}@example.org")


@pytest.fixture
def everybody(account: Account, gold: Membership) -> list[Subscription]:
    """One customer in each state, and some who never began."""
    held = [
        store_subscription(gold, create_customer(account, "Ada")),
        store_subscription(gold, create_customer(account, "Bea"), status=SubscriptionStatus.TRIALING),
        store_subscription(gold, create_customer(account, "Cyd"), **UNRENEWED),
        store_subscription(gold, create_customer(account, "Dee"), status=SubscriptionStatus.PAST_DUE),
        store_subscription(gold, create_customer(account, "Eve"), **CANCELLED),
    ]
    for status in (SubscriptionStatus.PENDING, SubscriptionStatus.ABANDONED):
        store_subscription(gold, status=status, stripe_id="", started_at=None)
    store_subscription(gold, status=SubscriptionStatus.INCOMPLETE)
    return held


def test_nobody_yet(dashboard: Dashboard, gold: Membership) -> None:
    assert says.NO_CUSTOMER_MEMBERSHIPS in page_text(dashboard.get("subscriptions"))
    assert says.NO_CUSTOMER_MEMBERSHIPS in page_text(dashboard.get("subscribers", pk=gold.pk))


@pytest.mark.usefixtures("everybody")
def test_all_that_ever_began_are_listed_newest_first_with_counts(dashboard: Dashboard) -> None:
    response = dashboard.get("subscriptions")

    assert listed(response) == ["Eve", "Dee", "Cyd", "Bea", "Ada"]
    assert "All 5 Active 2 Active - Unrenewed 1 Paused 0 Active - Unpaid 1 Cancelled 1" in page_text(response)
    assert "Ada ada@example.org Gold £40.00 every month Active 5 Jan 2030 Renews 4 Feb 2030" in page_text(response)
    assert "Cyd cyd@example.org Gold £40.00 every month Active - Unrenewed 5 Jan 2030 Ends 4 Feb 2030" in page_text(
        response
    )
    assert (
        "Dee dee@example.org Gold £40.00 every month Active - Unpaid Payment failed 5 Jan 2030 Renews 4 Feb 2030"
        in page_text(response)
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
def test_they_are_filtered_by_state(dashboard: Dashboard, state: str, names: list[str]) -> None:
    assert listed(dashboard.get("subscriptions", {"state": state})) == names


@pytest.mark.usefixtures("everybody")
@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"q": "DA@exam"}, ["Ada"]),
        ({"q": "exa", "state": "active"}, ["Bea", "Ada"]),
        ({"q": "b"}, ["Bea"]),
        ({"q": "exa\x00"}, [*"EDCBA"]),
    ],
)
def test_they_are_searched_by_name_and_address(dashboard: Dashboard, asked: dict[str, str], names: list[str]) -> None:
    found = listed(dashboard.get("subscriptions", asked))

    assert [name[: len(wanted)] for name, wanted in zip(found, names, strict=True)] == names


@pytest.mark.usefixtures("everybody")
def test_the_counts_are_of_what_was_searched_for(dashboard: Dashboard) -> None:
    page = page_text(dashboard.get("subscriptions", {"q": "ada", "state": "unpaid"}))

    assert "All 1 Active 1 Active - Unrenewed 0 Paused 0 Active - Unpaid 0 Cancelled 0" in page
    assert "Nothing matches this filter." in page


def test_one_memberships_list_has_only_its_own(account: Account, dashboard: Dashboard, gold: Membership) -> None:
    store_subscription(gold, create_customer(account, "Ada"))
    silver = store_membership(account, title="Silver")
    store_subscription(silver, create_customer(account, "Bea"))
    store_subscription(store_membership(Account.objects.create(name="Theirs", slug="theirs")))

    assert listed(dashboard.get("subscribers", pk=gold.pk)) == ["Ada"]
    assert listed(dashboard.get("subscriptions")) == ["Bea", "Ada"]


def test_a_long_list_has_pages(account: Account, dashboard: Dashboard, gold: Membership) -> None:
    for number in range(51):
        store_subscription(gold, create_customer(account, f"N{number:02}"))

    first = dashboard.get("subscriptions", {"state": "active"})
    assert (len(listed(dashboard.get("subscriptions"))), len(listed(first)), next_page(first)["state"]) == (
        50,
        50,
        "active",
    )
    assert listed(dashboard.get("subscriptions", next_page(first))) == ["N00"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_for_three_as_for_one(
    dashboard: Dashboard, gold: Membership, count: int
) -> None:
    for _ in range(count):
        store_subscription(gold)
    dashboard.get("subscriptions")

    with CaptureQueriesContext(connection) as seen:
        dashboard.get("subscriptions")

    assert len(seen) == 5


@pytest.mark.parametrize("count", [1, 3])
def test_one_takes_as_many_queries_for_three_invoices_as_for_one(
    dashboard: Dashboard, gold: Membership, count: int
) -> None:
    bought = store_subscription(gold)
    for number in range(count):
        store_invoice(bought, stripe_id=f"in_{number}")
        store_milestone(bought, MilestoneKind.RENEWED)
    dashboard.get("subscription", pk=bought.pk)

    with CaptureQueriesContext(connection) as seen:
        dashboard.get("subscription", pk=bought.pk)

    assert len(seen) == 10


def store_invoice(subscription: Subscription, **fields: Any) -> Invoice:
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


def test_what_went_back_of_its_bills_is_told(dashboard: Dashboard, gold: Membership) -> None:
    bought = store_subscription(gold)
    invoice, account = store_invoice(bought), gold.account
    made = {"account": account, "invoice": invoice, "created_at": NOW}
    InvoiceRefund.objects.create(stripe_id="re_1", amount=1500, state="done", **made)
    InvoiceRefund.objects.create(stripe_id="re_2", amount=700, state="failed", **made)
    Dispute.objects.create(
        account=account,
        connection=ConnectionFactory.create(),
        invoice=invoice,
        stripe_id="du_1",
        status="lost",
        state="lost",
        amount=2500,
        currency="GBP",
        withdrawn=2500,
        opened_at=NOW,
        closed_at=NOW,
    )
    told = "GOLD-1 Refunded in Stripe £15.00 Nothing GOLD-1 Dispute lost £25.00 Nothing"
    assert told in page_text(dashboard.get("subscription", pk=bought.pk))
    assert "Disputes and refunds" not in page_text(dashboard.get("subscription", pk=store_subscription(gold).pk))


def store_milestone(subscription: Subscription, kind: str, **fields: Any) -> None:
    Milestone.objects.create(account=subscription.account, subscription=subscription, kind=kind, at=NOW, **fields)


# One of them


def test_one_says_everything(account: Account, dashboard: Dashboard, gold: Membership) -> None:
    bought = store_subscription(gold, create_customer(account, "Ada"), source=SubscriptionSource.STRIPE)
    store_invoice(bought, hosted_url="https://pay.example/1", pdf_url="https://pay.example/1.pdf")
    store_invoice(bought, stripe_id="in_2", number="", status="open", created_at=NOW)
    store_milestone(bought, MilestoneKind.STARTED)
    store_milestone(bought, MilestoneKind.ASKED_TO_END, who="Olive")
    store_milestone(bought, MilestoneKind.WILL_END, until=NOW + timedelta(days=20))

    response = dashboard.get("subscription", pk=bought.pk)

    page, html = page_text(response), response.content.decode()
    assert "Customer Ada Membership Gold Cost £40.00 every month · Monthly" in page
    assert "Started 5 January 2030, 12:00 · Created via Stripe Renews at 4 February 2030, 12:00" in page
    assert "Customer group Gold Invoices" in page
    assert "in_2 15 Jan 2030 £40.00 Due – GOLD-1 5 Jan 2030 £40.00 Paid View GOLD-1 PDF GOLD-1" in page
    assert "Set to end at period end 4 Feb 2030, 12:00 – Tue 15 Jan 2030, 12:00" in page
    assert "Cancellation at period end requested Olive Tue 15 Jan 2030, 12:00" in page
    store_milestone(bought, MilestoneKind.PAUSED, until=NOW + timedelta(days=20))
    Subscription.objects.filter(pk=bought.pk).update(payment_on_way_since=NOW)
    page = page_text(dashboard.get("subscription", pk=bought.pk))
    assert "Paused until 4 Feb 2030, 12:00" in page
    assert "in_2 15 Jan 2030 £40.00 Payment on its way –" in page
    assert html.count('href="https://pay.example/1"') == 1
    assert html.count(f'href="https://dashboard.stripe.com/test/subscriptions/{bought.stripe_id}"') == 1
    assert html.count(f'href="{dashboard.url("customer", pk=bought.customer_id)}"') == 1
    assert html.count(f'href="{dashboard.url("group", pk=gold.group_id)}"') == 1


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
    dashboard: Dashboard, gold: Membership, fields: dict[str, Any], said: str, *, keep: bool, cancel: bool
) -> None:
    page = page_text(dashboard.get("subscription", pk=store_subscription(gold, **fields).pk))

    assert (said in page, "Keep membership" in page, "Cancel membership" in page) == (True, keep, cancel)


def test_where_members_who_have_not_paid_may_not_book_that_is_said(dashboard: Dashboard, gold: Membership) -> None:
    Account.objects.update(past_due_policy=PastDuePolicy.STOP)
    gold.account.refresh_from_db()
    bought = store_subscription(gold, status=SubscriptionStatus.PAST_DUE)

    page = page_text(dashboard.get("subscription", pk=bought.pk))

    assert says.CANNOT_BOOK_UNTIL_PAID in page
    assert "not in it through this membership" in page


@pytest.mark.parametrize(
    "status", [SubscriptionStatus.PENDING, SubscriptionStatus.ABANDONED, SubscriptionStatus.INCOMPLETE]
)
def test_what_never_began_has_no_page(dashboard: Dashboard, gold: Membership, status: str) -> None:
    bought = store_subscription(
        gold, status=status, stripe_id="sub_x" if status == SubscriptionStatus.INCOMPLETE else "", started_at=None
    )

    for name in ("subscription", "subscription_cancel"):
        assert dashboard.get(name, pk=bought.pk).status_code == 404
    assert dashboard.post("subscription_keep", pk=bought.pk).status_code == 404


def test_the_customers_page_lists_their_memberships(account: Account, dashboard: Dashboard, gold: Membership) -> None:
    ada = create_customer(account, "Ada")
    store_subscription(store_membership(account, title="Silver"), ada, **CANCELLED)
    store_subscription(gold, ada)
    store_subscription(gold, create_customer(account, "Bea"))

    page = page_text(dashboard.get("customer", pk=ada.pk))

    assert "Silver £40.00 every month Cancelled Ended 14 Jan 2030" in page
    assert "Gold £40.00 every month Active Renews 4 Feb 2030" in page
    assert page.count("Gold £40.00") == 1
