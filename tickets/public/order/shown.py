"""What is shown of an order: its lines, what it costs, and a problem with it, if there is one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.public.pages import render_page
from offers.eligibility import DEPENDS_ON_ATTENDEE, Attendee, Verdict
from offers.messages import explain, uses_left
from offers.models import Offer
from tickets.models import Ticket
from tickets.public.entry.membership_options import (
    MembershipOption,
    MembershipOptions,
    is_payment_due,
    membership_options_for,
    options_to_add,
)
from tickets.public.order.decided import DecidedOrder, charged_amounts
from tickets.public.order.forms import AttendeeForm
from tickets.public.phrases import next_period_query, offer_terms_text
from tickets.public.prices import SILENT, PriceTag, format_price, price_tags
from tickets.public.schedule.lines import render_when
from tickets.public.schedule.metadata import entry_path

OK: Final = 200
AGAIN: Final = "again"
"""What the form sends of a customer who was asked whether they mean to book once more."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an order was not booked, in a sentence; `in_basket`: what to do about it is done in the basket."""

    sentence: str
    in_basket: bool = False
    asks_again: bool = False
    """Whether the page asks if they mean to book once more."""
    offers_login: bool = False
    """Whether logging in helps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line of the order: a ticket, who takes it, and the verdict. `fixed`: only the member may take it."""

    ticket: Ticket
    number: int
    of: int
    form: AttendeeForm
    fixed: bool
    verdict: Verdict
    sentence: str
    offer: Offer | None
    membership_options: Sequence[MembershipOption]
    """The memberships that open it to them."""
    first: bool
    """Whether it is the first with this refusal, or with this offer: the others do not repeat what is said of it."""
    price_tag: PriceTag
    """What it costs."""
    first_off: bool
    """Whether it is the first with this discount."""
    changed: str
    """How that differs from what the customer saw; empty where it does not."""

    @property
    def terms(self) -> str:
        """The offer that is charged."""
        return offer_terms_text(self.offer) if self.offer else ""

    @property
    def next_period(self) -> str:
        """Where the schedule goes on with events of a new usage period."""
        return next_period_query(self.verdict)

    @property
    def asks_who(self) -> bool:
        """Whether who comes is still asked: not where no answer could open the ticket."""
        return self.verdict.allowed or self.verdict.reason in DEPENDS_ON_ATTENDEE

    @property
    def remains(self) -> str:
        """What that offer has left after this ticket."""
        return uses_left(self.verdict)


def render_order(
    request: HttpRequest,
    order: DecidedOrder,
    *,
    problem: Problem | None = None,
    refused: Sequence[Verdict] = (),
    status: int = OK,
) -> HttpResponse:
    """The page of an order. `refused`: the verdicts that booking was refused with, in place of the order's own."""
    seen, asked, entry = order.seen, order.asked, order.seen.entry
    account, lines = entry.account, order_lines(order, refused=refused)
    can_book = order.can_book and not refused
    again = bool(problem and problem.asks_again) or AGAIN in request.POST
    context = {
        "page": entry.page,
        "entry": entry,
        "when": render_when(entry),
        "order": order,
        "asked": asked,
        "who": seen.who,
        "places": lines,
        "problem": problem,
        "can_book": can_book,
        "again": again,
        "booked_before": order.booked_before,
        "needs_attention": bool(asked.has_errors or problem or not can_book),
        "possible": order.possible,
        "held_here": seen.basket_quantity,
        "fills": seen.basket_has_items,
        "total": format_price(order.total, account),
        "saved": format_price(order.saved, account) if order.saved else "",
        "options_to_add": options_to_add(line.membership_options for line in lines),
        "entry_url": f"{entry_path(entry)}?{asked.choice.query}",
        "review_url": reverse("public:review", kwargs={"page": entry.page.slug, "entry": entry.uuid}),
    }
    return render_page(request, "tickets/public/review.html", context, account=account, status=status)


def order_lines(order: DecidedOrder, *, refused: Sequence[Verdict] = ()) -> list[OrderLine]:
    """The lines of an order, from the top; `refused` as in `render_order`."""
    asked, account = order.asked, order.seen.entry.account
    verdicts = _counting_down(refused or order.verdicts)
    options = _membership_options(order, verdicts)
    tags = price_tags(asked.tickets, order.quotes, account)
    said = [(verdict.reason, verdict.offer) for verdict in verdicts]
    off = [(tag.group, tag.off, tag.whom) for tag in tags]
    return [
        OrderLine(
            ticket=ticket,
            number=number,
            of=asked.choice.counts[ticket.pk],
            form=form,
            fixed=ticket.pk in order.personal and form.attendee is Attendee.SELF,
            verdict=verdict,
            sentence="" if verdict.allowed else _refusal_text(order, verdict, options[index]),
            offer=order.seen.facts.offers.get(verdict.offer) if verdict.allowed and verdict.offer else None,
            membership_options=options[index] if said.index(said[index]) == index else (),
            first=said.index(said[index]) == index,
            price_tag=tags[index] if verdict.allowed else SILENT,
            first_off=off.index(off[index]) == index,
            changed=_price_change(order, index),
        )
        for index, (ticket, number, form, verdict) in enumerate(
            zip(asked.tickets, asked.numbers, asked.attendees, verdicts, strict=True)
        )
    ]


def _counting_down(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts with the uses left as somebody counts who reads from the top; the rule looks at guests first."""
    left = defaultdict[int | None, list[int]](list)
    for verdict in verdicts:
        if verdict.allowed and verdict.uses_left is not None:
            left[verdict.offer].append(verdict.uses_left)
    for each in left.values():
        each.sort()
    return [
        replace(verdict, uses_left=left[verdict.offer].pop())
        if verdict.allowed and verdict.uses_left is not None
        else verdict
        for verdict in verdicts
    ]


def _membership_options(order: DecidedOrder, verdicts: Sequence[Verdict]) -> list[Sequence[MembershipOption]]:
    """The memberships that open each line which cannot be booked. No statement where all of them can."""
    if all(verdict.allowed for verdict in verdicts):
        return [() for _verdict in verdicts]
    seen = order.seen
    options: MembershipOptions = membership_options_for(seen.facts, seen.entry.page, seen.who)
    return [
        () if verdict.allowed else options.for_ticket(ticket)
        for ticket, verdict in zip(order.asked.tickets, verdicts, strict=True)
    ]


def _refusal_text(order: DecidedOrder, verdict: Verdict, options: Sequence[MembershipOption]) -> str:
    seen = order.seen
    address = "" if is_payment_due(options) else seen.who.address
    return explain(verdict, zone=seen.entry.account.zone, address=address, in_basket=seen.basket_quantity)


def _price_change(order: DecidedOrder, index: int) -> str:
    """What a line cost on the page that the form came from, where it costs something else now."""
    if order.asked.terms_seen is None or not order.verdicts[index].allowed:
        return ""
    amounts = charged_amounts(order.asked.terms_seen)
    if len(amounts) != len(order.quotes):
        return ""
    before, now = amounts[index], order.quotes[index].amount
    if before is None or before == now:
        return ""
    return _price_change_text(before, now, order.seen.entry.account)


def _price_change_text(before: int, now: int, account: Account) -> str:
    known = {"now": format_price(now, account), "before": format_price(before, account)}
    if not now:
        return _("This is now free. It was %(before)s.") % known
    if not before:
        return _("This now costs %(now)s. It was free.") % known
    return _("This now costs %(now)s. It was %(before)s.") % known
