"""*Payments health*: events with replay, what comparing found, and asking for both at once."""

import html
import json
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from accounts.models import Account, Role
from bookwhen.payments import inbox, tasks
from bookwhen.payments.models import Connection, EventSource, EventState, StripeEvent
from bookwhen.sandbox.stripe import Sandbox
from memberships.models import Difference, Subscription, SubscriptionStatus
from tests import dashboard_sentences as says
from tests.accounts.conftest import load_connection
from tests.accounts.queue import empty_queue, take_tasks
from tests.browsing import next_page, page_text, shown_messages
from tests.factories.accounts import AccountFactory
from tests.factories.payments import ConnectionFactory, StripeEventFactory, process_due_events
from tests.factories.schedule import NOW
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.seller import Seller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]

Committed = DjangoCaptureOnCommitCallbacks
ROW = '<th scope="row">'
HOUR = timedelta(hours=1)


@pytest.fixture
def dashboard(db: None) -> Dashboard:
    """The owner of a studio whose connection only stands in the database."""
    return open_dashboard(AccountFactory.create(connection=ConnectionFactory.create()))


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Committed) -> Committed:
    """Does what waits for the commit, which never comes in a test."""
    return django_capture_on_commit_callbacks


def store_event(dashboard: Dashboard, **fields: Any) -> StripeEvent:
    return StripeEventFactory.create(connection=dashboard.account.connection, **fields)


def store_difference(dashboard: Dashboard, **fields: Any) -> Difference:
    fields = {"stripe_id": "sub_1", "field": "status", "ours": "active", "stripes": "canceled"} | fields
    return Difference.objects.create(**({"account": dashboard.account, "found_at": NOW} | fields))


def rows(response: Any) -> list[str]:
    """What each row of a page's tables says."""
    return [words_of(part) for part in response.content.decode().split(ROW)[1:]]


def words_of(part: str) -> str:
    class Answer:
        content = f"<main>{part.partition('</tr>')[0]}</main>".encode()

    return page_text(Answer())


# --- the summary


def test_how_the_connection_is_is_told_in_the_accounts_zone(db: None) -> None:
    connection = ConnectionFactory.create(
        heard_at=NOW, caught_up_at=NOW - HOUR, reconciled_at=NOW - 9 * HOUR, trouble="The key expired."
    )
    at = open_dashboard(AccountFactory.create(connection=connection, time_zone="America/New_York"))
    for state, count in ((EventState.RECEIVED, 2), (EventState.DEAD, 1)):
        StripeEventFactory.create_batch(count, connection=connection, state=state)

    text = page_text(at.get("payments_health"))

    assert f"{says.STRIPE_NEEDS_ATTENTION} The key expired." in text
    assert (
        "Last heard from Stripe Tue 15 Jan 2030, 07:00 Last checked for missed updates Tue 15 Jan 2030, 06:00"
        " Last compared with Stripe Mon 14 Jan 2030, 22:00 Events waiting 2 Failed events 1 Needs attention"
    ) in text


def test_before_anything_happened_the_page_says_so(dashboard: Dashboard) -> None:
    text = page_text(dashboard.get("payments_health"))
    for part in ("Last heard from Stripe Not yet", "No differences found.", "We haven’t heard from Stripe yet."):
        assert part in text
    assert "No differences found" in page_text(dashboard.get("payments_differences"))


@pytest.mark.parametrize(("role", "links"), [(Role.OWNER, 2), (Role.BOOKINGS_ADMIN, 0)])
def test_without_a_connection_the_way_to_it_is_shown_to_whom_it_is_open(db: None, role: Role, links: int) -> None:
    at = open_dashboard(AccountFactory.create(), role)
    page = at.get("payments_health")
    assert "Stripe isn’t connected" in page_text(page)
    assert page.content.decode().count(f'href="{at.url("payments")}"') == links
    assert at.get("payments_differences").status_code == 404


@pytest.mark.parametrize("role", [Role.OWNER, Role.BOOKINGS_ADMIN])
def test_catching_up_and_comparing_are_asked_for_this_connection(
    dashboard: Dashboard, role: Role, committed: Committed
) -> None:
    empty_queue()
    theirs = open_dashboard(dashboard.account, role)
    with committed(execute=True):
        for name in ("payments_catch_up", "payments_compare"):
            assert theirs.post(name)["Location"] == dashboard.url("payments_health")
    pk = load_connection(dashboard).pk
    assert take_tasks() == [("bookwhen.payments.tasks.catch_up", [pk]), ("bookwhen.payments.tasks.reconcile", [pk])]
    assert shown_messages(theirs.get("payments_health")) == [
        "We’re checking Stripe for missed updates. Reload this page in a moment to see them.",
        "We’re comparing every membership with Stripe. Reload this page in a moment to see the result.",
    ]


