"""What is shown of an order: its lines, what it costs, and a problem with it, if there is one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from accounts.models import Account
from bookwhen.fastpath.outlines import Outlines, Said, SaidKey, said
from offers.eligibility import DEPENDS_ON_ATTENDEE, Attendee, Verdict
from offers.messages import explain, uses_left
from offers.models import Offer
from tickets.annotated import VisitedEntry
from tickets.models import Ticket
from tickets.public.booking.cancellation_text import terms_text
from tickets.public.entry.membership_options import (
    MembershipOption,
    MembershipOptions,
    is_payment_due,
    membership_options_for,
    options_to_add,
)
from tickets.public.frame import MOST, outlined, tell_family, tell_person
from tickets.public.order.asked import AskedOrder
from tickets.public.order.decided import DecidedOrder, charged_amounts
from tickets.public.order.forms import AttendeeForm
from tickets.public.phrases import offer_terms_text
from tickets.public.prices import SILENT, PriceTag, format_price, price_tags
from tickets.public.schedule.lines import render_when
from tickets.public.telling import Told, tell_options, tell_price, tell_refusal

OK: Final = 200
PAGES: Final = Outlines("tickets/public/review.html", MOST)
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
    def asks_who(self) -> bool:
        """Whether who comes is still asked: not where no answer could open the ticket."""
        return self.verdict.allowed or self.verdict.reason in DEPENDS_ON_ATTENDEE

    def told(self, back: str) -> Told:
        """What the page tells of it (`_order_line.html`); `back`: the page's own address."""
        return {
            "title": said(self.ticket.name),
            "number": self.number,
            "of": self.of,
            "costs": bool(self.ticket.price),
            "price": tell_price(self.price_tag),
            "first_off": self.first_off,
            "changed": said(self.changed),
            "offer": self._tell_offer(self.offer) if self.offer else None,
            "refusal": tell_refusal(self.sentence, self.verdict, self.membership_options, back=back, first=self.first),
            "fixed": self.fixed and self.asks_who,
            "who": SaidKey(self.form.add_prefix("who")),
            "form": said(self._form_html()),
        }

    def _tell_offer(self, offer: Offer) -> Told:
        """The offer that is charged, and what it has left after this ticket."""
        terms = offer_terms_text(offer) if self.first else ""
        return {"group": said(offer.group.name), "terms": said(terms), "remains": said(uses_left(self.verdict))}

    def _form_html(self) -> str:
        """Who takes it: asked, sent along, or settled."""
        if self.asks_who:
            return "" if self.fixed else self.form.drawn
        return format_html_join("", "{}", ((field.as_hidden(),) for field in self.form))


def render_order(
    request: HttpRequest,
    order: DecidedOrder,
    *,
    problem: Problem | None = None,
    refused: Sequence[Verdict] = (),
    status: int = OK,
) -> HttpResponse:
    """The page of an order. `refused`: the verdicts that booking was refused with, in place of the order's own."""
    lines = order_lines(order, refused=refused)
    can_book = order.can_book and not refused
    attention = bool(order.asked.has_errors or problem or not can_book)
    shown = {
        **_tell_order(order),
        "terms": said(_terms_text(order, now=timezone.now())) if can_book else "",
        "places": [line.told(request.get_full_path()) for line in lines],
        "problem": _tell_problem(problem) if problem else None,
        "can_book": can_book,
        "again": bool(problem and problem.asks_again) or AGAIN in request.POST,
        "needs_attention": attention,
        "errors": said(_errors(order.asked)) if attention else "",
        "options_to_add": tell_options(options_to_add(line.membership_options for line in lines)),
    }
    return outlined(request, PAGES, shown, page=order.seen.entry.page, status=status)


def _tell_order(order: DecidedOrder) -> Told:
    """What the page tells of an order but for its lines."""
    seen, asked, entry = order.seen, order.asked, order.seen.entry
    before, booker, query = order.booked_before, order.asked.booker, order.asked.choice.query
    possible = order.possible
    return {
        **tell_entry(entry, query),
        "key": SaidKey(asked.key),
        "tickets": asked.choice.total,
        "terms_version": said(order.terms_version),
        "who": tell_person(seen.who),
        "booked_by": said(str(seen.who.booked_by)) if seen.who.booked_by else "",
        "family": tell_family(seen.who, asked.choice),
        "booker": {
            "says_name": "name" not in booker.fields,
            "says_address": "email" not in booker.fields,
            "form": said(booker.drawn),
        },
        "booked_before": before and {"booking": SaidKey(before.booking), "sentence": said(before.sentence)},
        "possible": {"total": possible.total, "query": said(possible.query)},
        "held_here": seen.basket_quantity,
        "fills": seen.basket_has_items,
        "costs": order.costs,
        "pays_now": order.pays_now,
        "pays_at_studio": order.pays_at_studio,
        "is_paid": order.total > 0,
        "needs_link": order.needs_link,
        "needs_basket": order.needs_basket,
        "says_free": order.says_free,
        "total": said(format_price(order.total, entry.account)) if order.costs else "",
        "saved": said(format_price(order.saved, entry.account)) if order.saved else "",
    }


def _terms_text(order: DecidedOrder, *, now: datetime) -> str:
    """How it could be cancelled: read before it is booked, and before it is paid."""
    only_there = order.pays_at_studio and not order.pays_now
    paid, due = (0, order.total) if only_there else (order.total, 0)
    return terms_text(order.seen.entry, charged=order.charged, paid=paid, due=due, now=now)


def tell_entry(entry: VisitedEntry, query: str) -> Told:
    """What a page about an order tells of its event; `query`: what was chosen there."""
    own = entry.own_booking
    return {
        "entry": {"uuid": SaidKey(entry.uuid), "title": said(entry.title), "own_booking": own and SaidKey(own)},
        "when": Said(render_when(entry, whole=True)),
        "query": said(query),
    }


def _tell_problem(problem: Problem) -> Told:
    return {
        "sentence": said(problem.sentence),
        "in_basket": problem.in_basket,
        "asks_again": problem.asks_again,
        "offers_login": problem.offers_login,
    }


def _errors(asked: AskedOrder) -> str:
    """What the forms found, as lines of a list."""
    found = [form for form in (asked.booker, *asked.attendees) if form.errors]
    return format_html_join("", "{}", ((render_to_string("cotton/_errors.html", {"form": each}),) for each in found))


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
    address = "" if is_payment_due(options) or seen.who.booked_by is not None else seen.who.address
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
