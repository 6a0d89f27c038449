"""Making, editing, replacing and deleting a group's offers."""

from dataclasses import asdict, replace
from typing import Any, Final
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, needs_standard, operator_view, upgrade_page
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.page_source import page_source
from accounts.dashboard.query import as_id
from bookwhen.counts import MOST, CappedCount, capped_count
from bookwhen.forms import IdempotentForm
from bookwhen.picker import is_looking
from groups.dashboard.fetch import fetch_group, redirect_to_group
from groups.models import Group
from offers.carrying import StillCarryingError, counted_offers, is_widely_used
from offers.dashboard.discounts import DiscountForm
from offers.dashboard.forms import EnabledForm, NamedForm, OfferForm, initial_of, ticket_source
from offers.models import Offer, OfferKind, OfferUse, UsagePeriod
from offers.services import OfferUsedError, offer_terms, was_used
from tickets.models import Coverage
from tickets.schedule.coverage import create_offer, delete_offer, edit_offer, replace_offer
from tickets.schedule.exclusive_tickets import exclusive_tickets_with_entries, one_per_family, tickets_with_entries
from tickets.schedule.offers_summary import covered_by, offer_sentence
from tickets.schedule.replacing import begin_replacing, find_operation

FIRST: Final = "first"
"""In the query of *Edit offer* just after *Create*: its box *Offer enabled* is ticked."""
SHOW: Final = "show"
"""Sent by the button *Show what it means*, and by the script that presses it while one types."""


