"""S3: a copy of the database under another site speaks to nobody outside, marks nothing as failed, and says so."""

import logging
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Letter, Staff
from bookwhen.celery import app
from bookwhen.environment import NO_SITE
from bookwhen.installation import copies
from bookwhen.installation.copies import Copy, site_key
from bookwhen.installation.models import Installation
from bookwhen.jobs.schedule import JOBS
from memberships.models import Invoice, Subscription
from tests.browsing import form_fields, open_browser, page_text, shown_messages
from tests.factories.payments import deliver_event, event_json
from tests.installation.conftest import PRODUCTION, STAGING, Studio
from tickets.models import Booking, BookingState, Refund, RefundState

pytestmark = pytest.mark.django_db

QUIET = f"This is a copy of {PRODUCTION}, so it doesn’t contact Stripe or send emails."


def run_a_round(studio: Studio) -> None:
    """Everything that beat starts in a day, and what is queued for single rows."""
    app.loader.import_default_modules()
    for job in JOBS:
        app.tasks[job].apply(throw=True)
    for name, rows in (
        ("accounts.tasks.send_letter", list(Letter.objects.waiting().values_list("pk", flat=True))),
        ("tickets.tasks.send_refund", [studio.refund.pk]),
        ("bookwhen.payments.tasks.process_stripe_event", [studio.event.pk]),
    ):
        for pk in rows:
            app.tasks[name].apply((pk,), throw=True)


def what_waits(studio: Studio) -> dict[str, Any]:
    """All that a round must leave as it is."""
    connection = studio.account.connection
    assert connection is not None
    for row in (studio.event, studio.refund, studio.subscription):
        row.refresh_from_db()
    return {
        "letters": studio.letters(),
        "attempts": sum(Letter.objects.values_list("attempts", flat=True)),
        "refund": (studio.refund.state, studio.refund.tries, studio.refund.due_at, studio.refund.trouble),
        "event": (studio.event.state, studio.event.attempts, studio.event.due_at),
        "paying": Booking.objects.values_list("state", "held_until").get(pk=studio.paying.pk),
        "connection": (connection.trouble, connection.webhook_endpoint, connection.caught_up_at),
        "subscription": (studio.subscription.status, studio.subscription.ends_at),
    }


def test_a_round_of_every_job_reaches_nobody_and_changes_nothing(copied: Studio) -> None:
    before = what_waits(copied)

    run_a_round(copied)

    assert (copied.calls(), copied.mail.calls) == (0, [])
    assert what_waits(copied) == before
    assert (before["refund"][0], before["paying"][0]) == (RefundState.QUEUED, BookingState.PAYING)
    assert {state for _kind, state in copied.letters()} == {"waits"}


def test_the_same_round_at_home_reaches_both(studio: Studio) -> None:
    run_a_round(studio)

    assert studio.calls() > 5
    assert len(studio.mail.letters) == len(studio.letters()) > 0
    assert {state for _kind, state in studio.letters()} == {"sent"}
    assert Refund.objects.get().state != RefundState.QUEUED


def operator_posts(studio: Studio) -> list[tuple[str, dict[str, int]]]:
    """Every button of the dashboard that asks something of Stripe."""
    sold, price = studio.subscription.pk, studio.till.seller.price
    membership = {"pk": price.membership_id}
    return [
        ("payments_test", {}),
        ("payments_endpoint", {}),
        ("payments_catch_up", {}),
        ("payments_compare", {}),
        ("payments_key", {}),
        ("subscription_cancel", {"pk": sold}),
        ("subscription_keep", {"pk": sold}),
        ("price_archive", {**membership, "price": price.pk}),
        ("price_new", membership),
        ("membership_edit", membership),
        ("payment_refund", {"pk": studio.paid.pk}),
    ]


FILLED = {
    "key": "sk_test_another",
    "when": "now",
    "how": "now",
    "title": "Another",
    "amount": "10.00",
    "interval": "month",
    "interval_count": "1",
    "reason": "none",
}


