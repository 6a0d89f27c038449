"""Which tickets an offer covers; making and changing offers together with that."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.models import SchedulePage
from groups.models import Group
from offers import services
from offers.models import Offer, OfferKind
from offers.services import OfferTerms
from tickets.models import Coverage, Ticket

INITIAL_TERMS: Final = 10


@dataclass(frozen=True, slots=True)
class CoverageChoice:
    """What an offer covers: these tickets, and on these pages all exclusive tickets of its group; a discount, all."""

    pages: frozenset[int] = frozenset()
    tickets: frozenset[int] = frozenset()


def coverage_of(offer: Offer) -> CoverageChoice:
    """What an offer covers now."""
    rows = Coverage.objects.filter(offer=offer).values_list("page", "ticket")
    found = list(rows)
    return CoverageChoice(
        frozenset(page for page, _ticket in found if page), frozenset(ticket for _page, ticket in found if ticket)
    )


def create_offer(
    group: Group, *, key: UUID | None = None, now: datetime, kind: OfferKind = OfferKind.EXCLUSIVE
) -> Offer:
    """Make the offer that *Create* makes: disabled, personal, unlimited, on the account's first page.

    See docs/design.md, *Offers*. A discount begins with ten percent, because it cannot be without any. `key`
    comes with the form: the same key again returns the offer it made.
    """
    terms = OfferTerms(kind=kind, percent=INITIAL_TERMS) if kind == OfferKind.DISCOUNT else OfferTerms()
    page = SchedulePage.objects.filter(account=group.account_id).order_by("id").first()
    with transaction.atomic():
        offer, is_new = services.make_offer(group, terms, key=key, now=now)
        if is_new:
            _set_coverage(offer, CoverageChoice(pages=frozenset({page.pk} if page else ())))
    return offer


def edit_offer(offer: Offer, terms: OfferTerms, cover: CoverageChoice) -> Offer:
    """Change an offer; raises OfferUsedError when it was used and more than *Offer enabled* would change."""
    with transaction.atomic():
        offer = services.change_terms(offer, terms)
        if coverage_of(offer) != cover:
            if services.was_used(offer):
                raise services.OfferUsedError
            _set_coverage(offer, cover)
    return offer


def replace_offer(offer: Offer, terms: OfferTerms, cover: CoverageChoice, *, now: datetime) -> Offer:
    """Delete an offer and make another in one step, carrying every member's uses over (docs/design.md, *Offers*).

    An offer that was replaced already is not replaced again: the one that came of it is returned.
    """
    while True:
        with transaction.atomic():
            if services.lock_members_who_used(offer):
                return _replace_once(offer, terms, cover, now=now)


def _replace_once(offer: Offer, terms: OfferTerms, cover: CoverageChoice, *, now: datetime) -> Offer:
    if done := Offer.objects.filter(replaces=offer).first():
        return done
    services.delete_offer(offer, now=now)
    successor, _new = services.make_offer(offer.group, terms, now=now, replaces=offer)
    _set_coverage(successor, cover)
    services.carry_over(offer, successor, now=now)
    return successor


def _set_coverage(offer: Offer, cover: CoverageChoice) -> None:
    pages = SchedulePage.objects.filter(account=offer.account_id, pk__in=cover.pages).values_list("pk", flat=True)
    tickets = Ticket.objects.filter(account=offer.account_id, pk__in=cover.tickets).values_list("pk", flat=True)
    Coverage.objects.filter(offer=offer).delete()
    Coverage.objects.bulk_create(
        [
            *(Coverage(account_id=offer.account_id, offer=offer, page_id=page) for page in pages),
            *(Coverage(account_id=offer.account_id, offer=offer, ticket_id=ticket) for ticket in tickets),
        ]
    )
