"""The rule: each reason, and the order of reasons."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from offers.eligibility import (
    Allowance,
    Ask,
    Attendee,
    Event,
    GroupStanding,
    NextStep,
    Pause,
    Reason,
    Situation,
    TicketFacts,
    Verdict,
    Visitor,
    judge,
    judge_order,
)
from offers.periods import FOR_GOOD, Period

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
STARTS = NOW + timedelta(days=2)
GROUP, OTHER_GROUP = 7, 8
TICKET, ORDINARY = 1, 2
JANUARY = Period(date(2030, 1, 3), date(2030, 2, 3))
SELF, GUEST = Ask(TICKET, Attendee.SELF), Ask(TICKET, Attendee.GUEST)


def allowance(offer: int = 1, **facts: Any) -> Allowance:
    return Allowance(
        **{"offer": offer, "member": 9, "personal": True, "party": 1, "limit": None, "period": FOR_GOOD, **facts}
    )


def family(offer: int = 1, *, more: int = 1, **facts: Any) -> Allowance:
    return allowance(offer, personal=False, party=1 + more, **facts)


def situation(*allowances: Allowance, event: Any = (), ticket: Any = (), visitor: Any = ()) -> Situation:
    offers = frozenset(each.offer for each in allowances)
    return Situation(
        event=Event(**{"starts_at": STARTS, "places_left": 10, "per_booking": 6, **dict(event)}),
        tickets={
            TICKET: TicketFacts(
                **{
                    "exclusive": True,
                    "closes_at": STARTS,
                    "groups": frozenset({GROUP}),
                    "offers": offers,
                    **dict(ticket),
                }
            ),
            ORDINARY: TicketFacts(exclusive=False, closes_at=STARTS),
        },
        visitor=Visitor(
            **{
                "logged_in": True,
                "proved": True,
                "group_standings": {GROUP: GroupStanding(stands_now=True, stands_then=True, allowances=allowances)},
                **dict(visitor),
            }
        ),
    )


def reason(facts: Situation, ask: Ask = SELF) -> Reason:
    return judge(facts, ask, now=NOW).reason


def reasons(facts: Situation, *asks: Ask) -> list[Reason]:
    return [verdict.reason for verdict in judge_order(facts, asks, now=NOW)]


def footing(**facts: Any) -> dict[str, Any]:
    return {"group_standings": {GROUP: GroupStanding(**{"stands_now": True, "stands_then": True, **facts})}}


def paused(*, until: datetime | None = None, resumed: bool = False) -> dict[str, Any]:
    return {"group_standings": {}, "pauses": {GROUP: Pause(until, resumed)}}


def test_of_two_pauses_the_first_to_end_is_told() -> None:
    soon, later = NOW + timedelta(days=1), NOW + timedelta(days=9)
    for pauses, at in (
        ({GROUP: Pause(later), OTHER_GROUP: Pause(soon)}, soon),
        ({GROUP: Pause(), OTHER_GROUP: Pause(later)}, later),
        ({GROUP: Pause()}, None),
    ):
        facts = situation(
            ticket={"groups": frozenset({GROUP, OTHER_GROUP})}, visitor={"group_standings": {}, "pauses": pauses}
        )

        assert judge(facts, SELF, now=NOW) == Verdict(reason=Reason.PAUSED, next_step=NextStep.SEE_MEMBERSHIP, at=at)


@pytest.mark.parametrize(
    ("facts", "expected", "step"),
    [
        (situation(allowance()), Reason.ALLOWED, NextStep.BOOK),
        (situation(allowance(), event={"cancelled": True}), Reason.CANCELLED, NextStep.SEE_SCHEDULE),
        (situation(allowance(), event={"starts_at": NOW}), Reason.PAST, NextStep.SEE_SCHEDULE),
        (
            situation(allowance(), ticket={"opens_at": NOW + timedelta(seconds=1)}),
            Reason.NOT_ON_SALE_YET,
            NextStep.SEE_SCHEDULE,
        ),
        (situation(allowance(), ticket={"opens_at": NOW}), Reason.ALLOWED, NextStep.BOOK),
        (situation(allowance(), ticket={"closes_at": NOW}), Reason.SALE_ENDED, NextStep.SEE_SCHEDULE),
        (situation(allowance(), visitor={"logged_in": False}), Reason.NOT_LOGGED_IN, NextStep.LOG_IN),
        (situation(allowance(), visitor={"proved": False}), Reason.ADDRESS_NOT_CONFIRMED, NextStep.CONFIRM_ADDRESS),
        (situation(allowance(), visitor={"group_standings": {}}), Reason.NOT_IN_GROUP, NextStep.SEE_WAYS_IN),
        (situation(allowance(), visitor=footing(stands_now=False)), Reason.NOT_IN_GROUP, NextStep.SEE_WAYS_IN),
        (
            situation(allowance(), ticket={"groups": frozenset({OTHER_GROUP})}),
            Reason.NOT_IN_GROUP,
            NextStep.SEE_WAYS_IN,
        ),
        (situation(allowance(), ticket={"groups": frozenset()}), Reason.NOT_IN_GROUP, NextStep.SEE_WAYS_IN),
        (
            situation(allowance(), visitor=footing(stands_then=False, until=NOW + timedelta(days=1))),
            Reason.STANDING_ENDS_BEFORE,
            NextStep.SEE_WAYS_IN,
        ),
        (situation(allowance(), visitor=paused()), Reason.PAUSED, NextStep.SEE_MEMBERSHIP),
        (situation(allowance(), visitor=paused(resumed=True)), Reason.STARTS_AGAIN, NextStep.SEE_MEMBERSHIP),
        (
            situation(allowance(), visitor=paused() | footing(stands_then=False, until=NOW + timedelta(days=1))),
            Reason.PAUSED,
            NextStep.SEE_MEMBERSHIP,
        ),
        (situation(allowance(), visitor=paused() | footing()), Reason.NO_OFFER, NextStep.SEE_WAYS_IN),
        (
            situation(allowance(), visitor=paused(), ticket={"groups": frozenset({OTHER_GROUP})}),
            Reason.NOT_IN_GROUP,
            NextStep.SEE_WAYS_IN,
        ),
        (situation(), Reason.NO_OFFER, NextStep.SEE_WAYS_IN),
        (situation(allowance(), ticket={"offers": frozenset()}), Reason.NO_OFFER, NextStep.SEE_WAYS_IN),
        (situation(allowance(), visitor={"attends": True}), Reason.ALREADY_BOOKED, NextStep.SEE_BOOKING),
        (situation(allowance(limit=3, used=3, period=JANUARY)), Reason.LIMIT_REACHED, NextStep.SEE_SCHEDULE),
        (situation(allowance(limit=3, used=9, period=JANUARY)), Reason.LIMIT_REACHED, NextStep.SEE_SCHEDULE),
        (situation(allowance(), event={"places_left": 0}), Reason.SOLD_OUT, NextStep.SEE_SCHEDULE),
        (situation(allowance(), ticket={"places_left": 0}), Reason.SOLD_OUT, NextStep.SEE_SCHEDULE),
    ],
)
def test_each_reason_has_its_next_step(facts: Situation, expected: Reason, step: NextStep) -> None:
    verdict = judge(facts, SELF, now=NOW)

    assert (verdict.reason, verdict.next_step, verdict.allowed) == (expected, step, expected is Reason.ALLOWED)


def test_an_ordinary_ticket_is_for_strangers_too() -> None:
    facts = situation(visitor={"logged_in": False, "proved": False, "group_standings": {}})

    assert judge(facts, Ask(ORDINARY), now=NOW) == Verdict(reason=Reason.ALLOWED, next_step=NextStep.BOOK)


@pytest.mark.parametrize(
    ("first", "second", "at"),
    [
        (NOW + timedelta(hours=1), NOW + timedelta(days=1), NOW + timedelta(days=1)),
        (NOW + timedelta(days=1), NOW + timedelta(hours=1), NOW + timedelta(days=1)),
        (NOW + timedelta(hours=1), None, NOW + timedelta(hours=1)),
        (None, None, None),
    ],
)
def test_of_two_groups_that_end_before_the_event_the_later_end_is_told(
    first: datetime | None, second: datetime | None, at: datetime | None
) -> None:
    ending = [GroupStanding(stands_now=True, stands_then=False, until=until) for until in (first, second)]
    facts = situation(
        ticket={"groups": frozenset({GROUP, OTHER_GROUP})},
        visitor={"group_standings": dict(zip((GROUP, OTHER_GROUP), ending, strict=True))},
    )

    assert judge(facts, SELF, now=NOW) == Verdict(
        reason=Reason.STANDING_ENDS_BEFORE, next_step=NextStep.SEE_WAYS_IN, at=at
    )


def test_who_is_only_logged_in_has_proved_nothing() -> None:
    facts = replace(situation(allowance()), visitor=Visitor(logged_in=True))

    assert reason(facts) is Reason.ADDRESS_NOT_CONFIRMED


def test_whoever_may_not_book_is_not_told_that_it_is_sold_out() -> None:
    assert reason(situation(event={"places_left": 0}, visitor={"logged_in": False})) is Reason.NOT_LOGGED_IN


def test_whoever_books_for_themselves_attends() -> None:
    assert reasons(situation(family(more=2)), SELF, SELF) == [Reason.ALLOWED, Reason.ALREADY_BOOKED]


def test_who_attends_already_may_still_bring_somebody() -> None:
    facts = situation(family(more=1, here=1), visitor={"attends": True, "party": 1})

    assert reasons(facts, SELF, GUEST) == [Reason.ALREADY_BOOKED, Reason.ALLOWED]


def test_personal_use_is_not_for_guests() -> None:
    assert reason(situation(allowance()), GUEST) is Reason.PERSONAL_USE_ONLY


def test_an_allowed_ticket_tells_what_is_charged_and_what_remains() -> None:
    verdict = judge(situation(allowance(limit=3, used=1, period=JANUARY)), SELF, now=NOW)

    assert (verdict.offer, verdict.member, verdict.uses_left, verdict.limit, verdict.period) == (1, 9, 1, 3, JANUARY)


def test_a_used_up_offer_is_named_with_its_period() -> None:
    verdict = judge(situation(allowance(limit=3, used=3, period=JANUARY)), SELF, now=NOW)

    assert (verdict.offer, verdict.uses_left, verdict.limit, verdict.period) == (1, 0, 3, JANUARY)


def test_one_and_n_people_counting_those_already_booked() -> None:
    assert reasons(situation(family(more=2)), SELF, GUEST, GUEST, GUEST) == [
        Reason.TOO_MANY_FOR_EVENT,
        Reason.ALLOWED,
        Reason.ALLOWED,
        Reason.ALLOWED,
    ]
    assert reasons(situation(family(more=2, here=2), visitor={"party": 2}), GUEST, GUEST) == [
        Reason.ALLOWED,
        Reason.TOO_MANY_FOR_EVENT,
    ]


def test_several_offers_together_let_no_more_people_in_than_the_largest_of_them() -> None:
    facts = situation(family(1, more=1), family(2, more=2))

    verdicts = judge_order(facts, [GUEST] * 4, now=NOW)

    assert [(verdict.reason, verdict.offer, verdict.limit) for verdict in verdicts] == [
        (Reason.ALLOWED, 1, None),
        (Reason.ALLOWED, 1, None),
        (Reason.ALLOWED, 2, None),
        (Reason.TOO_MANY_FOR_EVENT, None, 3),
    ]


def test_the_member_need_not_be_among_the_people() -> None:
    assert reasons(situation(family(more=1)), GUEST, GUEST) == [Reason.ALLOWED, Reason.ALLOWED]


def test_the_unlimited_offer_is_charged_before_a_limited_one() -> None:
    facts = situation(allowance(1, limit=5, period=JANUARY), allowance(2))

    assert judge(facts, SELF, now=NOW).offer == 2


def test_of_two_limited_offers_the_one_that_would_be_lost_soonest_is_charged() -> None:
    later = Period(date(2030, 1, 3), date(2031, 1, 3))
    facts = situation(allowance(1, limit=5, period=later), allowance(2, limit=5, period=JANUARY), allowance(3, limit=5))

    assert judge(facts, SELF, now=NOW).offer == 2


def test_what_a_guest_needs_is_not_spent_on_the_member() -> None:
    facts = situation(family(1, limit=1, period=JANUARY), allowance(2, limit=9))

    verdicts = judge_order(facts, [SELF, GUEST], now=NOW)

    assert [(verdict.reason, verdict.offer) for verdict in verdicts] == [(Reason.ALLOWED, 2), (Reason.ALLOWED, 1)]


def test_tickets_of_one_order_draw_on_different_offers() -> None:
    facts = situation(family(1, more=3, limit=1, period=JANUARY), family(2, more=3, limit=2))

    verdicts = judge_order(facts, [GUEST] * 4, now=NOW)

    assert [(verdict.offer, verdict.uses_left) for verdict in verdicts] == [(1, 0), (2, 1), (2, 0), (1, 0)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False]


def test_of_two_offers_objections_the_closest_to_a_yes_is_told() -> None:
    facts = situation(allowance(1), family(2, limit=2, used=2, period=JANUARY))

    assert reason(facts, GUEST) is Reason.LIMIT_REACHED


def test_a_second_group_can_open_what_the_first_does_not() -> None:
    facts = situation(
        ticket={"groups": frozenset({GROUP, OTHER_GROUP}), "offers": frozenset({5})},
        visitor={
            "group_standings": {
                GROUP: GroupStanding(stands_now=True, stands_then=False, until=NOW, allowances=(allowance(4),)),
                OTHER_GROUP: GroupStanding(stands_now=True, stands_then=True, allowances=(allowance(5),)),
            }
        },
    )

    assert judge(facts, SELF, now=NOW).offer == 5


@pytest.mark.parametrize("full", ["event", "ticket"])
def test_an_order_beyond_the_places_is_told_ticket_by_ticket(full: str) -> None:
    facts = situation(family(more=3), **{full: {"places_left": 2}})

    assert reasons(facts, GUEST, GUEST, GUEST) == [Reason.ALLOWED, Reason.ALLOWED, Reason.SOLD_OUT]


def test_an_order_beyond_the_most_of_a_booking_is_refused() -> None:
    facts = situation(event={"per_booking": 2})
    asks = [Ask(ORDINARY)] * 3

    verdicts = judge_order(facts, asks, now=NOW)

    assert [verdict.reason for verdict in verdicts] == [Reason.ALLOWED, Reason.ALLOWED, Reason.TOO_MANY_IN_BOOKING]
    assert verdicts[2].limit == 2


def test_the_most_of_a_booking_counts_what_is_in_it_and_hides_no_other_reason() -> None:
    facts = situation(allowance(), event={"per_booking": 3, "in_booking": 2})

    assert reasons(facts, Ask(ORDINARY, Attendee.GUEST), GUEST, SELF) == [
        Reason.ALLOWED,
        Reason.PERSONAL_USE_ONLY,
        Reason.TOO_MANY_IN_BOOKING,
    ]
