"""Logging in, and proving an address by the link we send to it."""

from datetime import datetime
from hashlib import sha256
from typing import Any, Final, cast

from allauth.account.utils import perform_login
from allauth.account.views import LoginView
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import identity
from accounts.access import PersonRequest, person_view
from accounts.login_limits import record_login
from accounts.models import User
from accounts.public.forms import AddressForm, ChangePasswordForm, PasswordForm
from accounts.public.origin import origin_of
from accounts.public.too_many import STATUS as TOO_MANY
from accounts.public.too_many import say_when
from accounts.return_paths import local_path, next_path
from accounts.sessions import end_sessions
from bookwhen import limits
from bookwhen.client_address import client_network
from bookwhen.email_address import fold_email, mailbox_of
from bookwhen.forms import Form
from bookwhen.limits import TooManyError

SESSION_LINKS: Final = "links"
"""In the session: the secrets of the links this browser opened, by key, so that no address shows one."""
MOST_LINKS: Final = 5
SESSION_SENT_TO: Final = "link_sent_to"
SESSION_SENT_FOR: Final = "link_sent_for"
"""In the session: where the last link was sent, and what it leads to."""
GONE: Final = 410
OK: Final = 200
UNPROCESSABLE: Final = 422

DEMO_LOGINS: Final = ("owner@demo.example", "teacher@demo.example", "member@demo.example", "stranger@demo.example")


class OriginLoginView(LoginView):
    """Logging in, by allauth; it says where somebody comes from, and what they go on to."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401 - allauth's
        """Return what allauth tells its page, with the origin."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "demo_logins": DEMO_LOGINS, "origin": origin_of(context["redirect_field_value"] or "")}


login = OriginLoginView.as_view()


def count_link(request: HttpRequest, email: str, *, now: datetime) -> None:
    """Count one more link: so many from one network, so many to one address. Raises TooManyError."""
    limits.count(
        (limits.LINKS_PER_NETWORK, client_network(request)), (limits.LINKS_PER_EMAIL, mailbox_of(email)), now=now
    )


@never_cache
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask for an address and send the link that makes a login."""
    if request.user.is_authenticated:
        return redirect(next_path(request) or "home")
    return _ask_for_address(request, "account/signup.html")


@never_cache
def reset_password(request: HttpRequest) -> HttpResponse:
    """*Forgotten your password?*: ask for an address and send the link, whether or not it has a login."""
    return _ask_for_address(request, "account/password_reset.html")


def link_sent(request: HttpRequest) -> HttpResponse:
    """Say where the link was sent: the same for every address."""
    email = request.session.get(SESSION_SENT_TO)
    if not email:
        return redirect("account_reset_password")
    path = request.session.get(SESSION_SENT_FOR) or ""
    return render(request, "account/link_sent.html", {"email": email, "next": path, "origin": origin_of(path)})


@never_cache
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take a link from an e-mail; the secret goes into the session, so that it leaves no trace in later addresses."""
    try:
        identity.read_token(token, now=timezone.now())
    except identity.DeadLinkError as error:
        return _dead_link(request, error)
    key = sha256(token.encode()).hexdigest()[:16]
    before = {k: v for k, v in request.session.get(SESSION_LINKS, {}).items() if k != key}
    request.session[SESSION_LINKS] = dict([*before.items(), (key, token)][-MOST_LINKS:])
    response = redirect("account_choose_password", key)
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@sensitive_post_parameters()
def choose_password(request: HttpRequest, key: str) -> HttpResponse:
    """Let the person who opened the link choose a password, and log them in."""
    token = request.session.get(SESSION_LINKS, {}).get(key, "")
    try:
        link = identity.read_token(token, now=timezone.now())
        form = PasswordForm(request.POST or None, user=link.user or User(email=link.email))
        if request.method == "POST" and form.is_valid():
            return _finish(request, token, link, form)
    except identity.DeadLinkError as error:
        return _dead_link(request, error)
    context = {
        "form": form,
        "email": link.email,
        "has_login": link.user and link.user.has_usable_password(),
        "origin": origin_of(link.next_path),
    }
    return render(request, "account/choose_password.html", context, status=_status(form))


@person_view
@sensitive_post_parameters()
def change_password(request: PersonRequest) -> HttpResponse:
    """Give somebody who knows their password a new one."""
    user = request.user
    form = ChangePasswordForm(request.POST or None, user=user)
    if request.method == "POST":
        if not ratelimit.consume(request, action="change_password", user=user):
            return ratelimit.respond_429(request)
        if form.is_valid():
            identity.change_password(user, form.cleaned_data["password"], now=timezone.now())
            update_session_auth_hash(request, user)
            end_sessions(user, keep=request.session.session_key)
            messages.success(request, _("Password changed"))
            return redirect("my_details")
    return render(request, "accounts/public/change_password.html", {"form": form}, status=_status(form))


def send_link(request: HttpRequest, email: str, path: str) -> HttpResponse:
    """Send a link that leads to `path`, and show where it went. Raises TooManyError."""
    now = timezone.now()
    count_link(request, email, now=now)
    identity.send_link(email, next_path=path, now=now)
    request.session[SESSION_SENT_TO], request.session[SESSION_SENT_FOR] = email, path
    return redirect("account_link_sent")


def _ask_for_address(request: HttpRequest, template: str) -> HttpResponse:
    form = AddressForm(request.POST or None, initial={"email": fold_email(request.GET.get("email", ""))})
    context = {"form": form, "next": next_path(request), "origin": origin_of(next_path(request))}
    if request.method == "POST" and form.is_valid():
        try:
            return send_link(request, form.cleaned_data["email"], next_path(request))
        except TooManyError as error:
            form.add_error(None, too_many_links_text(error))
            return say_when(render(request, template, context, status=TOO_MANY), error)
    return render(request, template, context, status=_status(form))


def too_many_links_text(error: TooManyError) -> str:
    """Why no more links are sent for a while."""
    if error.limit is limits.LINKS_PER_EMAIL:
        said = _("We’ve sent several links to this address. Check your inbox for the newest, or wait %(time)s.")
    else:
        said = _("Too many links were asked for from your network. Wait %(time)s, then try again.")
    return said % {"time": error.wait_text}


def _finish(request: HttpRequest, token: str, link: identity.Link, form: PasswordForm) -> HttpResponse:
    user = identity.choose_password(
        token, password=form.cleaned_data["password"], name=form.cleaned_data.get("name", ""), now=timezone.now()
    )
    # Anyone who was logged in here is logged out; the second step of two-step login is asked for as at every log-in.
    logout(request)
    end_sessions(user)
    record_login(request, user.email)
    return cast("HttpResponse", perform_login(request, user, redirect_url=local_path(link.next_path)))


def _dead_link(request: HttpRequest, error: identity.DeadLinkError) -> HttpResponse:
    path = local_path(error.next_path)
    response = render(request, "account/dead_link.html", {"next": path, "origin": origin_of(path)}, status=GONE)
    add_never_cache_headers(response)
    return response


def _status(form: Form) -> int:
    return UNPROCESSABLE if form.errors else OK
