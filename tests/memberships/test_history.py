from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bookwhen.payments.stripe_objects import InvoiceReading
from memberships.history import Happening, KnownInvoice, Snapshot, milestones_between
from memberships.models import MilestoneKind

END = datetime(2030, 2, 15, tzinfo=UTC)
PAID = InvoiceReading(
    id="in_1",
    subscription="sub_1",
    number="A-1",
    status="paid",
    amount_due=4000,
    amount_paid=4000,
    currency="GBP",
    created_at=datetime(2030, 1, 15, tzinfo=UTC),
    hosted_url="https://invoice.test/",
    pdf_url="",
    attempt_count=1,
    next_attempt_at=None,
    billing_reason="subscription_cycle",
)
OPEN = replace(PAID, status="open", amount_paid=0)
DRAFT = replace(OPEN, status="draft", attempt_count=0)
NEW = KnownInvoice()


def kinds(happenings: Iterable[Happening]) -> list[MilestoneKind]:
    return [each.kind for each in happenings]


def snapshot(status: str, *, price: int = 1, ends_at: datetime | None = None) -> Snapshot:
    return Snapshot(status=status, price=price, ends_at=ends_at)


@pytest.mark.parametrize(
    ("before", "after", "known", "invoice", "expected"),
    [
        ("pending", "active", NEW, replace(PAID, billing_reason="subscription_create"), [MilestoneKind.STARTED]),
        ("pending", "trialing", NEW, None, [MilestoneKind.STARTED]),
        ("incomplete", "active", NEW, None, [MilestoneKind.STARTED]),
        ("abandoned", "active", NEW, None, [MilestoneKind.STARTED]),
        ("pending", "incomplete", NEW, OPEN, []),
        ("incomplete", "incomplete_expired", NEW, None, [MilestoneKind.CHECKOUT_LEFT]),
        ("incomplete_expired", "incomplete_expired", NEW, None, []),
        ("pending", "canceled", NEW, None, [MilestoneKind.ENDED]),
        ("active", "active", NEW, DRAFT, []),
        ("active", "active", NEW, PAID, [MilestoneKind.RENEWED]),
        ("trialing", "active", NEW, PAID, [MilestoneKind.RENEWED]),
        ("active", "active", KnownInvoice("paid", 1), PAID, []),
        ("active", "active", KnownInvoice("open", 0), PAID, [MilestoneKind.RENEWED]),
        ("active", "past_due", NEW, OPEN, [MilestoneKind.PAYMENT_FAILED]),
        ("active", "past_due", NEW, None, [MilestoneKind.PAYMENT_FAILED]),
        ("past_due", "past_due", KnownInvoice("open", 1), OPEN, []),
        (
            "past_due",
            "past_due",
            KnownInvoice("open", 1),
            replace(OPEN, attempt_count=2),
            [MilestoneKind.PAYMENT_FAILED],
        ),
        ("past_due", "unpaid", KnownInvoice("open", 1), OPEN, []),
        ("past_due", "active", KnownInvoice("open", 1), PAID, [MilestoneKind.PAID_AGAIN]),
        ("unpaid", "active", NEW, PAID, [MilestoneKind.PAID_AGAIN]),
        ("past_due", "canceled", KnownInvoice("open", 3), OPEN, [MilestoneKind.ENDED]),
        ("canceled", "canceled", NEW, None, []),
        ("active", "canceled", NEW, PAID, [MilestoneKind.ENDED]),
    ],
)
def test_each_change_is_found_once(
    before: str, after: str, known: KnownInvoice, invoice: InvoiceReading | None, expected: list[MilestoneKind]
) -> None:
    assert kinds(milestones_between(snapshot(before), snapshot(after), known, invoice)) == expected


@pytest.mark.parametrize(
    ("invoiced", "expected"),
    [
        (datetime(2030, 1, 15, tzinfo=UTC), MilestoneKind.FIRST_PAID),
        (datetime(2030, 1, 15, 1, tzinfo=UTC), MilestoneKind.FIRST_PAID),
        (datetime(2030, 1, 16, tzinfo=UTC), MilestoneKind.RENEWED),
    ],
)
def test_the_first_payment_after_a_trial_is_no_renewal(invoiced: datetime, expected: MilestoneKind) -> None:
    """Also where it is collected an hour after the trial, when the subscription has long been active."""
    after = Snapshot(status="active", price=1, ends_at=None, trial_end=datetime(2030, 1, 15, tzinfo=UTC))

    assert kinds(milestones_between(after, after, NEW, replace(PAID, created_at=invoiced))) == [expected]


def test_a_scheduled_end_and_its_undoing_are_told() -> None:
    goes_on, ends = snapshot("active"), snapshot("active", ends_at=END)

    assert kinds(milestones_between(goes_on, ends, NEW, None)) == [MilestoneKind.WILL_END]
    assert kinds(milestones_between(ends, ends, NEW, None)) == []
    assert kinds(milestones_between(ends, goes_on, NEW, None)) == [MilestoneKind.KEPT]


def test_somebody_who_cancels_at_once_after_buying_is_told_both() -> None:
    assert kinds(milestones_between(snapshot("pending"), snapshot("active", ends_at=END), NEW, None)) == [
        MilestoneKind.STARTED,
        MilestoneKind.WILL_END,
    ]


def test_what_was_scheduled_and_then_ended_only_ended() -> None:
    assert kinds(milestones_between(snapshot("active", ends_at=END), snapshot("canceled"), NEW, None)) == [
        MilestoneKind.ENDED
    ]


def test_another_price_is_a_change() -> None:
    assert kinds(milestones_between(snapshot("active"), snapshot("active", price=2), NEW, None)) == [
        MilestoneKind.CHANGED
    ]
