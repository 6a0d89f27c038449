"""Replacing an offer that many members have used: a worker does it, at once for everybody (decision 0049)."""

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy

from accounts.history.recording import is_recorded, record
from accounts.models import Deed, Operation
from accounts.operations.kinds import Kind, Phase, Step
from accounts.operations.services import about_operation, start_operation
from groups.services import about_group
from offers.models import Offer
from offers.services import OfferTerms
from tickets.schedule.coverage import CoverageChange, about_offer, replace_offer

REPLACE: Final = "replace"


def begin_replacing(
    offer: Offer, terms: OfferTerms, cover: CoverageChange, *, who: str, key: UUID, now: datetime
) -> Operation:
    """Let a worker replace an offer (with its account); the same key again returns the job that it began.

    Until it is done, the old one holds for everybody. Raises accounts.operations.services.OperationOpenError where it
    is being replaced already.
    """
    with transaction.atomic():
        operation, is_new = start_operation(
            offer.account, REPLACING.name, phase=REPLACE, who=who, key=key, lane=lane_of(offer), now=now
        )
        if is_new:
            covers = {name: sorted(getattr(cover, name)) for name in ("pages", "add", "drop")}
            cursor = {"offer": offer.pk, "terms": asdict(terms), "keeps_tickets": cover.keeps_tickets, **covers}
            Operation.objects.filter(account=offer.account_id, pk=operation.pk).update(cursor=cursor)
            if is_recorded():
                also = [about_group(offer.group), about_operation(operation)]
                record(
                    Deed.OFFER_REPLACING,
                    about_offer(offer),
                    account=offer.account_id,
                    also=also,
                    beside=offer.group.name,
                )
    return operation


def lane_of(offer: Offer) -> str:
    """The lane in which an offer is replaced: once at a time."""
    return f"replace offer {offer.pk}"


def _replace(operation: Operation, now: datetime) -> Step:
    """Replace the offer; done again after a crash, it finds that done."""
    given = operation.cursor
    offer = Offer.objects.select_related("group__account").get(account=operation.account_id, pk=given["offer"])
    cover = CoverageChange(
        pages=frozenset(given["pages"]),
        keeps_tickets=given["keeps_tickets"],
        add=frozenset(given["add"]),
        drop=frozenset(given["drop"]),
    )
    replace_offer(offer, OfferTerms(**given["terms"]), cover, now=now)
    return Step(None, 1, 1)


REPLACING: Final = Kind(
    "replace_offer",
    gettext_lazy("Replace an offer"),
    "operation",
    {REPLACE: Phase(gettext_lazy("Carrying uses over to the new offer"), _replace)},
)
