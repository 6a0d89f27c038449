"""What *Check access* mends by one click: each leads back to the answer, which then says what is so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, MANAGE_SCHEDULE, OperatorRequest, needs_standard, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.query import as_id
from accounts.models import Customer
from bookwhen.forms import IdempotentForm
from groups.models import Group, Member
from offers.extra import CannotGiveError, Gift, MemberGoneError, give_extra_uses
from offers.models import Offer
from offers.periods import local_day
from offers.services import OfferUsedError, offer_terms
from tickets.booking.refusals import EntryCancelledError
from tickets.joining import add_known_and_tell
from tickets.models import Coverage, Entry, Ticket
from tickets.schedule.catalogue import NeedsStandardError, NoGroupError, TicketTerms, edit_ticket, ticket_terms
from tickets.schedule.coverage import CoverageChange, create_offer, edit_offer
from tickets.schedule.details import entry_details
from tickets.schedule.entries import EntryPastError, edit_entries

ADD, ENABLE, EXTRA, INCLUDE, OFFER = "add", "enable", "extra", "include", "offer"
OPEN, KEEP_OPEN, SPACE = "open", "keep_open", "space"
ASKED: Final = ("customer", "at", "group", "moment")
"""What in the query of *Check access* is the question."""


@dataclass(frozen=True, slots=True)
class CureRequest:
    """What was pressed, and for whom and which ticket."""

    request: OperatorRequest
    customer: Customer
    ticket: Ticket
    now: datetime

    def entry(self) -> Entry | None:
        """The entry that was asked about."""
        pk = as_id(self.request.POST.get("at", "").partition("-")[0])
        found = Entry.objects.select_related("account", "places").filter(account=self.request.account, pk=pk)
        return found.filter(series=self.ticket.series_id).first()

    def group(self) -> Group | None:
        """The group that was named, one of the ticket's, in use."""
        group = self.ticket.groups.in_use().filter(pk=as_id(self.request.POST.get("in", ""))).first()
        if group:
            group.account = self.request.account
        return group

    def offer(self) -> Offer | None:
        """The offer that was named, of one of the ticket's groups, not deleted."""
        found = Offer.objects.not_deleted().select_related("group").filter(account=self.request.account)
        offer = found.filter(
            group__in=self.ticket.groups.in_use(), pk=as_id(self.request.POST.get("offer", ""))
        ).first()
        if offer:
            offer.account = offer.group.account = self.request.account
        return offer


@operator_view(MANAGE_CUSTOMERS)
@require_POST
@needs_standard
def access_cure(request: OperatorRequest) -> HttpResponse:
    """Do what was pressed, and show the answer again."""
    sent, account = request.POST, request.account
    customer = account.customers.known().filter(pk=as_id(sent.get("customer", ""))).first()
    _entry, _hyphen, ticket_id = sent.get("at", "").partition("-")
    ticket = Ticket.objects.filter(account=account, pk=as_id(ticket_id)).first()
    cure = _CURES.get(sent.get("cure", ""))
    if customer and ticket and cure:
        done = cure(CureRequest(request, customer, ticket, timezone.now()))
        if done:
            messages.success(request, done)
        else:
            messages.info(request, _("Something changed meanwhile. This is how it is now."))
    back = redirect(dashboard_url(request, "check_access"))
    query = request.GET.copy()
    query.clear()
    query.update({name: sent[name] for name in ASKED if sent.get(name)})
    back["Location"] += f"?{query.urlencode()}"
    return back


def _add(asked: CureRequest) -> str:
    """Add them to the group."""
    group = asked.group()
    if group is None:
        return ""
    add_known_and_tell(group, [asked.customer], tell=False, now=asked.now)
    return _("%(customer)s was added to “%(group)s”.") % {"customer": asked.customer, "group": group}


def _enable(asked: CureRequest) -> str:
    """Enable the offer."""
    offer = asked.offer()
    if offer is None:
        return ""
    edit_offer(offer, replace(offer_terms(offer), enabled=True))
    return _("Offer enabled")


def _include(asked: CureRequest) -> str:
    """Have the offer include the ticket beside what it includes already."""
    offer = asked.offer()
    if offer is None:
        return ""
    pages = Coverage.objects.filter(account=offer.account_id, offer=offer, page__isnull=False)
    kept = frozenset(pages.values_list("page_id", flat=True))
    change = CoverageChange(pages=kept, keeps_tickets=True, add=frozenset({asked.ticket.pk}))
    try:
        edit_offer(offer, offer_terms(offer), change)
    except OfferUsedError:
        return ""
    return _("Ticket included in the offer")


def _offer(asked: CureRequest) -> str:
    """Make an offer for just this ticket, as *Create* makes it, but enabled."""
    group, form = asked.group(), IdempotentForm(asked.request.POST)
    if group is None or not form.is_valid():
        return ""
    with transaction.atomic():
        offer = create_offer(group, key=form.cleaned_data["key"], now=asked.now, ticket=asked.ticket)
        edit_offer(offer, replace(offer_terms(offer), enabled=True))
    return _("Offer created for just this ticket: for members themselves, as often as they like.")


def _extra(asked: CureRequest) -> str:
    """Give one more use in the period of the event."""
    offer, entry, form = asked.offer(), asked.entry(), IdempotentForm(asked.request.POST)
    if offer is None or entry is None or not form.is_valid():
        return ""
    member = Member.objects.filter(group=offer.group, customer=asked.customer).first()
    if member is None:
        return ""
    day = local_day(entry.starts_at, asked.request.account.zone)
    gift = Gift(count=1, reason=_("To book “%(entry)s”") % {"entry": entry.title}, on=day, key=form.cleaned_data["key"])
    try:
        give_extra_uses(offer, member, gift, now=asked.now)
    except (CannotGiveError, MemberGoneError):
        return ""
    return _("They have one more use in the period of this event.")


def _open(asked: CureRequest) -> str:
    """Sell the ticket from now on."""
    return _sell(asked, replace(ticket_terms(asked.ticket), opens_minutes_before=None))


def _keep_open(asked: CureRequest) -> str:
    """Sell the ticket until the start."""
    return _sell(asked, replace(ticket_terms(asked.ticket), closes_minutes_before=0))


def _sell(asked: CureRequest, terms: TicketTerms) -> str:
    if asked.request.role not in MANAGE_SCHEDULE or asked.ticket.retired_at is not None:
        return ""
    try:
        edit_ticket(asked.ticket, terms, now=asked.now)
    except (NeedsStandardError, NoGroupError):
        return ""
    return _("Ticket on sale")


def _space(asked: CureRequest) -> str:
    """Add one space to the entry; pressed twice, it adds one."""
    entry = asked.entry()
    if asked.request.role not in MANAGE_SCHEDULE or entry is None:
        return ""
    now_is = entry_details(entry)
    if str(now_is.capacity) != asked.request.POST.get("capacity", ""):
        return ""
    try:
        edit_entries(entry, replace(now_is, capacity=now_is.capacity + 1), now=asked.now)
    except (EntryCancelledError, EntryPastError):
        return ""
    return _("One space added")


_CURES: Final[Mapping[str, Callable[[CureRequest], str]]] = {
    ADD: _add,
    ENABLE: _enable,
    INCLUDE: _include,
    OFFER: _offer,
    EXTRA: _extra,
    OPEN: _open,
    KEEP_OPEN: _keep_open,
    SPACE: _space,
}


def fields(cure: str, **more: object) -> Mapping[str, str]:
    """What the form of a cure sends beside the question."""
    return {"cure": cure, **{name: str(value) for name, value in more.items()}}
