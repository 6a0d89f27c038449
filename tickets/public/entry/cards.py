"""The tickets on an entry's page, each with what the rule says to this visitor."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import quote

from django.template.defaultfilters import linebreaksbr
from django.utils.translation import gettext as _

from accounts.models import Account
from bookwhen.fastpath.outlines import Said, SaidKey, said
from offers.eligibility import Ask, Attendee, Reason, Situation, Verdict, judge, judge_order
from offers.messages import explain
from offers.models import Offer
from tickets.availability.facts import Person
from tickets.models import Ticket, TicketCost, WaitState
from tickets.money.pricing import LineItem, Quote, quote_items
from tickets.public.entry.entry_context import EntryContext
from tickets.public.entry.membership_options import MembershipOption, is_payment_due, membership_options_for
from tickets.public.order.choice import Choice, name_of
from tickets.public.phrases import STATES, offer_terms_text, uses_left_text
from tickets.public.prices import SILENT, PriceTag, price_tag
from tickets.public.schedule.metadata import entry_path
from tickets.public.telling import Told, tell_price, tell_refusal
from tickets.public.waiting.offered import is_full, own_request, way_to_lead, why_not_wait

MOST_AT_ONCE: Final = 100
"""However many an operator allows: a page of more attendees nobody fills in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCard:
    """A ticket that the visitor may know of, and how many of it they can have now."""

    ticket: Ticket
    verdict: Verdict
    sentence: str
    """Why it cannot be had; empty where it can."""
    most: int
    chosen: int
    offer: Offer | None
    back: str
    """Where to come back to after logging in: this page, with the ticket chosen."""
    membership_options: Sequence[MembershipOption] = ()
    """The memberships that open it to them."""
    price_tag: PriceTag = SILENT
    """What it costs them."""
    amount: int = 0
    """The same in minor units, for the first of them; 0 where none can be had."""
    discounted: bool = False
    """Whether a discount is in it: a second one may cost more."""
    first: bool = False
    """Whether it is the first with this next step: the others do not repeat how it is taken."""
    is_full: bool = False
    """Whether nobody can have it now: then no login or membership is offered that opens nothing."""
    is_held: bool = False
    """Whether it may be theirs by an offer that they waited for: then that is all that they have."""
    way_to_wait: str = ""
    """How this visitor can wait for it (`tickets.public.waiting.offered`)."""
    why_not_wait: str = ""
    """Why they cannot."""

    @property
    def state(self) -> str:
        """How it looks: where there is no space left, nobody is asked to join or to log in for it."""
        state = STATES[self.verdict.reason]
        if state == "booked" and self.is_held:
            return "held"
        return "sold-out" if state == "members" and self.is_full else state

    @property
    def is_for_members(self) -> bool:
        """Whether it is theirs as a member, and can be had."""
        return bool(self.most and self.ticket.exclusive)

    @property
    def limits_uses(self) -> bool:
        """Whether taking it uses up some of an allowance."""
        return bool(self.most and ((self.offer and self.offer.limit is not None) or self.price_tag.left))

    @property
    def says_why(self) -> bool:
        """Whether it says why it cannot be had, and what to do: where it is sold out, the badge says it."""
        return not self.most and self.state not in {"sold-out", "held"}

    @property
    def step(self) -> str:
        """What the customer can do about a refusal."""
        return self.verdict.next_step.value

    @property
    def told(self) -> Told:
        """What the page tells of it (`_ticket.html`)."""
        about = self.ticket.description
        return {
            "title": said(self.ticket.name),
            "about": Said(linebreaksbr(about, autoescape=True)) if about else "",
            "name": SaidKey(name_of(self.ticket.pk)),
            "state": self.state,
            "price": tell_price(self.price_tag),
            "most": self.most,
            "chosen": self.chosen,
            "amount": said(str(self.amount)) if self.amount else "",
            "discounted": self.discounted,
            "offer": _tell_offer(self.offer, self.verdict) if self.most and self.offer else None,
            "refusal": tell_refusal(
                self.sentence, self.verdict, self.membership_options, back=self.back, first=self.first
            )
            if self.says_why
            else None,
            "way_to_wait": self.way_to_wait,
            "why_not_wait": said(self.why_not_wait) if self.why_not_wait else "",
            "back_quoted": said(quote(self.back, safe="")) if self.way_to_wait else "",
        }


def _tell_offer(offer: Offer, verdict: Verdict) -> Told:
    """The offer that it would be charged to, and what that has left."""
    return {
        "group": said(offer.group.name),
        "terms": said(offer_terms_text(offer)),
        "left": said(uses_left_text(verdict)),
    }


