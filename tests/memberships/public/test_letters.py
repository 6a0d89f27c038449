"""What a subscription's letters say, each word for word."""

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from accounts.email_queue import post_composed
from accounts.models import Letter, PastDuePolicy, PauseAccess
from bookwhen.payments.stripe_objects import InvoiceReading
from memberships.models import Membership, MilestoneKind, Price, Subscription, SubscriptionSource, SubscriptionStatus
from memberships.notices import write_letter
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory
from tests.factories.schedule import NOW, GroupFactory
from tests.sentences import BOOKINGS_KEPT_UNTIL_PAID

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
SEE = "View invoice: https://invoice.stripe.test/i/1\n\n"
HELLO = "Hello Ada Lovelace,\n\n"


def store_subscription(**fields: Any) -> Subscription:
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
        "status": SubscriptionStatus.ACTIVE,
        "stripe_id": "sub_1",
        "source": SubscriptionSource.CHECKOUT,
        "period_end": datetime(2030, 2, 15, 12, tzinfo=UTC),
        "created_at": NOW,
        **fields,
    }
    customer = CustomerFactory.create(account=account, email="ada@example.org", name="Ada Lovelace")
    return Subscription.objects.create(
        account=account, customer=customer, membership=membership, price=price, page=page, **made
    )


def notify(subscription: Subscription, kind: MilestoneKind, invoice: InvoiceReading | None = None) -> tuple[str, str]:
    """The subject and the text that the customer gets."""
    letter = write_letter(subscription, kind, invoice=invoice, now=NOW)
    assert letter is not None
    post_composed([letter])
    found = Letter.objects.get()
    assert (found.recipient, found.kind) == ("ada@example.org", f"membership_{kind}")
    return found.subject, found.text


@pytest.mark.parametrize(
    ("fields", "payment"),
    [
        ({}, "- Next payment: 15 February 2030\n"),
        (
            {
                "status": "trialing",
                "trial_end": datetime(2030, 1, 22, 12, tzinfo=UTC),
                "period_end": datetime(2030, 1, 22, 12, tzinfo=UTC),
            },
            "- Your trial is free. Your first payment is on 22 January 2030\n",
        ),
        # Its trial was over before we heard of it.
        ({"trial_end": datetime(2030, 1, 2, 12, tzinfo=UTC)}, "- Next payment: 15 February 2030\n"),
        ({"ends_at": datetime(2030, 2, 15, 12, tzinfo=UTC)}, ""),
        ({"ends_at": datetime(2030, 6, 15, 12, tzinfo=UTC)}, "- Next payment: 15 February 2030\n"),
        ({"status": "past_due"}, ""),
        # It begins paused.
        ({"pause_behavior": "void"}, ""),
        ({"pause_behavior": "void", "resumes_at": datetime(2030, 3, 1, tzinfo=UTC)}, "- Next payment: 15 March 2030\n"),
        # Something else that stands beside it is billed sooner.
        ({"next_payment_at": datetime(2030, 1, 20, 12, tzinfo=UTC)}, "- Next payment: 20 January 2030\n"),
    ],
)
def test_started(fields: dict[str, Any], payment: str) -> None:
    assert notify(store_subscription(**fields), MilestoneKind.STARTED) == (
        "Welcome: your membership “Gold” at River & Co has started",
        (
            f"{HELLO}Thank you for joining “Gold” at River & Co. To book members’ tickets, log in with this email "
            f"address.\n\n- £40.00 every month\n{payment}\n"
            "Choose an event: http://testserver/river/\n\n"
            f"Manage your membership: {MINE}\n"
        ),
    )


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("active", "You won’t be charged while it’s paused."),
        ("trialing", "You won’t be charged while it’s paused."),
        ("past_due", "No new payments are taken while it’s paused, but the bill that’s still open has to be paid."),
        ("unpaid", "No new payments are taken while it’s paused, but the bill that’s still open has to be paid."),
    ],
)
def test_a_pause_does_not_forgive_the_bill_that_is_open(status: str, told: str) -> None:
    _subject, text = notify(store_subscription(pause_behavior="void", status=status), MilestoneKind.PAUSED)

    assert told in text


PAUSED: Final = {"pause_behavior": "void", "paid_until": datetime(2030, 1, 15, 12, tzinfo=UTC)}
"""Paused, in a period that was left out."""


@pytest.mark.parametrize(
    ("kind", "told", "never"),
    [
        (
            MilestoneKind.PAID_AGAIN,
            "Your membership is paused, so you can’t book with it yet.",
            "You can book as before",
        ),
        (MilestoneKind.BILL_PAID, "We’ve received £40.00", "you can book"),
        (MilestoneKind.KEPT, "so your membership continues as before", "Your next payment"),
        (MilestoneKind.WILL_END, "It ends on Friday 15 March 2030", "charged"),
    ],
)
def test_nobody_is_promised_access_or_a_payment_in_a_pause(kind: MilestoneKind, told: str, never: str) -> None:
    fields = {"ends_at": datetime(2030, 3, 15, 12, tzinfo=UTC)} if kind is MilestoneKind.WILL_END else {}

    _subject, text = notify(store_subscription(**PAUSED, **fields), kind, INVOICE)

    assert told in text
    assert never not in text


