"""Cancelling a customer's membership in both ways, and keeping it: what is announced, and what then happens."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Account, Customer, Plan, Role
from bookwhen.payments.encryption import encrypt
from bookwhen.payments.models import Connection
from bookwhen.sandbox.stripe import Sandbox
from groups.models import BY_HAND, Standing, StandingSource
from memberships.models import Membership, Milestone, MilestoneKind, Subscription, SubscriptionState, SubscriptionStatus
from memberships.queries import state_of
from offers.eligibility import Attendee
from tests import dashboard_sentences as says
from tests.browsing import open_browser, page_text, shown_messages
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    OfferFactory,
    TicketFactory,
    add_membership_standing,
    book_member_place,
    create_customer_with_login,
    load_entry,
)
from tests.memberships.dashboard.conftest import store_subscription
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.seller import Seller
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.release import process_releases
from tickets.booking.request import WantedTicket
from tickets.models import Seat

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def olive(seller: Seller) -> Dashboard:
    """The studio's owner, by name."""
    owner = StaffFactory.create(account=seller.account, user=UserFactory.create(name="Olive Owner")).user
    return Dashboard(seller.account, open_browser(owner))


@pytest.fixture
def ada(seller: Seller) -> Customer:
    """A member, with places at events tomorrow and in a hundred days."""
    return create_customer_with_login(seller.account, name="Ada")


def book_at(seller: Seller, customer: Customer, starts_at: datetime, *, title: str) -> Seat:
    """A place by an exclusive ticket of the membership's group."""
    entry = EntryFactory.create(page=seller.page, title=title, starts_at=starts_at)
    group = seller.membership.group
    ticket = TicketFactory.create(entry=entry, group=group, name="Member place")
    if not group.offers.exists():
        OfferFactory.create(group=group, page=seller.page)
    fresh = load_entry(entry)
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
    booking = book(fresh, customer, wanted, who=person_of_customer(customer), key=uuid4(), now=timezone.now()).booking
    return booking.seats.get()


@pytest.fixture
def bought(seller: Seller, ada: Customer) -> Subscription:
    bought = seller.sell(ada)
    now = timezone.now()
    book_at(seller, ada, now + timedelta(days=1), title="Tomorrow")
    book_at(seller, ada, now + timedelta(days=100), title="In spring")
    return bought


def load_subscription(subscription: Subscription) -> Subscription:
    return Subscription.objects.get(pk=subscription.pk)


def end_of(response: Any, way: str) -> list[str]:
    """The entries whose places a page says are released in a way."""
    return [seat.entry.title for seat in getattr(response.context["options"], way).seats]


def list_requests(subscription: Subscription) -> list[tuple[str, str]]:
    """Who asked for what, oldest first."""
    found = Milestone.objects.filter(subscription=subscription).exclude(who="").order_by("pk")
    return list(found.values_list("kind", "who"))


def format_instant(subscription: Subscription, at: datetime | None) -> str:
    assert at is not None
    return date_format(at.astimezone(subscription.account.zone), "j F Y, H:i")


def messages_after(dashboard: Dashboard, response: Any) -> list[str]:
    """What is said on the page that a form leads to."""
    return shown_messages(dashboard.client.get(response["Location"]))


def test_the_page_says_exactly_what_each_way_does(olive: Dashboard, bought: Subscription) -> None:
    response = olive.get("subscription_cancel", pk=bought.pk)

    page, end = page_text(response), format_instant(bought, bought.period_end)
    assert "Cancel Gold for Ada?" in page
    assert (
        f"They keep their access until {end}, the end of the period they’ve paid for. No further payments are taken."
        in page
    )
    assert "1 space booked for after that is cancelled then, and we email them: In spring" in page
    assert says.ENDS_IMMEDIATELY in page
    assert "2 booked spaces are cancelled now, and we email them: Tomorrow" in page
    assert page.count("Nothing is refunded automatically") == 3
    assert end_of(response, "at_period_end") == ["In spring"]
    assert end_of(response, "at_once") == ["Tomorrow", "In spring"]


