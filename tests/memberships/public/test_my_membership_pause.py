"""A member who pauses their own membership, and resumes it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Account, Customer
from accounts.public.phrases import format_day
from memberships.models import Milestone, Subscription
from memberships.pauses import billing_dates
from tests.browsing import open_browser, page_text, shown_messages
from tests.memberships.dashboard.test_ending import book_at
from tests.worlds.gold_shop import GoldShop

MINE = "/my/memberships/"
DAY = timedelta(days=1)


def load(subscription: Subscription) -> Subscription:
    return Subscription.objects.select_related("price", "account").get(pk=subscription.pk)


def path(subscription: Subscription, part: str = "") -> str:
    return f"{MINE}{subscription.uuid}/{part}"


def sell(shop: GoldShop, **account: Any) -> tuple[Customer, Subscription, Client]:
    Account.objects.filter(pk=shop.seller.account.pk).update(**{"members_pause": True, **account})
    ada = shop.create_ada()
    return ada, shop.sell(ada), open_browser(ada)


def bills(subscription: Subscription) -> tuple[datetime, datetime]:
    dates = billing_dates(load(subscription))
    return next(dates), next(dates)


def confirm(client: Client, subscription: Subscription, day: datetime, **more: str) -> Any:
    url = path(subscription, f"pause/?until={day:%Y-%m-%d}")
    promise = client.get(url).context["preview"].promise
    return client.post(url, {"promise": promise, **more})


def test_paused_until_a_date_and_resumed(shop: GoldShop) -> None:
    ada, bought, client = sell(shop)
    first, second = bills(bought)
    words = {name: format_day(each, shop.seller.account) for name, each in (("first", first), ("second", second))}

    shown = page_text(client.get(path(bought, f"pause/?until={second:%Y-%m-%d}")))
    response = confirm(client, bought, second)
    card = page_text(client.get(MINE))
    resumed = client.post(path(bought, "resume/"))

    assert f"You won’t be charged for this payment: {words['first']}" in shown
    assert "You can book with it again from your next payment." in shown
    assert "Your bookings aren’t affected." in shown
    assert shown_messages(response) == [f"Your membership is paused until {words['second']}."]
    assert f"Gold River Studio Paused until {words['second']} £40.00 every month" in card
    assert f"Next payment: £40.00 on {words['second']}" in card
    assert "Resume membership Gold" in card
    assert shown_messages(resumed)[-1] == (
        f"Your membership has been resumed. Your next payment is on {words['first']}."
    )
    assert list(Milestone.objects.exclude(who="").order_by("pk").values_list("kind", "who")) == [
        ("asked_to_pause", ada.email),
        ("asked_to_resume", ada.email),
    ]


def test_resumed_in_a_period_that_was_left_out(shop: GoldShop) -> None:
    _ada, bought, client = sell(shop)
    confirm(client, bought, bills(bought)[1])
    shop.seller.sandbox.advance("period")
    shop.seller.sync_subscription(bought)

    response = client.post(path(bought, "resume/"))

    again = format_day(load(bought).period_end, shop.seller.account)
    assert shown_messages(response)[-1] == (
        f"Your membership has been resumed. You can book with it again from your next payment on {again}."
    )
    assert f"Starts again on {again}" in page_text(client.get(MINE))


def test_what_is_booked_meanwhile_is_listed_and_cancelled_if_they_like(shop: GoldShop) -> None:
    ada, bought, client = sell(shop)
    first, second = bills(bought)
    seat = book_at(shop.seller, ada, first + 3 * DAY, title="In the pause")

    shown = page_text(client.get(path(bought, f"pause/?until={second:%Y-%m-%d}")))
    response = confirm(client, bought, second, bookings="cancel")

    assert "You have this ticket booked during the pause: In the pause" in shown
    assert shown_messages(response)[-1].endswith(" 1 booking was cancelled.")
    seat.refresh_from_db()
    assert seat.cancelled_at is not None
    assert seat.use is None or seat.use.ended_at is not None


def test_where_customers_do_not_cancel_their_bookings_are_kept(shop: GoldShop) -> None:
    ada, bought, client = sell(shop, customers_cancel=False)
    first, second = bills(bought)
    seat = book_at(shop.seller, ada, first + 3 * DAY, title="In the pause")

    shown = page_text(client.get(path(bought, f"pause/?until={second:%Y-%m-%d}")))
    confirm(client, bought, second, bookings="cancel")

    assert "Cancel the bookings" not in shown
    seat.refresh_from_db()
    assert seat.cancelled_at is None


def test_not_where_the_studio_does_not_allow_it(shop: GoldShop) -> None:
    _ada, bought, client = sell(shop, members_pause=False)

    response = client.get(path(bought, "pause/"))

    assert shown_messages(response) == ["Please ask the studio if you want to pause your membership."]
    assert "Pause membership" not in page_text(client.get(MINE))
    shop.seller.gateway.update_subscription(
        bought.stripe_id, {"pause_collection": {"behavior": "void"}}, key=str(bought.uuid)
    )
    shop.seller.sync_subscription(bought)
    client.post(path(bought, "resume/"))
    assert load(bought).pause_behavior == "void"
    assert "To resume it, contact River Studio." in page_text(client.get(MINE))


@pytest.mark.parametrize("days", [62, 40])
def test_only_as_long_as_the_studio_allows(shop: GoldShop, days: int) -> None:
    _ada, bought, client = sell(shop, longest_pause_days=days)

    response = client.get(path(bought, f"pause/?until={timezone.now() + timedelta(days=days + 2):%Y-%m-%d}"))

    assert response.status_code == 422
    latest = date_format(timezone.now() + timedelta(days=days), "j F Y")
    assert f"Choose a date up to {latest} " in page_text(response)


def test_not_where_the_next_payment_is_farther_away_than_a_pause_may_last(shop: GoldShop) -> None:
    _ada, bought, client = sell(shop, longest_pause_days=7)

    assert shown_messages(client.get(path(bought, "pause/"))) == [
        "Your next payment is too far ahead for a pause. Please ask the studio if you want to pause your membership."
    ]


def test_an_overdue_payment_comes_first(shop: GoldShop) -> None:
    _ada, bought, client = sell(shop)
    Subscription.objects.filter(pk=bought.pk).update(status="past_due")

    assert shown_messages(client.get(path(bought, "pause/"))) == [
        "A payment is overdue. Pay it first, then you can pause your membership."
    ]


def test_somebody_elses_is_not_found(shop: GoldShop) -> None:
    _ada, bought, _client = sell(shop)
    stranger = open_browser(shop.create_ada())

    assert stranger.get(path(bought, "pause/")).status_code == 404
    assert stranger.post(path(bought, "resume/")).status_code == 404
