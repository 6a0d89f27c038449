"""What *Check access* says: the verdict as the customer reads it, what the operator can do, and the facts behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.access import OperatorRequest
from accounts.models import Customer
from groups.models import Group, Member, Standing
from groups.queries import ruling_standing
from offers.dashboard.advice import Case, Step, advise
from offers.eligibility import Allowance, Ask, Attendee, Verdict, judge
from offers.messages import explain, uses_left
from offers.queries import offers_of
from tickets.facts import Facts
from tickets.models import Entry, Seat, Ticket


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict in words, for the customer themselves, for a guest, or for both."""

    who: str
    verdict: Verdict
    customer_reads: str
    after: str
    steps: Sequence[Step]


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
    mine, guest = (
        judge(facts.situation, Ask(ticket.pk, attendee), now=now) for attendee in (Attendee.SELF, Attendee.GUEST)
    )
    case = Case(request, customer, entry, ticket)
    if mine == guest:
        return [_answer(_("For themselves or a guest"), mine, case)]
    return [_answer(_("For themselves"), mine, case), _answer(_("For a guest"), guest, case)]


def standpoints(customer: Customer, ticket: Ticket, facts: Facts, *, now: datetime) -> list[Standpoint]:
    """What the verdict rests on, for each of the ticket's groups."""
    members = {
        member.group_id: member
        for member in Member.objects.filter(customer=customer, group__tickets=ticket).prefetch_related("standings")
    }
    return [_standpoint(group, members.get(group.pk), ticket, facts, now=now) for group in ticket.groups.all()]


def _answer(who: str, verdict: Verdict, case: Case) -> Answer:
    return Answer(
        who,
        verdict,
        explain(verdict, zone=case.request.account.zone, address=case.customer.email),
        uses_left(verdict),
        advise(verdict, case),
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
