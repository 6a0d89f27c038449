"""Pausing a customer's membership in the dashboard: what is announced, and what then happens."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Customer, PauseAccess, Role
from groups.models import Standing
from memberships.models import Milestone, Subscription
from memberships.pauses import billing_dates
from tests.browsing import open_browser, page_text, shown_messages
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.schedule import create_customer_with_login
from tests.memberships.dashboard.conftest import store_subscription
from tests.memberships.dashboard.test_ending import book_at
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.seller import Seller

DAY = timedelta(days=1)


@pytest.fixture
def olive(seller: Seller) -> Dashboard:
    owner = StaffFactory.create(account=seller.account, user=UserFactory.create(name="Olive Owner")).user
    return Dashboard(seller.account, open_browser(owner))


@pytest.fixture
def ada(seller: Seller) -> Customer:
    return create_customer_with_login(seller.account, name="Ada")


def load(subscription: Subscription) -> Subscription:
    return Subscription.objects.select_related("price", "account").get(pk=subscription.pk)


def bills(subscription: Subscription) -> tuple[datetime, datetime]:
    """The next two payments."""
    dates = billing_dates(load(subscription))
    return next(dates), next(dates)


def day(instant: datetime) -> str:
    return date_format(instant, "j F Y")


def pause(at: Dashboard, subscription: Subscription, query: dict[str, str], **more: str) -> Any:
    """Confirm what the page announces."""
    shown = at.get("subscription_pause", query, pk=subscription.pk)
    promise = shown.context["preview"].promise
    url = f"{at.url('subscription_pause', pk=subscription.pk)}?{'&'.join(f'{k}={v}' for k, v in query.items())}"
    return at.client.post(url, {"promise": promise, **more})


def until(instant: datetime) -> dict[str, str]:
    return {"way": "date", "until": f"{instant:%Y-%m-%d}"}


def test_a_date_is_suggested_that_leaves_out_one_payment(olive: Dashboard, seller: Seller, ada: Customer) -> None:
    bought = seller.sell(ada)
    first, second = bills(bought)

    shown = olive.get("subscription_pause", pk=bought.pk)

    assert shown.context["form"]["until"].initial == second.date()
    assert "Next payments" in page_text(shown)
    assert f"{day(first)} {day(second)}" in page_text(shown)


def test_a_pause_that_runs_is_changed_from_the_end_it_has(olive: Dashboard, seller: Seller, ada: Customer) -> None:
    bought = seller.sell(ada)
    later = bills(bought)[1] + 9 * DAY
    pause(olive, bought, until(later))

    shown = olive.get("subscription_pause", pk=bought.pk)

    assert (shown.context["form"]["way"].value(), shown.context["form"]["until"].value()) == ("date", later.date())
    assert "Change the pause" in page_text(shown)
    assert "The pause starts now" not in page_text(shown)

    pause(olive, bought, {"way": "open"})
    assert olive.get("subscription_pause", pk=bought.pk).context["form"]["way"].value() == "open"


def test_what_will_happen_is_said_and_then_happens(olive: Dashboard, seller: Seller, ada: Customer) -> None:
    bought = seller.sell(ada)
    first, second = bills(bought)
    seat = book_at(seller, ada, first + 3 * DAY, title="In the pause")
    kept = book_at(seller, ada, second + 3 * DAY, title="Afterwards")

    shown = page_text(olive.get("subscription_pause", until(second), pk=bought.pk))
    response = pause(olive, bought, until(second), bookings="cancel")

    assert f"The membership is paused from now until {day(second)}." in shown
    assert f"1 payment isn’t taken: {day(first)}" in shown
    assert f"The next payment is on {day(second)}." in shown
    assert f"They keep their access until {day(first)}, the end of the period they’ve paid for." in shown
    assert "They have 1 space booked during the pause: In the pause" in shown
    assert "Afterwards" not in shown
    assert shown_messages(response) == [f"“Gold” is paused for Ada until {day(second)}. 1 booked space was cancelled."]
    seat.refresh_from_db()
    kept.refresh_from_db()
    assert (seat.cancelled_at is None, kept.cancelled_at is None) == (False, True)
    assert load(bought).resumes_at is not None


def test_bookings_are_kept_unless_something_else_is_chosen(olive: Dashboard, seller: Seller, ada: Customer) -> None:
    bought = seller.sell(ada)
    first, _second = bills(bought)
    seat = book_at(seller, ada, first + 3 * DAY, title="In the pause")

    response = pause(olive, bought, {"way": "open"})

    assert shown_messages(response) == ["“Gold” is paused for Ada until it’s resumed."]
    seat.refresh_from_db()
    assert seat.cancelled_at is None


def test_something_that_changed_is_shown_again(olive: Dashboard, seller: Seller, ada: Customer) -> None:
    bought = seller.sell(ada)
    url = olive.url("subscription_pause", pk=bought.pk) + "?way=open"

    response = olive.client.post(url, {"promise": "of yesterday"})

    assert response.status_code == 409
    assert "Something changed while this page was open." in page_text(response)
    assert load(bought).pause_behavior == ""


@pytest.mark.parametrize(
    ("shift", "sentence"),
    [
        (timedelta(0), "Choose a date after the next payment on"),
        (timedelta(days=900), "Choose a date up to"),
    ],
)
def test_a_date_that_leaves_nothing_out_or_is_too_far(
    olive: Dashboard, seller: Seller, ada: Customer, shift: timedelta, sentence: str
) -> None:
    bought = seller.sell(ada)

    shown = olive.get("subscription_pause", until(bills(bought)[0] + shift), pk=bought.pk)

    assert shown.status_code == 422
    assert sentence in page_text(shown)


def test_paused_resumed_and_let_in_on_the_page(olive: Dashboard, seller: Seller, ada: Customer) -> None:
    seller.account.pause_access = PauseAccess.START
    seller.account.save()
    bought = seller.sell(ada)
    pause(olive, bought, {"way": "open"})
    paused = page_text(olive.get("subscription", pk=bought.pk))

    olive.post("subscription_let_in", pk=bought.pk)
    let_in = page_text(olive.get("subscription", pk=bought.pk))
    stands = Standing.objects.at(timezone.now()).filter(ground=bought.uuid).exists()
    olive.post("subscription_let_in", {"access": "stop"}, pk=bought.pk)
    response = olive.post("subscription_resume", pk=bought.pk)

    assert "Paused until it’s resumed. No payments are taken during the pause." in paused
    assert "They can’t book with it, and their existing bookings are kept." in paused
    assert "You’ve let them in, so they can book meanwhile." in let_in
    assert stands
    assert (
        shown_messages(response)
        == [
            "“Gold” is paused for Ada until it’s resumed.",
            "Ada can book until their next payment.",
            "Ada’s access is paused.",
            "“Gold” is no longer paused for Ada.",
        ][-len(shown_messages(response)) :]
    )
    assert list(Milestone.objects.exclude(who="").order_by("pk").values_list("kind", "who")) == [
        ("asked_to_pause", "Olive Owner"),
        ("let_in", "Olive Owner"),
        ("let_out", "Olive Owner"),
        ("asked_to_resume", "Olive Owner"),
    ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"status": "trialing"}, "They’re on trial and haven’t paid anything yet."),
        ({"status": "past_due"}, "A payment is overdue, and Stripe would go on collecting it."),
        ({"ends_at": timezone.now() + DAY}, "This membership is set to end."),
        ({"schedule": "sub_sched_1"}, "A change to this membership is scheduled."),
        ({"status": "canceled"}, "This membership has ended, so there’s nothing to pause."),
    ],
)
def test_what_cannot_be_paused_says_why(dashboard: Dashboard, gold: Any, fields: dict[str, Any], sentence: str) -> None:
    bought = store_subscription(gold)
    Subscription.objects.filter(pk=bought.pk).update(**fields)

    response = dashboard.get("subscription_pause", pk=bought.pk)

    assert response["Location"] == dashboard.url("subscription", pk=bought.pk)
    assert shown_messages(response)[0].startswith(sentence)


def test_stripe_down_is_said_and_nothing_is_cancelled(olive: Dashboard, seller: Seller, ada: Customer) -> None:
    bought = seller.sell(ada)
    seat = book_at(seller, ada, bills(bought)[0] + 3 * DAY, title="In the pause")
    query = {"way": "open"}
    seller.sandbox.arm("error", "POST /v1/subscriptions", times=10)

    response = pause(olive, bought, query, bookings="cancel")

    assert shown_messages(response)[0].startswith("Stripe didn’t respond")
    seat.refresh_from_db()
    assert seat.cancelled_at is None


def test_lists_and_filters_know_paused(dashboard: Dashboard, gold: Any) -> None:
    store_subscription(gold)
    paused = store_subscription(gold)
    known = {"pause_behavior": "void", "paid_until": paused.period_end}
    Subscription.objects.filter(pk=paused.pk).update(**known, resumes_at=datetime.fromisoformat("2030-05-03T00:00Z"))

    everything = page_text(dashboard.get("subscriptions"))
    only = dashboard.get("subscriptions", {"state": "paused"})

    assert "Paused until 3 May 2030" in everything
    assert [row.subscription.pk for row in only.context["rows"]] == [paused.pk]


@pytest.mark.parametrize("role", [Role.SCHEDULE_MANAGER, Role.LEADER])
def test_others_of_the_team_find_nothing(dashboard: Dashboard, gold: Any, role: Role) -> None:
    bought = store_subscription(gold)
    who = open_dashboard(dashboard.account, role)

    assert who.get("subscription_pause", pk=bought.pk).status_code == 404
    for name in ("subscription_resume", "subscription_let_in"):
        assert who.post(name, pk=bought.pk).status_code == 404


class TestTheSettings:
    def test_saved_and_in_force_at_once(self, olive: Dashboard, seller: Seller, ada: Customer) -> None:
        bought = seller.sell(ada)
        pause(olive, bought, {"way": "open"})
        given = {"members_pause": "on", "longest_pause_days": "30", "pause_access": "start"}

        response = olive.post("pauses", given)

        seller.account.refresh_from_db()
        assert response["Location"] == olive.url("payments")
        assert (seller.account.members_pause, seller.account.longest_pause_days) == (True, 30)
        assert not Standing.objects.at(timezone.now()).filter(ground=bought.uuid).exists()
        text = page_text(olive.get("payments"))
        assert "Members can pause their own memberships for up to 30 days." in text
        assert "During a pause: Stop new bookings when the pause starts" in text

    def test_a_pause_of_no_days_is_refused(self, dashboard: Dashboard) -> None:
        response = dashboard.post("pauses", {"longest_pause_days": "0", "pause_access": "start"})

        assert response.status_code == 422
        dashboard.account.refresh_from_db()
        assert dashboard.account.longest_pause_days == 90


def test_from_the_customers_page_it_is_paused_and_resumed_and_comes_back(
    seller: Seller, olive: Dashboard, ada: Customer
) -> None:
    bought = load(seller.sell(ada))
    home = olive.url("customer", pk=ada.pk)
    assert (
        f"{olive.url('subscription_pause', pk=bought.pk)}?next={home}"
        in olive.get("customer", pk=ada.pk).content.decode()
    )

    shown = olive.get("subscription_pause", {"next": home}, pk=bought.pk).content.decode()
    assert f'name="next" value="{home}"' in shown
    paused = pause(olive, bought, {"way": "open", "next": home})
    assert paused["Location"] == home

    page = olive.get("customer", pk=ada.pk).content.decode()
    resume = f"{olive.url('subscription_resume', pk=bought.pk)}?next={home}"
    assert (resume in page, "subscription_pause" in page) == (True, False)
    assert olive.client.post(resume)["Location"] == home
    assert not load(bought).pause_behavior


def test_another_site_is_never_led_back_to(seller: Seller, olive: Dashboard, ada: Customer) -> None:
    bought = load(seller.sell(ada))
    back = olive.client.post(f"{olive.url('subscription_resume', pk=bought.pk)}?next=https://evil.example/")
    assert back["Location"] == olive.url("subscription", pk=bought.pk)
