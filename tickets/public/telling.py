"""What the pages of a booking tell of prices, refusals and memberships, as plain data for their outlines."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from django.utils.html import linebreaks
from django.utils.safestring import mark_safe

from bookwhen.fastpath.outlines import SaidKey, said
from offers.eligibility import Verdict
from tickets.public.entry.membership_options import MembershipOption
from tickets.public.phrases import next_period_query
from tickets.public.prices import PriceTag

Told = dict[str, Any]


def paragraphs(text: str) -> str:
    """What a studio typed, as paragraphs of HTML; empty where it typed nothing."""
    return mark_safe(linebreaks(text, autoescape=True)) if text else ""  # noqa: S308 - escaped


def tell_price(tag: PriceTag) -> Told:
    """What is said of money (`_price.html`, `_discount.html`)."""
    return {
        "now": said(tag.now),
        "before": said(tag.before),
        "group": said(tag.group),
        "off": said(tag.off),
        "whom": said(tag.whom),
        "left": said(tag.left),
    }


def tell_refusal(
    sentence: str, verdict: Verdict, options: Sequence[MembershipOption], *, back: str, first: bool
) -> Told | None:
    """Why a ticket cannot be had, and what to do about it (`_refusal.html`, `_join.html`); None without a sentence.

    `back` is where to come back to. `first`: others with this refusal do not repeat what can be done.
    """
    if not sentence:
        return None
    return {
        "sentence": said(sentence),
        "step": verdict.next_step.value,
        "reason": verdict.reason.value,
        "next_period": said(next_period_query(verdict)),
        "back": said(back),
        "back_quoted": said(quote(back, safe="")),
        "first": first,
        "options": tell_options(options),
    }


def tell_options(options: Iterable[MembershipOption]) -> list[Told]:
    """Memberships that open a ticket (`_membership_options.html`, `_add_forms.html`)."""
    return [
        {
            "title": said(each.title),
            "url": said(each.url),
            "cost": said(each.cost),
            "several": each.several,
            "theirs": each.theirs,
            "price": SaidKey(each.price),
        }
        for each in options
    ]
