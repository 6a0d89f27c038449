"""Somebody's own email addresses: one more, proved by a link; another main one; one less."""

from collections.abc import Callable, Sequence
from typing import Final

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.access import PersonRequest, View, person_view
from accounts.identity import DeadLinkError
from accounts.login_addresses import (
    AddressNeededError,
    MainLoginAddressError,
    OtherLoginError,
    OwnAddressError,
    TooManyAddressesError,
    add_login_address,
    addresses_of,
    choose_login_address,
    read_address_link,
    remove_login_address,
    send_address_link,
)
from accounts.models import Account
from accounts.public.forms import AddressForm
from accounts.public.identity import GONE, count_link, too_many_links_text
from accounts.public.too_many import STATUS as TOO_MANY
from accounts.public.too_many import say_when
from bookwhen.limits import TooManyError

REFUSED: Final = 422
PAGE: Final = "accounts/public/addresses.html"
confirmed_to_send: Final[Callable[[View], View]] = reauthentication_required(allow_get=True)
"""Asks for the password again, unless that was just typed; looking is free."""


@never_cache
@person_view
@confirmed_to_send
def my_addresses(request: PersonRequest) -> HttpResponse:
    """*Email addresses*: what logs somebody in, and one more by a link that is sent to it."""
    form = AddressForm(request.POST or None)
    context = {"form": form, "addresses": addresses_of(request.user)}
    if request.method == "POST" and form.is_valid():
        try:
            if _send(request, form):
                return redirect("my_addresses")
        except TooManyError as error:
            form.add_error(None, too_many_links_text(error))
            return say_when(render(request, PAGE, context, status=TOO_MANY), error)
    return render(request, PAGE, context, status=REFUSED if form.errors else 200)


@never_cache
@person_view
def my_address_confirm(request: PersonRequest, token: str) -> HttpResponse:
    """What the link to an address leads to: the login that asked for it adds the address; no other can."""
    try:
        link = read_address_link(token, request.user, now=timezone.now())
        if request.method == "POST":
            _say_apart(request, add_login_address(request.user, token, now=timezone.now()))
            messages.success(request, _("Address added"))
            return redirect("my_addresses")
    except (DeadLinkError, OtherLoginError) as error:
        is_other = isinstance(error, OtherLoginError)
        return render(request, "accounts/public/address_dead.html", {"is_other": is_other}, status=GONE)
    # The secret stays on this site, as every address does; with no referrer at all a browser names no origin either,
    # and the form would be taken for another site's.
    return render(request, "accounts/public/address_confirm.html", {"email": link.email})


@require_POST
@person_view
@reauthentication_required
def my_address_main(request: PersonRequest, pk: int) -> HttpResponse:
    """Be written to at this address from now on."""
    address = get_object_or_404(request.user.emailaddress_set, pk=pk)
    _say_apart(request, choose_login_address(request.user, address, now=timezone.now()))
    messages.success(request, _("Main address changed"))
    return redirect("my_addresses")


@require_POST
@person_view
@reauthentication_required
def my_address_remove(request: PersonRequest, pk: int) -> HttpResponse:
    """Be known by this address no more."""
    try:
        remove_login_address(request.user, get_object_or_404(request.user.emailaddress_set, pk=pk), now=timezone.now())
    except MainLoginAddressError:
        messages.error(request, _("That’s your main address. Choose another main address first."))
    except AddressNeededError as error:
        said = _("%(studios)s can only reach you at this address. Ask them to change it first.")
        messages.error(request, said % {"studios": _names(error.accounts)})
    else:
        messages.success(request, _("Address removed"))
    return redirect("my_addresses")


def _send(request: PersonRequest, form: AddressForm) -> bool:
    email, now = form.cleaned_data["email"], timezone.now()
    try:
        count_link(request, email, now=now)
        send_address_link(request.user, email, now=now)
    except OwnAddressError:
        form.add_error("email", _("You already have this address"))
    except TooManyAddressesError:
        form.add_error(None, _("You have as many addresses as one login can have. Remove one first."))
    else:
        said = _("We’ve emailed a link to %(email)s. Open it in this browser to confirm the address.")
        messages.info(request, said % {"email": email})
        return True
    return False


def _say_apart(request: PersonRequest, accounts: Sequence[Account]) -> None:
    if accounts:
        said = ngettext(
            "%(studios)s already knows this address as another customer. If that’s you too, ask them to merge the two.",
            "%(studios)s already know this address as another customer. If that’s you too, ask them to merge the two.",
            len(accounts),
        )
        messages.warning(request, said % {"studios": _names(accounts)})


def _names(accounts: Sequence[Account]) -> str:
    return ", ".join(str(each) for each in accounts)
