"""What *Check access* says: the verdict as the customer reads it, what the operator can do, and the facts behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.access import OperatorRequest
from accounts.dashboard.links import dashboard_url
from accounts.models import Customer
from bookwhen.money import money
from groups.models import Group, Member, Standing
from groups.queries import ruling_standing
from offers.carrying import counted_offers
from offers.dashboard.advice import AccessCase, AdviceStep, advise
from offers.eligibility import Allowance, Ask, Attendee, Verdict, judge
from offers.messages import discount_text, explain, left_text, offer_title, uses_left
from offers.models import Offer
from offers.queries import offers_of
from tickets.availability.facts import Facts
from tickets.models import Entry, Seat, Ticket
from tickets.money.pricing import LineItem, Quote, quote_items


@dataclass(frozen=True, slots=True)
class PriceAnswer:
    """What a ticket costs the customer, in words; `discount` names the offer that makes it cheaper, at `url`."""

    words: str
    discount: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class AccessAnswer:
    """A verdict in words, for the customer themselves, for a guest, or for both."""

    who: str
    verdict: Verdict
    customer_reads: str
    after: str
    steps: Sequence[AdviceStep]
    pays: PriceAnswer | None
    """None where the ticket costs nothing."""


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """How the customer stands in one of the ticket's groups, and what its offers give them for this event."""

    group: Group
    ruling: Standing | None
    member: Member | None
    allowances: Sequence[tuple[str, str, Sequence[Seat]]]
    """What each offer is called, what is left of it in the period of the event (no limit: empty), and what used it."""


def access_answers(
    request: OperatorRequest, customer: Customer, entry: Entry, ticket: Ticket, facts: Facts, *, now: datetime
) -> list[AccessAnswer]:
    """The rule's answer for the customer and for one guest; as one where it is the same."""
    if ticket.pk not in facts.situation.tickets:
        return []
    case = AccessCase(request, customer, entry, ticket)
    mine, guest = (
        (
            judge(facts.situation, Ask(ticket.pk, attendee), now=now),
            _price_answer(case, own=attendee is Attendee.SELF, now=now),
        )
        for attendee in (Attendee.SELF, Attendee.GUEST)
    )
    if mine == guest:
        return [_access_answer(_("For themselves or a guest"), *mine, case)]
    return [_access_answer(_("For themselves"), *mine, case), _access_answer(_("For a guest"), *guest, case)]


def member_facts(customer: Customer, ticket: Ticket, facts: Facts, *, now: datetime) -> list[MemberFacts]:
    """What the verdict rests on, for each of the ticket's groups."""
    members = {
        member.group_id: member
        for member in Member.objects.filter(customer=customer, group__tickets=ticket).prefetch_related("standings")
    }
    return [_member_facts(group, members.get(group.pk), ticket, facts, now=now) for group in ticket.groups.all()]


def _price_answer(case: AccessCase, *, own: bool, now: datetime) -> PriceAnswer | None:
    if not case.ticket.price:
        return None
    [found] = quote_items([LineItem(entry=case.entry, ticket=case.ticket, is_for_booker=own)], case.customer, now=now)
    words = _money(case, found.amount)
    if not case.request.account.takes_payments:
        words = _("%(amount)s, but nobody can pay until your account is connected to Stripe") % {"amount": words}
    return _discounted(case, found, words) if found.discount else PriceAnswer(words)


def _discounted(case: AccessCase, found: Quote, words: str) -> PriceAnswer:
    assert found.discount  # noqa: S101 - asked before
    offer = found.discount.offer
    group = Group.objects.get(pk=offer.group_id)
    offer.account = case.request.account
    number = list(offers_of(group).values_list("pk", flat=True)).index(offer.pk) + 1
    less = _("%(price)s less %(saved)s, with “%(offer)s” of “%(group)s”") % {
        "price": _money(case, found.price),
        "saved": discount_text(offer),
        "offer": offer_title(offer, number),
        "group": group,
    }
    return PriceAnswer(words, less, dashboard_url(case.request, "offer_edit", pk=group.pk, offer=offer.pk))


def _money(case: AccessCase, amount: int) -> str:
    return money(amount, case.request.account.currency, case.request.account.locale)


def _access_answer(who: str, verdict: Verdict, pays: PriceAnswer | None, case: AccessCase) -> AccessAnswer:
    return AccessAnswer(
        who,
        verdict,
        explain(verdict, zone=case.request.account.zone, address=case.customer.reached_at),
        uses_left(verdict),
        advise(verdict, case),
        pays,
    )


def _member_facts(group: Group, member: Member | None, ticket: Ticket, facts: Facts, *, now: datetime) -> MemberFacts:
    footing = facts.situation.visitor.group_standings.get(group.pk)
    covering = facts.situation.tickets[ticket.pk].offers if ticket.pk in facts.situation.tickets else frozenset()
    allowances = [each for each in footing.allowances if each.offer in covering] if footing else []
    titles = {offer.pk: offer_title(offer, number) for number, offer in enumerate(offers_of(group), start=1)}
    return MemberFacts(
        group,
        ruling_standing(list(member.standings.all()), now=now) if member else None,
        member,
        [(titles[each.offer], _left(each), _uses(each, facts.offers[each.offer])) for each in allowances],
    )


def _left(allowance: Allowance) -> str:
    if allowance.limit is None:
        return ""
    return left_text(allowance.left or 0, allowance.limit, allowance.period)


def _uses(allowance: Allowance, offer: Offer) -> list[Seat]:
    seats = Seat.objects.filter(
        use__period__offer__in=counted_offers(offer),
        use__period__member=allowance.member,
        use__event_on__gte=allowance.period.starts_on,
        use__event_on__lt=allowance.period.ends_on or date.max,
        use__ended_at__isnull=True,
    )
    return list(seats.with_entry().select_related("booking").order_by("entry__starts_at", "pk"))
