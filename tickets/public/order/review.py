"""The review step: who comes, what is charged and what remains, then *Confirm booking* or *Add to basket*.

A form that is sent comes down one stair: `review` reads and decides the order (asked.py, decided.py), `confirm` books
it (confirmation.py, `tickets.booking.book`) and redirects. Whatever stands in its way shows the order (shown.py) again,
but for a guest who is too late: they leave at the first step (lost.py).
"""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from tickets.public.entry.cards import MOST_AT_ONCE
from tickets.public.entry.entry_context import EntryContext, load_entry_context
from tickets.public.entry.views import entry_page
from tickets.public.order.asked import read_first_seat
from tickets.public.order.confirmation import confirm
from tickets.public.order.decided import read_order
from tickets.public.order.lost import render_if_lost
from tickets.public.order.shown import render_order
from tickets.public.order.split_choice import follow_split

UNPROCESSABLE: Final = 422


@never_cache
def review(request: HttpRequest, page: str, entry: UUID) -> HttpResponse:
    """Show the order whose choice is in the query; by POST, book it or put it into the basket."""
    now = timezone.now()
    sent = request.method == "POST" and "check" not in request.POST
    seen = load_entry_context(request, page, entry, now=now, seat=read_first_seat(request.POST) if sent else None)
    if not seen.choice.total and follow_split(request, seen.entry):
        return review(request, page, entry)
    if problem := _choice_problem(seen):
        return entry_page(request, seen, now=now, problem=problem)
    if lost := render_if_lost(request, seen, now=now):
        return lost
    order = read_order(seen, request.POST, sent=sent, now=now)
    if not sent:
        return render_order(request, order)
    if not order.asked.is_valid():
        return render_order(request, order, status=UNPROCESSABLE)
    return confirm(request, order, now=now)


def _choice_problem(seen: EntryContext) -> str:
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
