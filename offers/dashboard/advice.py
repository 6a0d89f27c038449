"""What an operator can do about each reason that the rule gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from django.utils.translation import gettext as _

from accounts.access import MANAGE_SCHEDULE, OperatorRequest
from accounts.dashboard.links import dashboard_url
from accounts.models import Customer
from groups.models import Group
from memberships.queries import subscriptions_of
from offers.dashboard import cures
from offers.eligibility import Reason, Verdict
from offers.messages import format_day, offer_title
from offers.models import Offer, OfferKind
from offers.services import was_used
from tickets.models import Entry, Seat, Ticket


@dataclass(frozen=True, slots=True)
class AccessCase:
    """Who wants what, and who looks into it."""

    request: OperatorRequest
    customer: Customer
    entry: Entry
    ticket: Ticket

    @property
    def may_schedule(self) -> bool:
        """Whether they may change entries and tickets."""
        return self.request.role in MANAGE_SCHEDULE

    def groups(self) -> list[Group]:
        """The ticket's groups that are in use."""
        return [group for group in self.ticket.groups.all() if group.archived_at is None]


@dataclass(frozen=True, slots=True)
class AdviceStep:
    """One thing to do, and where (an address; empty: nowhere to go), or what a click does (fields of a form)."""

    words: str
    label: str = ""
    url: str = ""
    cure: Mapping[str, str] | None = None


def advise(verdict: Verdict, case: AccessCase) -> list[AdviceStep]:
    """What to do next, best first."""
    return _ADVICE[verdict.reason](verdict, case)


def _nothing(_verdict: Verdict, _case: AccessCase) -> list[AdviceStep]:
    return [AdviceStep(_("They can book it now. You don’t need to do anything."))]


def _another_entry(_verdict: Verdict, case: AccessCase) -> list[AdviceStep]:
    return [AdviceStep(_("Choose another entry."), _("Open schedule"), dashboard_url(case.request, "schedule"))]


def _opens_later(_verdict: Verdict, case: AccessCase) -> list[AdviceStep]:
    words = _("Sell this ticket from now on, at every date of the entry that it’s for.")
    return _on_sale(AdviceStep(words, _("Put on sale now"), cure=cures.fields(cures.OPEN)), case)


def _closed_early(_verdict: Verdict, case: AccessCase) -> list[AdviceStep]:
    words = _("Sell this ticket until the start, at every date of the entry that it’s for.")
    return _on_sale(AdviceStep(words, _("Sell until the start"), cure=cures.fields(cures.KEEP_OPEN)), case)


def _on_sale(cure: AdviceStep, case: AccessCase) -> list[AdviceStep]:
    """What puts a ticket on sale, for who may change tickets; and for everyone, to book it past its sale times."""
    change = [cure, _ticket_form("", case)] if case.may_schedule else []
    return [_book(_("Book it for them: you can book outside its sale times."), case), *change]


def _book(words: str, case: AccessCase) -> AdviceStep:
    url = dashboard_url(case.request, "entry_book", pk=case.entry.pk)
    return AdviceStep(words, _("Book for them"), f"{url}?customer={case.customer.pk}")


def _log_in(_verdict: Verdict, _case: AccessCase) -> list[AdviceStep]:
    return [AdviceStep(how_to_log_in())]


def how_to_log_in() -> str:
    """What to tell somebody who has no login yet (help article, *If a customer doesn't have an account*)."""
    return _("Ask them to select Log in at the top right of your public page, then Forgotten your password?")


def _not_in_group(_verdict: Verdict, case: AccessCase) -> list[AdviceStep]:
    groups = case.groups()
    if not groups:
        return [
            AdviceStep(_("All this ticket’s customer groups are archived. Restore one, or choose another.")),
            _tickets_and_costs(_("Choose a group."), case),
        ]
    return [
        AdviceStep(
            _("Add %(email)s to “%(group)s”.") % {"email": case.customer.email or case.customer.name, "group": group},
            _("Add to “%(group)s”") % {"group": group},
            cure=cures.fields(cures.ADD, **{"in": group.pk}),
        )
        for group in groups
    ]


