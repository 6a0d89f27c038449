"""Replacing an offer that many members have used: at once for everybody, their uses follow (docs/decisions/0053)."""

from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy

from accounts.models import Account, Operation
from accounts.operations.by_key import RowsToDo, do_batch
from accounts.operations.kinds import Kind, Phase, Place, Step
from accounts.operations.services import start_operation
from offers import carrying
from offers.locks import lock_offer
from offers.models import Offer
from offers.services import OfferTerms
from tickets.schedule.coverage import CoverageChange, put_in_place

REPLACE: Final = "replace"


def begin_replacing(
    offer: Offer, terms: OfferTerms, cover: CoverageChange, *, who: str, key: UUID, now: datetime
) -> Operation | None:
    """Put another offer in one's place (with its account), and let workers carry members' uses over to it.

    The new one holds for everybody from now on. Where that was done before, the job that it began is returned, if
    there was one. Raises offers.carrying.StillCarryingError.
    """
    with transaction.atomic():
        offer = lock_offer(offer.pk)
        begun = find_operation(offer.account, offer.pk)
        if begun and begun.is_open:  # by the release before, perhaps: then it is still to be put in place
            return begun
        _successor, is_new = put_in_place(offer, terms, cover, carries_later=True, now=now)
        if not is_new:
            return begun
        operation, _new = start_operation(
            offer.account, REPLACING.name, phase=REPLACE, who=who, key=key, lane=_lane(offer.pk), now=now
        )
        Operation.objects.filter(account=offer.account_id, pk=operation.pk).update(cursor={"offer": offer.pk})
    return operation


def find_operation(account: Account, offer: int) -> Operation | None:
    """The newest job that carries uses of an offer (id) over to the one in its place."""
    return Operation.objects.filter(account=account, lane=_lane(offer)).order_by("pk").last()


def _lane(offer: int) -> str:
    """The lane in which an offer (id) is replaced: once at a time."""
    return f"replace offer {offer}"


def _leads_to(operation: Operation) -> Place | None:
    """The group whose offer it is."""
    offer = Offer.objects.filter(account=operation.account_id, pk=int(operation.lane.split()[2])).first()
    return Place(gettext_lazy("Open the group"), "group", offer.group_id) if offer else None


def _carry_batch(operation: Operation, now: datetime) -> Step:
    """Carry some members' uses over."""
    given = operation.cursor
    offer = Offer.objects.select_related("account", "group__account").get(
        account=operation.account_id, pk=given["offer"]
    )
    if "terms" in given:
        return _begin_for_release_before(offer, given, now=now)
    successor = Offer.objects.get(account=operation.account_id, replaces=offer)
    members = RowsToDo(
        count=partial(carrying.count_to_carry, offer),
        next_keys=partial(carrying.next_batch, offer),
        act=partial(carrying.carry_some, offer, successor, now=now),
    )
    step = do_batch(operation, members)
    if step.cursor is None:
        carrying.finish_carrying(successor)
    return step


def _begin_for_release_before(offer: Offer, given: dict[str, Any], *, now: datetime) -> Step:
    """Do what the release before left to a worker: the new offer is not there yet, and its terms are in the cursor."""
    cover = CoverageChange(
        pages=frozenset(given["pages"]),
        keeps_tickets=given["keeps_tickets"],
        add=frozenset(given["add"]),
        drop=frozenset(given["drop"]),
    )
    with transaction.atomic():
        put_in_place(lock_offer(offer.pk), OfferTerms(**given["terms"]), cover, carries_later=True, now=now)
    return Step({"offer": offer.pk}, 0)


REPLACING: Final = Kind(
    "replace_offer",
    gettext_lazy("Replace an offer"),
    "operation",
    {REPLACE: Phase(gettext_lazy("Carrying uses over to the new offer"), _carry_batch)},
    stays=gettext_lazy("The new offer is already in place for everyone, so this can’t be cancelled."),
    leads_to=_leads_to,
)