def test_no_button_of_the_dashboard_reaches_stripe(copied: Studio) -> None:
    owner = open_browser(Staff.objects.get().user)

    for name, where in operator_posts(copied):
        address = reverse(f"dashboard:{name}", kwargs={"account": copied.account.slug, **where})
        assert owner.post(address, FILLED).status_code < 500, name

    assert (copied.calls(), copied.mail.calls) == (0, [])


@pytest.mark.parametrize("name", ["payments_test", "payments_endpoint", "payments_catch_up", "payments_compare"])
def test_a_button_says_why_it_did_nothing(copied: Studio, name: str) -> None:
    owner = open_browser(Staff.objects.get().user)

    answer = owner.post(reverse(f"dashboard:{name}", args=[copied.account.slug]))

    assert shown_messages(answer) == [QUIET]
    assert what_waits(copied)["connection"][0] == ""


def test_no_key_is_tried(copied: Studio) -> None:
    copied.till.account.connection = None
    copied.till.account.save()
    owner = open_browser(Staff.objects.get().user)

    page = owner.post(reverse("dashboard:payments", args=[copied.account.slug]), {"key": copied.till.seller.key})

    assert QUIET in page_text(page)
    assert copied.calls() == 0


def test_who_wants_to_pay_is_told(copied: Studio) -> None:
    customer = copied.till.customer_with_login()
    entry = copied.till.entry()
    basket = copied.till.fill(entry, copied.till.ticket(entry), customer=customer)
    shopper = open_browser(customer)
    seen = copied.till.refresh(basket).basket_version

    page = shopper.post(
        reverse("public:basket_pay", args=[copied.till.page.slug]), {"basket": str(basket.uuid), "basket_version": seen}
    )

    assert page.status_code == 503
    assert f"{QUIET} Nothing can be paid here, and nothing has been changed or charged." in page_text(page)
    basket.refresh_from_db()
    assert (basket.state, copied.calls()) == (BookingState.BASKET, 0)


def test_a_real_bill_is_not_paid_from_a_copy(copied: Studio) -> None:
    Subscription.objects.update(status="past_due")
    Invoice.objects.update(status="open", hosted_url="https://invoice.example/1")
    theirs = open_browser(copied.subscription.customer)

    answer = theirs.post(reverse("my_membership_pay", args=[copied.subscription.uuid]), follow=True)

    assert QUIET in page_text(answer)
    assert copied.calls() == 0


@pytest.mark.parametrize("name", ["my_membership_cancel", "my_membership_card"])
def test_who_has_a_membership_reaches_nobody(copied: Studio, name: str) -> None:
    theirs = open_browser(copied.subscription.customer)
    address = reverse(name, args=[copied.subscription.uuid])
    shown = theirs.get(address)

    answer = theirs.post(address, form_fields(shown) if shown.status_code == 200 else {}, follow=True)

    assert QUIET in page_text(answer)
    assert copied.calls() == 0
    copied.subscription.refresh_from_db()
    assert copied.subscription.ends_at is None


def test_stripe_is_asked_to_call_again_later(copied: Studio) -> None:
    connection = copied.account.connection
    assert connection is not None

    assert deliver_event(event_json(), to=connection) == 503
    assert connection.events.count() == 1


def test_the_mail_provider_is_asked_to_call_again_later(copied: Studio, client: Client, settings: Settings) -> None:
    settings.EMAIL_PROVIDER = "postmark"

    assert client.post(reverse("email_webhook"), {}).status_code == 503


def said(answer: Any) -> str:
    return page_text(answer).replace(" .", ".").replace(" ,", ",")


def test_every_page_says_so(copied: Studio, client: Client) -> None:
    owner = open_browser(Staff.objects.get().user)

    dashboard = said(owner.get(reverse("dashboard:overview", args=[copied.account.slug])))
    login = said(client.get(reverse("account_login")))
    schedule = said(client.get(reverse("public:schedule", args=[copied.till.page.slug])))

    told = f"This is a copy of {PRODUCTION}. Please book there: no emails are sent from here, and you can’t pay here."
    assert (
        f"You’re at {STAGING}, but the database belongs to {PRODUCTION}. Emails wait, nothing can be paid" in dashboard
    )
    assert "manage.py adopt_site" in dashboard
    assert told in login
    assert told in schedule


