"""Every sweep and nightly job with a bad row first: the good ones are done, the bad one is set aside."""

from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone
from time_machine import travel

from accounts import tasks as accounts_tasks
from accounts.models import Account, Letter
from accounts.two_step import reencrypt_two_step
from bookwhen.installation.models import SetAside
from bookwhen.jobs import fair, retention
from bookwhen.jobs import run as jobs_run
from bookwhen.jobs.run import Run
from bookwhen.payments import upkeep
from bookwhen.payments.encryption import encrypt
from bookwhen.payments.models import EventState, StripeEvent
from memberships.models import SubscriptionStatus
from offers.models import UsagePeriod
from offers.period_closing import close_periods
from tests.accounts.letters import create_letter
from tests.comparing import compare_memberships as reconcile
from tests.factories.accounts import AccountFactory, UserFactory
from tests.factories.payments import StripeEventFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    add_member,
    create_customer_with_login,
)
from tests.poison import cure, poison
from tests.sweeps import release_overdue_baskets, settle_overdue_checkouts
from tests.worlds.counted_studio import CountedStudio
from tests.worlds.seller import Seller
from tests.worlds.till import Till
from tickets.consistency import check_books
from tickets.models import (
    Booking,
    BookingState,
    Entry,
    EntryPlaces,
    FindingKind,
    Payment,
    Refund,
    RefundReason,
    RefundState,
)
from tickets.money.refunds import create_refund, submit_due_refunds
from tickets.tasks import keep_wall_times

pytestmark = pytest.mark.django_db

LATER = timedelta(hours=2)
MINUTE = timedelta(minutes=1)
NOWHERE = "Mars/Olympus_Mons"


def set_aside() -> list[tuple[str, str]]:
    return list(SetAside.objects.order_by("pk").values_list("job", "item"))


# Emails


def test_an_email_that_cannot_be_claimed() -> None:
    bad, good = create_letter(), create_letter()
    poison(bad)

    with travel(NOW, tick=False):
        accounts_tasks.send_letters()
        accounts_tasks.send_letters()

    assert set(Letter.objects.filter(sent_at__isnull=False)) == {good}
    assert set_aside() == [("accounts.tasks.sweep_letters", str(bad.pk))]
    cure(bad)
    with travel(NOW + MINUTE, tick=False):
        accounts_tasks.send_letters()
    assert (Letter.objects.filter(sent_at__isnull=True).count(), set_aside()) == (0, [])


def test_a_secret_of_two_step_login_that_is_not_there() -> None:
    users = UserFactory.create_batch(2)
    old = encrypt("secret")
    kind = Authenticator.Type.TOTP
    bad = Authenticator.objects.create(user=users[0], type=kind, data={})
    good = Authenticator.objects.create(user=users[1], type=kind, data={"secret": old})
    run = Run("reencrypt", now=NOW)

    reencrypt_two_step(run)

    good.refresh_from_db()
    assert (run.done, run.failed, good.data["secret"] != old) == (1, 1, True)
    assert set_aside() == [("reencrypt", str(bad.pk))]


# Usage periods


def usage_period(account: Account) -> UsagePeriod:
    offer = OfferFactory.create(group=GroupFactory.create(account=account), limit=10)
    member = add_member(offer.group, create_customer_with_login(account))
    days = {"starts_on": date(2030, 1, 3), "ends_on": date(2030, 2, 3)}
    return UsagePeriod.objects.create(account=account, offer=offer, member=member, used=4, ceiling=10, **days)


AFTERWARDS = datetime(2030, 2, 10, tzinfo=UTC)


def test_a_period_that_cannot_be_closed() -> None:
    account = AccountFactory.create(announces_resets=True)
    bad, *good = [usage_period(account) for _ in range(5)]
    poison(bad)

    assert close_periods(now=AFTERWARDS) == 4

    assert list(UsagePeriod.objects.filter(closed_at=None)) == [bad]
    assert Letter.objects.filter(kind="uses_back").count() == len(good)
    assert set_aside() == [("offers.tasks.close_ended_periods", str(bad.pk))]


def test_an_account_whose_days_nobody_can_tell_closes_no_period_and_keeps_no_other_waiting() -> None:
    accounts = [AccountFactory.create() for _ in range(3)]
    periods = [usage_period(account) for account in accounts]
    Account.objects.filter(pk=accounts[0].pk).update(time_zone=NOWHERE)

    assert close_periods(now=AFTERWARDS) == 2

    assert list(UsagePeriod.objects.filter(closed_at=None)) == [periods[0]]
    assert set_aside() == [("offers.tasks.close_ended_periods.accounts", str(accounts[0].pk))]


