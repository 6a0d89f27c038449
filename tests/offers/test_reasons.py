"""Every reason that the rule may give is known to all that speak of it."""

from zoneinfo import ZoneInfo

import pytest

from offers.dashboard.advice import _ADVICE
from offers.eligibility import NextStep, Reason, Verdict
from offers.messages import explain
from offers.periods import FOR_GOOD
from tests.factories.schedule import NOW
from tickets.public.phrases import STATES


def test_every_reason_of_the_rule_has_advice() -> None:
    assert set(_ADVICE) == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_of_the_rule_has_a_sentence_and_a_look(reason: Reason) -> None:
    verdict = Verdict(reason=reason, next_step=NextStep.BOOK, limit=3, period=FOR_GOOD, at=NOW)

    assert explain(verdict, zone=ZoneInfo("Europe/London"))
    assert STATES[reason]
