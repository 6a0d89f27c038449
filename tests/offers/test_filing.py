"""Uses are filed again where nothing told of what counts them now: after an upgrade, or a silent end."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Account, Letter
from bookwhen.installation.models import SetAside
from groups.models import Member, Standing
from groups.services import admit
from offers.filing import file_all_again, file_ending_again
from offers.models import Offer, OfferUse, UsagePeriod
from offers.period_closing import close_periods
from offers.services import refile_members
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import GroupFactory, OfferFactory, add_member, create_customer_with_login, noon
from tickets.consistency import check_books
from tickets.models import FindingKind

pytestmark = pytest.mark.django_db

BOUGHT = datetime(2030, 3, 1, 2, tzinfo=UTC)
"""28 February, 21:00 in New York; Stripe takes the next payments on 31 March and 30 April there."""
NOW = noon(date(2030, 3, 29))


@pytest.fixture
def offer() -> Offer:
    account = AccountFactory.create(time_zone="America/New_York", announces_resets=True)
    return OfferFactory.create(group=GroupFactory.create(account=account), limit=10)


def subscribe(offer: Offer, *, until: datetime | None = None) -> Member:
    terms: dict[str, Any] = {
        "since": BOUGHT,
        "anchor_at": BOUGHT,
        "uses_reset_on": date(2030, 2, 28),
        "until": until,
        "now": BOUGHT,
    }
    return admit(offer.group, create_customer_with_login(offer.account), ground=uuid4(), **terms)


def file_by_date(offer: Offer, member: Member, *days: date, starts_on: date, ends_on: date) -> None:
    """File uses as the release before did, by the local date of the anchor."""
    row = UsagePeriod.objects.create(
        account=offer.account,
        offer=offer,
        member=member,
        starts_on=starts_on,
        ends_on=ends_on,
        ceiling=10,
        used=len(days),
    )
    for day in days:
        OfferUse.objects.create(account=offer.account, period=row, seat=uuid4(), event_on=day, created_at=NOW)


def file_two_months_by_date(offer: Offer, member: Member) -> None:
    february, march, april = date(2030, 2, 28), date(2030, 3, 28), date(2030, 4, 28)
    file_by_date(offer, member, date(2030, 3, 5), date(2030, 3, 27), starts_on=february, ends_on=march)
    file_by_date(offer, member, date(2030, 3, 29), date(2030, 3, 31), starts_on=march, ends_on=april)


def list_periods(member: Member) -> list[tuple[date, date | None, int]]:
    rows = UsagePeriod.objects.filter(member=member).order_by("starts_on")
    return list(rows.values_list("starts_on", "ends_on", "used"))


AS_BILLED = [(date(2030, 2, 28), date(2030, 3, 31), 3), (date(2030, 3, 31), date(2030, 4, 30), 1)]


def test_what_the_release_before_filed_by_dates_is_filed_by_payments(offer: Offer) -> None:
    member, other = subscribe(offer), subscribe(offer)
    for each in (member, other):
        file_two_months_by_date(offer, each)

    assert file_all_again(now=NOW, batch=1) == 2

    assert list_periods(member) == list_periods(other) == AS_BILLED
    assert OfferUse.objects.filter(period__member=member).count() == 4
    # No difference but that these uses have no seats.
    assert {finding.kind for finding in check_books(account=offer.account, now=NOW)} == {FindingKind.USE}
    assert file_all_again(now=NOW) == 0


def test_what_is_filed_rightly_is_left_alone(offer: Offer) -> None:
    member = add_member(offer.group, create_customer_with_login(offer.account), anchor=date(2030, 1, 3))
    file_by_date(offer, member, date(2030, 1, 5), starts_on=date(2030, 1, 3), ends_on=date(2030, 2, 3))
    [row] = UsagePeriod.objects.values_list("pk", flat=True)

    assert file_all_again(now=NOW) == 0

    assert UsagePeriod.objects.get().pk == row


def test_a_period_is_closed_when_its_payment_turns_it(offer: Offer) -> None:
    """Not three days earlier, with a letter that says that uses are back."""
    member = subscribe(offer)
    file_two_months_by_date(offer, member)

    assert file_ending_again(now=NOW) == 1
    assert (close_periods(now=NOW), Letter.objects.count()) == (0, 0)

    turned = datetime(2030, 3, 31, 4, tzinfo=UTC)
    assert (file_ending_again(now=turned), close_periods(now=turned), Letter.objects.count()) == (0, 1, 1)


def test_nothing_is_looked_at_before_its_own_clock_has_ended_it(offer: Offer) -> None:
    """Else on a month's last day all periods that it ends were looked at every hour."""
    member = subscribe(offer)
    file_two_months_by_date(offer, member)
    eve = datetime(2030, 3, 28, 3, 59, tzinfo=UTC)

    assert file_ending_again(now=eve) == 0
    assert file_ending_again(now=eve + timedelta(minutes=1)) == 1


def test_where_the_day_begins_first_it_is_looked_at_first(offer: Offer) -> None:
    member = subscribe(offer)
    file_two_months_by_date(offer, member)
    Account.objects.update(time_zone="Pacific/Kiritimati")
    eve = datetime(2030, 3, 27, 9, 59, tzinfo=UTC)

    assert file_ending_again(now=eve) == 0
    assert file_ending_again(now=eve + timedelta(minutes=1)) == 1


def test_a_known_end_that_passed_unheard_is_made_up_for(offer: Offer) -> None:
    member = subscribe(offer, until=NOW - timedelta(hours=1))
    by_hand = add_member(offer.group, create_customer_with_login(offer.account), anchor=date(2030, 3, 10))
    Standing.objects.filter(member=by_hand).update(member=member)
    file_two_months_by_date(offer, member)

    assert file_all_again(now=NOW) == 1

    assert list_periods(member) == [
        (date(2030, 2, 10), date(2030, 3, 10), 1),
        (date(2030, 3, 10), date(2030, 4, 10), 3),
    ]


def test_who_does_not_stand_is_not_counted_for(offer: Offer) -> None:
    member = subscribe(offer, until=NOW - timedelta(hours=1))
    file_two_months_by_date(offer, member)
    before = list_periods(member)

    assert (file_all_again(now=NOW), list_periods(member)) == (0, before)


def test_one_member_who_fails_keeps_nobody_waiting(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = subscribe(offer), subscribe(offer)
    for each in (bad, good):
        file_two_months_by_date(offer, each)

    def fail(members: list[int], *, now: datetime) -> None:
        if bad.pk in members:
            raise RuntimeError
        refile_members(members, now=now)

    monkeypatch.setattr("offers.filing.refile_members", fail)
    assert file_all_again(now=NOW) == 1

    assert list_periods(good) == AS_BILLED
    first = UsagePeriod.objects.filter(member=bad).order_by("pk")[0]
    assert list(SetAside.objects.values_list("job", "item")) == [("offers.tasks.file_uses_again", str(first.pk))]
