"""The way to a dashboard that asks for two-step login, and removing a passkey."""

from functools import wraps
from typing import Any, Final

from allauth.account.decorators import reauthentication_required
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode

from accounts.access import PersonRequest, View, landing_url, person_view
from accounts.models import User
from accounts.return_paths import local_path, next_path
from accounts.two_step import is_asked_for_two_step, methods_of, passed_second_step

WANTED: Final = "second_step_next"
"""In the session: the page that somebody comes back to once they have taken the second step."""


def after_second_step(view: View) -> View:
    """Have anyone who has a second step take it before they see or change their methods; others go on.

    A password alone, typed again in a browser that was logged in before the first method was added, is not enough: it
    would show the recovery codes, and take the methods away.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        user = request.user
        if isinstance(user, User) and not passed_second_step(request) and methods_of(user).exists():
            return redirect(f"{reverse('my_second_step')}?{urlencode({'next': request.get_full_path()})}")
        return view(request, **kwargs)

    return wrapped


@person_view
def second_step(request: PersonRequest) -> HttpResponse:
    """Lead somebody who wanted a dashboard that asks for two-step login through it, or to setting it up, and back."""
    if wanted := next_path(request):
        request.session[WANTED] = wanted
    if passed_second_step(request):
        return HttpResponseRedirect(local_path(request.session.pop(WANTED, "")) or landing_url(request.user))
    kinds = set(methods_of(request.user).values_list("type", flat=True))
    if not kinds:
        return render(request, "mfa/required.html", {"is_asked": is_asked_for_two_step(request.user)})
    page = "mfa_reauthenticate" if Authenticator.Type.TOTP in kinds else "mfa_reauthenticate_webauthn"
    return redirect(f"{reverse(page)}?{urlencode({'next': request.path})}")


@method_decorator(reauthentication_required(app="allauth.mfa"), name="dispatch")
class RemovePasskeyView(RemoveWebAuthnView):
    """Remove a passkey, unless a studio needs it."""

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ANN401 - allauth's
        """Remove it, or say why not."""
        adapter = get_adapter()
        if adapter.can_delete_authenticator(self.object):
            return super().form_valid(form)
        messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
        return redirect("mfa_index")