def test_at_home_no_page_says_so(studio: Studio, client: Client) -> None:
    assert "copy" not in page_text(client.get(reverse("public:schedule", args=[studio.till.page.slug])))


def test_readiness_the_check_and_the_log_say_so(
    copied: Studio, client: Client, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO, logger="bookwhen.installation"):
        ready = client.get("/health/ready/")
        client.get("/health/ready/")
        call_command("check", databases=["default"])

    assert (ready.status_code, ready.json()) == (
        200,
        {"database": True, "redis": True, "jobs_late_since": None, "clock": True, "copy_of": PRODUCTION},
    )
    assert [record.getMessage() for record in caplog.records] == [
        (
            f"This is {STAGING}, but its database belongs to {PRODUCTION}. Nothing is sent to Stripe or by email. "
            "If this is the real site, run manage.py adopt_site."
        )
    ]
    assert f"installation.W001) This is {STAGING}, but its database belongs to {PRODUCTION}" in capsys.readouterr().err


def test_a_page_asks_the_database_once_in_a_while(
    copied: Studio, client: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert copies.quiet_copy() == Copy(PRODUCTION, STAGING)
    with django_assert_num_queries(0):
        assert copies.is_quiet()


@pytest.mark.parametrize(
    "address",
    [
        "https://river.example/",
        "http://river.example",
        "HTTPS://River.Example",
        "https://river.example:443",
        "http://river.example:80/",
        "https://river.example.",
    ],
)
def test_the_same_site_written_otherwise_is_no_copy(at_production: None, settings: Settings, address: str) -> None:
    settings.SITE_URL = address

    assert copies.find_copy() is None


@pytest.mark.parametrize(
    "address",
    [
        "https://staging.river.example",
        "https://river.example:8443",
        "https://river.example/staging",
        "http://127.0.0.1:8000",
        "https://river.exampl",
    ],
)
def test_another_site_is_a_copy(at_production: None, settings: Settings, address: str) -> None:
    settings.SITE_URL = address

    assert copies.find_copy() == Copy(PRODUCTION, address)


def test_the_first_process_claims_a_database_and_the_second_finds_it_taken(db: None, settings: Settings) -> None:
    settings.COPIES_ARE_QUIET = True
    Installation.objects.update(site_url="")
    settings.SITE_URL = PRODUCTION
    assert copies.find_copy() is None

    settings.SITE_URL = STAGING
    assert copies.find_copy() == Copy(PRODUCTION, STAGING)
    copies.forget()


def test_migrating_claims_the_database(db: None, settings: Settings) -> None:
    Installation.objects.update(site_url="")
    settings.SITE_URL = PRODUCTION

    call_command("migrate", "installation", verbosity=0)

    assert Installation.objects.get().site_url == PRODUCTION


def test_who_migrates_without_saying_the_site_does_not_make_the_real_one_a_copy(db: None, settings: Settings) -> None:
    settings.COPIES_ARE_QUIET = True
    Installation.objects.update(site_url="")
    settings.SITE_URL = NO_SITE
    call_command("migrate", "installation", verbosity=0)
    call_command("check", databases=["default"])
    assert copies.find_copy() is None

    settings.SITE_URL = PRODUCTION
    assert copies.find_copy() is None
    assert Installation.objects.get().site_url == PRODUCTION

    settings.SITE_URL = NO_SITE
    assert copies.find_copy() == Copy(PRODUCTION, NO_SITE)
    copies.forget()


def test_the_key_of_a_site_has_no_scheme_and_no_usual_port() -> None:
    assert site_key("https://Book.River.example:443/studio/") == "book.river.example/studio"
