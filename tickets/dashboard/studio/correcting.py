"""One payment at the studio: what it was for, its trail, and putting it right."""

from datetime import datetime
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from tickets.dashboard.studio.forms import CorrectForm
from tickets.dashboard.studio.reading import fetch_studio_payment
from tickets.models import MoneyMethod, Receipt, StudioPayment
from tickets.money.studio import CorrectedAlreadyError, Handed, TooMuchBackError, correct_money

INVALID = 422


@operator_view(MANAGE_CUSTOMERS)
def studio_payment(request: OperatorRequest, pk: int) -> HttpResponse:
    """One payment at the studio, with what it was for and what became of it."""
    found = fetch_studio_payment(request.account, pk)
    context = {
        "section": "to_collect",
        "made": found,
        "lines": list(found.lines.select_related("seat__entry", "seat__ticket").order_by("pk")),
        "corrected_by": corrected_by(found),
        "receipts": Receipt.objects.filter(account=request.account, line__studio_payment=found).order_by("number"),
        "can_correct": can_correct(found),
        "key": uuid4(),
    }
    return render(request, "tickets/dashboard/studio/payment.html", context)


@operator_view(MANAGE_CUSTOMERS)
def studio_payment_correct(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Correct*: another amount or another way. The wrong row stays, with its opposite."""
    found, now = fetch_studio_payment(request.account, pk), timezone.now()
    form = CorrectForm(request.POST or None, account=request.account, wrong=found)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        # On the day when it is put right: the sums of days that are over stay what somebody counted.
        handed = Handed(amount=given["amount"], method=MoneyMethod(given["method"]), at=now, note=given["note"])
        try:
            return _corrected(request, found, handed, uuid5(given["key"], str(found.pk)), now=now)
        except TooMuchBackError as error:
            form.refuse(error.most)
    elif not can_correct(found):
        messages.info(request, _("This has been corrected already."))
        return redirect("dashboard:studio_payment", account=request.account.slug, pk=pk)
    context = {"section": "to_collect", "made": found, "form": form}
    return render(request, "tickets/dashboard/studio/correct.html", context, status=INVALID if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def studio_payment_undo(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Undo*: it never happened. The row stays, with its opposite, and what was owed is owed again."""
    found = fetch_studio_payment(request.account, pk)
    try:
        key = uuid5(UUID(request.POST.get("key", "")), str(found.pk))
    except ValueError:
        key = uuid4()
    return _corrected(request, found, None, key, now=timezone.now())


def can_correct(made: StudioPayment) -> bool:
    """Whether a payment at the studio can be put right: not once it was, nor what only puts another right."""
    return made.corrects_id is None and corrected_by(made) is None


def corrected_by(made: StudioPayment) -> StudioPayment | None:
    """The row that cancels a payment at the studio, where there is one."""
    found: StudioPayment | None = getattr(made, "corrected_by", None)
    return found


def _corrected(
    request: OperatorRequest, found: StudioPayment, handed: Handed | None, key: UUID, *, now: datetime
) -> HttpResponse:
    """Put it right, say so, and show the customer's payments. Raises TooMuchBackError."""
    try:
        correct_money(request.account, found.pk, handed, by=request.user, key=key, now=now)
    except CorrectedAlreadyError:
        messages.info(request, _("This has been corrected already."))
    else:
        messages.success(request, _("Corrected") if handed else _("Undone. What was owed before is owed again."))
    return redirect("dashboard:customer_money", account=request.account.slug, pk=found.customer_id)