def _standing_ends(_verdict: Verdict, case: AccessCase) -> list[AdviceStep]:
    words = _(
        "They leave the group before the event. If they’ve cancelled a membership, they can still choose to keep it."
    )
    return [AdviceStep(words), *_not_in_group(_verdict, case)]


def _paused(_verdict: Verdict, case: AccessCase) -> list[AdviceStep]:
    """Their membership is paused: it can be resumed, or they can be let in meanwhile."""
    words = _("Their membership is paused. You can resume it, or let them in before their next payment.")
    theirs = subscriptions_of(case.request.account).live().filter(customer=case.customer)
    return [
        AdviceStep(words, str(each.membership), dashboard_url(case.request, "subscription", pk=each.pk))
        for each in theirs.filter(membership__group__in=case.groups())
    ]


def _no_offer(_verdict: Verdict, case: AccessCase) -> list[AdviceStep]:
    return [step for group in case.groups() for step in _offers_to_edit(group, case)]


def _offers_to_edit(group: Group, case: AccessCase) -> list[AdviceStep]:
    offers = list(group.offers.not_deleted())
    opening = [(number, offer) for number, offer in enumerate(offers, start=1) if offer.kind == OfferKind.EXCLUSIVE]
    if not opening:
        words = _("“%(group)s” has no offer yet.")
        if offers:
            words = _("“%(group)s” has no offer of exclusive tickets yet.")
        url = dashboard_url(case.request, "offer_new", pk=group.pk)
        return [
            AdviceStep(words % {"group": group}, _("Add offer"), url),
            AdviceStep(
                _("Or let its members book just this ticket, for themselves and as often as they like."),
                _("Add offer for this ticket"),
                cure=cures.fields(cures.OFFER, key=uuid4(), **{"in": group.pk}),
            ),
        ]
    return [step for number, offer in opening for step in _to_open(group, number, offer, case)]


def _to_open(group: Group, number: int, offer: Offer, case: AccessCase) -> list[AdviceStep]:
    """What makes an offer open the ticket: at once where that can be, and where to do it."""
    given = {"offer": offer_title(offer, number), "group": group}
    edit = dashboard_url(case.request, "offer_edit", pk=group.pk, offer=offer.pk)
    if not offer.enabled:
        words = _("“%(offer)s” of “%(group)s” is disabled. Enable it, and check that it includes this ticket.")
        return [
            AdviceStep(words % given, _("Enable offer"), cure=cures.fields(cures.ENABLE, offer=offer.pk)),
            AdviceStep("", _("Edit offer"), edit),
        ]
    words = _("Include this ticket in “%(offer)s” of “%(group)s”.") % given
    if was_used(offer):
        replace = dashboard_url(case.request, "offer_replace", pk=group.pk, offer=offer.pk)
        return [AdviceStep(words, _("Replace offer"), replace)]
    return [
        AdviceStep(words, _("Include this ticket"), cure=cures.fields(cures.INCLUDE, offer=offer.pk)),
        AdviceStep("", _("Edit offer"), edit),
    ]


def _see_booking(_verdict: Verdict, case: AccessCase) -> list[AdviceStep]:
    seat = Seat.objects.live().filter(entry=case.entry, customer=case.customer).select_related("booking").first()
    url = dashboard_url(case.request, "booking", pk=seat.booking_id) if seat else ""
    return [AdviceStep(_("They’re already booked. To bring a guest, they need another ticket."), _("See booking"), url)]


def _people(_verdict: Verdict, case: AccessCase) -> list[AdviceStep]:
    words = _("To let them bring more people, change “Allow additional attendees” in the offer.")
    return [AdviceStep(words), *_to_groups(case)]


