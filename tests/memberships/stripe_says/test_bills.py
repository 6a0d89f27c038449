"""Money that came, and money that was forgiven: each bill is kept as Stripe has it, and told once in its own words."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Letter
from memberships.models import Difference, Invoice, SubscriptionStatus
from memberships.queries import payable_invoice
from tests.comparing import compare_memberships as reconcile
from tests.memberships.stripe_says.conftest import AtStripe, bills, history, letters, newest_letter

FORGIVEN = [
    ("void", "void", "waived", "bill_waived", "has waived your bill of £40.00 for “Gold”. You don’t need to pay it."),
    (
        "mark_uncollectible", "uncollectible", "written_off", "bill_written_off",
        "has written off your bill of £40.00 for “Gold”. We won’t try to take this payment again.",
    ),
]  # fmt: skip


def settle(at_stripe: AtStripe, act: str, invoice: str) -> None:
    if act == "outside":
        at_stripe.v1.invoices.pay(invoice, {"paid_out_of_band": True})
    elif act == "void":
        at_stripe.v1.invoices.void_invoice(invoice)
    else:
        at_stripe.v1.invoices.mark_uncollectible(invoice)


@pytest.mark.parametrize(("act", "status", "settlement", "kind", "words"), FORGIVEN)
def test_p7_a_bill_that_was_forgiven_is_not_thanked_for(
    at_stripe: AtStripe, act: str, status: str, settlement: str, kind: str, words: str
) -> None:
    bought, bill = at_stripe.sell_failing()

    settle(at_stripe, act, bill.stripe_id)
    bought = at_stripe.look(at_stripe.look(bought))

    assert bought.status == SubscriptionStatus.ACTIVE
    assert history(bought) == ["payment_failed", kind]
    assert letters(bought) == ["payment_failed", kind]
    assert words in newest_letter(bought)
    assert "Thank you" not in newest_letter(bought)
    assert bills(bought)[-1] == (status, settlement)


def test_p7_a_bill_paid_at_the_studio_is_not_thanked_for_as_if_it_came_through_stripe(at_stripe: AtStripe) -> None:
    bought, bill = at_stripe.sell_failing()

    settle(at_stripe, "outside", bill.stripe_id)
    bought = at_stripe.look(bought)

    assert (bought.status, history(bought)[-1], letters(bought)[-1]) == ("active", "paid_outside", "paid_outside")
    assert "has marked your bill of £40.00 for “Gold” as paid." in newest_letter(bought)
    assert bills(bought)[-1] == ("paid", "outside")


def test_p7_money_that_came_is_thanked_for(at_stripe: AtStripe) -> None:
    bought, bill = at_stripe.sell_failing()

    at_stripe.sandbox.shopper.pay(bill.hosted_url)
    bought = at_stripe.look(bought)

    assert (history(bought)[-1], letters(bought)[-1]) == ("paid_again", "paid_again")
    assert bills(bought)[-1] == ("paid", "money")


def two_open_bills(at_stripe: AtStripe) -> tuple[Any, Invoice, Invoice]:
    """Somebody past due with the bills of two months open, the older one first."""
    at_stripe.sandbox.set_rule("past_due")
    bought, older = at_stripe.sell_failing()
    at_stripe.sandbox.advance("period")
    bought = at_stripe.look(bought)
    newer = Invoice.objects.filter(subscription=bought, status="open").exclude(pk=older.pk).get()
    return bought, older, newer


@pytest.mark.parametrize(("act", "status", "told"), [("pay", "paid", "bill_paid"), ("void", "void", "bill_waived")])
def test_p8_an_older_bill_is_kept_as_stripe_has_it(at_stripe: AtStripe, act: str, status: str, told: str) -> None:
    bought, older, newer = two_open_bills(at_stripe)

    if act == "pay":
        at_stripe.sandbox.shopper.pay(older.hosted_url)
    else:
        settle(at_stripe, act, older.stripe_id)
    bought = at_stripe.look(at_stripe.look(bought))

    older.refresh_from_db()
    assert (older.status, payable_invoice(bought)) == (status, newer)
    assert history(bought).count(told) == 1
    assert letters(bought).count(told) == 1


def test_p8_the_night_finds_a_bill_that_is_open_only_here(at_stripe: AtStripe) -> None:
    bought, older, newer = two_open_bills(at_stripe)
    at_stripe.sandbox.shopper.pay(older.hosted_url)

    reconcile(at_stripe.seller.connection, timezone.now())

    older.refresh_from_db()
    found = Difference.objects.values_list("field", "ours", "stripes")
    assert (older.status, list(found)) == ("paid", [("invoice", "open", "paid")])
    assert payable_invoice(bought) == newer


def test_p8_a_bill_that_was_missed_between_two_looks_is_kept(at_stripe: AtStripe) -> None:
    bought = at_stripe.seller.sell()
    at_stripe.sandbox.advance("period")
    at_stripe.sandbox.advance("period")

    at_stripe.look(bought)

    assert bills(bought) == [("paid", "money")] * 3
    assert letters(bought) == ["renewed"]


def test_p8_a_draft_that_was_deleted_at_stripe_is_gone(at_stripe: AtStripe) -> None:
    bought = at_stripe.seller.sell()
    draft = Invoice.objects.create(
        account=at_stripe.seller.account, subscription=bought, stripe_id="in_deleted", status="draft", amount_due=4000,
        amount_paid=0, currency="GBP", created_at=timezone.now(),
    )  # fmt: skip

    at_stripe.look(bought)

    assert not Invoice.objects.filter(pk=draft.pk).exists()


def test_p15_a_bill_paid_from_credit_is_told_as_that(at_stripe: AtStripe) -> None:
    bought = at_stripe.seller.sell()
    at_stripe.v1.customers.update(at_stripe.customer(bought), {"balance": -10_000})
    at_stripe.sandbox.advance("period")

    bought = at_stripe.look(bought)

    assert bills(bought)[-1] == ("paid", "credit")
    assert history(bought) == ["renewed", "paid_from_credit"]
    assert letters(bought) == ["renewed"]
    words = "Your bill of £40.00 for “Gold” at {} was paid from your credit, so there’s nothing to pay."
    assert words.format(bought.account.name) in newest_letter(bought)


def test_p15_bills_that_are_sent_are_told_as_bills(at_stripe: AtStripe) -> None:
    bought = at_stripe.change(at_stripe.seller.sell(), collection_method="send_invoice", days_until_due=7)
    at_stripe.sandbox.advance("period")

    bought = at_stripe.look(bought)

    bill = Invoice.objects.get(subscription=bought, status="open")
    assert (bought.status, bought.collection_method) == ("active", "send_invoice")
    assert bill.due_at is not None
    assert (history(bought), letters(bought)) == (["bill_sent"], [])

    at_stripe.sandbox.shopper.pay(bill.hosted_url)
    bought = at_stripe.look(bought)

    assert (history(bought), letters(bought)) == (["bill_sent", "renewed"], ["renewed"])


def test_no_letter_is_sent_twice_however_often_it_is_looked_at(at_stripe: AtStripe) -> None:
    bought, bill = at_stripe.sell_failing()
    settle(at_stripe, "void", bill.stripe_id)
    for _ in range(3):
        at_stripe.look(bought)
    assert Letter.objects.filter(recipient=bought.customer.email).count() == 3


def test_p8_what_is_due_on_an_open_bill_may_change(at_stripe: AtStripe, monkeypatch: pytest.MonkeyPatch) -> None:
    """A credit note takes off some of it: the bill stays open."""
    bought, bill = at_stripe.sell_failing()
    world = at_stripe.sandbox.platform.worlds[at_stripe.seller.key]
    monkeypatch.setitem(world.objects["invoice"][bill.stripe_id], "amount_due", 2500)

    at_stripe.look(bought)

    bill.refresh_from_db()
    assert (bill.amount_due, letters(bought)) == (2500, ["payment_failed"])
