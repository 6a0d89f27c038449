"""Usage periods that ended are closed once, and members are told once."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import Letter
from groups.services import admit
from offers import period_closing
from offers.models import Offer, OfferUse, UsagePeriod
from offers.period_closing import close_periods
from offers.services import move_anchor
from offers.uses import give_back
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import GroupFactory, OfferFactory, add_member, create_customer_with_login

pytestmark = pytest.mark.django_db

MIDNIGHT_IN_AUCKLAND = datetime(2030, 2, 2, 11, tzinfo=UTC)


@pytest.fixture
def offer() -> Offer:
    account = AccountFactory.create(time_zone="Pacific/Auckland", announces_resets=True)
    return OfferFactory.create(group=GroupFactory.create(account=account), limit=10)


def period(offer: Offer, *, ends_on: date | None = date(2030, 2, 3), used: int = 4) -> UsagePeriod:
    member = add_member(offer.group, create_customer_with_login(offer.account))
    return UsagePeriod.objects.create(
        account=offer.account,
        offer=offer,
        member=member,
        starts_on=date(2030, 1, 3),
        ends_on=ends_on,
        ceiling=10,
        used=used,
    )


def test_a_period_is_closed_at_local_midnight(offer: Offer) -> None:
    row = period(offer)

    assert close_periods(now=MIDNIGHT_IN_AUCKLAND - timedelta(seconds=1)) == 0
    assert close_periods(now=MIDNIGHT_IN_AUCKLAND) == 1

    row.refresh_from_db()
    assert (row.closed_at, row.left_unused, row.used) == (MIDNIGHT_IN_AUCKLAND, 6, 4)


def test_running_twice_or_late_closes_and_tells_once(offer: Offer) -> None:
    row = period(offer)

    assert [close_periods(now=MIDNIGHT_IN_AUCKLAND + timedelta(days=late)) for late in (40, 41)] == [1, 0]

    [letter] = Letter.objects.all()
    assert (letter.kind, letter.recipient) == ("uses_back", row.member.customer.email)
    assert "you can now book another 10 tickets" in letter.text


def test_an_allowance_for_good_never_closes(offer: Offer) -> None:
    period(offer, ends_on=None)

    assert close_periods(now=datetime(2100, 1, 1, tzinfo=UTC)) == 0


def test_periods_are_closed_in_batches(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(period_closing, "BATCH", 2)
    for _ in range(3):
        period(offer)

    assert [close_periods(now=MIDNIGHT_IN_AUCKLAND) for _ in range(2)] == [3, 0]
    assert Letter.objects.count() == 3


@pytest.mark.parametrize("quiet", ["account", "unused", "left", "disabled", "deleted", "archived"])
def test_who_has_nothing_to_come_back_to_is_not_told(offer: Offer, quiet: str) -> None:
    row = period(offer, used=0 if quiet == "unused" else 4)
    if quiet == "account":
        type(offer.account).objects.update(announces_resets=False)
    elif quiet == "left":
        row.member.standings.update(until=MIDNIGHT_IN_AUCKLAND)
    elif quiet == "disabled":
        Offer.objects.update(enabled=False)
    elif quiet == "deleted":
        Offer.objects.update(deleted_at=MIDNIGHT_IN_AUCKLAND)
    elif quiet == "archived":
        type(offer.group).objects.update(archived_at=MIDNIGHT_IN_AUCKLAND)

    assert close_periods(now=MIDNIGHT_IN_AUCKLAND) == 1
    assert Letter.objects.count() == 0


def test_a_use_comes_back_into_a_closed_period(offer: Offer) -> None:
    row = period(offer, used=1)
    use = OfferUse.objects.create(
        account=offer.account, period=row, seat=uuid4(), event_on=date(2030, 1, 17), created_at=MIDNIGHT_IN_AUCKLAND
    )
    close_periods(now=MIDNIGHT_IN_AUCKLAND)

    assert give_back([use.pk], why="studio", now=MIDNIGHT_IN_AUCKLAND) == 1
    assert give_back([use.pk], why="studio", now=MIDNIGHT_IN_AUCKLAND) == 0

    row.refresh_from_db()
    assert (row.used, row.left_unused) == (0, 9)


def test_days_that_were_closed_stay_closed_when_they_are_counted_otherwise(offer: Offer) -> None:
    row = period(offer, used=2)
    for day in (date(2030, 1, 8), date(2030, 1, 30)):
        OfferUse.objects.create(
            account=offer.account, period=row, seat=uuid4(), event_on=day, created_at=MIDNIGHT_IN_AUCKLAND
        )
    close_periods(now=MIDNIGHT_IN_AUCKLAND)

    later = MIDNIGHT_IN_AUCKLAND + timedelta(days=1)
    move_anchor(row.member, date(2030, 1, 10), now=later)

    assert list(UsagePeriod.objects.order_by("starts_on").values_list("ends_on", "closed_at", "left_unused")) == [
        (date(2030, 1, 10), MIDNIGHT_IN_AUCKLAND, 9),
        (date(2030, 2, 10), None, None),
    ]
    assert (close_periods(now=later), Letter.objects.count()) == (0, 1)


def test_a_period_that_is_cut_short_ends_then(offer: Offer) -> None:
    row = period(offer, used=1)
    OfferUse.objects.create(
        account=offer.account, period=row, seat=uuid4(), event_on=date(2030, 1, 8), created_at=MIDNIGHT_IN_AUCKLAND
    )
    noon = datetime(2030, 1, 20, 12, tzinfo=UTC)

    admit(
        offer.group,
        row.member.customer,
        ground=uuid4(),
        since=noon,
        until=None,
        anchor_at=noon,
        uses_reset_on=date(2030, 1, 21),
        now=noon,
    )

    assert [close_periods(now=noon), close_periods(now=noon)] == [1, 0]
    assert list(UsagePeriod.objects.values_list("ends_on", "left_unused")) == [(date(2030, 1, 21), 9)]