def test_more_such_accounts_than_a_run_puts_up_with_keep_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_run, "MOST_FAILURES", 2)
    accounts = [AccountFactory.create() for _ in range(3)]
    good = usage_period(accounts[2])
    for account in accounts[:2]:
        usage_period(account)
    Account.objects.filter(pk__in=[each.pk for each in accounts[:2]]).update(time_zone=NOWHERE)

    first = Run("close", now=AFTERWARDS)
    assert (close_periods(now=AFTERWARDS, run=first), first.left) == (0, True)

    again = AFTERWARDS + timedelta(seconds=50)
    assert close_periods(now=again) == 1
    good.refresh_from_db()
    assert good.closed_at == again


def test_more_such_accounts_than_a_run_puts_up_with_keep_no_wall_times_of_others_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs_run, "MOST_FAILURES", 2)
    for _number in range(2):
        AccountFactory.create(time_zone=NOWHERE)
    entry = EntryFactory.create()
    Entry.objects.update(local_start=None, local_end=None, start_offset=None, end_offset=None)

    for now in (NOW - timedelta(days=1), NOW - timedelta(days=1) + timedelta(seconds=50)):
        with travel(now, tick=False):
            keep_wall_times()

    entry.refresh_from_db()
    assert entry.keeps_wall_times


# Baskets and refunds


@pytest.fixture
def _one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails stands at the head of a queue of which one row is taken at a time."""
    monkeypatch.setattr(fair, "EACH", 1)


def two_baskets(till: Till) -> list[Booking]:
    return [till.fill(entry := till.entry(), till.ticket(entry)) for _ in range(2)]


@pytest.mark.usefixtures("_one_at_a_time")
@pytest.mark.parametrize("state", [BookingState.BASKET, BookingState.PAYING])
def test_a_basket_that_cannot_be_released(till: Till, state: BookingState) -> None:
    baskets = two_baskets(till)
    if state == BookingState.PAYING:
        for basket in baskets:
            till.check_out(basket)
    # Somebody's hand: a counter that says fewer than there are.
    EntryPlaces.objects.filter(entry__seats__booking=baskets[0]).update(taken=0)
    now = timezone.now() + LATER

    for _ in range(2):
        run = Run("sweep", now=now)
        if state == BookingState.BASKET:
            release_overdue_baskets(now=now, run=run)
        else:
            settle_overdue_checkouts(now=now, run=run)

    assert [Booking.objects.get(pk=basket.pk).state for basket in baskets] == [state, BookingState.RELEASED]
    assert set_aside() == [("sweep", str(baskets[0].pk))]


@pytest.mark.usefixtures("_one_at_a_time")
def test_a_refund_whose_payment_was_tampered_with(till: Till) -> None:
    paid = [till.pay(basket) for basket in two_baskets(till)]
    bad, good = [create_refund(each.pk, 500, RefundReason.OPERATOR, now=timezone.now()).refund for each in paid]
    # Stripe knows no such payment, and the amount that failed cannot be counted back.
    Payment.objects.filter(pk=paid[0].pk).update(intent="pi_gone", refunded=0)
    now = timezone.now()

    for _ in range(2):
        submit_due_refunds(now=now)

    assert Refund.objects.get(pk=good.pk).state == RefundState.DONE
    assert Refund.objects.get(pk=bad.pk).state == RefundState.QUEUED
    assert set_aside() == [("tickets.tasks.sweep_refunds", str(bad.pk))]


# Stripe


def test_a_membership_that_cannot_be_followed(seller: Seller) -> None:
    bad, good = seller.sell(), seller.sell()
    for each in (good, bad):
        seller.stripe.subscriptions.cancel(each.stripe_id)
    poison(bad)

    with pytest.raises(Exception, match="this row is poison"):
        reconcile(seller.connection, timezone.now())

    good.refresh_from_db()
    assert good.status == SubscriptionStatus.CANCELED
    assert set_aside() == [("memberships.reconciliation", bad.stripe_id)]


def test_an_old_event_that_cannot_be_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    long_ago = NOW - timedelta(days=91)
    bad, *_good = [StripeEventFactory.create(state=EventState.DONE, received_at=long_ago) for _ in range(5)]
    poison(bad)
    run = Run("prune", now=NOW)

    upkeep.prune(run)

    assert (list(StripeEvent.objects.all()), run.done, run.failed) == ([bad], 4, 1)


# The books


def test_a_check_that_cannot_be_run_for_one_account() -> None:
    studios = [CountedStudio() for _ in range(4)]
    EntryPlaces.objects.filter(entry=studios[3].entry).update(taken=3)
    Account.objects.filter(pk=studios[0].account.pk).update(time_zone=NOWHERE)

    found = [(each.account, each.kind, each.name) for each in check_books(now=NOW)]

    assert found == [
        (studios[3].account, FindingKind.ENTRY, ""),
        (studios[0].account, FindingKind.UNCHECKED, "A use is charged for the wrong date"),
    ]
