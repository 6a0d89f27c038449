"""The demo studio: what is loaded, what was bought from it through the Stripe sandbox, and later starts."""

import pickle
import time
from collections import Counter
from collections.abc import Generator
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Count, F, Q
from django.test import Client, override_settings
from django.urls import reverse
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Account, Customer, Letter, SchedulePage, User
from bookwhen.payments import connections
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.models import Connection, StripeEvent
from bookwhen.sandbox.demo import subscribers
from bookwhen.sandbox.demo.loading import AT_THE_LIMIT, LETTERS, UNSENT, load
from bookwhen.sandbox.demo.logins import MEMBER, OWNER, PASSWORD, STRANGER
from bookwhen.sandbox.demo.programme import AHEAD, PROGRAMME
from bookwhen.sandbox.prepare import load_demo
from bookwhen.sandbox.stripe import Sandbox, keeping
from groups.models import Group, Member, Standing
from groups.queries import members_of, standing_at
from memberships.models import LIVE, Difference, Membership, Price, Subscription
from memberships.purchases import begin_purchase
from memberships.queries import count_by_state, payable_invoice, subscriptions_of
from memberships.reconciliation import reconcile
from offers.models import Offer, OfferUse, UsagePeriod
from offers.periods import local_day
from tests.demo_facts import count_everything, list_memberships, weeks_ahead
from tests.factories.schedule import NOW
from tickets.models import Entry, EntryPlaces, Party, Payment, Refund, Seat, Series, Ticket, TicketPlaces
from tickets.money.pricing import LineItem, quote_items

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def started() -> Generator[Sandbox]:
    """A sandbox in which it is NOW."""
    with Sandbox.start() as sandbox, override_settings(STRIPE_API_BASE=sandbox.url):
        sandbox.platform.offset = int(NOW.timestamp() - time.time())
        sandbox.arm("drop", times=1_000_000)
        yield sandbox
        assert sandbox.complaints == []


@pytest.fixture(scope="module", autouse=True)
def _studio(django_db_setup: None, django_db_blocker: DjangoDbBlocker, started: Sandbox) -> Generator[None]:
    """Load the demo once for this module: it is a whole season, and months at Stripe."""
    of_the_tests: Any = transaction.atomic()
    # As Django's own: nobody else waits for what these tests hold while Stripe answers.
    of_the_tests._from_testcase = True  # noqa: SLF001 - only by this name
    with django_db_blocker.unblock(), of_the_tests:
        load(now=NOW)
        assert subscribers.load(now=NOW) == ""
        yield
        transaction.set_rollback(True)


@pytest.fixture
def sandbox(started: Sandbox) -> Generator[Sandbox]:
    """The demo's sandbox, which is afterwards as it was before."""
    with started.platform.lock:
        kept = pickle.dumps(keeping.state(started.platform))
    yield started
    with started.platform.lock:
        keeping.resume(started.platform, pickle.loads(kept))  # noqa: S301 - our own, of a moment ago


@pytest.fixture
def account() -> Account:
    return Account.objects.select_related("connection").get(slug="demo")


@pytest.fixture
def connection(account: Account) -> Connection:
    assert account.connection is not None
    return account.connection


def test_outside_a_demo_nothing_is_loaded(settings: Settings) -> None:
    settings.DEMO = False

    with pytest.raises(SystemExit, match="DEMO isn’t set"):
        load_demo()


def test_every_weekly_class_goes_on_for_eight_weeks_and_more(account: Account) -> None:
    weekly = [each for each in PROGRAMME if each.weeks is None]

    assert len(weekly) == len(weeks_ahead(account)) == 13
    assert min(weeks_ahead(account).values()) >= 8
    assert Entry.objects.filter(account=account, starts_at__lt=NOW).count() >= 4 * len(weekly)


def test_counters_equal_lines() -> None:
    entries = EntryPlaces.objects.annotate(lines=Count("entry__seats", filter=Q(entry__seats__cancelled_at=None)))
    tickets = {(row.ticket_id, row.entry_id): row.taken for row in TicketPlaces.objects.filter(taken__gt=0)}
    parties = {(row.entry_id, row.customer_id): row.seats for row in Party.objects.filter(seats__gt=0)}
    live = Seat.objects.filter(cancelled_at=None)

    assert entries.exclude(taken=F("lines")).count() == 0
    assert tickets == Counter(live.values_list("ticket_id", "entry_id"))
    assert parties == Counter(live.filter(use__isnull=False).values_list("entry_id", "customer_id"))
    periods = UsagePeriod.objects.annotate(lines=Count("uses", filter=Q(uses__ended_at=None)))
    assert periods.exclude(used=F("lines")).count() == 0