def test_at_once_it_ends_at_stripe_and_what_was_announced_is_released(
    seller: Seller, olive: Dashboard, bought: Subscription
) -> None:
    response = olive.post("subscription_cancel", {"way": "now"}, pk=bought.pk)

    assert response["Location"] == olive.url("subscription", pk=bought.pk)
    assert messages_after(olive, response) == [says.GOLD_HAS_ENDED]
    assert seller.retrieve_subscription(bought).status == "canceled"
    assert (load_subscription(bought).status, state_of(load_subscription(bought))) == (
        SubscriptionStatus.CANCELED,
        SubscriptionState.CANCELLED,
    )
    assert Standing.objects.get(ground=bought.uuid).until is not None
    assert list_requests(bought) == [(MilestoneKind.ASKED_TO_STOP, "Olive Owner")]
    process_releases(now=timezone.now())
    assert Seat.objects.filter(cancelled_at=None).count() == 0


def test_at_period_end_they_stay_until_then_and_nothing_is_released_yet(
    seller: Seller, olive: Dashboard, bought: Subscription
) -> None:
    response = olive.post("subscription_cancel", {"way": "end"}, pk=bought.pk)

    end = format_instant(bought, bought.period_end)
    assert messages_after(olive, response) == [f"“Gold” ends for Ada on {end}. Nothing changes until then."]
    assert seller.retrieve_subscription(bought).cancel_at == int(load_subscription(bought).period_end.timestamp())  # type: ignore[union-attr]
    assert (load_subscription(bought).ends_at, state_of(load_subscription(bought))) == (
        bought.period_end,
        SubscriptionState.UNRENEWED,
    )
    assert Standing.objects.get(ground=bought.uuid).until == bought.period_end
    assert list_requests(bought) == [(MilestoneKind.ASKED_TO_END, "Olive Owner")]
    process_releases(now=timezone.now())
    assert Seat.objects.filter(cancelled_at=None).count() == 2


def test_a_scheduled_end_is_undone(seller: Seller, olive: Dashboard, bought: Subscription) -> None:
    olive.post("subscription_cancel", {"way": "end"}, pk=bought.pk)

    response = olive.post("subscription_keep", pk=bought.pk)

    assert messages_after(olive, response)[-1] == says.GOLD_CONTINUES
    assert seller.retrieve_subscription(bought).cancel_at is None
    assert load_subscription(bought).ends_at is None
    assert Standing.objects.get(ground=bought.uuid).until is None
    assert list_requests(bought) == [
        (MilestoneKind.ASKED_TO_END, "Olive Owner"),
        (MilestoneKind.ASKED_TO_KEEP, "Olive Owner"),
    ]


def test_a_scheduled_end_can_still_be_brought_forward(seller: Seller, olive: Dashboard, bought: Subscription) -> None:
    olive.post("subscription_cancel", {"way": "end"}, pk=bought.pk)

    page = olive.get("subscription_cancel", pk=bought.pk)
    olive.post("subscription_cancel", {"way": "now"}, pk=bought.pk)

    assert f"It’s already set to end on {format_instant(bought, bought.period_end)}." in page_text(page)
    assert page.context["options"].at_period_end is None
    assert seller.retrieve_subscription(bought).status == "canceled"
    assert load_subscription(bought).status == SubscriptionStatus.CANCELED


@pytest.mark.parametrize(
    ("way", "said"), [("now", "has ended for Ada, and they’re no longer"), ("end", "Nothing changes until then.")]
)
def test_sent_twice_it_says_the_same_again(olive: Dashboard, bought: Subscription, way: str, said: str) -> None:
    answers = [olive.post("subscription_cancel", {"way": way}, pk=bought.pk) for _ in range(2)]

    sentences = messages_after(olive, answers[-1])
    assert (len(sentences), sentences[0] == sentences[1], said in sentences[0]) == (2, True, True)
    assert len(list_requests(bought)) == 1


def test_keeping_what_renews_changes_nothing(olive: Dashboard, bought: Subscription) -> None:
    response = olive.post("subscription_keep", pk=bought.pk)

    assert messages_after(olive, response) == [says.GOLD_CONTINUES]
    assert list_requests(bought) == []


