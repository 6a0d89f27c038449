"""Ten classes for one payment, and ten again on the local day of the next: from the rule to the counter."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookwhen.dates import months_after
from groups.models import Standing
from groups.services import add_customers, admit, lapse
from offers.eligibility import Attendee, Reason
from offers.models import UsagePeriod
from offers.periods import local_day
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import (
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    create_customer_with_login,
    load_entry,
)
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.refusals import BookingRefusedError
from tickets.booking.request import WantedTicket
from tickets.consistency import check_books
from tickets.models import FindingKind

pytestmark = pytest.mark.django_db

NEW_YORK = "America/New_York"
BOUGHT = datetime(2030, 3, 1, 2, tzinfo=UTC)
"""28 February, 21:00 in New York."""


ZONES = st.sampled_from([NEW_YORK, "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Europe/London"])
INSTANTS = st.integers(0, 2_000_000).map(lambda minutes: datetime(2030, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


class Club:
    """A studio somewhere whose members have so many classes a month."""

    def __init__(self, zone: str = NEW_YORK, *, limit: int = 10) -> None:
        self.account = AccountFactory.create(time_zone=zone)
        self.page = SchedulePageFactory.create(account=self.account)
        self.group = GroupFactory.create(account=self.account)
        OfferFactory.create(group=self.group, page=self.page, limit=limit)
        self.customer = create_customer_with_login(self.account)
        self.ground = uuid4()

    def subscribe(self, at: datetime, *, anchor_at: datetime | None = None, **terms: Any) -> None:
        day = local_day(at, self.account.zone)
        known = {"until": None, "uses_reset_on": day, "now": at, **terms}
        admit(self.group, self.customer, ground=self.ground, since=at, anchor_at=anchor_at or at, **known)

    def book(self, day: date, *, at: time = time(18), now: datetime) -> None:
        """Book one class, at a local time of a day."""
        starts_at = datetime.combine(day, at, ZoneInfo(self.account.time_zone)).astimezone(UTC)
        made = EntryFactory.create(page=self.page, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
        ticket = TicketFactory.create(entry=made, group=self.group)
        wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
        who = person_of_customer(self.customer)
        book(load_entry(made), self.customer, wanted, who=who, key=uuid4(), now=now)

    def periods(self) -> list[tuple[date, date | None, int]]:
        rows = UsagePeriod.objects.filter(account=self.account).order_by("starts_on")
        return list(rows.values_list("starts_on", "ends_on", "used"))

    def faults(self, now: datetime) -> set[str]:
        """What the books say, but for standing that no subscription of these tests explains."""
        found = {finding.kind for finding in check_books(account=self.account, now=now)}
        return found - {FindingKind.STILL_IN_GROUP, FindingKind.NOT_IN_GROUP}


def test_ten_classes_for_one_payment_in_new_york() -> None:
    """The next payment is taken on 31 March, 22:00 there; what the 28th counts for was eighteen classes."""
    club = Club()
    club.subscribe(BOUGHT)
    now = BOUGHT + timedelta(hours=1)
    for day in range(1, 11):
        club.book(date(2030, 3, day * 3), now=now)

    with pytest.raises(BookingRefusedError) as refused:
        club.book(date(2030, 3, 29), now=now)
    [verdict] = refused.value.verdicts
    club.book(date(2030, 3, 31), now=now)

    assert verdict.reason is Reason.LIMIT_REACHED
    assert verdict.period is not None
    assert (verdict.period.starts_on, verdict.period.last_day) == (date(2030, 2, 28), date(2030, 3, 30))
    assert club.periods() == [(date(2030, 2, 28), date(2030, 3, 31), 10), (date(2030, 3, 31), date(2030, 4, 30), 1)]
    assert club.faults(now) == set()


@given(zone=ZONES, bought=INSTANTS, payments=st.integers(1, 3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_payment_gives_one_class_where_one_is_given(zone: str, bought: datetime, payments: int) -> None:
    """One a month: a class on the day of a payment, none from then to the eve of the next, one on its day again."""
    club = Club(zone, limit=1)
    club.subscribe(bought)
    paid = [months_after(bought, each) for each in range(payments + 1)]
    days = [local_day(each, club.account.zone) for each in paid if each]

    for day, following in zip(days[1:], [*days[2:], None], strict=True):
        club.book(day, now=bought)
        eve = following - timedelta(days=1) if following else day + timedelta(days=27)
        with pytest.raises(BookingRefusedError):
            club.book(eve, now=bought)

    assert [(starts_on, used) for starts_on, _end, used in club.periods()] == [(day, 1) for day in days[1:]]
    assert club.faults(bought) == set()


def test_on_the_day_of_a_known_end_the_last_allowance_goes_on() -> None:
    """The next payment would have been on 31 March: nobody pays it, so that day brings no ten classes more."""
    club = Club(limit=2)
    club.subscribe(BOUGHT)
    now = BOUGHT + timedelta(hours=1)
    club.book(date(2030, 3, 5), now=now)
    club.book(date(2030, 3, 31), now=now)
    assert [used for _start, _end, used in club.periods()] == [1, 1]

    club.subscribe(BOUGHT, until=months_after(BOUGHT, 1))

    assert club.periods() == [(date(2030, 2, 28), date(2030, 4, 1), 2)]
    with pytest.raises(BookingRefusedError) as refused:
        club.book(date(2030, 3, 31), at=time(19), now=now)
    assert [verdict.reason for verdict in refused.value.verdicts] == [Reason.LIMIT_REACHED]

    club.subscribe(BOUGHT)

    assert [(start, used) for start, _end, used in club.periods()] == [(date(2030, 2, 28), 1), (date(2030, 3, 31), 1)]
    assert club.faults(now) == set()


def test_an_anchor_that_stripe_reset_turns_the_allowance_with_it() -> None:
    club = Club(limit=2)
    club.subscribe(BOUGHT)
    now = BOUGHT + timedelta(days=19)
    club.book(date(2030, 3, 21), now=now)
    reset = BOUGHT + timedelta(days=20)

    club.subscribe(BOUGHT, anchor_at=reset, now=reset)

    assert club.periods() == [(date(2030, 3, 20), date(2030, 4, 20), 1)]


def test_by_hand_and_by_membership_there_is_one_allowance_and_afterwards_the_date_by_hand_again() -> None:
    club = Club(limit=2)
    added = BOUGHT - timedelta(days=40)
    add_customers(club.group, {club.customer.email: ""}, now=added)
    club.subscribe(BOUGHT)
    now = BOUGHT + timedelta(hours=1)
    club.book(date(2030, 3, 5), now=now)
    club.book(date(2030, 3, 30), now=now)
    assert club.periods() == [(date(2030, 2, 28), date(2030, 3, 31), 2)]

    lapse(ground=club.ground, at=now, now=now)

    assert club.periods() == [(date(2030, 2, 19), date(2030, 3, 19), 1), (date(2030, 3, 19), date(2030, 4, 19), 1)]


def test_a_standing_that_the_previous_release_wrote_is_counted_by_its_date() -> None:
    club = Club()
    club.subscribe(BOUGHT)
    Standing.objects.update(anchor_at=None)

    club.book(date(2030, 3, 30), now=BOUGHT)

    assert club.periods() == [(date(2030, 3, 28), date(2030, 4, 28), 1)]


def test_what_is_filed_by_dates_is_filed_by_payments_at_the_next_booking() -> None:
    """As after an upgrade: no class is lost, and the eleventh is refused."""
    club = Club()
    club.subscribe(BOUGHT)
    Standing.objects.update(anchor_at=None)
    for day in range(1, 11):
        club.book(date(2030, 3, day * 3), now=BOUGHT)
    assert [used for _start, _end, used in club.periods()] == [9, 1]

    Standing.objects.update(anchor_at=BOUGHT)

    with pytest.raises(BookingRefusedError):
        club.book(date(2030, 3, 29), now=BOUGHT)
    club.book(date(2030, 4, 2), now=BOUGHT)
    assert club.periods() == [(date(2030, 2, 28), date(2030, 3, 31), 10), (date(2030, 3, 31), date(2030, 4, 30), 1)]
    assert club.faults(BOUGHT) == set()