def test_there_is_something_of_everything(account: Account) -> None:
    ahead = EntryPlaces.objects.filter(entry__account=account, entry__starts_at__gt=NOW)
    seats = Seat.objects.filter(account=account)

    assert Customer.objects.filter(account=account).count() >= 150
    assert ahead.filter(taken=F("capacity")).count() >= 2
    assert ahead.filter(taken=F("capacity") - 1).exists()
    assert Entry.objects.filter(account=account, cancelled_at__isnull=False).count() == 1
    assert set(seats.values_list("booking__channel", "cancelled_by")) >= {
        ("customer", ""),
        ("customer", "customer"),
        ("studio", ""),
        ("studio", "studio"),
    }
    assert OfferUse.objects.filter(ended_at=None, seat__in=seats.exclude(cancelled_at=None).values("uuid")).exists()
    kinds = {
        (offer.enabled, offer.audience, offer.additional_attendees, offer.limit, offer.ongoing)
        for offer in Offer.objects.filter(account=account, kind="exclusive")
    }
    assert kinds == {
        (True, "personal", 0, None, True),
        (False, "additional", 1, 2, True),
        (True, "personal", 0, 10, True),
        (True, "additional", 3, 24, True),
        (True, "personal", 0, 5, False),
    }


def test_tickets_cost_what_they_would_and_discounts_are_of_every_kind(account: Account) -> None:
    tickets = Ticket.objects.filter(account=account)
    offers = Offer.objects.filter(account=account, kind="discount").order_by("pk")

    assert set(tickets.values_list("name", "cost", "price")) == {
        ("Drop-in", "cost", 1200),
        ("Drop-in", "free", 0),
        ("A chair at the side", "none", 0),
        ("Member’s place", "none", 0),
        ("Family place", "none", 0),
        ("Teacher’s place", "none", 0),
        ("Workshop place", "cost", 3200),
        ("Workshop place", "cost", 3600),
        ("Workshop place", "cost", 1800),
        ("Workshop place", "cost", 6450),
        ("Early bird", "cost", 5200),
        ("Member’s workshop place", "cost", 800),
    }
    assert [
        (offer.group.name, offer.percent, offer.amount_off, offer.additional_attendees, offer.limit, offer.enabled)
        for offer in offers
    ] == [
        ("Unlimited members", 20, None, 1, None, True),
        ("Ten a month", 25, None, 0, 2, True),
        ("Family & friends", None, 300, 3, None, True),
    ]


def test_some_tickets_were_paid_and_one_refunded(account: Account) -> None:
    paid = Payment.objects.filter(account=account).order_by("pk")
    member = Customer.objects.get(account=account, user__email=MEMBER)

    assert list(paid.values_list("state", "amount", "refunded")) == [
        ("paid", 7200, 3600),
        ("paid", 2700, 0),
        ("paid", 2400, 0),
    ]
    assert list(Refund.objects.filter(payment__in=paid).values_list("state", "amount")) == [("done", 3600)]
    [seat] = member.seats.filter(payment__isnull=False)
    assert (seat.price, seat.amount, seat.is_for_booker, seat.discount_use is not None) == (3600, 2700, True, True)


def test_a_member_pays_less_for_a_workshop(account: Account) -> None:
    member = Customer.objects.get(account=account, user__email=MEMBER)
    entry = Entry.objects.select_related("account").get(account=account, title__startswith="Walk, Rest")
    ticket = entry.series.tickets.get(name="Workshop place")

    [quoted] = quote_items([LineItem(entry=entry, ticket=ticket, is_for_booker=True)], member, now=NOW)

    assert (quoted.price, quoted.amount) == (6450, 4837)


def test_nobody_is_flooded_with_letters() -> None:
    of_memberships = Letter.objects.filter(kind__startswith="membership_")
    booked_by_subscribers, of_purchases = 15, 4

    assert of_memberships.count() == 31
    assert Letter.objects.count() == LETTERS + 31 + booked_by_subscribers + of_purchases
    assert Letter.objects.filter(sent_at=None).count() == UNSENT


def test_every_login_works(client: Client) -> None:
    for email in (OWNER, MEMBER, STRANGER):
        answer = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
        assert (email, answer.status_code) == (email, 302)
        assert EmailAddress.objects.get(email=email).verified
        client.logout()


def test_the_owner_has_the_dashboard(client: Client) -> None:
    client.force_login(User.objects.get(email=OWNER))

    assert client.get(reverse("dashboard:overview", args=["demo"])).status_code == 200


