"""Where an import meets the rest: schedules, charges that wait, older bills, pauses, and what has just begun."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import Letter
from bookwhen.payments.encryption import encrypt
from bookwhen.payments.models import Connection
from bookwhen.payments.permissions import needed
from bookwhen.sandbox.stripe import Sandbox, rights
from memberships.models import Invoice, Milestone, Subscription
from tests.memberships.importing.steps import compare, look_at
from tests.worlds.elsewhere import Elsewhere, open_elsewhere

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(stripe_here: Sandbox) -> Elsewhere:
    return open_elsewhere(stripe_here)


def history() -> list[str]:
    return list(Milestone.objects.order_by("pk").values_list("kind", flat=True))


def letters() -> list[str]:
    return list(Letter.objects.order_by("pk").values_list("kind", flat=True))


def test_a_change_that_was_scheduled_before_the_import_is_known_and_nobody_is_written_to(studio: Elsewhere) -> None:
    gold, silver = studio.price("Gold"), studio.price("Silver", 2500)
    ada = studio.member("ada@example.org", gold)
    schedule = studio.at_stripe("POST /v1/subscription_schedules", {"from_subscription": ada})
    now = {"items": [{"price": gold}], "start_date": schedule["phases"][0]["start_date"]}
    now |= {"end_date": schedule["phases"][0]["end_date"]}
    then = {"items": [{"price": silver}], "duration": {"interval": "month", "interval_count": 1}}
    given = {"end_behavior": "release", "phases": [now, then]}
    studio.at_stripe("POST /v1/subscription_schedules/{schedule}", given, schedule["id"])

    studio.take_over(Gold="new", Silver="new")

    bought = Subscription.objects.get()
    assert (bought.next_price, bought.changes_at, bought.next_amount) == (silver, bought.period_end, None)
    look_at(studio, ada)
    assert history() == ["imported"]
    assert letters() == []


def test_a_charge_that_waits_makes_the_next_payment_one_that_stripe_is_asked_for(studio: Elsewhere) -> None:
    price = studio.price()
    plain, more = studio.member("ada@example.org", price), studio.member("bea@example.org", price)
    person = studio.gateway().subscription(more).customer
    studio.at_stripe("POST /v1/invoiceitems", {"customer": person, "amount": 750, "currency": "gbp"})

    studio.take_over(Gold="new")

    def told() -> dict[str, int | None]:
        return dict(Subscription.objects.values_list("stripe_id", "next_amount"))

    assert told() == {plain: 4000, more: None}
    assert compare(studio) == 0
    assert told() == {plain: 4000, more: 4750}


def test_an_import_whose_key_may_not_read_what_waits_claims_no_amount(
    studio: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.member("ada@example.org", studio.price())
    key, allowed = f"rk_test_{uuid4().hex}", {need.slug.removeprefix("rak_") for need in needed()}
    # Should Stripe have a permission of their own for these, which nobody was asked for.
    monkeypatch.setitem(rights.RESOURCES, "invoiceitems", "invoiceitem")
    studio.sandbox.restrict(key, of=studio.key, allow=allowed)
    Connection.objects.update(encrypted_key=encrypt(key))

    done = studio.take_over(Gold="new")

    assert (done.operation.state, Subscription.objects.get().next_amount) == ("done", None)
    assert compare(studio) == 0
    assert Subscription.objects.get().next_amount == 4000


def test_nobody_is_thanked_for_what_they_paid_before_the_import(studio: Elsewhere) -> None:
    """Long paid bills that are read for the first time are no reason why a membership is active again."""
    ada = studio.member("ada@example.org", studio.price(), collection_method="send_invoice", days_until_due=7)
    first = studio.gateway().subscription(ada).invoice
    assert first is not None
    if first.status == "draft":
        studio.at_stripe("POST /v1/invoices/{invoice}/finalize", {}, first.id)
    studio.at_stripe("POST /v1/invoices/{invoice}/pay", {"paid_out_of_band": True}, first.id)
    studio.sandbox.advance("period")
    studio.sandbox.advance(str(timedelta(days=9) // timedelta(seconds=1)))
    assert studio.gateway().subscription(ada).status == "past_due"
    studio.take_over(Gold="new")
    owed = Invoice.objects.get()

    # Another one comes, and the studio forgives both before we look.
    studio.sandbox.advance("period")
    latest = studio.gateway().subscription(ada).invoice
    assert latest is not None
    assert latest.id != owed.stripe_id
    for bill in (owed.stripe_id, latest.id):
        studio.at_stripe("POST /v1/invoices/{invoice}/void", {}, bill)
    look_at(studio, ada)

    assert Subscription.objects.get().status == "active"
    assert "bill_waived" in history()
    assert not {"paid_again", "paid_outside", "bill_paid"} & set(history())


def test_what_waits_for_its_first_payment_comes_in_once_that_came(studio: Elsewhere) -> None:
    price = studio.price()
    studio.member("ada@example.org", price)
    bea = studio.person("bea@example.org")
    begun = {"customer": bea, "items": [{"price": price}], "payment_behavior": "default_incomplete"}
    waits = studio.at_stripe("POST /v1/subscriptions", begun)
    assert waits["status"] == "incomplete"
    studio.take_over(Gold="new")
    assert Subscription.objects.count() == 1

    studio.at_stripe("POST /v1/invoices/{invoice}/pay", {}, waits["latest_invoice"])
    look_at(studio, waits["id"])

    found = Subscription.objects.get(stripe_id=waits["id"])
    assert (found.status, found.customer.email) == ("active", "bea@example.org")


def test_a_paused_one_is_taken_over_in_silence_and_goes_on_as_any_other(studio: Elsewhere) -> None:
    ada = studio.member("ada@example.org", studio.price())
    studio.at_stripe(
        "POST /v1/subscriptions/{subscription_exposed_id}", {"pause_collection": {"behavior": "void"}}, ada
    )
    studio.sandbox.advance("period")

    studio.take_over(Gold="new")
    look_at(studio, ada)
    assert compare(studio) == 0

    bought = Subscription.objects.get()
    assert (bought.pause_behavior, bought.paid_until) == ("void", bought.period_start)
    assert history() == ["imported"]
    assert letters() == []
    studio.at_stripe("POST /v1/subscriptions/{subscription_exposed_id}", {"pause_collection": ""}, ada)
    look_at(studio, ada)
    assert letters() == ["membership_resumed"]