def _limit(verdict: Verdict, case: AccessCase) -> list[AdviceStep]:
    ends = verdict.period.ends_on if verdict.period else None
    wait = (
        _("Their uses reset on %(day)s, for events from that date.") % {"day": format_day(ends)}
        if ends
        else _("These uses don’t reset.")
    )
    return [
        AdviceStep(wait),
        AdviceStep(
            _("Give them one more use in the period of this event. Your team sees it in the history."),
            _("Give one extra use"),
            cure=cures.fields(cures.EXTRA, offer=verdict.offer or 0, key=uuid4()),
        ),
        AdviceStep(
            _(
                "To return a use, cancel one of the bookings below. You can also book for them without using their"
                " allowance."
            )
        ),
        AdviceStep(
            _("To allow more, replace the offer with one that has a higher limit. Uses so far are carried over."),
            *_offer(verdict, case),
        ),
    ]


def _offer(verdict: Verdict, case: AccessCase) -> tuple[str, str]:
    offer = Offer.objects.filter(account=case.request.account, pk=verdict.offer or 0).first()
    if offer is None:
        return "", ""
    return _("Replace offer"), dashboard_url(case.request, "offer_replace", pk=offer.group_id, offer=offer.pk)


def _sold_out(_verdict: Verdict, case: AccessCase) -> list[AdviceStep]:
    """One more space, where that would be theirs: not where others wait, or the ticket has its own limit."""
    places = case.entry.places
    book = _book(_("Book it for them: we’ll ask before adding a space."), case)
    if not case.may_schedule:
        return [book]
    if places.waiting:
        words = _("Others are on the waiting list: a space that you add is offered to them first.")
        return [AdviceStep(words), book]
    if places.taken + places.reserved < places.capacity:
        return [book, *_capacity(_verdict, case)]  # the ticket’s own limit is reached
    given = {"now": places.capacity, "then": places.capacity + 1}
    words = _("Add a space to this date: %(then)d instead of %(now)d.") % given
    return [AdviceStep(words, _("Add a space"), cure=cures.fields(cures.SPACE, capacity=places.capacity)), book]


def _capacity(_verdict: Verdict, case: AccessCase) -> list[AdviceStep]:
    words = _("Increase the number of spaces. If this ticket has its own limit, increase that too.")
    return [_tickets_and_costs(words, case)] if case.may_schedule else [_book("", case)]


def _tickets_and_costs(words: str, case: AccessCase) -> AdviceStep:
    url = dashboard_url(case.request, "entry_tickets", pk=case.entry.pk)
    return AdviceStep(words, _("Open Tickets & Costs"), url)


def _ticket_form(words: str, case: AccessCase) -> AdviceStep:
    url = dashboard_url(case.request, "ticket_edit", pk=case.entry.pk, ticket=case.ticket.pk)
    return AdviceStep(words, _("Edit ticket"), url)


def _to_groups(case: AccessCase) -> list[AdviceStep]:
    return [
        AdviceStep(str(group), _("Open group"), dashboard_url(case.request, "group", pk=group.pk))
        for group in case.groups()
    ]


_ADVICE: Final[Mapping[Reason, Callable[[Verdict, AccessCase], list[AdviceStep]]]] = {
    Reason.ALLOWED: _nothing,
    Reason.CANCELLED: _another_entry,
    Reason.PAST: _another_entry,
    Reason.NOT_ON_SALE_YET: _opens_later,
    Reason.SALE_ENDED: _closed_early,
    Reason.NOT_LOGGED_IN: _log_in,
    Reason.ADDRESS_NOT_CONFIRMED: _log_in,
    Reason.NOT_IN_GROUP: _not_in_group,
    Reason.PAUSED: _paused,
    Reason.STARTS_AGAIN: _paused,
    Reason.STANDING_ENDS_BEFORE: _standing_ends,
    Reason.NO_OFFER: _no_offer,
    Reason.ALREADY_BOOKED: _see_booking,
    Reason.PERSONAL_USE_ONLY: _people,
    Reason.TOO_MANY_FOR_EVENT: _people,
    Reason.LIMIT_REACHED: _limit,
    Reason.SOLD_OUT: _sold_out,
    Reason.TOO_MANY_IN_BOOKING: _capacity,
}
