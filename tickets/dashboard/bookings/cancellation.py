"""Cancelling places by hand: what becomes of them is told before, and the operator chooses what money goes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet, TextChoices
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import OperatorRequest
from accounts.models import Account, Customer
from bookwhen.forms import Form
from bookwhen.money import money, step
from bookwhen.money_field import MoneyField
from memberships.models import Subscription
from tickets.booking.cancel import Cancelled, cancel_by_studio
from tickets.models import BookingState, Payment, Seat

TEMPLATE = "tickets/dashboard/seats_cancel.html"


class RefundChoice(TextChoices):
    """How much of the money goes back."""

    ALL = "all"
    NOTHING = "nothing"
    SOME = "some"


@dataclass(frozen=True)
class SeatCancellation:
    """Live seats that are to be cancelled, with all that is told of it before."""

    seats: Sequence[Seat]

    @property
    def booked(self) -> list[Seat]:
        """Those that are booked; the others are only held."""
        return [seat for seat in self.seats if seat.booking.state == BookingState.BOOKED]

    @property
    def held(self) -> list[Seat]:
        """Those in a basket that nobody is paying for just now."""
        return [seat for seat in self.seats if seat.booking.state == BookingState.BASKET]

    @property
    def paying(self) -> list[Seat]:
        """Those that somebody is paying for just now."""
        return [seat for seat in self.seats if seat.booking.state == BookingState.PAYING]

    @property
    def uses(self) -> int:
        """How many uses come back, of allowances and of discounts that have a limit."""
        limited = [seat for seat in self.seats if seat.discount_use and seat.discount_use.period.ceiling is not None]
        return sum(seat.use_id is not None for seat in self.seats) + len(limited)

    @property
    def customers(self) -> list[Customer]:
        """Who is told."""
        return list({seat.customer_id: seat.customer for seat in self.booked}.values())

    @property
    def purchases(self) -> list[Subscription]:
        """The memberships that were bought with them."""
        return list({seat.booking_id: seat.booking.purchase for seat in self.booked if seat.booking.purchase}.values())

    @property
    def payments(self) -> list[Payment]:
        """What paid for them and has something left."""
        paid = {seat.payment_id: seat.payment for seat in self.booked if seat.payment and seat.amount}
        return [payment for payment in paid.values() if payment.refundable]

    @property
    def most(self) -> int:
        """How much can go back for them, in minor units."""
        return sum(min(self._paid_by(payment), payment.refundable) for payment in self.payments)

    @property
    def disputed(self) -> bool:
        """Whether a dispute has taken what paid for some of them."""
        return any(seat.payment.withdrawn for seat in self.booked if seat.payment)

    @property
    def disconnected(self) -> bool:
        """Whether some of it can only go back when Stripe is connected again."""
        return any(not payment.connection.is_live for payment in self.payments)

    def shares(self, amount: int) -> dict[int, int]:
        """An amount (minor units) shared among the seats (ids) by what was paid for each, without a remainder."""
        paid = [seat for seat in self.booked if seat.payment_id]
        total, before, unit = sum(seat.amount for seat in paid), 0, _unit(paid)
        shares = {}
        for seat in paid:
            after = before + seat.amount
            shares[seat.pk] = (amount // unit * after // total - amount // unit * before // total) * unit
            before = after
        return shares

    def _paid_by(self, payment: Payment) -> int:
        return sum(seat.amount for seat in self.booked if seat.payment_id == payment.pk)


class RefundChoiceForm(Form):
    """*Give the money back*: all of it (the default), nothing, or another amount where one payment paid for it."""

    conditional = frozenset({"amount"})

    back = forms.ChoiceField(
        label=gettext_lazy("Refund the payment?"),
        widget=forms.RadioSelect,
        initial=RefundChoice.ALL,
        choices=RefundChoice,
    )
    amount = MoneyField(label=gettext_lazy("Amount"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, loss: SeatCancellation, account: Account) -> None:
        super().__init__(data)
        self.loss, self.most = loss, loss.most
        currency = loss.payments[0].currency
        self.words = money(self.most, currency, account.locale)
        cards = len(loss.payments)
        all_of_it = ngettext(
            "Refund %(amount)s to the card or account", "Refund %(amount)s to the cards or accounts", cards
        )
        choices = [(RefundChoice.ALL, all_of_it % {"amount": self.words}), (RefundChoice.NOTHING, _("Don’t refund"))]
        if cards == 1:
            choices.append((RefundChoice.SOME, _("Refund another amount")))
            self.field_as("amount", MoneyField).set_currency(currency, account.locale)
        else:
            del self.fields["amount"]
        self.field_as("back", forms.ChoiceField).choices = choices

    def clean(self) -> None:
        """Ask for an amount where one is wanted, and for no more than there is."""
        if self.cleaned_data.get("back") != RefundChoice.SOME:
            self.errors.pop("amount", None)
            return
        amount = self.cleaned_data.get("amount")
        if amount is None and "amount" not in self.errors:
            self.add_error("amount", _("Enter the amount"))
        if amount is not None and amount > self.most:
            words = _("Enter %(most)s or less. That’s all that’s left to refund.")
            self.add_error("amount", words % {"most": self.words})

    @property
    def giving(self) -> dict[int, int] | None:
        """What goes back for which seat (ids); none: all that there is."""
        if self.cleaned_data["back"] == RefundChoice.ALL:
            return None
        amount = self.cleaned_data["amount"] if self.cleaned_data["back"] == RefundChoice.SOME else 0
        return self.loss.shares(amount) if amount else {}


def selected_seats(seats: QuerySet[Seat], ids: Sequence[str]) -> list[Seat]:
    """The seats of these ids among others, with all that is told of them; 404 unless all of them are there."""
    wanted = {int(each) for each in ids if each.isascii() and each.isdigit()}
    found = list(
        seats.filter(pk__in=wanted)
        .select_related("entry", "ticket", "customer", "booking__purchase__membership", "payment__connection")
        .select_related("discount_use__period")
        .order_by("pk")
    )
    if not wanted or len(found) != len(wanted):
        raise Http404
    return found


def confirm_cancellation(
    request: OperatorRequest, seats: QuerySet[Seat], *, frame: Mapping[str, object]
) -> HttpResponse:
    """Cancel the chosen ones of these seats, after saying what becomes of them; `frame` has the way `back_url`."""
    asked = request.POST if request.method == "POST" else request.GET
    loss = SeatCancellation(
        [seat for seat in selected_seats(seats, asked.getlist("seat")) if seat.cancelled_at is None]
    )
    form = RefundChoiceForm(request.POST or None, loss=loss, account=request.account) if loss.most else None
    if not loss.seats or (request.method == "POST" and (form is None or form.is_valid())):
        gone = cancel_by_studio(
            [seat.pk for seat in loss.seats],
            giving=form.giving if form else None,
            staff=request.user,
            at={seat.entry_id for seat in loss.seats},
            now=timezone.now(),
        )
        messages.success(request, _result_text(gone, request.account))
        return redirect(str(frame["back_url"]))
    context = {**frame, "cancellation": loss, "form": form}
    return render(request, TEMPLATE, context, status=422 if form and form.errors else 200)


def _unit(seats: Sequence[Seat]) -> int:
    payment = seats[0].payment if seats else None
    return step(payment.currency) if payment else 1


def _result_text(gone: Cancelled, account: Account) -> str:
    if not gone.seats:
        return _("Already cancelled")
    count = len(gone.seats)
    words = ngettext("%(count)d space cancelled", "%(count)d spaces cancelled", count) % {"count": count}
    if not gone.total_refunded:
        return words
    return _("%(cancelled)s and %(amount)s refunded.") % {
        "cancelled": words,
        "amount": money(gone.total_refunded, account.currency, account.locale),
    }