def test_a_worker_catches_up_and_compares_for_one_connection_alone(selling: tuple[Seller, Dashboard]) -> None:
    seller, at = selling
    other = ConnectionFactory.create()
    bought = seller.sell()
    seller.stripe.subscriptions.cancel(bought.stripe_id)

    tasks.reconcile(load_connection(at).pk)
    tasks.catch_up(load_connection(at).pk)

    page = at.get("payments_health")
    assert (
        "Last checked for missed updates Tue 15 Jan 2030, 12:00 Last compared with Stripe Tue 15 Jan 2030, 12:00 "
        in page_text(page)
    )
    customer = bought.customer.name
    assert f"{customer} Gold Status Active Cancelled Corrected Found Tue 15 Jan 2030, 12:00" in page_text(page)
    other.refresh_from_db()
    assert (other.caught_up_at, other.reconciled_at, other.trouble) == (None, None, "")


# --- events


def test_events_are_told_newest_first_with_what_they_are_about(selling: tuple[Seller, Dashboard]) -> None:
    seller, at = selling
    bought = seller.sell()
    times = {"created_at": NOW - 2 * HOUR, "received_at": NOW - HOUR}
    store_event(at, type="invoice.paid", subject=bought.stripe_id, state=EventState.DONE, attempts=1, **times)
    store_event(at, type="customer.created", subject="", state=EventState.IGNORED)
    store_event(at, subject="sub_unknown", state=EventState.DEAD, attempts=10, error="Not known here.")

    found = rows(at.get("payments_health"))

    noon = "Tue 15 Jan 2030, 12:00"
    assert found == [
        f"customer.subscription.updated Not known here. sub_unknown {noon} Received {noon} Failed 10",
        "customer.created – Tue 15 Jan 2030, 12:00 Received Tue 15 Jan 2030, 12:00 Unrelated 0",
        f"invoice.paid {bought.customer.name} Gold Tue 15 Jan 2030, 10:00 Received Tue 15 Jan 2030, 11:00 Processed 1",
    ]


def test_events_are_filtered_by_state_and_counted(dashboard: Dashboard) -> None:
    for state, count in ((EventState.DONE, 3), (EventState.DEAD, 2)):
        StripeEventFactory.create_batch(count, connection=dashboard.account.connection, state=state)
    StripeEventFactory.create()
    counted = "All 5 Waiting 0 Processed 3 Unrelated 0 Failed 2"
    for query, shown in (({}, 5), ({"state": "done"}, 3), ({"state": "dead"}, 2), ({"state": "no"}, 5)):
        page = dashboard.get("payments_health", query)
        assert (len(rows(page)), counted in page_text(page)) == (shown, True)
    waiting = dashboard.get("payments_health", {"state": "received"})
    assert (rows(waiting), "No events have this status." in page_text(waiting)) == ([], True)


def test_events_come_in_pages_of_twenty_five(dashboard: Dashboard) -> None:
    StripeEventFactory.create_batch(26, connection=dashboard.account.connection, state=EventState.DONE)
    first = dashboard.get("payments_health", {"state": "done"})
    second = dashboard.get("payments_health", next_page(first))
    assert (len(rows(first)), len(rows(second)), next_page(first)["state"]) == (25, 1, "done")


def test_an_event_is_shown_with_its_payload_and_why_it_was_given_up(dashboard: Dashboard) -> None:
    payload = {"id": "evt_9", "data": {"object": {"name": "Zoë <b>"}}}
    given_up = store_event(
        dashboard,
        stripe_id="evt_9",
        subject="sub_9",
        payload=payload,
        source=EventSource.CATCH_UP,
        state=EventState.DEAD,
        attempts=10,
        handled_at=NOW + HOUR,
        error="Stripe could not be reached.",
    )

    page = dashboard.get("payments_event", pk=given_up.pk)

    text = page_text(page)
    assert (
        "customer.subscription.updated Failed Replay event Details Stripe ID evt_9 About sub_9"
        " Happened Tue 15 Jan 2030, 12:00 Received Tue 15 Jan 2030, 12:00 (Catch-up) Attempts 10 of 10"
        " Finished Tue 15 Jan 2030, 13:00 What went wrong Stripe could not be reached."
    ) in text
    shown = page.content.decode().partition('<pre class="code"><code>')[2].partition("</code></pre>")[0]
    assert html.unescape(shown) == (
        '{\n  "data": {\n    "object": {\n      "name": "Zoë <b>"\n    }\n  },\n  "id": "evt_9"\n}'
    )
    assert json.loads(html.unescape(shown)) == payload
    assert "<b>" not in shown