def test_renewed() -> None:
    assert notify(store_subscription(), MilestoneKind.RENEWED, INVOICE) == (
        "Your membership “Gold” at River & Co has renewed",
        (
            f"{HELLO}Thank you. We’ve received £40.00 for “Gold” at River & Co. You’re paid up until 15 "
            "February 2030.\n\n"
            f"{SEE}{LEFT}"
        ),
    )


def test_the_first_payment_after_a_trial() -> None:
    assert notify(store_subscription(), MilestoneKind.FIRST_PAID, INVOICE) == (
        "Your first payment for “Gold” at River & Co",
        (
            f"{HELLO}Thank you. We’ve received £40.00 for “Gold” at River & Co. You’re paid up until 15 "
            "February 2030.\n\n"
            f"{SEE}{LEFT}"
        ),
    )


def test_renewed_without_an_invoice() -> None:
    assert notify(store_subscription(), MilestoneKind.RENEWED)[1] == (
        f"{HELLO}Thank you. “Gold” at River & Co is paid up until 15 February 2030.\n\n{LEFT}"
    )


@pytest.mark.parametrize(
    ("policy", "status", "meanwhile"),
    [
        (PastDuePolicy.KEEP, SubscriptionStatus.PAST_DUE, "You can still book in the meantime."),
        (
            PastDuePolicy.STOP,
            SubscriptionStatus.PAST_DUE,
            BOOKINGS_KEPT_UNTIL_PAID,
        ),
        (
            PastDuePolicy.KEEP,
            SubscriptionStatus.UNPAID,
            BOOKINGS_KEPT_UNTIL_PAID,
        ),
    ],
)
def test_a_payment_failed(policy: PastDuePolicy, status: SubscriptionStatus, meanwhile: str) -> None:
    subscription = store_subscription(status=status)
    subscription.account.past_due_policy = policy

    assert notify(subscription, MilestoneKind.PAYMENT_FAILED, INVOICE) == (
        "Your payment for “Gold” at River & Co didn’t go through",
        (
            f"{HELLO}We couldn’t take £40.00 from your card for “Gold” at River & Co. Your card may have expired, or "
            "your bank may need you to confirm the payment.\n\nPay now: https://invoice.stripe.test/i/1\n\n"
            f"Update your card details: {MINE}\n\n"
            f"If you do nothing, we’ll try your card again on 18 January 2030. {meanwhile}\n"
        ),
    )


def test_a_payment_failed_without_an_invoice() -> None:
    assert notify(store_subscription(status=SubscriptionStatus.PAST_DUE), MilestoneKind.PAYMENT_FAILED)[1] == (
        f"{HELLO}We couldn’t take the payment for “Gold” at River & Co from your card. Your card may have expired, or "
        f"your bank may need you to confirm the payment.\n\nUpdate your card details: {MINE}\n\nYou can still book "
        "in the meantime.\n"
    )


@pytest.mark.parametrize(("invoice", "see"), [(INVOICE, SEE), (None, "")])
def test_paid_again(invoice: InvoiceReading | None, see: str) -> None:
    assert notify(store_subscription(), MilestoneKind.PAID_AGAIN, invoice) == (
        "Payment received: “Gold” at River & Co is active again",
        (
            f"{HELLO}Thank you. We’ve received your payment for “Gold” at River & Co. You can book as before, and "
            f"you’re paid up until 15 February 2030.\n\n{see}{LEFT}"
        ),
    )


def test_it_will_end() -> None:
    assert notify(store_subscription(ends_at=datetime(2030, 2, 15, 12, tzinfo=UTC)), MilestoneKind.WILL_END) == (
        "Your membership “Gold” at River & Co ends on 15 February 2030",
        (
            f"{HELLO}“Gold” at River & Co has been cancelled. You’ll keep it until Friday 15 February 2030, 12:00 "
            "(Europe/London), and you won’t be charged again. What you’ve already paid won’t be refunded.\n\n"
            "Until then, you can book any event that takes place before your membership ends. Any later bookings that "
            "need this membership will be cancelled when it ends.\n\n"
            f"Changed your mind? Keep your membership: {MINE}\n"
        ),
    )


