"""What tickets cost, in words: to everybody, and with the discounts of who is logged in. Amounts are minor units."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import Account
from bookwhen.money import money
from offers.eligibility import NextStep, Reason, Verdict
from offers.messages import discount_text, uses_left
from tickets.models import Ticket, TicketCost
from tickets.money.pricing import Discount, Quote
from tickets.public.phrases import audience_text, uses_left_text


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTag:
    """What is said of money at a ticket: what it costs `now` (empty: nothing is said), instead of `before`.

    Where there is a discount: whose `group` gives it, how much it is, for whom, and what is `left` of it.
    """

    now: str = ""
    before: str = ""
    group: str = ""
    off: str = ""
    whom: str = ""
    left: str = ""


SILENT: Final = PriceTag()


def price_tag(ticket: Ticket, quote: Quote, account: Account) -> PriceTag:
    """The tag of a ticket at what it costs somebody, as a page offers it."""
    if ticket.cost != TicketCost.COST:
        return PriceTag(now=_("Free")) if ticket.cost == TicketCost.FREE else SILENT
    said = PriceTag(now=format_price(quote.amount, account))
    found = quote.discount
    if found is None:
        return said
    found.offer.account = account
    return replace(
        said,
        before=format_price(quote.price, account),
        group=found.offer.group_name,
        off=discount_text(found.offer),
        whom=audience_text(found.offer),
        left=uses_left_text(_charged(found, found.left)),
    )


def price_tags(tickets: Sequence[Ticket], quotes: Sequence[Quote], account: Account) -> list[PriceTag]:
    """The tags of an order's tickets, from the top: what is left of each discount counts down."""
    used: dict[int, int] = {}
    found = []
    for ticket, quote in zip(tickets, quotes, strict=True):
        said, given = price_tag(ticket, quote, account), quote.discount
        if given is not None and given.left is not None:
            used[given.offer.pk] = used.get(given.offer.pk, 0) + 1
            said = replace(said, left=uses_left(_charged(given, given.left - used[given.offer.pk] + 1)))
        found.append(said)
    return found


def public_price(tickets: Iterable[Ticket], account: Account) -> str:
    """What the tickets for everybody among these cost: “£12.00”, “from £8.00”, “Free”; empty where nothing is said."""
    told = {ticket.price for ticket in tickets if not ticket.exclusive and ticket.cost != TicketCost.NONE}
    if not told:
        return ""
    paid = sorted(told - {0})
    if not paid:
        return _("Free")
    lowest = format_price(paid[0], account)
    if 0 in told:
        return (_("Free or from %(price)s") if len(paid) > 1 else _("Free or %(price)s")) % {"price": lowest}
    return _("from %(price)s") % {"price": lowest} if len(paid) > 1 else lowest


def format_price(minor: int, account: Account) -> str:
    """An amount as the account's customers write it; nothing at all is “Free”."""
    return money(minor, account.currency, account.locale) if minor else _("Free")


def _charged(given: Discount, left: int | None) -> Verdict:
    """A discount's use as the sentences about uses know it."""
    offer = given.offer
    return Verdict(
        reason=Reason.ALLOWED,
        next_step=NextStep.BOOK,
        offer=offer.pk,
        member=given.member,
        uses_left=None if left is None else left - 1,
        limit=offer.limit,
        period=given.period,
    )
