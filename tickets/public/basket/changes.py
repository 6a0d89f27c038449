"""What became of a basket since its customer saw it: a sentence for each line that is not as it was."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Account
from bookwhen.money import money
from memberships.models import Price, Subscription
from tickets.checkout.basket import Basket
from tickets.models import Booking, Channel, DiscountCode, Seat

LOST: Final = (Channel.STUDIO, Channel.RELEASED)
"""Who takes a ticket out of a basket that nobody sees at that moment: it is told for as long as the basket is open."""

DIGITS: Final = 12
"""More than any id, amount or instant has."""
LINE: Final = re.compile(rf"[cm]?\d{{1,{DIGITS}}}", re.ASCII)
LONGEST: Final = 20_000
"""What is said of hundreds of lines, in characters: no basket has more."""


@dataclass(frozen=True, slots=True)
class _SeenLine:
    """A line as it was seen: its amount in minor units, and when its event began (seconds; a membership: 0)."""

    amount: int
    starts: int = 0


def changes(seen: str, basket: Basket) -> list[str]:
    """What a basket lost or changed since a page showed it as `seen` (its `Basket.basket_version`), a sentence each.

    What somebody made up for it says nothing of what is not in the basket. At most four statements.
    """
    before, after = _lines(seen), _lines(basket.basket_version)
    shown = {f"{seat.pk}": seat for seat in basket.seats}
    told = [*_gone(basket.booking, before, after), *_membership(basket, before, after), *_code(basket, before)]
    for line, now in after.items():
        if seat := shown.get(line):
            told += [_sentence(seat, why) for why in _new(seat, before, line, now)]
    return told


def _lines(seen: str) -> dict[str, _SeenLine]:
    """The lines of `Basket.basket_version`, by the id of the seat, or of the price with an m before it."""
    found = {}
    for line in seen[:LONGEST].split(","):
        name, *numbers = line.split(":")
        if LINE.fullmatch(name) and numbers and all(number.isdecimal() and len(number) <= DIGITS for number in numbers):
            found[name] = _SeenLine(*[int(number) for number in numbers[:2]])
    return found


def _new(seat: Seat, before: Mapping[str, _SeenLine], line: str, now: _SeenLine) -> Iterator[str]:
    """What is new about a ticket that is still in the basket."""
    was, account = before.get(line), seat.entry.account
    if was is None:
        if before:
            yield _("this has been added.")
        return
    if was.amount != now.amount:
        told = {"now": _money(now.amount, account), "before": _money(was.amount, account)}
        dearer = now.amount > was.amount
        yield (
            _("the price has gone up from %(before)s to %(now)s.")
            if dearer
            else _("the price has gone down from %(before)s to %(now)s.")
        ) % told
    if was.starts != now.starts:
        times = {"now": _moment(now.starts, account), "before": _moment(was.starts, account)}
        yield _("this has moved to %(now)s. It was %(before)s.") % times


def _gone(booking: Booking, before: Mapping[str, _SeenLine], after: Mapping[str, _SeenLine]) -> list[str]:
    missing = [int(line) for line in before if line.isdecimal() and line not in after]
    seats = Seat.objects.filter(booking=booking, cancelled_at__isnull=False)
    found = seats.filter(Q(pk__in=missing) | Q(cancelled_by__in=LOST)).select_related("entry__account")
    return [_sentence(seat, _why_gone(seat)) for seat in found.order_by("entry__starts_at", "entry", "pk")]


def _why_gone(seat: Seat) -> str:
    studio = {"studio": seat.entry.account.name}
    if seat.cancelled_by == Channel.STUDIO:
        if seat.entry.cancelled_at:
            return _("%(studio)s has cancelled this event.") % studio
        return _("%(studio)s has cancelled this ticket.") % studio
    if seat.cancelled_by == Channel.RELEASED:
        return _("the membership it needs has ended.")
    if seat.use_id:
        return _("this is no longer in your basket, because it needs a membership.")
    return _("this is no longer in your basket.")


def _membership(basket: Basket, before: Mapping[str, _SeenLine], after: Mapping[str, _SeenLine]) -> Iterator[str]:
    prices = {line for line in (*before, *after) if line.startswith("m") and before.get(line) != after.get(line)}
    account = basket.booking.account
    found = Price.objects.filter(
        pk__in=[int(line[1:]) for line in prices if line[1:].isdecimal()], membership__account=account
    )
    for price in found.select_related("membership") if prices else ():
        was, now = before.get(f"m{price.pk}"), after.get(f"m{price.pk}")
        told = {"what": price.membership.title, "studio": account.name}
        if was is None:
            if before:
                yield _("%(what)s: this has been added.") % told
        elif now is None:
            yield _no_more(basket, price) % told
        else:
            costs = {"now": _money(now.amount, account), "before": _money(was.amount, account)}
            yield _("%(what)s: the price is now %(now)s. It was %(before)s.") % {**told, **costs}


def _code(basket: Basket, before: Mapping[str, _SeenLine]) -> Iterator[str]:
    """That a discount code is in the basket no more."""
    gone = [int(line[1:]) for line in before if line.startswith("c")] if basket.code is None else []
    found = DiscountCode.objects.filter(account=basket.booking.account, pk__in=gone[:1])
    for code in found if gone else ():
        yield _("%(code)s: this discount code can no longer be used, so your tickets are at their usual price.") % {
            "code": code.code
        }


def _no_more(basket: Basket, price: Price) -> str:
    taken = Subscription.objects.taken().filter(customer=basket.booking.customer, membership=price.membership)
    if (theirs := taken.first()) is not None:
        if not theirs.is_live:
            return _("%(what)s: you’ve bought this and its payment isn’t complete yet. It’s no longer in your basket.")
        return _("%(what)s: you already have this membership, so it’s no longer in your basket.")
    if basket.price is None:
        return _("%(what)s: this membership is no longer in your basket. %(studio)s may have stopped selling it.")
    return _("%(what)s: this membership is no longer in your basket.")


def _sentence(seat: Seat, why: str) -> str:
    return _("“%(title)s” for %(name)s: %(why)s") % {"title": seat.entry.title, "name": seat.attendee_name, "why": why}


def _money(minor: int, account: Account) -> str:
    return money(minor, account.currency, account.locale)


def _moment(seconds: int, account: Account) -> str:
    try:
        return date_format(datetime.fromtimestamp(seconds, UTC).astimezone(account.zone), "l j F Y, H:i")
    except (OverflowError, ValueError):
        return ""