@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def offer_new(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Add offer*, then *Create* for one of its kinds: makes a disabled offer and opens *Edit offer*."""
    group = fetch_group(request, pk)
    if group.archived_at:
        messages.info(request, _("This group is archived. Restore it to add an offer."))
        return redirect_to_group(group)
    form = IdempotentForm(request.POST or None)
    sent = request.POST if request.method == "POST" else request.GET
    ticket = group.tickets.filter(exclusive=True, retired_at=None, pk=as_id(sent.get("ticket", ""))).first()
    if request.method == "POST" and form.is_valid():
        kind = OfferKind.DISCOUNT if request.POST.get("kind") == OfferKind.DISCOUNT else OfferKind.EXCLUSIVE
        made = create_offer(group, key=form.cleaned_data["key"], now=timezone.now(), kind=kind, ticket=ticket)
        messages.success(request, _("Offer created"))
        return _to_edit(request, made, query=f"?{FIRST}=1")
    context = {"section": "groups", "group": group, "tickets": IdempotentForm(auto_id=False)}
    context |= {"discount": IdempotentForm(auto_id=False), "ticket": ticket}
    return render(request, "offers/dashboard/offer_new.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
def offer_edit(request: OperatorRequest, pk: int, offer: int) -> HttpResponse:
    """*Edit offer*; one that was used can only be enabled and disabled."""
    group = fetch_group(request, pk)
    found = _fetch(group, offer)
    if lock := _lock(found):
        return _switch(request, found, lock)
    form = _form(request, found)
    if request.method == "POST" and not _is_asking(request, form) and form.is_valid():
        try:
            edit_offer(found, form.terms(), form.cover())
        except OfferUsedError:
            messages.warning(
                request, _("Someone used this offer while you were editing it, so nothing has been changed.")
            )
            return _switch(request, found, "used", sent=False)
        messages.success(request, _("Offer updated"))
        return redirect_to_group(group, "offers")
    return _page(request, "offers/dashboard/offer_edit.html", found, form)


@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def offer_replace(request: OperatorRequest, pk: int, offer: int) -> HttpResponse:
    """*Replace*: the same form; another offer takes this one's place and its uses."""
    group = fetch_group(request, pk)
    if request.method == "POST" and (made := Offer.objects.filter(group=group, replaces=offer).first()):
        return _to_progress(request, offer) if made.carrying else _to_edit(request, made)
    found = _fetch(group, offer)
    if found.carrying:
        return _wait(request, found)
    form = _form(request, found)
    if request.method == "POST" and not _is_asking(request, form) and form.is_valid():
        return _replace(request, found, form)
    used = UsagePeriod.objects.filter(account=request.account, offer=found, used__gt=0)
    users = CappedCount(used.values("member").distinct()[: MOST + 1].count())
    return _page(request, "offers/dashboard/offer_replace.html", found, form, users=users)


@operator_view(MANAGE_CUSTOMERS)
def offer_delete(request: OperatorRequest, pk: int, offer: int) -> HttpResponse:
    """*Delete offer*: bookings made with it stand. Sent again it finds it deleted, as was wanted."""
    group = fetch_group(request, pk)
    if request.method == "POST" and Offer.objects.filter(group=group, pk=offer, deleted_at__isnull=False).exists():
        return redirect_to_group(group, "offers")
    found = _fetch(group, offer)
    if request.method == "POST":
        delete_offer(found, now=timezone.now())
        messages.success(request, _("Offer deleted"))
        return redirect_to_group(group, "offers")
    uses = capped_count(
        OfferUse.objects.live().filter(account=request.account, period__offer__in=counted_offers(found))
    )
    context = {"section": "groups", "group": group, "offer": found, "uses": uses}
    return render(request, "offers/dashboard/offer_delete.html", context | {"sentence": _sentence(found)})


def _is_asking(request: OperatorRequest, form: OfferForm) -> bool:
    """Whether the form was sent to look for more in it, or to say what it means, and not to be saved."""
    return is_looking(form) or SHOW in request.POST


def _replace(request: OperatorRequest, offer: Offer, form: OfferForm) -> HttpResponse:
    """Replace it; where many have used it, workers carry their uses over, and the page shows how far that is."""
    now = timezone.now()
    try:
        if is_widely_used(offer):
            who = request.user.email
            begin_replacing(offer, form.terms(), form.cover(), who=who, key=uuid4(), now=now)
            messages.success(request, _("Offer replaced. Uses so far are being carried over."))
            return _to_progress(request, offer.pk)
        replace_offer(offer, form.terms(), form.cover(), now=now)
    except StillCarryingError:
        return _wait(request, offer)
    messages.success(request, _("Offer replaced. Uses so far have been carried over."))
    return redirect_to_group(offer.group, "offers")


def _wait(request: OperatorRequest, offer: Offer) -> HttpResponse:
    """Say that the uses of the offer before are still being carried over, and show how far that is."""
    messages.warning(
        request,
        _("Uses of the offer before are still being carried over to this one. You can replace it when that’s done."),
    )
    return _to_progress(request, offer.replaces_id or offer.pk)


def _to_progress(request: OperatorRequest, replaced: int) -> HttpResponse:
    """Go where it is shown how far the uses of an offer (id) have been carried over to the one in its place."""
    if operation := find_operation(request.account, replaced):
        return redirect("dashboard:operation", account=request.account.slug, pk=operation.pk)
    return redirect("dashboard:operations", account=request.account.slug)


def _fetch(group: Group, pk: int) -> Offer:
    offer = get_object_or_404(group.offers.not_deleted(), pk=pk)
    offer.group, offer.account = group, group.account
    return offer


def _lock(offer: Offer) -> str:
    """Why nothing but *Offer enabled* can be changed; empty if everything can."""
    if offer.group.archived_at:
        return "archived"
    if not offer.group.account.has_groups:
        return "plan"
    return "used" if was_used(offer) else ""


def _form(request: OperatorRequest, offer: Offer, *, locked: bool = False) -> OfferForm:
    data, now = None if locked else request.POST or None, timezone.now()
    covered = Coverage.objects.filter(account=request.account, offer=offer)
    pages = covered.filter(page__isnull=False)
    chosen = request.account.pages.filter(pk__in=pages.values("page"))
    given: dict[str, Any] = {
        "pages": page_source(request.account, chosen),
        "initial": initial_of(
            offer, has_pages=pages.exists(), has_tickets=covered.filter(ticket__isnull=False).exists()
        ),
        "locked": locked,
    }
    if FIRST in request.GET:
        given["initial"]["enabled"] = True
    if offer.kind == OfferKind.DISCOUNT:
        tickets = ticket_source(one_per_family(tickets_with_entries(request.account, now=now)), offer)
        return DiscountForm(data, account=request.account, tickets=tickets, **given)
    exclusive = one_per_family(exclusive_tickets_with_entries(offer.group, now=now))
    return OfferForm(data, tickets=ticket_source(exclusive, offer), **given)


def _switch(request: OperatorRequest, offer: Offer, lock: str, *, sent: bool = True) -> HttpResponse:
    switched = NamedForm if lock == "used" else EnabledForm
    initial = {"enabled": offer.enabled, "name": offer.name}
    form = switched(request.POST if sent and request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        enabled, name = form.cleaned_data["enabled"], form.cleaned_data.get("name", offer.name)
        if enabled and not offer.enabled and not request.account.has_groups:
            return upgrade_page(request)
        edit_offer(offer, replace(offer_terms(offer), enabled=enabled, name=name))
        messages.success(request, _("Offer updated"))
        return redirect_to_group(offer.group, "offers")
    terms = _form(request, offer, locked=True)
    return _page(request, "offers/dashboard/offer_edit.html", offer, form, terms=terms, lock=lock)


def _page(request: OperatorRequest, template: str, offer: Offer, form: EnabledForm, **more: object) -> HttpResponse:
    context = {"section": "groups", "group": offer.group, "offer": offer, "form": form, "terms": form}
    context |= {**_meaning(request, offer, form), "shows": isinstance(form, OfferForm), **more}
    return render(request, template, context, status=422 if form.errors else 200)


def _meaning(request: OperatorRequest, offer: Offer, form: EnabledForm) -> dict[str, Any]:
    """What the form means as it stands, which is what the offer is before anything is typed."""
    if not isinstance(form, OfferForm) or not form.is_bound:
        enabled = form.get_initial_for_field(form.fields["enabled"], "enabled") if not form.is_bound else offer.enabled
        return {"sentence": _sentence(offer), "is_enabled": enabled}
    # What is looked for in a picker is not complained of (`is_looking`), and is missing all the same.
    if not form.is_valid() or form.fields.keys() - form.cleaned_data.keys():
        return {"sentence": _("Fill in what’s missing to see what this offer does."), "is_enabled": None}
    typed = Offer(account=request.account, group=offer.group, **asdict(form.terms()))
    return {"sentence": offer_sentence(typed, form.covered()), "is_enabled": typed.enabled}


def _sentence(offer: Offer) -> str:
    return offer_sentence(offer, covered_by(offer.group.account, [offer])[offer.pk])


def _to_edit(request: OperatorRequest, offer: Offer, *, query: str = "") -> HttpResponse:
    url = dashboard_url(request, "offer_edit", pk=offer.group_id, offer=offer.pk)
    return redirect(f"{url}{query}")
