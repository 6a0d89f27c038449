"""What of a customer's offers the studio charges when it books for them, or moves them: the rule, but for sale times.

Places bind the studio too, but it may make more of them; so they are counted where they are taken, and not judged here.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from offers.eligibility import Ask, NextStep, Reason, Situation, Verdict, judge_order
from tickets.annotated import OfferAtEntry
from tickets.availability.facts import Facts

A_MOMENT: Final = timedelta(microseconds=1)
PLAIN: Final = Verdict(reason=Reason.ALLOWED, next_step=NextStep.BOOK)
"""What is said of a ticket for which no offer is charged."""


class StudioTermsChangedError(Exception):
    """What would be charged is not what the operator saw: nothing was booked or moved. Show it again."""


@dataclass(frozen=True, slots=True)
class StudioTerms:
    """What would be charged for some wanted tickets, in their order: a verdict for each, and the offers by id."""

    verdicts: Sequence[Verdict]
    offers: Mapping[int, OfferAtEntry]

    @property
    def charged(self) -> list[Verdict]:
        """Those for which an offer is charged."""
        return [verdict for verdict in self.verdicts if is_charged(verdict)]

    @property
    def refused(self) -> Verdict | None:
        """The first one to which the rule says no."""
        return next((verdict for verdict in self.verdicts if not verdict.allowed), None)

    @property
    def version(self) -> str:
        """A text that tells whether somebody still sees what would be charged: of which offer, in which period."""
        said = (
            f"{verdict.offer}/{verdict.period.starts_on if verdict.period else ''}" if is_charged(verdict) else "-"
            for verdict in self.verdicts
        )
        return ",".join(said)

    @property
    def as_charged(self) -> list[Verdict]:
        """The verdicts to book by: what no offer covers is booked without one."""
        return [verdict if is_charged(verdict) else PLAIN for verdict in self.verdicts]


def is_charged(verdict: Verdict) -> bool:
    """Whether an offer is charged: of one that is used up a verdict tells too."""
    return verdict.allowed and verdict.offer is not None


def studio_terms(facts: Facts, asks: Sequence[Ask], *, now: datetime) -> StudioTerms:
    """What the offers of a customer give them for tickets that the studio books, by the same facts as their own."""
    return StudioTerms(judge_order(_for_the_studio(facts.situation, now), asks, now=now), facts.offers)


def _for_the_studio(situation: Situation, now: datetime) -> Situation:
    """A situation in which sale is always open and there is always room: a class that runs can be booked as well."""
    starts_at = max(situation.event.starts_at, now + A_MOMENT)
    event = replace(situation.event, starts_at=starts_at, places_left=sys.maxsize, per_booking=sys.maxsize)
    tickets = {
        pk: replace(ticket, opens_at=None, closes_at=starts_at, places_left=None)
        for pk, ticket in situation.tickets.items()
    }
    return replace(situation, event=event, tickets=tickets)
