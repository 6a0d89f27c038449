"""The review step: who comes, what is charged and what remains, then *Confirm booking* or *Add to basket*."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from tickets.public.entry.cards import MOST_AT_ONCE
from tickets.public.entry.entry_context import AtEntry, look_at
from tickets.public.entry.membership_options import to_add
from tickets.public.entry.views import entry_page
from tickets.public.order.confirmation import Outcome, confirm
from tickets.public.order.order import Order
from tickets.public.pages import answer
from tickets.public.prices import priced
from tickets.public.schedule.lines import draw_when
from tickets.public.schedule.metadata import entry_path

OK = 200
CONFLICT = 409
UNPROCESSABLE = 422


@never_cache
def review(request: HttpRequest, page: str, entry: UUID) -> HttpResponse:
    """Show the order whose choice is in the query; by POST, book it or put it into the basket."""
    now = timezone.now()
    seen = look_at(request, page, entry, now=now)
    if problem := _problem(seen):
        return entry_page(request, seen, now=now, problem=problem)
    if request.method != "POST":
        return _show(request, Order(seen, now=now))
    if "check" in request.POST:
        return _show(request, Order(seen, now=now, typed=request.POST))
    order = Order(seen, now=now, data=request.POST)
    if not order.is_valid():
        return _show(request, order, status=UNPROCESSABLE)
    outcome: Outcome = confirm(request, order, now=now)
    return _show(request, outcome, status=CONFLICT) if isinstance(outcome, Order) else outcome


def _problem(seen: AtEntry) -> str:
    """What is wrong with the choice itself."""
    most = min(seen.entry.per_booking, MOST_AT_ONCE)
    if not seen.choice.total:
        return _("Choose at least one ticket")
    if seen.choice.total <= most - seen.here:
        return ""
    said = ngettext(
        "Choose at most %(count)d ticket: that is the most for one booking",
        "Choose at most %(count)d tickets: that is the most for one booking",
        most,
    ) % {"count": most}
    if not seen.here:
        return said
    held = ngettext("Your basket has %(count)d already", "Your basket has %(count)d already", seen.here)
    return _("%(said)s. %(held)s") % {"said": said, "held": held % {"count": seen.here}}


def _show(request: HttpRequest, order: Order, *, status: int = OK) -> HttpResponse:
    entry, account = order.entry, order.entry.account
    places = order.places
    context = {
        "page": entry.page,
        "entry": entry,
        "when": draw_when(entry),
        "order": order,
        "who": order.who,
        "places": places,
        "possible": order.possible,
        "held_here": order.seen.here,
        "fills": order.seen.has_things,
        "total": priced(order.total, account),
        "saved": priced(order.saved, account) if order.saved else "",
        "to_add": to_add(place.ways for place in places),
        "entry_url": f"{entry_path(entry)}?{order.choice.query}",
        "review_url": reverse("public:review", kwargs={"page": entry.page.slug, "entry": entry.uuid}),
    }
    return answer(request, "tickets/public/review.html", context, account=account, status=status)
