"""A membership's known end passes by the clock while a standing by hand goes on: nothing tells of it, all is right."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from groups.services import admit
from offers.eligibility import Ask, Attendee, Reason, judge
from offers.models import UsagePeriod
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    load_entry,
    noon,
)
from tickets.availability.facts import load_facts, person_of_customer
from tickets.booking.book import book
from tickets.booking.refusals import BookingRefusedError
from tickets.booking.request import WantedTicket
from tickets.models import Booking, Entry, Ticket

pytestmark = pytest.mark.django_db

END = NOW + timedelta(days=1)
AFTER = END + timedelta(hours=1)
Filed = list[tuple[date, date | None, int]]


class Club:
    """Three uses a month: by hand from one date, by membership from another, which rules until `END`; daily events."""

    def __init__(
        self,
        *,
        by_hand: date = date(2030, 1, 3),
        billed: date = date(2030, 1, 10),
        uses_reset_on: date | None = None,
    ) -> None:
        self.page = EntryFactory.create().page
        self.group = GroupFactory.create(account=self.page.account)
        OfferFactory.create(group=self.group, page=self.page, limit=3)
        self.customer = create_customer_with_login(self.page.account)
        add_member(self.group, self.customer, anchor=by_hand)
        self.ground = uuid4()
        self.terms: dict[str, Any] = {
            "since": NOW,
            "anchor_at": noon(billed),
            "uses_reset_on": uses_reset_on,
            "now": NOW,
        }

    def use(self, *days: date) -> None:
        """Book events while the membership rules; then it becomes known when it ends."""
        admit(self.group, self.customer, ground=self.ground, until=None, **self.terms)
        for day in days:
            self.book(day, now=NOW)
        admit(self.group, self.customer, ground=self.ground, until=END, **self.terms)

    def event(self, day: date) -> tuple[Entry, Ticket]:
        at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=18)
        made = EntryFactory.create(page=self.page, starts_at=at, ends_at=at + timedelta(hours=1))
        ticket = TicketFactory.create(entry=made, group=self.group)
        return load_entry(made), ticket

    def book(self, day: date, *, now: datetime) -> Booking:
        entry, ticket = self.event(day)
        wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
        return book(entry, self.customer, wanted, who=person_of_customer(self.customer), key=uuid4(), now=now).booking


def filed() -> Filed:
    return list(UsagePeriod.objects.order_by("starts_on").values_list("starts_on", "ends_on", "used"))


def test_who_meets_a_row_of_the_old_counting_books_all_the_same() -> None:
    club = Club()
    club.use(date(2030, 2, 12))
    assert filed() == [(date(2030, 2, 10), date(2030, 3, 10), 1)]

    # No row holds this day, and the new one would overlap the old.
    club.book(date(2030, 2, 5), now=AFTER)

    assert filed() == [(date(2030, 2, 3), date(2030, 3, 3), 2)]


def test_who_has_uses_left_by_the_new_counting_books_though_the_old_row_is_full() -> None:
    club = Club()
    club.use(date(2030, 1, 28), date(2030, 1, 29), date(2030, 2, 1))
    assert filed() == [(date(2030, 1, 10), date(2030, 2, 10), 3)]
    entry, ticket = club.event(date(2030, 2, 4))
    shown = judge(
        load_facts(entry, person_of_customer(club.customer), now=AFTER).situation,
        Ask(ticket.pk, Attendee.SELF),
        now=AFTER,
    )
    assert (shown.reason, shown.uses_left) == (Reason.ALLOWED, 2)

    club.book(date(2030, 2, 4), now=AFTER)

    assert filed() == [(date(2030, 1, 3), date(2030, 2, 3), 3), (date(2030, 2, 3), date(2030, 3, 3), 1)]


def test_who_has_none_left_by_the_new_counting_is_refused_though_the_old_rows_are_not_full() -> None:
    club = Club()
    club.use(date(2030, 2, 8), date(2030, 2, 9), date(2030, 2, 11))

    for day in (date(2030, 2, 15), date(2030, 2, 4)):
        with pytest.raises(BookingRefusedError) as refused:
            club.book(day, now=AFTER)

        assert [verdict.reason for verdict in refused.value.verdicts] == [Reason.LIMIT_REACHED]
    assert filed() == [(date(2030, 2, 3), date(2030, 3, 3), 3)]


def test_a_cut_row_that_begins_on_the_same_day_is_not_mistaken_for_the_whole() -> None:
    club = Club(by_hand=date(2030, 1, 20), billed=date(2030, 1, 20), uses_reset_on=date(2030, 2, 10))
    club.use(date(2030, 2, 5), date(2030, 2, 6), date(2030, 2, 12))
    assert filed() == [(date(2030, 1, 20), date(2030, 2, 10), 2), (date(2030, 2, 10), date(2030, 2, 20), 1)]

    with pytest.raises(BookingRefusedError) as refused:
        club.book(date(2030, 2, 7), now=AFTER)

    assert [verdict.reason for verdict in refused.value.verdicts] == [Reason.LIMIT_REACHED]
