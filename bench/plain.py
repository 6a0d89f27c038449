"""What the fast path does, done as Django would do it: what it is measured against, and what its tests compare it with.

Nothing here is used by the site.
"""

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet

from accounts.models import Account, Customer, User
from bookwhen.fastpath.compiled import CompiledQuery
from groups.models import Member, Standing
from offers.carrying import counted_offers
from offers.models import Offer, OfferKind, UsagePeriod
from offers.periods import local_day
from tickets.availability.reading import FactRows
from tickets.models import Coverage, Entry, Seat
from tickets.queries import tickets_of


def rows(compiled: CompiledQuery[Any], *arguments: object) -> list[tuple[Any, ...]]:
    """The rows of a compiled query, its SQL written anew."""
    compiler = compiled.queryset(*arguments).query.get_compiler("default")
    return [row for chunk in compiler.execute_sql() for row in chunk]


def models(compiled: CompiledQuery[Any], *arguments: object) -> list[Any]:
    """What a compiled query reads, by its queryset."""
    return list(compiled.queryset(*arguments))


def fact_rows(entry: Entry, customer: Customer | None, *, now: datetime) -> FactRows:
    """What `read_fact_rows` reads, by querysets."""
    tickets: list[Any] = list(tickets_of(entry))
    named = {group for ticket in tickets if ticket.exclusive for group in ticket.group_ids}
    members = list(
        Member.objects.filter(customer=customer, group__in=named).select_related("group").order_by("pk")
        if customer
        else ()
    )
    open_ = Q(until__isnull=True) | Q(until__gt=now)
    standings = Standing.objects.filter(open_, member__in=members).select_related("member__group")
    offers = _offers(entry, members, _charged(entry, customer) if members else [])
    return FactRows(tickets, members, list(standings.order_by("member_id", "pk")), offers)


def _charged(entry: Entry, customer: Customer | None) -> list[tuple[int, bool]]:
    """The offer that each of a customer's live tickets at an entry is charged to, and whether it is their own."""
    seats = Seat.objects.filter(entry=entry, customer=customer, cancelled_at__isnull=True, use__isnull=False)
    told = seats.values_list("use__period__offer", "self_attendee")
    return [(offer, attendee is not None) for offer, attendee in told]


def _offers(entry: Entry, members: list[Member], charged: list[tuple[int, bool]]) -> list[Any]:
    day = local_day(entry.starts_at, entry.account.zone)
    own = {member.group_id: member for member in members}
    covers = Coverage.objects.filter(offer=OuterRef("pk"))
    offers: QuerySet[Any] = (
        Offer.objects.filter(group__in=own, kind=OfferKind.EXCLUSIVE, enabled=True, deleted_at__isnull=True)
        .annotate(
            page_ids=ArraySubquery(covers.filter(page__isnull=False).values("page")),
            ticket_ids=ArraySubquery(covers.filter(ticket__isnull=False).values("ticket")),
        )
        .select_related("group")
        .order_by("pk")
    )
    periods = UsagePeriod.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)
    filed = {
        (period.offer_id, period.member_id): period for period in periods.filter(offer__in=offers, member__in=members)
    }
    for offer in offers:
        period = filed.get((offer.pk, own[offer.group_id].pk))
        offer.used, offer.extra, offer.filed_from, offer.filed_until = (
            (period.used, period.extra, period.starts_on, period.ends_on) if period else (0, 0, None, None)
        )
        offer.here = sum(each in counted_offers(offer) for each, _ in charged)
        before = UsagePeriod.objects.filter(offer=offer.replaces_id, member=own[offer.group_id])
        offer.uncarried = offer.carrying and before.exists()
        offer.party, offer.attends = len(charged), any(theirs for _, theirs in charged)
    return list(offers)


def user(pk: int) -> User | None:
    """The user of a session, as Django's own backend reads them."""
    found = User.objects.filter(pk=pk).first()
    return found if found is not None and found.is_active else None


def linked_customer(user: User, account: Account) -> Customer | None:
    """The account's customer that a user is linked to."""
    return Customer.objects.filter(user=user, account=account).first()