def test_a_waiting_event_says_when_it_is_tried_next_and_offers_no_replay(dashboard: Dashboard) -> None:
    waiting = store_event(dashboard, attempts=3, due_at=NOW + HOUR)
    page = dashboard.get("payments_event", pk=waiting.pk)
    assert "Attempts 3 of 10 Next attempt Tue 15 Jan 2030, 13:00" in page_text(page)
    assert dashboard.url("payments_event_replay", pk=waiting.pk) not in page.content.decode()
    dashboard.post("payments_event_replay", pk=waiting.pk)
    assert shown_messages(dashboard.get("payments_health")) == [says.EVENT_WAITS]
    waiting.refresh_from_db()
    assert (waiting.attempts, waiting.due_at) == (3, NOW + HOUR)


@pytest.mark.parametrize("role", [Role.OWNER, Role.BOOKINGS_ADMIN])
def test_a_replay_looks_at_it_once_more(selling: tuple[Seller, Dashboard], role: Role, committed: Committed) -> None:
    seller, at = selling
    bought = seller.sell()
    given_up = store_event(at, subject=bought.stripe_id, state=EventState.DEAD, attempts=10, error="No", handled_at=NOW)
    StripeEvent.objects.filter(pk=given_up.pk).update(
        payload={"data": {"object": {"id": bought.stripe_id, "object": "subscription"}}}
    )
    Subscription.objects.filter(pk=bought.pk).update(status=SubscriptionStatus.PAST_DUE)
    empty_queue()
    theirs = open_dashboard(at.account, role)

    with committed(execute=True):
        for _ in range(2):
            response = theirs.post("payments_event_replay", pk=given_up.pk)
            assert response["Location"] == at.url("payments_event", pk=given_up.pk)

    assert take_tasks() == [(inbox.TASK, [given_up.pk])]
    assert shown_messages(theirs.get("payments_health")) == [
        "We’re replaying the event. Reload this page in a moment to see the result.",
        says.EVENT_WAITS,
    ]
    process_due_events(NOW)
    given_up.refresh_from_db()
    bought.refresh_from_db()
    assert (given_up.state, given_up.attempts, given_up.error) == (EventState.DONE, 1, "")
    assert bought.status == SubscriptionStatus.ACTIVE


def test_without_stripe_nothing_is_replayed_and_nothing_asked(dashboard: Dashboard, committed: Committed) -> None:
    given_up = store_event(dashboard, state=EventState.DEAD)
    Connection.objects.update(disconnected_at=NOW, encrypted_key="")
    empty_queue()

    with committed(execute=True):
        dashboard.post("payments_event_replay", pk=given_up.pk)
        dashboard.post("payments_catch_up")

    assert take_tasks() == []
    page = dashboard.get("payments_health")
    assert shown_messages(page) == ["Stripe is disconnected. Connect it first, then replay the event."]
    assert "Stripe is disconnected. This shows what we received before then." in page_text(page)
    assert "Check for missed updates" not in page_text(page)
    given_up.refresh_from_db()
    assert given_up.state == EventState.DEAD
    assert "Replay" not in page_text(dashboard.get("payments_event", pk=given_up.pk))


def test_anothers_event_is_not_found(dashboard: Dashboard) -> None:
    theirs = StripeEventFactory.create()
    answers = [dashboard.get("payments_event", pk=theirs.pk), dashboard.post("payments_event_replay", pk=theirs.pk)]
    assert [answer.status_code for answer in answers] == [404, 404]


# --- what comparing found


