"""When two customers become one: memberships go on as they are at Stripe, and the one who is billed stays."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.merging.parts import Line, MergePart, Obstacle, Pair
from accounts.operations.kinds import Place
from memberships.models import ENDED, LIVE, Subscription, SubscriptionStatus

BILLED: Final = LIVE | {SubscriptionStatus.INCOMPLETE, SubscriptionStatus.PENDING}
"""Somebody is billed by these, or just about to be."""


def _billed(pair: Pair) -> tuple[list[Subscription], list[Subscription]]:
    """By what each of two is billed, or is about to be."""
    found = Subscription.objects.filter(account=pair.account, customer__in=pair.ids, status__in=sorted(BILLED))
    every = list(found.select_related("membership").order_by("pk"))
    mine = [each for each in every if each.customer_id == pair.survivor.pk]
    return mine, [each for each in every if each.customer_id == pair.gone.pk]


def _hold(pair: Pair) -> None:
    theirs = Subscription.objects.filter(account=pair.account, customer__in=pair.ids).order_by("pk")
    list(theirs.select_for_update(no_key=True).values_list("pk"))


def _obstacles(pair: Pair) -> Iterator[Obstacle]:
    mine, theirs = _billed(pair)
    if mine and theirs:
        text = _(
            "Both pay for a membership. Cancel one of them first, and merge the customers once it has ended."
            " One that is still at the checkout is given up within an hour or so if nobody pays it."
        )
        yield Obstacle(text, tuple(_place(each) for each in (*mine, *theirs) if each.status in LIVE))
    elif theirs:
        text = _("%(customer)s pays for “%(membership)s”, so they’re the one who stays.") % {
            "customer": pair.gone,
            "membership": theirs[0].membership.title,
        }
        yield Obstacle(text, turns=True)


def _place(subscription: Subscription) -> Place:
    label = _("Open %(membership)s") % {"membership": subscription.membership.title}
    return Place(label, "subscription", subscription.pk)


def _lines(pair: Pair, _now: datetime) -> Iterator[Line]:
    mine, theirs = _billed(pair)
    sentences = [
        _("“%(membership)s” goes on as it is. Nothing changes in Stripe.") % {"membership": each.membership.title}
        for each in (*mine, *theirs)
    ]
    over = Subscription.objects.filter(account=pair.account, customer=pair.gone, status__in=sorted(ENDED))
    if past := over.count():
        sentences.append(
            ngettext("%(count)d past membership moves along.", "%(count)d past memberships move along.", past)
            % {"count": past}
        )
    if sentences:
        yield Line(gettext_lazy("Memberships"), tuple(sentences))


def _move(pair: Pair, now: datetime) -> None:
    del now
    Subscription.objects.filter(account=pair.account, customer=pair.gone).update(customer=pair.survivor)


SUBSCRIPTIONS: Final = MergePart(hold=_hold, obstacles=_obstacles, lines=_lines, move=_move)
