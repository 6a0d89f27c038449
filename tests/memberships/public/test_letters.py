"""What a subscription's letters say, each word for word."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Letter, Unpaid
from bookwhen.payments.stripe_objects import InvoiceReading
from memberships.models import Kind, Membership, Price, Source, Status, Subscription
from memberships.notices import tell
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory
from tests.factories.schedule import NOW, GroupFactory

pytestmark = pytest.mark.django_db

INVOICE = InvoiceReading(
    id="in_1",
    subscription="sub_1",
    number="R-0001",
    status="open",
    amount_due=4000,
    amount_paid=4000,
    currency="GBP",
    created_at=NOW,
    hosted_url="https://invoice.stripe.test/i/1",
    pdf_url="https://invoice.stripe.test/i/1.pdf",
    attempt_count=1,
    next_attempt_at=datetime(2030, 1, 18, 9, tzinfo=UTC),
    billing_reason="subscription_cycle",
)
MINE = "http://testserver/my/memberships/"
LEFT = f"See your membership and what you have left: {MINE}\n"
SEE = "See the invoice: https://invoice.stripe.test/i/1\n\n"
HELLO = "Hello Ada Lovelace,\n\n"


def sold(**fields: Any) -> Subscription:
    """Ada's Gold at River & Co, paid for until 15 February 2030."""
    account = AccountFactory.create(name="River & Co", slug="river")
    page = SchedulePageFactory.create(account=account, slug="river")
    membership = Membership.objects.create(
        account=account, group=GroupFactory.create(account=account), title="Gold", published=True, created_at=NOW
    )
    price = Price.objects.create(
        account=account, membership=membership, title="Monthly", amount=4000, currency="GBP", created_at=NOW
    )
    made = {
        "status": Status.ACTIVE,
        "stripe_id": "sub_1",
        "source": Source.CHECKOUT,
        "period_end": datetime(2030, 2, 15, 12, tzinfo=UTC),
        "created_at": NOW,
        **fields,
    }
    customer = CustomerFactory.create(account=account, email="ada@example.org", name="Ada Lovelace")
    return Subscription.objects.create(
        account=account, customer=customer, membership=membership, price=price, page=page, **made
    )


def letter(subscription: Subscription, kind: Kind, invoice: InvoiceReading | None = None) -> tuple[str, str]:
    """The subject and the text that the customer gets."""
    tell(subscription, kind, invoice=invoice, now=NOW)
    found = Letter.objects.get()
    assert (found.recipient, found.kind) == ("ada@example.org", f"membership_{kind}")
    return found.subject, found.text


@pytest.mark.parametrize(
    ("fields", "payment"),
    [
        ({}, "- Next payment: 15 February 2030\n"),
        (
            {"trial_end": datetime(2030, 1, 22, 12, tzinfo=UTC)},
            "- Your trial is free; the first payment is on 22 January 2030\n",
        ),
        ({"ends_at": datetime(2030, 2, 15, 12, tzinfo=UTC)}, ""),
    ],
)
def test_started(fields: dict[str, Any], payment: str) -> None:
    assert letter(sold(**fields), Kind.STARTED) == (
        "Welcome: your membership “Gold” at River & Co has started",
        (
            f"{HELLO}Thank you for joining. “Gold” at River & Co is yours from now on: log in with this "
            "e-mail address, and "
            f"the tickets for its members are yours to book.\n\n- £40.00 every month\n{payment}\n"
            "Choose a class: http://testserver/river/\n\n"
            f"See your membership, its invoices and your card, or cancel: {MINE}\n"
        ),
    )


def test_renewed() -> None:
    assert letter(sold(), Kind.RENEWED, INVOICE) == (
        "Your membership “Gold” at River & Co was renewed",
        (
            f"{HELLO}Thank you. We have received £40.00 for “Gold” at River & Co: it is paid for until 15 "
            "February 2030.\n\n"
            f"{SEE}{LEFT}"
        ),
    )


def test_the_first_payment_after_a_trial() -> None:
    assert letter(sold(), Kind.FIRST_PAID, INVOICE) == (
        "Your first payment for “Gold” at River & Co",
        (
            f"{HELLO}Thank you. We have received £40.00 for “Gold” at River & Co: it is paid for until 15 "
            "February 2030.\n\n"
            f"{SEE}{LEFT}"
        ),
    )


def test_renewed_without_an_invoice() -> None:
    assert letter(sold(), Kind.RENEWED)[1] == (
        f"{HELLO}Thank you. “Gold” at River & Co is paid for until 15 February 2030.\n\n{LEFT}"
    )


