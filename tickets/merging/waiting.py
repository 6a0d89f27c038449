"""Who waits twice for one event waits once, at the better place in line; what is held for them stays held."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.merging.parts import Line, MergePart, Obstacle, Pair
from accounts.operations.kinds import Place
from tickets.models import WaitlistRequest, WaitState
from tickets.waiting.requests import leave


@dataclass(frozen=True, slots=True)
class Doubled:
    """Two open requests at one entry: which stays."""

    stays: WaitlistRequest
    leaves: WaitlistRequest

    @property
    def are_both_offered(self) -> bool:
        """Whether something is held for both: only they, or the studio, can say which they take."""
        return self.leaves.state == WaitState.OFFERED


def _doubled(pair: Pair) -> list[Doubled]:
    """The entries at which both wait, or have been offered something."""
    found = WaitlistRequest.objects.open().filter(account=pair.account, customer__in=pair.ids)
    by_entry: dict[int, list[WaitlistRequest]] = {}
    for each in found.select_related("entry", "customer").order_by("entry", "pk"):
        by_entry.setdefault(each.entry_id, []).append(each)
    return [Doubled(*sorted(two, key=_comes_first)) for two in by_entry.values() if len(two) > 1]


def _comes_first(request: WaitlistRequest) -> tuple[bool, datetime, int]:
    return request.state != WaitState.OFFERED, request.turn, request.pk


def _hold(pair: Pair) -> None:
    theirs = WaitlistRequest.objects.filter(account=pair.account, customer__in=pair.ids).order_by("pk")
    list(theirs.select_for_update(no_key=True).values_list("pk"))


def _obstacles(pair: Pair) -> Iterator[Obstacle]:
    for each in _doubled(pair):
        if each.are_both_offered:
            text = _("Both have been offered a space at “%(entry)s”. Take one of them off its waiting list first.") % {
                "entry": each.stays.entry.title
            }
            yield Obstacle(text, (Place(_("Open the waiting list"), "entry_waiting", each.stays.entry_id),))


def _lines(pair: Pair, _now: datetime) -> Iterator[Line]:
    waits = WaitlistRequest.objects.open().filter(account=pair.account, customer=pair.gone).count()
    if not waits:
        return
    sentences = [
        ngettext(
            "%(count)d place in line of %(customer)s moves along.",
            "%(count)d places in line of %(customer)s move along.",
            waits,
        )
        % {"count": waits, "customer": pair.gone}
    ]
    sentences += [
        _("Both wait for “%(entry)s”. They keep the better place in line.") % {"entry": each.stays.entry.title}
        for each in _doubled(pair)
    ]
    yield Line(gettext_lazy("Waiting list"), tuple(sentences))


def _move(pair: Pair, now: datetime) -> None:
    for each in _doubled(pair):
        leave(each.leaves, now=now)
    theirs = WaitlistRequest.objects.filter(account=pair.account, customer=pair.gone)
    theirs.filter(email="").update(email=pair.gone.email or "")
    theirs.update(customer=pair.survivor)


WAITING: Final = MergePart(hold=_hold, obstacles=_obstacles, lines=_lines, move=_move)
