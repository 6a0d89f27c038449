"""The page of who was too late: why nothing was booked, what is still to be had, and what they typed, kept.

In a rush for the last spaces most visitors see this page and no other, so it is small: no field is drawn.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from bookwhen.fastpath.outlines import Outlines, said
from offers.eligibility import Ask, Attendee, Reason, Verdict, judge, judge_order
from offers.messages import explain
from tickets.public.entry.entry_context import EntryContext
from tickets.public.frame import MOST, outlined
from tickets.public.order.asked import fields_of, numbers_of
from tickets.public.order.choice import Choice
from tickets.public.order.decided import possible_of
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


def render_if_lost(request: HttpRequest, seen: EntryContext, *, now: datetime) -> HttpResponse | None:
    """The page of a guest who was too late with what they have just sent, before any form is read; else None.

    What can be booked without a login doesn't depend on who comes, and all of it was read at one instant: if this very
    form has taken the last spaces, it is seen to have made something. Who has booked there is told that first.
    """
    if not seen.is_new_form or seen.entry.own_booking:
        return None
    chosen = seen.chosen_tickets
    verdicts = judge_order(seen.facts.situation, [Ask(ticket.pk, Attendee.GUEST) for ticket in chosen], now=now)
    return render_lost(request, seen, verdicts, left=possible_of(chosen, verdicts)) if is_lost(verdicts) else None


def render_lost(request: HttpRequest, seen: EntryContext, verdicts: Sequence[Verdict], *, left: Choice) -> HttpResponse:
    """Say why what was chosen was not booked; as much as is `left` can be booked. Nothing more is read."""
    entry, choice = seen.entry, seen.choice
    can_come = left.total < choice.total
    may_come_free = any(verdict.reason is Reason.SOLD_OUT for verdict in verdicts)
    has_others = _has_others(seen)
    shown = {
        **tell_entry(entry, choice.query),
        "lines": [(said(ticket), said(sentence)) for ticket, sentence in _lines(seen, verdicts)],
        "several": len(verdicts) > 1,
        "left": {"total": left.total, "query": said(left.query)} if can_come else None,
        "has_others": has_others,
        "may_come_free": may_come_free,
        "is_over": not (may_come_free or has_others or (can_come and left.total)),
        "kept": [(said(name), said(value)) for name, value in _typed(request.POST, seen)],
    }
    return outlined(request, PAGES, shown, page=entry.page, status=STATUS)


def _lines(seen: EntryContext, verdicts: Sequence[Verdict]) -> Iterator[tuple[str, str]]:
    """The name of each ticket that cannot be had, and why."""
    tickets, zone = seen.chosen_tickets, seen.entry.account.zone
    for ticket, number, verdict in zip(tickets, numbers_of(tickets), verdicts, strict=True):
        if not verdict.allowed:
            name = f"{ticket.name} {number}" if seen.choice.counts[ticket.pk] > 1 else ticket.name
            yield name, explain(verdict, zone=zone)


def _has_others(seen: EntryContext) -> bool:
    """Whether a ticket that was not chosen can be had."""
    situation, chosen, now = seen.facts.situation, seen.choice.counts, timezone.now()
    others = (ticket.pk for ticket in seen.facts.visible if ticket.pk not in chosen)
    return any(judge(situation, Ask(pk, who), now=now).allowed for pk in others for who in Attendee)


def _typed(sent: QueryDict, seen: EntryContext) -> Iterator[tuple[str, str]]:
    """The names and values of what was sent that the next form begins with."""
    for name in (*fields_of(seen.chosen_tickets), AGAIN):
        if name in sent:
            yield name, str(sent[name])
