"""*Edit details*: name, phone and news; and the note for the team."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.customers import correct_name
from accounts.details import PhoneError, change_details, change_note, phone_text, read_phone
from accounts.models import Account, Customer
from bookwhen.db import NOTE_LENGTH
from bookwhen.forms import Form, PersonNameField
from tickets.dashboard.people.fetch import fetch_customer, redirect_to_customer


class PhoneForm(Form):
    """Where somebody can be called."""

    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Numbers from other countries start with + and the country code."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "tel", "inputmode": "tel"}),
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        self.account = account

    def clean_phone(self) -> str:
        """The number as it is kept."""
        try:
            return read_phone(self.cleaned_data["phone"], time_zone=self.account.time_zone)
        except PhoneError as error:
            raise forms.ValidationError(
                _("Enter a phone number with its area code, like 020 7946 0018 or +44 20 7946 0018"), code="phone"
            ) from error


class CustomerForm(PhoneForm):
    """What a customer is called, where they can be called, and whether they want news; nobody has to know.

    Only who has no address of their own (`needs_name`) has a name in any case.
    """

    field_order = ("name", "phone", "wants_news")
    name = PersonNameField(
        label=gettext_lazy("Name"),
        required=False,
        help_text=gettext_lazy(
            "Shown in your lists and used in emails to them. If they later save their own name in My details, it "
            "replaces this one."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    wants_news = forms.BooleanField(
        label=gettext_lazy("They want news by email"),
        required=False,
        help_text=gettext_lazy("Only if they told you so. We keep the date."),
    )

    def __init__(self, *args: Any, needs_name: bool, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        if needs_name:
            self.fields["name"].required, self.fields["name"].help_text = True, ""


class NoteForm(Form):
    """What the team should know of a customer."""

    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=NOTE_LENGTH,
        help_text=gettext_lazy("Your team sees this, and the customer if they ask for their data."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )


@operator_view(MANAGE_CUSTOMERS)
def customer_name(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Edit details*: what the studio calls a customer, their phone number, and whether they want news."""
    found = fetch_customer(request, pk)
    known = {"name": found.name, "phone": phone_text(found.phone), "wants_news": found.news_since is not None}
    needs_name = found.contact_id is not None
    form = CustomerForm(request.POST or None, initial=known, account=request.account, needs_name=needs_name)
    if request.method == "POST" and form.is_valid():
        _save(found, form)
        messages.success(request, _("Details saved"))
        return redirect_to_customer(found)
    context = {"section": "customers", "customer": found, "form": form}
    return render(request, "tickets/dashboard/customer_name.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
def customer_note(request: OperatorRequest, pk: int) -> HttpResponse:
    """The note about a customer; what was typed stays where it is too long."""
    found = fetch_customer(request, pk)
    form = NoteForm(request.POST if request.method == "POST" else None, initial={"note": found.note})
    if request.method == "POST" and form.is_valid():
        change_note(found, form.cleaned_data["note"])
        messages.success(request, _("Note saved"))
        return redirect_to_customer(found, "note")
    context = {"section": "customers", "customer": found, "form": form}
    return render(request, "tickets/dashboard/customer_note.html", context, status=422 if form.errors else 200)


def _save(customer: Customer, form: CustomerForm) -> None:
    given = form.cleaned_data
    if given["name"] != customer.name or not customer.name_confirmed:
        correct_name(customer, given["name"])
    change_details(customer, phone=given["phone"], wants_news=given["wants_news"], now=timezone.now())