@pytest.mark.parametrize(
    ("policy", "status", "meanwhile"),
    [
        (Unpaid.KEEP, Status.PAST_DUE, "Meanwhile you can book as before."),
        (Unpaid.STOP, Status.PAST_DUE, "Your bookings are kept, but new ones wait until you have paid."),
        (Unpaid.KEEP, Status.UNPAID, "Your bookings are kept, but new ones wait until you have paid."),
    ],
)
def test_a_payment_failed(policy: Unpaid, status: Status, meanwhile: str) -> None:
    subscription = sold(status=status)
    subscription.account.unpaid_members = policy

    assert letter(subscription, Kind.PAYMENT_FAILED, INVOICE) == (
        "Your payment for “Gold” at River & Co did not go through",
        (
            f"{HELLO}We could not take £40.00 for “Gold” at River & Co from your card. Often the card has "
            "expired, or the "
            "bank wants you to confirm.\n\nPay now: https://invoice.stripe.test/i/1\n\n"
            f"Use another card from now on: {MINE}\n\n"
            f"If you do nothing, we try your card again on 18 January 2030. {meanwhile}\n"
        ),
    )


def test_a_payment_failed_without_an_invoice() -> None:
    assert letter(sold(status=Status.PAST_DUE), Kind.PAYMENT_FAILED)[1] == (
        f"{HELLO}We could not take the payment for “Gold” at River & Co from your card. Often the card has "
        "expired, or the "
        f"bank wants you to confirm.\n\nUse another card from now on: {MINE}\n\nMeanwhile you can book as before.\n"
    )


@pytest.mark.parametrize(("invoice", "see"), [(INVOICE, SEE), (None, "")])
def test_paid_again(invoice: InvoiceReading | None, see: str) -> None:
    assert letter(sold(), Kind.PAID_AGAIN, invoice) == (
        "All is well again with “Gold” at River & Co",
        (
            f"{HELLO}Thank you, your payment for “Gold” at River & Co has arrived. You can book as before; "
            "it is paid for "
            f"until 15 February 2030.\n\n{see}{LEFT}"
        ),
    )


def test_it_will_end() -> None:
    assert letter(sold(ends_at=datetime(2030, 2, 15, 12, tzinfo=UTC)), Kind.WILL_END) == (
        "Your membership “Gold” at River & Co ends on 15 February 2030",
        (
            f"{HELLO}“Gold” at River & Co was cancelled. You keep it until Friday 15 February 2030, 12:00 "
            "(Europe/London), and "
            "no further period will be charged. What you have paid is not refunded.\n\n"
            "Until then you can book everything that takes place before it ends. Places that you have "
            "booked for later, and "
            "that only this membership gives you, are released then.\n\n"
            f"Changed your mind? Keep your membership: {MINE}\n"
        ),
    )


@pytest.mark.parametrize(
    ("status", "payment"),
    [(Status.ACTIVE, " The next payment is on 15 February 2030."), (Status.PAST_DUE, "")],
)
def test_it_is_kept(status: Status, payment: str) -> None:
    assert letter(sold(status=status), Kind.KEPT) == (
        "You keep your membership “Gold” at River & Co",
        f"{HELLO}The cancellation of “Gold” at River & Co was taken back: it goes on as before.{payment}\n\n{LEFT}",
    )


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("cancellation_requested", "has ended. Thank you for having been with us."),
        ("payment_failed", "has ended, because its payment did not arrive."),
    ],
)
def test_it_has_ended(reason: str, said: str) -> None:
    assert letter(sold(status=Status.CANCELED, cancel_reason=reason), Kind.ENDED) == (
        "Your membership “Gold” at River & Co has ended",
        (
            f"{HELLO}“Gold” at River & Co {said}\n\nIt will not renew again. Places that only this "
            "membership gave you are "
            "released; if there are any, a separate e-mail lists them.\n\n"
            "Come back any time: http://testserver/river/memberships/\n\n"
            f"See your memberships and invoices: {MINE}\n"
        ),
    )


def test_it_has_ended_and_is_not_sold_any_more() -> None:
    subscription = sold(status=Status.CANCELED)
    subscription.membership.published = False

    assert "Come back" not in letter(subscription, Kind.ENDED)[1]


def test_somebody_without_a_name_is_not_greeted_by_it() -> None:
    subscription = sold()
    subscription.customer.name = ""

    assert letter(subscription, Kind.STARTED)[1].startswith("Thank you for joining.")


@pytest.mark.parametrize("kind", [Kind.CHECKOUT_OPENED, Kind.CHECKOUT_LEFT, Kind.CHANGED, Kind.ASKED_TO_END])
def test_of_everything_else_nobody_is_written_to(kind: Kind) -> None:
    tell(sold(), kind, invoice=None, now=NOW)

    assert Letter.objects.count() == 0
