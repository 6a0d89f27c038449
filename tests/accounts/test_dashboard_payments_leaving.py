"""*Settings → Payments*: another key, another Stripe account, none any more."""

import pytest

from bookwhen.payments.encryption import decrypt
from bookwhen.payments.models import Connection
from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.api import world_of
from memberships.models import Membership, Price, SubscriptionStatus
from tests.accounts.conftest import RIVERSIDE, form_errors, list_endpoints, load_connection
from tests.browsing import page_text, shown_messages
from tests.factories.payments import new_key
from tests.factories.schedule import NOW
from tests.worlds.dashboard import Dashboard
from tests.worlds.seller import Seller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


def test_another_key_of_the_same_stripe_account_takes_the_place(
    connected_dashboard: Dashboard, stripe_here: Sandbox
) -> None:
    before, rolled = load_connection(connected_dashboard), new_key()
    worlds = stripe_here.platform.worlds
    worlds[rolled] = worlds[RIVERSIDE]

    for _ in range(2):
        response = connected_dashboard.post("payments_key", {"key": rolled})
        assert response["Location"] == connected_dashboard.url("payments")

    assert shown_messages(connected_dashboard.get("payments")) == ["Key saved"] * 2
    after = load_connection(connected_dashboard)
    assert (after.pk, after.webhook_endpoint) == (before.pk, before.webhook_endpoint)
    assert decrypt(after.encrypted_key) == rolled
    assert f"is connected with the key sk_test_…{rolled[-4:]}." in page_text(connected_dashboard.get("payments_key"))


def test_a_key_of_another_stripe_account_is_asked_about_first(connected_dashboard: Dashboard) -> None:
    page = connected_dashboard.post("payments_key", {"key": new_key()})
    assert form_errors(page) == {
        "key": [
            "This key is for another Stripe account. To switch to that account, tick the box and enter the key again."
        ]
    }
    assert page.status_code == 422
    assert load_connection(connected_dashboard).name == "Riverside Movement Studio"


def test_ticked_it_takes_the_place_and_nothing_of_ours_is_there_yet(
    selling: tuple[Seller, Dashboard], stripe_here: Sandbox
) -> None:
    seller, at = selling
    old, key = seller.connection, new_key()

    response = at.post("payments_key", {"key": key, "replace": "on"})

    assert response["Location"] == at.url("payments")
    new = load_connection(at)
    old.refresh_from_db()
    assert (new.pk == old.pk, new.is_live, old.is_live, old.encrypted_key) == (False, True, False, "")
    assert list_endpoints(stripe_here, key) == [new.webhook_endpoint]
    assert list(Price.objects.values_list("stripe_id", flat=True)) == [""]
    assert list(Membership.objects.values_list("product", flat=True)) == [""]
    # What is sold next is made there.
    for each in (seller.account, seller.price, seller.membership):
        each.refresh_from_db()
    bought = seller.sell(price=Price.objects.get())
    assert bought.status == SubscriptionStatus.ACTIVE
    assert world_of(stripe_here.platform, key).objects["subscription"].keys() == {bought.stripe_id}


def test_while_somebody_pays_through_it_no_other_takes_its_place(selling: tuple[Seller, Dashboard]) -> None:
    seller, at = selling
    seller.sell()
    asked = at.get("payments_key")
    assert "1 customer membership is paid through it." in page_text(asked)
    assert 'name="replace"' not in asked.content.decode()

    page = at.post("payments_key", {"key": new_key(), "replace": "on"})

    (error,) = form_errors(page)["key"]
    assert error == (
        "Enter a key for the same Stripe account. This one is for another account, and 1 customer membership"
        " is paid through the one you have."
    )
    assert load_connection(at) == seller.connection
    assert Price.objects.get().stripe_id != ""


def test_a_connection_that_was_let_go_of_by_hand_is_refused_another_while_somebody_pays(
    selling: tuple[Seller, Dashboard],
) -> None:
    seller, at = selling
    seller.sell()
    Connection.objects.update(disconnected_at=NOW, encrypted_key="")

    page = at.post("payments", {"key": new_key()})

    assert list(form_errors(page)) == ["key"]
    assert at.post("payments", {"key": seller.key}).status_code == 302
    assert load_connection(at).pk == seller.connection.pk


# --- disconnecting


def test_before_disconnecting_the_page_says_what_happens(selling: tuple[Seller, Dashboard]) -> None:
    seller, at = selling
    text = page_text(at.get("payments_disconnect"))
    assert "Disconnect Studio at Stripe?" in text
    assert "You can no longer sell memberships." in text
    assert "Nothing is cancelled, charged or refunded in Stripe." in text
    assert "checkout" not in text
    seller.start_checkout()
    assert "1 payment is at checkout or being refunded." in page_text(at.get("payments_disconnect"))


def test_disconnecting_forgets_the_key_and_sells_nothing(connected_dashboard: Dashboard, stripe_here: Sandbox) -> None:
    for _ in range(2):
        response = connected_dashboard.post("payments_disconnect")
        assert response["Location"] == connected_dashboard.url("payments")

    page = connected_dashboard.get("payments")
    assert shown_messages(page) == ["Stripe disconnected"]
    connection = load_connection(connected_dashboard)
    assert (connection.encrypted_key, connection.disconnected_at) == ("", NOW)
    assert list_endpoints(stripe_here) == []
    assert "Riverside Movement Studio was disconnected on 15 January 2030." in page_text(page)
    for name in ("payments_key", "payments_disconnect"):
        assert connected_dashboard.get(name)["Location"] == connected_dashboard.url("payments")


def test_the_same_stripe_account_goes_on_where_it_was(selling: tuple[Seller, Dashboard]) -> None:
    seller, at = selling
    at.post("payments_disconnect")
    assert at.post("payments", {"key": seller.key}).status_code == 302
    assert load_connection(at).pk == seller.connection.pk
    assert Price.objects.get().stripe_id != ""


def test_another_stripe_account_after_disconnecting_begins_anew(selling: tuple[Seller, Dashboard]) -> None:
    seller, at = selling
    at.post("payments_disconnect")
    assert at.post("payments", {"key": new_key()}).status_code == 302
    assert load_connection(at).pk != seller.connection.pk
    assert Price.objects.get().stripe_id == ""


def test_while_somebody_pays_through_it_stripe_stays_and_the_way_out_is_shown(
    selling: tuple[Seller, Dashboard],
) -> None:
    seller, at = selling
    for _ in range(2):
        seller.sell()

    page = at.get("payments_disconnect")
    assert "2 customer memberships are paid through this Stripe account." in page_text(page)
    assert f'href="{at.url("subscriptions")}"' in page.content.decode()
    assert "confirm" not in page.content.decode()

    response = at.post("payments_disconnect")
    assert response["Location"] == at.url("payments_disconnect")
    assert shown_messages(at.get("payments_disconnect")) == [
        "You can’t disconnect Stripe yet, because customers pay for memberships through it."
    ]
    assert load_connection(at).is_live