@pytest.mark.parametrize("way", ["", "later", "END"])
def test_without_a_way_nothing_is_cancelled(olive: Dashboard, bought: Subscription, way: str) -> None:
    response = olive.post("subscription_cancel", {"way": way}, pk=bought.pk)

    assert (response.status_code, load_subscription(bought).status, list_requests(bought)) == (
        200,
        SubscriptionStatus.ACTIVE,
        [],
    )


def test_what_was_cancelled_in_stripe_meanwhile_is_found_so(
    seller: Seller, olive: Dashboard, bought: Subscription
) -> None:
    seller.stripe.subscriptions.cancel(bought.stripe_id)

    response = olive.post("subscription_cancel", {"way": "end"}, pk=bought.pk)

    assert messages_after(olive, response) == [says.GOLD_HAS_ENDED]
    assert load_subscription(bought).status == SubscriptionStatus.CANCELED


def test_who_was_also_added_by_hand_stays_and_loses_nothing(
    seller: Seller, olive: Dashboard, bought: Subscription, ada: Customer
) -> None:
    member = Standing.objects.get(ground=bought.uuid).member
    Standing.objects.create(
        account=seller.account,
        member=member,
        source=StandingSource.MANUAL,
        ground=BY_HAND,
        since=timezone.now() - timedelta(days=60),
        anchor=timezone.localdate(),
    )

    page = olive.get("subscription_cancel", pk=bought.pk)
    response = olive.post("subscription_cancel", {"way": "now"}, pk=bought.pk)

    assert page_text(page).count(says.KEPT_MANUALLY) == 2
    assert page_text(page).count("Their bookings are kept.") == 2
    assert (end_of(page, "at_period_end"), end_of(page, "at_once")) == ([], [])
    assert messages_after(olive, response) == [
        "“Gold” has ended for Ada. They’re still in the group for another reason."
    ]
    process_releases(now=timezone.now())
    assert Seat.objects.filter(cancelled_at=None, customer=ada).count() == 2


# What goes wrong


@pytest.mark.parametrize(("fault", "way"), [("DELETE /v1/subscriptions", "now"), ("POST /v1/subscriptions", "end")])
def test_where_stripe_does_not_answer_nothing_is_lost(
    olive: Dashboard, bought: Subscription, stripe_here: Sandbox, fault: str, way: str
) -> None:
    stripe_here.arm("error", fault, times=3)

    response = olive.post("subscription_cancel", {"way": way}, pk=bought.pk)

    [said] = messages_after(olive, response)
    assert said.startswith("Stripe didn’t respond (")
    assert "It’s safe to try again: nothing happens twice." in said
    assert (load_subscription(bought).status, load_subscription(bought).ends_at) == (SubscriptionStatus.ACTIVE, None)
    assert messages_after(olive, olive.post("subscription_cancel", {"way": way}, pk=bought.pk))[-1].startswith(
        "“Gold” "
    )
    assert state_of(load_subscription(bought)) in {SubscriptionState.CANCELLED, SubscriptionState.UNRENEWED}


def test_a_key_that_stripe_does_not_take_is_said(olive: Dashboard, bought: Subscription) -> None:
    Account.objects.update(connection=None)

    response = olive.post("subscription_cancel", {"way": "now"}, pk=bought.pk)

    [said] = messages_after(olive, response)
    assert said.startswith("Stripe refused our key (This account isn’t connected to Stripe.)")
    assert load_subscription(bought).status == SubscriptionStatus.ACTIVE


def test_another_stripe_account_does_not_know_it(olive: Dashboard, bought: Subscription, seller: Seller) -> None:
    Connection.objects.filter(pk=seller.connection.pk).update(encrypted_key=_another_key())

    response = olive.post("subscription_cancel", {"way": "end"}, pk=bought.pk)

    [said] = messages_after(olive, response)
    assert said.startswith("We couldn’t find this subscription in your Stripe account (")
    assert load_subscription(bought).status == SubscriptionStatus.ACTIVE


