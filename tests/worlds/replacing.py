"""A studio that replaces its offer while uses of the one before are still to be carried over."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from accounts.models import Operation, OperationState
from accounts.operations.running import run_operation
from offers.models import Offer
from offers.services import OfferTerms
from tests.factories.schedule import NOW
from tests.worlds.members_studio import MembersStudio
from tickets.schedule.coverage import CoverageChange
from tickets.schedule.replacing import begin_replacing


class ReplacingStudio(MembersStudio):
    """Each member may book three entries a month, and has booked some of them, all on one day.

    Then `begin` puts an offer with other periods in its place.
    """

    def __init__(self, *, members: int = 2, booked: int = 2, **fields: Any) -> None:
        super().__init__(members=members, entries=4, limit=3, capacity=10 * members, **fields)
        for customer in range(members):
            for entry in range(booked):
                self.book(customer=customer, entry=entry)

    def begin(self, **terms: Any) -> Operation:
        """Replace it by one of three a week, or by these terms; no uses are carried over yet."""
        given = OfferTerms(**{"enabled": True, "limit": 3, "period_unit": "week", **terms})
        self.offer.account = self.account
        cover = CoverageChange(pages=frozenset({self.page.pk}))
        operation = begin_replacing(self.offer, given, cover, who="", key=uuid4(), now=NOW)
        assert operation
        return operation

    @property
    def successor(self) -> Offer:
        return Offer.objects.get(replaces=self.offer)


def go_on(operation: Operation, *, seconds: float = 20) -> OperationState:
    """Let a worker go on with it, as if the last one had died, or had its time."""
    Operation.objects.filter(pk=operation.pk).update(due_at=NOW - timedelta(days=9999))
    run_operation(operation.pk, seconds=seconds)
    operation.refresh_from_db()
    return OperationState(operation.state)


def carry_all(operation: Operation) -> None:
    """Let workers carry all of it over."""
    while go_on(operation) in {OperationState.QUEUED, OperationState.RUNNING}:
        assert operation.error == ""
