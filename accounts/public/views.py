"""The front page, one's own details, and opening a studio."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import PersonRequest, is_proved, person_view
from accounts.models import Account, User
from accounts.plans import PLANS
from accounts.public.forms import DetailsForm, StudioForm
from accounts.public.identity import send_link
from accounts.return_paths import next_path
from accounts.services import AddressTakenError, create_account
from accounts.two_step import methods_of


def home(request: HttpRequest) -> HttpResponse:
    """What this site is; for a team member also the way to their dashboards."""
    accounts: list[Account] = []
    if isinstance(request.user, User):
        accounts = list(Account.objects.filter(staff__user=request.user).order_by("name", "pk"))
    return render(request, "accounts/public/home.html", {"accounts": accounts})


@person_view
def start(request: PersonRequest) -> HttpResponse:
    """*Create your studio*: an account with its first page."""
    form = StudioForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account = create_account(form.studio(), owner=request.user)
        except AddressTakenError:
            form.add_error("address", _("Choose another address: this one is taken"))
        else:
            messages.success(request, _("Studio created"))
            return redirect("dashboard:overview", account=account.slug)
    status = 422 if form.errors else 200
    return render(request, "accounts/public/start.html", {"form": form, "plans": PLANS}, status=status)


@person_view
def my_details(request: PersonRequest) -> HttpResponse:
    """What somebody is called, whether their address is proved, and the ways to what keeps their login safe."""
    form = DetailsForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        request.user.save(update_fields=["name"])
        messages.success(request, _("Details saved"))
        return redirect("my_details")
    context = {"form": form, "proved": is_proved(request.user), "two_step": methods_of(request.user).exists()}
    return render(request, "accounts/public/details.html", context, status=422 if form.errors else 200)


@person_view
def confirm_address(request: PersonRequest) -> HttpResponse:
    """Send the link that proves one's own address, and leads on to where they wanted to go."""
    if request.method == "POST" and not is_proved(request.user):
        return send_link(request, request.user.email, next_path(request) or reverse("my_details"))
    return redirect("my_details")