def test_the_member_has_used_four_of_ten_and_the_stranger_is_in_no_group(account: Account) -> None:
    today = local_day(NOW, account.zone)
    current = UsagePeriod.objects.filter(starts_on__lte=today, ends_on__gt=today)
    member = Customer.objects.get(user__email=MEMBER)

    assert [
        (period.used, period.ceiling, period.offer.group.name)
        for period in current.filter(member__customer=member, offer__kind="exclusive")
    ] == [(4, 10, "Ten a month")]
    assert member.seats.filter(cancelled_at=None, entry__starts_at__gt=NOW, payment=None).count() == 3
    assert current.get(member__customer__email=AT_THE_LIMIT).used == 10
    assert Member.objects.filter(customer__email=STRANGER).count() == 0
    assert [group.name for group in Group.objects.order_by("name") if members_of(group, now=NOW).exists()] == [
        "Family & friends",
        "Summer pass",
        "Teachers",
        "Ten a month",
        "Trial week",
        "Unlimited members",
    ]


def test_a_second_start_adds_nothing(account: Account) -> None:
    before, entries = count_everything(), Entry.objects.count()

    load(now=NOW + timedelta(hours=1))

    assert (count_everything(), Entry.objects.count()) == (before, entries)


def test_a_start_three_weeks_later_adds_the_missing_weeks_alone(account: Account) -> None:
    before, ahead, entries = count_everything(), weeks_ahead(account), Entry.objects.count()

    load(now=NOW + timedelta(weeks=3))

    assert count_everything() == before
    assert weeks_ahead(account) == {series: weeks + 3 for series, weeks in ahead.items()}
    assert Entry.objects.count() == entries + 3 * len(ahead)
    horizon = local_day(NOW + timedelta(weeks=3), account.zone) + AHEAD
    assert local_day(Entry.objects.latest("starts_at").starts_at, account.zone) <= horizon


def test_a_series_that_somebody_made_is_not_lengthened(account: Account) -> None:
    own = Series.objects.filter(account=account).exclude(rule="").earliest("pk")
    Series.objects.filter(pk=own.pk).update(created_at=NOW)
    count = own.entries.count()

    load(now=NOW + timedelta(weeks=3))

    assert own.entries.count() == count


def test_a_start_restores_the_logins_and_nothing_else(account: Account) -> None:
    user = User.objects.get(email=MEMBER)
    user.set_password("another one")
    user.is_active = False
    user.name = "Somebody"
    user.save()
    EmailAddress.objects.filter(user=user).delete()
    SchedulePage.objects.filter(slug="demo").update(title="Renamed")
    others = User.objects.get(email=OWNER).password

    load(now=NOW)

    user.refresh_from_db()
    assert (user.check_password(PASSWORD), user.is_active, user.name) == (True, True, "Somebody")
    assert EmailAddress.objects.get(user=user).verified
    assert SchedulePage.objects.get(slug="demo").title == "Renamed"
    assert User.objects.get(email=OWNER).password == others


def test_memberships_are_on_sale(account: Account) -> None:
    unlimited = ("Unlimited", [("Monthly", 6500, "month", 0), ("Yearly", 65000, "year", 0)])

    assert list_memberships(account, "demo") == [
        ("Family", [("Monthly", 7200, "month", 0)]),
        ("Ten a month", [("Monthly", 4800, "month", 7)]),
        unlimited,
    ]
    assert list_memberships(account, "demo-workshops") == [unlimited]
    assert Membership.objects.filter(published=False).values_list("title", "group__name").get() == (
        "Friends of the sail loft",
        "Unlimited members",
    )


def test_subscriptions_are_in_every_state(account: Account) -> None:
    bought = Counter(subscriptions_of(account).values_list("membership__title", "status", "source"))

    assert count_by_state(subscriptions_of(account)) == {"active": 12, "unrenewed": 1, "unpaid": 1, "cancelled": 1}
    assert bought == {
        ("Unlimited", "active", "checkout"): 5,
        ("Unlimited", "canceled", "checkout"): 1,
        ("Ten a month", "active", "checkout"): 3,
        ("Ten a month", "past_due", "checkout"): 1,
        ("Ten a month", "trialing", "checkout"): 1,
        ("Family", "active", "checkout"): 3,
        ("Friends of the sail loft", "active", "stripe"): 1,
    }


def test_who_has_a_membership_stands_in_its_group_until_it_ends(account: Account) -> None:
    standing = Standing.objects.filter(standing_at(NOW), source="membership", account=account)
    live = Subscription.objects.filter(account=account, status__in=LIVE)

    assert sorted(standing.values_list("ground", "member__group", "member__customer", "until")) == sorted(
        live.values_list("uuid", "membership__group", "customer", "ends_at")
    )


