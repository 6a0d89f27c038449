"""What a visitor sees when an order could not be booked: one sentence a reason, one page a next step."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.public.too_many import STATUS as TOO_MANY
from accounts.public.too_many import say_when
from bookwhen.limits import TooManyError
from tickets.booking.refusals import RefusalReason, RefusalStep, RefusedError
from tickets.public.entry.entry_context import load_entry_context
from tickets.public.order.decided import DecidedOrder, read_order
from tickets.public.order.lost import is_lost, render_lost
from tickets.public.order.shown import Problem, render_order
from tickets.public.phrases import GUESTS_HOLD_TOO_MANY
from tickets.public.schedule.metadata import entry_path
from tickets.public.visitor_limits import too_many_text

CONFLICT: Final = 409
BOOK_AGAIN: Final = gettext_lazy("Book again")
BASKET_AGAIN: Final = gettext_lazy("Add to basket again")
CHANGED: Final = gettext_lazy("Something has changed. Check the details below, then confirm again.")
_SENTENCES: Final = {
    RefusalReason.TICKET_GONE: gettext_lazy("A ticket you chose is no longer on sale. Choose again."),
    RefusalReason.TICKET_HAS_COST: CHANGED,
    RefusalReason.ADDRESS_NOT_CONFIRMED: CHANGED,
    RefusalReason.KEY_TAKEN: gettext_lazy("You’ve already sent this form, with a different email address."),
    RefusalReason.FORM_SENT_BEFORE: gettext_lazy("You’ve already sent this form."),
    RefusalReason.CUSTOMER_GONE: gettext_lazy("Your details were deleted just now, so nothing was booked."),
    RefusalReason.BASKET_CLOSED: gettext_lazy(
        "Your basket is at the checkout. Complete payment, or reopen your basket, then add this."
    ),
    RefusalReason.GUESTS_HOLD_TOO_MANY: GUESTS_HOLD_TOO_MANY,
}


def show_refusal(request: HttpRequest, order: DecidedOrder, refusal: RefusedError) -> HttpResponse:
    """Say why an order was refused, where the customer can do something about it."""
    sentence = _refusal_text(order, refusal)
    match refusal.next_step:
        case RefusalStep.CHOOSE_AGAIN:
            messages.error(request, sentence)
            return redirect(entry_path(order.seen.entry))
        case RefusalStep.CHECK_AGAIN:
            return _show_as_it_is_now(request, order, refusal, sentence)
        case RefusalStep.CONFIRM_AGAIN:
            return show_as_new_form(request, order, sentence)
        case RefusalStep.SEE_BASKET:
            return render_order(request, order, problem=Problem(sentence, in_basket=True), status=CONFLICT)
        case RefusalStep.LOG_IN_OR_WAIT:
            return render_order(request, order, problem=Problem(sentence, offers_login=True), status=CONFLICT)


def show_too_many(request: HttpRequest, order: DecidedOrder, error: TooManyError) -> HttpResponse:
    """Show an order that may be confirmed a little later, as it was typed."""
    problem = Problem(too_many_text(error), offers_login=not order.seen.who.logged_in)
    return say_when(render_order(request, order, problem=problem, status=TOO_MANY), error)


def show_changed(request: HttpRequest, order: DecidedOrder) -> HttpResponse:
    """Show an order that cannot be booked, or not on the terms that the customer saw."""
    if is_lost(order.verdicts):
        return render_lost(request, order.seen, order.verdicts, left=order.possible)
    problem = Problem(str(CHANGED)) if order.can_book else None
    return render_order(request, order, problem=problem, status=CONFLICT)


def show_booked_before(request: HttpRequest, order: DecidedOrder) -> HttpResponse:
    """Ask a customer who has booked this already whether they mean to book it once more."""
    assert order.booked_before is not None  # noqa: S101 - that is why they are asked
    in_basket = order.costs or order.seen.basket_has_items
    known = {"booked": order.booked_before.sentence, "button": BASKET_AGAIN if in_basket else BOOK_AGAIN}
    asks = _("%(booked)s Nothing more has been booked. If you want to book it again, choose “%(button)s”.") % known
    problem = Problem(asks, asks_again=True)
    return render_order(request, order, problem=problem, status=CONFLICT)


def show_as_new_form(request: HttpRequest, order: DecidedOrder, reason: str) -> HttpResponse:
    """Show an order as a new form, for a customer who means to book once more."""
    problem = Problem(_("%(reason)s To book this as well, confirm again.") % {"reason": reason}, asks_again=True)
    return render_order(request, order.as_new_form(), problem=problem, status=CONFLICT)


def _show_as_it_is_now(request: HttpRequest, order: DecidedOrder, refusal: RefusedError, sentence: str) -> HttpResponse:
    """The same order after a lost race, on fresh facts, with the verdicts that refused it."""
    now, entry = timezone.now(), order.seen.entry
    seen = load_entry_context(request, entry.page.slug, entry.uuid, now=now)
    again = read_order(seen, request.POST, sent=True, now=now)
    refused = refusal.verdicts if len(refusal.verdicts) == len(again.verdicts) else ()
    if not sentence and is_lost(refused or again.verdicts):
        return render_lost(request, seen, refused or again.verdicts, left=again.possible)
    problem = Problem(sentence) if sentence else None
    return render_order(request, again, problem=problem, refused=refused, status=CONFLICT)


def _refusal_text(order: DecidedOrder, refusal: RefusedError) -> str:
    """Why, in a sentence; none where the verdicts have theirs."""
    if refusal.reason is RefusalReason.BASKET_OF_OTHER_CUSTOMER:
        return _other_customer_text(order)
    return str(_SENTENCES.get(refusal.reason, ""))


def _other_customer_text(order: DecidedOrder) -> str:
    basket, types_address = order.seen.basket, "email" in order.asked.booker.fields
    said = (
        _("Your basket is for %(address)s. Use that address here too, or empty your basket first.")
        if types_address
        else _("Your basket is for %(address)s. To book with a different address, empty it first.")
    )
    return said % {"address": basket.address if basket else ""}
