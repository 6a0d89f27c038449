"""*Discount codes*: all of them, one with what it means as it is typed, who has used it; deleting one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.deletion import deletes_once, deletion_key
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.page_source import page_source
from bookwhen.keyset import keyset_page
from bookwhen.picker import is_looking
from offers.dashboard.forms import tickets_to_choose
from offers.periods import local_day
from tickets.dashboard.codes.forms import DiscountCodeForm, initial_of
from tickets.dashboard.codes.rows import NEWEST, code_links, code_rows, redemptions_of
from tickets.models import CodeCoverage, DiscountCode
from tickets.schedule.code_texts import covered_by_codes, describe_code, state_of
from tickets.schedule.codes import (
    BelowUsedError,
    CodeTakenError,
    CodeUsedError,
    can_delete,
    create_code,
    delete_code,
    edit_code,
    is_for_all,
    was_used,
)
from tickets.schedule.exclusive_tickets import one_per_family, tickets_with_entries

SHOW: Final = "show"
"""Sent by the button *Show what it means*, and by the script that presses it while one types."""
REFUSED: Final = 409


@operator_view(MANAGE_CUSTOMERS)
def discount_codes(request: OperatorRequest) -> HttpResponse:
    """*Discount codes*, newest first: what each gives, how it stands, and how often it was used."""
    found = DiscountCode.objects.filter(account=request.account).select_related("uses")
    codes = keyset_page(found, ("-pk",), request.GET)
    rows = code_rows(request.account, codes.rows, local_day(timezone.now(), request.account.zone))
    return render(request, "tickets/dashboard/codes.html", {"section": "discount_codes", "codes": codes, "rows": rows})


@operator_view(MANAGE_CUSTOMERS)
def discount_code_new(request: OperatorRequest) -> HttpResponse:
    """Make a code, and show the link to it."""
    form = _form(request, None)
    if request.method == "POST" and not _is_asking(request, form) and form.is_valid():
        key = form.cleaned_data["key"]
        with _refusals(form):
            made = create_code(request.account, form.settings(), form.cover(), key=key, now=timezone.now())
            messages.success(request, _("Discount code created. Copy its link, or tell people the code."))
            return _to_edit(request, made.pk)
    return _page(request, form, None)


@operator_view(MANAGE_CUSTOMERS)
def discount_code_edit(request: OperatorRequest, pk: int) -> HttpResponse:
    """Change a code; of one that was used the code and what it takes off stay."""
    code = _fetch(request, pk)
    form = _form(request, code)
    if request.method == "POST" and not _is_asking(request, form) and form.is_valid():
        try:
            with _refusals(form):
                edit_code(code, form.settings(), form.cover())
                messages.success(request, _("Discount code updated"))
                return redirect("dashboard:discount_codes", account=request.account.slug)
        except CodeUsedError:
            messages.warning(request, _("Someone has just used this code, so nothing has been changed."))
            return _to_edit(request, pk)
    return _page(request, form, code)


@operator_view(MANAGE_CUSTOMERS)
def discount_code_uses(request: OperatorRequest, pk: int) -> HttpResponse:
    """Who has used a code, newest first, for how many tickets, and what they saved."""
    code = _fetch(request, pk)
    uses = keyset_page(redemptions_of(code), NEWEST, request.GET)
    return render(
        request, "tickets/dashboard/code_uses.html", {"section": "discount_codes", "code": code, "uses": uses}
    )


@operator_view(MANAGE_CUSTOMERS)
@deletes_once(then="discount_codes")
def discount_code_delete(request: OperatorRequest, pk: int) -> HttpResponse:
    """Delete a code that was never in a basket; another one is switched off instead."""
    code, is_used = _fetch(request, pk), False
    if request.method == "POST":
        try:
            delete_code(code)
        except CodeUsedError:
            is_used = True
        else:
            messages.success(request, _("Discount code deleted"))
            return redirect("dashboard:discount_codes", account=request.account.slug)
    context = {"section": "discount_codes", "code": code, "key": deletion_key(request)}
    context["is_used"] = is_used or not can_delete(code)
    return render(request, "tickets/dashboard/code_delete.html", context, status=REFUSED if is_used else 200)


def _is_asking(request: OperatorRequest, form: DiscountCodeForm) -> bool:
    """Whether the form was sent to look for more in it, or to say what it means, and not to be saved."""
    return is_looking(form) or SHOW in request.POST


@contextmanager
def _refusals(form: DiscountCodeForm) -> Iterator[None]:
    """Say beside its field why a code could not be saved so."""
    try:
        yield
    except CodeTakenError:
        words = _("Choose another code. You already have this one, or one that people would mistake it for.")
        form.add_error("code", words)
    except BelowUsedError as error:
        form.refuse_limit(error.used)


def _to_edit(request: OperatorRequest, pk: int) -> HttpResponse:
    return redirect("dashboard:discount_code_edit", account=request.account.slug, pk=pk)


def _fetch(request: OperatorRequest, pk: int) -> DiscountCode:
    code = get_object_or_404(DiscountCode.objects.select_related("uses"), account=request.account, pk=pk)
    code.account = request.account
    return code


def _form(request: OperatorRequest, code: DiscountCode | None) -> DiscountCodeForm:
    covered = CodeCoverage.objects.filter(account=request.account, code=code)
    chosen = request.account.pages.filter(pk__in=covered.filter(page__isnull=False).values("page"))
    tickets = one_per_family(tickets_with_entries(request.account, now=timezone.now()))
    of_code = tickets.filter(code_coverage__code=code) if code else tickets.none()
    initial: dict[str, Any] = {"scope": DiscountCodeForm.PAGES, "enabled": True}
    if code:
        initial = initial_of(code, has_tickets=covered.filter(ticket__isnull=False).exists())
    return DiscountCodeForm(
        request.POST or None,
        account=request.account,
        pages=page_source(request.account, chosen if code else None),
        tickets=tickets_to_choose(tickets, of_code, request.account.pk),
        locked=code is not None and was_used(code),
        initial={**initial, "key": uuid4()},
    )


def _page(request: OperatorRequest, form: DiscountCodeForm, code: DiscountCode | None) -> HttpResponse:
    today = local_day(timezone.now(), request.account.zone)
    context: dict[str, Any] = {"section": "discount_codes", "form": form, "code": code}
    context["cancel_url"] = dashboard_url(request, "discount_codes")
    context["sentence"] = _sentence(request, form, code)
    if code:
        context |= {
            "state": state_of(code, code.uses, today),
            "links": code_links(code, request.account),
            "is_locked": was_used(code),
            "can_delete": can_delete(code),
        }
    return render(request, "tickets/dashboard/code_form.html", context, status=422 if form.errors else 200)


def _sentence(request: OperatorRequest, form: DiscountCodeForm, code: DiscountCode | None) -> str:
    """What the form means as it stands."""
    missing = _("Fill in what’s missing to see what this code does.")
    if not form.is_bound:
        if code is None:
            return missing
        covered = covered_by_codes(request.account, [code])[code.pk]
        return describe_code(code, request.account, covered, limit=code.uses.limit)
    # What is looked for in a picker is not complained of (`is_looking`), and is missing all the same.
    if not form.is_valid() or form.fields.keys() - form.cleaned_data.keys():
        return missing
    settings = form.settings()
    typed = DiscountCode(account=request.account, for_all=is_for_all(form.cover()), **settings.columns())
    return describe_code(typed, request.account, form.covered(), limit=settings.limit)
