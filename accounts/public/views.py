"""The front page, one's own details, and opening a studio."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.access import PersonRequest, is_proved, person_view
from accounts.customers import rename_person
from accounts.login_addresses import addresses_of
from accounts.models import Account, User
from accounts.plans import PLANS
from accounts.public.forms import DetailsForm, StudioForm
from accounts.public.identity import send_link
from accounts.public.too_many import too_many_page
from accounts.return_paths import next_path
from accounts.services import (
    MOST_STUDIOS,
    AddressTakenError,
    OwnerNotProvedError,
    TooManyStudiosError,
    account_opened_before,
    create_account,
)
from accounts.two_step import methods_of
from bookwhen import limits
from bookwhen.limits import TooManyError


def home(request: HttpRequest) -> HttpResponse:
    """What this site is; for a team member also the way to their dashboards."""
    accounts: list[Account] = []
    if isinstance(request.user, User):
        accounts = list(Account.objects.filter(staff__user=request.user).order_by("name", "pk"))
    return render(request, "accounts/public/home.html", {"accounts": accounts})


def start(request: HttpRequest) -> HttpResponse:
    """*Create your studio*: an account with its first page; a visitor who is not logged in signs up first."""
    if not isinstance(request.user, User):
        return redirect(f"{reverse('account_signup')}?{urlencode({'next': reverse('start')})}")
    form = StudioForm(request.POST or None)
    sent = request.method == "POST" and form.is_valid()
    if sent and (account := _open_studio(form, request.user, now=timezone.now())):
        messages.success(request, _("Studio created"))
        return redirect("dashboard:overview", account=account.slug)
    status = 422 if form.errors else 200
    return render(request, "accounts/public/start.html", {"form": form, "plans": PLANS}, status=status)


def _open_studio(form: StudioForm, owner: User, *, now: datetime) -> Account | None:
    """The studio as it was typed; none where the form says why not."""
    if before := account_opened_before(form.studio(), owner):
        return before
    counted = limits.Counted(())
    try:
        counted = limits.count((limits.STUDIOS_PER_LOGIN, str(owner.pk)), now=now)
        return create_account(form.studio(), owner=owner)
    except TooManyError as error:
        said = _("You’ve created several studios today. Wait %(time)s, then create the next one.")
        form.add_error(None, said % {"time": error.wait_text})
        return None
    except AddressTakenError:
        form.add_error("address", _("Choose another address: this one is taken"))
    except OwnerNotProvedError:
        form.add_error(None, _("Confirm your email address first. You can ask for the link under My details."))
    except TooManyStudiosError:
        said = _(
            "You’ve created %(count)d studios, which is as many as we allow until they take payments. To create more,"
            " connect one to Stripe, or ask the people who run %(site)s."
        )
        form.add_error(None, said % {"count": MOST_STUDIOS, "site": settings.SITE_NAME})
    counted.give_back()
    return None


@person_view
def my_details(request: PersonRequest) -> HttpResponse:
    """What somebody is called, whether their address is proved, and the ways to what keeps their login safe."""
    form = DetailsForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        rename_person(request.user, form.cleaned_data["name"])
        messages.success(request, _("Details saved"))
        return redirect("my_details")
    proved = [each.email for each in addresses_of(request.user)]
    context = {
        "form": form,
        "proved": request.user.email in proved,
        "others": [email for email in proved if email != request.user.email],
        "two_step": methods_of(request.user).exists(),
    }
    return render(request, "accounts/public/details.html", context, status=422 if form.errors else 200)


@person_view
def confirm_address(request: PersonRequest) -> HttpResponse:
    """Send the link that proves one's own address, and leads on to where they wanted to go."""
    if request.method == "POST" and not is_proved(request.user):
        try:
            return send_link(request, request.user.email, next_path(request) or reverse("my_details"))
        except TooManyError as error:
            return too_many_page(request, error)
    return redirect("my_details")