@pytest.mark.parametrize(
    ("status", "payment"),
    [(SubscriptionStatus.ACTIVE, " Your next payment is on 15 February 2030."), (SubscriptionStatus.PAST_DUE, "")],
)
def test_it_is_kept(status: SubscriptionStatus, payment: str) -> None:
    assert notify(store_subscription(status=status), MilestoneKind.KEPT) == (
        "You’re keeping your membership “Gold” at River & Co",
        (
            f"{HELLO}The cancellation of “Gold” at River & Co has been undone, so your membership continues as "
            f"before.{payment}\n\n{LEFT}"
        ),
    )


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("cancellation_requested", "has ended. Thank you for being a member."),
        ("payment_failed", "has ended because we couldn’t take your payment."),
    ],
)
def test_it_has_ended(reason: str, said: str) -> None:
    assert notify(
        store_subscription(status=SubscriptionStatus.CANCELED, cancel_reason=reason), MilestoneKind.ENDED
    ) == (
        "Your membership “Gold” at River & Co has ended",
        (
            f"{HELLO}“Gold” at River & Co {said}\n\nIt won’t renew again. Any bookings that need this "
            "membership are cancelled. If you have any, we’ll list them in a separate email.\n\n"
            "Join again any time: http://testserver/river/memberships/\n\n"
            f"See your memberships and invoices: {MINE}\n"
        ),
    )


def test_it_has_ended_and_is_not_sold_any_more() -> None:
    subscription = store_subscription(status=SubscriptionStatus.CANCELED)
    subscription.membership.published = False

    assert "Come back" not in notify(subscription, MilestoneKind.ENDED)[1]


def test_somebody_without_a_name_is_not_greeted_by_it() -> None:
    subscription = store_subscription()
    subscription.customer.name = ""

    assert notify(subscription, MilestoneKind.STARTED)[1].startswith("Thank you for joining “Gold”")


@pytest.mark.parametrize(
    "kind",
    [
        MilestoneKind.CHECKOUT_OPENED,
        MilestoneKind.CHECKOUT_LEFT,
        MilestoneKind.ASKED_TO_CHANGE,
        MilestoneKind.ASKED_TO_END,
    ],
)
def test_of_everything_else_nobody_is_written_to(kind: MilestoneKind) -> None:
    assert write_letter(store_subscription(), kind, invoice=None, now=NOW) is None


PAID_TO = datetime(2030, 2, 15, 12, tzinfo=UTC)
MEMBERSHIP = f"See your membership: {MINE}\n"


def pause_fields(**fields: Any) -> dict[str, Any]:
    """What is known of a membership that is paused until 3 May 2030, from within a period that is paid for."""
    return {
        "pause_behavior": "void",
        "paid_until": PAID_TO,
        "resumes_at": datetime(2030, 5, 3, tzinfo=UTC),
        "billing_anchor": datetime(2030, 1, 15, 12, tzinfo=UTC),
        **fields,
    }


@pytest.mark.parametrize(
    ("access", "fields", "subject", "text"),
    [
        (
            PauseAccess.PERIOD_END,
            {},
            "Your membership “Gold” at River & Co is paused until 3 May 2030",
            (
                "“Gold” at River & Co is paused until Friday 3 May 2030. You won’t be charged while it’s paused. "
                "Your next payment is on 15 May 2030.\n\nWhat you’ve already paid for is yours to use: you can book "
                "events that take place before 15 February 2030. You can book with it again from 15 May 2030."
            ),
        ),
        (
            PauseAccess.START,
            {"resumes_at": None},
            "Your membership “Gold” at River & Co is paused",
            (
                "“Gold” at River & Co is paused until it’s resumed. You won’t be charged while it’s paused.\n\n"
                "You can’t make new bookings with it during the pause."
            ),
        ),
    ],
)
def test_p12_paused_says_until_when_what_is_charged_and_what_rests(
    access: PauseAccess, fields: dict[str, Any], subject: str, text: str
) -> None:
    subscription = store_subscription(**pause_fields(**fields))
    subscription.account.pause_access = access

    assert notify(subscription, MilestoneKind.PAUSED) == (subject, f"{HELLO}{text}\n\n{MEMBERSHIP}")


@pytest.mark.parametrize(
    ("fields", "then"),
    [
        ({"paid_until": None}, "You can book with it again now."),
        (
            {"paid_until": datetime(2030, 1, 15, 12, tzinfo=UTC)},
            "The current period wasn’t charged, so you can book with it again once that payment has been made.",
        ),
    ],
)
def test_p12_resumed_says_what_comes_next(fields: dict[str, Any], then: str) -> None:
    subscription = store_subscription(**pause_fields(pause_behavior="", resumes_at=None) | fields)

    assert notify(subscription, MilestoneKind.RESUMED) == (
        "Your membership “Gold” at River & Co is no longer paused",
        (
            f"{HELLO}“Gold” at River & Co is no longer paused. Your next payment is on 15 February 2030.\n\n{then}\n\n"
            f"{LEFT}"
        ),
    )