def test_differences_are_told_in_words_ours_beside_stripes(selling: tuple[Seller, Dashboard]) -> None:
    seller, at = selling
    bought = seller.sell()
    Account.objects.update(time_zone="America/New_York")
    Connection.objects.update(reconciled_at=NOW)
    end = (NOW + HOUR).isoformat()
    put_right = {"subscription": bought, "repaired_at": NOW}
    for fields in (
        {"field": "price", "ours": seller.price.stripe_id, "stripes": "price_other", **put_right},
        {"field": "invoice", "ours": "", "stripes": "open", **put_right},
        {"field": "ends_at", "ours": "", "stripes": end, **put_right},
        {"field": "status", "ours": "active", "stripes": "newly_invented", **put_right},
        {"field": "missing", "ours": "past_due", "stripes": "", "subscription": bought},
        {"field": "missing", "ours": "", "stripes": "active", "stripe_id": "sub_x"},
        {"field": "missing", "ours": "", "stripes": "active", "stripe_id": "sub_y", "found_at": NOW - HOUR},
    ):
        store_difference(at, **fields)
    name, found = f"{bought.customer.name} Gold", "Found Tue 15 Jan 2030, 07:00"

    page = at.get("payments_differences")

    not_here = (
        "This account created it in Stripe, but there’s no matching purchase here. If nobody needs it, cancel it in"
        " Stripe."
    )
    not_there = "Stripe has no record of it. Test data may have been deleted there. It can no longer be paid."
    assert rows(page) == [
        f"sub_x Missing Not found here Active Still differs {found} {not_here}",
        f"{name} Missing Payment failed, retrying Not found in Stripe Still differs {found} {not_there}",
        f"{name} Status Active newly_invented Corrected {found}",
        f"{name} Ends on – 15 Jan 2030, 08:00 Corrected {found}",
        f"{name} Latest invoice – Due Corrected {found}",
        f"{name} Price Monthly price_other Corrected {found}",
        "sub_y Missing Not found here Active No longer differs Found Tue 15 Jan 2030, 06:00",
    ]
    assert f'href="{at.url("subscription", pk=bought.pk)}"' in page.content.decode()


def test_the_latest_five_are_on_the_page_and_the_way_to_all(dashboard: Dashboard) -> None:
    for number in range(6):
        page = dashboard.get("payments_health")
        assert (len(rows(page)), "See all" in page_text(page)) == (number, False)
        store_difference(dashboard, stripe_id=f"sub_{number}")
    page = dashboard.get("payments_health")
    assert (len(rows(page)), "See all" in page_text(page)) == (5, True)
    assert len(rows(dashboard.get("payments_differences"))) == 6


def test_another_accounts_differences_are_not_shown(dashboard: Dashboard) -> None:
    store_difference(dashboard, account=AccountFactory.create())
    assert rows(dashboard.get("payments_differences")) == []


# --- who, and how much work


@pytest.mark.parametrize("role", [Role.SCHEDULE_MANAGER, Role.LEADER])
def test_health_is_for_those_who_look_after_customers(dashboard: Dashboard, role: Role, committed: Committed) -> None:
    pk, other = store_event(dashboard, state=EventState.DEAD).pk, open_dashboard(dashboard.account, role)
    empty_queue()
    with committed(execute=True):
        answers = [
            other.get("payments_health"),
            other.get("payments_differences"),
            other.get("payments_event", pk=pk),
            other.post("payments_event_replay", pk=pk),
            other.post("payments_catch_up"),
            other.post("payments_compare"),
        ]
    assert [answer.status_code for answer in answers] == [404] * 6
    assert take_tasks() == []


def test_a_bookings_admin_is_not_led_to_settings_they_do_not_have(dashboard: Dashboard) -> None:
    pk = store_event(dashboard).pk
    admin = open_dashboard(dashboard.account, Role.BOOKINGS_ADMIN)
    pages = [admin.get("payments_health"), admin.get("payments_differences"), admin.get("payments_event", pk=pk)]
    assert [page.status_code for page in pages] == [200] * 3
    assert [f'href="{dashboard.url("payments")}"' in page.content.decode() for page in pages] == [False] * 3


@pytest.mark.parametrize("name", ["payments_catch_up", "payments_compare"])
def test_nothing_is_asked_by_looking(dashboard: Dashboard, name: str) -> None:
    assert dashboard.get(name).status_code == 405
    assert dashboard.get("payments_event_replay", pk=store_event(dashboard).pk).status_code == 405


@pytest.mark.parametrize("many", [1, 3])
def test_the_pages_take_the_same_queries_however_much_there_is(
    selling: tuple[Seller, Dashboard],
    stripe_here: Sandbox,
    django_assert_num_queries: DjangoAssertNumQueries,
    many: int,
) -> None:
    seller, at = selling
    for _ in range(many):
        bought = seller.sell()
        last = store_event(at, subject=bought.stripe_id)
        store_difference(at, subscription=bought, field="price", ours=seller.price.stripe_id, stripes="price_2")
    at.get("payments_health")
    with django_assert_num_queries(10):
        assert len(rows(at.get("payments_health"))) == 2 * many
    with django_assert_num_queries(6):
        assert len(rows(at.get("payments_differences"))) == many
    with django_assert_num_queries(6):
        at.get("payments_event", pk=last.pk)