def _another_key() -> str:
    return encrypt(f"sk_test_{uuid4().hex}")


# Without Stripe


@pytest.mark.usefixtures("_at_noon")
def test_what_has_ended_cannot_be_cancelled(dashboard: Dashboard, gold: Membership) -> None:
    bought = store_subscription(gold, status=SubscriptionStatus.CANCELED, ended_at=NOW)

    response = dashboard.get("subscription_cancel", pk=bought.pk)

    assert response["Location"] == dashboard.url("subscription", pk=bought.pk)
    assert "has ended for" in messages_after(dashboard, response)[0]


@pytest.mark.usefixtures("_at_noon")
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            SubscriptionStatus.TRIALING,
            "They keep their access until 4 February 2030, 12:00, the end of their trial, and never pay.",
        ),
        (SubscriptionStatus.PAST_DUE, "They keep their access until 4 February 2030, 12:00. Stripe continues to retry"),
        (SubscriptionStatus.PAST_DUE, "No further payments are taken, and Stripe stops retrying the failed one."),
        (
            SubscriptionStatus.UNPAID,
            "The membership ends on 4 February 2030, 12:00. They have no access until they pay.",
        ),
    ],
)
def test_a_trial_and_a_failed_payment_are_spoken_of(
    dashboard: Dashboard, gold: Membership, status: str, said: str
) -> None:
    page = page_text(dashboard.get("subscription_cancel", pk=store_subscription(gold, status=status).pk))

    assert said in page


@pytest.mark.usefixtures("_at_noon")
def test_another_membership_that_keeps_them_in_is_named(dashboard: Dashboard, gold: Membership) -> None:
    bought = store_subscription(gold)
    add_membership_standing(Standing.objects.get(ground=bought.uuid).member)

    page = page_text(dashboard.get("subscription_cancel", pk=bought.pk))

    assert page.count(says.KEPT_BY_ANOTHER_MEMBERSHIP) == 2
    assert "The membership ends immediately. No further payments are taken." in page


@pytest.mark.usefixtures("_at_noon")
def test_below_standard_memberships_can_be_cancelled(gold: Membership, dashboard: Dashboard) -> None:
    Account.objects.update(plan=Plan.FREE)

    assert dashboard.get("subscription_cancel", pk=store_subscription(gold).pk).status_code == 200


@pytest.mark.parametrize(
    ("role", "status"), [(Role.BOOKINGS_ADMIN, 200), (Role.SCHEDULE_MANAGER, 404), (Role.LEADER, 404)]
)
def test_only_who_manages_customers_may_cancel(gold: Membership, role: Role, status: int) -> None:
    bought = store_subscription(gold)
    who = open_dashboard(gold.account, role)

    assert who.get("subscription_cancel", pk=bought.pk).status_code == status
    assert who.post("subscription_keep", pk=bought.pk).status_code == (302 if status == 200 else 404)


def test_keeping_is_by_post_only(gold: Membership, dashboard: Dashboard) -> None:
    assert dashboard.get("subscription_keep", pk=store_subscription(gold).pk).status_code == 405


@pytest.mark.usefixtures("_at_noon")
@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_as_many_queries_for_three_places_as_for_one(
    gold: Membership, dashboard: Dashboard, count: int
) -> None:
    ada = create_customer_with_login(gold.account)
    bought = store_subscription(gold, ada)
    for number in range(count):
        book_member_place(gold.group, ada, days=30 + number)
    dashboard.get("subscription_cancel", pk=bought.pk)

    with CaptureQueriesContext(connection) as seen:
        page = dashboard.get("subscription_cancel", pk=bought.pk)

    assert (len(end_of(page, "at_once")), len(seen)) == (count, 9)


def test_who_asked_is_known_by_their_address_where_they_have_no_name(seller: Seller) -> None:
    bought, who = seller.sell(), StaffFactory.create(account=seller.account).user

    Dashboard(seller.account, open_browser(who)).post("subscription_cancel", {"way": "end"}, pk=bought.pk)

    assert list_requests(bought) == [(MilestoneKind.ASKED_TO_END, who.email)]
