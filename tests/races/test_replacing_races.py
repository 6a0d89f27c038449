"""Bookings of those whose uses are carried over to another offer at the same moment."""

from collections import Counter
from datetime import date

import pytest

from offers import carrying
from offers.eligibility import Reason
from offers.models import Offer, OfferUse, UsagePeriod
from tests.factories.schedule import NOW
from tests.races.crowd import run_at_once
from tests.worlds.replacing import ReplacingStudio, carry_all, go_on
from tickets.consistency import check_books
from tickets.models import Seat

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

MEMBERS = 8


@pytest.mark.parametrize("terms", [{"period_unit": "week"}, {"period_unit": "month", "limit": 4}])
def test_each_member_has_one_allowance_whenever_their_uses_are_carried_over(
    terms: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "BATCH", 1)
    studio = ReplacingStudio(members=MEMBERS)
    limit = terms.get("limit", 3)
    assert isinstance(limit, int)

    def act(number: int) -> str:
        if number == 2 * MEMBERS:
            carry_all(studio.begin(**terms))
            return "replaced"
        return studio.try_to_book(customer=number // 2, entry=2 + number % 2)

    outcomes = Counter(run_at_once(2 * MEMBERS + 1, act))
    # Some booked by the old offer, some by the new one; now all have what is left by the new one.
    outcomes += Counter(studio.try_to_book(customer=number // 2, entry=2 + number % 2) for number in range(2 * MEMBERS))

    assert outcomes["replaced"] == 1
    assert set(UsagePeriod.objects.values_list("offer", "used")) == {(studio.successor.pk, limit)}
    assert UsagePeriod.objects.count() == MEMBERS
    assert OfferUse.objects.live().count() == Seat.objects.live().count() == MEMBERS * limit
    assert set(outcomes) - {"booked 1", "replaced"} <= {Reason.LIMIT_REACHED, Reason.ALREADY_BOOKED}


def test_the_books_are_right_after_every_part_while_others_book(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "BATCH", 1)
    studio = ReplacingStudio(members=MEMBERS)
    operation = studio.begin()

    def act(number: int) -> list[str]:
        if number == MEMBERS:
            found = []
            while operation.is_open:
                go_on(operation, seconds=0)
                found += [str(each) for each in check_books(now=NOW)]
            return found
        return [studio.try_to_book(customer=number, entry=entry) for entry in (2, 3)]

    *booked, found = run_at_once(MEMBERS + 1, act)

    assert found == []
    assert booked == [["booked 1", Reason.LIMIT_REACHED]] * MEMBERS
    assert set(UsagePeriod.objects.values_list("offer", "starts_on", "used")) == {
        (studio.successor.pk, date(2030, 1, 17), 3)
    }


def test_control_without_counting_what_is_still_to_be_carried_over_members_have_two_allowances() -> None:
    studio = ReplacingStudio(members=2)
    studio.begin()
    Offer.objects.filter(replaces=studio.offer).update(carrying=False)

    booked = [[studio.try_to_book(customer=number, entry=entry) for entry in (2, 3)] for number in range(2)]

    assert booked == [["booked 1", "booked 1"]] * 2
    assert {each.kind for each in check_books(now=NOW)} == {"carried"}
