"""Which tickets an offer covers; making and changing offers together with that."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.history.recording import NOTHING, About, Change, is_recorded, record, yes_or_no
from accounts.models import Deed, SchedulePage, Thing
from groups.catalogue import about_group
from groups.models import Group
from offers import carrying, services
from offers.models import Offer, OfferKind
from offers.services import OfferTerms
from tickets.models import Coverage, Ticket
from tickets.schedule.offers_summary import covered_by, offer_sentence

INITIAL_TERMS: Final = 10


@dataclass(frozen=True, slots=True)
class CoverageChoice:
    """What an offer covers: these tickets, and on these pages all exclusive tickets of its group; a discount, all."""

    pages: frozenset[int] = frozenset()
    tickets: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class CoverageChange:
    """What changes in what an offer covers: these pages instead of others, and these tickets added and dropped.

    Without `keeps_tickets`, all tickets are dropped.
    """

    pages: frozenset[int] = frozenset()
    keeps_tickets: bool = False
    add: frozenset[int] = frozenset()
    drop: frozenset[int] = frozenset()


Cover: TypeAlias = CoverageChoice | CoverageChange


def coverage_of(offer: Offer) -> CoverageChoice:
    """What an offer covers now."""
    rows = Coverage.objects.filter(offer=offer).values_list("page", "ticket")
    found = list(rows)
    return CoverageChoice(
        frozenset(page for page, _ticket in found if page), frozenset(ticket for _page, ticket in found if ticket)
    )


def create_offer(
    group: Group,
    *,
    key: UUID | None = None,
    now: datetime,
    kind: OfferKind = OfferKind.EXCLUSIVE,
    ticket: Ticket | None = None,
) -> Offer:
    """Make the offer that *Create* makes: disabled, personal, unlimited, on the account's first page, or for a ticket.

    See docs/design.md, *Offers*. A discount begins with ten percent, because it cannot be without any. `key`
    comes with the form: the same key again returns the offer it made.
    """
    terms = OfferTerms(kind=kind, percent=INITIAL_TERMS) if kind == OfferKind.DISCOUNT else OfferTerms()
    page = SchedulePage.objects.filter(account=group.account_id).order_by("id").first()
    with transaction.atomic():
        offer, is_new = services.make_offer(group, terms, key=key, now=now)
        if is_new:
            pages = frozenset({page.pk} if page and not ticket else ())
            _set_coverage(offer, CoverageChoice(pages, frozenset({ticket.pk} if ticket else ())))
            _record(Deed.OFFER_CREATED, offer)
    return offer


def edit_offer(offer: Offer, terms: OfferTerms, cover: Cover | None = None) -> Offer:
    """Change an offer; raises OfferUsedError when it was used and more than *Offer enabled* would change.

    Without `cover`, what it covers stays.
    """
    with transaction.atomic():
        before = _as_read(offer)
        offer = services.change_terms(offer, terms)
        covers_other = cover is not None and _is_other(offer, cover)
        if cover is not None and covers_other:
            if services.was_used(offer):
                raise services.OfferUsedError
            _set_coverage(offer, cover)
        _record_change(before, offer, covers_other=covers_other)
    return offer


def delete_offer(offer: Offer, *, now: datetime) -> None:
    """Delete an offer (with its group): nobody can use it from now on; its history and bookings made by it stand."""
    with transaction.atomic():
        if services.delete_offer(offer, now=now):
            _record(Deed.OFFER_DELETED, offer)


def replace_offer(offer: Offer, terms: OfferTerms, cover: Cover, *, now: datetime) -> Offer:
    """Delete an offer and make another in one step, carrying every member's uses over (docs/design.md, *Offers*).

    An offer that was replaced already is not replaced again: the one that came of it is returned. Raises
    StillCarryingError.
    """
    while True:
        with transaction.atomic():
            if carrying.lock_members_who_used(offer):
                successor, is_new = put_in_place(offer, terms, cover, carries_later=False, now=now)
                if is_new:
                    carrying.carry_over(offer, successor, carrying.members_to_carry(offer), now=now)
                return successor


def put_in_place(
    offer: Offer, terms: OfferTerms, cover: Cover, *, carries_later: bool, now: datetime
) -> tuple[Offer, bool]:
    """Put another offer in one's place, which is held, or find the one that is there; and whether it was put there now.

    It holds for everybody from now on. Uses so far are for the caller to carry over, at once or later. Raises
    StillCarryingError.
    """
    if done := Offer.objects.filter(account=offer.account_id, replaces=offer).first():
        return done, False
    if Offer.objects.filter(account=offer.account_id, pk=offer.pk, carrying=True).exists():
        raise carrying.StillCarryingError
    successor = services.make_successor(offer, terms, carrying=carries_later, now=now)
    if isinstance(cover, CoverageChange) and cover.keeps_tickets:
        _copy_tickets(offer, successor)
    _set_coverage(successor, cover)
    _record_replacement(offer, successor)
    return successor, True


@dataclass(frozen=True, slots=True)
class _AsRead:
    """An offer as people read it; empty where nothing is recorded."""

    sentence: str = ""
    enabled: bool = False
    terms: OfferTerms | None = None


def about_offer(offer: Offer, sentence: str = "") -> About:
    """An offer as the history names it: by its sentence."""
    return About(Thing.OFFER, offer.pk, sentence or _as_read(offer).sentence)


def _as_read(offer: Offer) -> _AsRead:
    if not is_recorded():
        return _AsRead()
    found = Offer.objects.select_related("account", "group").get(account=offer.account_id, pk=offer.pk)
    return _AsRead(
        offer_sentence(found, covered_by(found.account, [found])[found.pk]), found.enabled, services.offer_terms(found)
    )


def _record(deed: Deed, offer: Offer) -> None:
    if is_recorded():
        _write(deed, offer, about_offer(offer))


def _record_change(before: _AsRead, offer: Offer, *, covers_other: bool) -> None:
    """Tell of a change; of many tickets the sentence names a few, so that it may read as before."""
    if not is_recorded():
        return
    after = _as_read(offer)
    changes = [Change(_("Offer"), before.sentence, after.sentence)]
    names = [each.terms.name if each.terms else "" for each in (before, after)]
    changes.append(Change(_("Offer name"), *(name or NOTHING for name in names)))
    changes.append(Change(_("Offer enabled"), yes_or_no(before.enabled), yes_or_no(after.enabled)))
    if before != after or covers_other:
        _write(Deed.OFFER_CHANGED, offer, about_offer(offer, after.sentence), changes)


def _record_replacement(offer: Offer, successor: Offer) -> None:
    if is_recorded():
        before, after = _as_read(offer).sentence, _as_read(successor).sentence
        also = [About(Thing.OFFER, offer.pk)]
        _write(Deed.OFFER_REPLACED, successor, about_offer(successor, after), [Change(_("Offer"), before, after)], also)


def _write(deed: Deed, offer: Offer, about: About, changes: Iterable[Change] = (), also: Iterable[About] = ()) -> None:
    group = offer.group
    also = [about_group(group), *also]
    record(deed, about, account=offer.account_id, also=also, changes=changes, beside=group.name)


def _is_other(offer: Offer, cover: Cover) -> bool:
    if isinstance(cover, CoverageChoice):
        return coverage_of(offer) != cover
    rows = Coverage.objects.filter(account=offer.account_id, offer=offer)
    tickets = rows.filter(ticket__isnull=False)
    pages = set(rows.filter(page__isnull=False).values_list("page", flat=True))
    if pages != cover.pages or (not cover.keeps_tickets and tickets.exists()):
        return True
    covered = set(tickets.filter(ticket__in=cover.add | cover.drop).values_list("ticket", flat=True))
    return not cover.add <= covered or bool(cover.drop & covered)


def _set_coverage(offer: Offer, cover: Cover) -> None:
    rows = Coverage.objects.filter(account=offer.account_id, offer=offer)
    if isinstance(cover, CoverageChoice):
        rows.delete()
        tickets = cover.tickets
    else:
        rows.filter(page__isnull=False).exclude(page__in=cover.pages).delete()
        dropped = rows.filter(ticket__isnull=False)
        gone = with_family(offer.account_id, cover.drop)
        (dropped.filter(ticket__in=gone) if cover.keeps_tickets else dropped).delete()
        tickets = cover.add
    tickets = with_family(offer.account_id, tickets)
    own = SchedulePage.objects.filter(account=offer.account_id, pk__in=cover.pages).values_list("pk", flat=True)
    sold = Ticket.objects.filter(account=offer.account_id, pk__in=tickets).values_list("pk", flat=True)
    Coverage.objects.bulk_create(
        [
            *(Coverage(account_id=offer.account_id, offer=offer, page_id=page) for page in own),
            *(Coverage(account_id=offer.account_id, offer=offer, ticket_id=ticket) for ticket in sold),
        ],
        ignore_conflicts=True,
    )


def with_family(account: int, tickets: frozenset[int]) -> frozenset[int]:
    """Tickets (ids), and all that were one with any of them until they were split."""
    if not tickets:
        return tickets
    found = Ticket.objects.filter(account=account).order_by()
    first = {each.family for each in found.filter(pk__in=tickets).only("pk", "split_from")}
    return tickets.union(found.filter(Q(pk__in=first) | Q(split_from__in=first)).values_list("pk", flat=True))


def _copy_tickets(offer: Offer, successor: Offer) -> None:
    """Have another offer cover the tickets that one covers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_coverage (account_id, offer_id, ticket_id) SELECT account_id, %s, ticket_id"
            " FROM tickets_coverage WHERE account_id = %s AND offer_id = %s AND ticket_id IS NOT NULL",
            [successor.pk, offer.account_id, offer.pk],
        )
