"""The list of memberships, and what is done to one as a whole."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, needs_standard, operator_view, upgrade_page
from accounts.dashboard.deletion import deletes_once, deletion_key
from accounts.dashboard.links import stripe_url
from bookwhen.keyset import keyset_page
from bookwhen.payments.gateway import StripeError
from bookwhen.picker import is_looking
from groups.locks import GroupArchivedError
from memberships.catalogue import (
    MembershipInUseError,
    create_membership,
    delete_membership,
    edit_membership,
    set_published,
)
from memberships.dashboard.fetch import fetch_membership, payments_address, to_membership
from memberships.dashboard.forms import EditMembershipForm, NewMembershipForm, initial_of
from memberships.dashboard.phrases import prices_summary
from memberships.models import Membership, Price, Subscription
from memberships.phrases import price_text, trial_text
from memberships.queries import memberships_of, prices_of
from tickets.queries import opens_a_ticket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memberships.queries import MembershipOnSale


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A price as the membership's page lists it; `link` leads into Stripe's dashboard."""

    price: Price
    cost: str
    trial: str
    link: str


@operator_view(MANAGE_CUSTOMERS)
def memberships(request: OperatorRequest) -> HttpResponse:
    """*Memberships*: title, group, prices in short, how many have it, whether it is sold."""
    account = request.account
    prices = Prefetch("prices", Price.objects.on_sale(), to_attr="on_sale")
    listed = keyset_page(memberships_of(account).prefetch_related(prices), ("title", "pk"), request.GET)
    if not listed and not account.has_groups:
        return upgrade_page(request)
    rows: Sequence[MembershipOnSale] = listed.rows
    context = {
        "section": "memberships",
        "memberships": listed,
        "rows": [(each, prices_summary(each.on_sale, account.locale)) for each in rows],
        "payments_url": payments_address(request),
    }
    return render(request, "memberships/dashboard/memberships.html", context)


@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def membership_new(request: OperatorRequest) -> HttpResponse:
    """Create a membership, for an existing group or with one of the same name (help article 8330041)."""
    form = NewMembershipForm(request.POST or None, account=request.account)
    if request.method == "POST" and not is_looking(form) and form.is_valid():
        try:
            made = _create(request, form)
        except GroupArchivedError:
            form.add_error("group", _("Choose another group. This one has been archived."))
        else:
            messages.success(request, _("Membership created"))
            return to_membership(made)
    context = {"section": "memberships", "form": form}
    return render(request, "memberships/dashboard/membership_new.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
def membership(request: OperatorRequest, pk: int) -> HttpResponse:
    """A membership: what is said of it, its prices, and what keeps it from being sold."""
    found = fetch_membership(request, pk)
    prices = _price_rows(found)
    context = {
        "section": "memberships",
        "membership": found,
        "prices": prices,
        "archived": _price_rows(found, archived=True),
        "shows_archived": "archived" in request.GET,
        "pages": found.pages.all(),
        "unpriced": not any(offered.price.published for offered in prices),
        "opens_nothing": not opens_anything(found),
        "payments_url": payments_address(request),
        "may_change": request.account.has_groups,
    }
    return render(request, "memberships/dashboard/membership.html", context)


@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def membership_edit(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Edit details*, among them *Published*."""
    found = fetch_membership(request, pk)
    initial = initial_of(found)
    form = EditMembershipForm(request.POST or None, account=request.account, membership=found, initial=initial)
    if request.method == "POST" and not is_looking(form) and form.is_valid() and _save(request, found, form):
        return to_membership(found)
    context = {"section": "memberships", "membership": found, "form": form}
    return render(request, "memberships/dashboard/membership_edit.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
@deletes_once(then="memberships")
def membership_delete(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Delete membership*: one that nobody ever had; any other can be unpublished."""
    found = fetch_membership(request, pk)
    if request.method == "POST":
        return _delete(request, found)
    in_use = Subscription.objects.filter(membership=found).exists()
    context = {"section": "memberships", "membership": found, "in_use": in_use}
    context |= {"key": deletion_key(request)}
    return render(request, "memberships/dashboard/membership_delete.html", context)


def opens_anything(membership: Membership) -> bool:
    """Whether an enabled offer of its group covers any exclusive ticket: what its customers get."""
    return opens_a_ticket(membership.group)


def _create(request: OperatorRequest, form: NewMembershipForm) -> Membership:
    group, key = form.cleaned_data["group"], form.cleaned_data["key"]
    return create_membership(request.account, form.details(), group=group, key=key, now=timezone.now())


def _save(request: OperatorRequest, membership: Membership, form: EditMembershipForm) -> bool:
    """Save the details here and at Stripe; whether they were saved here."""
    try:
        set_published(membership, published=form.cleaned_data["published"])
    except GroupArchivedError:
        form.add_error(
            "published", _("Its customer group is archived. Restore the group first, then publish the membership.")
        )
        return False
    try:
        edit_membership(membership, form.details())
    except StripeError as error:
        words = _(
            "The membership is saved here, but we couldn’t update its title in Stripe: %(why)s Save it again "
            "later to retry."
        )
        messages.warning(request, words % {"why": error})
    else:
        messages.success(request, _("Membership saved"))
    return True


def _delete(request: OperatorRequest, membership: Membership) -> HttpResponse:
    try:
        delete_membership(membership)
    except MembershipInUseError:
        messages.error(
            request, _("You can’t delete a membership that a customer has or has had. Unpublish it instead.")
        )
        return to_membership(membership)
    messages.success(request, _("Membership deleted"))
    return redirect("dashboard:memberships", account=request.account.slug)


def _price_rows(membership: Membership, *, archived: bool = False) -> list[PriceRow]:
    account = membership.account
    return [
        PriceRow(
            price,
            price_text(price, account.locale),
            trial_text(price.trial_days),
            stripe_url(account, "prices", price.stripe_id),
        )
        for price in prices_of(membership, archived=archived)
    ]
