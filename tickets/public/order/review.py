"""The review step: who comes, what is charged and what remains, then *Confirm booking* or *Add to basket*."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from accounts.public.pages import render_page
from tickets.public.entry.cards import MOST_AT_ONCE
from tickets.public.entry.entry_context import EntryContext, load_entry_context
from tickets.public.entry.membership_options import options_to_add
from tickets.public.entry.views import entry_page
from tickets.public.order.confirmation import Outcome, confirm
from tickets.public.order.order import Order
from tickets.public.prices import format_price
from tickets.public.schedule.lines import render_when
from tickets.public.schedule.metadata import entry_path

OK = 200
CONFLICT = 409
UNPROCESSABLE = 422


@never_cache
def review(request: HttpRequest, page: str, entry: UUID) -> HttpResponse:
    """Show the order whose choice is in the query; by POST, book it or put it into the basket."""
    now = timezone.now()
    seen = load_entry_context(request, page, entry, now=now)
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


def _problem(seen: EntryContext) -> str:
    """What is wrong with the choice itself."""
    most = min(seen.entry.per_booking, MOST_AT_ONCE)
    if not seen.choice.total:
        return _("Choose at least one ticket")
    if seen.choice.total <= most - seen.basket_quantity:
        return ""
    said = ngettext(
        "Choose up to %(count)d ticket: that’s the most you can book at once",
        "Choose up to %(count)d tickets: that’s the most you can book at once",
        most,
    ) % {"count": most}
    if not seen.basket_quantity:
        return said
    held = ngettext("Your basket already has %(count)d", "Your basket already has %(count)d", seen.basket_quantity)
    return _("%(said)s. %(held)s") % {"said": said, "held": held % {"count": seen.basket_quantity}}


def _show(request: HttpRequest, order: Order, *, status: int = OK) -> HttpResponse:
    entry, account = order.entry, order.entry.account
    places = order.places
    context = {
        "page": entry.page,
        "entry": entry,
        "when": render_when(entry),
        "order": order,
        "who": order.who,
        "places": places,
        "possible": order.possible,
        "held_here": order.seen.basket_quantity,
        "fills": order.seen.basket_has_items,
        "total": format_price(order.total, account),
        "saved": format_price(order.saved, account) if order.saved else "",
        "options_to_add": options_to_add(place.membership_options for place in places),
        "entry_url": f"{entry_path(entry)}?{order.choice.query}",
        "review_url": reverse("public:review", kwargs={"page": entry.page.slug, "entry": entry.uuid}),
    }
    return render_page(request, "tickets/public/review.html", context, account=account, status=status)