def ticket_cards(seen: EntryContext, *, now: datetime) -> list[TicketCard]:
    """The visitor's tickets: what they can have as a member first, else in the operator's order.

    The only one that can be booked, or the only one that is theirs as a member, is chosen to begin with, unless they
    have booked this before.
    """
    opened = membership_options_for(seen.facts, seen.entry.page, seen.who)
    found = [_card(seen, ticket, opened.for_ticket(ticket), now=now) for ticket in seen.facts.visible]
    shown = sorted(found, key=lambda card: not card.is_for_members)
    firsts = {card.step: card.ticket.pk for card in reversed(shown) if not card.most}
    usual = _usual_choice(seen, shown)
    return [
        replace(
            card,
            price_tag=_tag(card, quote, seen.entry.account),
            amount=quote.amount if card.most else 0,
            discounted=bool(card.most and quote.discount),
            first=firsts.get(card.step) == card.ticket.pk,
            chosen=1 if card.ticket.pk == usual else card.chosen,
        )
        for card, quote in zip(shown, _quotes(seen, shown, now=now), strict=True)
    ]


def _usual_choice(seen: EntryContext, shown: Sequence[TicketCard]) -> int | None:
    """The ticket (id) that is chosen for a visitor who has chosen nothing; none where it could be several."""
    if seen.choice.total or seen.entry.own_booking or seen.basket_quantity:
        return None
    can_have = [card.ticket.pk for card in shown if card.most]
    theirs = [card.ticket.pk for card in shown if card.is_for_members]
    return next((found[0] for found in (theirs, can_have) if len(found) == 1), None)


def _quotes(seen: EntryContext, shown: Sequence[TicketCard], *, now: datetime) -> Sequence[Quote]:
    """What each ticket costs them, if they take it for themselves and nothing else."""
    items = [LineItem(entry=seen.entry, ticket=card.ticket, is_for_booker=True) for card in shown]
    customer = seen.who.customer if any(card.most for card in shown) else None
    return quote_items(items, customer, now=now, opens=seen.basket_facts.opened_groups, together=False)


def _tag(card: TicketCard, quote: Quote, account: Account) -> PriceTag:
    """A members' ticket that is free is told to be included, and only to them."""
    if card.ticket.exclusive and card.ticket.cost == TicketCost.FREE:
        return PriceTag(now=_("Included")) if card.most else SILENT
    return price_tag(card.ticket, quote if card.most else replace(quote, amount=quote.price, discount=None), account)


def max_quantity(situation: Situation, ticket: Ticket, *, now: datetime) -> int:
    """How many of one ticket can be booked at once: by the member with as many guests as their offers allow."""
    asks = [Ask(ticket.pk, Attendee.GUEST)] * min(situation.event.per_booking, MOST_AT_ONCE)
    if ticket.exclusive:
        asks.append(Ask(ticket.pk, Attendee.SELF))
    return sum(verdict.allowed for verdict in judge_order(situation, asks, now=now))


def _card(seen: EntryContext, ticket: Ticket, ways: Sequence[MembershipOption], *, now: datetime) -> TicketCard:
    situation, who = seen.facts.situation, _known_as(seen.who, ways)
    verdict = _best([judge(situation, Ask(ticket.pk, attendee), now=now) for attendee in Attendee])
    most = max_quantity(situation, ticket, now=now)
    if verdict.allowed and not most:
        [verdict] = judge_order(situation, [Ask(ticket.pk, Attendee.GUEST)], now=now)
    zone, held = seen.entry.account.zone, seen.basket_quantity
    full = not most and is_full(situation, ticket.pk)
    return TicketCard(
        ticket=ticket,
        verdict=verdict,
        sentence="" if most else explain(verdict, zone=zone, address=who.address, in_basket=held),
        most=most,
        chosen=min(seen.choice.counts.get(ticket.pk, 0), most),
        offer=seen.facts.offers.get(verdict.offer) if verdict.offer else None,
        back=f"{entry_path(seen.entry)}?{Choice({ticket.pk: 1}, seen.choice.whose).query}",
        membership_options=() if full else ways,
        is_full=full,
        is_held=own_request(seen.entry)[1] == WaitState.OFFERED and not seen.entry.own_booking,
        way_to_wait=way_to_lead(seen, ticket, now=now),
        why_not_wait=why_not_wait(seen, ticket, now=now) if full else "",
    )


def _known_as(who: Person, ways: Sequence[MembershipOption]) -> Person:
    """The person as a refusal addresses them: with no address where another one of theirs would not help."""
    return replace(who, address="") if is_payment_due(ways) or who.booked_by is not None else who


def _best(verdicts: Sequence[Verdict]) -> Verdict:
    """Of what is said to the member and to a guest of theirs: a yes, else what is said to the member.

    Who attends already is told what stands in the way of their guests, unless they may bring none.
    """
    own, guest = verdicts
    if own.allowed or (not guest.allowed and guest.reason is Reason.PERSONAL_USE_ONLY):
        return own
    return guest if guest.allowed or own.reason is Reason.ALREADY_BOOKED else own
