"""*Refund*: by somebody of the studio; and what to do about one that Stripe did not make."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.models import Account
from bookwhen.forms import IdempotentForm
from bookwhen.money import money
from bookwhen.money_field import MoneyField
from tickets.booking import notices
from tickets.dashboard.fetch import fetch_payment
from tickets.models import Payment, PaymentState, Refund, RefundReason
from tickets.money.failed_refunds import retry_refund, settle_refund_otherwise
from tickets.money.refunds import LeftChangedError, RefundTooLargeError, create_refund

LONGEST_NOTE = 500


class RefundForm(IdempotentForm):
    """How much goes back, and what the customer is told of it.

    A colleague may have given back the same: `seen` is what the page said is left, and where less is, it is said first.
    """

    amount = MoneyField(label=gettext_lazy("Amount"))
    note = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=LONGEST_NOTE,
        help_text=gettext_lazy("We include this in the email to the customer, exactly as you write it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    field_order = ("amount", "note", "seen", "key")

    def __init__(self, data: Mapping[str, Any] | None = None, *, payment: Payment, account: Account) -> None:
        super().__init__(data)
        self.fields["seen"].initial = payment.refundable
        self.payment, self.account = payment, account
        amount = self.field_as("amount", MoneyField)
        amount.set_currency(payment.currency, account.locale)
        amount.initial = payment.refundable

    @property
    def uuid(self) -> UUID:
        """The refund's key: the form's, which can name no refund of another payment."""
        return uuid5(self.cleaned_data["key"], str(self.payment.uuid))

    def refuse(self, left: int, *, has_changed: bool) -> None:
        """Say how much is left; where that `has_changed`, the form knows it from now on."""
        if has_changed:
            self.data = {**{name: self.data[name] for name in self.data}, "seen": str(left)}
            words = _(
                "What’s left to refund has changed in the meantime: %(left)s. Nothing has been refunded just now. "
                "Check the amount, then send this form again."
            )
            self.add_error(None, words % {"left": money(left, self.payment.currency, self.account.locale)})
        elif left:
            words = _("Enter %(most)s or less. That’s all that’s left to refund.")
            most = money(left, self.payment.currency, self.account.locale)
            self.add_error("amount", words % {"most": most})
        else:
            self.add_error(None, _("This payment has already been refunded in full"))


@operator_view(MANAGE_CUSTOMERS)
def payment_refund(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Refund*: all that is left of a payment, or less."""
    found = fetch_payment(request.account, pk)
    form = RefundForm(request.POST or None, payment=found, account=request.account)
    if not found.connection.is_live or (request.method != "POST" and not can_refund(found)):
        messages.info(request, _why_not(found))
        return _redirect_to_payment(request, found)
    if request.method == "POST" and form.is_valid() and _create_refund(request, form):
        return _redirect_to_payment(request, found)
    found.refresh_from_db(fields=["refunded"])
    context = {"section": "payment_list", "payment": found, "form": form}
    return render(request, "tickets/dashboard/payment_refund.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def refund_again(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Try again*: a new refund of what Stripe did not give back."""
    found = _fetch_refund(request.account, pk)
    try:
        made = retry_refund(found, by=request.user, now=timezone.now())
    except RefundTooLargeError as error:
        if not error.left:
            messages.error(request, _why_not(Payment.objects.select_related("connection").get(pk=found.payment_id)))
            return _redirect_to_payment(request, found.payment)
        words = _("Only %(left)s is left to refund on this payment. Refund that, or refund the rest another way.")
        messages.error(request, words % {"left": money(error.left, found.payment.currency, request.account.locale)})
    else:
        if made:
            messages.success(
                request, _("We’re trying the refund again. Reload this page in a moment to see the result.")
            )
        else:
            messages.info(request, _("Someone has already dealt with this."))
    return _redirect_to_payment(request, found.payment)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def refund_settled(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Settled another way*: the customer has their money back in cash, say."""
    found = _fetch_refund(request.account, pk)
    if settle_refund_otherwise(found, now=timezone.now()):
        messages.success(request, _("Marked as settled. We won’t send this refund to Stripe again."))
    else:
        messages.info(request, _("Someone has already dealt with this."))
    return _redirect_to_payment(request, found.payment)


def can_refund(payment: Payment) -> bool:
    """Whether Stripe can give back some of a payment (with its connection) now."""
    return payment.state == PaymentState.PAID and payment.refundable > 0 and payment.connection.is_live


def _create_refund(request: OperatorRequest, form: RefundForm) -> bool:
    """Refund what the form asks for, once, and say so; where so much is not left, the form says that."""
    now, given, payment = timezone.now(), form.cleaned_data, form.payment
    try:
        with transaction.atomic():
            made = create_refund(
                payment.pk,
                given["amount"],
                RefundReason.OPERATOR,
                by=request.user,
                key=form.uuid,
                seen=given["seen"],
                now=now,
            )
            if made.is_new:
                notices.notify_refunded(made.refund, note=given["note"], now=now)
    except RefundTooLargeError as error:
        form.refuse(error.left, has_changed=isinstance(error, LeftChangedError))
        return False
    amount = money(made.refund.amount, payment.currency, request.account.locale)
    if made.is_new:
        messages.success(request, _("%(amount)s is being refunded to the card or account.") % {"amount": amount})
    else:
        words = _("You’ve already sent this form, and %(amount)s is being refunded. Nothing has been refunded twice.")
        messages.info(request, words % {"amount": amount})
    return True


def _why_not(payment: Payment) -> str:
    if payment.state != PaymentState.PAID:
        return _("This wasn’t paid, so there’s nothing to refund.")
    if not payment.refundable and payment.withdrawn:
        return _("The customer disputed this payment with their bank, so there’s nothing left to refund.")
    if not payment.refundable:
        return _("This payment has already been refunded in full.")
    return _("Stripe is disconnected. Connect the same Stripe account again, or refund the payment in Stripe.")


def _fetch_refund(account: Account, pk: int) -> Refund:
    found = Refund.objects.with_connection().select_related("payment__account").filter(account=account)
    return get_object_or_404(found, pk=pk)


def _redirect_to_payment(request: OperatorRequest, payment: Payment) -> HttpResponse:
    return redirect("dashboard:payment", account=request.account.slug, pk=payment.pk)
