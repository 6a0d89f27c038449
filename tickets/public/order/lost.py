"""The page of who was too late: why nothing was booked, what is still to be had, and what they typed, kept.

In a rush for the last spaces most visitors see this page and no other, so it is small: no field is drawn.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from bookwhen.fastpath.outlines import Outlines, said
from offers.eligibility import Ask, Attendee, Reason, Verdict, judge
from offers.messages import explain
from tickets.public.frame import MOST, outlined
from tickets.public.order.decided import DecidedOrder
from tickets.public.order.shown import AGAIN, tell_entry

STATUS: Final = 409
PAGES: Final = Outlines("tickets/public/lost.html", MOST)
TOO_LATE: Final = frozenset(
    {
        Reason.ALLOWED,
        Reason.CANCELLED,
        Reason.PAST,
        Reason.NOT_ON_SALE_YET,
        Reason.SALE_ENDED,
        Reason.SOLD_OUT,
    }
)
"""Reasons that nothing on the review could lift: not who comes, nor another login, nor a membership."""


def is_lost(verdicts: Sequence[Verdict]) -> bool:
    """Whether this page can say all that there is to say."""
    reasons = {verdict.reason for verdict in verdicts}
    return reasons <= TOO_LATE and reasons != {Reason.ALLOWED}


def render_lost(request: HttpRequest, order: DecidedOrder, *, refused: Sequence[Verdict] = ()) -> HttpResponse:
    """Say why an order was not booked; `refused` as in `render_order`. Nothing more is read."""
    entry, verdicts = order.seen.entry, refused or order.verdicts
    left = order.possible if order.possible.total < order.asked.choice.total else None
    may_come_free = any(verdict.reason is Reason.SOLD_OUT for verdict in verdicts)
    has_others = _has_others(order)
    shown = {
        **tell_entry(entry, order.asked.choice.query),
        "lines": [(said(ticket), said(sentence)) for ticket, sentence in _lines(order, verdicts)],
        "several": len(verdicts) > 1,
        "left": {"total": left.total, "query": said(left.query)} if left else None,
        "has_others": has_others,
        "may_come_free": may_come_free,
        "is_over": not (may_come_free or has_others or (left and left.total)),
        "kept": [(said(name), said(value)) for name, value in _typed(request, order)],
    }
    return outlined(request, PAGES, shown, page=entry.page, status=STATUS)


def _lines(order: DecidedOrder, verdicts: Sequence[Verdict]) -> Iterator[tuple[str, str]]:
    """The name of each ticket that cannot be had, and why."""
    asked, zone = order.asked, order.seen.entry.account.zone
    for ticket, number, verdict in zip(asked.tickets, asked.numbers, verdicts, strict=True):
        if not verdict.allowed:
            name = f"{ticket.name} {number}" if asked.choice.counts[ticket.pk] > 1 else ticket.name
            yield name, explain(verdict, zone=zone)


def _has_others(order: DecidedOrder) -> bool:
    """Whether a ticket that was not chosen can be had."""
    situation, chosen, now = order.seen.facts.situation, order.asked.choice.counts, timezone.now()
    others = (ticket.pk for ticket in order.seen.facts.visible if ticket.pk not in chosen)
    return any(judge(situation, Ask(pk, who), now=now).allowed for pk in others for who in Attendee)


def _typed(request: HttpRequest, order: DecidedOrder) -> Iterator[tuple[str, str]]:
    """The names and values of what was sent that the next form begins with."""
    asked = order.asked
    names = [field.html_name for form in (asked.booker, *asked.attendees, asked.confirm) for field in form]
    for name in (*names, AGAIN):
        if name in request.POST:
            yield name, request.POST[name]
