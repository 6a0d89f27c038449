"""The rule, whatever it is asked: spending and giving back, and what no order of tickets can get."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from offers.eligibility import (
    Allowance,
    Ask,
    Attendee,
    Situation,
    give_back,
    judge,
    judge_order,
    spend,
)
from offers.periods import FOR_GOOD, Period
from tests.offers.test_eligibility import GROUP, GUEST, JANUARY, NOW, ORDINARY, SELF, TICKET, situation

PERIODS = st.sampled_from([FOR_GOOD, JANUARY, Period(date(2030, 1, 1), date(2031, 1, 1))])


@st.composite
def allowances(draw: st.DrawFn, offer: int) -> Allowance:
    personal = draw(st.booleans())
    limit = draw(st.none() | st.integers(1, 4))
    return Allowance(
        offer=offer,
        member=9,
        personal=personal,
        party=1 if personal else draw(st.integers(2, 4)),
        limit=limit,
        period=FOR_GOOD if limit is None else draw(PERIODS),
        used=draw(st.integers(0, 6)),
    )


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    offers = [draw(allowances(number)) for number in range(draw(st.integers(0, 3)))]
    return situation(
        *offers,
        event={
            "places_left": draw(st.integers(0, 5)),
            "per_booking": draw(st.integers(1, 6)),
            "cancelled": draw(st.integers(0, 9)) == 0,
        },
        ticket={"places_left": draw(st.none() | st.integers(0, 4))},
        visitor={"logged_in": draw(st.integers(0, 9)) > 0, "proved": draw(st.integers(0, 9)) > 0},
    )


ASKS = st.lists(st.sampled_from([GUEST, Ask(ORDINARY)]), max_size=6).flatmap(
    lambda guests: st.permutations([*guests, SELF]) | st.just(guests)
)


@given(facts=situations(), ask=st.sampled_from([SELF, GUEST, Ask(ORDINARY)]))
def test_spend_then_give_back_changes_nothing(facts: Situation, ask: Ask) -> None:
    verdict = judge(facts, ask, now=NOW)

    if verdict.allowed:
        assert give_back(spend(facts, ask, verdict), ask, verdict) == facts


@given(facts=situations(), asks=ASKS)
def test_uses_left_are_never_negative_and_nothing_is_oversold(facts: Situation, asks: list[Ask]) -> None:
    verdicts = judge_order(facts, asks, now=NOW)
    allowed = [(ask, verdict) for ask, verdict in zip(asks, verdicts, strict=True) if verdict.allowed]

    assert all(verdict.uses_left is None or verdict.uses_left >= 0 for _ask, verdict in allowed)
    assert len(allowed) <= min(facts.event.places_left, facts.event.per_booking)
    places = facts.tickets[TICKET].places_left
    assert places is None or sum(ask.ticket == TICKET for ask, _verdict in allowed) <= places
    for each in facts.visitor.group_standings[GROUP].allowances:
        charged = sum(verdict.offer == each.offer for _ask, verdict in allowed)
        assert each.left is None or charged <= each.left
        assert charged <= each.party
    people = [each.party for each in facts.visitor.group_standings[GROUP].allowances]
    assert sum(verdict.offer is not None for _ask, verdict in allowed) <= max(people, default=0)


@given(facts=situations(), asks=ASKS)
def test_an_order_is_decided_as_if_booked_ticket_by_ticket(facts: Situation, asks: list[Ask]) -> None:
    """What is allowed together is allowed one after another, guests first: page and service agree."""
    facts = replace(facts, event=replace(facts.event, per_booking=99))
    order = sorted(asks, key=lambda ask: ask.attendee is Attendee.SELF)
    together = judge_order(facts, order, now=NOW)

    for ask, verdict in zip(order, together, strict=True):
        assert judge(facts, ask, now=NOW) == verdict
        if verdict.allowed:
            facts = spend(facts, ask, verdict)


@given(facts=situations())
def test_an_exclusive_ticket_never_falls_open(facts: Situation) -> None:
    stranger = replace(facts, visitor=replace(facts.visitor, group_standings={}))

    assert judge(stranger, SELF, now=NOW).allowed is False
