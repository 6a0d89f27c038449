"""What *Check access* says: the verdict as the customer reads it, what the operator can do, and the facts behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.access import OperatorRequest
from accounts.models import Customer
from bookwhen.money import money
from groups.dashboard.fetch import address
from groups.models import Group, Member, Standing
from groups.queries import ruling_standing
from offers.dashboard.advice import Case, Step, advise
from offers.eligibility import Allowance, Ask, Attendee, Verdict, judge
from offers.messages import explain, saved, uses_left
from offers.queries import offers_of
from tickets.availability.facts import Facts
from tickets.models import Entry, Seat, Ticket
from tickets.money.pricing import Item, Quote, quote


@dataclass(frozen=True, slots=True)
class Pays:
    """What a ticket costs the customer, in words; `discount` names the offer that makes it cheaper, at `url`."""

    words: str
    discount: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict in words, for the customer themselves, for a guest, or for both."""

    who: str
    verdict: Verdict
    customer_reads: str
    after: str
    steps: Sequence[Step]
    pays: Pays | None
    """None where the ticket costs nothing."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """How the customer stands in one of the ticket's groups, and what its offers give them for this event."""

    group: Group
    ruling: Standing | None
    member: Member | None
    allowances: Sequence[tuple[int, Allowance, Sequence[Seat]]]
    """Each with the offer's number on the group's page, and the seats that used it in the period of the event."""


def answers(
    request: OperatorRequest, customer: Customer, entry: Entry, ticket: Ticket, facts: Facts, *, now: datetime
) -> list[Answer]:
    """The rule's answer for the customer and for one guest; as one where it is the same."""
    if ticket.pk not in facts.situation.tickets:
        return []
    case = Case(request, customer, entry, ticket)
    mine, guest = (
        (judge(facts.situation, Ask(ticket.pk, attendee), now=now), _pays(case, own=attendee is Attendee.SELF, now=now))
        for attendee in (Attendee.SELF, Attendee.GUEST)
    )
    if mine == guest:
        return [_answer(_("For themselves or a guest"), *mine, case)]
    return [_answer(_("For themselves"), *mine, case), _answer(_("For a guest"), *guest, case)]


def standpoints(customer: Customer, ticket: Ticket, facts: Facts, *, now: datetime) -> list[Standpoint]:
    """What the verdict rests on, for each of the ticket's groups."""
    members = {
        member.group_id: member
        for member in Member.objects.filter(customer=customer, group__tickets=ticket).prefetch_related("standings")
    }
    return [_standpoint(group, members.get(group.pk), ticket, facts, now=now) for group in ticket.groups.all()]


def _pays(case: Case, *, own: bool, now: datetime) -> Pays | None:
    if not case.ticket.price:
        return None
    [found] = quote([Item(entry=case.entry, ticket=case.ticket, own=own)], case.customer, now=now)
    words = _money(case, found.amount)
    if not case.request.account.takes_payments:
        words = _("%(amount)s, though nobody can pay until the account is connected to Stripe") % {"amount": words}
    return _discounted(case, found, words) if found.discount else Pays(words)


def _discounted(case: Case, found: Quote, words: str) -> Pays:
    assert found.discount  # noqa: S101 - asked before
    offer = found.discount.offer
    group = Group.objects.get(pk=offer.group_id)
    offer.account = case.request.account
    less = _("%(price)s less %(saved)s, by offer %(number)d of “%(group)s”") % {
        "price": _money(case, found.price),
        "saved": saved(offer),
        "number": list(offers_of(group).values_list("pk", flat=True)).index(offer.pk) + 1,
        "group": group,
    }
    return Pays(words, less, address(case.request, "offer_edit", pk=group.pk, offer=offer.pk))


def _money(case: Case, amount: int) -> str:
    return money(amount, case.request.account.currency, case.request.account.locale)


def _answer(who: str, verdict: Verdict, pays: Pays | None, case: Case) -> Answer:
    return Answer(
        who,
        verdict,
        explain(verdict, zone=case.request.account.zone, address=case.customer.email),
        uses_left(verdict),
        advise(verdict, case),
        pays,
    )


def _standpoint(group: Group, member: Member | None, ticket: Ticket, facts: Facts, *, now: datetime) -> Standpoint:
    footing = facts.situation.visitor.footings.get(group.pk)
    covering = facts.situation.tickets[ticket.pk].offers if ticket.pk in facts.situation.tickets else frozenset()
    allowances = [each for each in footing.allowances if each.offer in covering] if footing else []
    numbers = {offer: number for number, offer in enumerate(offers_of(group).values_list("pk", flat=True), start=1)}
    return Standpoint(
        group,
        ruling_standing(list(member.standings.all()), now=now) if member else None,
        member,
        [(numbers[each.offer], each, _uses(each)) for each in allowances],
    )


def _uses(allowance: Allowance) -> list[Seat]:
    seats = Seat.objects.filter(
        use__period__offer=allowance.offer,
        use__period__member=allowance.member,
        use__period__starts_on=allowance.period.starts_on,
        use__ended_at__isnull=True,
    )
    return list(seats.select_related("entry", "ticket", "booking").order_by("entry__starts_at", "pk"))