def test_the_member_has_invoices_and_pays_alone(account: Account) -> None:
    member = Customer.objects.get(account=account, user__email=MEMBER)
    theirs = member.subscriptions.get()

    assert [(each.status, each.amount_paid) for each in theirs.invoices.all()] == [("paid", 4800)] * 3
    assert list(theirs.milestones.order_by("pk").values_list("kind", flat=True)) == [
        "checkout_opened",
        "started",
        "renewed",
        "renewed",
    ]
    holding = Standing.objects.filter(standing_at(NOW), member__customer=member)
    assert list(holding.values_list("source", "member__group__name")) == [("membership", "Ten a month")]


def test_a_failed_payment_can_be_made_up_for(account: Account) -> None:
    failing = Subscription.objects.get(account=account, status="past_due")
    invoice = payable_invoice(failing)

    assert invoice is not None
    assert (invoice.amount_due, invoice.attempt_count) == (4800, 1)
    assert invoice.next_attempt_at is not None
    assert invoice.next_attempt_at > NOW


def test_stripe_agrees_and_is_at_the_same_time(account: Account, connection: Connection, sandbox: Sandbox) -> None:
    reconcile(connection, NOW)

    assert Difference.objects.count() == 0
    assert abs(sandbox.platform.now() - int(NOW.timestamp())) < 600
    assert (connection.trouble, StripeEvent.objects.exclude(state="done").count()) == ("", 0)
    endpoint = Gateway.of(connection).endpoint(connection.webhook_endpoint)
    assert (endpoint.url, endpoint.enabled) == (connections.endpoint_url(connection.endpoint), True)


def test_a_second_start_changes_nothing_at_stripe(sandbox: Sandbox) -> None:
    before, worlds = count_everything(), pickle.dumps(keeping.state(sandbox.platform)["worlds"])

    assert subscribers.load(now=NOW) == ""

    assert count_everything() == before
    assert pickle.dumps(keeping.state(sandbox.platform)["worlds"]) == worlds


def test_a_start_on_another_port_lets_stripe_call_there(
    connection: Connection, sandbox: Sandbox, settings: Settings
) -> None:
    settings.SITE_URL = "http://127.0.0.1:9999"

    assert subscribers.load(now=NOW) == ""

    connection.refresh_from_db()
    [endpoint] = next(iter(sandbox.platform.worlds.values())).of("webhook_endpoint")
    assert endpoint["url"] == f"http://127.0.0.1:9999/stripe/webhooks/{connection.endpoint}/"
    assert endpoint["id"] == connection.webhook_endpoint


def test_what_the_owner_disconnected_stays_so(account: Account, connection: Connection, sandbox: Sandbox) -> None:
    connections.disconnect(connection, now=NOW)

    assert subscribers.load(now=NOW) == ""
    assert not Connection.objects.get(pk=connection.pk).is_live


def test_a_reset_sandbox_is_told_of_and_sells_again(account: Account, sandbox: Sandbox) -> None:
    sandbox.platform.worlds.clear()
    stranger = Customer.objects.create(account=account, email=STRANGER, name="Theo Lindqvist")

    assert subscribers.load(now=NOW) == subscribers.FORGOTTEN
    assert subscribers.load(now=NOW) == ""

    page = account.pages.select_related("account__connection").get(slug="demo")
    price = Price.objects.select_related("membership").get(membership__title="Family")
    assert "/pay/checkout/" in begin_purchase(price, stranger, page, now=NOW)


def test_a_reset_database_is_told_of_and_sells(account: Account, connection: Connection, sandbox: Sandbox) -> None:
    Refund.objects.all().delete()
    Seat.objects.update(payment=None)
    Payment.objects.all().delete()
    Subscription.objects.all().delete()
    Membership.objects.all().delete()
    Account.objects.filter(pk=account.pk).update(connection=None)
    connection.delete()

    assert subscribers.load(now=NOW) == subscribers.TAKEN
    assert subscribers.load(now=NOW) == ""

    assert Subscription.objects.count() == 0
    assert len(list_memberships(account, "demo")) == 3


def test_after_an_interrupted_start_it_is_today_again(connection: Connection, sandbox: Sandbox) -> None:
    Connection.objects.filter(pk=connection.pk).update(webhook_endpoint="")
    sandbox.platform.offset -= 10 * 24 * 3600

    assert subscribers.load(now=NOW) == subscribers.INTERRUPTED
    assert subscribers.load(now=NOW) == ""

    assert abs(sandbox.platform.now() - int(NOW.timestamp())) < 600


def test_a_stripe_that_is_not_there_stops_no_start(settings: Settings) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    assert subscribers.load(now=NOW).startswith("The demo could not reach its Stripe: ")


def test_without_a_sandbox_nothing_is_sold(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.DEMO, settings.STRIPE_API_BASE = True, ""

    load_demo()

    told = "STRIPE_API_BASE isn’t set, so the demo won’t sell any memberships.\n"
    assert capsys.readouterr().out == told
